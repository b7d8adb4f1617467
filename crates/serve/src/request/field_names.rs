//! Names of fields and columns: the feature that each is, and the ones that look like a misspelt feature's.

use super::did_you_mean;
use hitflop_core::track::Feature;

/// Maximum number of misspelt columns that are reported.
const MAX_MISSPELT_COLUMNS: usize = 64;

/// The columns of a table whose names look like a feature's, each once.
#[derive(Clone, Debug, Default)]
pub struct MisspeltColumns(pub Vec<(String, Feature)>);

impl MisspeltColumns {
    /// The feature of a column; a name that only looks like one is noted.
    pub fn feature(&mut self, name: &str) -> Option<Feature> {
        let feature = feature_named(name);
        if feature.is_none() && self.0.len() < MAX_MISSPELT_COLUMNS && did_you_mean::is_unknown(name) {
            let is_noted = self.0.iter().any(|(other, _)| other == name);
            let meant = if is_noted { None } else { did_you_mean::feature(name) };
            self.0.extend(meant.map(|feature| (name.to_owned(), feature)));
        }
        feature
    }
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
    fn a_misspelt_column_is_noted_once() {
        let mut columns = MisspeltColumns::default();
        let features = ["energy", "enrgy", "title", "enrgy", "x"].map(|name| columns.feature(name));
        assert_eq!(features, [Some(Feature::Energy), None, None, None, None]);
        assert_eq!(columns.0, [("enrgy".to_owned(), Feature::Energy)]);
    }
}
