//! Which estimator answers a row, by what calibration and threshold: decided by the features that the row lacks.

use super::decision::{add_calibration, add_probability};
use super::ensemble;
use super::graph::{GraphBuilder, TensorName};
use super::proto::DOUBLE;
use crate::decision::Decision;
use crate::export::tree_sum::{SumLink, TreeSum};
use hitflop_metrics::calibration::Calibration;

/// Calibration and threshold.
#[derive(Clone, Copy, Debug)]
pub struct OnnxDecision<'a> {
    /// From the estimator's probability to the model's.
    pub calibration: &'a Calibration,
    /// The label is 1 if the probability is greater than this.
    pub threshold: f64,
}

impl<'a> From<&'a Decision> for OnnxDecision<'a> {
    fn from(decision: &'a Decision) -> OnnxDecision<'a> {
        OnnxDecision { calibration: &decision.calibration, threshold: decision.threshold }
    }
}

/// An estimator for rows that lack features. Features are named by their indices.
#[derive(Clone, Debug)]
pub struct OnnxFallback<'a> {
    /// A row is answered if it lacks all of these features …
    pub hidden: Vec<usize>,
    /// … and at least so many.
    pub min_missing: usize,
    /// The trees.
    pub sum: TreeSum<'a>,
    /// Decisions for rows that lack these features and no others, whatever other fallback could answer them.
    pub patterns: Vec<(Vec<usize>, OnnxDecision<'a>)>,
    /// The decisions for all other rows by the number of features that they lack beside the hidden ones, from 0 on; the last one for
    /// more. Without any, no other rows are answered.
    pub others: Vec<OnnxDecision<'a>>,
}

/// Probabilities and thresholds, rows × 1.
#[derive(Clone)]
pub(super) struct Answers {
    pub probabilities: TensorName,
    pub thresholds: TensorName,
}

/// Adds the probabilities of an estimator before any calibration.
pub(super) fn add_estimator(graph: &mut GraphBuilder, sum: &TreeSum, input: &str) -> TensorName {
    let baseline = match sum.link {
        SumLink::LogOdds(baseline) => baseline,
        SumLink::Mean(_) => 0.0,
    };
    let sums = ensemble::add(graph, sum, input, baseline);
    add_probability(graph, sum.link, &sums)
}

/// Adds the answer by a decision.
pub(super) fn add_answer(graph: &mut GraphBuilder, decision: OnnxDecision, raw: &str) -> Answers {
    Answers {
        probabilities: add_calibration(graph, decision.calibration, raw),
        thresholds: graph.numbers(vec![1, 1], vec![decision.threshold]),
    }
}

/// Adds the choice among the answer of complete rows and those of fallbacks, of which the first takes precedence. Rows that lack
/// no feature but those `learned` have the former.
pub(super) fn add_choice(
    graph: &mut GraphBuilder,
    complete: Answers,
    fallbacks: &[OnnxFallback],
    learned: &[usize],
    features: usize,
    input: &str,
) -> Answers {
    if fallbacks.is_empty() {
        return complete;
    }
    let is_missing = graph.op("IsNaN", &[input], vec![]);
    let missing = RowsMissing { tensor: graph.cast(&is_missing, DOUBLE), features };
    let mut answers = complete.clone();
    let raws: Vec<TensorName> = fallbacks.iter().map(|fallback| add_estimator(graph, &fallback.sum, input)).collect();
    // The last one that is chosen takes precedence: the first fallback, and before all of them a set that is listed.
    for (fallback, raw) in fallbacks.iter().zip(&raws).rev() {
        let Some(own) = missing.by_number(graph, fallback, raw) else { continue };
        let lacks_hidden = missing.contains(graph, &fallback.hidden);
        let lacks_many = missing.at_least(graph, &[], fallback.min_missing);
        let is_answered = graph.op("And", &[&lacks_hidden, &lacks_many], vec![]);
        answers = own.chosen_by(graph, &is_answered, answers);
    }
    for (fallback, raw) in fallbacks.iter().zip(&raws) {
        for (pattern, decision) in &fallback.patterns {
            let is_pattern = missing.equals(graph, pattern);
            let listed = add_answer(graph, *decision, raw);
            answers = listed.chosen_by(graph, &is_pattern, answers);
        }
    }
    let is_learned = missing.is_within(graph, learned);
    complete.chosen_by(graph, &is_learned, answers)
}

impl Answers {
    /// Adds the choice of these where a condition holds, and of others elsewhere.
    fn chosen_by(&self, graph: &mut GraphBuilder, condition: &str, others: Answers) -> Answers {
        let mut choose = |own: &str, other: &str| graph.op("Where", &[condition, own, other], vec![]);
        Answers {
            probabilities: choose(&self.probabilities, &others.probabilities),
            thresholds: choose(&self.thresholds, &others.thresholds),
        }
    }
}

/// Which features each row lacks: rows × features, 1 or 0.
struct RowsMissing {
    tensor: TensorName,
    features: usize,
}

impl RowsMissing {
    /// Adds the number of features that a row lacks, those that are not listed or, with `inside`, those listed.
    fn count(&self, graph: &mut GraphBuilder, listed: &[usize], inside: bool) -> TensorName {
        let factor = |feature: usize| if listed.contains(&feature) == inside { 1.0 } else { 0.0 };
        let factors = graph.numbers(vec![1, self.features as i64], (0..self.features).map(factor).collect());
        let selected = graph.op("Mul", &[&self.tensor, &factors], vec![]);
        graph.row_sums(&selected)
    }

    /// Adds whether a row lacks all of these features.
    fn contains(&self, graph: &mut GraphBuilder, listed: &[usize]) -> TensorName {
        let count = self.count(graph, listed, true);
        let all = graph.number(listed.len() as f64 - 0.5);
        graph.op("Greater", &[&count, &all], vec![])
    }

    /// Adds whether a row lacks at least so many features beside those that are listed.
    fn at_least(&self, graph: &mut GraphBuilder, listed: &[usize], number: usize) -> TensorName {
        let count = self.count(graph, listed, false);
        let below = graph.number(number as f64 - 0.5);
        graph.op("Greater", &[&count, &below], vec![])
    }

    /// Adds the answer of a fallback to rows that lack a set which is not listed; none if it has no decision for them.
    fn by_number(&self, graph: &mut GraphBuilder, fallback: &OnnxFallback, raw: &str) -> Option<Answers> {
        let (first, more) = fallback.others.split_first()?;
        let mut own = add_answer(graph, *first, raw);
        for (index, decision) in more.iter().enumerate() {
            let is_more = self.at_least(graph, &fallback.hidden, index + 1);
            let other = add_answer(graph, *decision, raw);
            own = other.chosen_by(graph, &is_more, own);
        }
        Some(own)
    }

    /// Adds whether a row lacks no other features than these.
    fn is_within(&self, graph: &mut GraphBuilder, listed: &[usize]) -> TensorName {
        let count = self.count(graph, listed, false);
        let half = graph.number(0.5);
        graph.op("Less", &[&count, &half], vec![])
    }

    /// Adds whether a row lacks these features and no others.
    fn equals(&self, graph: &mut GraphBuilder, listed: &[usize]) -> TensorName {
        let contains = self.contains(graph, listed);
        let is_within = self.is_within(graph, listed);
        graph.op("And", &[&contains, &is_within], vec![])
    }
}
