//! The stage that explains the final model.

use std::collections::BTreeSet;

use anyhow::Result;

use super::progress::Progress;
use super::settings::Settings;
use hitflop_core::seed::Seed;
use hitflop_core::track::Feature;
use hitflop_metrics::split::TrainTestSplit;
use hitflop_model::artifact::Artifact;
use hitflop_model::dataset::grouped_dataset::GroupedDataset;
use hitflop_model::explain::global::{self, explanations, Explanations, HeldOut, HeldOutKind, TrackName};

/// Fewer rows of either label tell too little.
const LEAST: usize = 50;

/// Explains the model of `artifact` on the test rows that it was not fitted on: those of groups (one artist, URI or audio) that
/// training had no row of, if there are enough of them.
pub fn explain(
    settings: &Settings,
    progress: &mut Progress,
    tracks: &GroupedDataset,
    artifact: &Artifact,
    thorough: bool,
) -> Result<Explanations> {
    progress.stage("explain the final model", || {
        // The rows that the models were compared on.
        let split = settings.hold_out().split(&tracks.targets(), tracks.groups())?;
        let held_out = held_out(tracks, &split, &artifact.model.features())?;
        let how = global::ExplanationSettings::new(thorough, Seed(settings.seed));
        Ok(explanations(&artifact.model, &artifact.reference, &held_out, &how)?)
    })
}

fn held_out(tracks: &GroupedDataset, split: &TrainTestSplit, features: &[Feature]) -> Result<HeldOut> {
    let (basis, rows) = rows(tracks, split);
    let who = tracks.identity().select(&rows);
    let name = |(track, artist): (&String, &String)| TrackName { track: track.clone(), artist: artist.clone() };
    Ok(HeldOut {
        names: who.titles.iter().zip(&who.artists).map(name).collect(),
        decades: who.decades,
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
    match hits.min(unseen.len() - hits) >= LEAST {
        true => (HeldOutKind::UnseenArtists, unseen),
        false => (HeldOutKind::TestRows, split.test.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_model::fixtures::population;

    #[test]
    fn rows_are_of_groups_that_training_has_not() {
        // Four tracks in a row are by one artist.
        let tracks = population(400);
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
