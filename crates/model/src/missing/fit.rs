//! How fallback models are fitted, calibrated and scored.

use ndarray::{concatenate, Axis};
use rand::RngExt;
use rayon::prelude::*;

use super::fallback::{FallbackModel, MissingPattern, PatternScores, RandomPatterns};
use super::mask::FeatureMask;
use super::pattern::{draw, listed_patterns, one_in_each_stratum, random_masks};
use crate::decision::{decide, Decision, DecisionRule};
use crate::estimator::{Estimator, EstimatorParams};
use crate::model::Model;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::{Error, Result};
use hitflop_core::seed::Seed;
use hitflop_core::track::Feature;
use hitflop_metrics::reliability::ProbabilityScores;
use hitflop_metrics::scores::confusion;
use hitflop_metrics::split::Folds;
use hitflop_metrics::threshold::Objective;
use hitflop_trees::RowSampling;

/// Copies of each training row, each with features hidden at random.
const COPIES: usize = 3;
/// Copies for a boosting of tracks that lack many features, as there are more sets of them to learn.
const COPIES_FOR_MANY: usize = 8;
/// Share of these copies that each tree of that boosting is grown on: the rows of less than two whole copies.
const SHARE_FOR_MANY: f64 = 0.225;
/// Copies of a fit by which calibrations and thresholds are chosen, one for so many of the model. With all copies, the
/// mean calibration errors over the ten splits of `benches/missing_features.rs` are the same to 0.0003 for listed sets and 0.001 for halves.
const COPIES_PER_DECISION_COPY: usize = 4;
/// Share of the copies that lack nothing but what their model never has.
const SHARE_WHOLE: f64 = 0.25;
/// Share of the copies that lack a listed set; the others lack a random one.
const SHARE_LISTED: f64 = 0.5;
/// Strata of the rows of a copy. A set is hidden in one row of each.
const STRATA: usize = 16;
/// Minimum number of sets that are hidden in a copy, with fewer strata for it, so that each listed set occurs.
const MIN_SETS: usize = 64;
/// Minimum number of missing features for the model of tracks that lack many: it predicts tracks that lack a set that is not listed.
const MANY: usize = 5;
/// Minimum number of features of a model for having that one.
const MIN_FEATURES_FOR_MANY: usize = 10;
/// Features that such a model is left with at least in the rows that it is fitted to.
const LEFT: usize = 3;
/// The part of the test rows, after those of the folds.
const TEST: u64 = 1 << 32;
/// Folds of the out-of-fold probabilities under which calibrations are chosen.
const CALIBRATION_FOLDS: usize = 5;

/// What fallback models are fitted, calibrated and scored on.
#[derive(Clone, Copy, Debug)]
pub struct FallbackRows<'a> {
    /// Rows to fit on, with the features of the model.
    pub train: &'a Dataset,
    /// Folds of them; none if the rule needs none.
    pub folds: Option<&'a Folds>,
    /// Folds are held out in turn, for calibrations and thresholds, until there are so many rows.
    pub calibration_rows: usize,
    /// Rows to score on.
    pub test: &'a Dataset,
}

/// The fallback models of `model`, which was fitted to the training rows: one for tracks without the decade, if it uses the
/// decade, one for other tracks that lack a feature, and, if it has many features, one for tracks that lack many of them. A model of
/// a single feature has none, as without the feature there is nothing to answer by.
///
/// Each is fitted with fewer trees than `params` have ([`EstimatorParams::with_fewer_trees`]), to three copies of each training row,
/// of which random sets of features are hidden. A boosting of tracks that lack many is fitted to eight copies; each of its trees
/// takes a share of them, sampled by minimal variance, and all features.
///
/// Calibration and threshold of a set of missing features follow `rule`, by the probabilities of the training rows of the held-out
/// folds with the set hidden, under a fit to fewer copies of the other folds. Where no threshold reaches the precision that the rule
/// requests, no track is predicted as a hit. The scores are of the test rows with the set hidden, which nothing is chosen by.
///
/// # Errors
/// A parameter is outside its range, or the rows are too few.
pub fn fit_fallbacks(
    model: &Model,
    params: &EstimatorParams,
    rule: &DecisionRule,
    rows: FallbackRows,
    seed: u64,
) -> Result<Vec<FallbackModel>> {
    let features = model.features();
    let params = &params.with_fewer_trees()?;
    let all: FeatureMask = features.iter().copied().collect();
    if features.len() < 2 {
        return Ok(Vec::new());
    }
    let decade: FeatureMask = [Feature::Decade].into_iter().collect();
    let many = (features.len() >= MIN_FEATURES_FOR_MANY).then_some((FeatureMask::NONE, MANY));
    let without_decade = Some((decade.intersection(all), 0)).filter(|(hidden, _)| !hidden.is_empty());
    let models: Vec<(FeatureMask, usize)> =
        many.into_iter().chain(without_decade).chain([(FeatureMask::NONE, 0)]).collect();
    let fit = |(hidden, min_missing): (FeatureMask, usize)| {
        let (params, copies) = if min_missing > 0 { for_many(params) } else { (params.clone(), COPIES) };
        let seed = Seed(seed);
        FallbackFit { model, params, copies, rule, rows, features: &features, all, hidden, min_missing, seed }.fit()
    };
    // Side by side, as several fits keep more threads busy than one. Collected before the first error is looked for, so that it is
    // the same one at any number of threads.
    let fitted: Vec<Result<FallbackModel>> = models.into_par_iter().with_max_len(1).map(fit).collect();
    fitted.into_iter().collect()
}

