//! How rows are held out for the test.

use serde::{Deserialize, Serialize};

use crate::dataset::grouped_dataset::GroupedDataset;
use hitflop_core::error::Result;
use hitflop_metrics::split::{grouped_split, random_split, Folds, TrainTestSplit};

/// What is held out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum HoldOutBy {
    /// Single rows at random, stratified by label and decade: the test set has tracks by artists that training has too
    #[default]
    Random,
    /// Whole groups of rows of one artist, URI or audio: the test set is of new artists
    Grouped,
}

impl HoldOutBy {
    /// Parts some `rows` of the tracks into folds: of single rows, stratified by label and decade, or of whole groups, stratified by label.
    ///
    /// # Errors
    /// There are fewer hits or flops (or groups of them) than folds.
    pub fn folds(self, tracks: &GroupedDataset, rows: &[usize], folds: usize, seed: u64) -> Result<Folds> {
        let targets: Vec<bool> = rows.iter().map(|&row| tracks.dataset().targets()[row]).collect();
        Ok(match self {
            HoldOutBy::Random => {
                let strata = tracks.strata();
                let strata: Vec<u32> = rows.iter().map(|&row| strata[row]).collect();
                Folds::stratified_within(&strata, &targets, folds, seed)?
            }
            HoldOutBy::Grouped => Folds::grouped(&targets, &tracks.groups().select(rows), folds, seed)?,
        })
    }

    /// `random`, `grouped`.
    pub fn name(self) -> &'static str {
        match self {
            HoldOutBy::Random => "random",
            HoldOutBy::Grouped => "grouped",
        }
    }
}

/// How rows are held out to score a model on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HoldOut {
    /// Single rows or whole groups. Default: single rows at random.
    #[serde(default)]
    pub by: HoldOutBy,
    /// Share of the rows that is held out. Default: 0.2; between 0 and 1.
    pub test_share: f64,
    /// Seed of the split. Default: 42.
    pub seed: u64,
}

impl Default for HoldOut {
    fn default() -> HoldOut {
        HoldOut { by: HoldOutBy::Random, test_share: 0.2, seed: 42 }
    }
}

impl HoldOut {
    /// `random 80/20, seed 42`, `grouped 80/20, seed 42`.
    pub fn description(&self) -> String {
        // To a tenth of a per cent; a whole number prints without a fraction.
        let per_cent = |share: f64| (share * 1000.0).round() / 10.0;
        let (train, test) = (per_cent(1.0 - self.test_share), per_cent(self.test_share));
        format!("{} {train}/{test}, seed {}", self.by.name(), self.seed)
    }

    /// The rows of either part of some tracks. Single rows are drawn stratified by label and decade.
    ///
    /// # Errors
    /// The share is not between 0 and 1, or a part would be empty; of whole groups also if a part would be without hits or flops.
    pub fn split(&self, tracks: &GroupedDataset) -> Result<TrainTestSplit> {
        Ok(match self.by {
            HoldOutBy::Random => random_split(&tracks.strata(), self.test_share, self.seed)?,
            HoldOutBy::Grouped => grouped_split(&tracks.targets(), tracks.groups(), self.test_share, self.seed)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::fixtures::grouped_tracks;

    #[test]
    fn the_description_names_the_shares() {
        let named = |test_share| HoldOut { test_share, ..HoldOut::default() }.description();
        assert_eq!(named(0.25), "random 75/25, seed 42");
        assert_eq!(named(1.0 / 3.0), "random 66.7/33.3, seed 42");
        assert_eq!(
            HoldOut { by: HoldOutBy::Grouped, seed: 7, ..HoldOut::default() }.description(),
            "grouped 80/20, seed 7"
        );
    }

    #[test]
    fn folds_are_stratified_by_label_and_decade_or_of_whole_groups() {
        let tracks = grouped_tracks(600);
        let rows: Vec<usize> = (0..600).filter(|row| row % 5 > 0).collect();
        let strata = tracks.strata();
        let folds = |by: HoldOutBy| by.folds(&tracks, &rows, 4, 42).expect("folds");
        let random = folds(HoldOutBy::Random);
        let mut counts: BTreeMap<u32, [u32; 4]> = BTreeMap::new();
        for (&row, &fold) in rows.iter().zip(random.of_rows()) {
            counts.entry(strata[row]).or_default()[fold] += 1;
        }
        assert_eq!(counts.len(), 6, "two labels in three decades");
        for (stratum, of_folds) in counts {
            let spread = of_folds.iter().max().zip(of_folds.iter().min()).map(|(most, least)| most - least);
            assert!(spread <= Some(1), "{stratum}: {of_folds:?}");
        }
        let grouped = folds(HoldOutBy::Grouped);
        let groups = tracks.groups().of_rows();
        let mut fold_of_group = BTreeMap::new();
        for (&row, &fold) in rows.iter().zip(grouped.of_rows()) {
            assert_eq!(*fold_of_group.entry(groups[row]).or_insert(fold), fold, "a group is of one fold");
        }
    }
}
