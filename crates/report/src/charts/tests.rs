//! What holds for every chart, on usual and on odd reports. Text is measured by usvg, which lays it out in the shipped font.

use std::sync::LazyLock;

use resvg::usvg::{Group, Node, Rect};

use super::boosting_parameters::boosting_parameters;
use super::boosting_search::boosting_search;
use super::class_balance::class_balance;
use super::confusion::confusion;
use super::confusion_matrices::confusions;
use super::correlation::correlation;
use super::densities::{by_decade as density_by_decade, by_label as density_by_label};
use super::fixture::{report, usual};
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

/// A usual report whose comparison is changed.
fn compared(change: impl Fn(&mut Leaderboard)) -> Report {
    let mut report = usual();
    report.comparison.iter_mut().for_each(change);
    report
}

/// Comparisons that real data never gives, yet some data or settings might.
fn odd_comparisons() -> Vec<(&'static str, Report)> {
    let long = "a model of a rather long <description> & withanunbreakablewordofgreatlength ".repeat(3);
    let mut several = vec![
        ("one contender", compared(|comparison| comparison.contenders.truncate(1))),
        ("no contender", compared(|comparison| comparison.contenders.clear())),
        (
            "twenty contenders",
            compared(|comparison| {
                let again = comparison.contenders.clone();
                comparison.contenders.extend(again.iter().cycle().take(12).cloned());
            }),
        ),
        (
            "chosen by the user",
            compared(|comparison| {
                (comparison.chosen, comparison.chosen_by) =
                    (7, hitflop_model::selection::leaderboard::ChoiceReason::User);
            }),
        ),
        (
            "long titles",
            compared(|comparison| {
                comparison.contenders.iter_mut().for_each(|contender| contender.title = long.clone());
            }),
        ),
        (
            "ties",
            compared(|comparison| {
                let first = comparison.contenders[0].clone();
                comparison.contenders.fill(first);
            }),
        ),
        (
            "one fold",
            compared(|comparison| {
                comparison.folds = 1;
                comparison.contenders.iter_mut().for_each(|contender| contender.cross_validation.folds.truncate(1));
            }),
        ),
        (
            "no better than the baseline",
            compared(|comparison| {
                let scores = comparison.baseline.scores;
                for contender in &mut comparison.contenders {
                    contender.cross_validation.folds.fill(scores);
                    contender.evaluation.scores = scores;
                    contender.evaluation.roc.clear();
                }
            }),
        ),
        (
            "scores that are not numbers",
            compared(|comparison| {
                for contender in &mut comparison.contenders {
                    contender.cross_validation.folds.iter_mut().for_each(|fold| fold.roc_auc = f64::NAN);
                    contender.evaluation.scores.accuracy = f64::NAN;
                    contender.evaluation.importances.iter_mut().for_each(|one| one.share = f64::NAN);
                }
            }),
        ),
    ];
    several.extend(odd_searches());
    several
}

fn odd_searches() -> Vec<(&'static str, Report)> {
    let grid = |change: fn(&mut GridSearch)| compared(|comparison| comparison.grid.iter_mut().for_each(change));
    let search =
        |change: fn(&mut BoostingSearch)| compared(|comparison| comparison.boosting_search.iter_mut().for_each(change));
    vec![
        (
            "one point",
            grid(|grid| {
                grid.points.truncate(1);
                grid.best = 0;
            }),
        ),
        ("no point", grid(|grid| grid.points.clear())),
        (
            "a grid with gaps",
            grid(|grid| grid.points.retain(|point| point.n_estimators + point.min_samples_leaf != 503)),
        ),
        ("max_features that differ", grid(|grid| grid.points[0].accuracy[0] = 0.5)),
        (
            "a wide grid",
            grid(|grid| {
                for (index, point) in grid.points.iter_mut().enumerate() {
                    (point.n_estimators, point.min_samples_leaf) = (1_000_000 + index, 100 + index / 7);
                }
            }),
        ),
        (
            "one setting",
            search(|search| {
                search.candidates.truncate(1);
                search.rounds.truncate(1);
            }),
        ),
        ("no setting", search(|search| search.candidates.clear())),
        ("no round", search(|search| search.rounds.clear())),
        (
            "settings alike",
            search(|search| {
                let first = search.candidates[0].clone();
                search.candidates.fill(first);
            }),
        ),
        (
            "parameters without numbers",
            search(|search| {
                let params = search.candidates.iter_mut().step_by(2).flat_map(|candidate| &mut candidate.params);
                params.for_each(|(_, value)| *value = ParamValue::None);
            }),
        ),
    ]
}

