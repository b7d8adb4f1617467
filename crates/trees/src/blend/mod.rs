//! Several models as one: a weighted sum of their margins (stacked generalisation: Wolpert 1992; Breiman 1996, "Stacked
//! regressions", who holds the weights to be non-negative).
//!
//! | module | what it is |
//! |---|---|
//! | `member` | a model and its parameters, whatever its kind |
//! | `params` | what can be set |
//! | `weights` | the weights, found on margins of rows that the members were not fitted to |
//! | `fit` | out-of-fold margins, and the fit of all members |
//! | `model` | the estimator |
//! | `ensemble` | a blend as one sum of trees |

mod ensemble;
mod fit;
mod member;
mod model;
mod params;
#[cfg(test)]
mod tests;
mod weights;

pub use member::{MemberModel, MemberParams};
pub use model::{Blend, BlendMember};
pub use params::{BlendParams, BlendValidParams};
pub use weights::{fit_weights, BlendWeights};
