//! What holds for every chart, on usual and on unusual reports. Text is measured by usvg, which lays it out in the shipped font.

mod unusual;
mod words;

use std::sync::LazyLock;

use resvg::usvg::{Group, Node, Rect};

use super::boosting_parameters::boosting_parameters;
use super::boosting_search::boosting_search;
use super::class_balance::class_balance;
use super::confusion::confusion;
use super::confusion_matrices::confusions;
use super::correlation::correlation;
use super::densities::{by_decade as density_by_decade, by_label as density_by_label};
use super::importances::importances;
use super::importances_by_model::importances_by_model;
use super::leaderboard::leaderboard;
use super::precision_recall::precision_recall;
use super::reliability::reliability;
use super::roc::roc;
use super::roc_curves::roc_curves;
use super::thresholds::thresholds;
use super::*;
use crate::findings::successive_halving::HalvingFigures;
use crate::fixtures::full::{self, report, usual};
use crate::Report;
use hitflop_core::track::Label;
use hitflop_data::explore::density::DensityView;
use hitflop_model::decision::Decision;
use hitflop_model::estimator::{EstimatorKind, EstimatorParams};
use hitflop_model::evaluation::Confusion;
use hitflop_model::explain::global::{Explanations, TrackName};
use hitflop_model::explain::local::ContributionScale;
use hitflop_model::fixtures;
use hitflop_model::param_value::ParamValue;
use hitflop_model::probabilities::ProbabilityQuality;
use hitflop_model::selection::leaderboard::Leaderboard;
use hitflop_model::selection::search::boosting::BoostingSearch;
use hitflop_model::selection::search::grid::GridSearch;

use unusual::{unusual_comparisons, unusual_explanations, unusual_probabilities, unusual_reports, unusual_robustness};

/// A usual report whose comparison is changed.
fn compared(change: impl Fn(&mut Leaderboard)) -> Report {
    let mut report = usual();
    report.comparison.iter_mut().for_each(change);
    report
}

/// The charts of explanations alone.
fn charts_of_explanations(report: &Report) -> Result<Vec<Chart>> {
    Ok(all(&Findings::of(report))?.split_off(17))
}

/// The charts of models alone, which an unusual comparison changes.
fn charts_of_models(report: &Report) -> Result<Vec<Chart>> {
    let Some(comparison) = &report.comparison else { return Ok(Vec::new()) };
    let mut charts = vec![
        leaderboard(comparison)?,
        roc_curves(comparison)?,
        confusions(comparison)?,
        importances_by_model(comparison)?,
    ];
    if let Some(search) = &comparison.boosting_search {
        let figures = HalvingFigures::of(search);
        charts.extend([boosting_search(search, &figures)?, boosting_parameters(search, &figures)?]);
    }
    if let Some(grid) = &comparison.grid {
        charts.extend(of_grid(grid, &GridFigures::of(grid))?);
    }
    Ok(charts)
}

/// The report and its charts, rendered once for all tests.
static EVERY_CHART: LazyLock<Vec<(String, Chart)>> = LazyLock::new(|| {
    let reports = unusual_reports().into_iter().chain([("usual", usual())]);
    let charts = reports.map(|(kind, report)| (kind, all(&Findings::of(&report)).expect("a chart is drawn")));
    let probabilities = unusual_probabilities().into_iter().map(|(kind, odd)| {
        let charts = [reliability(&odd), precision_recall(&odd), thresholds(&odd)];
        (kind, charts.map(|chart| chart.expect("a chart is drawn")).to_vec())
    });
    let of_models = unusual_comparisons().into_iter();
    let of_models = of_models.map(|(kind, report)| (kind, charts_of_models(&report).expect("a chart is drawn")));
    let of_explanations = unusual_explanations().into_iter();
    let of_explanations =
        of_explanations.map(|(kind, report)| (kind, charts_of_explanations(&report).expect("a chart is drawn")));
    let assessed = unusual_robustness().into_iter();
    let assessed = assessed.map(|(kind, found)| (kind, of_robustness(&found).expect("a chart is drawn")));
    charts
        .chain(of_models)
        .chain(of_explanations)
        .chain(probabilities)
        .chain(assessed)
        .flat_map(|(kind, charts)| charts.into_iter().map(move |chart| (format!("{kind}, {}", chart.name), chart)))
        .collect()
});

