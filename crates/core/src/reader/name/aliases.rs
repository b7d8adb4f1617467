//! Names of features, texts and metadata in tables in circulation.

use super::tokens::{words, NameWords};
use super::{ColumnRole, NameMeaning, MAX_COMPARED_BYTES};
use crate::reader::value::Unit;
use crate::track::Feature;

/// Words before a name that say only that it is of the track.
const PREFIXES: [&str; 9] = ["track", "song", "spotify", "audio", "features", "feature", "avg", "average", "object"];

/// Another name of a feature, and the unit that it states.
type FeatureAlias = (&'static str, Option<Unit>);

/// Names of each feature, without separators.
const FEATURES: [(Feature, &[FeatureAlias]); 16] = [
    (Feature::Danceability, &[("danceability", None), ("dance", None), ("dnce", None), ("danceable", None)]),
    (Feature::Energy, &[("energy", None), ("nrgy", None)]),
    (
        Feature::Key,
        &[
            ("key", None),
            ("camelot", None),
            ("camelotkey", None),
            ("keysignature", None),
            ("musicalkey", None),
            ("keyname", None),
            ("pitchclass", None),
        ],
    ),
    (
        Feature::Loudness,
        &[("loudness", None), ("loud", None), ("db", Some(Unit::Decibels)), ("loudnessdb", Some(Unit::Decibels))],
    ),
    (Feature::Mode, &[("mode", None), ("majorminor", None)]),
    (Feature::Speechiness, &[("speechiness", None), ("speech", None), ("spch", None)]),
    (Feature::Acousticness, &[("acousticness", None), ("acoustic", None), ("acous", None)]),
    (Feature::Instrumentalness, &[("instrumentalness", None), ("instrumental", None), ("instr", None)]),
    (Feature::Liveness, &[("liveness", None), ("live", None)]),
    (Feature::Valence, &[("valence", None), ("val", None), ("happiness", None)]),
    (
        Feature::Tempo,
        &[
            ("tempo", None),
            ("bpm", Some(Unit::BeatsPerMinute)),
            ("tempobpm", Some(Unit::BeatsPerMinute)),
            ("beatsperminute", Some(Unit::BeatsPerMinute)),
        ],
    ),
    (
        Feature::DurationMs,
        &[
            ("duration", None),
            ("dur", None),
            ("length", None),
            ("runtime", None),
            ("objectduration", Some(Unit::Seconds)),
            ("durationms", Some(Unit::Milliseconds)),
        ],
    ),
    (
        Feature::TimeSignature,
        &[("timesignature", None), ("timesig", None), ("meter", None), ("metre", None), ("beatsperbar", None)],
    ),
    (Feature::ChorusHit, &[("chorushit", None)]),
    (Feature::Sections, &[("sections", None)]),
    (Feature::Decade, &[("decade", None)]),
];

/// Names of other roles, in the order of precedence, without separators.
const ROLES: [(ColumnRole, &[&str]); 7] = [
    (ColumnRole::Title, &["track", "trackname", "tracktitle", "title", "songname", "songtitle", "song", "name"]),
    (
        ColumnRole::Artist,
        &["artist", "artistname", "artistsname", "trackartist", "artists", "artistnames", "trackartists", "performer"],
    ),
    (
        ColumnRole::Uri,
        &[
            "uri",
            "trackuri",
            "spotifyuri",
            "spotifytrackuri",
            "trackid",
            "spotifyid",
            "spotifytrackid",
            "id",
            "trackhref",
        ],
    ),
    (
        ColumnRole::Year,
        &[
            "year",
            "releasedyear",
            "releaseyear",
            "yearreleased",
            "albumreleaseyear",
            "trackyear",
            "songyear",
            "yearofrelease",
        ],
    ),
    (
        ColumnRole::ReleaseDate,
        &[
            "releasedate",
            "albumreleasedate",
            "trackalbumreleasedate",
            "trackreleasedate",
            "datereleased",
            "releasedat",
            "albumdate",
            "released",
            "albumreleased",
        ],
    ),
    (ColumnRole::Split, &["split"]),
    (ColumnRole::Label, &["target"]),
];

/// What comes along with tracks and has nothing to do with features, without separators, in the order of bytes.
const METADATA: [&str; 85] = [
    "addedat",
    "addedby",
    "album",
    "albumartistnames",
    "albumartisturis",
    "albumgenres",
    "albumid",
    "albumimageurl",
    "albumname",
    "albumtype",
    "albumuri",
    "analysisurl",
    "artistcount",
    "artistgenres",
    "artistid",
    "artistids",
    "artistpopularity",
    "artistsids",
    "artisturi",
    "artisturis",
    "audiofeatures",
    "availablemarkets",
    "content",
    "copyrights",
    "coverurl",
    "discnumber",
    "ean",
    "explicit",
    "externalids",
    "externalurls",
    "fetchedat",
    "genre",
    "genres",
    "href",
    "inappleplaylists",
    "indeezerplaylists",
    "index",
    "inspotifyplaylists",
    "isrc",
    "keyconfidence",
    "label",
    "labels",
    "language",
    "lyrics",
    "mainpopularities",
    "modeconfidence",
    "nullresponse",
    "playlist",
    "playlistgenre",
    "playlistid",
    "playlistname",
    "playlistsubgenre",
    "pop",
    "popularity",
    "position",
    "previewurl",
    "rank",
    "recordlabel",
    "releasedday",
    "releasedmonth",
    "rowid",
    "songhotttnesss",
    "source",
    "streams",
    "subgenre",
    "topgenre",
    "trackalbumid",
    "trackalbumname",
    "trackexplicit",
    "trackgenre",
    "trackindex",
    "trackisrc",
    "tracknumber",
    "trackpopularity",
    "trackpreviewurl",
    "tracktype",
    "trackurl",
    "type",
    "unnamed",
    "unnamed0",
    "unnamed1",
    "url",
    "views",
    "weeks",
    "youtubeurl",
];

/// What a name that is not a documented one says.
pub(super) fn meaning(name: &str) -> NameMeaning {
    let unknown = NameMeaning { role: ColumnRole::Unknown, unit: None, is_exact: false, rank: 0 };
    if name.is_empty() || name.len() > MAX_COMPARED_BYTES {
        return unknown;
    }
    let NameWords { all, before_unit, unit } = words(name);
    let joined = all.concat();
    if METADATA.binary_search(&joined.as_str()).is_ok() {
        return NameMeaning { role: ColumnRole::Metadata, ..unknown };
    }
    // The whole name first: `track` before a name is left out only then.
    let prefixes = all.iter().take_while(|word| PREFIXES.contains(&word.as_str())).count();
    for from in 0..=prefixes.min(before_unit.saturating_sub(1)) {
        let whole = all[from..].concat();
        if let Some((role, rank)) = role(&whole) {
            return NameMeaning { role, rank, ..unknown };
        }
        let named = feature(&whole).or_else(|| feature(&all[from..before_unit].concat()));
        if let Some((feature, stated)) = named {
            let unit = stated.or(unit).filter(|unit| unit.is_of(feature));
            return NameMeaning { role: ColumnRole::Feature(feature), unit, ..unknown };
        }
    }
    unknown
}

fn role(joined: &str) -> Option<(ColumnRole, u8)> {
    ROLES
        .iter()
        .find_map(|(role, names)| names.iter().position(|name| *name == joined).map(|rank| (*role, rank as u8 + 1)))
}

fn feature(joined: &str) -> Option<(Feature, Option<Unit>)> {
    FEATURES
        .iter()
        .find_map(|(feature, names)| names.iter().find(|(name, _)| *name == joined).map(|(_, unit)| (*feature, *unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_are_in_the_order_of_bytes() {
        assert!(METADATA.is_sorted());
        for name in METADATA {
            assert_eq!(meaning(name).role, ColumnRole::Metadata, "{name}");
        }
    }
}
