use proptest::prelude::*;

use super::*;
use crate::error::Reason;

fn text(feature: Feature, text: &str) -> Result<f64, ValueFault> {
    read(feature, Cell::Text(text), &ValueRule::default())
}

fn reason(result: Result<f64, ValueFault>) -> Reason {
    result.expect_err("a fault").reason
}

#[test]
fn missing_words_are_missing_for_every_feature() {
    for word in [
        "", "  ", "NA", "na", "N/A", "n/a", "nan", "NaN", "null", "NULL", "None", "NONE", "-", "?", "#N/A", " na ",
        "<NA>",
    ] {
        for feature in Feature::ALL {
            assert!(text(feature, word).is_ok_and(f64::is_nan), "{feature} {word:?}");
        }
    }
    for word in ["nothing", "--1", "n", "0"] {
        assert!(!is_missing(word), "{word}");
    }
    for cell in [Cell::Missing, Cell::Number(f64::NAN)] {
        assert!(read(Feature::Key, cell, &ValueRule::default()).is_ok_and(f64::is_nan));
    }
}

#[test]
fn numbers_are_read_as_people_and_programs_write_them() {
    for (spelling, expected) in [
        ("0.5", 0.5),
        (" -6.25\n", -6.25),
        ("4.42E-06", 4.42e-6),
        (".5", 0.5),
        ("5.", 5.0),
        ("+1e2", 100.0),
        ("2e+05", 200_000.0),
        ("1_000", 1000.0),
        ("1,292", 1292.0),
        ("1,292,000.5", 1_292_000.5),
        ("\u{2212}6.5", -6.5),
        ("1.0000000000000002", 1.0000000000000002),
        ("-0", 0.0),
    ] {
        assert_eq!(text(Feature::Tempo, spelling), Ok(expected), "{spelling}");
    }
    for spelling in
        ["loud", ".", "1e", "1,29", "0,5", "1,2920", "1_", "_1", "1__0", "0,125", ",", "1,292,00", "0x10", "1 000"]
    {
        assert_eq!(reason(text(Feature::Energy, spelling)), Reason::NotANumber, "{spelling}");
    }
    for spelling in ["inf", "-Infinity", "1e999"] {
        assert_eq!(reason(text(Feature::Energy, spelling)), Reason::NotFinite, "{spelling}");
    }
}

#[test]
fn decimal_commas_are_read_where_the_table_has_them() {
    let rule = ValueRule { decimal_mark: DecimalMark::Comma, ..ValueRule::default() };
    let comma = |spelling: &str| read(Feature::Tempo, Cell::Text(spelling), &rule);
    for (spelling, expected) in [
        ("0,5", 0.5),
        ("-6,25", -6.25),
        ("1.292,5", 1292.5),
        ("1 292,5", 1292.5),
        ("1.292", 1292.0),
        ("120", 120.0),
        ("0.125", 0.125),
        ("1,77E-05", 1.77e-5),
        ("1.77E-05", 1.77e-5),
    ] {
        assert_eq!(comma(spelling), Ok(expected), "{spelling}");
    }
    assert!(comma("0,5,5").is_err());
    assert_eq!(read(Feature::Decade, Cell::Text("1960"), &rule), Ok(1960.0));
    assert!(comma("NA").is_ok_and(f64::is_nan));
}

#[test]
fn whole_features_are_whole_numbers_of_32_bits() {
    for spelling in ["5", "5.0", "5.00", " 5 ", "0.5e1"] {
        assert_eq!(text(Feature::Key, spelling), Ok(5.0), "{spelling}");
    }
    assert_eq!(reason(text(Feature::Key, "5.5")), Reason::NotWhole);
    assert_eq!(reason(text(Feature::DurationMs, "1e12")), Reason::TooLarge);
    let infinite = read(Feature::Key, Cell::Number(f64::INFINITY), &ValueRule::default());
    assert_eq!(reason(infinite), Reason::NotFinite);
    assert_eq!(reason(read(Feature::Energy, Cell::Nested, &ValueRule::default())), Reason::NotANumber);
    assert_eq!(read(Feature::Mode, Cell::Bool(true), &ValueRule::default()), Ok(1.0));
    assert_eq!(reason(read(Feature::Decade, Cell::Bool(true), &ValueRule::default())), Reason::UnknownDecade);
}

