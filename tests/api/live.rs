//! A running server, and a client that does as little as it likes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take before the test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it is killed when the test is over.
pub struct Server {
    child: Child,
    pub addr: SocketAddr,
    stderr: Option<BufReader<ChildStderr>>,
    /// What it wrote of where it is: its URL, or more with `--json`.
    pub announced: Value,
}

impl Server {
    /// Starts one on a free port and waits until it is ready.
    pub fn start(model: &Path, flags: &[&str]) -> Server {
        Server::start_with(model, flags, &[])
    }

    /// As [`Server::start`], with variables in its environment.
    pub fn start_with(model: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Server {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("hitflop"))
            .args(["serve", "--model"])
            .arg(model)
            .args(if flags.contains(&"--addr") { &[][..] } else { &["--addr", "127.0.0.1:0"] })
            .args(flags)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let stderr = child.stderr.take().map(BufReader::new);
        let announced: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| serde_json::json!({ "url": line.trim() }));
        let url = announced["url"].as_str().unwrap_or_default();
        let addr = url.strip_prefix("http://").and_then(|addr| addr.parse().ok());
        let Some(addr) = addr else {
            let mut message = String::new();
            let _ = stderr.expect("piped").read_to_string(&mut message);
            panic!("no address in {line:?}: {message}");
        };
        Server { child, addr, stderr, announced }
    }

    /// Sends a signal by its name.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for its end and gives the code and the log.
    pub fn wait(mut self) -> (ExitStatus, Vec<Value>) {
        let started = Instant::now();
        // The log is read on the side, so that a full pipe does not hold the server.
        let mut stderr = self.stderr.take().expect("not taken yet");
        let reading = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).expect("text");
            text
        });
        let status = loop {
            match self.child.try_wait().expect("a child") {
                Some(status) => break status,
                None if started.elapsed() > PATIENCE => panic!("it does not end"),
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        let text = reading.join().expect("read");
        (
            status,
            text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect(),
        )
    }

    /// The next line of the log with that message.
    pub fn logged(&mut self, message: &str) -> Value {
        loop {
            let mut line = String::new();
            let read = self.stderr.as_mut().expect("not taken").read_line(&mut line).expect("text");
            assert!(read > 0, "the log ended without {message:?}");
            let line: Value = serde_json::from_str(&line).expect("JSON");
            if line["message"] == message {
                return line;
            }
        }
    }

    /// Resident memory in MiB; `None` where the system does not tell.
    pub fn memory(&self) -> Option<f64> {
        self.status("VmRSS:")
    }

    /// The highest resident memory so far in MiB; `None` where the system does not tell.
    pub fn peak_memory(&self) -> Option<f64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches("kB").trim().parse::<f64>().ok().map(|kib| kib / 1024.0)
    }

    pub fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.addr).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        Client(BufReader::new(stream))
    }

    /// Status and body of a request on a connection of its own.
    pub fn get(&self, path: &str) -> (u16, String) {
        let mut client = self.connect();
        client.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        client.answer().expect("an answer")
    }

    pub fn post(&self, path: &str, body: &str) -> (u16, String) {
        let mut client = self.connect();
        client.send(&post(path, body));
        client.answer().expect("an answer")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The text of a request with a JSON body.
pub fn post(path: &str, body: &str) -> String {
    post_as(path, "application/json", body)
}

/// The text of a request with a body of a content type.
pub fn post_as(path: &str, media: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// A connection.
pub struct Client(BufReader<TcpStream>);

impl Client {
    pub fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).expect("sent");
    }

    /// As [`Client::send`], where the server may have hung up.
    pub fn try_send(&mut self, text: &str) -> bool {
        self.0.get_mut().write_all(text.as_bytes()).is_ok()
    }

    /// The status of an answer, of which no more is read than a buffer of the client holds; `None` if the server hung up.
    pub fn status(&mut self) -> Option<u16> {
        let mut line = String::new();
        self.0.read_line(&mut line).ok()?;
        line.split(' ').nth(1)?.parse().ok()
    }

    /// Status and body; `None` if the server hung up.
    pub fn answer(&mut self) -> Option<(u16, String)> {
        let status = self.status()?;
        let mut line = String::new();
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line).ok()?;
            match line.trim().split_once(':') {
                None => break,
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().ok()?
                }
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).ok()?;
        Some((status, String::from_utf8(body).ok()?))
    }
}
