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
    /// A row is answered if it lacks all of these features.
    pub hidden: Vec<usize>,
    /// The trees.
    pub sum: TreeSum<'a>,
    /// Decisions for rows that lack these features and no others.
    pub patterns: Vec<(Vec<usize>, OnnxDecision<'a>)>,
    /// The decision for all other rows.
    pub others: OnnxDecision<'a>,
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
    // The last one that is chosen takes precedence.
    for fallback in fallbacks.iter().rev() {
        let raw = add_estimator(graph, &fallback.sum, input);
        let mut own = add_answer(graph, fallback.others, &raw);
        for (pattern, decision) in &fallback.patterns {
            let is_pattern = missing.equals(graph, pattern);
            let other = add_answer(graph, *decision, &raw);
            own = other.chosen_by(graph, &is_pattern, own);
        }
        let lacks_hidden = missing.contains(graph, &fallback.hidden);
        answers = own.chosen_by(graph, &lacks_hidden, answers);
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
