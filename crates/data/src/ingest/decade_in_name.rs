//! The decade in the name of a file.

use std::path::Path;

use hitflop_core::track::Decade;

/// The decade in a file's name, if there is one.
pub(crate) fn decade_of_name(name: &str) -> Option<Decade> {
    decade_tag(name).and_then(Decade::parse)
}

/// The last part of a file's name that reads like a decade: two or four digits and an `s`, as in `dataset-of-60s.csv`.
pub(super) fn decade_tag(name: &str) -> Option<&str> {
    let name = Path::new(name).file_name()?.to_str()?;
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
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
            ("dataset-of-60s.csv.gz", Some("60s")),
            ("archive.zip/dataset-of-00s.csv", Some("00s")),
            ("hits_1970s_v2.csv", Some("1970s")),
            ("of-80s/tracks.csv", None),
            ("songs.csv", None),
            ("2019-export.csv", None),
        ] {
            assert_eq!(decade_tag(name), tag, "{name}");
        }
    }
}
