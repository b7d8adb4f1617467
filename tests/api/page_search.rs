//! The search of the page and its comparison of two tracks, as someone at a browser uses them.

use serde_json::json;
use thirtyfour::prelude::*;

use crate::browser::{BrowserPage, BrowserView};

async fn open(test: &str) -> Option<BrowserPage> {
    let page = BrowserPage::open(test, BrowserView::default()).await?;
    page.answered().await;
    Some(page)
}

const OPTIONS: &str = "document.querySelectorAll('#find-list:not([hidden]) li')";

async fn shows(page: &BrowserPage, name: &str) {
    page.until(&format!("document.getElementById('verdict-track').textContent.startsWith('Shown: “{name}”')")).await;
    page.answered().await;
}

#[tokio::test]
async fn a_song_is_found_by_keyboard() {
    let Some(page) = open("a_song_is_found_by_keyboard").await else { return };
    let input = page.find("#find").await;
    input.send_keys("trakc 7").await.expect("typed");
    page.until(&format!("{OPTIONS}.length > 1")).await;
    let state = "const find = document.getElementById('find');
                 const active = document.getElementById(find.getAttribute('aria-activedescendant'));
                 return [find.getAttribute('aria-expanded'), active && active.getAttribute('aria-selected'), active && active.id];";
    let shown: Vec<Option<String>> = page.run(state, json!([])).await;
    assert_eq!(shown, [Some("true".to_owned()), None, None]);
    input.send_keys(Key::Down + Key::Down + Key::Up).await.expect("keys");
    let shown: Vec<Option<String>> = page.run(state, json!([])).await;
    assert_eq!(shown, ["true", "true", "find-0"].map(|text| Some(text.to_owned())));
    input.send_keys(Key::Escape + "").await.expect("a key");
    page.until(&format!("{OPTIONS}.length === 0")).await;
    input.send_keys(Key::Down + "").await.expect("a key");
    let name: String = page.run("return document.querySelector('#find-list b').textContent", json!([])).await;
    input.send_keys(Key::Enter + "").await.expect("a key");
    shows(&page, &name).await;
    assert_eq!(
        page.run::<String>("return document.getElementById('find').getAttribute('aria-expanded')", json!([])).await,
        "false"
    );
    // Versions are told apart by decade, length and tempo.
    input.clear().await.expect("cleared");
    input.send_keys("artist 3").await.expect("typed");
    page.until(&format!("{OPTIONS}.length === 10")).await;
    page.until("/^Artist 3, 19[67]0s, \\d:\\d\\d, \\d+ BPM$/.test(document.querySelector('#find-list .neighbour-name span').textContent)").await;
    assert!(page.text("#find-status").await.contains("The best 10 of"));
    page.close().await;
}

/// Pastes a text somewhere on the page.
const PASTE: &str = "
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', arguments[0]);
    document.getElementById('energy-range').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));";

#[tokio::test]
async fn a_link_that_is_pasted_anywhere_finds_its_track() {
    let Some(page) = open("a_link_that_is_pasted_anywhere_finds_its_track").await else { return };
    let link = |track: usize| format!("https://open.spotify.com/intl-de/track/{track:022}?si=abc");
    page.run::<()>(PASTE, json!([link(12)])).await;
    shows(&page, "Track 12").await;
    page.run::<()>(PASTE, json!([format!("spotify:track:{:022}", 13)])).await;
    shows(&page, "Track 13").await;
    // An unknown track: where its features can be had, and where they go.
    page.run::<()>(PASTE, json!([link(99_999)])).await;
    page.until("!document.getElementById('find-unknown').hidden").await;
    assert!(page.text("#find-status").await.starts_with("The track of this link is not among the 800 known tracks"));
    assert!(page.text("#find-unknown").await.contains("have the audio features of most released songs as JSON"));
    page.click("#find-paste").await;
    page.until("document.activeElement.id === 'paste' && document.getElementById('bring').open").await;
    page.run::<()>(PASTE, json!(["https://open.spotify.com/album/0000000000000000000000"])).await;
    page.until("document.getElementById('find-status').textContent.startsWith('This is not the link of a track')")
        .await;
    page.close().await;
}

