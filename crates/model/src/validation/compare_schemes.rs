//! Scores of one specification by three validation schemes.

use std::collections::HashSet;

use rayon::prelude::*;

use super::scheme_scores::{DecadeScores, SchemeComparison, SchemeFit, SchemeScores, ScoreSummary, ValidationScheme};
use super::{ModelSpec, ValidationBudget};
use crate::dataset::grouped_dataset::GroupedDataset;
use crate::estimator::Estimator;
use crate::selection::hold_out::HoldOut;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_core::track::Decade;
use hitflop_metrics::bootstrap::{intervals, ResampledPredictions, ScoreIntervals};
use hitflop_metrics::moments::{deviation, mean};
use hitflop_metrics::scores;
use hitflop_metrics::split::{
    forward_splits, grouped_split, has_both_classes, random_split, ForwardSplit, TrainTestSplit,
};
use hitflop_trees::THRESHOLD;

/// An estimator that is already fitted: with the same parameters and features, on the training rows of this way to hold out.
#[derive(Clone, Copy, Debug)]
pub struct PrefitModel<'a> {
    /// What it is.
    pub estimator: &'a Estimator,
    /// How rows were held out.
    pub hold_out: HoldOut,
}

/// A fit to be made.
struct PlannedFit {
    scheme: ValidationScheme,
    seed: Option<u64>,
    train_decades: Vec<Decade>,
    test_decade: Option<Decade>,
    split: TrainTestSplit,
}

/// Scores `spec` by the validation schemes. Splits at random and by groups have the seed of `hold_out` and those after it, and its share;
/// a split that an estimator `prefit` was fitted on is not fitted again. Every fit has the seed of the parameters. `on_fit` is
/// called after each fit.
///
/// # Errors
/// A parameter is outside its range, or the tracks lack a feature. A scheme that the tracks do not allow is no error: it is left
/// out, with the reason.
pub fn compare_schemes(
    spec: &ModelSpec,
    tracks: &GroupedDataset,
    schemes: &[ValidationScheme],
    hold_out: HoldOut,
    budget: &ValidationBudget,
    prefit: Option<PrefitModel>,
    on_fit: &(dyn Fn() + Sync),
) -> Result<SchemeComparison> {
    spec.params.check()?;
    let dataset = tracks.dataset().with_features(&spec.features)?;
    let (tasks, left_out) = tasks(tracks, schemes, hold_out, budget);
    let predict = |task: &PlannedFit| {
        let known = prefit.filter(|fitted| {
            let same = HoldOut { seed: task.seed.unwrap_or_default(), ..fitted.hold_out } == fitted.hold_out;
            task.seed.is_some() && same && ValidationScheme::from(fitted.hold_out.by) == task.scheme
        });
        let probabilities = match known {
            Some(fitted) => Ok(fitted.estimator.predict_proba(dataset.select(&task.split.test).records()).to_vec()),
            None => spec.fit_and_predict(&dataset, &task.split.train, &task.split.test),
        };
        on_fit();
        probabilities
    };
    // Several fits side by side keep more threads busy than one does. Collected before the first error is looked for, so that it
    // is the same one at any number of threads.
    let probabilities: Vec<Result<Vec<f64>>> = tasks.par_iter().with_max_len(1).map(predict).collect();
    let probabilities = probabilities.into_iter().collect::<Result<Vec<_>>>()?;
    let done: Vec<CompletedFit> =
        tasks.iter().zip(&probabilities).map(|(task, given)| CompletedFit { task, given }).collect();
    let scorer = SchemeScorer { tracks, dataset: &dataset, budget, seed: hold_out.seed };
    let (largest_group, _) = tracks.largest_group();
    Ok(SchemeComparison {
        params: spec.params.clone(),
        features: spec.features.len() as u64,
        seed: hold_out.seed,
        test_share: hold_out.test_share,
        budget: *budget,
        groups: tracks.groups().figures(),
        has_artists: tracks.identity().has_artists(),
        largest_group,
        scores: ValidationScheme::ALL.into_iter().filter_map(|scheme| scorer.scheme(scheme, &done)).collect(),
        left_out,
        by_decade: [ValidationScheme::Random, ValidationScheme::Grouped]
            .into_iter()
            .flat_map(|scheme| scorer.by_decade(scheme, &done))
            .collect(),
    })
}

