//! Loads a model and scores one track.
//!
//! `cargo run --release --example score_a_track -- models/hitflop.model`

use std::path::PathBuf;

use hitflop::{read_model, Decade, Feature, Scorer};
use ndarray::ArrayView2;

/// Audio features as in Spotify's objects. What is not listed is missing.
const TRACK: [(Feature, f64); 4] = [
    (Feature::Danceability, 0.72),
    (Feature::Energy, 0.81),
    (Feature::Instrumentalness, 0.0),
    (Feature::Decade, 2010.0),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).map_or_else(|| "models/hitflop.model".into(), PathBuf::from);
    let scorer = Scorer::new(read_model(&path)?);
    let value =
        |feature: &Feature| TRACK.iter().find(|(known, _)| known == feature).map_or(f64::NAN, |(_, value)| *value);
    let row: Vec<f64> = scorer.features().iter().map(value).collect();

    for prediction in scorer.score(ArrayView2::from_shape((1, row.len()), &row)?)? {
        println!("{}, probability of a hit {:.3}", prediction.label, prediction.probability);
    }
    let explanation = scorer.explain(&row, Decade::from_year(2010))?;
    for contribution in explanation.by_size().iter().take(3) {
        println!("{}: {:+.3}", contribution.feature, contribution.contribution);
    }
    Ok(())
}
