//! A report of the shape of the real one, from formulas: for tests, and for the benchmark, which includes this file.

use crate::{Provenance, Report};
use hitflop_core::seed::Seed;
use hitflop_core::track::{Decade, Feature, FeatureKind, Label, TARGET};
use hitflop_data::explore::correlation::CorrelationMatrix;
use hitflop_data::explore::density::{DensityCurve, DensityView, FeatureDensity};
use hitflop_data::explore::mutual_information::{Estimate, MutualInformation};
use hitflop_data::explore::selection::FeatureSelection;
use hitflop_data::explore::summary::{GroupMean, GroupSummary, Summary};
use hitflop_data::ingest::quality::Quality;
use hitflop_metrics::bootstrap::{ConfidenceInterval, ScoreIntervals};
use hitflop_metrics::split::Folds;
use hitflop_metrics::split::GroupFigures;
use hitflop_model::dataset::duplicates::{DuplicateFigures, Duplicates};
use hitflop_model::decision::{decide, DecisionRule};
use hitflop_model::estimator::{EstimatorKind, EstimatorParams};
use hitflop_model::evaluation::{Confusion, Evaluation, Importance, RocPoint, Scores};
use hitflop_model::explain::counterfactual::{Counterfactual, Counterfactuals, FeatureChange};
use hitflop_model::explain::global::{
    self, BeeswarmPoint, Example, ExampleKind, Explanations, FeatureShap, HeldOutKind, ShapSummary, TrackName,
};
use hitflop_model::explain::local::{Contribution, ContributionScale, Explanation};
use hitflop_model::explain::partial_dependence::{DecadeCurve, PartialDependence};
use hitflop_model::explain::permutation::{Permutation, PermutationImportance, ScoreDrop};
use hitflop_model::fixtures::params;
use hitflop_model::param_value::ParamValue;
use hitflop_model::probabilities::ProbabilityQuality;
use hitflop_model::reference::PercentileRank;
use hitflop_model::selection::cross_validation::CrossValidation;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::hold_out::HoldOut;
use hitflop_model::selection::leaderboard::{Baseline, ChoiceReason, Cost, Leaderboard, LeaderboardRow};
use hitflop_model::selection::search::boosting::{BoostingSearch, HalvingRound, SearchCandidate};
use hitflop_model::selection::search::grid::{GridPoint, GridSearch};
use hitflop_model::validation::cross_decade::CrossDecadeScores;
use hitflop_model::validation::leakage::{
    ArtistEncoding, ColumnKind, ColumnScores, EncodedScores, HeldOutScores, Leakage, ProbedColumn, SingleScore,
};
use hitflop_model::validation::learning_curve::{CurvePoint, LearningCurve};
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::{
    DecadeScores, SchemeComparison, SchemeFit, SchemeScores, ScoreSummary, ValidationBudget, ValidationScheme,
};

const ROWS: u64 = 3000;
const POINTS: usize = 201;

/// A report of these decades (first years) and labels.
pub fn report(years: &[i32], labels: &[Label]) -> Report {
    let decades: Vec<Decade> = years.iter().filter_map(|year| Decade::from_year(*year)).collect();
    Report {
        provenance: Provenance {
            version: "0.0.0".to_owned(),
            command: "run".to_owned(),
            seed: 42,
            simulated: true,
            sources: Vec::new(),
            rejected: Vec::new(),
            data: Vec::new(),
            settings: Vec::new(),
        },
        quality: quality(),
        out_of_range: Vec::new(),
        summary: summary(&decades, labels),
        pearson: correlations(0.0),
        spearman: correlations(0.4),
        mutual_information: mutual_information(),
        densities: Feature::AUDIO.iter().map(|feature| density(*feature, &decades, labels)).collect(),
        selection: FeatureSelection {
            max_correlation: 0.8,
            min_mutual_information: 0.0,
            kept: Vec::new(),
            dropped: Vec::new(),
        },
        evaluation: Some(evaluation()),
        comparison: Some(comparison()),
        explanations: Some(explanations(&decades)),
        probabilities: Some(probabilities()),
        assessment: Some(assessment(&decades)),
    }
}

