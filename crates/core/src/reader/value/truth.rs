//! Truth values.

use super::super::Cell;
use super::{is_missing, ValueFault};

/// The truth that a cell holds: 0/1, true/false, yes/no, y/n, t/f, on/off, in any case; `None` if it is missing.
///
/// # Errors
/// The cell holds something else.
pub fn truth(cell: Cell<'_>) -> Result<Option<bool>, ValueFault> {
    match cell {
        Cell::Missing => Ok(None),
        Cell::Bool(truth) => Ok(Some(truth)),
        Cell::Number(value) => of_number(value),
        Cell::Nested => Err(ValueFault::NOT_A_LABEL),
        Cell::Text(text) => {
            let text = text.trim();
            if is_missing(text) {
                return Ok(None);
            }
            let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
            match () {
                () if is(&["1", "true", "yes", "y", "t", "on"]) => Ok(Some(true)),
                () if is(&["0", "false", "no", "n", "f", "off"]) => Ok(Some(false)),
                () => text.parse().map_err(|_| ValueFault::NOT_A_LABEL).and_then(of_number),
            }
        }
    }
}

fn of_number(value: f64) -> Result<Option<bool>, ValueFault> {
    match value {
        value if value.is_nan() => Ok(None),
        0.0 => Ok(Some(false)),
        1.0 => Ok(Some(true)),
        _ => Err(ValueFault::NOT_A_LABEL),
    }
}