#[test]
fn no_key_is_missing() {
    for spelling in ["-1", "-1.0", " -1 ", "-01"] {
        assert!(text(Feature::Key, spelling).is_ok_and(f64::is_nan), "{spelling}");
        assert_eq!(text(Feature::Mode, spelling), Ok(-1.0));
    }
    assert!(read(Feature::Key, Cell::Number(-1.0), &ValueRule::default()).is_ok_and(f64::is_nan));
    assert_eq!(text(Feature::Key, "-2"), Ok(-2.0));
}

#[test]
fn keys_have_many_names() {
    for (spelling, pitch, is_major) in [
        ("C", 0, None),
        ("c#", 1, None),
        ("C♯/D♭", 1, None),
        ("Db", 1, None),
        ("D♯", 3, None),
        ("Cb", 11, None),
        ("B♭", 10, None),
        ("b", 11, None),
        ("bb", 10, None),
        ("F sharp", 6, None),
        ("E-flat major", 3, Some(true)),
        ("G minor", 7, Some(false)),
        ("Gm", 7, Some(false)),
        ("F# Maj", 6, Some(true)),
        ("a min", 9, Some(false)),
        ("8A", 9, Some(false)),
        ("8B", 0, Some(true)),
        ("08b", 0, Some(true)),
        ("1A", 8, Some(false)),
        ("12A", 1, Some(false)),
        ("12B", 4, Some(true)),
        ("1d", 0, Some(true)),
        ("1m", 9, Some(false)),
    ] {
        assert_eq!(key_of_text(spelling), Some(MusicalKey { pitch, is_major }), "{spelling}");
        assert_eq!(text(Feature::Key, spelling), Ok(f64::from(pitch)), "{spelling}");
    }
    for spelling in ["H", "C##", "C/D", "13A", "0A", "G locrian", "Cx", "major", "é"] {
        assert_eq!(key_of_text(spelling), None, "{spelling}");
    }
}

/// Going round the circle of fifths, each code is seven half tones above the one before, and A is the minor of B.
#[test]
fn camelot_is_the_circle_of_fifths() {
    for number in 1..=12 {
        let key = |number: i32, letter: char| key_of_text(&format!("{number}{letter}")).expect("a key").pitch;
        let next = number % 12 + 1;
        assert_eq!((key(number, 'A') + 7) % 12, key(next, 'A'));
        assert_eq!((key(number, 'B') + 7) % 12, key(next, 'B'));
        assert_eq!((key(number, 'A') + 3) % 12, key(number, 'B'));
        assert_eq!(key((number + 6) % 12 + 1, 'B'), key(number, 'd'));
    }
}

#[test]
fn words_of_a_feature_are_its_numbers() {
    for (feature, spelling, expected) in [
        (Feature::Mode, "Major", 1.0),
        (Feature::Mode, "minor", 0.0),
        (Feature::Mode, "0.0", 0.0),
        (Feature::TimeSignature, "4/4", 4.0),
        (Feature::TimeSignature, "6/8", 6.0),
        (Feature::TimeSignature, "4.0", 4.0),
        (Feature::DurationMs, "3:37", 217_000.0),
        (Feature::DurationMs, "03:37.5", 217_500.0),
        (Feature::DurationMs, "1:02:03", 3_723_000.0),
        (Feature::DurationMs, "215 s", 215_000.0),
        (Feature::DurationMs, "215000 ms", 215_000.0),
        (Feature::Energy, "55%", 0.55),
        (Feature::Energy, "55 %", 0.55),
        (Feature::Loudness, "-6.2 dB", -6.2),
        (Feature::Tempo, "120 BPM", 120.0),
    ] {
        assert_eq!(text(feature, spelling), Ok(expected), "{feature} {spelling}");
    }
    for (feature, spelling) in [
        (Feature::DurationMs, "3:77"),
        (Feature::DurationMs, "3:7"),
        (Feature::DurationMs, "1:2:3:4"),
        (Feature::DurationMs, ":37"),
        (Feature::TimeSignature, "4/"),
        (Feature::TimeSignature, "0/4"),
        (Feature::Tempo, "120 %"),
        (Feature::Energy, "major"),
    ] {
        assert!(text(feature, spelling).is_err(), "{feature} {spelling}");
    }
}

