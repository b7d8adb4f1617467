//! Four measures of the importance of a feature, and where they disagree.

use serde::Serialize;

use crate::Report;
use hitflop_core::track::Feature;

use crate::phrases::models::importance;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImportanceMeasure {
    /// Mutual information with the label, of the feature alone.
    MutualInformation,
    /// Share of what the splits of the final model bring.
    Splits,
    /// Loss of ROC AUC on rows of which the feature is permuted.
    Permutation,
    /// Mean absolute Shapley value.
    Shap,
}

/// Importance of a feature by one measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct MeasuredImportance {
    /// In the measure's unit.
    pub(crate) value: f64,
    /// Half the width of its 95 % interval, where it has one.
    pub(crate) half_width: Option<f64>,
    /// 1 for the greatest value.
    pub(crate) rank: usize,
}

/// A feature by all measures, in the order of [`ImportanceMeasure::ALL`]; none where the model was not given it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ByMeasure {
    pub(crate) feature: Feature,
    #[serde(rename = "worths")]
    pub(crate) importances: [Option<MeasuredImportance>; 4],
}

/// A feature, the measure that ranks it highest and the one that ranks it lowest, with the ranks.
pub(crate) type Disagreement = (Feature, (ImportanceMeasure, usize), (ImportanceMeasure, usize));

/// All features by all measures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ImportanceMeasures {
    by_feature: Vec<ByMeasure>,
    /// `gain` or `impurity decrease`.
    splits: &'static str,
    /// The scale of contributions.
    scale: &'static str,
    /// Spearman’s correlation of the ranks of each two measures, by [`ImportanceMeasure::PAIRS`].
    agreement: Vec<Option<f64>>,
}

impl ImportanceMeasure {
    pub(crate) const ALL: [ImportanceMeasure; 4] = [
        ImportanceMeasure::MutualInformation,
        ImportanceMeasure::Splits,
        ImportanceMeasure::Permutation,
        ImportanceMeasure::Shap,
    ];

    pub(crate) const PAIRS: [(ImportanceMeasure, ImportanceMeasure); 6] = [
        (ImportanceMeasure::MutualInformation, ImportanceMeasure::Splits),
        (ImportanceMeasure::MutualInformation, ImportanceMeasure::Permutation),
        (ImportanceMeasure::MutualInformation, ImportanceMeasure::Shap),
        (ImportanceMeasure::Splits, ImportanceMeasure::Permutation),
        (ImportanceMeasure::Splits, ImportanceMeasure::Shap),
        (ImportanceMeasure::Permutation, ImportanceMeasure::Shap),
    ];

    /// Over a column.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            ImportanceMeasure::MutualInformation => "Mutual information",
            ImportanceMeasure::Splits => "Splits of the model",
            ImportanceMeasure::Permutation => "Permutation",
            ImportanceMeasure::Shap => "Shapley values",
        }
    }

    /// In a sentence.
    pub(crate) fn short(self) -> &'static str {
        match self {
            ImportanceMeasure::MutualInformation => "mutual information",
            ImportanceMeasure::Splits => "splits",
            ImportanceMeasure::Permutation => "permutation",
            ImportanceMeasure::Shap => "Shapley values",
        }
    }
}

impl ImportanceMeasures {
    /// The measures of a report that explains its final model.
    pub(crate) fn of(report: &Report) -> Option<ImportanceMeasures> {
        let (explanations, evaluation) = (report.explanations.as_ref()?, report.evaluation.as_ref()?);
        let value = |measure: ImportanceMeasure, feature: Feature| -> Option<(f64, Option<f64>)> {
            match measure {
                ImportanceMeasure::MutualInformation => {
                    let found = report.mutual_information.mixed.iter().find(|one| one.feature == feature)?;
                    Some((found.nats, None))
                }
                ImportanceMeasure::Splits => {
                    let found = evaluation.importances.iter().find(|one| one.feature == feature)?;
                    Some((found.share, None))
                }
                ImportanceMeasure::Permutation => {
                    let found = explanations.permutation.features.iter().find(|one| one.feature == feature)?;
                    Some((found.roc_auc.mean, Some(found.roc_auc.half_width)))
                }
                ImportanceMeasure::Shap => {
                    let found = explanations.shap.features.iter().find(|one| one.feature == feature)?;
                    Some((found.mean_absolute, None))
                }
            }
        };
        let features: Vec<Feature> = report.summary.features().collect();
        let columns = ImportanceMeasure::ALL.map(|measure| ranked(&features, |feature| value(measure, feature)));
        let by_feature = features.iter().enumerate().map(|(index, &feature)| ByMeasure {
            feature,
            importances: std::array::from_fn(|measure| columns[measure][index]),
        });
        let by_feature: Vec<ByMeasure> = by_feature.collect();
        let place =
            |measure: ImportanceMeasure| ImportanceMeasure::ALL.iter().position(|one| *one == measure).unwrap_or(0);
        let agreement = ImportanceMeasure::PAIRS.map(|(a, b)| rank_correlation(&by_feature, place(a), place(b)));
        Some(ImportanceMeasures {
            by_feature,
            splits: importance(evaluation.params.kind()),
            scale: explanations.shap.scale.name(),
            agreement: agreement.to_vec(),
        })
    }

    /// Importance of a feature by a measure; none where the model was not given it.
    pub(crate) fn importance(&self, measure: ImportanceMeasure, feature: Feature) -> Option<MeasuredImportance> {
        let place = ImportanceMeasure::ALL.iter().position(|one| *one == measure)?;
        self.by_feature.iter().find(|one| one.feature == feature)?.importances[place]
    }

