//! How good a split is.

use super::counts::{float, Counts, TrainingSample};

/// A measure of impurity.
pub(super) trait Impurity: Sync {
    /// The greater the better, for splits of one node.
    fn score<R: TrainingSample>(&self, left: Counts, node: Counts) -> f64;

    /// By how much a split of this score lowers the impurity, times the node's weight.
    fn decrease(&self, score: f64, node: Counts) -> f64;
}

/// Gini impurity, rows weighted by class.
///
/// The decrease, times the node's weight W, is 2 d² / (W L R), where L and R weigh the sides and
/// d = positives(left) W - positives(node) L. Weights of the classes change d by a factor that all splits share, so that d is computed
/// from whole numbers, without rounding.
pub(super) struct Gini {
    class_weights: [f64; 2],
}

impl Gini {
    pub(super) fn new(class_weights: [f64; 2]) -> Gini {
        Gini { class_weights }
    }

    fn weight(&self, counts: Counts) -> f64 {
        self.class_weights[0] * float(counts.negatives()) + self.class_weights[1] * float(counts.positives)
    }
}

impl Impurity for Gini {
    #[inline(always)]
    fn score<R: TrainingSample>(&self, left: Counts, node: Counts) -> f64 {
        let surplus = R::surplus(left, node);
        surplus * surplus / (self.weight(left) * self.weight(node - left))
    }

    fn decrease(&self, score: f64, node: Counts) -> f64 {
        let factor = self.class_weights[0] * self.class_weights[1];
        2.0 * factor * factor * score / self.weight(node)
    }
}

/// Gini impurity where all rows weigh the same whatever their class.
pub(super) struct PlainGini;

impl Impurity for PlainGini {
    #[inline(always)]
    fn score<R: TrainingSample>(&self, left: Counts, node: Counts) -> f64 {
        let surplus = R::surplus(left, node);
        surplus * surplus / (float(left.weight) * (float(node.weight) - float(left.weight)))
    }

    fn decrease(&self, score: f64, node: Counts) -> f64 {
        2.0 * score / float(node.weight)
    }
}

/// Entropy in nats, rows weighted by class. The score is less the entropy of both sides, times their weights.
pub(super) struct Entropy {
    class_weights: [f64; 2],
}

impl Entropy {
    pub(super) fn new(class_weights: [f64; 2]) -> Entropy {
        Entropy { class_weights }
    }

    /// Less the entropy times the weight: f ln f + h ln h - (f + h) ln (f + h).
    fn negated(&self, counts: Counts) -> f64 {
        let negatives = self.class_weights[0] * float(counts.negatives());
        let positives = self.class_weights[1] * float(counts.positives);
        x_ln_x(negatives) + x_ln_x(positives) - x_ln_x(negatives + positives)
    }
}

fn x_ln_x(x: f64) -> f64 {
    if x > 0.0 {
        x * x.ln()
    } else {
        0.0
    }
}

impl Impurity for Entropy {
    #[inline]
    fn score<R: TrainingSample>(&self, left: Counts, node: Counts) -> f64 {
        self.negated(left) + self.negated(node - left)
    }

    fn decrease(&self, score: f64, node: Counts) -> f64 {
        // Rounding may leave a little less than nothing.
        (score - self.negated(node)).max(0.0)
    }
}

/// [`Entropy`] of rows that all weigh the same whatever their class: with the logarithms of all counts at hand.
pub(super) struct PlainEntropy {
    x_ln_x: Vec<f64>,
}

impl PlainEntropy {
    /// For nodes of at most this weight.
    pub(super) fn new(weight: usize) -> PlainEntropy {
        PlainEntropy { x_ln_x: (0..=weight).map(|count| x_ln_x(count as f64)).collect() }
    }

    fn negated(&self, counts: Counts) -> f64 {
        let [negatives, positives, all] =
            [counts.negatives(), counts.positives, counts.weight].map(|count| self.x_ln_x[count as usize]);
        negatives + positives - all
    }
}

impl Impurity for PlainEntropy {
    #[inline]
    fn score<R: TrainingSample>(&self, left: Counts, node: Counts) -> f64 {
        self.negated(left) + self.negated(node - left)
    }

    fn decrease(&self, score: f64, node: Counts) -> f64 {
        // Rounding may leave a little less than nothing.
        (score - self.negated(node)).max(0.0)
    }
}
