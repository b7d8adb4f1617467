//! The page of a report in a browser: the values of its charts, and how it looks on a phone.

use std::path::PathBuf;

use hitflop_core::disk::OutputSet;
use hitflop_report::fixtures::full;
use hitflop_report::{charts, write, Findings};
use serde_json::{json, Value};
use thirtyfour::prelude::*;

use crate::browser::{Browser, BrowserView};

/// A report with every chart, in the browser's own directory, its folded chapters open.
async fn open(test: &str, view: BrowserView) -> Option<Browser> {
    let browser = Browser::start(test, view).await?;
    let report = full::usual();
    let findings = Findings::of(&report);
    let charts = charts::all(&findings).expect("charts are rendered");
    let directory = browser.place.path().join("reports");
    let mut outputs = OutputSet::open(&[&directory]).expect("a directory");
    let paths: Vec<PathBuf> = write::write(&findings, &charts, &mut outputs, &directory).expect("a report");
    outputs.commit().expect("the report is written");
    browser.web.goto(format!("file://{}", paths[0].display())).await.expect("the page is there");
    let _: Value =
        browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; });", json!([])).await;
    Some(browser)
}

/// Ends the browser, which must have complained of nothing: the policy of the page admits its script and its style.
async fn close(browser: Browser) {
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.quit().await;
}

/// The text of the tooltip; none if none is shown.
async fn tip(browser: &Browser) -> Option<String> {
    let script = "const tip = document.querySelector('.tip'); return tip.hidden ? null : tip.textContent;";
    browser.run(script, json!([])).await
}

#[tokio::test]
async fn a_pointer_reads_the_values_of_every_chart() {
    let Some(browser) = open("a_pointer_reads_the_values_of_every_chart", BrowserView::default()).await else { return };
    let charts = browser.web.find_all(By::Css("figure.chart")).await.expect("figures");
    assert!(charts.len() > 30, "{} charts", charts.len());
    for chart in charts {
        let name = chart.id().await.expect("an id").unwrap_or_default();
        // The last area is on top of any that it touches.
        let areas = chart.find_all(By::Css(".sheet > :not([hidden]) > .values > path")).await.expect("values");
        let mut last = None;
        for area in areas.into_iter().rev() {
            if area.is_displayed().await.expect("it is known") {
                last = Some(area);
                break;
            }
        }
        let area = last.unwrap_or_else(|| panic!("{name} has no value"));
        let script = "arguments[0].scrollIntoView({ block: 'center' });
            return arguments[0].dataset.value || arguments[0].querySelector('title').textContent;";
        let expected: String = browser.run(script, json!([area.to_json().expect("a reference")])).await;
        browser.web.action_chain().move_to_element_center(&area).perform().await.expect("the pointer moves");
        assert_eq!(tip(&browser).await.as_deref(), Some(expected.as_str()), "{name}");
        let is_within = "const box = document.querySelector('.tip').getBoundingClientRect();
            return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;";
        assert!(browser.run::<bool>(is_within, json!([])).await, "{name}: {expected}");
    }
    let heading = browser.find("h1").await;
    heading.scroll_into_view().await.expect("the heading");
    browser.web.action_chain().move_to_element_center(&heading).perform().await.expect("the pointer moves");
    assert_eq!(tip(&browser).await, None);
    close(browser).await;
}

