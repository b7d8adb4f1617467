//! Columns as single predictors.

use ndarray::{Array1, Array2, Axis};
use rayon::prelude::*;
use serde::Serialize;

use super::target_encoding::TargetEncoding;
use super::LeakageSplits;
use crate::dataset::grouped_dataset::GroupedDataset;
use crate::estimator::{EstimatorKind, EstimatorParams};
use crate::validation::measure;
use hitflop_core::error::Result;
use hitflop_core::track::{Feature, ARTIST, TRACK, URI};
use hitflop_core::unknown_columns::UnknownColumnValues;
use hitflop_metrics::scores::roc_auc;
use hitflop_metrics::split::{codes_of_texts, TrainTestSplit};

/// A column that ranks held-out tracks better than this, alone, is flagged. On the real files the best feature alone (by the same
/// measure) has 0.75, and all sixteen together have 0.89, so that what has more than 0.85 alone is most likely made from the label,
/// or from what the label was made from.
pub(super) const SUSPICIOUS_ROC_AUC: f64 = 0.85;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Title, artist or URI.
    Text,
    /// A feature that models are given.
    Feature,
    /// Numbers of a column that is no feature.
    ExtraNumbers,
    /// Texts of a column that is no feature.
    ExtraTexts,
}

/// A column that is measured as the only predictor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProbedColumn {
    name: String,
    kind: ColumnKind,
}

impl ProbedColumn {
    /// A column of this name.
    pub fn new(name: impl Into<String>, kind: ColumnKind) -> ProbedColumn {
        ProbedColumn { name: name.into(), kind }
    }

    /// Its name in the files.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds.
    pub fn kind(&self) -> ColumnKind {
        self.kind
    }

    /// Whether it is neither a feature nor a known text.
    pub fn is_extra(&self) -> bool {
        matches!(self.kind, ColumnKind::ExtraNumbers | ColumnKind::ExtraTexts)
    }
}

/// A single predictor on held-out rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SingleScore {
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Share of the rows whose value training had too.
    pub known_share: f64,
}

/// A column as a single predictor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnScores {
    /// The measured column.
    #[serde(flatten)]
    pub column: ProbedColumn,
    /// With rows held out at random.
    pub random: SingleScore,
    /// With groups held out.
    pub grouped: SingleScore,
}

impl ColumnScores {
    /// Whether it predicts suspiciously well alone, either way.
    pub fn is_suspicious(&self) -> bool {
        self.random.roc_auc.max(self.grouped.roc_auc) > SUSPICIOUS_ROC_AUC
    }
}

/// Values of a column.
enum ProbedValues {
    Numbers(Vec<f64>),
    Categories(Vec<u32>),
}

/// The texts, and all other columns, best for new groups first.
pub(super) fn scores(tracks: &GroupedDataset, ways: &LeakageSplits) -> Result<(Vec<ColumnScores>, Vec<ColumnScores>)> {
    let identity = tracks.identity();
    let texts = [(ARTIST, &identity.artists), (TRACK, &identity.titles), (URI, &identity.uris)];
    let texts = texts.map(|(name, texts)| {
        (ProbedColumn::new(name, ColumnKind::Text), ProbedValues::Categories(codes_of_texts(texts)))
    });
    let feature = |(place, feature): (usize, &Feature)| {
        let values = tracks.records().column(place).to_vec();
        (ProbedColumn::new(feature.name(), ColumnKind::Feature), ProbedValues::Numbers(values))
    };
    let features = tracks.dataset().features().iter().enumerate().map(feature);
    let extra = tracks.extra().iter().map(|extra| match &extra.values {
        UnknownColumnValues::Numbers(values) => {
            (ProbedColumn::new(&extra.name, ColumnKind::ExtraNumbers), ProbedValues::Numbers(values.clone()))
        }
        UnknownColumnValues::Texts(codes) => {
            (ProbedColumn::new(&extra.name, ColumnKind::ExtraTexts), ProbedValues::Categories(codes.clone()))
        }
    });
    let all: Vec<(ProbedColumn, ProbedValues)> = texts.into_iter().chain(features).chain(extra).collect();
    let targets = tracks.targets();
    let score = |(column, values): &(ProbedColumn, ProbedValues)| -> Result<ColumnScores> {
        let of = |split: &TrainTestSplit| score(values, &targets, split);
        Ok(ColumnScores { column: column.clone(), random: of(&ways.random)?, grouped: of(&ways.grouped)? })
    };
    let scored: Vec<Result<ColumnScores>> = all.par_iter().with_max_len(1).map(score).collect();
    let mut texts = scored.into_iter().collect::<Result<Vec<ColumnScores>>>()?;
    let mut others = texts.split_off(3);
    // Stable, so that equal columns stay in their order.
    others.sort_by(|a, b| b.grouped.roc_auc.total_cmp(&a.grouped.roc_auc));
    Ok((texts, others))
}

fn score(values: &ProbedValues, targets: &[bool], split: &TrainTestSplit) -> Result<SingleScore> {
    let truth: Vec<bool> = split.test.iter().map(|&row| targets[row]).collect();
    let (given, known) = match values {
        ProbedValues::Categories(codes) => by_share_of_hits(codes, targets, split),
        ProbedValues::Numbers(numbers) => (by_small_boosting(numbers, targets, split)?, split.test.len()),
    };
    Ok(SingleScore {
        roc_auc: roc_auc(&truth, &given).unwrap_or(0.5),
        known_share: known as f64 / split.test.len().max(1) as f64,
    })
}

/// A smoothed target encoding by the training rows, and how many test rows have a category that is in it.
fn by_share_of_hits(codes: &[u32], targets: &[bool], split: &TrainTestSplit) -> (Vec<f64>, usize) {
    let encoding = TargetEncoding::fit(codes, targets, &split.train);
    let given = split.test.iter().map(|&row| encoding.value(codes[row])).collect();
    (given, split.test.iter().filter(|&&row| encoding.knows(codes[row])).count())
}

/// A boosting of few small trees on the one column: it can follow any shape of the association with the label, and missing values.
fn by_small_boosting(numbers: &[f64], targets: &[bool], split: &TrainTestSplit) -> Result<Vec<f64>> {
    let params = EstimatorParams::of(EstimatorKind::Boosting)
        .with("n_estimators", "20")?
        .with("num_leaves", "8")?
        .with("learning_rate", "0.3")?;
    let records = |rows: &[usize]| Array1::from_iter(rows.iter().map(|&row| numbers[row])).insert_axis(Axis(1));
    let (train, test): (Array2<f64>, Array2<f64>) = (records(&split.train), records(&split.test));
    let labels = Array1::from_iter(split.train.iter().map(|&row| targets[row]));
    measure(&params, (train.view(), labels.view()), test.view())
}
