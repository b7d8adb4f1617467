//! The explainers of a model's estimators.

use std::sync::OnceLock;

use crate::missing::Answering;
use crate::model::Model;
use hitflop_trees::Explainer;

/// The explainers of a model's estimators, each made when it is first needed.
#[derive(Clone, Debug)]
pub struct Explainers {
    /// Of the model's own estimator, then of the fallback models.
    explainers: Vec<OnceLock<Explainer>>,
}

impl Explainers {
    /// Those of `model`.
    pub fn new(model: &Model) -> Explainers {
        Explainers { explainers: vec![OnceLock::new(); 1 + model.fallbacks.len()] }
    }

    /// The explainer of the estimator that answers, of the model that these were made for.
    pub(super) fn of(&self, answering: &Answering) -> &Explainer {
        self.explainers[answering.index].get_or_init(|| answering.estimator.explainer())
    }
}
