//! The decade in the name of a file.

use std::path::Path;

use super::header::ColumnNames;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Decade, DECADE};

/// The decade that a file is of, by its name; `None` if a column gives the decade of each row.
///
/// # Errors
/// Neither gives it, or the name gives no valid decade.
pub(super) fn decade_in_name(name: &str, tag: Option<&str>, header: &ColumnNames) -> Result<Option<Decade>> {
    let unknown = |rule: &str| Error::input(Fault::new(Place::file(name), Reason::UnknownDecade, rule));
    match tag {
        Some(tag) => match Decade::parse(tag) {
            Some(decade) => Ok(Some(decade)),
            None => {
                let rule = format!("expected a decade from 30s to 90s or 00s to 20s in the file's name, found {tag:?}");
                Err(unknown(&rule))
            }
        },
        None if header.position(DECADE).is_some() => Ok(None),
        None => Err(unknown("expected a decade in the file's name, as in dataset-of-60s.csv, or a decade column")),
    }
}

/// The decade in a file's name, if there is one.
pub(crate) fn decade_of_name(name: &str) -> Option<Decade> {
    decade_tag(name).and_then(Decade::parse)
}

/// The last part of a file's name that reads like a decade: two or four digits and an `s`, as in `dataset-of-60s.csv`.
pub(super) fn decade_tag(name: &str) -> Option<&str> {
    let stem = Path::new(name).file_stem()?.to_str()?;
    stem.split(|letter: char| !letter.is_ascii_alphanumeric()).rev().find(|word| {
        let digits = word.strip_suffix(['s', 'S']).unwrap_or("");
        matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decade_is_found_in_the_name() {
        for (name, tag) in [
            ("dataset-of-60s.csv", Some("60s")),
            ("archive.zip/dataset-of-00s.csv", Some("00s")),
            ("hits_1970s_v2.csv", Some("1970s")),
            ("tracks.csv", None),
            ("songs.csv", None),
            ("2019-export.csv", None),
        ] {
            assert_eq!(decade_tag(name), tag, "{name}");
        }
    }
}
