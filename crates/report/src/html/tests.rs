//! The page on a report made by hand: well formed, complete, safe, self-contained.

use super::*;
use crate::charts::{self, Chart, CHARTS};
use crate::findings::Findings;
use crate::fixtures::{full, small};
use crate::tables::TABLES;
use crate::Report;
use crate::{CommandLines, Setting, SettingValue};
use hitflop_core::track::{Feature, Label};
use hitflop_data::ingest::quality::MissingValues;

fn chart(name: &str) -> Chart {
    Chart {
        title: "Title".to_owned(),
        caption: format!("Caption of {name}."),
        alt: "What is <seen> & \"said\"".to_owned(),
        ..charts::blank(name)
    }
}

fn page_of(report: &Report, charts: &[Chart]) -> String {
    html(&RenderedReport::of(&Findings::of(report), charts)).expect("the template renders")
}

fn page(report: &Report) -> String {
    let charts: Vec<Chart> = CHARTS.iter().map(|entry| chart(entry.name)).collect();
    page_of(report, &charts)
}

/// Checks that tags are closed in the order in which they were opened, and returns how many elements there are.
fn balanced(page: &str) -> std::result::Result<usize, String> {
    const VOID: [&str; 4] = ["meta", "br", "link", "wbr"];
    let without_code = ["style", "script"].iter().fold(page.to_owned(), |page, tag| {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        match (page.find(&open), page.find(&close)) {
            (Some(start), Some(end)) => format!("{}{}", &page[..start], &page[end + close.len()..]),
            _ => page,
        }
    });
    let mut open: Vec<String> = Vec::new();
    let mut elements = 0;
    for rest in without_code.split('<').skip(1) {
        let (tag, _) = rest.split_once('>').ok_or(format!("a tag that does not end: {rest:.40}"))?;
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if tag.starts_with('/') {
            let last = open.pop();
            if last.as_deref() != Some(&name) {
                return Err(format!("</{name}> closes {last:?}"));
            }
        } else if !tag.starts_with('!') {
            elements += 1;
            if !tag.ends_with('/') && !VOID.contains(&name.as_str()) {
                open.push(name);
            }
        }
    }
    if open.is_empty() {
        Ok(elements)
    } else {
        Err(format!("left open: {open:?}"))
    }
}

#[test]
fn the_check_of_tags_finds_faults() {
    assert_eq!(balanced("<!DOCTYPE html><p>a<br>b</p>"), Ok(2));
    assert!(balanced("<p><b></p></b>").is_err());
    assert!(balanced("<p>").is_err());
}

#[test]
fn tags_are_balanced_whatever_is_missing() {
    let full = small::report();
    let mut bare = small::report();
    (bare.evaluation, bare.probabilities) = (None, None);
    bare.out_of_range.clear();
    bare.provenance.settings.clear();
    bare.provenance.sources.clear();
    bare.selection.dropped.clear();
    bare.summary.by_decade.truncate(1);
    bare.summary.by_decade_and_label.clear();
    bare.summary.by_label.clear();
    let mut simulated = small::report();
    simulated.provenance.simulated = true;
    simulated.provenance.rejected = vec![("not a number".to_owned(), 1)];
    let compared = small::compared();
    let mut alone = small::compared();
    alone.evaluation = None;
    for report in [&full, &bare, &simulated, &compared, &alone] {
        let page = page(report);
        assert!(balanced(&page).expect("well formed") > 500);
        assert!(!page.contains("NaN"));
    }
}

#[test]
fn every_chart_and_every_table_is_in_the_page() {
    let mut report = small::compared();
    report.provenance.rejected = vec![("not a number".to_owned(), 1)];
    report.missing = vec![MissingValues { feature: Feature::Tempo, rows: 2 }];
    report.missing_features = full::report(&[1960, 1970], &Label::BOTH).missing_features;
    let page = page(&report);
    for entry in CHARTS {
        assert_eq!(page.matches(&format!("id=\"chart-{}\"", entry.name)).count(), 1, "{}", entry.name);
        assert!(page.contains(&format!("Caption of {}.", entry.name)), "{}", entry.name);
    }
    for entry in TABLES {
        let count = usize::from(entry.is_in_page());
        assert_eq!(page.matches(&format!("id=\"table-{}\"", entry.name)).count(), count, "{}", entry.name);
    }
}

#[test]
fn no_heading_is_empty() {
    let report = small::report();
    let bare = page_of(&report, &[]);
    assert!(!bare.contains("exploration-densities") && page(&report).contains("exploration-densities"));
}

