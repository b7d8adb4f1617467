//! The one error type. A fault in what the user gave says place, rule and value:
//! `dataset-of-60s.csv, row 17, column energy: expected a number, found "loud"`.

mod from_metrics;
mod from_trees;
mod place;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub use place::Place;

/// What this crate's functions return.
pub type Result<T> = std::result::Result<T, Error>;

/// A kind of fault, for counting; the rule of a [`Fault`] says it in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No file where one is named.
    NoSuchFile,
    /// A directory, glob or archive in which no decade file is.
    NoDecadeFiles,
    /// A file given twice.
    SameFileTwice,
    /// A file that cannot be opened as what its name says.
    Unreadable,
    /// No bytes.
    EmptyFile,
    /// A header and no row.
    HeaderOnly,
    /// A column that must be there is not.
    MissingColumn,
    /// Two columns of one name.
    DuplicateColumn,
    /// Neither the file's name nor a column gives the decade, or what gives it is no decade.
    UnknownDecade,
    /// The file's name and the column disagree.
    DecadeMismatch,
    /// More or fewer fields than the header has.
    FieldCount,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// An empty field.
    Empty,
    /// A text over several lines, most often a quotation mark that is not closed.
    LineBreak,
    /// Text where a number must be.
    NotANumber,
    /// NaN or infinity.
    NotFinite,
    /// A fraction where a whole number must be.
    NotWhole,
    /// A whole number that takes more than 32 bits.
    TooLarge,
    /// A track without a value of any audio feature.
    NoAudio,
    /// A column whose unit neither its name nor its values give.
    UndecidedUnit,
    /// Several columns for one feature, with different values.
    SeveralColumns,
    /// A label other than 0 and 1.
    NotALabel,
    /// Fewer tracks than a step needs.
    TooFewRows,
    /// A file that is no model, or one whose parts contradict each other.
    NotAModel,
    /// A setting outside what it may be.
    Setting,
}

impl Reason {
    /// In words, for a list of counts.
    pub fn describe(self) -> &'static str {
        match self {
            Reason::NoSuchFile => "no such file",
            Reason::NoDecadeFiles => "no decade files",
            Reason::SameFileTwice => "same file twice",
            Reason::Unreadable => "unreadable",
            Reason::EmptyFile => "empty file",
            Reason::HeaderOnly => "header only",
            Reason::MissingColumn => "missing column",
            Reason::DuplicateColumn => "duplicate column",
            Reason::UnknownDecade => "unknown decade",
            Reason::DecadeMismatch => "decade differs from the file's name",
            Reason::FieldCount => "wrong number of fields",
            Reason::NotUtf8 => "not UTF-8",
            Reason::Empty => "empty field",
            Reason::LineBreak => "line break in a text",
            Reason::NotANumber => "not a number",
            Reason::NotFinite => "not finite",
            Reason::NotWhole => "not a whole number",
            Reason::TooLarge => "too large",
            Reason::NoAudio => "no value of an audio feature",
            Reason::UndecidedUnit => "unit not known",
            Reason::SeveralColumns => "several columns for one feature",
            Reason::NotALabel => "target not 0 or 1",
            Reason::TooFewRows => "too few rows",
            Reason::NotAModel => "not a model",
            Reason::Setting => "setting",
        }
    }
}

const ABSENT_COLUMN: &str = "the column is missing";

/// One thing wrong with what the user gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What is at fault: a file, a row, a column, a setting.
    pub place: Place,
    /// The kind of the rule, for programs.
    pub reason: Reason,
    /// What was expected.
    pub rule: String,
    /// What was found, where there is such a value.
    pub value: Option<String>,
}

impl Fault {
    /// A fault without a value.
    pub fn new(place: Place, reason: Reason, rule: impl Into<String>) -> Fault {
        Fault { place, reason, rule: rule.into(), value: None }
    }

    /// The fault of a table at `place` that has no such column.
    pub fn absent_column(place: Place, column: &str) -> Fault {
        Fault::new(place.column(column), Reason::MissingColumn, ABSENT_COLUMN)
    }

    fn is_absent_column(&self) -> bool {
        self.reason == Reason::MissingColumn && self.rule == ABSENT_COLUMN && self.place.cell().1.is_some()
    }

    /// Whether it is an absent column of the table of another one.
    fn is_absent_beside(&self, other: &Fault) -> bool {
        self.is_absent_column() && self.place.whole() == other.place.whole()
    }

    /// The same fault, with the value that was found.
    pub fn found(mut self, value: impl Into<String>) -> Fault {
        self.value = Some(value.into());
        self
    }
}

impl Fault {
    /// The message, with the place written by `place`.
    fn message(&self, place: impl Fn(&Place) -> String) -> String {
        let found = self.value.as_ref().map(|value| format!(", found {:?}", shorten(value)));
        format!("{}: {}{}", place(&self.place), self.rule, found.unwrap_or_default())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Place::to_string))
    }
}

/// A value of any length, short enough for a line.
fn shorten(value: &str) -> String {
    const MAX_VALUE_CHARS: usize = 60;
    if value.chars().count() <= MAX_VALUE_CHARS {
        value.to_owned()
    } else {
        value.chars().take(MAX_VALUE_CHARS).chain(['…']).collect()
    }
}

/// Any failure of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What the user gave is wrong: exit code 2.
    #[error("{}", list(.0, *.1, Place::to_string))]
    Input(Vec<Fault>, u64),
    /// The operating system refused something.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried: `read`, `write`, `create`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The data engine failed at something that is not the input's fault.
    #[error("the data engine failed")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something that should have worked did not; the text says which stage and why.
    #[error("{0}")]
    Failed(String),
}

