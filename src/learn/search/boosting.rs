//! A search for the parameters of the boosting, of bounded cost.

use serde::{Deserialize, Serialize};

/// Parameters that were tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// By name, in a fixed order.
    pub params: Vec<(String, String)>,
    /// Trees at which the log loss was least, on each fold that it was tried on.
    pub trees: Vec<u64>,
    /// ROC AUC on each fold that it was tried on.
    pub roc_auc: Vec<f64>,
    /// Log loss on each fold that it was tried on.
    pub log_loss: Vec<f64>,
    /// The last round that it took part in, the first being 0.
    pub last_round: u64,
}

/// A round of successive halving.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Candidates in it.
    pub candidates: u64,
    /// Folds that each has been tried on by its end.
    pub folds: u64,
}

/// Everything that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoostingSearch {
    /// Seed of the candidates and folds.
    pub seed: u64,
    /// The rounds, in order.
    pub rounds: Vec<Round>,
    /// All candidates, in the order in which they were drawn.
    pub candidates: Vec<Candidate>,
    /// Index of the best.
    pub best: usize,
}