/// A report like the real one: six decades, both labels.
pub fn usual() -> Report {
    report(&[1960, 1970, 1980, 1990, 2000, 2010], &Label::BOTH)
}

fn quality() -> Quality {
    Quality {
        unique_uris: 0,
        rows_beyond_first_per_uri_and_decade: 0,
        uri_and_decade_with_both_labels: 0,
        uris_in_several_decades: 0,
        uris_with_both_labels: 0,
        rows_whose_15_audio_values_occur_elsewhere: 0,
        artists: 0,
        share_of_artists_with_one_label: 0.0,
        share_of_rows_by_artists_with_one_label: 0.0,
    }
}

/// Centre and spread of a feature, of the size that it has in real data.
fn location(feature: Feature) -> (f64, f64) {
    match feature {
        Feature::Key => (5.2, 3.5),
        Feature::Loudness => (-10.2, 5.3),
        Feature::Tempo => (119.3, 29.1),
        Feature::DurationMs => (234_877.0, 98_967.0),
        Feature::TimeSignature => (3.9, 0.4),
        Feature::ChorusHit => (40.1, 19.0),
        Feature::Sections => (10.5, 4.9),
        Feature::Decade => (1982.8, 17.5),
        _ => (0.45, 0.2),
    }
}

/// How many spreads a group lies above the centre.
fn shift(feature: Feature, decade: Option<Decade>, label: Option<Label>) -> f64 {
    let wave = (feature as usize as f64 * 1.7).sin();
    let years = decade.map_or(0.0, |decade| f64::from(decade.year() - 1985) / 50.0);
    let side = match label {
        Some(Label::Hit) => 0.35,
        Some(Label::Flop) => -0.35,
        None => 0.0,
    };
    wave * side + (feature as usize as f64 * 2.3).cos() * years
}

fn group(decade: Option<Decade>, label: Option<Label>, rows: u64) -> GroupSummary {
    let mean = |feature: Feature| {
        let (centre, std) = location(feature);
        let mean = centre + shift(feature, decade, label) * std;
        GroupMean { feature, mean, std, half_width: 1.96 * std / (rows as f64).sqrt() }
    };
    GroupSummary { decade, label, rows, means: Feature::ALL.into_iter().map(mean).collect() }
}

fn summary(decades: &[Decade], labels: &[Label]) -> Summary {
    let count = (decades.len() * labels.len()) as u64;
    Summary {
        rows: ROWS * count,
        describe: Vec::new(),
        overall: group(None, None, ROWS * count),
        by_decade: decades.iter().map(|decade| group(Some(*decade), None, ROWS * labels.len() as u64)).collect(),
        by_label: labels.iter().map(|label| group(None, Some(*label), ROWS * decades.len() as u64)).collect(),
        by_decade_and_label: decades
            .iter()
            .flat_map(|decade| labels.iter().map(|label| group(Some(*decade), Some(*label), ROWS)))
            .collect(),
    }
}

fn correlations(phase: f64) -> CorrelationMatrix {
    let names: Vec<String> =
        Feature::ALL.iter().map(|feature| feature.name().to_owned()).chain([TARGET.to_owned()]).collect();
    let value = |row: usize, column: usize| match row == column {
        true => 1.0,
        false => ((row * column) as f64 * 0.9 + (row + column) as f64 + phase).sin() * 0.9,
    };
    let values = (0..names.len()).map(|row| (0..names.len()).map(|column| value(row, column)).collect()).collect();
    CorrelationMatrix { names, values }
}

fn mutual_information() -> MutualInformation {
    let estimate = |feature: Feature| Estimate {
        feature,
        discrete: feature.info().kind == FeatureKind::Category,
        nats: 0.12 * (feature as usize as f64 * 1.3).sin().abs().powi(3),
        draw_std: 0.001,
        null_mean: 0.001,
        null_q95: 0.004,
        p_value: 0.01,
    };
    let all: Vec<Estimate> = Feature::ALL.into_iter().map(estimate).collect();
    MutualInformation { neighbours: 3, draws: 5, permutations: 20, all_continuous: all.clone(), mixed: all }
}

