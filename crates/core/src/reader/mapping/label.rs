//! Labels from a column of any table.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::{Error, Fault, Place, Reason};
use crate::reader::value::{self, DecimalMark, ValueFault};
use crate::reader::Cell;

/// How a row becomes a hit or a flop: a column and a condition on its value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelRule {
    /// Name of the column.
    pub column: String,
    /// What its value must be for a hit.
    pub condition: LabelCondition,
}

/// What the value of the label's column must be for a hit.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelCondition {
    /// 1, true or yes; 0, false and no make a flop.
    Truth,
    /// This word or number; anything else makes a flop.
    Equals(String),
    /// At least this number.
    AtLeast(f64),
    /// More than this number.
    Above(f64),
    /// At most this number.
    AtMost(f64),
    /// Less than this number.
    Below(f64),
}

impl LabelCondition {
    /// Whether the row is a hit; `None` if the value is missing.
    ///
    /// # Errors
    /// The value is neither true nor false, or no number where one is compared.
    pub fn label(&self, cell: Cell<'_>, mark: DecimalMark) -> Result<Option<bool>, ValueFault> {
        let compare = |is_hit: &dyn Fn(f64) -> bool| Ok(number(cell, mark)?.map(is_hit));
        match self {
            LabelCondition::Truth => value::truth(cell),
            LabelCondition::Equals(word) => equals(cell, word, mark),
            LabelCondition::AtLeast(least) => compare(&|value| value >= *least),
            LabelCondition::Above(bound) => compare(&|value| value > *bound),
            LabelCondition::AtMost(most) => compare(&|value| value <= *most),
            LabelCondition::Below(bound) => compare(&|value| value < *bound),
        }
    }
}

const NOT_A_NUMBER: ValueFault =
    ValueFault { reason: Reason::NotANumber, rule: "expected a number, which the rule for labels compares" };

fn number(cell: Cell<'_>, mark: DecimalMark) -> Result<Option<f64>, ValueFault> {
    let value = match cell {
        Cell::Missing => return Ok(None),
        Cell::Number(value) => value,
        Cell::Text(text) if value::is_missing(text) => return Ok(None),
        Cell::Text(text) => value::spelt_number(text.trim(), mark).ok_or(NOT_A_NUMBER)?,
        Cell::Bool(_) | Cell::Nested => return Err(NOT_A_NUMBER),
    };
    Ok(Some(value).filter(|value| !value.is_nan()))
}

fn equals(cell: Cell<'_>, word: &str, mark: DecimalMark) -> Result<Option<bool>, ValueFault> {
    let is_number = |value: f64| value::spelt_number(word, DecimalMark::Point) == Some(value);
    match cell {
        Cell::Missing => Ok(None),
        Cell::Number(value) if value.is_nan() => Ok(None),
        Cell::Number(value) => Ok(Some(is_number(value))),
        Cell::Bool(truth) => Ok(Some(value::truth(Cell::Text(word)) == Ok(Some(truth)))),
        Cell::Text(text) => {
            let text = text.trim();
            if text.to_lowercase() == word.to_lowercase() {
                return Ok(Some(true));
            }
            if value::is_missing(text) {
                return Ok(None);
            }
            Ok(Some(value::spelt_number(text, mark).is_some_and(is_number)))
        }
        Cell::Nested => Err(ValueFault { reason: Reason::NotALabel, rule: "expected a word or a number" }),
    }
}

impl FromStr for LabelRule {
    type Err = Error;

    /// `COLUMN`, `COLUMN=VALUE`, `COLUMN>=60`, and so `>`, `<=`, `<`.
    ///
    /// # Errors
    /// There is no column, no value, or no number after a comparison.
    fn from_str(text: &str) -> Result<LabelRule, Error> {
        const RULE: &str = "expected COLUMN, COLUMN=VALUE, or a comparison such as COLUMN>=60";
        let broken = |rule: &str| Error::input(Fault::new(Place::setting("label"), Reason::Setting, rule).found(text));
        let operator = text.find(['=', '<', '>']);
        let (column, condition) = match operator {
            None => (text, LabelCondition::Truth),
            Some(at) => {
                let rest = &text[at..];
                let sign =
                    ["==", ">=", "=>", "<=", "=<", ">", "<", "="].into_iter().find(|sign| rest.starts_with(sign));
                let sign = sign.unwrap_or("=");
                let value = rest[sign.len()..].trim();
                let number = || match value.parse::<f64>() {
                    Ok(number) if number.is_finite() => Ok(number),
                    _ => Err(broken("expected a number after the comparison, as in popularity>=60")),
                };
                let condition = match sign {
                    ">=" | "=>" => LabelCondition::AtLeast(number()?),
                    "<=" | "=<" => LabelCondition::AtMost(number()?),
                    ">" => LabelCondition::Above(number()?),
                    "<" => LabelCondition::Below(number()?),
                    _ if value.is_empty() => return Err(broken(RULE)),
                    _ => LabelCondition::Equals(value.to_owned()),
                };
                (&text[..at], condition)
            }
        };
        match column.trim() {
            "" => Err(broken(RULE)),
            column => Ok(LabelRule { column: column.to_owned(), condition }),
        }
    }
}

impl fmt::Display for LabelRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LabelRule { column, condition } = self;
        match condition {
            LabelCondition::Truth => f.write_str(column),
            LabelCondition::Equals(word) => write!(f, "{column}={word}"),
            LabelCondition::AtLeast(value) => write!(f, "{column}>={value}"),
            LabelCondition::Above(value) => write!(f, "{column}>{value}"),
            LabelCondition::AtMost(value) => write!(f, "{column}<={value}"),
            LabelCondition::Below(value) => write!(f, "{column}<{value}"),
        }
    }
}
