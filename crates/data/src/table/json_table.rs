//! Rows of JSON in memory, column by column.

use std::collections::HashMap;

use serde_json::{Map, Value};

use hitflop_core::reader::name::{self, ColumnRole};
use hitflop_core::reader::{Cell, Table};

/// Depth of objects in objects that become columns of their own.
const MAX_DEPTH: usize = 5;

/// A table whose values have types.
#[derive(Clone, Debug, Default)]
pub struct JsonTable {
    names: Vec<String>,
    columns: Vec<Vec<JsonCell>>,
    rows: usize,
    /// Number of rows of the file before the first.
    first: u64,
    /// The number of each row in the file, if some are null.
    numbers: Option<Vec<u64>>,
}

#[derive(Clone, Debug)]
enum JsonCell {
    Missing,
    Bool(bool),
    Number(f64),
    Text(Box<str>),
    /// A list or an object, as JSON.
    Nested(Box<str>),
}

impl Table for JsonTable {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        // Rows after the last value of a column have none.
        match self.columns.get(column).and_then(|cells| cells.get(row)) {
            None | Some(JsonCell::Missing) => Cell::Missing,
            Some(JsonCell::Bool(value)) => Cell::Bool(*value),
            Some(JsonCell::Number(number)) => Cell::Number(*number),
            Some(JsonCell::Text(text)) => Cell::Text(text),
            Some(JsonCell::Nested(_)) => Cell::Nested,
        }
    }
}

impl JsonTable {
    /// A list or an object as JSON; empty for any other value.
    pub(super) fn nested(&self, row: usize, column: usize) -> &str {
        match self.columns.get(column).and_then(|cells| cells.get(row)) {
            Some(JsonCell::Nested(json)) => json,
            _ => "",
        }
    }

    /// Number of columns, also of those without a name yet.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The same rows with the names of all columns of the file.
    pub(super) fn named(self, names: &[String]) -> JsonTable {
        JsonTable { names: names.to_vec(), ..self }
    }

    /// The number of a row in the file, the first being 1.
    pub(super) fn row_number(&self, row: usize) -> u64 {
        self.numbers.as_ref().map_or(self.first + row as u64 + 1, |numbers| numbers[row])
    }
}

impl From<Value> for JsonCell {
    fn from(value: Value) -> JsonCell {
        match value {
            Value::Null => JsonCell::Missing,
            Value::Bool(value) => JsonCell::Bool(value),
            // Numbers of JSON are finite, and all have a value as f64 without the feature for any precision.
            Value::Number(number) => number.as_f64().map_or(JsonCell::Missing, JsonCell::Number),
            Value::String(text) => JsonCell::Text(text.into()),
            nested => JsonCell::Nested(nested.to_string().into()),
        }
    }
}

/// Gathers rows into a table. Members of objects in a row become columns, named by their path.
#[derive(Clone, Debug, Default)]
pub(super) struct JsonRows {
    members: Members,
    columns: Vec<Vec<JsonCell>>,
    /// Rows since the last batch was taken, and before.
    rows: usize,
    taken: usize,
    nulls: usize,
    numbers: Vec<u64>,
}

/// The members of an object by name. A name may contain dots, so that a path is not one text.
type Members = HashMap<String, Member>;

/// A member of an object that was read so far: its own columns, and the members of the objects that it was in other rows.
#[derive(Clone, Debug, Default)]
struct Member {
    /// One, unless a list of names has the name several times.
    columns: Vec<usize>,
    members: Members,
}

impl JsonRows {
    /// A row of named values.
    pub fn push(&mut self, members: Map<String, Value>) {
        gather(&mut self.members, &mut self.columns, self.rows, members, 1);
        self.end_row();
    }

    /// A row without a value, which is left out.
    pub fn push_null(&mut self) {
        self.nulls += 1;
    }

    /// A row of values in the order of `names`.
    pub fn push_values(&mut self, names: &[String], values: Vec<Value>) {
        for (name, value) in names.iter().zip(values) {
            set(member_named(&mut self.members, name), &mut self.columns, self.rows, value);
        }
        self.end_row();
    }

    /// Number of rows that are null.
    pub fn nulls(&self) -> usize {
        self.nulls
    }

    /// Number of all rows, without those that are null.
    pub fn total(&self) -> usize {
        self.taken + self.rows
    }

    /// Number of rows since the last batch was taken.
    pub fn rows(&self) -> usize {
        self.rows
    }

    fn end_row(&mut self) {
        self.rows += 1;
        self.numbers.push((self.total() + self.nulls) as u64);
    }

    /// Takes the rows so far, as a table whose columns have no names yet.
    pub fn take_batch(&mut self) -> JsonTable {
        let columns = self.columns.iter_mut().map(std::mem::take).collect();
        let numbers = std::mem::take(&mut self.numbers);
        let table = JsonTable {
            names: Vec::new(),
            columns,
            rows: self.rows,
            first: self.taken as u64,
            numbers: (self.nulls > 0).then_some(numbers),
        };
        self.taken += self.rows;
        self.rows = 0;
        table
    }

    /// The same columns without rows.
    pub fn emptied(&self) -> JsonRows {
        JsonRows { members: self.members.clone(), columns: vec![Vec::new(); self.columns.len()], ..JsonRows::default() }
    }