fn view(feature: Feature) -> DensityView {
    let (centre, spread) = location(feature);
    match feature {
        Feature::DurationMs => DensityView::Log { low: 30_000.0, high: 1_200_000.0 },
        Feature::Speechiness => DensityView::Linear { low: 0.0, high: 0.43, cut: Some(0.99), reflected: true },
        _ if feature.info().kind == FeatureKind::Category => DensityView::Shares,
        _ if feature.info().unit.is_empty() => {
            DensityView::Linear { low: 0.0, high: centre * 2.2, cut: None, reflected: true }
        }
        _ => {
            DensityView::Linear { low: centre - 3.0 * spread, high: centre + 3.0 * spread, cut: None, reflected: false }
        }
    }
}

fn grid(view: DensityView, feature: Feature) -> Vec<f64> {
    let part = |index: usize| index as f64 / (POINTS - 1) as f64;
    match view {
        DensityView::Linear { low, high, .. } => (0..POINTS).map(|index| low + (high - low) * part(index)).collect(),
        DensityView::Log { low, high } => (0..POINTS).map(|index| low * (high / low).powf(part(index))).collect(),
        DensityView::Shares => match feature {
            Feature::Key => (0..12).map(f64::from).collect(),
            Feature::Mode => vec![0.0, 1.0],
            _ => vec![0.0, 1.0, 3.0, 4.0, 5.0],
        },
    }
}

fn density(feature: Feature, decades: &[Decade], labels: &[Label]) -> FeatureDensity {
    let view = view(feature);
    let grid = grid(view, feature);
    let curve = |decade: Option<Decade>, label: Option<Label>| {
        let (centre, spread) = location(feature);
        let middle = centre + shift(feature, decade, label) * spread;
        let bell = |value: &f64| (-0.5 * ((value - middle) / spread).powi(2)).exp() / (spread * 2.506_628);
        let mut values: Vec<f64> = grid.iter().map(bell).collect();
        if view == DensityView::Shares {
            let sum: f64 = values.iter().sum();
            values.iter_mut().for_each(|value| *value /= sum);
        }
        DensityCurve { decade, label, bandwidth: spread / 10.0, values }
    };
    FeatureDensity {
        feature,
        view,
        by_label: labels.iter().map(|label| curve(None, Some(*label))).collect(),
        by_decade: decades.iter().map(|decade| curve(Some(*decade), None)).collect(),
        grid,
    }
}

fn evaluation() -> Evaluation {
    let point = |index: u32| {
        let rate = f64::from(index) / 120.0;
        RocPoint { false_positive_rate: rate, true_positive_rate: rate.powf(0.25), threshold: 1.0 - rate }
    };
    let shares = Feature::ALL
        .into_iter()
        .enumerate()
        .map(|(place, feature)| Importance { feature, share: 0.5f64.powi(place as i32 + 1) });
    Evaluation {
        params: params(EstimatorKind::Tree, &[("max_depth", "7"), ("min_samples_leaf", "2")]),
        hold_out: HoldOut::default(),
        train_rows: 28_800,
        test_rows: 7_200,
        features: Feature::ALL.to_vec(),
        threshold: 0.5,
        scores: scores(0.76, 0.8),
        majority_accuracy: 0.5,
        confusion: Confusion {
            true_negatives: 2376,
            false_positives: 1224,
            false_negatives: 504,
            true_positives: 3096,
        },
        roc: (0..=120).map(point).collect(),
        importances: shares.collect(),
    }
}

fn scores(accuracy: f64, roc_auc: f64) -> Scores {
    Scores {
        accuracy,
        precision: accuracy - 0.04,
        recall: accuracy + 0.08,
        f1: accuracy + 0.02,
        roc_auc,
        average_precision: roc_auc - 0.01,
        brier: 0.3 - roc_auc / 6.0,
        log_loss: 1.3 - roc_auc,
    }
}

