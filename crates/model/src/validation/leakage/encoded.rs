//! How far the artist, as a share of hits, lifts a model, and what is left of it for artists that training has not met.

use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::Serialize;

use super::target_encoding::{cross_fitted, TargetEncoding};
use super::LeakageSplits;
use crate::dataset::grouped_dataset::GroupedDataset;
use crate::validation::{measure, ModelSpec};
use hitflop_core::error::Result;
use hitflop_metrics::scores::{confusion, roc_auc};
use hitflop_metrics::split::{codes_of_texts, TrainTestSplit};
use hitflop_trees::THRESHOLD;

/// How the artist is added to the features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtistEncoding {
    /// Not at all.
    None,
    /// By the training rows alone: each of them by the others' folds, test rows by all of them.
    CrossFitted,
    /// By all rows, those to be scored included, so that the encoding has seen the answers: what published scores of 96 % rest on.
    AllRows,
}

impl ArtistEncoding {
    /// All encodings, none first.
    pub const ALL: [ArtistEncoding; 3] = [ArtistEncoding::None, ArtistEncoding::CrossFitted, ArtistEncoding::AllRows];
}

/// Accuracy and ROC AUC on held-out rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HeldOutScores {
    /// Share of right answers at a threshold of 0.5.
    pub accuracy: f64,
    /// Area under the ROC curve.
    pub roc_auc: f64,
}

/// Scores of a specification with the artist added in one way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EncodedScores {
    /// How the artist is encoded.
    pub encoding: ArtistEncoding,
    /// With rows held out at random.
    pub random: HeldOutScores,
    /// With groups held out.
    pub grouped: HeldOutScores,
}

/// No scores where no artist is known.
pub(super) fn scores(
    spec: &ModelSpec,
    tracks: &GroupedDataset,
    ways: &LeakageSplits,
    seed: u64,
    on_fit: &(dyn Fn() + Sync),
) -> Result<Vec<EncodedScores>> {
    if !tracks.identity().has_artists() {
        return Ok(Vec::new());
    }
    let dataset = tracks.dataset().with_features(&spec.features)?;
    let (artists, targets) = (codes_of_texts(&tracks.identity().artists), tracks.targets());
    let everything: Vec<usize> = (0..targets.len()).collect();
    let encode = |by: &[usize], rows: &[usize]| -> Vec<f64> {
        let encoding = TargetEncoding::fit(&artists, &targets, by);
        rows.iter().map(|&row| encoding.value(artists[row])).collect()
    };
    let score = |&(encoding, split): &(ArtistEncoding, &TrainTestSplit)| -> Result<HeldOutScores> {
        let TrainTestSplit { train: own, test: others } = split;
        let columns = match encoding {
            ArtistEncoding::None => None,
            ArtistEncoding::CrossFitted => Some((cross_fitted(&artists, &targets, own, seed)?, encode(own, others))),
            ArtistEncoding::AllRows => Some((encode(&everything, own), encode(&everything, others))),
        };
        let (train, test) = (dataset.select(own), dataset.select(others));
        let (own, others) = match columns {
            None => (train.records().to_owned(), test.records().to_owned()),
            Some((own, others)) => (with(train.records(), &own), with(test.records(), &others)),
        };
        let given = measure(&spec.params, (own.view(), train.targets()), others.view())?;
        on_fit();
        let truth = test.targets().to_vec();
        Ok(HeldOutScores {
            accuracy: confusion(&truth, &given, THRESHOLD).accuracy(),
            roc_auc: roc_auc(&truth, &given).unwrap_or(f64::NAN),
        })
    };
    let tasks: Vec<(ArtistEncoding, &TrainTestSplit)> = ArtistEncoding::ALL
        .into_iter()
        .flat_map(|encoding| [(encoding, &ways.random), (encoding, &ways.grouped)])
        .collect();
    let scores: Vec<Result<HeldOutScores>> = tasks.par_iter().with_max_len(1).map(score).collect();
    let scores: Vec<HeldOutScores> = scores.into_iter().collect::<Result<_>>()?;
    let both = scores.chunks_exact(2).zip(ArtistEncoding::ALL);
    Ok(both.map(|(pair, encoding)| EncodedScores { encoding, random: pair[0], grouped: pair[1] }).collect())
}

/// The records with one more column.
fn with(records: ArrayView2<f64>, column: &[f64]) -> Array2<f64> {
    let mut wider = Array2::zeros((records.nrows(), records.ncols() + 1));
    let columns = records.columns().into_iter().chain([ArrayView1::from(column)]);
    wider.columns_mut().into_iter().zip(columns).for_each(|(mut to, from)| to.assign(&from));
    wider
}
