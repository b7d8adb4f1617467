//! The page, as someone at a browser uses it. Without Chromium these tests say that they were skipped.

use std::fs;
use std::io::Write as _;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{header, Request, StatusCode};
use hitflop_serve::Config;
use serde_json::{json, Map, Value};
use thirtyfour::prelude::*;

use crate::browser::{BrowserPage, BrowserView};
use crate::fixture::{model, service, track};
use crate::live::Server;

/// Most bytes of everything that the page loads before it shows its first answer.
const MAX_PAGE_BYTES: u64 = 200_000;
/// Times that the page is loaded to see how soon it answers.
const LOADS: usize = 11;
/// A time that no machine should take for an answer; the time itself is told, not held to.
const SANE_MILLISECONDS: f64 = 10_000.0;

async fn wide(test: &str) -> Option<BrowserPage> {
    let page = BrowserPage::open(test, BrowserView::default()).await?;
    page.answered().await;
    Some(page)
}

/// Probability and label that the server gives a track.
fn predicted(page: &BrowserPage, track: &Map<String, Value>) -> (f64, String) {
    let (status, body) = page.server.post("/v1/predict", &Value::Object(track.clone()).to_string());
    assert_eq!(status, 200, "{body}");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    (answer["probability"].as_f64().expect("a number"), answer["label"].as_str().expect("a label").to_owned())
}

/// What is shown is what the server says of what stands in the controls.
async fn assert_right(page: &BrowserPage) {
    page.answered().await;
    let (track, shown) = (page.track().await, page.probability().await);
    let (expected, expected_label) = predicted(page, &track);
    assert!((shown - expected).abs() < 1e-12, "{shown} is shown, {expected} is right: {track:?}");
    let label: String = page.run("return document.getElementById('verdict').dataset.label", json!([])).await;
    assert_eq!(label, expected_label);
}

