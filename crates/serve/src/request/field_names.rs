//! Names of fields and columns: the feature that each is or may be, and the ones that look like a misspelt feature's.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{json, Value};

use super::json_number::JsonNumber;
use super::raw_track::RawTrack;
use crate::answer::faults::Detail;
use crate::answer::rejection::Rejection;
use hitflop_core::reader::name::{self, ColumnRole, MAX_COMPARED_BYTES};
use hitflop_core::track::Feature;

pub(crate) use hitflop_core::reader::name::feature_named;

/// Maximum number of columns of a table, and of different names of fields among the rows of a request.
pub(crate) const MAX_COLUMNS: usize = 1_024;
/// Maximum number of columns that may be a feature by their names.
pub(crate) const MAX_FEATURE_COLUMNS: usize = 64;
/// Maximum number of different names of a single track's fields that are looked at: a comparison with all features takes as long as
/// a prediction, and such a request is read on the thread that has it.
const MAX_NAMES_OF_TRACK: usize = 64;
/// Maximum number of misspelt names of a row, and of a table, that are reported.
const MAX_MISSPELT: usize = 16;

/// Fields that come along with features in the objects of Spotify and ReccoBeats, of which nobody need ask the reader.
const COMMON_FIELDS: [&str; 7] = ["id", "uri", "type", "track_href", "analysis_url", "href", "isrc"];

/// What there may be [`MAX_COLUMNS`] of among rows; the number is [`MAX_FEATURE_COLUMNS`].
const NAMES_OF_FIELDS: &str = "different names of fields, and 64 of them that may be a feature's";

/// A name that looks like a feature's, and that feature.
pub(crate) type Misspelt = (Arc<str>, Feature);

/// Number of a name, among those of a request, that may be a feature's.
pub(crate) type ColumnId = usize;

/// What a field may be by its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FieldMeaning {
    /// A feature by its documented name.
    Feature(Feature),
    /// A feature by another name, or a year or a date that gives the decade. Its meaning is decided by the whole column.
    Column(ColumnId),
    /// None, but it looks like a feature's.
    Misspelt(Misspelt),
    /// Known to be something else, or unlike any feature's.
    Other,
}

impl FieldMeaning {
    /// Whether it is or may be a feature.
    pub(crate) fn is_column(&self) -> bool {
        matches!(self, FieldMeaning::Feature(_) | FieldMeaning::Column(_))
    }

    /// Gives a track the value of such a field.
    pub(crate) fn give(&self, track: &mut RawTrack, value: JsonNumber) {
        match self {
            FieldMeaning::Feature(feature) => track.give(*feature, value),
            FieldMeaning::Column(column) => track.give_column(*column, value),
            FieldMeaning::Misspelt(_) | FieldMeaning::Other => {}
        }
    }
}

/// The names of the fields of a request that are no feature's. Each is looked at once, however many rows have it; rows are read by
/// several threads.
#[derive(Debug)]
pub(crate) struct FieldNames {
    known: RwLock<KnownNames>,
    most: usize,
    /// Whether titles, artists and URIs are columns too.
    with_texts: bool,
}

impl Default for FieldNames {
    fn default() -> FieldNames {
        FieldNames { known: RwLock::default(), most: MAX_COLUMNS, with_texts: false }
    }
}

#[derive(Debug, Default)]
struct KnownNames {
    meanings: HashMap<Arc<str>, FieldMeaning>,
    /// The names that may be a feature's.
    columns: Vec<Arc<str>>,
    /// The names that look like a feature's, in the order in which they were first seen.
    misspelt: Vec<Misspelt>,
    /// Whether there are more names than are kept.
    is_full: bool,
}

impl FieldNames {
    /// The names of a single track or a few.
    pub(crate) fn of_track() -> FieldNames {
        FieldNames { most: MAX_NAMES_OF_TRACK, ..FieldNames::default() }
    }