#[test]
fn models_are_in_the_order_of_the_story() {
    let page = page(&small::compared());
    let place = |id: &str| page.find(&format!("id=\"{id}\"")).expect(id);
    let order = [
        "models-leaderboard",
        "chart-leaderboard",
        "table-leaderboard",
        "models-compared",
        "chart-roc_curves",
        "models-final",
        "chart-roc_curve",
        "models-boosting",
        "chart-boosting_search",
        "models-grid",
        "table-grid_top",
        "table-grid_search",
        "validation",
        "chart-validation_schemes",
        "table-validation_schemes",
        "validation-details",
        "chart-transfer",
        "chart-scores_by_decade",
        "chart-learning_curve",
        "table-validation_scheme_fits",
        "leakage",
        "chart-leakage",
        "table-leakage_texts",
        "table-leakage_columns",
        "methods",
    ];
    assert!(order.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{:?}", order.map(place));
}

#[test]
fn the_final_model_is_marked_in_its_row() {
    let page = page(&small::compared());
    assert!(page.contains("<tr class=\"marked\"><th scope=\"row\">gradient boosting (tuned)</th>"));
}

#[test]
fn only_the_tree_is_by_linfa_trees() {
    assert!(page(&small::report()).contains("by linfa-trees"));
    let compared = page(&small::compared());
    assert!(!compared.contains("linfa-trees") && compared.contains("Greedy"));
    assert!(!compared.contains("standardised with"));
}

#[test]
fn ids_are_unique_and_links_lead_somewhere() {
    let page = page(&small::compared());
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let distinct: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len());
    for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(distinct.contains(target), "{target}");
    }
}

#[test]
fn headings_descend_one_level_at_a_time() {
    let page = page(&small::compared());
    let levels: Vec<u32> =
        page.split("<h").skip(1).filter_map(|rest| rest.chars().next().and_then(|level| level.to_digit(10))).collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
}

#[test]
fn hostile_names_are_escaped() {
    const HOSTILE: &str = "<script>alert('x')</script>\"&.csv";
    let mut report = small::report();
    report.provenance.sources[0].name = HOSTILE.to_owned();
    report.provenance.settings.push(Setting::new(HOSTILE, SettingValue::Text(HOSTILE.to_owned())));
    let hostile = || HOSTILE.to_owned();
    report.provenance.simulated = true;
    report.provenance.command_lines = CommandLines { reproduce: hostile(), read_archive: hostile() };
    report.provenance.rejected = vec![(HOSTILE.to_owned(), 3)];
    report.provenance.version = HOSTILE.to_owned();
    let mut comparison = small::comparison();
    comparison.protocol = HOSTILE.to_owned();
    comparison.rows[0].title = HOSTILE.to_owned();
    comparison.boosting_search = Some(small::boosting_search());
    report.comparison = Some(comparison);
    let mut predictions = small::compared().predictions.expect("tracks are predicted");
    predictions.identity.titles.fill(hostile());
    predictions.identity.artists.fill(hostile());
    report.predictions = Some(predictions);
    let overview = &mut report.overview;
    overview.sample.iter_mut().for_each(|row| (row.title, row.artist) = (Some(hostile()), Some(hostile())));
    overview
        .artists
        .iter_mut()
        .flat_map(|all| all.most_tracks.iter_mut().chain(&mut all.most_hits))
        .for_each(|one| one.artist = hostile());
    let page = page(&report);
    assert_eq!(page.matches("<script").count(), 1, "only the page's own");
    assert!(balanced(&page).is_ok());
    assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"));
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let mut report = small::report();
    report.provenance.simulated = true;
    let page = page(&report);
    for loader in ["<link", "<img", "<iframe", " src=", "@import", "url(http", "url(//", "@font-face"] {
        assert!(!page.contains(loader), "{loader}");
    }
}

#[test]
fn the_only_script_is_admitted_by_its_hash() {
    use base64::prelude::{Engine, BASE64_STANDARD};
    use sha2::{Digest, Sha256};
    let page = page(&small::report());
    let (_, after) = page.split_once("<script>").expect("a script");
    let (script, rest) = after.split_once("</script>").expect("its end");
    assert!(!rest.contains("<script"));
    assert!(page.contains(&format!("script-src 'sha256-{}';", BASE64_STANDARD.encode(Sha256::digest(script)))));
    assert!(script.len() <= 40_960, "{}", script.len());
}

#[test]
fn the_banner_is_there_if_and_only_if_the_tracks_are_simulated() {
    let mut report = small::report();
    assert!(!page(&report).contains("class=\"banner\""));
    report.provenance.simulated = true;
    let page = page(&report);
    assert!(page.contains("class=\"banner\"") && page.contains("kaggle.com/datasets/theoverman"));
}

#[test]
fn dark_pages_recolour_each_neutral() {
    let page = page(&small::report());
    for (name, hex) in theme::NEUTRALS {
        assert!(page.contains(&format!("svg.chart [fill=\"{hex}\" i] {{ fill: var(--{name}); }}")), "{name}");
        assert!(page.contains(&format!("--{name}: ")), "{name}");
    }
}

#[test]
fn the_page_is_small_beside_its_charts() {
    assert!(page(&small::report()).len() < 400_000);
}

#[test]
fn the_commands_are_those_of_the_provenance() {
    let mut report = small::report();
    report.provenance.command_lines.read_archive = "the command of the archive".to_owned();
    assert!(page(&report).contains(&report.provenance.command_lines.reproduce));
    assert!(!page(&report).contains("the command of the archive"));
    report.provenance.simulated = true;
    assert!(page(&report).contains("\nthe command of the archive</code>"));
}
