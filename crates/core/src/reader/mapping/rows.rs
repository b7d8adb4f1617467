//! Many rows by a mapping, column by column.

use super::{ColumnMapping, FeatureReader};
use crate::reader::value;
use crate::reader::{Cell, FeatureRow, Table};
use crate::track::Feature;

/// Rows of which a column is read at once, so that their features are in the processor's cache.
const ROWS_AT_ONCE: usize = 256;

impl ColumnMapping {
    /// The features of the rows from `first` on, as [`ColumnMapping::row`] reads them, and for each whether a value has a fault.
    ///
    /// # Panics
    /// The table has fewer rows, or fewer columns than the one that was mapped; `has_fault` is shorter than `rows`.
    pub fn rows<T: Table + ?Sized>(&self, table: &T, first: usize, rows: &mut [FeatureRow], has_fault: &mut [bool]) {
        let blocks = rows.chunks_mut(ROWS_AT_ONCE).zip(has_fault.chunks_mut(ROWS_AT_ONCE));
        for (block, (rows, has_fault)) in blocks.enumerate() {
            let first = first + block * ROWS_AT_ONCE;
            rows.fill([f64::NAN; Feature::ALL.len()]);
            has_fault.fill(false);
            for reader in &self.readers {
                reader.column(table, first, rows, has_fault);
            }
            for (offset, row) in rows.iter_mut().enumerate() {
                self.complete(table, first + offset, row);
            }
        }
    }
}

impl FeatureReader {
    /// Reads the feature of at most [`ROWS_AT_ONCE`] rows.
    fn column<T: Table + ?Sized>(&self, table: &T, first: usize, rows: &mut [FeatureRow], has_fault: &mut [bool]) {
        let mut numbers = [f64::NAN; ROWS_AT_ONCE];
        let numbers = &mut numbers[..rows.len()];
        if table.numbers(self.position, first, numbers) {
            self.cells(numbers.iter().map(|number| Cell::Number(*number)), rows, has_fault);
        } else {
            self.cells((first..).map(|row| table.cell(row, self.position)), rows, has_fault);
        }
    }

    #[inline]
    fn cells<'c>(&self, cells: impl Iterator<Item = Cell<'c>>, rows: &mut [FeatureRow], has_fault: &mut [bool]) {
        let FeatureReader { feature, rule, .. } = *self;
        for ((row, has_fault), cell) in rows.iter_mut().zip(has_fault).zip(cells) {
            match value::read(feature, cell, &rule) {
                Ok(value) => row[feature as usize] = value,
                Err(_) => *has_fault = true,
            }
        }
    }
}
