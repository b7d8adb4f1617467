//! The header of a table without audio features.

use std::collections::HashSet;

use csv::StringRecord;
use serde_json::{json, Value};

use super::field_names::unknown_field;
use super::preview::shown_texts;
use crate::answer::faults::{Detail, MAX_REPORTED_FAULTS};
use crate::answer::rejection::Rejection;
use hitflop_core::reader::name::suggested_feature;

/// The fault of a table whose header has no column for an audio feature. It names the columns whose names look like a feature's.
pub(crate) fn no_audio(header: &StringRecord) -> Rejection {
    let rule = "A table needs a header with a column for at least one of the audio features, the decade aside";
    let missing = Detail::new("missing", vec![json!("body")], rule, &shown_texts(header.iter()));
    let mut seen = HashSet::new();
    let different = header.iter().filter(|name| seen.insert(*name));
    let suggested = different.filter_map(misspelt_column).take(MAX_REPORTED_FAULTS);
    Rejection::Invalid(std::iter::once(missing).chain(suggested).collect())
}

fn misspelt_column(name: &str) -> Option<Detail> {
    let feature = suggested_feature(name)?;
    Some(unknown_field(name, feature, vec![json!("body"), json!(name)], &Value::from(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_without_features_is_explained() {
        let kinds = |header: &[&str]| match no_audio(&StringRecord::from(header.to_vec())) {
            Rejection::Invalid(details) => details.into_iter().map(|detail| detail.kind).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(kinds(&[]), ["missing"]);
        assert_eq!(kinds(&["decade", "title"]), ["missing"]);
        assert_eq!(kinds(&["enrgy", "dancability", "title"]), ["missing", "unknown_field", "unknown_field"]);
    }
}