/// Probabilities of an estimator that is too sure of itself, calibrated and with a threshold for the greatest accuracy.
fn probabilities() -> ProbabilityQuality {
    let draw = |rows: std::ops::Range<usize>| -> (Vec<bool>, Vec<f64>) {
        let one = |row: usize| {
            let probability = (wobble(3 * row) + 1.0).clamp(0.002, 1.998) / 2.0;
            let odds = (probability / (1.0 - probability)).powi(2);
            ((wobble(5 * row + 1) + 1.0) / 2.0 < probability, odds / (1.0 + odds))
        };
        rows.map(one).unzip()
    };
    let ((truth, out_of_fold), (test, raw)) = (draw(0..7_200), draw(7_200..9_000));
    let folds = Folds::stratified(&truth, 5, 42).expect("there are hits and flops");
    let wish = DecisionRule::default();
    let (decision, evidence) = decide(&wish, truth, out_of_fold, &folds).expect("any accuracy is reached");
    ProbabilityQuality::of(&decision, Some(&evidence), &test, &raw)
}

/// Something between −1 and 1 that looks like chance.
fn wobble(index: usize) -> f64 {
    (index as f64 * 12.9898).sin() * (index as f64 * 4.1414).cos()
}

/// A model like that of a single report, of this area under the ROC curve.
fn contender(place: usize, title: &str, params: EstimatorParams, set: FeatureSet, roc_auc: f64) -> LeaderboardRow {
    let fold = |index: usize| {
        let roc_auc =
            roc_auc + 0.005 * wobble(index + 3 * usize::from(roc_auc < 0.85)) + 0.001 * wobble(7 * place + index);
        scores(roc_auc * 0.75 + 0.135, roc_auc)
    };
    let test = roc_auc + 0.002 * wobble(place + 40);
    let steepness = 1.0 / test - 1.0;
    let point = |index: u32| {
        let rate = (f64::from(index) / 150.0).powi(3);
        RocPoint { false_positive_rate: rate, true_positive_rate: rate.powf(steepness), threshold: 1.0 - rate }
    };
    let kept: Vec<Feature> = Feature::ALL.into_iter().filter(|feature| *feature != Feature::Sections).collect();
    let features = set.features(&kept);
    let weight = |feature: Feature| 0.02 + ((feature as usize + place / 3) as f64 * 1.9).sin().abs().powi(4);
    let whole: f64 = features.iter().map(|feature| weight(*feature)).sum();
    let share = |&feature: &Feature| Importance { feature, share: weight(feature) / whole };
    let mut importances: Vec<Importance> = features.iter().map(share).collect();
    importances.sort_by(|a, b| b.share.total_cmp(&a.share));
    let wrong = (3_600.0 * (1.0 - test * 0.75 - 0.135)) as u64;
    LeaderboardRow {
        title: title.to_owned(),
        params: vec![("n_estimators".to_owned(), "500".to_owned())],
        feature_set: set,
        cross_validation: CrossValidation { folds: (0..5).map(fold).collect() },
        evaluation: Evaluation {
            params,
            scores: scores(test * 0.75 + 0.135, test),
            confusion: Confusion {
                true_negatives: 3_600 - wrong - 200,
                false_positives: wrong + 200,
                false_negatives: wrong - 200,
                true_positives: 3_600 - wrong + 200,
            },
            roc: (0..=150).map(point).collect(),
            importances,
            features,
            ..evaluation()
        },
        cost: Cost { fit_seconds: 0.3 + place as f64, predict_seconds_per_row: 3e-6, artifact_bytes: 9_000_000 },
    }
}

