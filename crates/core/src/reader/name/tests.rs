use proptest::prelude::*;

use super::*;

#[test]
fn every_feature_is_found_by_its_name() {
    for feature in Feature::ALL {
        assert_eq!(feature_named(feature.name()), Some(feature));
        assert_eq!(meaning(feature.name()), NameMeaning::exact(ColumnRole::Feature(feature)));
        // In other writings it is not the documented name.
        for name in [feature.name().to_uppercase(), feature.name().replace('_', " "), format!("track_{feature}")] {
            let meaning = meaning(&name);
            assert_eq!(meaning.role, ColumnRole::Feature(feature), "{name}");
            assert_eq!(meaning.is_exact, name == feature.name(), "{name}");
        }
    }
    for name in ["", "e", "Energy", "energi", "loudnest", "sektions", "danceabilitx", "é"] {
        assert_eq!(feature_named(name), None, "{name}");
    }
}

#[test]
fn names_state_units() {
    for (name, unit) in [
        ("duration_ms", None),
        ("Duration (ms)", Some(Unit::Milliseconds)),
        ("durationMs", Some(Unit::Milliseconds)),
        ("duration_in_seconds", Some(Unit::Seconds)),
        ("Length.", None),
        ("length (mm:ss)", Some(Unit::MinutesSeconds)),
        ("object.duration", Some(Unit::Seconds)),
        ("danceability_%", Some(Unit::Percent)),
        ("Energy Percent", Some(Unit::Percent)),
        ("Loudness..dB..", Some(Unit::Decibels)),
        ("dB", Some(Unit::Decibels)),
        ("Beats.Per.Minute", Some(Unit::BeatsPerMinute)),
        // A unit that the feature cannot have is none.
        ("energy_ms", None),
    ] {
        let meaning = meaning(name);
        assert!(matches!(meaning.role, ColumnRole::Feature(_)), "{name}");
        assert_eq!(meaning.unit, unit, "{name}");
    }
}

#[test]
fn texts_years_and_metadata_are_recognised() {
    for (name, role) in [
        ("track", ColumnRole::Title),
        ("Track Name", ColumnRole::Title),
        ("song", ColumnRole::Title),
        ("artist(s)_name", ColumnRole::Artist),
        ("Artist Name(s)", ColumnRole::Artist),
        ("track_id", ColumnRole::Uri),
        ("Spotify URI", ColumnRole::Uri),
        ("year ", ColumnRole::Year),
        ("released_year", ColumnRole::Year),
        ("Album Release Date", ColumnRole::ReleaseDate),
        ("object.releaseDate", ColumnRole::ReleaseDate),
        ("target", ColumnRole::Label),
        ("split", ColumnRole::Split),
        ("label", ColumnRole::Metadata),
        ("Record Label", ColumnRole::Metadata),
        ("track_number", ColumnRole::Metadata),
        ("audio_features", ColumnRole::Metadata),
        ("key_confidence", ColumnRole::Metadata),
        ("", ColumnRole::Unknown),
        ("%", ColumnRole::Unknown),
        ("colour", ColumnRole::Unknown),
        ("曲名", ColumnRole::Unknown),
    ] {
        assert_eq!(meaning(name).role, role, "{name}");
    }
}

#[test]
fn misspelt_features_are_suggested() {
    for (name, expected) in [
        ("danceabilty", Feature::Danceability),
        ("Energy", Feature::Energy),
        ("durationMs", Feature::DurationMs),
        ("duration", Feature::DurationMs),
        ("time signature", Feature::TimeSignature),
        ("accousticness", Feature::Acousticness),
        ("loudnes", Feature::Loudness),
        ("chorus-hit", Feature::ChorusHit),
        ("section", Feature::Sections),
        ("tempoo", Feature::Tempo),
        ("decad", Feature::Decade),
    ] {
        assert_eq!(suggested_feature(name), Some(expected), "{name}");
    }
    for name in ["energy", "", "x", "no", "user", "playlist", "comment", "added_at", "曲名", "album", "content", "type"]
    {
        assert_eq!(suggested_feature(name), None, "{name}");
    }
}

#[test]
fn words_are_found_among_few() {
    let known = ["explain", "what_if"];
    for (name, expected) in [("explan", "explain"), ("Explain", "explain"), ("whatif", "what_if")] {
        assert_eq!(closest(name, &known), Some(expected), "{name}");
    }
    for name in ["", "x", "plain", "limit", "if"] {
        assert_eq!(closest(name, &known), None, "{name}");
    }
    assert_eq!(nearest("energy", ["tempo", "enrgy", "Energi"]), Some("enrgy"));
    assert_eq!(nearest("energy", ["tempo", ""]), None);
    assert!(is_similar("Time.Signature", "time_signature") && !is_similar("x", "x"));
}

#[test]
fn a_column_without_a_name_has_a_number() {
    assert_eq!(shown_name(" \u{feff}", 0), "column 1 (no name)");
    assert_eq!(shown_name(" year ", 2), "year");
}

proptest! {
    #[test]
    fn no_name_makes_it_panic(name in "\\PC{0,80}", words in "[a-z%_ .()A-Z]{0,24}") {
        for name in [name, words] {
            let meaning = meaning(&name);
            if let (ColumnRole::Feature(feature), Some(unit)) = (meaning.role, meaning.unit) {
                prop_assert!(unit.is_of(feature));
            }
            let _ = (suggested_feature(&name), shown_name(&name, 0), nearest(&name, ["energy"]));
        }
    }
}
