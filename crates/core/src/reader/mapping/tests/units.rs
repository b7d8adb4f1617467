//! Units by names and whole columns, other spellings, settings.

use super::*;
use crate::track::Feature::*;

fn conversion(mapping: &ColumnMapping, feature: Feature) -> Option<Conversion> {
    mapping.column_of(feature).expect("a column").conversion
}

#[test]
fn percent_or_fractions_is_decided_by_the_whole_column() {
    for (lines, expected) in [
        (&["73|51", "0|12", "40|1"][..], Some(Conversion::Percent)),
        (&["0.73|0.51", "0|0.12", "0.4|0.01"], None),
        (&["73.4|51.2", "0.5|12.9", "40.0|1.5"], Some(Conversion::Percent)),
        (&["1.0000000000000002|0.5", "0.5|1", "0.2|0.3"], None),
        (&["73 %|51%", "0%|12 %"], Some(Conversion::Percent)),
        // One row: the name alone.
        (&["73|51"], None),
        (&["73|51", "|NA"], None),
        // Out of the range of both: the documented unit, of which values are warned.
        (&["-1|120", "120|-3"], None),
    ] {
        let table = table("Energy|Danceability", lines);
        let mapping = decide(&table).expect("a mapping");
        assert_eq!(conversion(&mapping, Energy), expected, "{lines:?}");
        assert_eq!(conversion(&mapping, Danceability), expected, "{lines:?}");
    }
}

#[test]
fn few_outliers_do_not_make_a_column_percent() {
    let mut rows: Vec<Vec<String>> = (0..100).map(|row| vec![format!("0.{:02}", row)]).collect();
    rows[17][0] = "55.5".to_owned();
    let table = TextTable { names: vec!["Energy".to_owned()], rows };
    let mapping = decide(&table).expect("a mapping");
    assert_eq!((conversion(&mapping, Energy), mapping.row(&table, 17).values[1]), (None, 55.5));
}

