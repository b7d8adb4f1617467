//! Known tracks to begin with: one that the model is sure to be a hit, one that it is sure to be a flop, and one between.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::served_model::ServedModel;
use hitflop_core::error::Result;
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::{Feature, Label};
use hitflop_model::artifact::known_tracks::KnownTracks;
use hitflop_model::scoring::Prediction;

/// Number of known tracks that are scored, at most.
const MAX_CANDIDATES: usize = 2_000;
/// Maximum number of characters of title and artist together, so that a line has both.
const MAX_NAME: usize = 48;

/// Why a track is an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KnownExampleKind {
    /// A hit with the greatest probability.
    ConfidentHit,
    /// A flop with the least probability.
    ConfidentFlop,
    /// The track nearest to the threshold.
    Undecided,
}

/// An example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct KnownExample {
    pub kind: KnownExampleKind,
    /// Index of the known track.
    pub track: usize,
    pub prediction: Prediction,
}

/// The examples among the known tracks of a model: the same for the same model and tracks. Of at most 2,000 tracks, evenly spread,
/// that have a name and all features of the model. None of a kind of which there is no track.
///
/// # Errors
/// A bug: every value of a row is finite or missing.
pub(crate) fn examples(loaded: &ServedModel, tracks: &KnownTracks) -> Result<Vec<KnownExample>> {
    let candidates: Vec<usize> =
        (0..tracks.labels.len()).filter(|&track| is_presentable(loaded, tracks, track)).collect();
    let spread = candidates.len().div_ceil(MAX_CANDIDATES).max(1);
    let candidates: Vec<usize> = candidates.into_iter().step_by(spread).collect();
    let rows: Vec<FeatureRow> = candidates.iter().map(|&track| row(tracks, track)).collect();
    let scored: Vec<(usize, Prediction)> = candidates.into_iter().zip(loaded.score_all(rows.iter())?).collect();
    let of_label = |label: Label| {
        scored.iter().filter(move |(track, found)| found.label == label && tracks.labels[*track] == label)
    };
    // Of equals the first.
    let by = |key: fn(&Prediction) -> f64| {
        move |one: &&(usize, Prediction), other: &&(usize, Prediction)| key(&one.1).total_cmp(&key(&other.1))
    };
    let hit = of_label(Label::Hit).min_by(by(|found| -found.probability));
    let flop = of_label(Label::Flop).min_by(by(|found| found.probability));
    let chosen = [hit, flop].map(|found| found.map(|(track, _)| *track));
    let others = scored.iter().filter(|(track, _)| !chosen.contains(&Some(*track)));
    let undecided = others.min_by(by(|found| (found.probability - found.threshold).abs()));
    let kinds = [
        (KnownExampleKind::ConfidentHit, hit),
        (KnownExampleKind::ConfidentFlop, flop),
        (KnownExampleKind::Undecided, undecided),
    ];
    let example = |(kind, found): (KnownExampleKind, Option<&(usize, Prediction)>)| {
        found.map(|&(track, prediction)| KnownExample { kind, track, prediction })
    };
    Ok(kinds.into_iter().filter_map(example).collect())
}

/// The features of a known track.
fn row(tracks: &KnownTracks, index: usize) -> FeatureRow {
    let mut row = [f64::NAN; Feature::ALL.len()];
    for (value, of_feature) in row.iter_mut().zip(&tracks.features) {
        *value = f64::from(of_feature[index]);
    }
    row[Feature::Decade as usize] = tracks.decades[index].map_or(f64::NAN, |decade| f64::from(decade.year()));
    row
}

fn is_presentable(loaded: &ServedModel, tracks: &KnownTracks, index: usize) -> bool {
    let (title, artist) = (tracks.titles.get(index), tracks.artists.get(index));
    let has_name = !title.is_empty() && title.chars().count() + artist.chars().count() <= MAX_NAME;
    let has = |feature: &Feature| match feature {
        Feature::Decade => tracks.decades[index].is_some(),
        feature => !tracks.features[*feature as usize][index].is_nan(),
    };
    has_name && loaded.scorer.features().iter().all(has)
}