#[test]
fn units_are_converted() {
    let of = |feature, unit, value: &str| {
        read(feature, Cell::Text(value), &ValueRule { unit: Some(unit), ..ValueRule::default() })
    };
    assert_eq!(of(Feature::Energy, Unit::Percent, "73"), Ok(0.73));
    assert_eq!(of(Feature::Energy, Unit::Percent, "73 %"), Ok(0.73));
    assert_eq!(of(Feature::DurationMs, Unit::Seconds, "218.93179"), Ok(218_932.0));
    assert_eq!(of(Feature::DurationMs, Unit::Seconds, "3:37"), Ok(217_000.0));
    assert_eq!(of(Feature::DurationMs, Unit::Minutes, "3.5"), Ok(210_000.0));
    assert!(of(Feature::DurationMs, Unit::MinutesSeconds, "217").is_err());
    assert_eq!(of(Feature::ChorusHit, Unit::Seconds, "40.5"), Ok(40.5));
}

#[test]
fn decades_years_and_dates_are_told_apart() {
    for (spelling, expected) in [
        ("1960", 1960.0),
        ("60", 1960.0),
        ("60s", 1960.0),
        ("1960S", 1960.0),
        ("1960.0", 1960.0),
        ("'60s", 1960.0),
        ("1960's", 1960.0),
        ("0", 2000.0),
        ("00s", 2000.0),
        ("20", 2020.0),
        ("1988", 1980.0),
        ("1921", 1920.0),
        ("1988-05-14", 1980.0),
        ("May 14, 1988", 1980.0),
    ] {
        assert_eq!(text(Feature::Decade, spelling), Ok(expected), "{spelling}");
    }
    for spelling in ["60ss", "65", "65s", "s", "1899", "2030", "-60", "sixties", "19600", "1965s", "60.5", "1960.0s"] {
        assert_eq!(reason(text(Feature::Decade, spelling)), Reason::UnknownDecade, "{spelling}");
    }
    let year = |spelling: &str| {
        read(Feature::Decade, Cell::Text(spelling), &ValueRule { is_year: true, ..ValueRule::default() })
    };
    for (spelling, expected) in [
        ("1988", 1980.0),
        ("1988.0", 1980.0),
        ("1973-05", 1970.0),
        ("14.05.1973", 1970.0),
        ("1973-05-14T00:00:00Z", 1970.0),
        ("1973-05-14 00:00:00.000000", 1970.0),
        ("1960s", 1960.0),
    ] {
        assert_eq!(year(spelling), Ok(expected), "{spelling}");
    }
    assert!(year("0").is_ok_and(f64::is_nan) && year("0.0").is_ok_and(f64::is_nan));
    for spelling in ["73", "60", "1973/1974", "19730514x", "abc", "2031-01-01"] {
        assert_eq!(reason(year(spelling)), Reason::UnknownDecade, "{spelling}");
    }
}