#[tokio::test]
async fn two_tracks_are_compared_and_a_link_has_both() {
    let Some(page) = open("two_tracks_are_compared_and_a_link_has_both").await else { return };
    let load = |track: usize| {
        let page = &page;
        async move {
            page.run::<()>(PASTE, json!([format!("spotify:track:{track:022}")])).await;
            shows(page, &format!("Track {track}")).await;
        }
    };
    load(1).await;
    let first = page.probability().await;
    page.click("#compare-keep").await;
    load(2).await;
    let second = page.probability().await;
    let filled = "document.querySelectorAll('#compare-table tbody tr').length === 17 && !document.getElementById('compare').textContent.includes('…')";
    page.until(filled).await;
    let heads = "return [...document.querySelectorAll('#compare-table thead th')].map((head) => head.textContent)";
    let shares =
        "return [...document.querySelectorAll('.compare-answer b')].map((share) => parseFloat(share.textContent.match(/[\\d.]+/)))";
    let expect_shares = |shown: Vec<f64>, expected: [f64; 2]| {
        for (shown, expected) in shown.into_iter().zip(expected) {
            assert!(
                !(0.01..0.99).contains(&expected) || (shown - 100.0 * expected).abs() <= 0.051,
                "{shown} for {expected}"
            );
        }
    };
    let names: Vec<String> = page.run(heads, json!([])).await;
    assert_eq!(names, ["“Track 1” by Artist 1", "“Track 2” by Artist 2"]);
    expect_shares(page.run(shares, json!([])).await, [first, second]);
    page.until("location.hash.includes('with.energy=') && location.hash.includes('uri=')").await;
    // In a page that knows nothing of this one.
    let address = page.web.current_url().await.expect("an address").to_string();
    page.web.goto("about:blank").await.expect("left");
    page.web.goto(&address).await.expect("back");
    page.answered().await;
    page.until(filled).await;
    page.until("document.querySelector('#compare-table thead').textContent.includes('Track 1”')").await;
    page.until("document.querySelector('#compare-table thead').textContent.includes('Track 2”')").await;
    expect_shares(page.run(shares, json!([])).await, [first, second]);
    assert_eq!(page.probability().await, second);
    page.click("#compare-swap").await;
    shows(&page, "Track 1").await;
    page.until(filled).await;
    let names: Vec<String> = page.run(heads, json!([])).await;
    assert_eq!(names, ["“Track 2” by Artist 2", "“Track 1” by Artist 1"]);
    assert_eq!(page.probability().await, first);
    page.click("#compare-stop").await;
    page.until("document.getElementById('compare').hidden && !location.hash.includes('with.')").await;
    page.close().await;
}

#[tokio::test]
async fn the_page_begins_with_three_tracks_and_says_what_is_missing() {
    let Some(page) = open("the_page_begins_with_three_tracks_and_says_what_is_missing").await else { return };
    page.until("document.querySelectorAll('#first-look-list button').length === 3").await;
    for (number, words) in [(1, "A clear prediction"), (2, "A clear prediction"), (3, "Undecided")] {
        let item = page.text(&format!("#first-look-list li:nth-child({number})")).await;
        assert!(item.contains("A ") && item.contains(words), "{item}");
    }
    page.click("#first-look-list li:nth-child(2) button").await;
    page.until("document.getElementById('verdict').dataset.label === 'flop'").await;
    page.answered().await;
    assert!(page.run::<bool>("return document.getElementById('verdict-known').hidden", json!([])).await);
    page.until("/(The model was trained on this track|It was held out)/.test(document.getElementById('verdict-track').textContent)")
        .await;
    page.click("#energy-unknown").await;
    page.until("!document.getElementById('verdict-known').hidden").await;
    let known = page.text("#verdict-known").await;
    assert!(
        known.starts_with("Missing: energy. The accuracy for such tracks is ")
            && known.contains("for complete tracks")
            && known.contains("by always predicting one label"),
        "{known}"
    );
    // A set that was not tried together is scored by others of as many features.
    page.click("#valence-unknown").await;
    page.click("#tempo-unknown").await;
    page.until("document.getElementById('verdict-known').textContent.includes('The accuracy for tracks with as many features missing is ')")
        .await;
    page.close().await;
}
