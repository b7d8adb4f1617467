//! Explains a final model on test rows.

use std::collections::BTreeSet;

use super::fit::{train_test_split, FinalModel};
use super::prepare::Prepared;
use super::progress::Progress;
use hitflop_core::error::Result;
use hitflop_core::seed::Seed;
use hitflop_core::track::Feature;
use hitflop_metrics::split::TrainTestSplit;
use hitflop_model::dataset::grouped_dataset::GroupedDataset;
use hitflop_model::explain::global::{
    explanations, ExplanationSettings, Explanations, HeldOut, HeldOutKind, TrackName,
};

/// Fewest rows of either label that explanations are based on.
const MIN_ROWS: usize = 50;

/// Explains a model on the test rows of groups (one artist, URI or audio) without a training row, or on all test rows if those
/// are too few. With `thorough` all of these rows are explained, else a subsample.
///
/// # Errors
/// The test rows are too few.
pub fn explain(
    prepared: &Prepared,
    model: &FinalModel,
    thorough: bool,
    progress: &dyn Progress,
) -> Result<Explanations> {
    progress.stage("explain the final model", || {
        let split = train_test_split(prepared)?;
        let artifact = &model.artifact;
        let held_out = held_out(&prepared.tracks, &split, &artifact.model.features())?;
        let settings = ExplanationSettings::new(thorough, Seed(prepared.seed()));
        explanations(&artifact.model, &artifact.reference, &held_out, &settings)
    })
}

fn held_out(tracks: &GroupedDataset, split: &TrainTestSplit, features: &[Feature]) -> Result<HeldOut> {
    let (basis, rows) = rows(tracks, split);
    let metadata = tracks.identity().select(&rows);
    let name = |(track, artist): (&String, &String)| TrackName { track: track.clone(), artist: artist.clone() };
    Ok(HeldOut {
        names: metadata.titles.iter().zip(&metadata.artists).map(name).collect(),
        decades: metadata.decades,
        groups: rows.iter().map(|&row| tracks.groups().of_rows()[row] as u64).collect(),
        basis,
        dataset: tracks.dataset().select(&rows).with_features(features)?,
    })
}

/// Test rows of groups not in training, or all if those are too few.
fn rows(tracks: &GroupedDataset, split: &TrainTestSplit) -> (HeldOutKind, Vec<usize>) {
    let groups = tracks.groups().of_rows();
    let known: BTreeSet<usize> = split.train.iter().map(|&row| groups[row]).collect();
    let unseen: Vec<usize> = split.test.iter().copied().filter(|&row| !known.contains(&groups[row])).collect();
    let targets = tracks.targets();
    let hits = unseen.iter().filter(|&&row| targets[row]).count();
    match hits.min(unseen.len() - hits) >= MIN_ROWS {
        true if tracks.identity().has_artists() => (HeldOutKind::UnseenArtists, unseen),
        true => (HeldOutKind::UnseenRecordings, unseen),
        false => (HeldOutKind::TestRows, split.test.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_model::fixtures::grouped_tracks;

    #[test]
    fn rows_are_of_groups_that_training_has_not() {
        // Four tracks in a row are by one artist.
        let tracks = grouped_tracks(400);
        let split = TrainTestSplit { train: (0..102).collect(), test: (102..400).collect() };
        assert_eq!(rows(&tracks, &split), (HeldOutKind::UnseenArtists, (104..400).collect()));
        let every_fourth = TrainTestSplit {
            train: (0..400).filter(|row| row % 4 == 0).collect(),
            test: (0..400).filter(|row| row % 4 > 0).collect(),
        };
        assert_eq!(rows(&tracks, &every_fourth), (HeldOutKind::TestRows, every_fourth.test.clone()));
        let held_out = held_out(&tracks, &split, &[Feature::Key]).expect("rows");
        assert_eq!((held_out.dataset.rows(), held_out.dataset.features()), (296, &[Feature::Key][..]));
        assert!(held_out.groups.chunks(4).all(|of_artist| of_artist.iter().all(|&group| group == of_artist[0])));
        assert_eq!((held_out.decades.len(), held_out.names[0].artist.as_str()), (296, "Artist 26"));
    }
}