fn message(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Without a browser: the files, their headers, and that no token is needed for them.
#[tokio::test]
async fn the_files_of_the_page_are_given_to_all_and_kept() {
    let service = service("boosting", Config { token: Some("secret".to_owned()), ..Config::default() });
    let page = service.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    // What the page names, and what that names.
    let mut files = vec!["/".to_owned()];
    let mut read = 0;
    while let Some(file) = files.get(read) {
        let text = service.get(file).await.text;
        let named = ["\"page/", "\"./"].into_iter().flat_map(|start| text.split(start).skip(1));
        for rest in named {
            let file = format!("/page/{}", &rest[..rest.find('"').expect("a quote")]);
            if !files.contains(&file) {
                files.push(file);
            }
        }
        read += 1;
    }
    assert!(files.len() > 12, "{files:?}");
    for file in &files {
        let answer = service.get(file).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
        let expected = match file.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        assert_eq!(answer.headers[header::CONTENT_TYPE], expected, "{file}");
        assert!(answer.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("text")
            .starts_with("default-src 'none'"));
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-cache");
        let again = Request::get(file).header(header::IF_NONE_MATCH, &answer.headers[header::ETAG]);
        let again = service.call(again.body(Body::empty()).expect("a request")).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{file}");
        assert_eq!(again.headers[header::ETAG], answer.headers[header::ETAG]);
    }
    for absent in ["/page/", "/page/mod.rs", "/page/index.html", "/page/..%2fmod.rs", "/index.html"] {
        assert_eq!(service.get(absent).await.status, StatusCode::NOT_FOUND, "{absent}");
    }
    assert_eq!(service.get("/v1/features").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_page_answers_at_once_and_asks_no_one_else() {
    let Some(page) = wide("the_page_answers_at_once_and_asks_no_one_else").await else { return };
    assert_right(&page).await;
    assert!(page.text("#verdict-title").await.contains("Resembles the hits"), "a typical hit is shown first");
    page.until("document.querySelectorAll('#neighbours li').length === 6").await;
    page.until("document.querySelector('#what-if li, #what-if p')").await;
    page.until("document.querySelectorAll('#facts dd').length >= 6").await;
    let loaded: Vec<(String, u64, f64)> = page
        .run(
            "const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
             return entries.map((entry) => [entry.name, entry.transferSize, entry.responseEnd]);",
            json!([]),
        )
        .await;
    let origin = format!("http://{}/", page.server.addr);
    assert!(loaded.len() > 15, "{loaded:?}");
    for (address, ..) in &loaded {
        assert!(address.starts_with(&origin), "{address}");
    }
    // Asked for before the modules come, and not by them again.
    assert_eq!(loaded.iter().filter(|(address, ..)| address.ends_with("/v1/features")).count(), 1, "{loaded:?}");
    assert_eq!(page.run::<String>("return document.documentElement.className", json!([])).await, "");
    let bytes: u64 = loaded.iter().map(|(_, bytes, _)| bytes).sum();
    let own: u64 = loaded.iter().filter(|(name, ..)| !name.contains("/v1/")).map(|(_, bytes, _)| bytes).sum();
    assert!(own > 0 && bytes < MAX_PAGE_BYTES, "{bytes} bytes: {loaded:?}");
    // From a moved slider to its answer on the page.
    let moved: f64 = page
        .run(
            "const range = document.getElementById('energy-range');
             const started = performance.now();
             range.value = 0.31;
             range.dispatchEvent(new Event('input', { bubbles: true }));
             return new Promise((done) => {
               const look = () => {
                 const [mark] = performance.getEntriesByName('answered');
                 if (mark && mark.startTime > started) done(mark.startTime - started);
                 else setTimeout(look, 1);
               };
               look();
             });",
            json!([]),
        )
        .await;
    let mut firsts = Vec::new();
    for _ in 0..LOADS {
        firsts.push(page.first_answer().await);
    }
    firsts.sort_unstable_by(f64::total_cmp);
    let (least, median) = (firsts[0], firsts[LOADS / 2]);
    message(&format!(
        "the page: {own} bytes, {bytes} with what it asks; first answer after {median:.0} ms (median of {LOADS} loads, the least \
         {least:.0}), a moved slider's after {moved:.0} ms"
    ));
    assert!(median < SANE_MILLISECONDS && moved < SANE_MILLISECONDS);
    page.close().await;
}

#[tokio::test]
async fn sliders_fields_and_decades_change_the_answer() {
    let Some(page) = wide("sliders_fields_and_decades_change_the_answer").await else { return };
    let first = page.probability().await;
    // The label of these tracks follows danceability.
    page.set("danceability", "0.21").await;
    page.until("location.hash.includes('danceability=0.21&')").await;
    assert_right(&page).await;
    let typed = page.probability().await;
    assert!(typed < first, "{typed} after {first}");
    assert!(page.text("#verdict-title").await.contains("flop"));
    let slider = page.find("#danceability-range").await;
    for _ in 0..30 {
        slider.send_keys(Key::PageUp).await.expect("a key");
    }
    page.until("!location.hash.includes('danceability=0.21&')").await;
    assert_right(&page).await;
    assert!(page.probability().await > typed);
    // Minutes and seconds.
    page.set("duration_ms", "3:25").await;
    page.until("location.hash.includes('duration_ms=205000')").await;
    // What is unknown is sent as such, and warned of.
    page.click("#chorus_hit-unknown").await;
    page.until("location.hash.includes('chorus_hit=&')").await;
    page.until("document.getElementById('warnings-list').textContent.includes('Start of the chorus is unknown')").await;
    assert_right(&page).await;
    // As the legend says.
    page.set("valence", "?").await;
    page.until("location.hash.includes('valence=&') && document.getElementById('valence-unknown').checked").await;
    page.click("#controls input[name=mode][value='0']").await;
    assert_eq!(page.run::<String>("return document.getElementById('valence-field').value", json!([])).await, "");
    page.find("#key-field").await.send_keys("E").await.expect("a key's name");
    page.until("location.hash.includes('key=4') && location.hash.includes('mode=0')").await;
    page.click("#decades input[value='1960']").await;
    page.until("location.hash.startsWith('#decade=1960')").await;
    assert_right(&page).await;
    assert_eq!(page.text("#legend-decade").await, "1960s");
    page.until("document.getElementById('status').textContent.includes('of the 1960s')").await;
    // The contributions add up, and every feature of the model is there.
    let fall: Vec<String> = page
        .run(
            "return [...document.querySelectorAll('#waterfall [data-feature]')].map((row) => row.dataset.feature)",
            json!([]),
        )
        .await;
    assert_eq!(fall.len(), 16, "{fall:?}");
    page.until("document.querySelectorAll('.densities').length === 12").await;
    // Values appear where the pointer is over the middle of a mark.
    let under = "
        const of = (css) => {
          const { left, top, width, height } = document.querySelector(css).getBoundingClientRect();
          // Below the answer, which stays in view.
          window.scrollTo(0, top + window.scrollY - 600);
          const now = document.querySelector(css).getBoundingClientRect();
          const hit = document.elementFromPoint(now.left + now.width / 2, now.top + now.height / 2);
          hit.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX: now.left + now.width / 2 }));
          return hit.closest('[title]:not([title=\"\"])')?.title ?? '';
        };
        return [...arguments].map(of);";
    let marks =
        ["#waterfall [data-feature=energy] rect", "[data-feature=energy] .densities", "[data-feature=mode] .pair"];
    let values: Vec<String> = page.run(under, json!(marks)).await;
    assert!(values[0].starts_with("Energy ") && values[0].contains(": contribution "), "{values:?}");
    assert!(values[1].starts_with("0.50: higher than ") && values[1].contains(" of the hits and "), "{values:?}");
    assert!(values[2].starts_with("Mode m") && values[2].contains(" of the hits, "), "{values:?}");
    page.close().await;
}