/// Eight models, as far apart as the real ones.
pub fn comparison() -> Leaderboard {
    use FeatureSet::{All, Notebook, Selected};
    let tuned =
        || params(EstimatorKind::Boosting, &[("n_estimators", "800"), ("num_leaves", "63"), ("learning_rate", "0.03")]);
    let notebook =
        params(EstimatorKind::Boosting, &[("max_depth", "3"), ("num_leaves", "none"), ("learning_rate", "0.05")]);
    let grid = || params(EstimatorKind::Forest, &[("n_estimators", "500"), ("min_samples_leaf", "2")]);
    let forest = params(EstimatorKind::Forest, &[("max_depth", "5"), ("min_samples_leaf", "3")]);
    let tree = params(EstimatorKind::Tree, &[("max_depth", "7"), ("min_samples_leaf", "2")]);
    let models = [
        ("gradient boosting (all)", tuned(), All, 0.896),
        ("gradient boosting (selected)", tuned(), Selected, 0.894),
        ("random forest (selected)", grid(), Selected, 0.888),
        ("gradient boosting (notebook's features)", tuned(), Notebook, 0.873),
        ("random forest (notebook's grid)", grid(), Notebook, 0.870),
        ("gradient boosting (notebook)", notebook, Notebook, 0.850),
        ("random forest (notebook)", forest, Notebook, 0.835),
        ("decision tree (notebook)", tree, Notebook, 0.822),
    ];
    let contenders = models.into_iter().enumerate();
    Leaderboard {
        protocol: "5 stratified folds of the 28800 training rows, seed 42; test: random 80/20, seed 42".to_owned(),
        folds: 5,
        baseline: Baseline {
            cross_validation: CrossValidation { folds: vec![scores(0.5, 0.5); 5] },
            scores: scores(0.5, 0.5),
        },
        contenders: contenders
            .map(|(place, (title, params, set, auc))| contender(place, title, params, set, auc))
            .collect(),
        chosen: 0,
        chosen_by: ChoiceReason::CrossValidation,
        boosting_search: Some(boosting_search()),
        grid: Some(grid_search()),
    }
}

/// Sixty settings in three rounds, every fourth of which is leaf-wise.
fn boosting_search() -> BoostingSearch {
    let candidate = |index: usize| {
        let part = |nth: usize| (wobble(17 * index + nth) + 1.0) / 2.0;
        let is_symmetric = !index.is_multiple_of(4);
        let (depth, leaves) = ((5.0 + 3.0 * part(1)).round(), (24.0 + 24.0 * part(2)).round());
        let loss = 0.004 * (depth - 7.0).powi(2) + 0.0004 * (leaves - 31.0).abs() + 0.002 * part(3);
        let (max_depth, num_leaves) = match is_symmetric {
            true => (depth.to_string(), "none".to_owned()),
            false => ("none".to_owned(), leaves.to_string()),
        };
        let params = [
            ("colsample_bytree", format!("{:.2}", 0.5 + 0.5 * part(3))),
            ("l2_regularization", format!("{:.2}", 30f64.powf(part(4)))),
            ("max_depth", max_depth),
            ("n_estimators", (240 + 15 * (index % 5)).to_string()),
            ("num_leaves", num_leaves),
            ("subsample", format!("{:.1}", 0.6 + 0.4 * part(6))),
            ("symmetric", is_symmetric.to_string()),
        ];
        (
            0.8955 - loss + 0.001 * wobble(index),
            params.map(|(name, value)| (name.to_owned(), ParamValue::parse(&value))).to_vec(),
        )
    };
    let mut drawn: Vec<(f64, Vec<(String, ParamValue)>)> = (0..60).map(candidate).collect();
    drawn.sort_by(|a, b| b.0.total_cmp(&a.0));
    let last_round = |place: usize| if place < 6 { 2 } else { u64::from(place < 20) };
    let candidates = drawn.into_iter().enumerate().map(|(place, (roc_auc, params))| {
        let folds = [1, 3, 5][last_round(place) as usize];
        let fold = |fold: usize| roc_auc + 0.003 * wobble(fold + 5) + 0.0004 * wobble(place + fold);
        let roc_auc: Vec<f64> = (0..folds).map(fold).collect();
        SearchCandidate {
            params,
            trees: (0..folds as u64).map(|fold| 240 + 15 * fold).collect(),
            log_loss: roc_auc.iter().map(|roc_auc| 1.3 - roc_auc).collect(),
            roc_auc,
            last_round: last_round(place),
        }
    });
    let rounds = [(60, 1), (20, 3), (6, 5)].map(|(candidates, folds)| HalvingRound { candidates, folds });
    BoostingSearch {
        seed: 42,
        learning_rate: 0.1,
        n_estimators: 300,
        rounds: rounds.to_vec(),
        candidates: candidates.collect(),
        best: 0,
        rows_per_fit: 23_040.0,
        rows: 28_800,
        final_learning_rate: 0.04,
        final_n_estimators: 891,
    }
}

