//! Tables that are read from their beginning as often as needed, some rows at a time.

use std::ops::ControlFlow;

use super::Table;
use crate::error::Result;

/// Rows of named columns, which need not be in memory together.
pub trait TableScan {
    /// Names in the order of the file, as [`Table::columns`].
    fn names(&self) -> &[String];

    /// Calls `visit` with batches of rows, from the first row on and in order, until it breaks or there are no more. A batch has all
    /// columns, of which only those at `positions` must have their values.
    ///
    /// # Errors
    /// The rows cannot be read.
    fn scan(&self, positions: &[usize], visit: &mut dyn FnMut(&dyn Table) -> ControlFlow<()>) -> Result<()>;
}

/// A table in memory, which is one batch.
pub struct WholeTable<'a>(pub &'a dyn Table);

impl TableScan for WholeTable<'_> {
    fn names(&self) -> &[String] {
        self.0.columns()
    }

    fn scan(&self, _: &[usize], visit: &mut dyn FnMut(&dyn Table) -> ControlFlow<()>) -> Result<()> {
        let _ = visit(self.0);
        Ok(())
    }
}

/// Calls `visit` with each row of `table`, counted from 0, and the row's batch and index there, until it breaks.
///
/// # Errors
/// The rows cannot be read.
pub(super) fn each_row(
    table: &dyn TableScan,
    positions: &[usize],
    mut visit: impl FnMut(usize, &dyn Table, usize) -> ControlFlow<()>,
) -> Result<()> {
    let mut first = 0;
    table.scan(positions, &mut |batch| {
        let flow = (0..batch.rows()).try_for_each(|row| visit(first + row, batch, row));
        first += batch.rows();
        flow
    })
}
