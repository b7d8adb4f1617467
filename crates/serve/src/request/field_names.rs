//! Names of fields and columns: the feature that each is, and the ones that look like a misspelt feature's.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::json;

use super::did_you_mean;
use super::faults::Detail;
use crate::http::rejection::Rejection;
use hitflop_core::track::Feature;

/// Maximum number of columns of a table, and of different names of fields among the rows of a request.
pub const MAX_COLUMNS: usize = 1_024;
/// Maximum number of misspelt names of a row, and of a table, that are reported.
const MAX_MISSPELT: usize = 16;

/// A name that looks like a feature's, and that feature.
pub type Misspelt = (Arc<str>, Feature);

/// The names of the fields of a request that are no feature's. Each is compared with the features' names once, however many rows
/// have it; rows are read by several threads.
#[derive(Debug, Default)]
pub struct FieldNames(RwLock<KnownNames>);

#[derive(Debug, Default)]
struct KnownNames {
    /// By name the feature that it looks like.
    meant: HashMap<Arc<str>, Option<Feature>>,
    /// The names that look like a feature's, in the order in which they were first seen.
    misspelt: Vec<Misspelt>,
    /// Whether there are more names than are kept.
    is_full: bool,
}

impl FieldNames {
    /// The feature of a field; a name that only looks like one is noted in `misspelt`.
    pub fn feature(&self, name: &str, misspelt: &mut Vec<Misspelt>) -> Option<Feature> {
        let feature = feature_named(name);
        if feature.is_none() {
            self.note(name, misspelt);
        }
        feature
    }

    /// Notes the name of a field that is no feature in `misspelt`, if it looks like one.
    pub fn note(&self, name: &str, misspelt: &mut Vec<Misspelt>) {
        if misspelt.len() >= MAX_MISSPELT || !did_you_mean::is_unknown(name) {
            return;
        }
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(name);
        let found = known.unwrap_or_else(|| self.compare(name));
        if let Some(found) = found {
            if !misspelt.contains(&found) {
                misspelt.push(found);
            }
        }
    }

    fn compare(&self, name: &str) -> Option<Misspelt> {
        let meant = did_you_mean::feature(name);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.meant.len() >= MAX_COLUMNS {
            known.is_full |= !known.meant.contains_key(name);
            return None;
        }
        let name: Arc<str> = name.into();
        known.meant.insert(Arc::clone(&name), meant);
        let found = (name, meant?);
        if known.misspelt.len() < MAX_MISSPELT && !known.misspelt.contains(&found) {
            known.misspelt.push(found.clone());
        }
        Some(found)
    }

    /// The names that look like a feature's, in the order in which they were first seen.
    pub fn misspelt(&self) -> Vec<Misspelt> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).misspelt.clone()
    }

    /// # Errors
    /// The rows have more different names than a table may have columns.
    pub fn check_count(&self) -> Result<(), Rejection> {
        match self.0.read().unwrap_or_else(PoisonError::into_inner).is_full {
            true => Err(too_many_columns("different names of fields", None)),
            false => Ok(()),
        }
    }
}

impl KnownNames {
    /// Whether `name` was compared before, and what was found.
    fn get(&self, name: &str) -> Option<Option<Misspelt>> {
        let known = self.meant.get_key_value(name);
        let of_known = known.map(|(name, meant)| meant.map(|feature| (Arc::clone(name), feature)));
        of_known.or(self.is_full.then_some(None))
    }
}

/// A request with more columns than [`MAX_COLUMNS`].
pub fn too_many_columns(what: &str, found: Option<usize>) -> Rejection {
    let found = found.map(|found| format!(", found {found}")).unwrap_or_default();
    let rule = format!("Expected at most {MAX_COLUMNS} {what}{found}");
    Rejection::invalid(Detail::new("too_many_columns", vec![json!("body")], rule, &json!({})))
}

/// [`Feature::from_name`] compares with one name after the other; this looks at one.
pub fn feature_named(name: &str) -> Option<Feature> {
    use Feature::*;
    let feature = match (name.len(), name.as_bytes().first()?) {
        (12, b'd') => Danceability,
        (6, b'e') => Energy,
        (3, b'k') => Key,
        (8, b'l') if name.ends_with("ess") && name.as_bytes()[1] == b'o' => Loudness,
        (4, b'm') => Mode,
        (11, b's') => Speechiness,
        (12, b'a') => Acousticness,
        (16, b'i') => Instrumentalness,
        (8, b'l') => Liveness,
        (7, b'v') => Valence,
        (5, b't') => Tempo,
        (11, b'd') => DurationMs,
        (14, b't') => TimeSignature,
        (10, b'c') => ChorusHit,
        (8, b's') => Sections,
        (6, b'd') => Decade,
        _ => return None,
    };
    (feature.name() == name).then_some(feature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_is_found_by_its_name() {
        for feature in Feature::ALL {
            assert_eq!(feature_named(feature.name()), Some(feature));
        }
        for name in ["", "e", "Energy", "energi", "loudnest", "sektions", "danceabilitx", "é"] {
            assert_eq!(feature_named(name), None, "{name}");
        }
    }

    #[test]
    fn a_misspelt_name_is_noted_once() {
        let names = FieldNames::default();
        let mut row = Vec::new();
        let features = ["energy", "enrgy", "title", "enrgy", "x"].map(|name| names.feature(name, &mut row));
        assert_eq!(features, [Some(Feature::Energy), None, None, None, None]);
        let expected = [("enrgy".into(), Feature::Energy)];
        assert_eq!(row, expected);
        names.note("enrgy", &mut Vec::new());
        assert_eq!(names.misspelt(), expected);
    }

    #[test]
    fn so_many_names_are_compared() {
        let names = FieldNames::default();
        for number in 0..MAX_COLUMNS {
            names.note(&format!("column {number}"), &mut Vec::new());
        }
        assert!(names.check_count().is_ok());
        let mut row = Vec::new();
        names.note("column 7", &mut row);
        names.note("artist", &mut row);
        assert!(names.check_count().is_ok());
        names.note("enrgy", &mut row);
        assert!(names.check_count().is_err() && row.is_empty());
    }
}
