//! The width of a table, checked before it is read: a record takes eight bytes for each of its fields, and a field may take one.

use csv::StringRecord;

use super::field_names::{
    may_be_feature, too_many_columns, too_many_feature_columns, MAX_COLUMNS, MAX_FEATURE_COLUMNS,
};
use crate::answer::rejection::Rejection;

/// Number of separators of a table whose records are looked at. With fewer, their fields take little memory whatever they are.
const MANY_SEPARATORS: usize = 1 << 20;

/// # Errors
/// A record has more fields than a table may have columns.
pub(crate) fn check(table: &[u8], separator: u8) -> Result<(), Rejection> {
    let separators = table.iter().filter(|byte| **byte == separator).count();
    match separators > MANY_SEPARATORS {
        true => check_columns(widest(table, separator)),
        false => Ok(()),
    }
}

/// # Errors
/// There are more columns than a table may have, or more whose names may be a feature's.
pub(crate) fn check_header(header: &StringRecord) -> Result<(), Rejection> {
    check_columns(header.len())?;
    match header.iter().filter(|name| may_be_feature(name)).count() {
        found if found > MAX_FEATURE_COLUMNS => Err(too_many_feature_columns(found)),
        _ => Ok(()),
    }
}

/// # Errors
/// There are more columns than a table may have.
pub(crate) fn check_columns(found: usize) -> Result<(), Rejection> {
    match found <= MAX_COLUMNS {
        true => Ok(()),
        false => Err(too_many_columns("columns", Some(found))),
    }
}

/// The number of fields of the widest record, as the csv crate separates them: a quotation mark matters at the beginning of a
/// field, and two of them in a quoted field are one.
fn widest(table: &[u8], separator: u8) -> usize {
    let (mut widest, mut fields, mut at) = (0, 1, 0);
    let mut begins_field = true;
    while let Some(byte) = table.get(at) {
        match byte {
            b'"' if begins_field => at = end_of_quoted(table, at + 1),
            _ if *byte == separator => {
                fields += 1;
                widest = widest.max(fields);
            }
            b'\r' | b'\n' => fields = 1,
            _ => {}
        }
        begins_field = matches!(byte, b'\r' | b'\n') || *byte == separator;
        at += 1;
    }
    widest
}

/// The position of the quotation mark that ends a quoted field of which `at` is a byte.
fn end_of_quoted(table: &[u8], mut at: usize) -> usize {
    loop {
        let rest = table.get(at..).unwrap_or_default();
        let Some(mark) = rest.iter().position(|byte| *byte == b'"') else { return table.len() };
        if rest.get(mark + 1) != Some(&b'"') {
            return at + mark;
        }
        at += mark + 2;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_is_wide_is_refused() {
        let commas = ",".repeat(MAX_COLUMNS - 1);
        let wide = format!("{commas}\n").repeat(1_100);
        assert!(check(wide.as_bytes(), b',').is_ok());
        assert!(check(format!("{wide},{commas}\n").as_bytes(), b',').is_err());
        // Commas in a text are none of the table's.
        assert!(check(format!("a,b\n1,\"{}\"\n", ",".repeat(2 << 20)).as_bytes(), b',').is_ok());
        assert!(check_columns(MAX_COLUMNS).is_ok() && check_columns(MAX_COLUMNS + 1).is_err());
    }

    proptest! {
        /// The witness is the csv crate.
        #[test]
        fn fields_are_counted_as_they_are_read(table in r#"[a",;\r\n]{0,40}"#, is_comma in any::<bool>()) {
            let separator = if is_comma { b',' } else { b';' };
            let mut builder = csv::ReaderBuilder::new();
            builder.flexible(true).has_headers(false).delimiter(separator);
            let mut reader = builder.from_reader(table.as_bytes());
            let widest_read = reader.byte_records().map(|record| record.expect("bytes").len()).max().unwrap_or(0);
            // One field has no separator.
            prop_assert_eq!(widest(table.as_bytes(), separator).max(1), widest_read.max(1));
        }
    }
}
