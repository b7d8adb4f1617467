//! Places of faults.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// Where a fault is. Rows count from 1, the first after the header.
///
/// It serialises as `file`, `row` and `column`; `file` holds the name of whatever the place is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file, or a cell of it.
    File {
        /// File as the user knows it: a name, a path or `archive.zip/dataset-of-60s.csv`.
        file: String,
        /// Row of data.
        row: Option<u64>,
        /// Column name.
        column: Option<String>,
    },
    /// A table in memory, or a cell of it.
    Table {
        /// Name in messages: `tracks`, `training rows`.
        name: String,
        /// Row of the table.
        row: Option<u64>,
        /// Column name.
        column: Option<String>,
    },
    /// A member of a structured file such as a model.
    Member {
        /// The file; `None` if only the structure is known, as inside a reader of one part.
        file: Option<String>,
        /// Path of the member: `features[2].name`.
        path: String,
    },
    /// A setting of the program, by its name without punctuation: `threshold`. The command line shows its flag.
    Setting(String),
    /// A parameter of an estimator, a search or a split: `max_depth`.
    Parameter(String),
    /// An environment variable.
    Variable(String),
}

impl Place {
    /// A whole file.
    pub fn file(file: impl Into<String>) -> Place {
        Place::File { file: file.into(), row: None, column: None }
    }

    /// A whole table in memory.
    pub fn table(name: impl Into<String>) -> Place {
        Place::Table { name: name.into(), row: None, column: None }
    }

    /// A member of a structure whose file is not known here.
    pub fn member(path: impl Into<String>) -> Place {
        Place::Member { file: None, path: path.into() }
    }

    /// A setting of the program.
    pub fn setting(name: impl Into<String>) -> Place {
        Place::Setting(name.into())
    }

    /// A parameter.
    pub fn parameter(name: impl Into<String>) -> Place {
        Place::Parameter(name.into())
    }

    /// The same place at a row of data, the first after the header being 1. Only files and tables have rows; other places are
    /// returned as they are.
    pub fn row(mut self, number: u64) -> Place {
        if let Place::File { row, .. } | Place::Table { row, .. } = &mut self {
            *row = Some(number);
        }
        self
    }

    /// The same place at a column. Only files and tables have columns; other places are returned as they are.
    pub fn column(mut self, name: impl Into<String>) -> Place {
        if let Place::File { column, .. } | Place::Table { column, .. } = &mut self {
            *column = Some(name.into());
        }
        self
    }

    /// The place as a member of `part` of `file`.
    pub fn within(self, file: &str, part: &str) -> Place {
        Place::Member { file: Some(file.to_owned()), path: format!("{part}.{self}") }
    }

    /// Row and column, of files and tables.
    pub fn cell(&self) -> (Option<u64>, Option<&str>) {
        match self {
            Place::File { row, column, .. } | Place::Table { row, column, .. } => (*row, column.as_deref()),
            _ => (None, None),
        }
    }

    /// The place without its row and column, in words.
    pub fn whole(&self) -> String {
        match self {
            Place::File { file: name, .. } | Place::Table { name, .. } => name.clone(),
            Place::Member { file: Some(file), path } => format!("{file}, {path}"),
            Place::Member { file: None, path: name } => name.clone(),
            Place::Setting(name) | Place::Parameter(name) | Place::Variable(name) => name.clone(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole())?;
        let (row, column) = self.cell();
        if let Some(row) = row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = column {
            write!(f, ", column {column}")?;
        }
        Ok(())
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (row, column) = self.cell();
        let mut place = serializer.serialize_struct("Place", 3)?;
        place.serialize_field("file", &self.whole())?;
        place.serialize_field("row", &row)?;
        place.serialize_field("column", &column)?;
        place.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_in_words_and_in_three_members() {
        let written = |place: Place| (place.to_string(), serde_json::to_string(&place).expect("serialised"));
        let (text, json) = written(Place::file("a.csv").row(3).column("energy"));
        assert_eq!(text, "a.csv, row 3, column energy");
        assert_eq!(json, r#"{"file":"a.csv","row":3,"column":"energy"}"#);
        let (text, json) = written(Place::member("[0].rows").within("a.model", "reference"));
        assert_eq!(text, "a.model, reference.[0].rows");
        assert_eq!(json, r#"{"file":"a.model, reference.[0].rows","row":null,"column":null}"#);
        assert_eq!(Place::table("tracks").column("key").to_string(), "tracks, column key");
        assert_eq!(Place::setting("threshold").row(1).column("key").to_string(), "threshold");
    }
}
