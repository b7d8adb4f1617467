//! Rows that cannot be used.

use serde::Serialize;

use hitflop_core::error::Fault;

/// A row that breaks at least one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// The first rule that it breaks.
    pub fault: Fault,
    /// Its fields joined by commas, bytes that are not UTF-8 replaced.
    pub record: String,
}
