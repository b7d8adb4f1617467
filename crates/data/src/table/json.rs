//! JSON as a table, in the shapes in which audio features are saved and sent.
//!
//! | shape | where from |
//! |---|---|
//! | an object, objects by line, `[{…}, null, …]` | rows of a table, Spotify's audio features |
//! | `{"audio_features": […]}`, `{"content": […]}`, `{"items": […]}`, … | answers of web services |
//! | `{"dataframe_split": {"columns": […], "data": […]}}`, `{"columns": […], "data": […]}` | MLflow, pandas |
//! | `{"dataframe_records": […]}`, `{"instances": […]}`, `{"inputs": …}` | MLflow, KServe |
//! | `{"energy": [0.5, …]}`, `{"energy": {"0": 0.5, …}}`, `{"0": {"energy": 0.5}}` | pandas |
//! | `[["energy", …], [0.5, …]]`, `[[0.5, …], …]` | lists with a header, or in the order of the model's features |

use serde_json::{Map, Value};

use super::content::Content;
use super::json_document::{is_scalar, names_of};
use super::json_table::JsonRows;
use super::opened::TableOptions;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};

/// What the documents of a file hold.
#[derive(Default)]
pub(super) struct Gathered {
    rows: JsonRows,
    /// Rows without names.
    unnamed: Vec<Vec<Value>>,
    /// Names of a table that is split into names and values.
    pub names: Option<Vec<String>>,
    /// The first value that is no track.
    other: Option<Value>,
}

impl Gathered {
    /// The rows so far that have names.
    pub fn rows(&mut self) -> &mut JsonRows {
        &mut self.rows
    }

    /// Begins with the columns of rows that were read before.
    pub fn of_columns(rows: JsonRows) -> Gathered {
        Gathered { rows, ..Gathered::default() }
    }

    /// Whether there are rows without names, which are found only when all documents are read.
    pub fn has_unnamed(&self) -> bool {
        !self.unnamed.is_empty()
    }

    /// An element of a list of tracks.
    pub fn push(&mut self, value: Value) {
        match value {
            Value::Object(members) => self.rows.push(members),
            Value::Null => self.rows.push_null(),
            Value::Array(values) => self.unnamed.push(values),
            other => {
                self.other.get_or_insert(other);
            }
        }
    }

    /// An object that is a whole document, without a list of tracks.
    pub fn push_document(&mut self, mut members: Map<String, Value>) {
        for member in ["dataframe_split", "inputs"] {
            match members.remove(member) {
                Some(Value::Object(inner)) => return self.push_document(inner),
                Some(Value::Array(list)) => return self.push_tensors(list),
                Some(other) => drop(members.insert(member.to_owned(), other)),
                None => {}
            }
        }
        let names = members.get("columns").and_then(Value::as_array).and_then(|names| names_of(names));
        let is_lists = |rows: &Value| rows.as_array().is_some_and(|rows| rows.iter().all(Value::is_array));
        if (names.is_some() || members.len() == 1) && members.get("data").is_some_and(is_lists) {
            self.names = names;
            if let Some(Value::Array(rows)) = members.remove("data") {
                rows.into_iter().for_each(|row| self.push(row));
            }
        } else if members.len() > 1 && members.values().all(is_scalar_list) {
            self.push_columns(members);
        } else if members.len() > 1 && members.values().all(is_scalar_object) {
            match members
                .values()
                .all(|column| column.as_object().is_some_and(|column| column.keys().all(|name| is_index(name))))
            {
                true => self.push_columns(members),
                false if members.keys().all(|name| is_index(name)) => {
                    members.into_iter().for_each(|(_, row)| self.push(row))
                }
                false => self.rows.push(members),
            }
        } else {
            self.rows.push(members);
        }
    }

    /// Columns, each a list or an object of its values in order.
    fn push_columns(&mut self, columns: Map<String, Value>) {
        let mut names = Vec::new();
        let mut values: Vec<std::vec::IntoIter<Value>> = Vec::new();
        for (name, column) in columns {
            names.push(name);
            values.push(match column {
                Value::Array(list) => list.into_iter(),
                Value::Object(members) => members.into_iter().map(|(_, value)| value).collect::<Vec<_>>().into_iter(),
                other => vec![other].into_iter(),
            });
        }
        let rows = values.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        for _ in 0..rows {
            let row = values.iter_mut().map(|column| column.next().unwrap_or(Value::Null)).collect();
            self.rows.push_values(&names, row);
        }
    }