/// How many fits [`compare_schemes`] makes at most.
pub fn fits(tracks: &GroupedDataset, schemes: &[ValidationScheme], budget: &ValidationBudget) -> u64 {
    let of = |scheme: &ValidationScheme| match scheme {
        ValidationScheme::Random | ValidationScheme::Grouped => budget.repeats,
        ValidationScheme::Forward => forward_in_time(tracks).len(),
    };
    schemes.iter().map(of).sum::<usize>() as u64
}

fn tasks(
    tracks: &GroupedDataset,
    schemes: &[ValidationScheme],
    hold_out: HoldOut,
    budget: &ValidationBudget,
) -> (Vec<PlannedFit>, Vec<(ValidationScheme, String)>) {
    let (mut tasks, mut left_out) = (Vec::new(), Vec::new());
    for scheme in ValidationScheme::ALL.into_iter().filter(|scheme| schemes.contains(scheme)) {
        match tasks_of(scheme, tracks, hold_out, budget) {
            Ok(more) => tasks.extend(more),
            Err(reason) => left_out.push((scheme, reason)),
        }
    }
    (tasks, left_out)
}

/// For each decade but the first, all tracks of earlier decades to fit on and its own to score on. Tracks without a decade are in
/// neither.
fn forward_in_time(tracks: &GroupedDataset) -> Vec<ForwardSplit<Decade>> {
    let decades = &tracks.identity().decades;
    let rows: Vec<usize> = (0..decades.len()).filter(|&row| decades[row].is_some()).collect();
    let periods: Vec<Decade> = decades.iter().flatten().copied().collect();
    let mut splits = forward_splits(&periods);
    let parts = splits.iter_mut().flat_map(|forward| [&mut forward.split.train, &mut forward.split.test]);
    parts.flatten().for_each(|place| *place = rows[*place]);
    splits
}

/// The fits of a scheme, or why there are none.
fn tasks_of(
    scheme: ValidationScheme,
    tracks: &GroupedDataset,
    hold_out: HoldOut,
    budget: &ValidationBudget,
) -> std::result::Result<Vec<PlannedFit>, String> {
    let (targets, strata) = (tracks.targets(), tracks.strata());
    let seeds = (0..budget.repeats as u64).map(|repeat| hold_out.seed.wrapping_add(repeat));
    let of_seed = |seed: u64| {
        let split = match scheme {
            ValidationScheme::Grouped => grouped_split(&targets, tracks.groups(), hold_out.test_share, seed),
            _ => random_split(&strata, hold_out.test_share, seed),
        };
        let split = split.map_err(|error| error.to_string())?;
        Ok(PlannedFit { scheme, seed: Some(seed), train_decades: Vec::new(), test_decade: None, split })
    };
    let tasks: Vec<PlannedFit> = match scheme {
        ValidationScheme::Random | ValidationScheme::Grouped => {
            seeds.map(of_seed).collect::<std::result::Result<_, String>>()?
        }
        ValidationScheme::Forward => forward_in_time(tracks)
            .into_iter()
            .map(|forward| PlannedFit {
                scheme,
                seed: None,
                train_decades: forward.train,
                test_decade: Some(forward.test),
                split: forward.split,
            })
            .collect(),
    };
    let has_both = |rows: &[usize]| has_both_classes(&targets, rows);
    // What cannot be learned from, or has nothing to be ranked, is no part.
    let tasks: Vec<PlannedFit> =
        tasks.into_iter().filter(|task| has_both(&task.split.train) && has_both(&task.split.test)).collect();
    match tasks.is_empty() {
        false => Ok(tasks),
        true if scheme == ValidationScheme::Forward && !tracks.identity().has_decades() => {
            Err("no track has a decade".to_owned())
        }
        true if scheme == ValidationScheme::Forward => {
            Err("expected hits and flops in two decades at least, to learn from one and score on the next".to_owned())
        }
        true => Err("expected hits and flops in either part".to_owned()),
    }
}

/// A fit that was made: the probabilities of its test rows.
struct CompletedFit<'a> {
    task: &'a PlannedFit,
    given: &'a [f64],
}

struct SchemeScorer<'a> {
    tracks: &'a GroupedDataset,
    dataset: &'a Dataset,
    budget: &'a ValidationBudget,
    seed: u64,
}