/// The dataset with the features of a mask, one a row, made missing.
///
/// # Errors
/// None: the values are those of a dataset.
///
/// # Panics
/// There is not one mask a row.
pub fn hide(dataset: &Dataset, masks: impl ExactSizeIterator<Item = FeatureMask>) -> Result<Dataset> {
    assert_eq!(masks.len(), dataset.rows(), "one mask a row");
    let mut records = dataset.records().to_owned();
    for (mut row, mask) in records.rows_mut().into_iter().zip(masks) {
        let columns = dataset.features().iter().zip(&mut row);
        columns.filter(|(feature, _)| mask.contains(**feature)).for_each(|(_, value)| *value = f64::NAN);
    }
    Dataset::new(dataset.features().to_vec(), records, dataset.targets().to_owned())
}

/// Parameters of the model of tracks that lack many features, and copies of each row for it.
fn for_many(params: &EstimatorParams) -> (EstimatorParams, usize) {
    let EstimatorParams::Boosting(params) = params else { return (params.clone(), COPIES) };
    let boosting =
        params.clone().subsample(SHARE_FOR_MANY).sampling(RowSampling::MinimalVariance).colsample_bytree(1.0);
    (EstimatorParams::Boosting(boosting), COPIES_FOR_MANY)
}

/// One fallback model to fit.
struct FallbackFit<'a> {
    /// The model of complete tracks.
    model: &'a Model,
    params: EstimatorParams,
    /// Of each training row.
    copies: usize,
    rule: &'a DecisionRule,
    rows: FallbackRows<'a>,
    features: &'a [Feature],
    all: FeatureMask,
    /// Features that all rows lack.
    hidden: FeatureMask,
    /// Least number of features that all rows lack.
    min_missing: usize,
    seed: Seed,
}

/// Sets of missing features with one mask a row, or one mask for all.
enum Masks {
    Same(FeatureMask),
    OneARow(Vec<FeatureMask>),
}

