//! Chromium, driven by chromedriver, with the page of a server of its own.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::ops::Deref;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::{json, Value};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

use crate::fixture::model;
use crate::live::Server;

/// How long anything may take before the test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a browser needs to run without a screen, and without asking anyone anything.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    // What is scrolled to is there at once.
    "--force-prefers-reduced-motion",
];

/// A program on the path.
fn program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let places: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().flat_map(|name| places.iter().map(move |place| place.join(name))).find(|file| file.is_file())
}

/// chromedriver; with it ends the browser.
struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    fn start(driver: PathBuf) -> Driver {
        let mut child = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver runs");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        // `ChromeDriver was started successfully on port 12345.`
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        Driver { child, port: port.expect("chromedriver tells its port") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It ends its browsers before itself, which it does not do if it is killed.
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = stream.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            let _ = stream.read_to_end(&mut Vec::new());
        }
        let started = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && started.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How the page is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserView {
    /// Width and height in CSS pixels of a phone; a wide window if not.
    pub phone: Option<(u32, u32)>,
    /// Token that the server asks for.
    pub token: Option<&'static str>,
}

/// A browser that shows nothing yet.
pub struct Browser {
    pub web: WebDriver,
    // Dropped after the session, and before what the browser writes to.
    _driver: Driver,
    /// Where the browser keeps what it downloads, and all else.
    pub place: TempDir,
}

impl Browser {
    /// Starts a browser; `None`, said on standard error, where there is none.
    pub async fn start(test: &str, view: BrowserView) -> Option<Browser> {
        let browser = program(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]);
        let Some((browser, driver)) = browser.zip(program(&["chromedriver"])) else {
            // Past the test harness, which would hide it.
            let _ = writeln!(std::io::stderr(), "{test}: skipped, chromium and chromedriver are not both on the path");
            return None;
        };
        let driver = Driver::start(driver);
        let place = tempfile::tempdir().expect("a temporary directory");
        let web = session(&driver, browser, &place, view).await.expect("a session of the browser");
        Some(Browser { web, place, _driver: driver })
    }

    /// The value of a script's `return`.
    pub async fn run<T: DeserializeOwned>(&self, script: &str, arguments: Value) -> T {
        let arguments = match arguments {
            Value::Array(arguments) => arguments,
            other => vec![other],
        };
        let value = self.web.execute(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"));
        value.convert().unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    pub async fn find(&self, css: &str) -> WebElement {
        self.web.find(By::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// What the browser complains of. A request that is refused is among it.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.web.browser_log().await.expect("a log");
        log.into_iter().filter(|entry| entry.level == "SEVERE").map(|entry| entry.message).collect()
    }

    /// Ends the session.
    pub async fn quit(self) {
        self.web.clone().quit().await.expect("the browser ends");
    }
}

/// The page of the service in a browser.
pub struct BrowserPage {
    browser: Browser,
    pub server: Server,
}

impl Deref for BrowserPage {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.browser
    }
}

impl BrowserPage {
    /// Opens the page; `None` where there is no browser.
    pub async fn open(test: &str, view: BrowserView) -> Option<BrowserPage> {
        let browser = Browser::start(test, view).await?;
        let token: Vec<(&str, &str)> = view.token.map(|token| ("HITFLOP_TOKEN", token)).into_iter().collect();
        let server = Server::start_with(&model("boosting"), &["--access-log", "off"], &token);
        let page = BrowserPage { browser, server };
        page.go("").await;
        Some(page)
    }

    /// Goes to the page with this hash.
    pub async fn go(&self, hash: &str) {
        self.web.goto(format!("http://{}/{hash}", self.server.addr)).await.expect("the page is there");
    }

    /// Time from the navigation to the first answer, in milliseconds, as one sees it who comes from elsewhere with nothing kept.
    pub async fn first_answer(&self) -> f64 {
        self.web.goto("about:blank").await.expect("a blank page");
        self.web.cdp().network().clear_browser_cache().await.expect("Chromium is asked");
        self.go("").await;
        self.answered().await;
        self.run("return performance.getEntriesByName('answered')[0].startTime", json!([])).await
    }

    /// Waits until an expression is true.
    pub async fn until(&self, expression: &str) {
        let started = Instant::now();
        let script = format!("return Boolean({expression})");
        while !self.run::<bool>(&script, json!([])).await {
            if started.elapsed() > PATIENCE {
                let text: String = self.run("return document.body.innerText", json!([])).await;
                panic!("never: {expression}\n{text}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until all that was asked is answered, and the address says what stands in the controls.
    pub async fn answered(&self) {
        self.until("document.getElementById('main').getAttribute('aria-busy') === 'false'").await;
    }

    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// The text of an element, shown or not.
    pub async fn text(&self, css: &str) -> String {
        self.run("return document.querySelector(arguments[0]).textContent", json!([css])).await
    }

    /// The probability that is shown, in full precision.
    pub async fn probability(&self) -> f64 {
        let script = "return Number(document.getElementById('verdict').style.getPropertyValue('--share'))";
        self.run(script, json!([])).await
    }

    /// Types a value into the exact field of a feature.
    pub async fn set(&self, feature: &str, value: &str) {
        let field = self.find(&format!("#{feature}-field")).await;
        field.clear().await.expect("cleared");
        field.send_keys(value).await.expect("typed");
    }

    /// What stands in the controls, as the address has it.
    pub async fn track(&self) -> serde_json::Map<String, Value> {
        let script = "
            const fields = new URLSearchParams(location.hash.slice(1));
            return Object.fromEntries([...fields].map(([name, value]) => [name, value === '' ? null : Number(value)]));";
        self.run(script, json!([])).await
    }

    /// Ends the session; the browser must have complained of nothing but texts that could not be read.
    pub async fn close(self) {
        let complaints = self.complaints().await;
        let is_text = |complaint: &&String| !complaint.contains("/v1/read - ") || !complaint.contains("status of 422");
        assert_eq!(complaints.iter().filter(is_text).collect::<Vec<_>>(), Vec::<&String>::new());
        self.quit().await;
    }

    /// Ends the session.
    pub async fn quit(self) {
        self.browser.quit().await;
    }
}

async fn session(driver: &Driver, browser: PathBuf, place: &TempDir, view: BrowserView) -> WebDriverResult<WebDriver> {
    let mut requested = DesiredCapabilities::chrome();
    requested.set_binary(&browser.to_string_lossy())?;
    for flag in FLAGS {
        requested.add_arg(flag)?;
    }
    requested.add_arg(&format!("--user-data-dir={}", place.path().join("profile").display()))?;
    requested.add_experimental_option("prefs", json!({ "download.default_directory": place.path() }))?;
    requested.add_arg("--window-size=1440,900")?;
    requested.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    if let Some((width, height)) = view.phone {
        let metrics = json!({ "width": width, "height": height, "pixelRatio": 1.0, "touch": true });
        requested.add_experimental_option("mobileEmulation", json!({ "deviceMetrics": metrics }))?;
    }
    WebDriver::new(format!("http://127.0.0.1:{}", driver.port), requested).await
}
