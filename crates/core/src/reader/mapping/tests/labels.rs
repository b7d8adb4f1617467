//! Labels of any table.

use super::*;
use crate::track::Feature::*;

fn labels(rule: &str, header: &str, lines: &[&str]) -> Vec<Option<bool>> {
    let table = table(header, lines);
    let options = MappingOptions { label: Some(rule.parse().expect("a rule")), ..Default::default() };
    let mapping = decide_with(&table, &options).expect("a mapping");
    (0..table.rows()).map(|row| mapping.label(&table, row).expect("a label")).collect()
}

#[test]
fn a_rule_makes_labels() {
    let popularity = ["10", "60", "61.5", "NA"];
    for (rule, expected) in [
        ("popularity>=60", [Some(false), Some(true), Some(true), None]),
        ("popularity > 60", [Some(false), Some(false), Some(true), None]),
        ("popularity<=60", [Some(true), Some(true), Some(false), None]),
        ("popularity<60", [Some(true), Some(false), Some(false), None]),
        ("popularity=60", [Some(false), Some(true), Some(false), None]),
        ("Popularity==60.0", [Some(false), Some(true), Some(false), None]),
    ] {
        assert_eq!(labels(rule, "popularity", &popularity), expected, "{rule}");
    }
    let words = ["Hit", "flop", "hit", ""];
    assert_eq!(labels("verdict=hit", "energy|verdict", &["1|Hit", "1|flop", "1|hit", "1|"]).len(), words.len());
    assert_eq!(labels("verdict=hit", "verdict", &words), [Some(true), Some(false), Some(true), None]);
    assert_eq!(labels("charted", "charted", &["yes", "No", "TRUE", "0"]), [true, false, true, false].map(Some));
}

#[test]
fn the_column_of_the_label_is_no_feature() {
    let own = table("energy|Valence|target", &["0.9|0.1|1", "0.2|0.3|0"]);
    let options = MappingOptions { label: Some("energy>=0.5".parse().expect("a rule")), ..Default::default() };
    let mapping = decide_with(&own, &options).expect("a mapping");
    assert!(!mapping.gives(Energy) && mapping.gives(Valence));
    assert_eq!(mapping.label(&own, 0), Ok(Some(true)));
    let target = &mapping.columns()[2];
    assert_eq!((target.used_as, target.instead.as_deref()), (None, Some("energy")));
    // Without a rule, `target` of 0 and 1.
    let mapping = decide(&own).expect("a mapping");
    assert_eq!((mapping.label(&own, 0), mapping.label(&own, 1)), (Ok(Some(true)), Ok(Some(false))));
    assert!(mapping.gives(Energy));
}

#[test]
fn bad_rules_and_values_are_refused() {
    for rule in ["", "=hit", "popularity>=", "popularity>=high", "popularity=", ">=60", "popularity<nan"] {
        let error = rule.parse::<LabelRule>().expect_err(rule).to_string();
        assert!(error.starts_with("label: expected "), "{rule}: {error}");
    }
    let own = table("verdict", &["hit", "flop"]);
    let with = |rule: &str| {
        let options = MappingOptions { label: Some(rule.parse().expect("a rule")), ..Default::default() };
        decide_with(&own, &options).map(|mapping| mapping.label(&own, 0))
    };
    assert_eq!(
        with("verdict=top").expect_err("no such word").to_string(),
        "label: expected a value of column \"verdict\", which has: hit, flop, found \"top\""
    );
    assert_eq!(
        with("verdct=hit").expect_err("no such column").to_string(),
        "label: expected a column of the table; the nearest name is \"verdict\", found \"verdct\""
    );
    assert!(with("verdict>=2").expect("a mapping").is_err());
    assert_eq!(
        with("verdict").expect_err("no truth values").to_string(),
        "label: expected a column of 0 and 1; column \"verdict\" has: hit, flop; name the value of a hit, as in \
         verdict=hit, or a threshold, as in verdict>=60"
    );
    // A few other values are faults of their rows.
    let charted = table("charted", &["1", "0", "1", "maybe"]);
    let options = MappingOptions { label: Some("charted".parse().expect("a rule")), ..Default::default() };
    let mapping = decide_with(&charted, &options).expect("a mapping");
    assert!(mapping.label(&charted, 0).is_ok() && mapping.label(&charted, 3).is_err());
}

#[test]
fn rules_are_written_as_they_are_read() {
    for rule in ["charted", "verdict=hit", "popularity>=60", "x>0.5", "x<=3", "x<-1"] {
        assert_eq!(rule.parse::<LabelRule>().expect("a rule").to_string(), rule);
    }
}
