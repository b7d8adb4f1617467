//! Tracks to try estimators on, for tests only.

use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::dataset::Dataset;
use super::duplicates::Duplicates;
use super::identity::Identity;
use super::population::Population;
use crate::track::{Decade, Feature};

/// Tracks that are hits mostly where they are danceable and short.
pub(crate) fn tracks(rows: usize) -> Dataset {
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

/// The same tracks of three decades, four tracks in a row by one artist.
pub(crate) fn population(rows: usize) -> Population {
    let decade = |row: usize| Decade::from_year(1960 + 10 * (row % 3) as i32).expect("a decade");
    let identity = Identity {
        titles: (0..rows).map(|row| format!("Title {row}")).collect(),
        artists: (0..rows).map(|row| format!("Artist {}", row / 4)).collect(),
        uris: (0..rows).map(|row| format!("spotify:track:{row}")).collect(),
        decades: (0..rows).map(decade).collect(),
    };
    Population::new(&tracks(rows), &identity, &[], Duplicates::Resolve).expect("tracks")
}
