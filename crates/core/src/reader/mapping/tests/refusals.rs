//! What is refused, and in which words.

use super::*;
use crate::error::Reason;
use crate::track::Feature::*;

fn message(header: &str, lines: &[&str]) -> String {
    let error = decide(&table(header, lines)).expect_err("refused");
    assert!(error.is_input());
    error.to_string()
}

#[test]
fn an_undecidable_unit_names_both_settings() {
    assert_eq!(
        message("Energy", &["0.2", "1.7", "0.9"]),
        "tracks.csv, column Energy: expected values that are clearly fractions or percent, found \"0.2 to 1.7\"\n\
         unit: state the unit of the column, as in energy=percent or energy=fraction\n\
         map: or choose another column, as in energy=COLUMN"
    );
    assert_eq!(
        message("duration", &["3.37", "4.12"]),
        "tracks.csv, column duration: expected lengths that are clearly milliseconds or seconds, found \"3.37 to 4.12\"\n\
         unit: state the unit of the column, as in duration_ms=s or duration_ms=ms\n\
         map: or choose another column, as in duration_ms=COLUMN"
    );
    for (header, lines) in [
        ("Duration", &["217"][..]),
        ("Instrumentalness", &["0", "1", "1"]),
        ("Duration", &["217", "180000", "200", "210000"]),
        // Small percent with a fraction, or fractions?
        ("Energy|Speechiness", &["51.5|0.4", "73.2|0.9", "12.1|0.2"]),
    ] {
        let error = decide(&table(header, lines)).expect_err(header);
        assert!(matches!(&error, crate::error::Error::Input(faults, 3) if faults[0].reason == Reason::UndecidedUnit));
    }
    // A setting decides.
    let mut options = MappingOptions::default();
    options.add_unit("energy=fraction").expect("a unit");
    let own = table("Energy", &["0.2", "1.7", "0.9"]);
    assert_eq!(values(&decide_with(&own, &options).expect("a mapping"), &own, Energy), [0.2, 1.7, 0.9]);
    // Where it is ignored, the mapping says so.
    let options = MappingOptions { undecided: UndecidedUnit::Ignored, ..Default::default() };
    let mapping = decide_with(&table("duration|energy", &["217|0.5"]), &options).expect("a mapping");
    assert_eq!((mapping.gives(DurationMs), mapping.columns()[0].reason), (false, MappingReason::UndecidedUnit));
}

#[test]
fn a_documented_name_wins_and_may_not_stand_twice() {
    let own = table("Duration|duration_ms|Length", &["217|217000|9", "180|180500|8"]);
    let mapping = decide(&own).expect("a mapping");
    assert_eq!(values(&mapping, &own, DurationMs), [217_000.0, 180_500.0]);
    for ignored in [0, 2] {
        assert_eq!(mapping.columns()[ignored].reason, MappingReason::AnotherColumn);
        assert_eq!(mapping.columns()[ignored].instead.as_deref(), Some("duration_ms"));
    }
    assert_eq!(
        message("energy|tempo|energy", &["1|2|3"]),
        "tracks.csv, column energy: the column occurs twice in the header"
    );
    // Columns without a name, or of no feature, may.
    assert!(decide(&table("||energy|x|x", &["1|2|0.5|4|5"])).is_ok());
}

#[test]
fn two_other_names_must_agree() {
    let agree = table("Duration (s)|Track Duration (ms)", &["217|217400", "180|179600", "|1000"]);
    let mapping = decide(&agree).expect("a mapping");
    assert_eq!(values(&mapping, &agree, DurationMs), [217_400.0, 179_600.0, 1000.0]);
    assert_eq!(mapping.columns()[0].instead.as_deref(), Some("Track Duration (ms)"));
    let text = message("Energy|nrgy", &["0.5|0.5", "0.2|0.7"]);
    assert_eq!(
        text,
        "tracks.csv, column Energy: expected one column for energy, found also \"nrgy\", which differs in row 2\n\
         map: choose the column of energy, as in energy=Energy\n\
         unit: or state the unit, if the columns differ only because of it, as in energy=percent or energy=fraction"
    );
    let mut options = MappingOptions::default();
    options.add_map("energy=nrgy").expect("a mapping");
    let own = table("Energy|nrgy", &["0.5|0.5", "0.2|0.7"]);
    assert_eq!(values(&decide_with(&own, &options).expect("a mapping"), &own, Energy), [0.5, 0.7]);
}