/// A column of 0 and 1 is both, so that the other columns of the table decide.
#[test]
fn other_columns_decide_where_a_column_is_both() {
    let with = |other: &str| {
        let lines: Vec<String> =
            ["0", "1", "0"].iter().zip(other.split(' ')).map(|(own, other)| format!("{own}|{other}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let table = table("Instrumentalness|Energy", &lines);
        let mapping = decide(&table).expect("a mapping");
        (conversion(&mapping, Instrumentalness), values(&mapping, &table, Instrumentalness)[1])
    };
    assert_eq!(with("51 73 12"), (Some(Conversion::Percent), 0.01));
    assert_eq!(with("0.51 0.73 0.12"), (None, 1.0));
}

#[test]
fn documented_names_keep_the_documented_unit() {
    let table = table(
        "danceability|energy|duration_ms|loudness|decade",
        &["51|73|200|6|2010", "40|20|180|7|2010", "33|44|240|9|2010"],
    );
    let mapping = decide(&table).expect("a mapping");
    assert_eq!(values(&mapping, &table, Energy), [73.0, 20.0, 44.0]);
    assert_eq!(values(&mapping, &table, DurationMs), [200.0, 180.0, 240.0]);
    assert!(!mapping.is_notable());
    let mut options = MappingOptions::default();
    options.add_unit("energy=percent").expect("a unit");
    options.add_unit("duration_ms=s").expect("a unit");
    let mapping = decide_with(&table, &options).expect("a mapping");
    assert_eq!(values(&mapping, &table, Energy), [0.73, 0.2, 0.44]);
    assert_eq!(values(&mapping, &table, Danceability), [51.0, 40.0, 33.0]);
    assert_eq!(values(&mapping, &table, DurationMs), [200_000.0, 180_000.0, 240_000.0]);
    assert_eq!(mapping.column_of(Energy).map(|it| it.reason), Some(MappingReason::Setting));
}

#[test]
fn lengths_are_milliseconds_seconds_or_clock_times() {
    for (name, lines, expected, first) in [
        ("Duration", &["217000", "180500"][..], None, 217_000.0),
        ("Duration", &["217", "180.5"], Some(Conversion::Seconds), 217_000.0),
        ("Duration", &["3:37", "1:02:03"], Some(Conversion::MinutesSeconds), 217_000.0),
        ("duration_ms", &["3:37", "2:59"], Some(Conversion::MinutesSeconds), 217_000.0),
        ("duration_s", &["5"], Some(Conversion::Seconds), 5_000.0),
        ("Length (min:s)", &["3:37"], Some(Conversion::MinutesSeconds), 217_000.0),
        ("duration_in_minutes", &["3.5", "2.25"], Some(Conversion::Minutes), 210_000.0),
        ("Duration (ms)", &["200", "300"], None, 200.0),
        ("song_duration_ms", &["200000"], None, 200_000.0),
    ] {
        let table = table(name, lines);
        let mapping = decide(&table).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(conversion(&mapping, DurationMs), expected, "{name} {lines:?}");
        assert_eq!(values(&mapping, &table, DurationMs)[0], first, "{name} {lines:?}");
    }
}

#[test]
fn keys_give_the_mode_if_no_column_does() {
    let keys = table("Camelot|energy", &["8A|0.5", "8B|0.25", "|1"]);
    let mapping = decide(&keys).expect("a mapping");
    assert!(mapping.gives(Mode) && conversion(&mapping, Key) == Some(Conversion::KeyAndMode));
    let modes = values(&mapping, &keys, Mode);
    assert!(modes[..2] == [0.0, 1.0] && modes[2].is_nan());
    assert_eq!(values(&mapping, &keys, Key)[..2], [9.0, 0.0]);
    let both = table("key|mode", &["G minor|1", "C major|0"]);
    let mapping = decide(&both).expect("a mapping");
    assert_eq!(values(&mapping, &both, Mode), [1.0, 0.0]);
    // A pitch alone says nothing of the mode.
    assert!(!decide(&table("Key", &["C", "Db"])).expect("a mapping").gives(Mode));
}

#[test]
fn names_are_read_in_every_writing() {
    for (name, feature) in [
        ("DANCEABILITY", Danceability),
        ("Time Signature", TimeSignature),
        ("timeSignature", TimeSignature),
        ("time.signature", TimeSignature),
        ("audio_features.valence", Valence),
        ("track_tempo", Tempo),
        ("Tempo (BPM)", Tempo),
        ("BPM", Tempo),
        ("loudness_db", Loudness),
        ("Loudness (dB)", Loudness),
        ("Dance", Danceability),
        ("energy%", Energy),
        ("Energy (%)", Energy),
        ("energyPct", Energy),
        ("Acoustic", Acousticness),
        (" \u{feff}energy ", Energy),
    ] {
        let mapping = decide(&table(name, &["4", "5"])).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(mapping.columns()[0].used_as, Some(ColumnUse::Feature(feature)), "{name}");
    }
    for name in ["key_confidence", "album", "popularity", "energy_level_of_room", "danceabilty", "1"] {
        assert_eq!(decide(&table(name, &["4", "5"])).expect("a mapping").columns()[0].used_as, None, "{name}");
    }
}

#[test]
fn without_mapping_only_documented_names_count() {
    let table = table("Energy|bpm|year|tempo|decade|track_name", &["73|120|1988|99|1980|x", "20|90|1999|98|1990|y"]);
    let mapping = decide_with(&table, &MappingOptions { is_enabled: false, ..Default::default() }).expect("a mapping");
    let used: Vec<&str> = mapping.columns().iter().filter(|it| it.used_as.is_some()).map(|it| &*it.column).collect();
    assert_eq!(used, ["tempo", "decade"]);
}

#[test]
fn settings_choose_columns() {
    let mut options = MappingOptions::default();
    for map in ["tempo=speed", "energy=e=2", "artist=who", "decade=When", "key=column 5 (no name)"] {
        options.add_map(map).expect("a mapping");
    }
    let table =
        table("speed|tempo|e=2|who||When|energy", &["120|1|51|A|3|1988-01-01|0.5", "90|2|73|B|4|1999-01-01|0.6"]);
    let mapping = decide_with(&table, &options).expect("a mapping");
    assert_eq!(values(&mapping, &table, Tempo), [120.0, 90.0]);
    assert_eq!(values(&mapping, &table, Energy), [0.51, 0.73]);
    assert_eq!(values(&mapping, &table, Key), [3.0, 4.0]);
    assert_eq!(values(&mapping, &table, Decade), [1980.0, 1990.0]);
    assert_eq!(mapping.texts(&table, 1).artist.as_deref(), Some("B"));
    assert_eq!(mapping.columns()[1].instead.as_deref(), Some("speed"));
    assert_eq!(mapping.columns()[0].reason, MappingReason::Setting);
}

#[test]
fn a_decade_of_years_is_reported() {
    let table = table("energy|year|decade", &["0.5|1988|1988"]);
    let mapping = decide(&table).expect("a mapping");
    assert_eq!(values(&mapping, &table, Decade), [1980.0]);
    assert_eq!(conversion(&mapping, Decade), Some(Conversion::DecadeOfYear));
    assert!(mapping.is_notable());
    // A setting may choose the years.
    let mut options = MappingOptions::default();
    options.add_map("decade=Year").expect("a mapping");
    let years = super::table("energy|decade|Year", &["0.5|1970|0", "0.4|1970|1988"]);
    let decades = values(&decide_with(&years, &options).expect("a mapping"), &years, Decade);
    assert!(decades[0].is_nan() && decades[1] == 1980.0);
    // A column without a value gives way to the next.
    let table = super::table("energy|decade|year|release_date", &["0.5||0|1988-01", "0.4||0|1999"]);
    assert_eq!(values(&decide(&table).expect("a mapping"), &table, Decade), [1980.0, 1990.0]);
}

#[test]
fn the_mapping_is_a_table_and_json() {
    let table = table("Energy|year|colour", &["73|1988|red", "51|1999|blue"]);
    let mapping = decide(&table).expect("a mapping");
    let rows: Vec<String> = mapping.table().iter().map(|row| row.join(", ")).collect();
    assert_eq!(
        rows,
        [
            "Energy, energy, percent to fraction, name and values",
            "year, decade, year to decade, name",
            "colour, not used, , unknown name",
        ]
    );
    let json = serde_json::to_value(&mapping).expect("JSON");
    assert_eq!(
        json["columns"][0],
        serde_json::json!({
            "column": "Energy", "position": 0, "used_as": "energy", "conversion": "percent", "reason": "values", "instead": null
        })
    );
    assert_eq!(json.as_object().map(|it| it.len()), Some(2));
}

#[test]
fn missing_values_and_rows_without_audio() {
    let table = table("energy|key|decade", &["0.5|-1|2010", "||2010", "loud||x"]);
    let mapping = decide(&table).expect("a mapping");
    let needed = [Energy, Key, Decade];
    let missing = |row| {
        let reading = mapping.row(&table, row);
        let missing = mapping.missing_values(&reading, &needed).map(|fault| fault.feature);
        (missing.collect::<Vec<_>>(), reading.lacks_audio(), reading.faults.len())
    };
    assert_eq!(missing(0), (vec![Key], false, 0));
    assert_eq!(missing(1), (vec![Energy, Key], true, 0));
    assert_eq!(missing(2), (vec![Key], false, 2));
    let reading = mapping.row(&table, 2);
    let fault = mapping.fault(&Place::file("a.csv"), 2, &reading.faults[0]).to_string();
    assert_eq!(fault, r#"a.csv, row 3, column energy: expected a number, found "loud""#);
}