/// Probabilities and thresholds that are not as usual.
fn odd_probabilities() -> Vec<(&'static str, ProbabilityQuality)> {
    let usual = fixtures::probabilities();
    let half = [0.5, 0.5, 0.5];
    let of = |decision: &Decision, truth: &[bool], raw: &[f64]| ProbabilityQuality::of(decision, None, truth, raw);
    let mut not_numbers = usual.clone();
    not_numbers.after.bins.iter_mut().for_each(|bin| bin.hit_share = f64::NAN);
    not_numbers.precision_recall.iter_mut().for_each(|point| point.precision = f64::NAN);
    not_numbers.test.curve.iter_mut().for_each(|point| point.accuracy = f64::NAN);
    (not_numbers.hit_share, not_numbers.test.chosen.precision) = (f64::NAN, Some(f64::NAN));
    vec![
        ("not calibrated", of(&Decision::fixed(0.3), &[true, false, true, false], &[0.9, 0.6, 0.5, 0.1])),
        ("one probability", of(&Decision::default(), &[true, false, true], &half)),
        ("one label", of(&Decision::fixed(0.0), &[true, true, true], &half)),
        ("no hit", of(&Decision::fixed(1.0), &[false, false, false], &half)),
        ("not a number", not_numbers),
    ]
}

/// Reports that real data never gives, yet some data might.
fn odd_reports() -> Vec<(&'static str, Report)> {
    let mut constant = usual();
    let groups =
        [&mut constant.summary.by_decade, &mut constant.summary.by_label, &mut constant.summary.by_decade_and_label];
    for mean in groups.into_iter().flatten().flat_map(|group| &mut group.means) {
        (mean.mean, mean.std, mean.half_width) = (0.5, 0.0, 0.0);
    }
    for density in &mut constant.densities {
        density.by_label.iter_mut().chain(&mut density.by_decade).for_each(|curve| curve.values.fill(f64::NAN));
    }
    let mut no_numbers = usual();
    for mean in no_numbers.summary.by_decade_and_label.iter_mut().step_by(3).flat_map(|group| &mut group.means) {
        (mean.mean, mean.std, mean.half_width) = (f64::NAN, f64::NAN, f64::NAN);
    }
    no_numbers.pearson.values.iter_mut().chain(&mut no_numbers.spearman.values).for_each(|row| row.fill(f64::NAN));
    for estimate in &mut no_numbers.mutual_information.mixed {
        (estimate.nats, estimate.null_q95) = (f64::NAN, f64::NAN);
    }
    let mut poor_model = usual();
    if let Some(evaluation) = &mut poor_model.evaluation {
        evaluation.scores.roc_auc = f64::NAN;
        evaluation.roc.iter_mut().for_each(|point| point.false_positive_rate = f64::NAN);
        evaluation.confusion =
            Confusion { true_negatives: 0, false_positives: 0, false_negatives: 0, true_positives: 0 };
        evaluation.importances.iter_mut().for_each(|importance| importance.share = 0.0);
    }
    let mut long_names = usual();
    long_names.pearson.names.iter_mut().for_each(|name| *name = name.repeat(9) + " <&\"'>");
    if let Some(evaluation) = &mut long_names.evaluation {
        let long = [("n_estimators", "1000000"), ("max_depth", "1000000"), ("learning_rate", "0.0123456789012345")];
        evaluation.params = hitflop_model::fixtures::params(EstimatorKind::Boosting, &long);
    }
    let mut extreme = usual();
    for density in &mut extreme.densities {
        if let DensityView::Linear { low, high, .. } = &mut density.view {
            (*low, *high) = (*low * 1e7, *high * 1e7);
        }
        density.grid.iter_mut().for_each(|value| *value *= 1e7);
    }
    for mean in extreme.summary.by_decade_and_label.iter_mut().flat_map(|group| &mut group.means) {
        mean.mean *= 1e6;
    }
    let mut empty = report(&[], &[]);
    empty.densities.iter_mut().for_each(|density| density.grid.clear());
    empty.pearson.names.clear();
    empty.mutual_information.mixed.clear();
    vec![
        ("constant", constant),
        ("not a number", no_numbers),
        ("poor model", poor_model),
        ("long names", long_names),
        ("extreme", extreme),
        ("empty", empty),
        ("one decade", report(&[1980], &Label::BOTH)),
        ("one label", report(&[1980, 1990], &[Label::Hit])),
        ("every decade", report(&[1930, 1940, 1950, 1960, 1970, 1980, 1990, 2000, 2010, 2020], &Label::BOTH)),
    ]
}

