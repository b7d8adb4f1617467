//! Why a model says what it says.
//!
//! | module | answers |
//! |---|---|
//! | [`local`] | one track: the contribution of each feature, and the ranks of its values among the hits and flops of its decade |
//! | [`counterfactual`] | the smallest change of one or two features with which a track is called otherwise |
//! | [`explainers`] | what splits the answers of a model's estimators into contributions |
//! | [`permutation`] | what a model loses without a feature, on rows that it has not seen |
//! | [`partial_dependence`] | what a model answers as one feature changes |
//! | [`global`] | all of these of one model, as a report shows them |

pub mod counterfactual;
pub mod explainers;
mod feature_axis;
pub mod global;
pub mod local;
pub mod partial_dependence;
pub mod permutation;
mod settings;
mod subsample;