    /// The names of the columns. A member of an object within a row is named by its path if that has a meaning (`object.duration`),
    /// else by its own name where no other column has it.
    pub fn names(&self) -> Vec<String> {
        let mut paths = vec![Vec::new(); self.columns.len()];
        collect_paths(&self.members, &mut Vec::new(), &mut paths);
        let mut counts: HashMap<&str, usize> = HashMap::new();
        paths.iter().filter_map(|path| path.last()).for_each(|own| *counts.entry(own).or_default() += 1);
        let has_meaning = |path: &str| name::meaning(path).role != ColumnRole::Unknown;
        let column_name = |path: &Vec<&str>| {
            let joined = path.join(".");
            match path.last() {
                Some(own) if !has_meaning(&joined) && counts[own] == 1 => (*own).to_owned(),
                _ => joined,
            }
        };
        paths.iter().map(column_name).collect()
    }
}

/// Puts the values of a row into their columns, an object's members each into one of its own.
fn gather(
    known: &mut Members,
    columns: &mut Vec<Vec<JsonCell>>,
    row: usize,
    members: Map<String, Value>,
    depth: usize,
) {
    for (name, value) in members {
        let member = member_named(known, &name);
        match value {
            Value::Object(inner) if depth < MAX_DEPTH && !inner.is_empty() => {
                gather(&mut member.members, columns, row, inner, depth + 1);
            }
            value => set(member, columns, row, value),
        }
    }
}

fn member_named<'a>(members: &'a mut Members, name: &str) -> &'a mut Member {
    if !members.contains_key(name) {
        members.insert(name.to_owned(), Member::default());
    }
    members.get_mut(name).expect("it was inserted if it was missing")
}

/// Puts a value into the member's first column that has none in this row.
fn set(member: &mut Member, columns: &mut Vec<Vec<JsonCell>>, row: usize, value: Value) {
    let column = member.columns.iter().copied().find(|&column| columns[column].len() <= row).unwrap_or_else(|| {
        columns.push(Vec::new());
        member.columns.push(columns.len() - 1);
        columns.len() - 1
    });
    let cells = &mut columns[column];
    cells.resize_with(row, || JsonCell::Missing);
    cells.push(value.into());
}

/// The path of each column, by its position.
fn collect_paths<'a>(members: &'a Members, parent: &mut Vec<&'a str>, paths: &mut [Vec<&'a str>]) {
    for (name, member) in members {
        parent.push(name);
        member.columns.iter().for_each(|&column| paths[column].clone_from(parent));
        collect_paths(&member.members, parent, paths);
        parent.pop();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table(rows: &[Value]) -> JsonTable {
        let mut gathered = JsonRows::default();
        for row in rows {
            match row {
                Value::Object(members) => gathered.push(members.clone()),
                _ => gathered.push_null(),
            }
        }
        named(gathered)
    }

    fn named(mut gathered: JsonRows) -> JsonTable {
        let names = gathered.names();
        gathered.take_batch().named(&names)
    }

    #[test]
    fn members_within_members_are_columns() {
        let table = table(&[
            json!({ "name": "x", "audio": { "energy": 0.5, "key": null }, "more": { "z": 1 }, "genre": { "name": "y" }, "artists": [1] }),
            json!(null),
            json!({ "audio": { "energy": "0.25" }, "live": true }),
        ]);
        assert_eq!(table.columns(), ["name", "audio.energy", "audio.key", "z", "genre.name", "artists", "live"]);
        assert_eq!((table.rows(), table.row_number(1)), (2, 3));
        let row = |row: usize| (0..7).map(|column| table.cell(row, column)).collect::<Vec<_>>();
        use Cell::*;
        assert_eq!(row(0), [Text("x"), Number(0.5), Missing, Number(1.0), Text("y"), Nested, Missing]);
        assert_eq!(row(1), [Missing, Text("0.25"), Missing, Missing, Missing, Missing, Bool(true)]);
        assert_eq!(table.nested(0, 5), "[1]");
    }

    #[test]
    fn a_name_that_is_listed_twice_has_two_columns() {
        let mut gathered = JsonRows::default();
        let names = ["energy", "tempo", "energy"].map(str::to_owned);
        gathered.push_values(&names, vec![json!(0.5), json!(120), json!(0.75)]);
        gathered.push_values(&names, vec![json!(0.25), json!(90), json!(1)]);
        let table = named(gathered);
        assert_eq!(table.columns(), ["energy", "tempo", "energy"]);
        let row = |row: usize| (0..3).map(|column| table.cell(row, column)).collect::<Vec<_>>();
        use Cell::Number;
        assert_eq!(row(0), [Number(0.5), Number(120.0), Number(0.75)]);
        assert_eq!(row(1), [Number(0.25), Number(90.0), Number(1.0)]);
    }

    #[test]
    fn a_dot_in_a_name_is_no_path() {
        let table = table(&[
            json!({ "audio.x.energy": 0.5, "a.b": 1, "a": { "b": 2 } }),
            json!({ "audio.x.energy": 0.25, "a.b": 3, "a": { "b": 4 } }),
        ]);
        assert_eq!(table.columns(), ["audio.x.energy", "a.b", "b"]);
        let row = |row: usize| (0..3).map(|column| table.cell(row, column)).collect::<Vec<_>>();
        use Cell::Number;
        assert_eq!(row(0), [Number(0.5), Number(1.0), Number(2.0)]);
        assert_eq!(row(1), [Number(0.25), Number(3.0), Number(4.0)]);
    }
}