    /// Rows, or tensors that are named and have their values in `data`.
    fn push_tensors(&mut self, list: Vec<Value>) {
        let name =
            |tensor: &Value| Some(tensor.get("name")?.as_str().filter(|_| tensor.get("data").is_some())?.to_owned());
        let Some(names) = list.iter().map(name).collect::<Option<Vec<String>>>().filter(|names| !names.is_empty())
        else {
            return list.into_iter().for_each(|row| self.push(row));
        };
        let values: Vec<Value> =
            list.into_iter().filter_map(|mut tensor| Some(tensor.get_mut("data")?.take())).collect();
        match &values[..] {
            [Value::Array(rows)] if rows.iter().all(Value::is_array) => {
                rows.iter().for_each(|row| self.push(row.clone()));
            }
            _ => {
                let flat = |value: Value| {
                    let mut flat = Vec::new();
                    flatten(value, &mut flat);
                    Value::Array(flat)
                };
                self.push_columns(names.into_iter().zip(values.into_iter().map(flat)).collect());
            }
        }
    }

    /// The rows, those without names by the names of the file or of `options`.
    ///
    /// # Errors
    /// A value is no track, a row has another number of values than there are names, or there is no row.
    pub fn finish(mut self, content: &Content, options: &TableOptions) -> Result<JsonRows> {
        if let Some(other) = self.other {
            let rule = "expected tracks as objects of named values";
            let fault = Fault::new(Place::file(&content.name), Reason::Unreadable, rule);
            return Err(Error::input(fault.found(other.to_string())));
        }
        let mut unnamed = self.unnamed.into_iter();
        let names = match self.names {
            Some(names) => names,
            None => match unnamed.as_slice().first().and_then(|first| names_of(first)) {
                Some(names) => {
                    unnamed.next();
                    names
                }
                None => options.positional.clone(),
            },
        };
        for values in unnamed {
            if values.len() != names.len() {
                let rule =
                    format!("expected lists of {} values, one a column, found one of {}", names.len(), values.len());
                return Err(content.fault(Reason::FieldCount, rule));
            }
            self.rows.push_values(&names, values);
        }
        if self.rows.total() == 0 {
            let rule =
                if self.rows.nulls() > 0 { "expected tracks, all are null" } else { "expected tracks, there is none" };
            return Err(content.fault(Reason::HeaderOnly, rule));
        }
        Ok(self.rows)
    }
}

fn is_scalar_list(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(is_scalar))
}

fn is_scalar_object(value: &Value) -> bool {
    value.as_object().is_some_and(|members| members.values().all(is_scalar))
}