    /// The feature of the greatest value by a measure.
    pub(crate) fn first(&self, measure: ImportanceMeasure) -> Option<Feature> {
        let is_first =
            |one: &&ByMeasure| self.importance(measure, one.feature).is_some_and(|importance| importance.rank == 1);
        self.by_feature.iter().find(is_first).map(|one| one.feature)
    }

    /// All features, those of the greatest contributions first, those that the model was not given last.
    pub(crate) fn features(&self) -> Vec<Feature> {
        let mut features: Vec<Feature> = self.by_feature.iter().map(|one| one.feature).collect();
        features.sort_by_key(|&feature| {
            self.importance(ImportanceMeasure::Shap, feature).map_or(usize::MAX, |importance| importance.rank)
        });
        features
    }

    /// Unit of a measure.
    pub(crate) fn unit(&self, measure: ImportanceMeasure) -> &'static str {
        match measure {
            ImportanceMeasure::MutualInformation => "nats, alone",
            ImportanceMeasure::Splits if self.splits == "gain" => "share of the gain",
            ImportanceMeasure::Splits => "share of the impurity",
            ImportanceMeasure::Permutation => "loss of ROC AUC",
            ImportanceMeasure::Shap if self.scale == "log odds" => "mean |φ|, log odds",
            ImportanceMeasure::Shap => "mean |φ|, probability",
        }
    }

    /// Unit of a measure, in a sentence.
    pub(crate) fn note(&self, measure: ImportanceMeasure) -> String {
        match measure {
            ImportanceMeasure::MutualInformation => "nats, on all tracks".to_owned(),
            ImportanceMeasure::Splits => format!("share of the {} in training", self.splits),
            ImportanceMeasure::Permutation => "with 95 % intervals, on tracks not used for fitting".to_owned(),
            ImportanceMeasure::Shap => format!("in {}, on the same tracks", self.scale),
        }
    }

    /// Spearman’s correlation of the ranks by two measures, over the features that have both.
    pub(crate) fn agreement(&self, a: ImportanceMeasure, b: ImportanceMeasure) -> Option<f64> {
        let place = ImportanceMeasure::PAIRS.iter().position(|pair| *pair == (a, b) || *pair == (b, a))?;
        self.agreement[place]
    }

    /// The feature whose ranks lie farthest apart; the first of equals.
    pub(crate) fn greatest_disagreement(&self) -> Option<Disagreement> {
        let spread = |one: &ByMeasure| {
            let ranks: Vec<(ImportanceMeasure, usize)> = ImportanceMeasure::ALL
                .into_iter()
                .zip(one.importances)
                .filter_map(|(measure, importance)| Some((measure, importance?.rank)))
                .collect();
            let high = *ranks.iter().min_by_key(|(_, rank)| *rank)?;
            let low = *ranks.iter().max_by_key(|(_, rank)| *rank)?;
            (high.1 < low.1).then_some((one.feature, high, low))
        };
        let by_spread = |found: &Disagreement| found.2 .1 - found.1 .1;
        self.by_feature.iter().filter_map(spread).rev().max_by_key(by_spread)
    }
}

/// Values with their ranks, one a feature.
fn ranked(
    features: &[Feature],
    value: impl Fn(Feature) -> Option<(f64, Option<f64>)>,
) -> Vec<Option<MeasuredImportance>> {
    let values: Vec<Option<(f64, Option<f64>)>> = features.iter().copied().map(value).collect();
    let known: Vec<f64> = values.iter().flatten().map(|(value, _)| *value).collect();
    let importance = |(value, half_width): (f64, Option<f64>)| {
        let rank = 1 + known.iter().filter(|other| other.total_cmp(&value).is_gt()).count();
        MeasuredImportance { value, half_width, rank }
    };
    values.into_iter().map(|value| value.map(importance)).collect()
}

fn rank_correlation(by_feature: &[ByMeasure], a: usize, b: usize) -> Option<f64> {
    let both = by_feature.iter().filter_map(|one| Some((one.importances[a]?.value, one.importances[b]?.value)));
    let (first, second): (Vec<f64>, Vec<f64>) = both.unzip();
    if first.len() < 3 {
        return None;
    }
    let (first, second) = (mid_ranks(&first), mid_ranks(&second));
    let mean = (first.len() + 1) as f64 / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    let spread = (product(&first, &first) * product(&second, &second)).sqrt();
    (spread > 0.0).then(|| product(&first, &second) / spread)
}

/// Ranks from 1; equal values share the middle of theirs.
fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let below = values.iter().filter(|other| other.total_cmp(value).is_lt()).count();
        let equal = values.iter().filter(|other| other.total_cmp(value).is_eq()).count();
        below as f64 + (equal + 1) as f64 / 2.0
    };
    values.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_spearmans() {
        assert_eq!(mid_ranks(&[3.0, 1.0, 3.0, 7.0]), [2.5, 1.0, 2.5, 4.0]);
        let importance = |value: f64| Some(MeasuredImportance { value, half_width: None, rank: 0 });
        let one = |feature, a, b| ByMeasure { feature, importances: [importance(a), importance(b), None, None] };
        let by_feature = [one(Feature::Key, 1.0, 2.0), one(Feature::Mode, 2.0, 1.0), one(Feature::Tempo, 3.0, 3.0)];
        assert_eq!(rank_correlation(&by_feature, 0, 1), Some(0.5));
        assert_eq!(rank_correlation(&by_feature, 0, 2), None);
        assert_eq!(rank_correlation(&by_feature[..2], 0, 1), None, "two points are always in line");
    }
}
