//! From a sum of leaf values to probability and label, in 64-bit floats.

use super::graph::{GraphBuilder, TensorName};
use super::proto::{AttributeProto, DOUBLE, INT64};
use crate::export::tree_sum::SumLink;
use hitflop_metrics::calibration::{Calibration, Isotonic, Platt};

/// Adds the nodes from the sums to the estimator's probabilities.
pub(super) fn add_probability(graph: &mut GraphBuilder, link: SumLink, sums: &str) -> TensorName {
    match link {
        SumLink::Mean(trees) => {
            let trees = graph.number(trees as f64);
            graph.op("Div", &[sums, &trees], vec![])
        }
        // The baseline is part of the sum.
        SumLink::LogOdds(_) => add_logistic(graph, sums),
    }
}

/// Adds 1 / (1 + exp(-z)) by plain operators: what LOGISTIC as `post_transform` does differs between versions of runtimes.
fn add_logistic(graph: &mut GraphBuilder, log_odds: &str) -> TensorName {
    let minus = graph.op("Neg", &[log_odds], vec![]);
    let odds = graph.op("Exp", &[&minus], vec![]);
    let one = graph.number(1.0);
    let both = graph.op("Add", &[&one, &odds], vec![]);
    graph.op("Div", &[&one, &both], vec![])
}

/// Adds the nodes of a calibration.
pub(super) fn add_calibration(graph: &mut GraphBuilder, calibration: &Calibration, probabilities: &str) -> TensorName {
    match calibration {
        Calibration::None => probabilities.to_owned(),
        Calibration::Platt(platt) => add_platt(graph, platt, probabilities),
        Calibration::Isotonic(isotonic) => add_isotonic(graph, isotonic, probabilities),
    }
}

fn add_platt(graph: &mut GraphBuilder, platt: &Platt, probabilities: &str) -> TensorName {
    let [least, most] = [Platt::MIN_PROBABILITY, 1.0 - Platt::MIN_PROBABILITY].map(|end| graph.number(end));
    let clipped = graph.op("Clip", &[probabilities, &least, &most], vec![]);
    let one = graph.number(1.0);
    let rest = graph.op("Sub", &[&one, &clipped], vec![]);
    let odds = graph.op("Div", &[&clipped, &rest], vec![]);
    let log_odds = graph.op("Log", &[&odds], vec![]);
    let slope = graph.number(platt.slope);
    let scaled = graph.op("Mul", &[&slope, &log_odds], vec![]);
    let intercept = graph.number(platt.intercept);
    let moved = graph.op("Add", &[&scaled, &intercept], vec![]);
    add_logistic(graph, &moved)
}

/// Adds a lookup of the straight line that a probability is on: from the last knot that is at most the probability to the next
/// one, and a flat line before the first and from the last knot on.
fn add_isotonic(graph: &mut GraphBuilder, isotonic: &Isotonic, probabilities: &str) -> TensorName {
    let (knots, values) = (&isotonic.probabilities, &isotonic.calibrated);
    let count = knots.len();
    let below = |line: usize| line.saturating_sub(1);
    let above = |line: usize| line.min(count - 1);
    let is_flat = |line: usize| line == 0 || line == count;
    let lines = |value: &dyn Fn(usize) -> f64| (0..=count).map(value).collect::<Vec<f64>>();
    let start = lines(&|line| knots[below(line)]);
    let low = lines(&|line| values[below(line)]);
    let high = lines(&|line| values[above(line)]);
    let rise = lines(&|line| if is_flat(line) { 0.0 } else { values[line] - values[line - 1] });
    let width = lines(&|line| if is_flat(line) { 1.0 } else { knots[line] - knots[line - 1] });
    let row = graph.numbers(vec![1, count as i64], knots.clone());
    let is_less = graph.op("Less", &[probabilities, &row], vec![]);
    let is_less = graph.cast(&is_less, DOUBLE);
    let greater = graph.row_sums(&is_less);
    let all = graph.number(count as f64);
    let line = graph.op("Sub", &[&all, &greater], vec![]);
    let line = graph.cast(&line, INT64);
    let look_up = |graph: &mut GraphBuilder, table: Vec<f64>| {
        let table = graph.numbers(vec![count as i64 + 1], table);
        graph.op("Gather", &[&table, &line], vec![AttributeProto::int("axis", 0)])
    };
    let [start, low, high, rise, width] = [start, low, high, rise, width].map(|table| look_up(graph, table));
    let distance = graph.op("Sub", &[probabilities, &start], vec![]);
    let part = graph.op("Div", &[&distance, &width], vec![]);
    let risen = graph.op("Mul", &[&rise, &part], vec![]);
    let value = graph.op("Add", &[&low, &risen], vec![]);
    let at_least = graph.op("Max", &[&value, &low], vec![]);
    graph.op("Min", &[&at_least, &high], vec![])
}

/// Adds labels (1 where a probability is greater than its threshold, else 0; one dimension) and probabilities of both classes.
pub(super) fn add_outputs(graph: &mut GraphBuilder, thresholds: &str, probabilities: &str) -> [TensorName; 2] {
    let is_hit = graph.op("Greater", &[probabilities, thresholds], vec![]);
    let labels = graph.cast(&is_hit, INT64);
    let column = graph.whole_numbers(vec![1]);
    let labels = graph.op("Squeeze", &[&labels, &column], vec![]);
    let one = graph.number(1.0);
    let rest = graph.op("Sub", &[&one, probabilities], vec![]);
    let both = graph.op("Concat", &[&rest, probabilities], vec![AttributeProto::int("axis", 1)]);
    [labels, both]
}