/// How many faults an error names before it only counts.
pub const MAX_LISTED_FAULTS: usize = 10;

impl Error {
    /// A single fault of the input.
    pub fn input(fault: Fault) -> Error {
        Error::Input(vec![fault], 1)
    }

    /// Faults of the input, of which only the first few may be at hand: `total` counts all.
    pub fn inputs(faults: Vec<Fault>, total: u64) -> Error {
        Error::Input(faults, total)
    }

    /// A failure of the operating system on `path`.
    pub fn io(action: &'static str, path: impl AsRef<Path>, source: std::io::Error) -> Error {
        Error::Io { action, path: path.as_ref().to_owned(), source }
    }

    /// Whether what the user gave is at fault (exit code 2).
    pub fn is_input(&self) -> bool {
        matches!(self, Error::Input(..))
    }

    /// Whether a setting of the program is at fault, rather than the tracks.
    pub fn is_of_setting(&self) -> bool {
        matches!(self, Error::Input(faults, _) if faults.iter().any(|fault| matches!(fault.place, Place::Setting(_))))
    }

    /// The message with each place written by `place`, for an interface that has names of its own for settings.
    pub fn message(&self, place: impl Fn(&Place) -> String) -> String {
        match self {
            Error::Input(faults, total) => list(faults, *total, place),
            other => other.to_string(),
        }
    }
}

fn list(faults: &[Fault], total: u64, place: impl Fn(&Place) -> String) -> String {
    // Columns are few, and all that are missing are needed to repair a table.
    let is_shown = |(at, fault): &(usize, &Fault)| *at < MAX_LISTED_FAULTS || fault.reason == Reason::MissingColumn;
    let shown: Vec<&Fault> = faults.iter().enumerate().take_while(is_shown).map(|(_, fault)| fault).collect();
    let mut text = lines(&shown, place).join("\n");
    let hidden = total.saturating_sub(shown.len() as u64);
    if hidden > 0 {
        text.push_str(&format!("\n… and {hidden} more"));
    }
    text
}

/// A line for each fault; absent columns of one table together have the line of the first.
fn lines(faults: &[&Fault], place: impl Fn(&Place) -> String) -> Vec<String> {
    let column = |fault: &Fault| fault.place.cell().1.unwrap_or_default().to_owned();
    let line = |(at, fault): (usize, &&Fault)| {
        let absent: Vec<usize> = match fault.is_absent_column() {
            true => (0..faults.len()).filter(|&other| faults[other].is_absent_beside(fault)).collect(),
            false => Vec::new(),
        };
        match absent.as_slice() {
            [] | [_] => Some(fault.message(&place)),
            [first @ .., last] if first[0] == at => {
                let names: Vec<String> = first.iter().map(|&other| column(faults[other])).collect();
                let names = format!("{} and {}", names.join(", "), column(faults[*last]));
                Some(format!("{}, columns {names}: the columns are missing", fault.place.whole()))
            }
            _ => None,
        }
    };
    faults.iter().enumerate().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_place_rule_and_value() {
        let place = Place::file("dataset-of-60s.csv").row(17).column("energy");
        let fault = Fault::new(place, Reason::NotANumber, "expected a number").found("loud");
        assert_eq!(fault.to_string(), r#"dataset-of-60s.csv, row 17, column energy: expected a number, found "loud""#);
    }

    #[test]
    fn an_interface_names_settings_its_own_way() {
        let error =
            Error::input(Fault::new(Place::setting("folds"), Reason::Setting, "expected at least 2").found("1"));
        assert_eq!(error.to_string(), r#"folds: expected at least 2, found "1""#);
        assert_eq!(error.message(|place| format!("--{place}")), r#"--folds: expected at least 2, found "1""#);
        let failed = Error::Failed("no memory".to_owned());
        assert_eq!(failed.message(|place| format!("--{place}")), "no memory");
    }

    #[test]
    fn many_faults_are_counted_past_the_first_few() {
        let fault = Fault::new(Place::file("a.csv"), Reason::Empty, "expected a number");
        let text = Error::inputs(vec![fault; 12], 40).to_string();
        assert_eq!(text.lines().count(), MAX_LISTED_FAULTS + 1);
        assert!(text.ends_with("… and 30 more"));
        let fault = Fault::new(Place::file("a.csv"), Reason::MissingColumn, "expected a column");
        assert_eq!(Error::inputs(vec![fault; 16], 16).to_string().lines().count(), 16);
    }

    #[test]
    fn absent_columns_of_a_table_have_one_line() {
        let absent = |file: &str, column: &str| Fault::absent_column(Place::file(file), column);
        let hint = Fault::new(Place::setting("allow-missing"), Reason::MissingColumn, "accepts them");
        let misspelt = Fault::new(Place::file("a.csv").column("mode"), Reason::MissingColumn, "expected mode");
        let faults = vec![absent("a.csv", "key"), misspelt, absent("a.csv", "tempo"), absent("b.csv", "key"), hint];
        assert_eq!(
            Error::inputs(faults, 5).to_string(),
            "a.csv, columns key and tempo: the columns are missing\na.csv, column mode: expected mode\n\
             b.csv, column key: the column is missing\nallow-missing: accepts them"
        );
        let many = ["key", "mode", "tempo"].map(|name| absent("a.csv", name)).to_vec();
        let text = Error::inputs(many, 3).to_string();
        assert_eq!(text, "a.csv, columns key, mode and tempo: the columns are missing");
    }
}
