//! A report of the shape of the real one, from formulas: for tests, and for the benchmark, which includes this file.

use crate::explore::correlation::CorrelationMatrix;
use crate::explore::density::{Curve, FeatureDensity, View};
use crate::explore::mutual_information::{Estimate, MutualInformation};
use crate::explore::selection::Selection;
use crate::explore::summary::{Group, GroupMean, Summary};
use crate::ingest::quality::Quality;
use crate::learn::comparison::{Baseline, ChosenBy, Comparison, Contender, Cost, FeatureSet};
use crate::learn::cross_validation::CrossValidation;
use crate::learn::evaluation::{Confusion, Evaluation, Importance, RocPoint, Scores};
use crate::learn::search::boosting::{BoostingSearch, Candidate, Round};
use crate::learn::search::grid::{GridPoint, GridSearch};
use crate::report::{Provenance, Report};
use crate::track::{Decade, Feature, Kind, Label, TARGET};

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
        selection: Selection {
            max_correlation: 0.8,
            min_mutual_information: 0.0,
            kept: Vec::new(),
            dropped: Vec::new(),
        },
        evaluation: Some(evaluation()),
        comparison: Some(comparison()),
        explanations: None,
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

fn group(decade: Option<Decade>, label: Option<Label>, rows: u64) -> Group {
    let mean = |feature: Feature| {
        let (centre, std) = location(feature);
        let mean = centre + shift(feature, decade, label) * std;
        GroupMean { feature, mean, std, half_width: 1.96 * std / (rows as f64).sqrt() }
    };
    Group { decade, label, rows, means: Feature::ALL.into_iter().map(mean).collect() }
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
        discrete: feature.info().kind == Kind::Category,
        nats: 0.12 * (feature as usize as f64 * 1.3).sin().abs().powi(3),
        draw_std: 0.001,
        null_mean: 0.001,
        null_q95: 0.004,
        p_value: 0.01,
    };
    let all: Vec<Estimate> = Feature::ALL.into_iter().map(estimate).collect();
    MutualInformation { neighbours: 3, draws: 5, permutations: 20, all_continuous: all.clone(), mixed: all }
}

fn view(feature: Feature) -> View {
    let (centre, spread) = location(feature);
    match feature {
        Feature::DurationMs => View::Log { low: 30_000.0, high: 1_200_000.0 },
        Feature::Speechiness => View::Linear { low: 0.0, high: 0.43, cut: Some(0.99), reflected: true },
        _ if feature.info().kind == Kind::Category => View::Shares,
        _ if feature.info().unit.is_empty() => {
            View::Linear { low: 0.0, high: centre * 2.2, cut: None, reflected: true }
        }
        _ => View::Linear { low: centre - 3.0 * spread, high: centre + 3.0 * spread, cut: None, reflected: false },
    }
}

fn grid(view: View, feature: Feature) -> Vec<f64> {
    let part = |index: usize| index as f64 / (POINTS - 1) as f64;
    match view {
        View::Linear { low, high, .. } => (0..POINTS).map(|index| low + (high - low) * part(index)).collect(),
        View::Log { low, high } => (0..POINTS).map(|index| low * (high / low).powf(part(index))).collect(),
        View::Shares => match feature {
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
        if view == View::Shares {
            let sum: f64 = values.iter().sum();
            values.iter_mut().for_each(|value| *value /= sum);
        }
        Curve { decade, label, bandwidth: spread / 10.0, values }
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
        model: "decision tree, depth 7, leaf 2".to_owned(),
        protocol: "random 80/20, seed 42".to_owned(),
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

/// Something between −1 and 1 that looks like chance.
fn wobble(index: usize) -> f64 {
    (index as f64 * 12.9898).sin() * (index as f64 * 4.1414).cos()
}

/// A model like that of a single report, of this area under the ROC curve.
fn contender(place: usize, title: &str, model: &str, set: FeatureSet, roc_auc: f64) -> Contender {
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
    Contender {
        title: title.to_owned(),
        params: vec![("n_estimators".to_owned(), "500".to_owned())],
        feature_set: set,
        cross_validation: CrossValidation { folds: (0..5).map(fold).collect() },
        evaluation: Evaluation {
            model: model.to_owned(),
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
pub fn comparison() -> Comparison {
    use FeatureSet::{All, Notebook, Selected};
    let models = [
        ("gradient boosting (all)", "gradient boosting, 800 trees, 63 leaves, rate 0.03", All, 0.896),
        ("gradient boosting (selected)", "gradient boosting, 800 trees, 63 leaves, rate 0.03", Selected, 0.894),
        ("random forest (selected)", "random forest, 500 trees, leaf 2", Selected, 0.888),
        (
            "gradient boosting (notebook's features)",
            "gradient boosting, 800 trees, 63 leaves, rate 0.03",
            Notebook,
            0.873,
        ),
        ("random forest (notebook's grid)", "random forest, 500 trees, leaf 2", Notebook, 0.870),
        ("gradient boosting (notebook)", "gradient boosting, 100 trees, depth 3, rate 0.05", Notebook, 0.850),
        ("random forest (notebook)", "random forest, 100 trees, depth 5, leaf 3", Notebook, 0.835),
        ("decision tree (notebook)", "decision tree, depth 7, leaf 2", Notebook, 0.822),
    ];
    let contenders = models.into_iter().enumerate();
    Comparison {
        protocol: "5 stratified folds of the 28800 training rows, seed 42; test: random 80/20, seed 42".to_owned(),
        folds: 5,
        baseline: Baseline {
            cross_validation: CrossValidation { folds: vec![scores(0.5, 0.5); 5] },
            scores: scores(0.5, 0.5),
        },
        contenders: contenders
            .map(|(place, (title, model, set, auc))| contender(place, title, model, set, auc))
            .collect(),
        chosen: 0,
        chosen_by: ChosenBy::CrossValidation,
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
        (0.8955 - loss + 0.001 * wobble(index), params.map(|(name, value)| (name.to_owned(), value)).to_vec())
    };
    let mut drawn: Vec<(f64, Vec<(String, String)>)> = (0..60).map(candidate).collect();
    drawn.sort_by(|a, b| b.0.total_cmp(&a.0));
    let last_round = |place: usize| if place < 6 { 2 } else { u64::from(place < 20) };
    let candidates = drawn.into_iter().enumerate().map(|(place, (roc_auc, params))| {
        let folds = [1, 3, 5][last_round(place) as usize];
        let fold = |fold: usize| roc_auc + 0.003 * wobble(fold + 5) + 0.0004 * wobble(place + fold);
        let roc_auc: Vec<f64> = (0..folds).map(fold).collect();
        Candidate {
            params,
            trees: (0..folds as u64).map(|fold| 240 + 15 * fold).collect(),
            log_loss: roc_auc.iter().map(|roc_auc| 1.3 - roc_auc).collect(),
            roc_auc,
            last_round: last_round(place),
        }
    });
    let rounds = [(60, 1), (20, 3), (6, 5)].map(|(candidates, folds)| Round { candidates, folds });
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
