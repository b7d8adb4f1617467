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
use hitflop_metrics::scores::{roc_auc, roc_auc_p_value};
use hitflop_metrics::split::{codes_of_texts, TrainTestSplit};

/// A column that ranks held-out tracks better than this, alone, is flagged. On the real files the best feature alone (by the same
/// measure) has 0.75, and all sixteen together have 0.89, so that what has more than 0.85 alone is most likely made from the label,
/// or from what the label was made from.
pub(super) const SUSPICIOUS_ROC_AUC: f64 = 0.85;

/// Greatest corrected p-value of a column that is flagged: with few test rows, noise alone has a large ROC AUC now and then.
pub(super) const SUSPICIOUS_P_VALUE: f64 = 0.01;

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
    /// Of a column above the ROC AUC at which columns are flagged: the probability that any of as many columns of noise reaches its
    /// greater ROC AUC on as many test rows (Bonferroni's correction over columns and splits), at most 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
}

impl ColumnScores {
    /// Whether it predicts suspiciously well alone, either way, and not by chance.
    pub fn is_suspicious(&self) -> bool {
        self.p_value.is_some_and(|p_value| p_value <= SUSPICIOUS_P_VALUE)
    }
}

/// Values of a column.
enum ProbedValues {
    Numbers(Vec<f64>),
    Categories(Vec<u32>),
}

/// The texts that the tracks have, and all other columns, best for new groups first.
pub(super) fn scores(tracks: &GroupedDataset, ways: &LeakageSplits) -> Result<(Vec<ColumnScores>, Vec<ColumnScores>)> {
    let identity = tracks.identity();
    let texts = [(ARTIST, &identity.artists), (TRACK, &identity.titles), (URI, &identity.uris)];
    let texts = texts.into_iter().filter(|(_, texts)| texts.iter().any(|text| !text.is_empty()));
    let texts: Vec<(ProbedColumn, ProbedValues)> = texts
        .map(|(name, texts)| {
            (ProbedColumn::new(name, ColumnKind::Text), ProbedValues::Categories(codes_of_texts(texts)))
        })
        .collect();
    let text_count = texts.len();
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
        Ok(ColumnScores {
            column: column.clone(),
            random: of(&ways.random)?,
            grouped: of(&ways.grouped)?,
            p_value: None,
        })
    };
    let scored: Vec<Result<ColumnScores>> = all.par_iter().with_max_len(1).map(score).collect();
    let mut texts = scored.into_iter().collect::<Result<Vec<ColumnScores>>>()?;
    let mut others = texts.split_off(text_count);
    let comparisons = 2 * others.len();
    for column in &mut others {
        let p_value = [(column.random, &ways.random), (column.grouped, &ways.grouped)]
            .into_iter()
            .filter(|(score, _)| score.roc_auc > SUSPICIOUS_ROC_AUC)
            .map(|(score, split)| p_value(score.roc_auc, &targets, split))
            .reduce(f64::min);
        column.p_value = p_value.map(|p_value| (p_value * comparisons as f64).min(1.0));
    }
    // Stable, so that equal columns stay in their order.
    others.sort_by(|a, b| b.grouped.roc_auc.total_cmp(&a.grouped.roc_auc));
    Ok((texts, others))
}

/// Probability of such a ROC AUC on the test rows by chance.
fn p_value(roc_auc: f64, targets: &[bool], split: &TrainTestSplit) -> f64 {
    let hits = split.test.iter().filter(|&&row| targets[row]).count();
    roc_auc_p_value(roc_auc, hits as u64, (split.test.len() - hits) as u64)
}

fn score(values: &ProbedValues, targets: &[bool], split: &TrainTestSplit) -> Result<SingleScore> {
    let truth: Vec<bool> = split.test.iter().map(|&row| targets[row]).collect();
    let (given, known) = match values {
        ProbedValues::Categories(codes) => by_share_of_hits(codes, targets, split),
        ProbedValues::Numbers(numbers) => (by_small_boosting(numbers, targets, split)?, split.test.len()),
    };
    Ok(SingleScore {
        roc_auc: roc_auc(&truth, &given).unwrap_or(f64::NAN),
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
