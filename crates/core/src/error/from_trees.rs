//! Errors of hitflop-trees as errors of the program.

use super::{Error, Fault, Place, Reason};

const ROWS: &str = "training rows";

impl From<hitflop_trees::TreesError> for Error {
    fn from(error: hitflop_trees::TreesError) -> Error {
        use hitflop_trees::TreesError as Trees;
        let fault =
            |place, reason, rule: String, value: String| Error::input(Fault::new(place, reason, rule).found(value));
        let number = |index: usize| index as u64 + 1;
        match error {
            Trees::Parameter { name, rule, value } => fault(Place::parameter(name), Reason::Setting, rule, value),
            Trees::Shape { rule, value } => fault(Place::table(ROWS), Reason::Setting, rule, value.to_string()),
            Trees::TooFewRows { rule, value } => fault(Place::table(ROWS), Reason::TooFewRows, rule, value.to_string()),
            Trees::Weighted { rule, value } => fault(Place::table(ROWS), Reason::Setting, rule, value.to_string()),
            Trees::Weight { row, rule, value } => {
                fault(Place::table("sample weights").row(number(row)), Reason::NotFinite, rule, value.to_string())
            }
            Trees::Value { row, column, rule, value } => {
                let place = Place::table(ROWS).row(number(row)).column(format!("number {}", number(column)));
                fault(place, Reason::NotFinite, rule, value.to_string())
            }
            Trees::ValidationRow { position, rule, value } => {
                fault(Place::table("validation rows").row(number(position)), Reason::Setting, rule, value.to_string())
            }
            Trees::Linfa(error) => Error::Failed(format!("the estimator failed: {error}")),
            other => Error::Failed(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_parameters_and_rows_are_faults_of_the_input() {
        let rule = || "expected something else".to_owned();
        for error in [
            hitflop_trees::TreesError::Parameter { name: "max_depth", rule: rule(), value: "0".to_owned() },
            hitflop_trees::TreesError::Shape { rule: rule(), value: 0 },
            hitflop_trees::TreesError::TooFewRows { rule: rule(), value: 1 },
            hitflop_trees::TreesError::Weighted { rule: rule(), value: 2.5 },
            hitflop_trees::TreesError::Weight { row: 3, rule: rule(), value: -1.0 },
            hitflop_trees::TreesError::Value { row: 16, column: 1, rule: rule(), value: f64::NEG_INFINITY },
            hitflop_trees::TreesError::ValidationRow { position: 1, rule: rule(), value: 7 },
        ] {
            let text = error.to_string();
            let error = Error::from(error);
            assert!(error.is_input(), "{text}");
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn a_failure_of_linfa_is_a_failure() {
        let error = Error::from(hitflop_trees::TreesError::Linfa(linfa::Error::NotEnoughSamples));
        assert!(!error.is_input());
        assert!(error.to_string().starts_with("the estimator failed: "), "{error}");
    }
}