#[test]
fn truth_is_a_word_or_a_number() {
    for (cell, expected) in [
        (Cell::Text(" Yes"), Some(true)),
        (Cell::Text("FALSE"), Some(false)),
        (Cell::Text("1.0"), Some(true)),
        (Cell::Text("0"), Some(false)),
        (Cell::Text("NA"), None),
        (Cell::Number(1.0), Some(true)),
        (Cell::Number(f64::NAN), None),
        (Cell::Bool(false), Some(false)),
        (Cell::Missing, None),
    ] {
        assert_eq!(truth(cell), Ok(expected), "{cell:?}");
    }
    for cell in [Cell::Text("hit"), Cell::Text("2"), Cell::Number(0.5), Cell::Nested] {
        assert_eq!(truth(cell), Err(ValueFault::NOT_A_LABEL), "{cell:?}");
    }
}

#[test]
fn ids_and_links_are_uris() {
    let uri = "spotify:track:1A2b3C4d5E6f7G8h9I0jKl";
    for text in [
        "1A2b3C4d5E6f7G8h9I0jKl",
        uri,
        " https://open.spotify.com/track/1A2b3C4d5E6f7G8h9I0jKl?si=x ",
        "https://open.spotify.com/intl-de/track/1A2b3C4d5E6f7G8h9I0jKl",
    ] {
        assert_eq!(track_uri(text), uri, "{text}");
    }
    for text in ["", "17", "https://open.spotify.com/album/1A2b3C4d5E6f7G8h9I0jKl", "u0"] {
        assert_eq!(track_uri(text), text.trim(), "{text}");
    }
}

fn rules() -> impl Strategy<Value = ValueRule> {
    let unit = prop::option::of(prop::sample::select(Unit::ALL.to_vec()));
    (unit, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(unit, comma, zero_is_missing, is_year)| ValueRule {
        unit,
        decimal_mark: if comma { DecimalMark::Comma } else { DecimalMark::Point },
        zero_is_missing,
        is_year,
    })
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(any_text in "\\PC{0,24}", spelt in "[-+0-9.,_eEsS:%/#bmABCDG♭♯ ]{0,12}", rule in rules()) {
        for text in [&any_text, &spelt] {
            for feature in Feature::ALL {
                if let Ok(value) = read(feature, Cell::Text(text), &rule) {
                    prop_assert!(!value.is_infinite());
                    prop_assert!(value.is_nan() || !feature.is_whole() || is_whole(value), "{feature} {text:?} {value}");
                }
            }
            let _ = (truth(Cell::Text(text)), track_uri(text), key_of_text(text), year_of_text(text));
        }
    }

    #[test]
    fn a_plain_number_is_read_unchanged(value in prop::num::f64::NORMAL | prop::num::f64::ZERO, whole in any::<i32>()) {
        let rule = ValueRule::default();
        for feature in Feature::ALL.into_iter().filter(|feature| !feature.is_whole()) {
            prop_assert_eq!(read(feature, Cell::Text(&value.to_string()), &rule), Ok(value));
            prop_assert_eq!(read(feature, Cell::Text(&format!("{value:e}")), &rule), Ok(value));
            prop_assert_eq!(read(feature, Cell::Number(value), &rule), Ok(value));
        }
        let whole = f64::from(whole);
        if whole != NO_KEY {
            for feature in [Feature::Key, Feature::Mode, Feature::DurationMs, Feature::TimeSignature, Feature::Sections] {
                prop_assert_eq!(read(feature, Cell::Text(&whole.to_string()), &rule), Ok(whole));
                prop_assert_eq!(read(feature, Cell::Number(whole), &rule), Ok(whole));
            }
        }
    }

    /// A number means the same as JSON, and as the text that CSV has of it.
    #[test]
    fn a_number_and_its_text_are_the_same(value in prop_oneof![any::<f64>(), (0..2100).prop_map(f64::from), -2.0..2.0f64], rule in rules()) {
        let rule = ValueRule { decimal_mark: DecimalMark::Point, ..rule };
        for feature in Feature::ALL {
            let (number, text) = (Cell::Number(value), value.to_string());
            let bits = |cell| read(feature, cell, &rule).map(f64::to_bits);
            prop_assert_eq!(bits(number), bits(Cell::Text(&text)), "{} {}", feature, text);
        }
    }
}