impl FallbackFit<'_> {
    fn fit(&self) -> Result<FallbackModel> {
        let FallbackRows { train, test, .. } = self.rows;
        let (decisions, estimator) = rayon::join(|| self.decisions(), || self.estimator(train, self.copies, 0));
        let PatternDecisions { patterns, others } = decisions?;
        let estimator = estimator?;
        let score = |masks: &Masks, decision: &Decision| {
            let probabilities = probabilities(&estimator, test, masks)?;
            let calibrated = decision.calibration.apply_to(&probabilities);
            Ok::<_, Error>(pattern_scores(test, &calibrated, decision.threshold))
        };
        let pattern = |(missing, decision): (FeatureMask, Decision)| {
            let scores = score(&Masks::Same(missing), &decision)?;
            Ok(MissingPattern { missing, decision, scores })
        };
        let patterns = patterns.into_iter().map(pattern).collect::<Result<Vec<MissingPattern>>>()?;
        let random = |(number, decision): (usize, Decision)| {
            let scores = score(&Masks::OneARow(self.masks_of(number, test.rows(), TEST)), &decision)?;
            Ok(RandomPatterns { decision, scores })
        };
        let others = others.into_iter().enumerate().map(random).collect::<Result<Vec<RandomPatterns>>>()?;
        let FallbackFit { hidden, min_missing, .. } = *self;
        Ok(FallbackModel { hidden, min_missing, params: self.params.clone(), estimator, patterns, others })
    }

    /// The features that may be hidden beside those that always are.
    fn hideable(&self) -> FeatureMask {
        self.all.difference(self.hidden)
    }

    /// The listed sets that this model answers.
    fn listed(&self) -> Vec<FeatureMask> {
        if self.min_missing > 0 {
            return Vec::new();
        }
        let decade: FeatureMask = [Feature::Decade].into_iter().collect();
        let listed = listed_patterns(self.features).into_iter();
        listed.filter(|pattern| decade.intersection(*pattern).intersection(self.all) == self.hidden).collect()
    }

    /// The most features that are hidden at random beside those that always are.
    fn few(&self) -> usize {
        // What is missing beyond that has a model of its own.
        let limit = if self.all.len() < MIN_FEATURES_FOR_MANY { self.all.len() } else { MANY - 1 };
        limit.min(self.hideable().len().saturating_sub(1)).max(1)
    }

    /// Random sets of so many features beside those that are always hidden, for the rows of a part.
    fn masks_of(&self, number: usize, rows: usize, part: u64) -> Vec<FeatureMask> {
        let seed = Seed(self.seed.0.wrapping_add(part));
        let masks = random_masks(self.hideable(), number, rows, seed);
        masks.into_iter().map(|mask| mask.union(self.hidden)).collect()
    }

    /// Fits to copies of the rows with hidden features.
    fn estimator(&self, rows: &Dataset, copies: usize, fold: usize) -> Result<Estimator> {
        let ranks = self.ranks(rows);
        let copies = (0..copies)
            .map(|copy| hide(rows, self.draws(&ranks, [fold as u64, copy as u64]).into_iter()))
            .collect::<Result<Vec<Dataset>>>()?;
        let records: Vec<_> = copies.iter().map(Dataset::records).collect();
        let targets: Vec<_> = copies.iter().map(Dataset::targets).collect();
        let (records, targets) = (joined(&records), joined(&targets));
        self.params.fit(&Dataset::new(self.features.to_vec(), records, targets)?)
    }

    /// The rows by label, those of a label by the probability of the model of complete tracks.
    fn ranks(&self, rows: &Dataset) -> Vec<usize> {
        let (targets, probabilities) = (rows.targets(), self.model.estimator.predict_proba(rows.records()));
        let mut ranks: Vec<usize> = (0..rows.rows()).collect();
        ranks.sort_by(|&a, &b| targets[a].cmp(&targets[b]).then(probabilities[a].total_cmp(&probabilities[b])));
        ranks
    }

    /// The set that is hidden in each row of a copy. Each set is hidden in one row of each stratum of the ranks, so that the rows that
    /// lack it nearly resemble all rows: a set has at most one hit more than another. With a set of its own for each row,
    /// the share of hits differs by chance between sets. The model learns these differences, and a calibration by other fits cannot
    /// remove them.
    fn draws(&self, ranks: &[usize], indices: [u64; 2]) -> Vec<FeatureMask> {
        let (listed, hideable) = (self.listed(), self.hideable());
        let few = self.few();
        let many = hideable.len().saturating_sub(LEFT).max(self.min_missing);
        let indices = [indices[0], indices[1], self.hidden.len() as u64, self.min_missing as u64];
        let mut rng = self.seed.rng("copies with hidden features", &indices);
        let mut draw_one = || {
            let kind: f64 = rng.random();
            if self.min_missing > 0 {
                // The smaller of two numbers, as there is more to learn where more features are known.
                let numbers = [(); 2].map(|()| rng.random_range(self.min_missing..=many));
                draw(hideable, numbers[0].min(numbers[1]), &mut rng)
            } else if kind < SHARE_WHOLE || hideable.len() < 2 {
                self.hidden
            } else if kind < SHARE_WHOLE + SHARE_LISTED && !listed.is_empty() {
                listed[rng.random_range(0..listed.len())]
            } else {
                let number = rng.random_range(1..=few);
                draw(hideable, number, &mut rng).union(self.hidden)
            }
        };
        let sets: Vec<FeatureMask> = (0..ranks.len().div_ceil(STRATA).max(MIN_SETS)).map(|_| draw_one()).collect();
        one_in_each_stratum(&sets, ranks, &mut rng)
    }

    /// Decisions by the probabilities of training rows under fits to other rows.
    fn decisions(&self) -> Result<PatternDecisions> {
        let held_out = match self.rows.folds {
            Some(folds) if self.rule.needs_folds() => self.held_out(folds)?,
            _ => Vec::new(),
        };
        let truth: Vec<bool> = held_out.iter().flat_map(|(_, rows)| rows.targets().to_vec()).collect();
        let decision = |masks: &dyn Fn(&Dataset, usize) -> Masks| {
            let mut found = Vec::with_capacity(truth.len());
            for (part, (estimator, rows)) in held_out.iter().enumerate() {
                found.extend(probabilities(estimator, rows, &masks(rows, part))?);
            }
            self.decide(&truth, found)
        };
        let listed = self.listed().into_iter();
        let patterns = listed
            .map(|missing| Ok((missing, decision(&|_, _| Masks::Same(missing))?)))
            .collect::<Result<Vec<(FeatureMask, Decision)>>>()?;
        let of_number =
            |number: usize| decision(&|rows, part| Masks::OneARow(self.masks_of(number, rows.rows(), part as u64)));
        let numbers =
            if self.min_missing > 0 { self.hideable().len() } else { 1 + self.few().min(self.hideable().len() - 1) };
        let others = (0..numbers).map(of_number).collect::<Result<Vec<Decision>>>()?;
        Ok(PatternDecisions { patterns, others })
    }

    /// Rows of folds, each with a fit to the other folds.
    fn held_out(&self, folds: &Folds) -> Result<Vec<(Estimator, Dataset)>> {
        let FallbackRows { train, calibration_rows, .. } = self.rows;
        let mut held_out: Vec<(Estimator, Dataset)> = Vec::new();
        for fold in 0..folds.len() {
            if held_out.iter().map(|(_, rows)| rows.rows()).sum::<usize>() >= calibration_rows {
                break;
            }
            let split = folds.split(fold);
            let copies = self.copies.div_ceil(COPIES_PER_DECISION_COPY);
            let estimator = self.estimator(&train.select(&split.train), copies, fold + 1)?;
            held_out.push((estimator, train.select(&split.test)));
        }
        Ok(held_out)
    }

    fn decide(&self, truth: &[bool], probabilities: Vec<f64>) -> Result<Decision> {
        if let (Objective::Fixed(threshold), false) = (self.rule.objective, self.rule.needs_folds()) {
            return Ok(Decision::fixed(threshold));
        }
        let folds = Folds::stratified(truth, CALIBRATION_FOLDS, self.seed.0)?;
        match (decide(self.rule, truth.to_vec(), probabilities.clone(), &folds), self.rule.objective) {
            // With less known, no threshold may reach the precision: then no such track is predicted as a hit.
            (Err(error), objective @ Objective::Precision(_)) if error.is_input() => {
                let rule = DecisionRule { objective: Objective::Fixed(1.0), ..*self.rule };
                let decision = decide(&rule, truth.to_vec(), probabilities, &folds)?.0;
                Ok(Decision { objective, ..decision })
            }
            (decided, _) => Ok(decided?.0),
        }
    }
}