/// The notebook's 144 points.
fn grid_search() -> GridSearch {
    let mut points = Vec::new();
    for (bootstrap, max_depth) in
        [true, false].into_iter().flat_map(|one| [(one, Some(5)), (one, Some(10)), (one, None)])
    {
        for max_features in ["auto", "sqrt"] {
            for min_samples_leaf in [2, 3, 4] {
                for (min_samples_split, n_estimators) in [(2, 200), (2, 500), (5, 200), (5, 500)] {
                    let depth = max_depth.map_or(0.0, |depth| 0.13 / depth as f64);
                    let place = min_samples_leaf * 31 + min_samples_split * 7 + n_estimators + max_depth.unwrap_or(3);
                    let accuracy =
                        0.786 - depth - 0.0006 * min_samples_leaf as f64 - 0.001 * f64::from(u8::from(!bootstrap))
                            + 0.0004 * wobble(place);
                    let folds = |centre: f64| [-0.002, 0.003, -0.001].map(|fold| centre + fold).to_vec();
                    points.push(GridPoint {
                        n_estimators,
                        max_features: max_features.to_owned(),
                        max_depth,
                        min_samples_split,
                        min_samples_leaf,
                        bootstrap,
                        accuracy: folds(accuracy),
                        roc_auc: folds(accuracy + 0.08),
                    });
                }
            }
        }
    }
    let mean = |point: &GridPoint| point.accuracy.iter().sum::<f64>();
    let best = (0..points.len()).rev().max_by(|a, b| mean(&points[*a]).total_cmp(&mean(&points[*b]))).unwrap_or(0);
    GridSearch { folds: 3, rows: 28_800, seed: 42, forests_grown: 18, points, best }
}

/// A model explained: contributions of both signs, curves that turn round between decades, three examples.
pub fn explanations(decades: &[Decade]) -> Explanations {
    let scale = ContributionScale::LogOdds;
    let point = |feature: usize, row: usize| BeeswarmPoint {
        contribution: (1.0 - feature as f64 / 18.0) * wobble(31 * feature + row),
        rank: (wobble(17 * feature + 5 * row) + 1.0) / 2.0,
    };
    let shap = |(index, feature): (usize, Feature)| FeatureShap {
        feature,
        mean_absolute: 0.5 / (index + 1) as f64,
        points: (0..120).map(|row| point(index, row)).collect(),
    };
    let dropped = |(index, feature): (usize, Feature)| {
        let drop = |factor: f64| ScoreDrop { mean: factor * (0.06 - 0.005 * index as f64), half_width: factor * 0.004 };
        PermutationImportance { feature, roc_auc: drop(1.0), accuracy: drop(0.8), log_loss: drop(2.0) }
    };
    Explanations {
        basis: HeldOutKind::UnseenArtists,
        rows: 1_234,
        settings: global::ExplanationSettings::new(false, Seed(42)),
        shap: ShapSummary {
            rows: 1_000,
            scale,
            base: -0.02,
            features: Feature::ALL.into_iter().rev().enumerate().map(shap).collect(),
        },
        permutation: Permutation {
            rows: 1_234,
            groups: 987,
            repeats: 8,
            roc_auc: 0.87,
            accuracy: 0.79,
            log_loss: 0.44,
            features: Feature::ALL.into_iter().enumerate().map(dropped).collect(),
        },
        partial_dependence: Feature::ALL
            .into_iter()
            .rev()
            .take(6)
            .map(|feature| dependence(feature, decades))
            .collect(),
        examples: [ExampleKind::ClearHit, ExampleKind::ClearFlop, ExampleKind::Borderline]
            .into_iter()
            .map(|kind| example(kind, decades))
            .collect(),
    }
}

