//! Errors of `hitflop-metrics` as errors of the program.

use super::{Error, Fault, Place, Reason};

impl From<hitflop_metrics::MetricsError> for Error {
    fn from(error: hitflop_metrics::MetricsError) -> Error {
        use hitflop_metrics::MetricsError as Metrics;
        let rule = error.rule();
        Error::input(match error {
            Metrics::Parameter { name, value, .. } => {
                Fault::new(Place::parameter(name), Reason::Setting, rule).found(value)
            }
            Metrics::Rows { rows, value, .. } => Fault::new(Place::table(rows), Reason::TooFewRows, rule).found(value),
            Metrics::UnreachablePrecision { objective, .. } => {
                Fault::new(Place::setting("threshold"), Reason::Setting, rule).found(objective.to_string())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use hitflop_metrics::split::random_split;
    use hitflop_metrics::threshold::{choose, Objective};

    use super::*;

    #[test]
    fn messages_are_the_same_on_either_side() {
        let parameter = random_split(&[0; 100], 2.0, 42).expect_err("no share");
        let rows = random_split(&[0], 0.2, 42).expect_err("too few rows");
        let precision = choose(Objective::Precision(0.7), &[true, false], &[0.2, 0.9]).expect_err("out of reach");
        for (error, is_of_setting) in [(parameter, false), (rows, false), (precision, true)] {
            let message = error.to_string();
            let error = Error::from(error);
            assert_eq!(error.to_string(), message);
            assert!(error.is_input() && error.is_of_setting() == is_of_setting, "{message}");
        }
    }
}
