//! A report of the shape of the real one, from formulas: for tests, and for the benchmark, which includes this file.

use crate::explore::correlation::CorrelationMatrix;
use crate::explore::density::{Curve, FeatureDensity, View};
use crate::explore::mutual_information::{Estimate, MutualInformation};
use crate::explore::selection::Selection;
use crate::explore::summary::{Group, GroupMean, Summary};
use crate::ingest::quality::Quality;
use crate::learn::evaluation::{Confusion, Evaluation, Importance, RocPoint, Scores};
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
        scores: Scores { accuracy: 0.76, precision: 0.71, recall: 0.86, f1: 0.78, roc_auc: 0.8 },
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
