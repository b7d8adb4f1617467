//! Tables before their meaning is known.

/// A value as it is in a file or a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value: a null, or a key that an object lacks. An empty field of CSV is an empty [`Cell::Text`].
    Missing,
    /// A truth value of JSON or Parquet.
    Bool(bool),
    /// A number of JSON or Parquet; it may be NaN or infinite.
    Number(f64),
    /// A text, or a field of CSV as it is in the file.
    Text(&'a str),
    /// A list or an object, which is never a value of a feature.
    Nested,
}

/// Rows of named columns, in memory.
pub trait Table {
    /// Names in the order of the file; several may be equal or empty.
    fn columns(&self) -> &[String];

    /// Number of rows.
    fn rows(&self) -> usize;

    /// The value in a row and a column, both counted from 0.
    ///
    /// # Panics
    /// There is no such row or column.
    fn cell(&self, row: usize, column: usize) -> Cell<'_>;

    /// Writes the values of a column from row `first` on to `numbers`, a missing one as NaN, if the column is one of numbers.
    /// Returns whether it is.
    ///
    /// # Panics
    /// There are no such rows, or no such column.
    fn numbers(&self, column: usize, first: usize, numbers: &mut [f64]) -> bool {
        let _ = (column, first, numbers);
        false
    }
}