#[tokio::test]
async fn examples_are_loaded_and_an_address_has_all() {
    let Some(page) = wide("examples_are_loaded_and_an_address_tells_all").await else { return };
    let hit = page.probability().await;
    page.click("#example-flop").await;
    page.until(&format!("document.getElementById('verdict').style.getPropertyValue('--share') !== '{hit}'")).await;
    assert_right(&page).await;
    let flop = page.probability().await;
    assert!(flop < hit, "{flop}, {hit}");
    assert_eq!(page.run::<String>("return document.getElementById('verdict').dataset.label", json!([])).await, "flop");
    // A link shows the same, in a page that knows nothing of this one.
    let address = page.web.current_url().await.expect("an address").to_string();
    page.web.goto("about:blank").await.expect("left");
    page.web.goto(&address).await.expect("back");
    page.answered().await;
    assert_eq!(page.probability().await, flop);
    // What would change the answer does.
    page.until("document.querySelector('#what-if .button')").await;
    page.click("#what-if .button").await;
    page.until("document.getElementById('verdict').dataset.label === 'hit'").await;
    assert_right(&page).await;
    // A neighbour is a known track, with its own values.
    page.until("document.querySelector('#neighbours .button')").await;
    page.click("#neighbours .button").await;
    page.until("document.getElementById('verdict-track').textContent.startsWith('Shown: “Track ')").await;
    let shown = page.text("#verdict-track").await;
    let number = shown.split(['“', '”']).nth(1).and_then(|name| name.strip_prefix("Track ")).expect("a title");
    let known = track(number.parse().expect("a number"));
    page.until("!document.querySelector('[aria-invalid=true]')").await;
    assert_right(&page).await;
    let values = page.track().await;
    for (feature, value) in &known {
        let (known, shown) = (value.as_f64().expect("a number"), values[feature].as_f64().expect("a number"));
        assert!((known - shown).abs() <= 1e-6 * known.abs(), "{feature}: {shown} for {known}");
    }
    page.click("#example-real").await;
    page.until(&format!("!document.getElementById('verdict-track').textContent.includes('{number}”')")).await;
    page.click("#reset").await;
    page.until(&format!("document.getElementById('verdict').style.getPropertyValue('--share') === '{hit}'")).await;
    page.close().await;
}