/// The words and the box of every text, in pixels of the chart.
fn texts(chart: &Chart) -> Vec<(String, Rect)> {
    fn collect(group: &Group, found: &mut Vec<(String, Rect)>) {
        for node in group.children() {
            match node {
                Node::Group(group) => collect(group, found),
                Node::Text(text) => {
                    let words = text.chunks().iter().map(|chunk| chunk.text()).collect();
                    found.push((words, text.abs_bounding_box()));
                }
                _ => {}
            }
        }
    }
    let tree = raster::parse(&chart.svg).expect("the SVG is well formed");
    let mut found = Vec::new();
    collect(tree.root(), &mut found);
    found
}

#[test]
fn there_are_charts_for_what_a_report_has() {
    let names = |report: &Report| -> Vec<String> {
        all(&Findings::of(report)).expect("a chart is drawn").into_iter().map(|chart| chart.name).collect()
    };
    let mut report = usual();
    let all = names(&report);
    assert_eq!(all.len(), 34);
    let robustness = report.robustness.as_mut().expect("robustness was measured");
    (robustness.cross_decade, robustness.learning_curve, robustness.leakage) = (None, None, None);
    assert_eq!(names(&report), all[..31]);
    report.robustness = None;
    assert_eq!(names(&report), all[..29]);
    report.explanations = None;
    assert_eq!(names(&report), all[..21]);
    let comparison = report.comparison.as_mut().expect("models are compared");
    (comparison.boosting_search, comparison.grid) = (None, None);
    assert_eq!(names(&report), all[..18]);
    report.comparison = None;
    assert_eq!(names(&report), [&all[..7], &all[11..18]].concat());
    report.evaluation = None;
    assert_eq!(names(&report), [&all[..7], &all[14..17]].concat());
    report.probabilities = None;
    assert_eq!(names(&report), all[..7]);
}

#[test]
fn every_svg_scales_and_speaks_and_keeps_its_text() {
    for (kind, chart) in EVERY_CHART.iter() {
        let head = chart.svg.lines().next().unwrap_or_default();
        assert!(
            head.contains(&format!("viewBox=\"0 0 {} {}\"", chart.width * 10, chart.height * 10)),
            "{kind}: {head}"
        );
        assert!(head.contains("role=\"img\"") && head.contains(theme::FONT_FAMILY), "{kind}: {head}");
        assert!(
            chart.svg.contains("<title>") && chart.svg.contains("<desc>") && chart.svg.contains("<text "),
            "{kind}"
        );
        assert_eq!(chart.svg.matches("font-family").count(), 1, "{kind}");
        let words: String = texts(chart).into_iter().map(|(words, _)| words + " ").collect();
        assert!(words.contains(chart.title.split(' ').next().unwrap_or_default()), "{kind}: {words}");
        assert!(!chart.caption.is_empty() && chart.alt.starts_with(chart.title.trim_end_matches('.')), "{kind}");
    }
}

#[test]
fn every_text_is_within_its_chart() {
    for (kind, chart) in EVERY_CHART.iter() {
        for (words, place) in texts(chart) {
            let (width, height) = (chart.width as f32, chart.height as f32);
            let within =
                place.left() >= 0.0 && place.top() >= 0.0 && place.right() <= width && place.bottom() <= height;
            assert!(within, "{kind}: {words:?} at {place:?} of {width} x {height}");
        }
    }
}

#[test]
fn no_text_overlaps_another() {
    for (kind, chart) in EVERY_CHART.iter() {
        let texts = texts(chart);
        for (index, (words, place)) in texts.iter().enumerate() {
            for (other, beside) in &texts[index + 1..] {
                let across = place.right().min(beside.right()) - place.left().max(beside.left());
                let down = place.bottom().min(beside.bottom()) - place.top().max(beside.top());
                assert!(across <= 0.5 || down <= 0.5, "{kind}: {words:?} {place:?} and {other:?} {beside:?}");
            }
        }
    }
}

/// The pictures of a chart that a page shows, each as a document of what is shown of it.
fn shown_pictures(chart: &Chart) -> Vec<Chart> {
    let pictures = chart.parts.pictures.iter().chain(&chart.parts.narrow);
    let alone = |picture: &Picture| {
        let root = "<svg xmlns=\"http://www.w3.org/2000/svg\" ";
        Chart { svg: picture.element().replacen("<svg ", root, 1), ..blank(&chart.name) }
    };
    pictures.map(alone).collect()
}