    /// The names of rows whose titles, artists and URIs are read as well.
    pub(crate) fn with_texts() -> FieldNames {
        FieldNames { with_texts: true, ..FieldNames::default() }
    }

    /// Whether titles, artists and URIs are read as well.
    pub(crate) fn has_texts(&self) -> bool {
        self.with_texts
    }

    /// What the field of a name may be.
    pub(crate) fn meaning(&self, name: &str) -> FieldMeaning {
        if let Some(feature) = feature_named(name) {
            return FieldMeaning::Feature(feature);
        }
        // As in a file, spaces and a byte-order mark around a name are no part of it.
        let trimmed = name::trimmed(name);
        if trimmed.len() < name.len() {
            return self.meaning(trimmed);
        }
        // No name of a feature is as long.
        if name.len() > MAX_COMPARED_BYTES || (!self.with_texts && COMMON_FIELDS.contains(&name)) {
            return FieldMeaning::Other;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).meanings.get(name).cloned();
        known.unwrap_or_else(|| self.look_at(name))
    }

    fn look_at(&self, name: &str) -> FieldMeaning {
        if self.known.read().unwrap_or_else(PoisonError::into_inner).is_full {
            return FieldMeaning::Other;
        }
        let role = name::meaning(name).role;
        let similar = if role == ColumnRole::Unknown { name::suggested_feature(name) } else { None };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(meaning) = known.meanings.get(name) {
            return meaning.clone();
        }
        let may_be_feature = gives_feature(role) || (self.with_texts && gives_text(role));
        if known.meanings.len() >= self.most || (may_be_feature && known.columns.len() >= MAX_FEATURE_COLUMNS) {
            known.is_full = true;
            return FieldMeaning::Other;
        }
        let name: Arc<str> = name.into();
        let meaning = match may_be_feature {
            true => {
                known.columns.push(Arc::clone(&name));
                FieldMeaning::Column(known.columns.len() - 1)
            }
            false => {
                similar.map_or(FieldMeaning::Other, |feature| FieldMeaning::Misspelt((Arc::clone(&name), feature)))
            }
        };
        if let FieldMeaning::Misspelt(found) = &meaning {
            if known.misspelt.len() < MAX_MISSPELT {
                known.misspelt.push(found.clone());
            }
        }
        known.meanings.insert(name, meaning.clone());
        meaning
    }

    /// The names that may be a feature's, by their number.
    pub(crate) fn columns(&self) -> Vec<Arc<str>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).columns.clone()
    }

    /// The name of a field that is or may be a feature.
    pub(crate) fn name(&self, field: &FieldMeaning) -> Option<Arc<str>> {
        match field {
            FieldMeaning::Feature(feature) => Some(feature.name().into()),
            FieldMeaning::Column(column) => {
                self.known.read().unwrap_or_else(PoisonError::into_inner).columns.get(*column).cloned()
            }
            FieldMeaning::Misspelt(_) | FieldMeaning::Other => None,
        }
    }

    /// The names that look like a feature's, in the order in which they were first seen.
    pub(crate) fn misspelt(&self) -> Vec<Misspelt> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).misspelt.clone()
    }

    /// # Errors
    /// The rows have more different names than a table may have columns, or more that may be a feature's.
    pub(crate) fn check_count(&self) -> Result<(), Rejection> {
        match self.known.read().unwrap_or_else(PoisonError::into_inner).is_full {
            true => Err(too_many_columns(NAMES_OF_FIELDS, None)),
            false => Ok(()),
        }
    }
}

/// Whether a column of a role may give a feature.
fn gives_feature(role: ColumnRole) -> bool {
    matches!(role, ColumnRole::Feature(_) | ColumnRole::Year | ColumnRole::ReleaseDate)
}

/// Whether a column of a role may give a title, an artist or a URI.
fn gives_text(role: ColumnRole) -> bool {
    matches!(role, ColumnRole::Title | ColumnRole::Artist | ColumnRole::Uri)
}

/// Whether a column of a name may give a feature.
pub(crate) fn may_be_feature(name: &str) -> bool {
    gives_feature(name::meaning(name).role)
}