#[tokio::test]
async fn what_is_pasted_is_read() {
    let Some(page) = wide("what_is_pasted_is_read").await else { return };
    page.click("#bring summary").await;
    let paste = |text: String| {
        let page = &page;
        async move {
            page.run::<()>("document.getElementById('paste').value = arguments[0]", json!([text])).await;
            page.click("#read").await;
        }
    };
    // Spotify's of one track.
    let mut spotify = track(11);
    spotify.extend(
        json!({ "id": "x", "type": "audio_features", "track_href": "y", "name": "Eleven" })
            .as_object()
            .expect("an object")
            .clone(),
    );
    spotify.remove("decade");
    paste(Value::Object(spotify).to_string()).await;
    page.until("document.getElementById('verdict-track').textContent === 'Shown: Eleven.'").await;
    page.until(&format!("location.hash.includes('danceability={}&')", track(11)["danceability"])).await;
    assert_right(&page).await;
    // Envelopes and lists give a table, nulls and faults in their place.
    let envelopes = [
        json!({ "audio_features": [track(1), null, { "energy": "loud" }, track(2)] }),
        json!({ "content": [track(1), null, { "energy": "loud" }, track(2)] }),
        json!([track(1), null, { "energy": "loud" }, track(2)]),
    ];
    for envelope in envelopes {
        page.run::<()>("document.getElementById('batch').replaceChildren()", json!([])).await;
        page.run::<()>("document.getElementById('bring').open = true", json!([])).await;
        paste(envelope.to_string()).await;
        page.until("document.querySelectorAll('#batch tbody tr').length === 4").await;
        let said = page.text("#batch [role=status]").await;
        assert!(said.starts_with("2 tracks scored: ") && said.ends_with(", 2 with faults."), "{said}");
        assert!(page.text("#batch tbody tr:nth-child(3)").await.contains("energy: expected a number"));
    }
    page.click("#batch tbody tr:nth-child(4) button").await;
    page.until(&format!("location.hash.includes('danceability={}&')", track(2)["danceability"])).await;
    assert_right(&page).await;
    // A misspelt feature is warned of.
    page.run::<()>("document.getElementById('bring').open = true", json!([])).await;
    paste(json!({ "energy": 0.5, "danceabilty": 0.7 }).to_string()).await;
    page.until("document.getElementById('warnings-list').textContent.includes('did you mean \"danceability\"')").await;
    // A value that no track can have: the verdict itself says so.
    page.run::<()>("document.getElementById('bring').open = true", json!([])).await;
    paste(json!({ "energy": 0.5, "danceability": 7 }).to_string()).await;
    page.until("document.getElementById('verdict').dataset.doubtful === 'true'").await;
    assert_eq!(page.text("#verdict-title").await, "No meaningful answer");
    assert!(page
        .text("#verdict-doubt")
        .await
        .contains("outside the possible range. Danceability is 7; expected 0 to 1. Correct it"));
    assert!(page.text("#notice").await.starts_with("The track has no decade: it is scored as one of the "));
    page.until("document.querySelectorAll('[aria-invalid=true]').length === 1").await;
    assert_eq!(page.text("#danceability-fault").await, "Danceability is 7; expected 0 to 1.");
    // What rests on the value is left out, until it is corrected.
    let omitted =
        "document.getElementById('reasons-parts').hidden && !document.getElementById('reasons-omitted').hidden";
    page.until(omitted).await;
    page.set("danceability", "0.7").await;
    page.until(&format!("!({omitted}) && !document.querySelector('[aria-invalid=true]')")).await;
    assert_right(&page).await;
    // Nor has a row of a table a label then.
    page.run::<()>("document.getElementById('bring').open = true", json!([])).await;
    let mut impossible = track(3);
    impossible.insert("danceability".to_owned(), json!(7));
    paste(json!([impossible, track(1), track(2)]).to_string()).await;
    page.until("document.querySelectorAll('#batch tbody tr').length === 3").await;
    let said = page.text("#batch [role=status]").await;
    assert!(said.starts_with("3 tracks scored: ") && said.ends_with(", 1 with impossible values."), "{said}");
    assert!(page.text("#batch-doubt").await.starts_with("1 track has impossible values."));
    let cells = page.text("#batch tbody tr:first-child").await;
    assert!(cells.contains("⚠ impossible value") && cells.contains("danceability is 7; expected 0 to 1"), "{cells}");
    assert!(!cells.contains("hit") && !cells.contains("flop"), "{cells}");
    assert_eq!(page.run::<u32>("return document.querySelectorAll('#batch meter').length", json!([])).await, 2);
    // What cannot be read is reported beside the field.
    page.run::<()>("document.getElementById('bring').open = true", json!([])).await;
    paste("{\"energy\": ".to_owned()).await;
    page.until("document.getElementById('bring-fault').textContent.startsWith('energy: JSON decode error')").await;
    paste("hello".to_owned()).await;
    page.until("document.getElementById('bring-fault').textContent.startsWith('A table needs a header')").await;
    // Nor does what is pasted elsewhere on the page do nothing.
    paste(String::new()).await;
    page.until("document.getElementById('bring-fault').textContent.startsWith('Paste features or a table first')")
        .await;
    let elsewhere = "
        const clipboardData = new DataTransfer();
        clipboardData.setData('text', 'hello');
        document.getElementById('energy-range').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));";
    page.run::<()>(elsewhere, json!([])).await;
    page.until("document.getElementById('bring-fault').textContent.startsWith('A table needs a header')").await;
    page.close().await;
}