#[tokio::test]
async fn the_arrow_keys_read_the_values_of_a_chart() {
    let Some(browser) = open("the_arrow_keys_read_the_values_of_a_chart", BrowserView::default()).await else { return };
    // One stop of the tab key a chart, beside the links of its caption.
    let script = "return [...document.querySelectorAll('figure.chart')].filter((figure) =>
        figure.querySelectorAll('[tabindex]').length !== 1 || figure.querySelector('[tabindex]').tabIndex !== 0)
        .map((figure) => figure.id);";
    assert_eq!(browser.run::<Vec<String>>(script, json!([])).await, Vec::<String>::new());
    let chart = browser.find("#chart-correlation .sheet").await;
    chart.focus().await.expect("it takes the focus");
    let spoken =
        || async { browser.run::<String>("return document.querySelector('.spoken').textContent", json!([])).await };
    let mut read = Vec::new();
    for key in [Key::Right, Key::Right, Key::Down, Key::Up, Key::End, Key::Right, Key::Left, Key::Home] {
        chart.send_keys(key).await.expect("a key");
        let shown = tip(&browser).await.expect("a value is shown");
        assert_eq!(spoken().await, shown.replace('\n', ", "));
        read.push(shown);
    }
    // Of the picture that is shown, not of the one for a phone.
    let script = "return [...[...document.querySelectorAll('#chart-correlation .sheet > svg')]
        .find((svg) => svg.getClientRects().length).querySelectorAll('.values > path')]
        .map((area) => area.dataset.value || area.querySelector('title').textContent)";
    let all: Vec<String> = browser.run(script, json!([])).await;
    let columns =
        (1..=all.len()).find(|columns| columns * (columns - 1) == all.len()).expect("a square without its diagonal");
    // Below the second cell of the first row, which begins right of the diagonal, is the second of the second row.
    let expected =
        [0, 1, columns, 1, all.len() - 1, all.len() - 1, all.len() - 2, 0].map(|index: usize| all[index].clone());
    assert_eq!(read, expected);
    chart.send_keys(Key::Escape).await.expect("a key");
    assert_eq!(tip(&browser).await, None);
    close(browser).await;
}

#[tokio::test]
async fn a_phone_shows_charts_in_one_column_with_legible_text() {
    const WIDTH: u32 = 390;
    /// Least size of the smallest text, in pixels.
    const LEGIBLE: f64 = 7.0;
    let view = BrowserView { phone: Some((WIDTH, 844)), ..BrowserView::default() };
    let Some(browser) = open("a_phone_shows_charts_in_one_column_with_legible_text", view).await else { return };
    let width: u32 = browser.run("return document.documentElement.scrollWidth", json!([])).await;
    assert_eq!(width, WIDTH, "the page is not scrolled sideways");
    let script = "return [...document.querySelectorAll('.sheet > svg')].filter((svg) => svg.getClientRects().length)
        .map((svg) => {
            const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            const sizes = [...svg.querySelectorAll('text')].map((text) => parseFloat(text.getAttribute('font-size')));
            return [svg.closest('figure').id, sizes.length ? Math.min(...sizes) * scale : null];
        });";
    let sizes: Vec<(String, Option<f64>)> = browser.run(script, json!([])).await;
    assert!(sizes.len() > 60, "{} pictures", sizes.len());
    for (name, size) in &sizes {
        assert!(size.is_none_or(|size| size >= LEGIBLE), "{name}: {size:?}");
    }
    // Panels are below one another, and no panel is cut.
    let script = "return [...document.querySelectorAll('.panels')].filter((panels) => {
        const lefts = new Set([...panels.children].map((panel) => Math.round(panel.getBoundingClientRect().left)));
        return lefts.size !== 1 || panels.parentElement.scrollWidth > panels.parentElement.clientWidth;
    }).map((panels) => panels.closest('figure').id);";
    assert_eq!(browser.run::<Vec<String>>(script, json!([])).await, Vec::<String>::new());
    let titles: usize =
        browser.run("return document.querySelectorAll('figure.chart > p.chart-title').length", json!([])).await;
    let figures: usize = browser.run("return document.querySelectorAll('figure.chart').length", json!([])).await;
    assert_eq!(titles, figures);
    // A tap reads a value.
    let area = browser.find("#chart-density_by_label .values > path:nth-child(20)").await;
    let _: Value = browser
        .run("arguments[0].scrollIntoView({ block: 'center' })", json!([area.to_json().expect("a reference")]))
        .await;
    area.click().await.expect("a tap");
    assert!(tip(&browser).await.is_some_and(|text| text.contains("flops: ") && text.contains("hits: ")));
    close(browser).await;
}
