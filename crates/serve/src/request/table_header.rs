//! The header of a table, checked before its rows are read.

use std::collections::HashSet;

use csv::{ReaderBuilder, StringRecord};
use serde_json::{json, Value};

use super::faults::{Detail, MAX_REPORTED_FAULTS};
use super::field_names::unknown_field;
use super::preview::shown_texts;
use super::shape::without_mark;
use crate::http::rejection::Rejection;
use hitflop_core::reader::name::{meaning, suggested_feature, ColumnRole};
use hitflop_core::track::Feature;

/// Delimiters of tables that are not separated by commas, in words.
const OTHER_DELIMITERS: [(u8, &str); 3] = [(b';', "semicolons"), (b'\t', "tabs"), (b'|', "bars")];

/// The fault of a table whose header, read with commas, has no column for an audio feature. It names another delimiter, or the
/// columns whose names look like a feature's.
pub(crate) fn no_audio(header: &StringRecord, table: &[u8]) -> Rejection {
    let found = shown_texts(header.iter());
    let other = OTHER_DELIMITERS
        .into_iter()
        .find(|(delimiter, _)| first(table, *delimiter).is_some_and(|header| names_audio(&header)));
    Rejection::Invalid(match other {
        Some((_, words)) => {
            let rule = format!("Fields should be separated by commas, found {words}");
            vec![Detail::new("csv_delimiter", vec![json!("body")], rule, &found)]
        }
        None => {
            let rule = "A table needs a header with a column for at least one of the audio features, the decade aside";
            let missing = Detail::new("missing", vec![json!("body")], rule, &found);
            let mut seen = HashSet::new();
            let different = header.iter().filter(|name| seen.insert(*name));
            let suggested = different.filter_map(misspelt_column).take(MAX_REPORTED_FAULTS);
            std::iter::once(missing).chain(suggested).collect()
        }
    })
}

fn misspelt_column(name: &str) -> Option<Detail> {
    let feature = suggested_feature(name)?;
    Some(unknown_field(name, feature, vec![json!("body"), json!(name)], &Value::from(name)))
}

/// The first record of a table.
fn first(table: &[u8], delimiter: u8) -> Option<StringRecord> {
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(without_mark(table));
    reader.records().next().unwrap_or_else(|| Ok(StringRecord::new())).ok()
}

fn names_audio(header: &StringRecord) -> bool {
    header.iter().any(|name| matches!(meaning(name).role, ColumnRole::Feature(feature) if feature != Feature::Decade))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(table: &str) -> Vec<(&'static str, String)> {
        match no_audio(&first(table.as_bytes(), b',').expect("CSV"), table.as_bytes()) {
            Rejection::Invalid(details) => details.into_iter().map(|detail| (detail.kind, detail.msg)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_header_without_features_is_explained() {
        for (table, words) in
            [("\"energy\";tempo\n0,5;1\n", "semicolons"), ("title\tEnergy\n", "tabs"), ("a|mode\n", "bars")]
        {
            let rule = format!("Fields should be separated by commas, found {words}");
            assert_eq!(faults(table), [("csv_delimiter", rule)], "{table}");
        }
        let kinds = |table: &str| faults(table).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
        assert_eq!(kinds(""), ["missing"]);
        assert_eq!(kinds("decade,title\n1980,x\n"), ["missing"]);
        assert_eq!(kinds("enrgy,dancability,title\n"), ["missing", "unknown_field", "unknown_field"]);
    }
}
