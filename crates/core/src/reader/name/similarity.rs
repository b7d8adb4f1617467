//! One measure of how much two names look alike, for misspelt columns, fields, parameters and settings.

use strsim::{damerau_levenshtein, jaro_winkler};

use super::{meaning, ColumnRole};
use crate::track::Feature;

/// Maximum number of bytes of a name that is compared with others.
pub const MAX_COMPARED_BYTES: usize = 64;

/// Minimum similarity (Jaro-Winkler, 0 to 1) of a misspelt name.
const MIN_SIMILARITY: f64 = 0.88;
/// Maximum number of letters added, left out, changed or swapped in a misspelt name.
const MAX_EDIT_DISTANCE: usize = 2;
/// Minimum number of letters of a misspelt name for each edit.
const LETTERS_PER_EDIT: usize = 3;
/// Minimum number of letters of a misspelt name.
const MIN_LETTERS: usize = 3;

/// Whether `name` looks like `known`: the same but for case and separators, but for a few letters, or beginning alike.
pub fn is_similar(name: &str, known: &str) -> bool {
    similarity(name, known).is_some()
}

/// The one of `candidates` that looks like `name`, the most similar of several.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.into_iter().filter_map(|other| Some((similarity(other, name)?, other)));
    scored.reduce(|best, other| if other.0 > best.0 { other } else { best }).map(|(_, other)| other)
}

/// The one of `known` that `name` looks like, a few letters apart: for settings and parameters, which no name begins alike with
/// by accident.
pub fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let letters = plain(name);
    let edits = |other: &str| damerau_levenshtein(&letters, &plain(other));
    let best = known.iter().copied().min_by_key(|other| edits(other))?;
    is_few(edits(best), &letters).then_some(best)
}

/// The feature that `name` looks like, if it is neither a feature's name nor known to be something else.
pub fn suggested_feature(name: &str) -> Option<Feature> {
    let names = || Feature::ALL.iter().map(|feature| feature.name());
    match meaning(name).role {
        ColumnRole::Unknown => Feature::from_name(nearest(name, names())?),
        ColumnRole::Feature(feature) if feature.name() != name => Some(feature),
        _ => None,
    }
}

/// How much `name` looks like `known`, 0 to 1; `None` if it does not.
fn similarity(name: &str, known: &str) -> Option<f64> {
    if name.len() > MAX_COMPARED_BYTES || known.len() > MAX_COMPARED_BYTES {
        return None;
    }
    let (name, known) = (plain(name), plain(known));
    if name.chars().count() < MIN_LETTERS {
        return None;
    }
    let similarity = jaro_winkler(&name, &known);
    let is_close = is_few(damerau_levenshtein(&name, &known), &name) || similarity >= MIN_SIMILARITY;
    is_close.then_some(similarity)
}

fn is_few(edits: usize, name: &str) -> bool {
    edits <= MAX_EDIT_DISTANCE && edits * LETTERS_PER_EDIT <= name.chars().count()
}

/// Letters and digits only, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