#[test]
fn no_text_of_a_picture_in_a_page_is_cut() {
    let mut cut = Vec::new();
    for (kind, chart) in EVERY_CHART.iter() {
        for (picture, shown) in chart.parts.pictures.iter().chain(&chart.parts.narrow).zip(shown_pictures(chart)) {
            let tree = raster::parse(&shown.svg).expect("the SVG is well formed");
            let (width, height) = (tree.size().width(), tree.size().height());
            assert!((f64::from(width) - picture.frame.width()).abs() < 1.0, "{kind}");
            cut.extend(texts(&shown).into_iter().filter_map(|(words, place)| {
                let within =
                    place.left() >= 0.0 && place.top() >= 0.0 && place.right() <= width && place.bottom() <= height;
                (!within).then(|| format!("{kind}: {words:?} at {place:?} of {width} x {height}"))
            }));
        }
    }
    assert!(cut.is_empty(), "{cut:#?}");
}

#[test]
fn no_text_overlaps_another_on_a_narrow_screen() {
    let mut overlaps = Vec::new();
    for (kind, chart) in EVERY_CHART.iter().filter(|(_, chart)| chart.parts.narrow.is_some()) {
        let texts = shown_pictures(chart).last().map(texts).unwrap_or_default();
        for (index, (words, place)) in texts.iter().enumerate() {
            for (other, beside) in &texts[index + 1..] {
                let across = place.right().min(beside.right()) - place.left().max(beside.left());
                let down = place.bottom().min(beside.bottom()) - place.top().max(beside.top());
                if across > 0.5 && down > 0.5 {
                    overlaps.push(format!("{kind}: {words:?} {place:?} and {other:?} {beside:?}"));
                }
            }
        }
    }
    assert!(overlaps.is_empty(), "{overlaps:#?}");
}

#[test]
fn every_chart_has_values_within_its_pictures() {
    for chart in all(&Findings::of(&usual())).expect("a chart is drawn") {
        for picture in chart.parts.pictures.iter().chain(&chart.parts.narrow) {
            assert!(!picture.values.is_empty(), "{}", chart.name);
            assert!(picture.values.len() <= 500, "{}: {} values", chart.name, picture.values.len());
            for value in &picture.values {
                let (frame, sheet) = (value.frame, picture.frame);
                let within = frame.left >= sheet.left && frame.right <= sheet.right;
                let within = within && frame.top >= sheet.top && frame.bottom <= sheet.bottom;
                assert!(within && frame.width() > 0.0 && frame.height() > 0.0, "{}: {value:?}", chart.name);
                assert!(!value.text.contains("NaN") && !value.text.is_empty(), "{}: {value:?}", chart.name);
            }
        }
        let titles = chart.svg.matches("<title>").count();
        let values: usize = chart.parts.pictures.iter().map(|picture| picture.values.len()).sum();
        assert_eq!(titles, values + 1, "{}: the file has them as well", chart.name);
    }
}

#[test]
fn our_measure_of_text_is_the_renderers() {
    for chart in all(&Findings::of(&usual())).expect("a chart is drawn") {
        let title = texts(&chart).into_iter().find(|(words, _)| chart.title.starts_with(words.as_str()));
        let (words, place) = title.expect("the title is drawn");
        let ours = canvas::text_width(&words, theme::TITLE);
        assert!((ours - f64::from(place.width())).abs() < 0.03 * ours, "{words}: {ours} and {}", place.width());
    }
}

#[test]
fn a_png_has_twice_the_pixels_and_starts_white() {
    for (kind, chart) in EVERY_CHART.iter() {
        let bytes = chart.png().expect("the PNG is encoded");
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("a PNG");
        assert_eq!((reader.info().width, reader.info().height), (chart.width * 2, chart.height * 2), "{kind}");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut pixels).expect("pixels");
        assert_eq!(pixels[..3], [255, 255, 255], "{kind}");
        assert!(pixels.iter().any(|channel| *channel < 64), "{kind}: nothing is drawn");
    }
}

#[test]
fn the_same_report_gives_the_same_bytes_at_any_number_of_threads() {
    let report = usual();
    let render = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            let charts = all(&Findings::of(&report)).expect("a chart is drawn");
            let pngs: Vec<Vec<u8>> = charts.iter().map(|chart| chart.png().expect("the PNG is encoded")).collect();
            (charts, pngs)
        })
    };
    assert_eq!(render(1), render(4));
}

#[test]
fn a_report_stays_small() {
    let charts = all(&Findings::of(&usual())).expect("a chart is drawn");
    let svg: usize = charts.iter().map(|chart| chart.svg.len()).sum();
    assert!(svg < 1_500_000, "{svg} bytes of SVG");
    for chart in charts {
        let png = chart.png().expect("the PNG is encoded").len();
        assert!(png < 500_000, "{}: {png} bytes", chart.name);
    }
}

/// The words in a chart.
fn words_of(chart: &Chart) -> Vec<String> {
    texts(chart).into_iter().map(|(words, _)| words).collect()
}
