//! What a column's name may mean, and which name another one looks like.

mod aliases;
mod similarity;
mod tokens;

use crate::track::{Feature, ARTIST, TARGET, TRACK, URI};

use super::value::Unit;

pub use similarity::{closest, is_similar, nearest, suggested_feature, MAX_COMPARED_BYTES};

/// Name of the column that says which part of a split a row belongs to.
pub const SPLIT: &str = "split";

/// What a column may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnRole {
    /// A feature of the track; the decade by a name of its own.
    Feature(Feature),
    /// Title of the track.
    Title,
    /// Artist, or several.
    Artist,
    /// Spotify's URI or id of the track.
    Uri,
    /// The label, by its documented name.
    Label,
    /// Year of the release.
    Year,
    /// Date of the release.
    ReleaseDate,
    /// Which part of a split the row belongs to.
    Split,
    /// Something that comes along with tracks and is no feature: album, popularity, genre, …
    Metadata,
    /// None of these.
    Unknown,
}

/// What the name of a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameMeaning {
    /// What the column may be.
    pub role: ColumnRole,
    /// The unit that the name states.
    pub unit: Option<Unit>,
    /// Whether it is the documented name, so that the values are in the documented unit.
    pub is_exact: bool,
    /// Precedence among the names of one role, the smallest first.
    pub(in crate::reader) rank: u8,
}

impl NameMeaning {
    fn exact(role: ColumnRole) -> NameMeaning {
        NameMeaning { role, unit: None, is_exact: true, rank: 0 }
    }
}

/// What the name of a column says: the documented names, and the names of tables in circulation in any case, with spaces, dots,
/// camel case, a unit, or a word for the track before it. Spaces around it and a byte-order mark are no part of it.
pub fn meaning(name: &str) -> NameMeaning {
    let name = trimmed(name);
    exact_meaning(name).unwrap_or_else(|| aliases::meaning(name))
}

/// What the documented name of a column says; `None` for any other name.
pub fn exact_meaning(name: &str) -> Option<NameMeaning> {
    let name = trimmed(name);
    let role = match name {
        TRACK => ColumnRole::Title,
        ARTIST => ColumnRole::Artist,
        URI => ColumnRole::Uri,
        TARGET => ColumnRole::Label,
        SPLIT => ColumnRole::Split,
        name => ColumnRole::Feature(feature_named(name)?),
    };
    Some(NameMeaning::exact(role))
}

/// The feature with this documented name. [`Feature::from_name`] compares with one name after the other; this looks at one.
pub fn feature_named(name: &str) -> Option<Feature> {
    use Feature::*;
    let feature = match (name.len(), name.as_bytes().first()?) {
        (12, b'd') => Danceability,
        (6, b'e') => Energy,
        (3, b'k') => Key,
        (8, b'l') if name.as_bytes()[1] == b'o' => Loudness,
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

/// The unit that a name states, whatever else it means.
pub(in crate::reader) fn stated_unit(name: &str) -> Option<Unit> {
    tokens::words(trimmed(name)).unit
}

/// A name without the spaces around it and without a byte-order mark.
pub fn trimmed(name: &str) -> &str {
    name.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}')
}

/// A column's name as it is shown: without spaces around it, or `column 3 (no name)`. `position` counts from 0.
pub fn shown_name(name: &str, position: usize) -> String {
    match trimmed(name) {
        "" => format!("column {} (no name)", position + 1),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests;