/// Explanations that real data never gives, yet some data might.
fn odd_explanations() -> Vec<(&'static str, Report)> {
    let explained = |change: fn(&mut Explanations)| {
        let mut report = usual();
        report.explanations.iter_mut().for_each(change);
        report
    };
    let numbers = |explanations: &mut Explanations, number: f64| {
        for one in &mut explanations.shap.features {
            one.mean_absolute = number;
            one.points.iter_mut().for_each(|point| point.contribution = number);
        }
        for one in &mut explanations.permutation.features {
            (one.roc_auc.mean, one.roc_auc.half_width) = (number, number);
        }
        // Probabilities, if they are numbers at all.
        let answer = if number.is_nan() { number } else { number.min(1.0) };
        for one in &mut explanations.partial_dependence {
            one.mean.fill(answer);
            one.individual.iter_mut().for_each(|curve| curve.fill(answer));
            one.by_decade.iter_mut().for_each(|curve| curve.mean.fill(answer));
        }
        for example in &mut explanations.examples {
            example.explanation.pushes.iter_mut().for_each(|push| push.contribution = number);
        }
    };
    let mut zeros = usual();
    zeros.explanations.iter_mut().for_each(|explanations| numbers(explanations, 0.0));
    let mut unknown = usual();
    unknown.explanations.iter_mut().for_each(|explanations| numbers(explanations, f64::NAN));
    let mut large = usual();
    large.explanations.iter_mut().for_each(|explanations| numbers(explanations, 12_345.678));
    vec![
        ("no contributions", zeros),
        ("contributions that are not numbers", unknown),
        ("large contributions", large),
        (
            "nothing explained",
            explained(|explanations| {
                explanations.shap.features.clear();
                explanations.permutation.features.clear();
                explanations.partial_dependence.clear();
                explanations.examples.clear();
            }),
        ),
        (
            "probabilities, few features, no decade",
            explained(|explanations| {
                explanations.shap.scale = ContributionScale::Probability;
                explanations.shap.features.truncate(2);
                explanations.partial_dependence.truncate(1);
                for example in &mut explanations.examples {
                    example.name = None;
                    let explanation = &mut example.explanation;
                    (explanation.scale, explanation.decade) = (ContributionScale::Probability, None);
                    explanation.pushes.truncate(1);
                    explanation.pushes[0].contribution = 0.04;
                }
            }),
        ),
        (
            "long names of tracks",
            explained(|explanations| {
                for example in &mut explanations.examples {
                    let long = "a title without an end ".repeat(9);
                    example.name = Some(TrackName { track: long.clone(), artist: long });
                }
            }),
        ),
    ]
}