/// Notes a misspelt name of a row once.
pub(crate) fn note(misspelt: &mut Vec<Misspelt>, found: Misspelt) {
    if misspelt.len() < MAX_MISSPELT && !misspelt.contains(&found) {
        misspelt.push(found);
    }
}

/// A fault at `loc` of a field whose name looks like that of `feature`; `input` is the value that was sent under it.
pub(crate) fn unknown_field(name: &str, feature: Feature, loc: Vec<Value>, input: &Value) -> Detail {
    let rule = format!("{name:?} is not a feature; did you mean {:?}?", feature.name());
    Detail::new("unknown_field", loc, rule, input)
}

/// A request with more columns than [`MAX_COLUMNS`].
pub(crate) fn too_many_columns(what: &str, found: Option<usize>) -> Rejection {
    let found = found.map(|found| format!(", found {found}")).unwrap_or_default();
    too_many(format!("Expected at most {MAX_COLUMNS} {what}{found}"))
}

/// A request with more columns that may be a feature than [`MAX_FEATURE_COLUMNS`].
pub(crate) fn too_many_feature_columns(found: usize) -> Rejection {
    too_many(format!(
        "Expected at most {MAX_FEATURE_COLUMNS} columns that may be a feature by their names, found {found}"
    ))
}

fn too_many(rule: String) -> Rejection {
    Rejection::invalid(Detail::new("too_many_columns", vec![json!("body")], rule, &json!({})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_feature_a_column_a_mistake_or_nothing() {
        let names = FieldNames::default();
        let misspelt: Misspelt = ("enrgy".into(), Feature::Energy);
        for _ in 0..2 {
            let meanings =
                ["energy", "enrgy", "durationMs", "title", "release_date", "x"].map(|name| names.meaning(name));
            let expected = [
                FieldMeaning::Feature(Feature::Energy),
                FieldMeaning::Misspelt(misspelt.clone()),
                FieldMeaning::Column(0),
                FieldMeaning::Other,
                FieldMeaning::Column(1),
                FieldMeaning::Other,
            ];
            assert_eq!(meanings, expected);
        }
        assert_eq!(names.misspelt(), [misspelt]);
        assert_eq!(names.columns(), ["durationMs".into(), "release_date".into()]);
        assert!(COMMON_FIELDS.iter().all(|name| names.look_at(name) == FieldMeaning::Other));
        assert_eq!(names.meaning(&"e".repeat(MAX_COMPARED_BYTES + 1)), FieldMeaning::Other);
        let padded = format!("{}energy", " ".repeat(MAX_COMPARED_BYTES));
        for padded in [padded.as_str(), " energy", "energy\u{feff}", "\tenergy\n"] {
            assert_eq!(names.meaning(padded), FieldMeaning::Feature(Feature::Energy), "{padded:?}");
        }
    }

    #[test]
    fn so_many_names_may_be_a_features() {
        let names = FieldNames::default();
        for number in 0..MAX_FEATURE_COLUMNS {
            // The letters of a number in either case.
            let name: String = "danceability"
                .chars()
                .enumerate()
                .map(|(at, it)| if number >> at & 1 == 1 { it.to_ascii_uppercase() } else { it })
                .collect();
            names.meaning(&name);
        }
        assert!(names.check_count().is_ok());
        names.meaning("Energy");
        names.meaning("ENERGY");
        assert!(names.check_count().is_err());
        assert!(NAMES_OF_FIELDS.contains(&MAX_FEATURE_COLUMNS.to_string()));
    }

    #[test]
    fn so_many_names_are_looked_at() {
        let names = FieldNames::default();
        for number in 0..MAX_COLUMNS {
            names.meaning(&format!("column {number}"));
        }
        names.meaning("column 7");
        assert!(names.check_count().is_ok());
        assert_eq!(names.meaning("enrgy"), FieldMeaning::Other);
        assert!(names.check_count().is_err());
    }
}
