//! Tracks to try estimators on, for tests only.

use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::dataset::duplicates::Duplicates;
use super::dataset::grouped_dataset::GroupedDataset;
use super::decision::{decide, DecisionRule};
use super::estimator::{EstimatorKind, EstimatorParams};
use super::probabilities::ProbabilityQuality;
use hitflop_core::dataset::Dataset;
use hitflop_core::track::{Decade, Feature};
use hitflop_core::track_id::TrackMetadata;
use hitflop_metrics::split::Folds;

/// The defaults of a kind with some parameters set by name.
///
/// # Panics
/// There is no such parameter or value.
pub fn params(kind: EstimatorKind, settings: &[(&str, &str)]) -> EstimatorParams {
    let set = |params: EstimatorParams, (name, value): &(&str, &str)| params.with(name, value).expect("a parameter");
    settings.iter().fold(EstimatorParams::of(kind), set)
}

/// Tracks that are hits mostly where they are danceable and short.
pub fn tracks(rows: usize) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let features = vec![Feature::Danceability, Feature::Key, Feature::DurationMs];
    let mut records = Array2::zeros((rows, 3));
    let mut targets = Array1::default(rows);
    for (mut record, target) in records.rows_mut().into_iter().zip(&mut targets) {
        record[0] = rng.random::<f64>();
        record[1] = f64::from(rng.random_range(0..12));
        record[2] = f64::from(rng.random_range(100_000..400_000));
        *target = record[0] - record[2] / 400_000.0 + 0.4 * rng.random::<f64>() > 0.1;
    }
    Dataset::new(features, records, targets).expect("a dataset")
}

/// Tracks with all features, of two decades, those of [`tracks`] with their labels and the others at random.
pub fn complete_tracks(rows: usize) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let few = tracks(rows);
    let mut records = Array2::from_shape_simple_fn((rows, Feature::ALL.len()), || rng.random::<f64>());
    for (&feature, column) in few.features().iter().zip(few.records().columns()) {
        records.column_mut(feature as usize).assign(&column);
    }
    let decades = records.column_mut(Feature::Decade as usize);
    decades.into_iter().enumerate().for_each(|(row, year)| *year = [1960.0, 1970.0][row % 2]);
    Dataset::new(Feature::ALL.to_vec(), records, few.targets().to_owned()).expect("a dataset")
}

/// Probabilities of an estimator that is too sure of itself, calibrated and with a threshold for the greatest accuracy.
pub fn probabilities() -> ProbabilityQuality {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let mut draw = |rows: usize| -> (Vec<bool>, Vec<f64>) {
        let one = |rng: &mut ChaCha8Rng| {
            let probability: f64 = rng.random();
            let odds = (probability / (1.0 - probability)).powi(2);
            (rng.random::<f64>() < probability, odds / (1.0 + odds))
        };
        (0..rows).map(|_| one(&mut rng)).unzip()
    };
    let ((truth, out_of_fold), (test, raw)) = (draw(3_200), draw(800));
    let folds = Folds::stratified(&truth, 5, 42).expect("folds");
    let (decision, evidence) = decide(&DecisionRule::default(), truth, out_of_fold, &folds).expect("a decision");
    ProbabilityQuality::of(&decision, Some(&evidence), &test, &raw)
}

/// The same tracks of three decades, four tracks in a row by one artist.
pub fn grouped_tracks(rows: usize) -> GroupedDataset {
    grouped(tracks(rows))
}

/// As [`grouped_tracks`], of tracks with all features.
pub fn complete_grouped_tracks(rows: usize) -> GroupedDataset {
    grouped(complete_tracks(rows))
}

fn grouped(dataset: Dataset) -> GroupedDataset {
    let rows = dataset.rows();
    let decade = |row: usize| Decade::from_year(1960 + 10 * (row % 3) as i32);
    let identity = TrackMetadata {
        titles: (0..rows).map(|row| format!("Title {row}")).collect(),
        artists: (0..rows).map(|row| format!("Artist {}", row / 4)).collect(),
        uris: (0..rows).map(|row| format!("spotify:track:{row}")).collect(),
        decades: (0..rows).map(decade).collect(),
    };
    GroupedDataset::new(dataset, identity, &[], Duplicates::Resolve).expect("tracks")
}