fn dependence(feature: Feature, decades: &[Decade]) -> PartialDependence {
    let factor = if feature == Feature::DurationMs { 20_000.0 } else { 1.0 };
    let curve = |slope: f64| -> Vec<f64> { (0..19).map(|step| 0.5 + slope * (f64::from(step) - 9.0) / 30.0).collect() };
    let of_decade = |(index, decade): (usize, &Decade)| DecadeCurve {
        decade: *decade,
        rows: 60,
        mean: curve(wobble(index + feature as usize)),
    };
    let by_decade = decades.iter().enumerate().map(of_decade);
    PartialDependence {
        feature,
        grid: (1..20).map(|step| f64::from(step) * factor).collect(),
        rows: 60 * decades.len() as u64,
        mean: curve(0.4),
        by_decade: if feature == Feature::Decade { Vec::new() } else { by_decade.collect() },
        individual: (0..30).map(|row| curve(wobble(row))).collect(),
    }
}

fn example(kind: ExampleKind, decades: &[Decade]) -> Example {
    let sign = if kind == ExampleKind::ClearFlop { -1.0 } else { 1.0 };
    let push = |(index, feature): (usize, Feature)| Contribution {
        feature,
        value: (index != 7).then_some(if feature == Feature::DurationMs { 234_567.0 } else { 0.123_4 }),
        contribution: sign * (0.9 - 0.07 * index as f64),
        standing: PercentileRank {
            hits: (index != 7).then_some(0.034 * index as f64),
            flops: (index != 7).then_some(1.0),
        },
    };
    let pushes: Vec<Contribution> = Feature::ALL.into_iter().enumerate().map(push).collect();
    let output = -0.02 + pushes.iter().map(|push| push.contribution).sum::<f64>();
    let probability = ContributionScale::LogOdds.probability(output);
    let change = FeatureChange { feature: Feature::Loudness, from: -9.81, to: -7.2, from_rank: 0.31, to_rank: 0.52 };
    let what_if = Counterfactual { changes: vec![change], distance: 0.21, probability: 0.503, label: Label::Hit };
    Example {
        kind,
        name: Some(TrackName { track: "A Title <& of its own>".to_owned(), artist: "Somebody".to_owned() }),
        actual: if sign > 0.0 { Label::Hit } else { Label::Flop },
        explanation: Explanation {
            decade: decades.first().copied(),
            scale: ContributionScale::LogOdds,
            base: -0.02,
            pushes,
            output,
            probability,
            threshold: 0.5,
            label: if probability > 0.5 { Label::Hit } else { Label::Flop },
        },
        alternatives: Counterfactuals { one: Some(what_if), two: None },
    }
}

/// Scores of a model whose ROC AUC is this.
fn scores_of(roc_auc: f64) -> Scores {
    let accuracy = roc_auc - 0.08;
    Scores { accuracy, roc_auc, ..comparison().contenders[0].evaluation.scores }
}

fn intervals_of(roc_auc: f64, half: f64) -> ScoreIntervals {
    let around = |value: f64| ConfidenceInterval { low: value - half, high: value + half };
    ScoreIntervals { accuracy: around(roc_auc - 0.08), roc_auc: around(roc_auc) }
}