fn is_index(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

fn flatten(value: Value, flat: &mut Vec<Value>) {
    match value {
        Value::Array(list) => list.into_iter().for_each(|value| flatten(value, flat)),
        other => flat.push(other),
    }
}

#[cfg(test)]
mod tests {
    use hitflop_core::reader::{Cell, Table};

    use super::super::opened::{open, OpenedTable};
    use super::*;

    fn opened(json: &str) -> Result<OpenedTable> {
        let positional = vec!["energy".to_owned(), "tempo".to_owned()];
        let options = TableOptions { positional, ..TableOptions::default() };
        open(&Content::of_reader(json.as_bytes(), "x.json").expect("content"), &options)
    }

    /// Energy and tempo of each row.
    fn rows(json: &str) -> Vec<(f64, f64)> {
        let data = opened(json).unwrap_or_else(|error| panic!("{json}: {error}")).data;
        let number = |row: usize, name: &str| {
            let column = data.columns().iter().position(|column| column.rsplit('.').next() == Some(name));
            match column.map(|column| data.cell(row, column)) {
                Some(Cell::Number(number)) => number,
                _ => f64::NAN,
            }
        };
        (0..data.rows()).map(|row| (number(row, "energy"), number(row, "tempo"))).collect()
    }

    #[test]
    fn every_shape_gives_the_same_rows() {
        for json in [
            r#"[{"energy": 0.5, "tempo": 120}, {"tempo": 99, "energy": 0.25, "x": []}]"#,
            "{\"energy\": 0.5, \"tempo\": 120}\n{\"energy\": 0.25, \"tempo\": 99}\n",
            r#"{"audio_features": [null, {"energy": 0.5, "tempo": 120}, {"energy": 0.25, "tempo": 99}, null]}"#,
            r#"{"content": [{"energy": 0.5, "tempo": 120}], "page": 1} {"content": [{"energy": 0.25, "tempo": 99}]}"#,
            r#"{"dataframe_split": {"columns": ["tempo", "energy"], "data": [[120, 0.5], [99, 0.25]]}}"#,
            r#"{"data": [[120, 0.5], [99, 0.25]], "columns": ["tempo", "energy"], "index": [0, 1]}"#,
            r#"{"dataframe_split": {"data": [[0.5, 120], [0.25, 99]]}}"#,
            r#"{"instances": [[0.5, 120], [0.25, 99]]}"#,
            r#"{"dataframe_records": [{"energy": 0.5, "tempo": 120}, {"energy": 0.25, "tempo": 99}]}"#,
            r#"{"inputs": {"energy": [0.5, 0.25], "tempo": [120, 99]}}"#,
            r#"{"inputs": [[0.5, 120], [0.25, 99]], "params": {}}"#,
            r#"{"inputs": [{"name": "energy", "shape": [2, 1], "data": [[0.5], [0.25]]}, {"name": "tempo", "data": [120, 99]}]}"#,
            r#"{"inputs": [{"name": "input", "shape": [2, 2], "data": [[0.5, 120], [0.25, 99]]}]}"#,
            r#"{"energy": [0.5, 0.25], "tempo": [120, 99]}"#,
            r#"{"energy": {"0": 0.5, "1": 0.25}, "tempo": {"0": 120, "1": 99}}"#,
            r#"{"0": {"energy": 0.5, "tempo": 120}, "1": {"energy": 0.25, "tempo": 99}}"#,
            r#"[["energy", "tempo"], [0.5, 120], [0.25, 99]]"#,
            r#"[{"object": {"audio": {"energy": 0.5, "tempo": 120}}}, {"object": {"audio": {"energy": 0.25, "tempo": 99}}}]"#,
        ] {
            assert_eq!(rows(json), [(0.5, 120.0), (0.25, 99.0)], "{json}");
        }
        assert_eq!(rows(r#"{"energy": 0.5, "tempo": 120, "content": "explicit", "tracks": [1, 2]}"#), [(0.5, 120.0)]);
    }

    #[test]
    fn not_a_number_of_python_is_missing() {
        let found =
            rows(r#"[{"energy": NaN, "tempo": 120, "title": "NaN \" NaN"}, {"energy": -Infinity, "tempo": 1}]"#);
        assert!(found[0].0.is_nan() && found[1].0.is_nan(), "{found:?}");
        assert_eq!((found[0].1, found[1].1), (120.0, 1.0));
    }

    #[test]
    fn other_documents_are_refused() {
        let message = |json: &str| opened(json).expect_err("refused").to_string();
        assert!(message("{\"energy\": 0.5}\n{\"energy\": }\n")
            .starts_with("x.json: expected JSON: expected value at line 2"));
        assert!(message("[1, 2]").starts_with("x.json: expected tracks as objects of named values, found \"1\""));
        assert_eq!(message("[null]"), "x.json: expected tracks, all are null");
        assert_eq!(message("[]"), "x.json: expected tracks, there is none");
        assert!(message("[[0.5]]").contains("expected lists of 2 values"), "{}", message("[[0.5]]"));
    }
    #[test]
    fn a_fault_is_placed_in_the_file() {
        for json in [
            "{\"energy\": 0.5}\n{\"tempo\": 1} {\"energy\": }\n",
            "{\"energy\": 0.5} {\"energy\" 1}",
            "\n\n{\"energy\": 0.5}\r\n\n [1,, 2]",
            "{\"energy\": 0.5}\n{\"tempo\": \"ü\"}\n{\"energy\": [1",
        ] {
            let expected =
                serde_json::Deserializer::from_str(json).into_iter::<Value>().find_map(|document| document.err());
            let expected = expected.expect("no JSON");
            let found = opened(json).expect_err("no JSON").to_string();
            assert!(found.starts_with(&format!("x.json: expected JSON: {expected}")), "{json:?}: {found} / {expected}");
        }
        let scalar = opened("{\"energy\": 0.5}\n{}\n5").expect_err("a number is no document").to_string();
        assert!(scalar.contains("line 3"), "{scalar}");
    }
}