/// Assessments that real data never gives, yet some data or settings might.
fn odd_assessments() -> Vec<(&'static str, Robustness)> {
    let changed = |change: fn(&mut Robustness)| {
        let mut assessment = usual().assessment.expect("the recipe is assessed");
        change(&mut assessment);
        assessment
    };
    vec![
        (
            "a long recipe",
            changed(|assessment| {
                let long = "a recipe of a rather long <description> & withanunbreakablewordofgreatlength ".repeat(3);
                assessment.protocols.recipe = long.clone();
                assessment.transfer.iter_mut().for_each(|transfer| transfer.recipe = long.clone());
            }),
        ),
        (
            "scores without intervals, or none",
            changed(|assessment| {
                for scores in &mut assessment.protocols.protocols {
                    scores.intervals = None;
                    scores.roc_auc.mean = f64::NAN;
                    scores.parts.iter_mut().for_each(|part| {
                        (part.intervals, part.scores.roc_auc) = (None, f64::NAN);
                    });
                }
                for scores in &mut assessment.protocols.by_decade {
                    (scores.intervals, scores.scores.accuracy) = (None, f64::NAN);
                }
                let cells = assessment.transfer.iter_mut().flat_map(|transfer| &mut transfer.roc_auc).flatten();
                cells.for_each(|cell| *cell = f64::NAN);
                let points = assessment.learning_curve.iter_mut().flat_map(|curve| &mut curve.points);
                points.for_each(|point| point.test_roc_auc = f64::NAN);
                let encoded = assessment.leaks.iter_mut().flat_map(|leaks| &mut leaks.encoded);
                encoded.for_each(|one| one.grouped.roc_auc = f64::NAN);
            }),
        ),
        (
            "hardly anything",
            changed(|assessment| {
                assessment.protocols.protocols.truncate(1);
                assessment.protocols.by_decade.truncate(1);
                assessment.learning_curve.iter_mut().for_each(|curve| curve.points.truncate(1));
                assessment.leaks.iter_mut().for_each(|leaks| leaks.texts.clear());
            }),
        ),
        (
            "nothing",
            changed(|assessment| {
                assessment.protocols.protocols.clear();
                assessment.protocols.by_decade.clear();
                assessment.learning_curve.iter_mut().for_each(|curve| curve.points.clear());
                assessment.leaks.iter_mut().for_each(|leaks| leaks.encoded.clear());
            }),
        ),
        (
            "worse than chance",
            changed(|assessment| {
                let texts = assessment.leaks.iter_mut().flat_map(|leaks| &mut leaks.texts);
                texts.for_each(|text| text.random.roc_auc = 0.1);
            }),
        ),
    ]
}

/// The charts of explanations alone.
fn charts_of_explanations(report: &Report) -> Result<Vec<Chart>> {
    Ok(all(&Findings::of(report))?.split_off(16))
}

/// The charts of models alone, which is what an odd comparison changes.
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