/// Harder for new artists than at random, and harder still for the next decade; each decade's own tracks teach most about it.
fn assessment(decades: &[Decade]) -> Robustness {
    let part = |seed: Option<u64>, train: &[Decade], test: Option<Decade>, roc_auc: f64| SchemeFit {
        seed,
        train_decades: train.to_vec(),
        test_decade: test,
        train_rows: 2400,
        test_rows: 600,
        known_share: 0.3,
        majority_accuracy: 0.5,
        scores: scores_of(roc_auc),
        intervals: Some(intervals_of(roc_auc, 0.02)),
    };
    let protocol = |protocol, parts: Vec<SchemeFit>, roc_auc: f64, known_share| SchemeScores {
        protocol,
        parts,
        accuracy: ScoreSummary { mean: roc_auc - 0.08, deviation: 0.004 },
        roc_auc: ScoreSummary { mean: roc_auc, deviation: 0.003 },
        intervals: Some(intervals_of(roc_auc, 0.01)),
        known_share,
    };
    let forward = |index: usize| part(None, &decades[..index], Some(decades[index]), 0.78 + 0.02 * index as f64);
    let by_decade = |protocol, less: f64| {
        decades.iter().enumerate().map(move |(index, &decade)| DecadeScores {
            protocol,
            decade,
            test_rows: 100,
            hit_share: 0.5,
            scores: scores_of(0.84 + 0.015 * index as f64 - less),
            intervals: Some(intervals_of(0.84 + 0.015 * index as f64 - less, 0.03)),
        })
    };
    let apart = |a: usize, b: usize| 0.9 - 0.03 * a.abs_diff(b) as f64;
    let square = |of: &dyn Fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
        (0..decades.len()).map(|row| (0..decades.len()).map(|column| of(row, column)).collect()).collect()
    };
    let recipe = "gradient boosting, 1000 symmetric trees, depth 8, rate 0.05".to_owned();
    Robustness {
        duplicates: DuplicateFigures {
            treatment: Duplicates::Resolve,
            rows_before: ROWS + 5,
            rows: ROWS,
            repeated: 5,
            extra_rows: 5,
            with_both_labels: 1,
            with_different_audio: 0,
        },
        protocols: SchemeComparison {
            recipe: recipe.clone(),
            features: 16,
            seed: 42,
            test_share: 0.2,
            effort: ValidationBudget::standard(),
            groups: GroupFigures { rows: ROWS, groups: 900, largest: 20, sizes: Vec::new() },
            largest_group: vec!["Traditional".to_owned()],
            protocols: vec![
                protocol(
                    ValidationScheme::Random,
                    vec![part(Some(42), &[], None, 0.894), part(Some(43), &[], None, 0.897)],
                    0.8955,
                    0.82,
                ),
                protocol(
                    ValidationScheme::Grouped,
                    vec![part(Some(42), &[], None, 0.884), part(Some(43), &[], None, 0.892)],
                    0.888,
                    0.0,
                ),
                protocol(ValidationScheme::Forward, (1..decades.len()).map(forward).collect(), 0.84, 0.26),
            ],
            left_out: Vec::new(),
            by_decade: by_decade(ValidationScheme::Random, 0.0)
                .chain(by_decade(ValidationScheme::Grouped, 0.01))
                .collect(),
        },
        transfer: Some(CrossDecadeScores {
            recipe: recipe.clone(),
            folds: 3,
            decades: decades.to_vec(),
            rows: vec![ROWS / 6; decades.len()],
            roc_auc: square(&apart),
            deviation: square(&|_, _| 0.01),
        }),
        learning_curve: Some(LearningCurve {
            recipe: recipe.clone(),
            curves: 1,
            test_rows: 600.0,
            points: (0..7)
                .map(|step| CurvePoint {
                    train_rows: 512.0 * f64::from(1 << step),
                    train_roc_auc: 1.0 - 0.004 * f64::from(step),
                    test_roc_auc: 0.8 + 0.013 * f64::from(step),
                    test_deviation: 0.0,
                })
                .collect(),
        }),
        leaks: Some(leaks(recipe)),
    }
}

fn leaks(recipe: String) -> Leakage {
    let column = |name, kind, random, grouped| ColumnScores {
        column: ProbedColumn::new(name, kind),
        random: SingleScore { roc_auc: random, known_share: 0.8 },
        grouped: SingleScore { roc_auc: grouped, known_share: 0.0 },
    };
    let encoded = |encoding, random, grouped| EncodedScores {
        encoding,
        random: HeldOutScores { accuracy: random - 0.05, roc_auc: random },
        grouped: HeldOutScores { accuracy: grouped - 0.05, roc_auc: grouped },
    };
    Leakage {
        seed: 42,
        recipe,
        features: 16,
        test_rows: [600, 600],
        suspicious_roc_auc: 0.85,
        texts: vec![
            column("artist", ColumnKind::Text, 0.98, 0.5),
            column("track", ColumnKind::Text, 0.6, 0.57),
            column("uri", ColumnKind::Text, 0.52, 0.5),
        ],
        columns: vec![column("instrumentalness", ColumnKind::Feature, 0.74, 0.75)],
        patterns: Vec::new(),
        encoded: vec![
            encoded(ArtistEncoding::None, 0.89, 0.88),
            encoded(ArtistEncoding::CrossFitted, 0.99, 0.82),
            encoded(ArtistEncoding::AllRows, 1.0, 1.0),
        ],
    }
}