#[test]
fn a_guessed_column_without_a_readable_value_is_not_used() {
    let mapping = decide(&table("live|energy", &["yes|0.5", "no|0.4"])).expect("a mapping");
    assert_eq!((mapping.gives(Liveness), mapping.columns()[0].reason), (false, MappingReason::NoReadableValue));
    assert!(mapping.is_notable());
    // By its documented name it is the feature, and each value a fault.
    let own = table("liveness", &["yes", "no"]);
    assert_eq!(decide(&own).expect("a mapping").row(&own, 0).faults.len(), 1);
}

#[test]
fn all_missing_columns_are_named_with_the_nearest() {
    let own = table("dancability|Enrgy|popularity|x", &["1|2|3|4"]);
    let mapping = decide(&own).expect("a mapping");
    let error = mapping.require(&[Danceability, Energy, Tempo], &Place::file("a.csv")).expect_err("missing");
    assert_eq!(
        error.to_string(),
        "a.csv, column danceability: the column is missing; the nearest name in the file is \"dancability\"\n\
         a.csv, column energy: the column is missing; the nearest name in the file is \"Enrgy\"\n\
         a.csv, column tempo: the column is missing"
    );
    assert_eq!(mapping.misspelt(), [("dancability", Danceability), ("Enrgy", Energy)]);
    assert!(mapping.require(&[], &Place::file("a.csv")).is_ok());
}

#[test]
fn settings_are_checked() {
    let refused = |set: &dyn Fn(&mut MappingOptions) -> Result<()>| {
        let mut options = MappingOptions::default();
        set(&mut options).map(drop).expect_err("refused").to_string()
    };
    for (text, expected) in [
        ("tempo", "map: expected a feature and a column, as in tempo=bpm, found \"tempo\""),
        ("tempo=", "map: expected a feature and a column, as in tempo=bpm, found \"tempo=\""),
        ("tempoo=bpm", "map: expected the name of a feature; the nearest one is \"tempo\", found \"tempoo\""),
        ("colour=x", "map: expected the name of a feature, or title, artist or uri, found \"colour\""),
    ] {
        assert_eq!(refused(&|options| options.add_map(text)), expected);
    }
    assert!(refused(&|options| options.add_map("key=a").and_then(|()| options.add_map("key=b"))).contains("once"));
    for (text, expected) in [
        ("energy=s", "unit: expected one of fraction, percent for energy, found \"s\""),
        ("key=percent", "unit: expected no unit of key, which has none but the documented one, found \"percent\""),
        ("energy=lots", "unit: expected one of fraction, percent, ms, s, min, min:s, dB, BPM, found \"lots\""),
    ] {
        assert_eq!(refused(&|options| options.add_unit(text)), expected);
    }
    let mut options = MappingOptions::default();
    options.add_map("tempo=bpms").expect("a mapping");
    let error = decide_with(&table("bpm|energy", &["1|2"]), &options).expect_err("no such column").to_string();
    assert_eq!(error, "map: expected a column of the table; the nearest name is \"bpm\", found \"bpms\"");
}

#[test]
fn needed_features_only() {
    let options = MappingOptions { needed: Some(vec![Energy]), ..Default::default() };
    let own = table("Energy|duration|key", &["0.5|217|x", "0.25|3|y"]);
    let mapping = decide_with(&own, &options).expect("the length is not needed");
    assert_eq!(values(&mapping, &own, Energy), [0.5, 0.25]);
    assert_eq!(mapping.columns()[2].reason, MappingReason::NotNeeded);
}