/// What is drawn, and its charts; drawn once for all tests.
static EVERY_CHART: LazyLock<Vec<(String, Chart)>> = LazyLock::new(|| {
    let reports = odd_reports().into_iter().chain([("usual", usual())]);
    let charts = reports.map(|(kind, report)| (kind, all(&Findings::of(&report)).expect("a chart is drawn")));
    let probabilities = odd_probabilities().into_iter().map(|(kind, odd)| {
        let charts = [reliability(&odd), precision_recall(&odd), thresholds(&odd)];
        (kind, charts.map(|chart| chart.expect("a chart is drawn")).to_vec())
    });
    let of_models = odd_comparisons().into_iter();
    let of_models = of_models.map(|(kind, report)| (kind, charts_of_models(&report).expect("a chart is drawn")));
    let of_explanations = odd_explanations().into_iter();
    let of_explanations =
        of_explanations.map(|(kind, report)| (kind, charts_of_explanations(&report).expect("a chart is drawn")));
    let assessed = odd_assessments().into_iter();
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
    assert_eq!(all.len(), 32);
    let assessment = report.assessment.as_mut().expect("the recipe is assessed");
    (assessment.transfer, assessment.learning_curve, assessment.leaks) = (None, None, None);
    assert_eq!(names(&report), all[..29]);
    report.assessment = None;
    assert_eq!(names(&report), all[..27]);
    report.explanations = None;
    assert_eq!(names(&report), all[..19]);
    let comparison = report.comparison.as_mut().expect("models are compared");
    (comparison.boosting_search, comparison.grid) = (None, None);
    assert_eq!(names(&report), all[..16]);
    report.comparison = None;
    assert_eq!(names(&report), [&all[..6], &all[10..16]].concat());
    report.evaluation = None;
    assert_eq!(names(&report), [&all[..6], &all[13..16]].concat());
    report.probabilities = None;
    assert_eq!(names(&report), all[..6]);
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

#[test]
fn titles_say_what_the_numbers_say() {
    let mut report = usual();
    for (group, (danceability, loudness)) in report.summary.by_label.iter_mut().zip([(0.4, -8.0), (0.6, -11.0)]) {
        for mean in &mut group.means {
            (mean.mean, mean.std) = match mean.feature.name() {
                "danceability" => (danceability, 0.2),
                "loudness" => (loudness, 5.0),
                _ => (1.0, 1.0),
            };
        }
    }
    let title = density_by_label(&report.densities, &report.summary).expect("a chart is drawn").title;
    assert_eq!(title, "Hits are more danceable and quieter than flops");
    let title = class_balance(&report.summary).expect("a chart is drawn").title;
    assert!(title.starts_with("Every decade holds as many hits as flops"), "{title}");
    report.summary.by_decade_and_label[0].rows = 1;
    let title = class_balance(&report.summary).expect("a chart is drawn").title;
    assert!(title.starts_with("50\u{a0}% of the tracks are hits; the 1970s hold the most tracks, 6,000"), "{title}");
    let (closest, names) = (&mut report.pearson.values, &report.pearson.names);
    closest.iter_mut().for_each(|row| row.fill(0.1));
    closest[3][1] = -0.7;
    closest[16][5] = 0.4;
    let expected = format!(
        "Closest pair: {} and {} (r\u{a0}=\u{a0}−0.70); closest to the label: {} (r\u{a0}=\u{a0}0.40)",
        names[1], names[3], names[5]
    );
    assert_eq!(correlation(&report.pearson, &report.spearman).expect("a chart is drawn").title, expected);
}

#[test]
fn numbers_in_words_are_those_of_the_report() {
    let mut report = usual();
    for group in &mut report.summary.by_label {
        let is_hit = group.label == Some(Label::Hit);
        group.means[3].mean = if is_hit { -8.25 } else { -11.75 };
    }
    let alt = density_by_label(&report.densities, &report.summary).expect("a chart is drawn").alt;
    let (flops, hits) = alt.split_once(". Hits: ").expect("both labels are told");
    assert!(flops.contains("loudness −11.8 dB") && hits.contains("loudness −8.2 dB"), "{alt}");

    let key = report.densities.iter_mut().find(|density| density.feature.name() == "key").expect("key is drawn");
    for curve in &mut key.by_decade {
        let names_d = key.grid.iter().map(|class| if *class == 2.0 { 0.25 } else { 0.05 });
        curve.values = names_d.collect();
    }
    let alt = density_by_decade(&report.densities, &report.summary).expect("a chart is drawn").alt;
    assert_eq!(alt.matches("key D (25.0 %)").count(), 2, "{alt}");
    assert!(alt.contains("1960s: ") && alt.contains("2010s: ") && !alt.contains("1980s"), "{alt}");

    let evaluation = report.evaluation.as_mut().expect("the usual report has a model");
    evaluation.confusion.true_positives = 3_456;
    for (importance, share) in evaluation.importances.iter_mut().zip([0.9995, 0.0004, 0.0]) {
        importance.share = share;
    }
    let names: Vec<&str> = evaluation.importances[1..3].iter().map(|importance| importance.feature.name()).collect();
    let alt = importances(evaluation).expect("a chart is drawn").alt;
    assert!(alt.contains(&format!("{} under 0.1\u{a0}%", names[0])), "{alt}");
    assert!(alt.contains(&format!("{} not used", names[1])), "{alt}");
    assert!(confusion(evaluation).expect("a chart is drawn").alt.contains("3,456 called hits"));
}

#[test]
fn bars_show_their_count_or_an_axis() {
    let texts_of = |report: &Report| -> Vec<String> {
        texts(&class_balance(&report.summary).expect("a chart is drawn")).into_iter().map(|(words, _)| words).collect()
    };
    let mut report = usual();
    let words = texts_of(&report);
    assert_eq!(words.iter().filter(|words| *words == "3,000").count(), 12, "{words:?}");
    assert!(!words.iter().any(|words| words == "1,000"), "{words:?}");
    report.summary.by_decade_and_label[0].rows = 3_000_000_000_000_000;
    assert!(texts_of(&report).iter().any(|words| words == "tracks"));
}

#[test]
fn captions_name_what_was_done_to_a_density() {
    let mut report = usual();
    report.densities.retain(|density| ["instrumentalness", "tempo"].contains(&density.feature.name()));
    report.densities[0].view = DensityView::Log { low: 1e-6, high: 1.0 };
    report.densities[1].view = DensityView::Linear { low: 60.0, high: 200.0, cut: Some(0.995), reflected: false };
    let chart = density_by_label(&report.densities, &report.summary).expect("a chart is drawn");
    assert!(
        chart.caption.contains("In instrumentalness tracks with exactly 0 stand at the left end"),
        "{}",
        chart.caption
    );
    assert!(chart.caption.contains("Tails of tempo are cut"), "{}", chart.caption);
    assert!(chart.caption.contains("instrumentalness are corrected by reflection"), "{}", chart.caption);
    let words: Vec<String> = texts(&chart).into_iter().map(|(words, _)| words).collect();
    for expected in ["density per tenfold", "exactly 0 at the left end, smoothed"] {
        assert!(words.iter().any(|words| words == expected), "{expected} in {words:?}");
    }
}

/// The words drawn in a chart.
fn words_of(chart: &Chart) -> Vec<String> {
    texts(chart).into_iter().map(|(words, _)| words).collect()
}

#[test]
fn the_leaderboard_says_what_is_best_and_where_the_baseline_is() {
    let comparison = fixture::comparison();
    let chart = leaderboard(&comparison).expect("a chart is drawn");
    assert!(chart.title.starts_with("Gradient boosting (all) ranks best of 8: ROC\u{a0}AUC 0.89"), "{}", chart.title);
    let text = words_of(&chart).join(" ");
    assert!(text.contains("ROC AUC 0.50 and accuracy 50.0\u{a0}% (off both scales)"), "{text}");
    assert!(chart.alt.contains("decision tree (notebook): ROC AUC 0.82"), "{}", chart.alt);
    let mean = comparison.contenders[4].cross_validation.mean().roc_auc;
    assert!(text.contains(&format!("{mean:.4}")), "{text}");
    let near = compared(|comparison| comparison.baseline.scores.accuracy = 0.77);
    let chart = leaderboard(near.comparison.as_ref().expect("models are compared")).expect("a chart is drawn");
    assert!(words_of(&chart).join(" ").contains("dashed where its scale holds it"));
}

#[test]
fn charts_of_the_test_rows_name_their_split_not_the_folds() {
    let comparison = fixture::comparison();
    for chart in [roc_curves(&comparison), confusions(&comparison)] {
        let chart = chart.expect("a chart is drawn");
        let split = comparison.contenders[0].evaluation.hold_out.protocol();
        let expected = format!("of 8 models on 7,200 test rows ({split})");
        assert!(chart.caption.contains(&expected) && !chart.caption.contains("fold"), "{}", chart.caption);
    }
}

#[test]
fn curves_are_ranked_by_their_area_not_by_the_folds() {
    let mut comparison = fixture::comparison();
    comparison.contenders[7].evaluation.scores.roc_auc = 0.95;
    let chart = roc_curves(&comparison).expect("a chart is drawn");
    assert!(chart.alt.contains("Area under the curve: decision tree (notebook) 0.9500, gradient boosting (all)"));
    let words = words_of(&chart);
    assert!(words.iter().any(|words| words == "1 decision tree (notebook), 0.9500"), "{words:?}");
    let ranks = words.iter().filter(|words| words.len() == 1).count();
    assert_eq!(ranks, 8, "each curve's number stands at its end: {words:?}");
}

#[test]
fn small_multiples_tell_which_way_models_err() {
    let mut comparison = fixture::comparison();
    assert!(confusions(&comparison)
        .expect("a chart is drawn")
        .title
        .starts_with("Every model takes more flops for hits"));
    comparison.contenders[0].evaluation.confusion.false_positives = 0;
    let chart = confusions(&comparison).expect("a chart is drawn");
    assert_eq!(chart.title, "7 of 8 models take more flops for hits than hits for flops");
    let counts = comparison.contenders[3].evaluation.confusion;
    assert!(words_of(&chart).contains(&crate::format::count(counts.true_positives)));
}

#[test]
fn importances_stand_side_by_side() {
    let mut comparison = fixture::comparison();
    for contender in &mut comparison.contenders {
        for one in &mut contender.evaluation.importances {
            one.share = if one.feature.name() == "energy" { 0.9996 } else { 0.0004 };
        }
    }
    let chart = importances_by_model(&comparison).expect("a chart is drawn");
    assert_eq!(chart.title, "Energy is what every model draws on most");
    let words = words_of(&chart);
    let number = |text: &str| words.iter().filter(|words| *words == text).count();
    assert_eq!((number("100.0"), number("gain"), number("impurity")), (8, 4, 4));
    assert_eq!(number("–"), 2 * 5 + 2, "five models lack sections and decade, two the sections: {words:?}");
    assert!(number("< 0.1") > 100);
}

#[test]
fn the_grid_is_drawn_once_where_names_mean_the_same() {
    let comparison = fixture::comparison();
    let mut grid = comparison.grid.expect("a grid was searched");
    let chart = grid_search::grid_search(&grid, &GridFigures::of(&grid)).expect("a chart is drawn");
    assert!(chart.title.starts_with("max_depth moves the accuracy by 2.5"), "{}", chart.title);
    let cells =
        |chart: &Chart| words_of(chart).iter().filter(|words| words.len() == 5 && words.starts_with('7')).count();
    assert_eq!(cells(&chart), 72);
    assert!(chart.caption.contains("auto and sqrt of max_features have the same scores"), "{}", chart.caption);
    grid.points[0].accuracy[0] += 0.001;
    let chart = grid_search::grid_search(&grid, &GridFigures::of(&grid)).expect("a chart is drawn");
    assert_eq!(cells(&chart), 144);
    assert!(!chart.caption.contains("share a panel"), "{}", chart.caption);
}

#[test]
fn the_search_says_what_it_leaves_off_its_scale() {
    let search = fixture::comparison().boosting_search.expect("a search was made");
    let chart = boosting_search(&search, &HalvingFigures::of(&search)).expect("a chart is drawn");
    assert!(chart.title.contains("The best of 60 settings") && chart.title.contains("the 6 of the last round"));
    assert!(words_of(&chart).iter().any(|words| words.contains(" more below, down to −0.0")));
    assert!(chart.alt.contains("Round 2: 20 settings on 3 folds"), "{}", chart.alt);
}

#[test]
fn titles_name_each_kind_of_model_rightly() {
    let mut evaluation = usual().evaluation.expect("the usual report has a model");
    for (kind, subject, measure) in [
        (EstimatorKind::Forest, "The random forest ", "impurity decrease"),
        (EstimatorKind::Boosting, "Gradient boosting ", "gain"),
    ] {
        evaluation.params = EstimatorParams::of(kind);
        for chart in [roc(&evaluation), confusion(&evaluation), importances(&evaluation)] {
            let chart = chart.expect("a chart is drawn");
            assert!(chart.title.starts_with(subject), "{}", chart.title);
        }
        let words = words_of(&importances(&evaluation).expect("a chart is drawn")).join(" ");
        assert!(words.contains(&format!("share of the {measure}")), "{words}");
    }
}