impl SchemeScorer<'_> {
    fn scheme(&self, scheme: ValidationScheme, done: &[CompletedFit]) -> Option<SchemeScores> {
        let own: Vec<&CompletedFit> = done.iter().filter(|done| done.task.scheme == scheme).collect();
        let parts: Vec<SchemeFit> = own.iter().map(|done| self.part(done)).collect();
        let answers: Vec<ResampledPredictions> =
            own.iter().map(|done| self.answers(&done.task.split.test, done.given)).collect();
        let summary = |of: fn(&SchemeFit) -> f64| {
            let values: Vec<f64> = parts.iter().map(of).collect();
            ScoreSummary { mean: mean(&values), deviation: deviation(&values) }
        };
        let (accuracy, roc_auc) = (summary(|part| part.scores.accuracy), summary(|part| part.scores.roc_auc));
        let known_share = summary(|part| part.known_share).mean;
        let intervals = self.intervals(&answers);
        (!parts.is_empty()).then_some(SchemeScores { scheme, parts, accuracy, roc_auc, intervals, known_share })
    }

    fn part(&self, done: &CompletedFit) -> SchemeFit {
        let TrainTestSplit { train, test } = &done.task.split;
        let group = |row: &usize| self.tracks.groups().of_rows()[*row];
        let known: HashSet<usize> = train.iter().map(group).collect();
        let met = test.iter().filter(|row| known.contains(&group(row))).count();
        let hits = |rows: &[usize]| rows.iter().filter(|&&row| self.dataset.targets()[row]).count();
        let majority_is_hit = 2 * hits(train) > train.len();
        let right = if majority_is_hit { hits(test) } else { test.len() - hits(test) };
        SchemeFit {
            seed: done.task.seed,
            train_decades: done.task.train_decades.clone(),
            test_decade: done.task.test_decade,
            train_rows: train.len() as u64,
            test_rows: test.len() as u64,
            known_share: met as f64 / test.len() as f64,
            majority_accuracy: right as f64 / test.len() as f64,
            scores: scores::scores(&self.truth(test), done.given, THRESHOLD),
            intervals: self.intervals(&[self.answers(test, done.given)]),
        }
    }

    /// Scores on the tracks of each decade that the first fit of a scheme is scored on.
    fn by_decade(&self, scheme: ValidationScheme, done: &[CompletedFit]) -> Vec<DecadeScores> {
        let Some(first) = done.iter().find(|done| done.task.scheme == scheme) else { return Vec::new() };
        let decade_of = |row: usize| self.tracks.identity().decades[row];
        let mut decades: Vec<Decade> = first.task.split.test.iter().filter_map(|&row| decade_of(row)).collect();
        decades.sort_unstable();
        decades.dedup();
        // The scores on one decade are those on all tracks.
        if decades.len() < 2 {
            return Vec::new();
        }
        let of = |decade: Decade| {
            let of_decade =
                first.task.split.test.iter().zip(first.given).filter(|(&row, _)| decade_of(row) == Some(decade));
            let (rows, given): (Vec<usize>, Vec<f64>) = of_decade.map(|(&row, &given)| (row, given)).unzip();
            let truth = self.truth(&rows);
            DecadeScores {
                scheme,
                decade,
                test_rows: rows.len() as u64,
                hit_share: truth.iter().filter(|&&hit| hit).count() as f64 / rows.len() as f64,
                scores: scores::scores(&truth, &given, THRESHOLD),
                intervals: self.intervals(&[self.answers(&rows, &given)]),
            }
        };
        decades.into_iter().map(of).collect()
    }

    fn truth(&self, rows: &[usize]) -> Vec<bool> {
        rows.iter().map(|&row| self.dataset.targets()[row]).collect()
    }

    fn answers(&self, rows: &[usize], given: &[f64]) -> ResampledPredictions {
        let groups: Vec<usize> = rows.iter().map(|&row| self.tracks.groups().of_rows()[row]).collect();
        ResampledPredictions::new(&self.truth(rows), given, &groups, THRESHOLD)
    }

    fn intervals(&self, answers: &[ResampledPredictions]) -> Option<ScoreIntervals> {
        intervals(answers, self.tracks.groups().len(), self.budget.resamples, self.seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::{EstimatorKind, EstimatorParams};
    use crate::fixtures::grouped_tracks;
    use crate::selection::hold_out::HoldOutBy;

    fn spec(tracks: &GroupedDataset) -> ModelSpec {
        let params = EstimatorParams::of(EstimatorKind::Boosting).with("n_estimators", "20").expect("a parameter");
        ModelSpec { params, features: tracks.dataset().features().to_vec() }
    }

    fn budget() -> ValidationBudget {
        ValidationBudget { repeats: 2, resamples: 200, ..ValidationBudget::standard() }
    }

    fn measured(tracks: &GroupedDataset, prefit: Option<PrefitModel>) -> SchemeComparison {
        let spec = spec(tracks);
        compare_schemes(&spec, tracks, &ValidationScheme::ALL, HoldOut::default(), &budget(), prefit, &|| ())
            .expect("scores")
    }

    #[test]
    fn each_scheme_holds_out_its_tracks() {
        let tracks = grouped_tracks(900);
        let found = measured(&tracks, None);
        let shapes: Vec<(ValidationScheme, usize)> =
            found.scores.iter().map(|scheme| (scheme.scheme, scheme.parts.len())).collect();
        assert_eq!(
            shapes,
            [(ValidationScheme::Random, 2), (ValidationScheme::Grouped, 2), (ValidationScheme::Forward, 2)]
        );
        assert_eq!(
            found.scores.iter().map(|one| one.parts.len()).sum::<usize>() as u64,
            fits(&tracks, &ValidationScheme::ALL, &budget())
        );
        let [random, grouped, forward] = &found.scores[..] else { panic!("three") };
        assert!(random.known_share > 0.9 && forward.known_share > 0.9, "four tracks an artist, over three decades");
        assert_eq!(grouped.known_share, 0.0, "no group is on both sides");
        assert_eq!(forward.parts[1].train_decades.len(), 2);
        assert_eq!(
            (forward.parts[0].train_rows, forward.parts[0].test_rows, forward.parts[1].train_rows),
            (300, 300, 600)
        );
        for scheme in &found.scores {
            let mean = |of: fn(&SchemeFit) -> f64| scheme.parts.iter().map(of).sum::<f64>() / 2.0;
            assert!((scheme.roc_auc.mean - mean(|part| part.scores.roc_auc)).abs() < 1e-15);
            assert!((scheme.accuracy.mean - mean(|part| part.scores.accuracy)).abs() < 1e-15);
            let intervals = scheme.intervals.expect("both labels");
            assert!((intervals.roc_auc.low..=intervals.roc_auc.high).contains(&scheme.roc_auc.mean));
            assert!(intervals.accuracy.low < intervals.accuracy.high && scheme.roc_auc.mean > 0.8);
        }
        let decades: Vec<(ValidationScheme, i32)> =
            found.by_decade.iter().map(|one| (one.scheme, one.decade.year())).collect();
        assert_eq!(decades.len(), 6);
        assert_eq!(decades[..2], [(ValidationScheme::Random, 1960), (ValidationScheme::Random, 1970)]);
        let rows: u64 = found.by_decade.iter().take(3).map(|one| one.test_rows).sum();
        assert_eq!(rows, random.parts[0].test_rows);
        assert!(found.left_out.is_empty());
    }

    #[test]
    fn an_estimator_at_hand_gives_what_a_fit_would() {
        let tracks = grouped_tracks(600);
        let spec = spec(&tracks);
        for by in [HoldOutBy::Random, HoldOutBy::Grouped] {
            let hold_out = HoldOut { by, ..HoldOut::default() };
            let split = hold_out.split(&tracks).expect("a split");
            let estimator = spec.params.fit(&tracks.dataset().select(&split.train)).expect("a fit");
            assert_eq!(
                measured(&tracks, Some(PrefitModel { estimator: &estimator, hold_out })),
                measured(&tracks, None)
            );
        }
    }

    #[test]
    fn what_the_tracks_do_not_allow_is_left_out_with_the_reason() {
        let tracks = grouped_tracks(600);
        let sixties: Vec<usize> = (0..600).step_by(3).collect();
        let identity = tracks.identity().select(&sixties);
        let one =
            GroupedDataset::new(tracks.dataset().select(&sixties), identity, &[], Default::default()).expect("tracks");
        let found = measured(&one, None);
        assert_eq!(found.scores.len(), 2);
        assert_eq!(found.left_out[0].0, ValidationScheme::Forward);
        assert!(found.left_out[0].1.starts_with("expected hits and flops in two decades"), "{:?}", found.left_out);
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let tracks = grouped_tracks(600);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| measured(&tracks, None))
        };
        assert_eq!(with(1), with(3));
    }
}