/// Decisions of a fallback model.
struct PatternDecisions {
    patterns: Vec<(FeatureMask, Decision)>,
    /// By the number of features that are missing at random.
    others: Vec<Decision>,
}

fn probabilities(estimator: &Estimator, rows: &Dataset, masks: &Masks) -> Result<Vec<f64>> {
    let hidden = match masks {
        Masks::Same(mask) => hide(rows, vec![*mask; rows.rows()].into_iter())?,
        Masks::OneARow(masks) => hide(rows, masks.iter().copied())?,
    };
    Ok(estimator.predict_proba(hidden.records()).to_vec())
}

fn pattern_scores(test: &Dataset, probabilities: &[f64], threshold: f64) -> PatternScores {
    let truth = test.targets().to_vec();
    let scores = ProbabilityScores::of(&truth, probabilities);
    PatternScores {
        accuracy: confusion(&truth, probabilities, threshold).accuracy(),
        roc_auc: scores.roc_auc,
        expected_calibration_error: scores.expected_calibration_error,
    }
}

/// Arrays one after the other.
fn joined<T: Clone, D: ndarray::RemoveAxis>(parts: &[ndarray::ArrayView<T, D>]) -> ndarray::Array<T, D> {
    concatenate(Axis(0), parts).expect("copies have the same columns")
}
