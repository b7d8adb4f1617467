//! Whole pages as text, compared with files: every sentence, caption and heading of several reports, without the rows of tables. After an intended change,
//! `UPDATE_SNAPSHOTS=1 cargo test` writes the files anew.

use std::path::Path;
use std::{env, fs};

use super::html;
use crate::charts;
use crate::findings::Findings;
use crate::fixtures::{full, small};
use crate::write::RenderedReport;
use crate::Report;
use hitflop_core::track::{Feature, Label};
use hitflop_data::ingest::quality::MissingValues;

/// A page without style, script, pictures and tags, a line per block; a picture is replaced by its alternative text.
fn text_of(page: &str) -> String {
    let (_, mut rest) = page.split_once("</style>").expect("the page has a style");
    let mut text = String::new();
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        if tag.starts_with("div class=\"sheet") {
            let alt = tag.split("aria-label=\"").nth(1).and_then(|alt| alt.split('"').next()).unwrap_or_default();
            text.push_str(&format!("\n[{alt}]\n"));
        }
        if tag.starts_with("svg ") {
            rest = rest.split_once("</svg>").expect("a picture ends").1;
        }
        for (left_out, end) in [("tbody", "</tbody>"), ("nav", "</nav>"), ("script", "</script>")] {
            if tag.split_whitespace().next() == Some(left_out) {
                rest = rest.split_once(end).expect("an element ends").1;
            }
        }
        match tag.trim_start_matches('/').split_whitespace().next().unwrap_or_default() {
            "a" | "b" | "code" | "span" | "strong" | "wbr" => {}
            "th" if tag.starts_with('/') => text.push_str(" | "),
            "th" => {}
            _ => text.push('\n'),
        }
    }
    let unescaped = [("&#60;", "<"), ("&#62;", ">"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    let text = unescaped.iter().fold(text, |text, (from, to)| text.replace(from, to));
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn compare(name: &str, report: &Report) {
    let findings = Findings::of(report);
    let charts = charts::all(&findings).expect("charts are rendered");
    compare_page(name, &html(&RenderedReport::of(&findings, &charts)).expect("the template renders"));
}

/// Compares the text of a page with its file.
pub(crate) fn compare_page(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.txt"));
    let text = text_of(page);
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(path.parent().expect("a file is in a directory")).expect("a directory");
        fs::write(&path, &text).expect("a snapshot can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (number, (found, expected)) in text.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{name}, line {}", number + 1);
    }
    assert_eq!(text.lines().count(), expected.lines().count(), "{name}");
}

#[test]
fn a_report_with_everything() {
    let mut report = full::report(&[1960, 1970, 1980], &Label::BOTH);
    report.provenance.simulated = false;
    compare("full", &report);
}

#[test]
fn a_report_of_a_comparison() {
    let mut report = small::compared();
    report.provenance.rejected = vec![("not a number".to_owned(), 7)];
    compare("compared", &report);
}

#[test]
fn a_report_of_simulated_tracks() {
    let mut report = small::report();
    report.provenance.simulated = true;
    compare("simulated", &report);
}

#[test]
fn a_report_of_one_decade() {
    compare("one_decade", &full::report(&[1990], &Label::BOTH));
}

#[test]
fn a_report_of_one_label() {
    compare("one_label", &full::report(&[1960, 1970], &[Label::Hit]));
}

#[test]
fn a_report_without_a_model() {
    let mut report = small::report();
    (report.evaluation, report.probabilities) = (None, None);
    compare("no_model", &report);
}

#[test]
fn a_report_of_a_table_with_a_label_of_its_own() {
    let mut report = small::compared();
    report.provenance.label = Some("popularity>=60".to_owned());
    (report.quality.artists, report.quality.unique_uris) = (0, 0);
    report.overview.artists = None;
    report.overview.sample.iter_mut().for_each(|row| (row.title, row.artist) = (None, None));
    report.missing = vec![MissingValues { feature: Feature::Tempo, rows: 2 }];
    compare("own_label", &report);
}