#[tokio::test]
async fn what_has_no_decade_that_there_is_gets_the_chosen_one() {
    let Some(page) = wide("what_tells_no_decade_that_there_is_gets_the_chosen_one").await else { return };
    page.click("#decades input[value='1960']").await;
    page.until("location.hash.startsWith('#decade=1960')").await;
    let mut expected = track(2);
    expected.insert("decade".to_owned(), json!(1960));
    let mut timeless = expected.clone();
    timeless.remove("decade");
    let mut of_1955 = expected.clone();
    of_1955.insert("decade".to_owned(), json!(1955));
    let expected = predicted(&page, &expected).0;
    let spelt = |values: &Map<String, Value>| values.values().map(Value::to_string).collect::<Vec<_>>().join(",");
    let names = |values: &Map<String, Value>| values.keys().cloned().collect::<Vec<_>>().join(",");
    let lists = [
        json!([timeless, of_1955, 7]).to_string(),
        // Without a column for it, and with an empty field.
        format!("{}\n{}\n", names(&timeless), spelt(&timeless)),
        format!("decade,{}\n,{}\n1955,{}\n", names(&timeless), spelt(&timeless), spelt(&timeless)),
    ];
    let remark = "o training track is of the 1950s; the 1960s are used instead";
    for text in lists {
        page.run::<()>("document.getElementById('batch').replaceChildren()", json!([])).await;
        page.run::<()>("document.getElementById('bring').open = true", json!([])).await;
        page.run::<()>("document.getElementById('paste').value = arguments[0]", json!([text])).await;
        page.click("#read").await;
        page.until("document.getElementById('batch-decade')?.textContent.startsWith('1 track has no decade and is scored as a track of the 1960s')")
            .await;
        assert!(page.text("#batch-decade").await.contains("The accuracy without a decade is "));
        let shares: Vec<f64> = page
            .run("return [...document.querySelectorAll('#batch meter')].map((meter) => meter.value)", json!([]))
            .await;
        let known = if text.contains("1955") { 2 } else { 1 };
        let is_right = |share: &f64| (share - expected).abs() < 1e-9;
        assert!(shares.len() == known && shares.iter().all(is_right), "{shares:?} for {expected}");
        let whole = page.text("#batch tbody").await;
        assert_eq!(whole.contains(remark), known == 2, "{whole}");
        assert_eq!(whole.contains("Not a track"), text.starts_with('['), "{whole}");
        // In the controls it is the same track, whatever has been chosen meanwhile.
        page.click("#decades input[value='1970']").await;
        page.until("location.hash.startsWith('#decade=1970')").await;
        page.click("#batch tbody tr:first-child button").await;
        page.until("location.hash.startsWith('#decade=1960')").await;
        assert_right(&page).await;
        let shown = page.probability().await;
        assert!((shown - expected).abs() < 1e-9, "{shown} for {expected}");
    }
    // The decade in the name of a file comes before the chosen one; an error dims the table of what was brought before.
    let of_file = "
        const files = new DataTransfer();
        files.items.add(new File([arguments[0]], arguments[1]));
        const input = document.getElementById('file');
        input.files = files.files;
        input.dispatchEvent(new Event('change'));";
    let text = format!("{}\n{}\n", names(&timeless), spelt(&timeless));
    page.run::<()>(of_file, json!([text, "tracks-of-70s.csv"])).await;
    page.until("document.getElementById('batch-decade')?.textContent.startsWith('Tracks without a decade are scored as tracks of the 1970s')")
        .await;
    let mut of_1970 = timeless.clone();
    of_1970.insert("decade".to_owned(), json!(1970));
    let in_1970 = predicted(&page, &of_1970).0;
    let share: f64 = page.run("return document.querySelector('#batch meter').value", json!([])).await;
    assert!((share - in_1970).abs() < 1e-9, "{share} for {in_1970}");
    page.run::<()>(of_file, json!(["", "empty.csv"])).await;
    page.until("document.getElementById('batch').classList.contains('previous')").await;
    assert!(page.text("#bring-fault").await.contains("empty.csv: Expected a table or tracks, the file is empty"));
    // Beside the probability of a track alone is what the decade is worth, until it is chosen.
    page.run::<()>("document.getElementById('bring').open = true", json!([])).await;
    let text = Value::Object(timeless.clone()).to_string();
    page.run::<()>("document.getElementById('paste').value = arguments[0]", json!([text])).await;
    page.click("#read").await;
    page.until("/^Without a decade, the hit probability is .+ The accuracy without a decade is .+; with the right decade it is .+$/.test(document.getElementById('verdict-known').textContent)").await;
    page.click("#decades input[value='1970']").await;
    page.until("document.getElementById('verdict-known').hidden").await;
    page.click("#decades input[value='1960']").await;
    // One track alone is taken as the same, and that is said until a decade is chosen.
    page.run::<()>("document.getElementById('bring').open = true", json!([])).await;
    page.run::<()>(
        "document.getElementById('paste').value = arguments[0]",
        json!([Value::Object(of_1955).to_string()]),
    )
    .await;
    page.click("#read").await;
    page.until(&format!("document.getElementById('notice').textContent === 'N{remark}.'")).await;
    assert_right(&page).await;
    page.click("#decades input[value='1970']").await;
    page.until("document.getElementById('notice').hidden").await;
    page.close().await;
}

/// Refuses each request for what the page can do without once, as a busy server does.
const BUSY: &str = "
    const { fetch } = window;
    const refused = new Set();
    window.again = new Set();
    window.fetch = (path, options) => {
      if (!/explain|what_if|neighbours/.test(path)) return fetch(path, options);
      if (refused.has(path)) {
        window.again.add(path);
        return fetch(path, options);
      }
      refused.add(path);
      const headers = { 'Retry-After': '1' };
      return Promise.resolve(new Response('{\"detail\": \"Too many requests at a time\"}', { status: 503, headers }));
    };
    const range = document.getElementById('energy-range');
    range.value = 0.31;
    range.dispatchEvent(new Event('input', { bubbles: true }));";

#[tokio::test]
async fn a_busy_server_is_retried_for_all() {
    let Some(page) = wide("a_busy_server_is_asked_again_for_all").await else { return };
    page.until("document.querySelectorAll('#neighbours li').length === 6").await;
    page.run::<()>(BUSY, json!([])).await;
    // They are repeated without a change.
    page.until("window.again.size === 3").await;
    page.until("document.querySelectorAll('#waterfall [data-feature]').length === 16").await;
    page.until("document.querySelectorAll('#neighbours li').length === 6").await;
    page.until("document.querySelector('#what-if li, #what-if p:not(.hint)')").await;
    assert!(page.text("#why-lead").await.starts_with("Contribution of each value"));
    assert_right(&page).await;
    page.close().await;
}

