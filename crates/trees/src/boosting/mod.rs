//! Gradient boosting for two classes: Newton steps on log loss, by trees grown on histograms, leaf-wise or symmetric.
//!
//! | module | what it does |
//! |---|---|
//! | `params`, `options` | what can be set, checked |
//! | `fit` | linfa's contract: checks, weights, rows held out |
//! | `distillation` | rows whose truths are the probabilities of neural networks |
//! | `boost` | tree after tree, until all are grown or the loss on held-out rows no longer falls |
//! | `loss` | log loss, its derivatives, the logistic function |
//! | `gradients` | derivatives of all rows, and their words |
//! | `sampling` | uniform draws of rows, draws of features |
//! | `minimal_variance` | draws of rows by their derivatives |
//! | `grower` | what a tree is grown from; one tree, best leaf first |
//! | `frontier` | the leaves of a tree that can be split |
//! | `structure` | a tree before its leaves have values |
//! | `symmetric` | one tree, level by level |
//! | `histogram` | sums of derivatives by bin |
//! | `splitting` | the best cut of a feature for a node, from its histogram |
//! | `oblivious_split` | the best cut of a feature for all nodes of a level |
//! | `model` | the trees, and prediction |
//!
//! # What makes it fast
//!
//! For the choice of splits, gradients and hessians are rounded to whole numbers (Shi et al. 2022), and stand with a count of 1
//! in one 64-bit word, so that a row enters a histogram by one addition of one word, and a histogram of 256 bins takes two
//! kibibytes. Sums of whole numbers do not depend on their order, so neither do results on the number of threads. The units are
//! chosen anew for every tree, as small as the sums permit that can occur at all. Beyond 65,535 rows, and where weights differ more
//! than eightfold, the words have 128 bits.
//!
//! What is lost: a sum over n rows is off by at most n/2 units of the gradient and n units of the hessian. For S the greater of
//! the sums of positive and of negative gradients, a unit of the gradient is S / (2²⁴ − 1 − rows), that of the hessian
//! Σ h / (2²³ − 1 − 2 rows) (2⁴⁷ and 2⁴⁸ in wide words). A term G² / (H + λ) of the gain is off by at most
//! 2 |G| / (H + λ) times the error of G and (G / (H + λ))² times that of H, to the first order; the tests hold every split
//! to that bound. In a level of a symmetric tree the errors of its nodes add up. `min_child_weight` is held to rounded hessians, each at least a unit. `min_samples_leaf` is exact, and so are
//! the values of the leaves: they are summed from what was not rounded. With minimal variance sampling, words hold derivatives times
//! the factors of their rows, `min_samples_leaf` counts sampled rows, and the values of leaves are those of all rows.
//!
//! The leaves with the next highest gains are split ahead of time, in parallel, as their children do not depend on the order;
//! and only the smaller child's histogram is summed, the larger's being the parent's minus that. Every leaf
//! that can still be split keeps its histogram: two kibibytes a feature, four in wide words. Of a symmetric tree those are all
//! nodes of a level, which features are shared out for among the threads.

mod boost;
mod distillation;
mod fit;
mod frontier;
mod gradients;
mod grower;
mod histogram;
mod loss;
mod minimal_variance;
mod model;
mod oblivious_split;
mod options;
mod params;
mod sampling;
mod splitting;
mod structure;
mod symmetric;
#[cfg(test)]
mod tests;

pub use fit::BinnedDataset;
pub(crate) use loss::{log_loss, sigmoid};
pub use model::GradientBoosting;
pub use options::{Distillation, EarlyStopping, RowSampling, SplitCriterion};
pub use params::{GradientBoostingParams, GradientBoostingValidParams};
