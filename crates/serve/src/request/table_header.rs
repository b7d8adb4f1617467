//! The header of a table, checked before its rows are read.

use std::collections::HashSet;

use csv::{ReaderBuilder, StringRecord};
use serde_json::{json, Value};

use super::did_you_mean;
use super::faults::{Detail, MAX_REPORTED_FAULTS};
use super::preview::shown_texts;
use super::shape::without_mark;
use crate::http::rejection::Rejection;
use hitflop_core::track::Feature;

/// Delimiters of tables that are not separated by commas, in words.
const OTHER_DELIMITERS: [(u8, &str); 3] = [(b';', "semicolons"), (b'\t', "tabs"), (b'|', "bars")];

/// Whether the header of a table, read with commas, has a column for at least one audio feature.
///
/// # Errors
/// The header has no such column. The fault names another delimiter, or the columns whose names look like a feature's.
pub fn check(header: &StringRecord, table: &[u8]) -> Result<(), Rejection> {
    if names_audio(header) {
        return Ok(());
    }
    let found = shown_texts(header.iter());
    let other = OTHER_DELIMITERS
        .into_iter()
        .find(|(delimiter, _)| first(table, *delimiter).is_some_and(|header| names_audio(&header)));
    Err(Rejection::Invalid(match other {
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
    }))
}

fn misspelt_column(name: &str) -> Option<Detail> {
    // The decade by its own name is not misspelt.
    let is_feature = Feature::from_name(name.trim()).is_some();
    let loc = vec![json!("body"), json!(name)];
    if is_feature {
        None
    } else {
        did_you_mean::fault(name, loc, &Value::from(name))
    }
}

/// The first record of a table.
fn first(table: &[u8], delimiter: u8) -> Option<StringRecord> {
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(without_mark(table));
    reader.records().next().unwrap_or_else(|| Ok(StringRecord::new())).ok()
}

fn names_audio(header: &StringRecord) -> bool {
    header.iter().any(|name| Feature::AUDIO.iter().any(|feature| feature.name() == name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(table: &str) -> Vec<(&'static str, String)> {
        match check(&first(table.as_bytes(), b',').expect("CSV"), table.as_bytes()) {
            Ok(()) => Vec::new(),
            Err(Rejection::Invalid(details)) => details.into_iter().map(|detail| (detail.kind, detail.msg)).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_header_without_features_is_refused() {
        for good in ["energy\n1\n", "title, energy ,decade\n", "\u{feff}energy;x,tempo\n"] {
            assert_eq!(faults(good), [], "{good}");
        }
        for (table, words) in
            [("\"energy\";tempo\n0,5;1\n", "semicolons"), ("title\tenergy\n", "tabs"), ("a|mode\n", "bars")]
        {
            let rule = format!("Fields should be separated by commas, found {words}");
            assert_eq!(faults(table), [("csv_delimiter", rule)], "{table}");
        }
        let kinds = |table: &str| faults(table).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
        assert_eq!(kinds(""), ["missing"]);
        assert_eq!(kinds("decade,title\n1980,x\n"), ["missing"]);
        assert_eq!(kinds("Energy,dancability,title\n"), ["missing", "unknown_field", "unknown_field"]);
    }
}
