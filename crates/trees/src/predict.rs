//! Prediction on linfa's contract, the same for all estimators.

use linfa::traits::PredictInplace;
use ndarray::{Array1, ArrayBase, Data, Ix2};

use crate::{Blend, DecisionTree, GradientBoosting, RandomForest};

/// A row is predicted to be of the positive class if its probability is greater than this.
pub const THRESHOLD: f64 = 0.5;

/// Implements `PredictInplace` by `predict_proba`.
macro_rules! predict_inplace {
    ($estimator:ty) => {
        impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<bool>> for $estimator {
            /// Whether each row's probability of the positive class is greater than one half.
            ///
            /// # Panics
            /// `targets` and `records` differ in rows, or `records` has another number of columns than the training rows.
            fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, targets: &mut Array1<bool>) {
                assert_eq!(records.nrows(), targets.len(), "one target a row");
                targets.assign(&self.predict_proba(records.view()).mapv(|probability| probability > THRESHOLD));
            }

            fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<bool> {
                Array1::default(records.nrows())
            }
        }
    };
}

predict_inplace!(DecisionTree);
predict_inplace!(RandomForest);
predict_inplace!(GradientBoosting);
predict_inplace!(Blend);
