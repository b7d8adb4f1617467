//! The stage that explains the final model.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::progress::Progress;
use super::settings::Settings;
use crate::artifact::Artifact;
use crate::explain::overview::{self, explanations, Basis, Explanations, HeldOut, Name};
use crate::ingest::tracks::Texts;
use crate::ingest::Ingested;
use crate::learn::dataset::Dataset;
use crate::learn::split::Split;
use crate::seed::Seed;
use crate::track::{Decade, Feature};

use super::learning;

/// Fewer rows of either label tell too little.
const LEAST: usize = 50;

/// Explains the model of `artifact` on the test rows that it was not fitted on: those of artists that training had no row of,
/// if there are enough of them.
pub fn explain(
    settings: &Settings,
    progress: &mut Progress,
    ingested: &Ingested,
    artifact: &Artifact,
    thorough: bool,
) -> Result<Explanations> {
    progress.stage("explain the final model", || {
        let dataset = learning::dataset(ingested)?;
        // The rows that the models were compared on.
        let split = settings.hold_out().split(dataset.rows())?;
        let texts = ingested.tracks.texts()?;
        let held_out = held_out(&dataset, &split, &texts, &artifact.model.features())?;
        let how = overview::Settings::new(thorough, Seed(settings.seed));
        Ok(explanations(&artifact.model, &artifact.reference, &held_out, &how)?)
    })
}

fn held_out(dataset: &Dataset, split: &Split, texts: &Texts, features: &[Feature]) -> Result<HeldOut> {
    let (basis, rows) = rows(dataset, split, &texts.artists);
    let mut numbers = BTreeMap::new();
    let groups = rows.iter().map(|&row| {
        let next = numbers.len() as u64;
        *numbers.entry(&texts.artists[row]).or_insert(next)
    });
    let groups = groups.collect();
    let chosen = dataset.select(&rows);
    let years = chosen.records().column(Feature::Decade as usize).to_vec();
    let name = |&row: &usize| Name { track: texts.tracks[row].clone(), artist: texts.artists[row].clone() };
    Ok(HeldOut {
        // Ingest lets decades through only.
        decades: years.iter().filter_map(|year| Decade::from_year(*year as i32)).collect(),
        groups,
        names: rows.iter().map(name).collect(),
        basis,
        dataset: chosen.with_features(features)?,
    })
}

/// Test rows by artists not in training, or all if those are too few.
fn rows(dataset: &Dataset, split: &Split, artists: &[String]) -> (Basis, Vec<usize>) {
    let known: BTreeSet<&String> = split.train.iter().map(|&row| &artists[row]).collect();
    let unseen: Vec<usize> = split.test.iter().copied().filter(|&row| !known.contains(&artists[row])).collect();
    let hits = unseen.iter().filter(|&&row| dataset.targets()[row]).count();
    match hits.min(unseen.len() - hits) >= LEAST {
        true => (Basis::UnseenArtists, unseen),
        false => (Basis::TestRows, split.test.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::examples::complete_tracks;

    #[test]
    fn rows_are_by_artists_that_training_has_not() {
        let dataset = complete_tracks(400);
        let split = Split { train: (0..100).collect(), test: (100..400).collect() };
        let named =
            |artists: usize| -> Vec<String> { (0..400).map(|row| format!("artist {}", row % artists)).collect() };
        let (basis, unseen) = rows(&dataset, &split, &named(300));
        assert_eq!((basis, unseen), (Basis::UnseenArtists, (100..300).collect()));
        let (basis, all) = rows(&dataset, &split, &named(50));
        assert_eq!((basis, all), (Basis::TestRows, split.test.clone()));
        let texts = Texts { tracks: vec![String::new(); 400], artists: named(200) };
        let held_out = held_out(&dataset, &split, &texts, &[Feature::Key]).expect("rows");
        assert_eq!((held_out.dataset.rows(), held_out.dataset.features()), (200, &[Feature::Key][..]));
        assert_eq!(held_out.groups, (0..100).chain(0..100).collect::<Vec<u64>>(), "a group an artist");
        assert_eq!(held_out.decades.len(), 200);
    }
}