#[tokio::test]
async fn what_has_no_feature_changes_nothing() {
    let Some(page) = wide("what_has_no_feature_changes_nothing").await else { return };
    page.set("energy", "0.37").await;
    page.until("location.hash.includes('energy=0.37&')").await;
    page.answered().await;
    let before = (page.track().await, page.probability().await, page.text("#verdict-track").await);
    page.click("#bring summary").await;
    let refused = [
        (json!({ "foo": 1 }), "at least one of the audio features"),
        (json!({ "decade": 1970 }), "at least one of the audio features"),
        (json!({ "energy": null, "title": "None" }), "at least one of the audio features"),
        (json!([{ "foo": 1 }]), "at least one of the audio features"),
        (json!({ "dancability": 0.5 }), "did you mean \"danceability\""),
    ];
    for (pasted, message) in refused {
        page.run::<()>("document.getElementById('bring-fault').textContent = ''", json!([])).await;
        page.run::<()>("document.getElementById('paste').value = arguments[0]", json!([pasted.to_string()])).await;
        page.click("#read").await;
        page.until("document.getElementById('bring-fault').textContent.endsWith('Nothing has been changed.')").await;
        let fault = page.text("#bring-fault").await;
        assert!(fault.contains(message), "{pasted}: {fault}");
        page.answered().await;
        let after = (page.track().await, page.probability().await, page.text("#verdict-track").await);
        assert_eq!(after, before, "{pasted}");
    }
    // The browser itself may tell of a refused request, and of nothing else.
    let complaints = page.complaints().await;
    assert!(complaints.iter().all(|line| line.contains("status of 422")), "{complaints:?}");
    page.quit().await;
}

/// What is shown of an answer is marked as that to other values, for eyes and for ears.
const STALE: &str = "document.getElementById('main').classList.contains('stale') \
    && getComputedStyle(document.querySelector('.reasons .card:not([hidden])')).opacity < 0.6 \
    && !document.getElementById('verdict-before').hidden && !document.getElementById('reasons-before').hidden";

#[tokio::test]
async fn a_fault_is_reported_beside_its_control() {
    let Some(page) = wide("a_fault_is_told_beside_its_control").await else { return };
    page.set("energy", "loud").await;
    page.until("document.getElementById('energy-fault').textContent.startsWith('Expected a number')").await;
    page.until("document.querySelectorAll('[aria-invalid=true]').length === 1").await;
    assert!(page.text("#notice").await.contains("Energy"));
    // What is shown meanwhile looks like the answer before, and is called so.
    page.until(STALE).await;
    page.set("energy", "0.5").await;
    page.until("document.getElementById('energy-fault').hidden && document.getElementById('notice').hidden").await;
    page.until(&format!("!({STALE})")).await;
    assert_right(&page).await;
    // The browser itself tells of every refused request, and of nothing else.
    let complaints = page.complaints().await;
    assert!(!complaints.is_empty() && complaints.iter().all(|line| line.contains("status of 422")), "{complaints:?}");
    page.quit().await;
}

/// Drops a file of a content and a name.
const DROP: &str = "
    const files = new DataTransfer();
    files.items.add(new File([arguments[0]], arguments[1]));
    for (const kind of ['dragenter', 'dragover', 'drop']) {
      document.getElementById('controls').dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));
    }";

