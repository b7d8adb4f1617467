//! Columns of a table that are neither features nor known texts. They are never learned from; the guard against leaks measures
//! their mutual information with the label.

/// A column, one value a row of the union, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownColumn {
    /// Its name in the files.
    pub name: String,
    /// Its values.
    pub values: UnknownColumnValues,
}

/// Values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum UnknownColumnValues {
    /// All that are there are numbers; NaN where one is empty, or not finite, or where a file has no such column.
    Numbers(Vec<f64>),
    /// Some are none: texts as numbers, the same for the same text. An empty field is a text, and so is what a file without the
    /// column has.
    Texts(Vec<u32>),
}

impl UnknownColumn {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match &self.values {
            UnknownColumnValues::Numbers(values) => values.len(),
            UnknownColumnValues::Texts(codes) => codes.len(),
        }
    }

    /// The rows of these indices, in their order.
    ///
    /// # Panics
    /// There is no such row.
    pub fn select(&self, rows: &[usize]) -> UnknownColumn {
        let values = match &self.values {
            UnknownColumnValues::Numbers(values) => {
                UnknownColumnValues::Numbers(rows.iter().map(|&row| values[row]).collect())
            }
            UnknownColumnValues::Texts(codes) => {
                UnknownColumnValues::Texts(rows.iter().map(|&row| codes[row]).collect())
            }
        };
        UnknownColumn { name: self.name.clone(), values }
    }
}