#[tokio::test]
async fn a_table_is_chosen_or_dropped() {
    let Some(page) = wide("a_table_is_chosen_or_dropped").await else { return };
    let place = tempfile::tempdir().expect("a temporary directory");
    let file = place.path().join("my tracks.csv");
    let names: Vec<String> = track(0).keys().cloned().collect();
    let row = |number: usize| names.iter().map(|name| track(number)[name].to_string()).collect::<Vec<_>>().join(",");
    let rows: Vec<String> =
        (0..70).map(|number| format!("\"Song {number}, \"\"live\"\"\",{}", row(number * 3))).collect();
    let table = format!("title,{}\n{}\nbad,{}\n", names.join(","), rows.join("\n"), "x,".repeat(names.len() - 1) + "x");
    fs::write(&file, &table).expect("written");
    page.click("#bring summary").await;
    page.find("#file").await.send_keys(file.to_str().expect("text")).await.expect("chosen");
    page.until("document.querySelectorAll('#batch tbody tr').length === 50").await;
    let said = page.text("#batch [role=status]").await;
    assert!(said.starts_with("70 tracks scored: ") && said.ends_with(", 1 with faults."), "{said}");
    assert_eq!(page.text("#batch tbody tr:nth-child(2) th").await, "Song 1, \"live\"");
    let shown = page.text("#batch tbody tr:nth-child(2) .share").await;
    let expected = predicted(&page, &track(3)).0 * 100.0;
    assert!(
        shown.starts_with(&format!("{expected:.1}")) || shown.starts_with("below") || shown.starts_with("above"),
        "{shown} for {expected}"
    );
    // A row goes into the sliders.
    page.click("#batch tbody tr:nth-child(2) button").await;
    page.until(&format!("location.hash.includes('danceability={}&')", track(3)["danceability"])).await;
    assert_right(&page).await;
    // The answers are the server's own table.
    page.click("#batch-download").await;
    let file = page.place.path().join("scored-my tracks.csv");
    let started = Instant::now();
    while !file.exists() {
        assert!(started.elapsed() < Duration::from_secs(60), "never downloaded");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let saved = fs::read_to_string(&file).expect("text");
    assert_eq!(saved.lines().count(), 72);
    assert!(saved.starts_with(&format!("title,{},label,probability,error,warnings\n", names.join(","))), "{saved}");
    // As spreadsheets write it where the comma is the decimal sign, and as they put it into the clipboard.
    let columns = |by: &str, decimal: &str| format!("title{by}energy{by}tempo\nOne{by}0{decimal}5{by}99{decimal}5\n");
    for text in [columns(";", ","), columns("\t", "."), columns(",", ".")] {
        page.run::<()>("document.getElementById('batch').replaceChildren()", json!([])).await;
        page.run::<()>("document.getElementById('bring').open = true", json!([])).await;
        page.run::<()>("document.getElementById('paste').value = arguments[0]", json!([text])).await;
        page.click("#read").await;
        page.until("document.querySelectorAll('#batch tbody tr').length === 1").await;
        assert_eq!(page.text("#batch-title").await, "Pasted tracks");
        assert!(page.text("#batch [role=status]").await.starts_with("1 track scored: "), "{text}");
    }
    // Values are read by the server: percent, keys by name, lengths, years and text in another encoding.
    let exported = "Track;Artist;Year;Energy_%;Key;Length;BPM\nÉtude;Ana;1968;50;C♯;3:25;99,5\nOne;Bo;;50;;;100\n";
    page.run::<()>(DROP, json!([exported, "exported.csv"])).await;
    page.until("document.getElementById('batch-title')?.textContent === 'exported.csv'").await;
    assert_eq!(page.text("#batch tbody tr:nth-child(1) th").await, "Étude by Ana");
    page.click("#batch tbody tr:nth-child(1) button").await;
    page.until("location.hash.startsWith('#decade=1960') && location.hash.includes('energy=0.5&')").await;
    let read = page.track().await;
    for (feature, value) in [("key", json!(1)), ("duration_ms", json!(205_000)), ("tempo", json!(99.5))] {
        assert_eq!(read[feature], value, "{feature}");
    }
    assert!(page.text("#warnings-list").await.contains("\"Energy_%\" is read as energy"));
    assert_right(&page).await;
    // What is no text is reported as that.
    page.run::<()>(DROP, json!(["\u{0}PNG\u{0}", "cover.png"])).await;
    page.until("document.getElementById('bring-fault').textContent.startsWith('cover.png: Expected a text')").await;
    page.run::<()>(DROP, json!([table, "sorted.csv"])).await;
    page.until("document.getElementById('batch-title')?.textContent === 'sorted.csv'").await;
    // Sorted, the most like a hit comes first; what could not be read comes last.
    page.run::<()>("const order = document.getElementById('batch-order'); order.value = 'most'; order.dispatchEvent(new Event('change'))", json!([]))
        .await;
    let shares: Vec<f64> =
        page.run("return [...document.querySelectorAll('#batch meter')].map((meter) => meter.value)", json!([])).await;
    assert!(shares.len() == 50 && shares.windows(2).all(|pair| pair[0] >= pair[1]), "{shares:?}");
    page.run::<()>("document.getElementById('batch').replaceChildren()", json!([])).await;
    // Dropped anywhere.
    page.run::<()>(DROP, json!([table, "dropped.csv"])).await;
    page.until("document.getElementById('batch-title')?.textContent === 'dropped.csv'").await;
    assert!(page.run::<bool>("return document.getElementById('drop-veil').hidden", json!([])).await);
    page.close().await;
}

#[tokio::test]
async fn everything_is_done_by_keyboard() {
    let Some(page) = wide("everything_is_done_by_keyboard").await else { return };
    let press = |key: Key| {
        let page = &page;
        async move { page.web.action_chain().send_keys(key).perform().await.expect("keys") }
    };
    let focused = "return document.activeElement.id || document.activeElement.name || document.activeElement.className";
    // One tab after another reaches every control, in the order in which they stand.
    let mut reached: Vec<String> = Vec::new();
    for _ in 0..80 {
        press(Key::Tab).await;
        let name: String = page.run(focused, json!([])).await;
        let ring: String = page
            .run("const own = document.activeElement; const seen = own.matches('.segments input, .unknown-box input') ? own.nextSibling : own; return getComputedStyle(own.id === 'file' ? own.parentNode.querySelector('label') : seen).outlineStyle", json!([]))
            .await;
        assert!(ring != "none" || name == "hitflop", "{name} does not show that it has the focus");
        reached.push(name.clone());
        if name == "time_signature" {
            break;
        }
    }
    for requested in [
        "skip",
        "decade",
        "example-hit",
        "example-flop",
        "danceability-range",
        "danceability-field",
        "danceability-unknown",
        "key-field",
        "mode",
    ] {
        assert!(reached.iter().any(|name| name == requested), "{requested} is not reached: {reached:?}");
    }
    // From there back to a slider and a decade, without a mouse.
    page.find("#energy-range").await.focus().await.expect("focused");
    let before = page.probability().await;
    press(Key::End).await;
    page.until("location.hash.includes('energy=1&')").await;
    assert_right(&page).await;
    assert_ne!(page.probability().await, before);
    page.find("#decades input:checked").await.focus().await.expect("focused");
    press(Key::Left).await;
    page.until("location.hash.startsWith('#decade=1960')").await;
    assert_right(&page).await;
    page.find("#example-flop").await.focus().await.expect("focused");
    press(Key::Enter).await;
    page.until("document.getElementById('verdict').dataset.label === 'flop'").await;
    page.close().await;
}

#[tokio::test]
async fn a_phone_shows_it_all_without_scrolling_sideways() {
    let view = BrowserView { phone: Some((320, 640)), ..BrowserView::default() };
    let Some(page) = BrowserPage::open("a_phone_shows_it_all_without_scrolling_sideways", view).await else { return };
    page.answered().await;
    page.until("document.querySelectorAll('#neighbours li').length === 6").await;
    let wide = "
        const width = document.documentElement.clientWidth;
        const scrolled = (element) => element && (element.matches('.scroll, pre') || scrolled(element.parentElement));
        return [...document.querySelectorAll('body *')]
          .filter((element) => element.getBoundingClientRect().right > width + 1 && !scrolled(element) && !element.closest('svg, .skip, .hidden-visually'))
          .map((element) => `${element.tagName} ${element.id} ${element.className}`);";
    assert_eq!(page.run::<Vec<String>>(wide, json!([])).await, Vec::<String>::new());
    assert!(page.run::<bool>("return document.documentElement.scrollWidth <= 320", json!([])).await);
    // The answer stays in view while the last slider is moved.
    page.find("#chorus_hit-range").await.scroll_into_view().await.expect("scrolled");
    let top: f64 = page.run("return document.getElementById('verdict').getBoundingClientRect().top", json!([])).await;
    assert!((0.0..50.0).contains(&top), "{top}");
    page.close().await;
}

#[tokio::test]
async fn a_token_is_required() {
    let view = BrowserView { token: Some("secret"), ..BrowserView::default() };
    let Some(page) = BrowserPage::open("a_token_is_asked_for", view).await else { return };
    page.until("!document.getElementById('token').hidden").await;
    assert_eq!(page.text("#verdict-title").await, "A token is needed");
    for (token, works) in [("wrong", false), ("secret", true)] {
        let field = page.find("#token-field").await;
        field.clear().await.expect("cleared");
        field.send_keys(token.to_owned() + Key::Enter).await.expect("typed");
        if works {
            page.answered().await;
            page.until("document.getElementById('token').hidden").await;
        }
    }
    assert!(page.complaints().await.iter().all(|line| line.contains("status of 401")));
    page.quit().await;
}

#[tokio::test]
async fn a_server_that_is_gone_is_reported() {
    let Some(page) = wide("a_server_that_is_gone_is_told").await else { return };
    page.server.signal("TERM");
    page.set("energy", "0.4").await;
    page.until("document.getElementById('notice').textContent.startsWith('The server ')").await;
    assert!(page.text("#notice").await.contains("next request follows in"));
    page.until(STALE).await;
    page.quit().await;
}

#[tokio::test]
async fn a_model_that_does_not_look_at_the_decade_is_said_to() {
    let Some(page) = wide("a_model_that_does_not_look_at_the_decade_is_said_to").await else { return };
    let unused = "[...document.querySelectorAll('.control.unused')].map((control) => control.dataset.feature)";
    assert!(page.run::<bool>("return document.getElementById('decade-unused').hidden", json!([])).await);
    assert_eq!(page.run::<Vec<String>>(&format!("return {unused}"), json!([])).await, Vec::<String>::new());
    let server = Server::start_with(&model("notebook"), &["--access-log", "off"], &[]);
    page.web.goto(format!("http://{}/", server.addr)).await.expect("the page is there");
    page.answered().await;
    assert!(!page.run::<bool>("return document.getElementById('decade-unused').hidden", json!([])).await);
    assert_eq!(page.run::<Vec<String>>(&format!("return {unused}"), json!([])).await, ["sections"]);
    assert!(page.text(".control[data-feature=sections]").await.contains("not used by this model"));
    assert!(!page.text("#verdict-sentence").await.contains("0s"));
    page.close().await;
}
