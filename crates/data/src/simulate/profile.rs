//! What the sample is drawn from: statistics of the tracks of each decade and label.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use hitflop_core::error::{Error, Fault, Place, Reason, Result};

pub use super::cell::{ArtistProfile, CellProfile};
use super::check;

/// Version of the format that this program writes and reads.
pub(super) const VERSION: u32 = 1;

/// The profile that is committed with the program, and its name in a message.
const COMMITTED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/sample-profile.json"));
const COMMITTED_NAME: &str = "data/sample-profile.json";

/// Statistics of a dataset, enough to draw one like it; no title, artist or URI is in them.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleProfile {
    levels: Vec<f64>,
    artists: ArtistProfile,
    cells: Vec<CellProfile>,
}

/// A profile as its file has it, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileDocument {
    version: u32,
    levels: Vec<f64>,
    artists: ArtistProfile,
    cells: Vec<CellProfile>,
}

impl SampleProfile {
    /// A profile of these statistics; `name` is what a fault calls them.
    ///
    /// `levels` are the probabilities at which every [`MarginalDistribution::Quantiles`](super::MarginalDistribution::Quantiles) gives a value, from 0 to 1.
    ///
    /// # Errors
    /// [`Error::Input`], if the statistics contradict themselves.
    pub fn new(name: &str, levels: Vec<f64>, artists: ArtistProfile, cells: Vec<CellProfile>) -> Result<SampleProfile> {
        check::profile(name, &levels, artists, &cells)?;
        Ok(SampleProfile { levels, artists, cells })
    }

    /// The profile of the Spotify Hit Predictor dataset that comes with the program, made by `hitflop profile`.
    ///
    /// # Errors
    /// Only if the program was built with a broken profile.
    pub fn committed() -> Result<SampleProfile> {
        Self::parse(COMMITTED_NAME, COMMITTED)
    }

    /// The profile in a file.
    ///
    /// # Errors
    /// [`Error::Input`], if there is no such file or it is no valid profile; [`Error::Io`], if it cannot be read.
    pub fn read(path: impl AsRef<Path>) -> Result<SampleProfile> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let fault = |reason, rule: &str| Error::input(Fault::new(Place::file(&name), reason, rule));
        let bytes = fs::read(path).map_err(|cause| match cause.kind() {
            ErrorKind::NotFound => fault(Reason::NoSuchFile, "no such file"),
            _ => Error::io("read", path, cause),
        })?;
        let text = String::from_utf8(bytes).map_err(|_| fault(Reason::NotUtf8, "expected UTF-8"))?;
        Self::parse(&name, &text)
    }

    /// The profile in `text`; `name` is what a fault calls it.
    ///
    /// # Errors
    /// [`Error::Input`], if it is no valid profile.
    pub fn parse(name: &str, text: &str) -> Result<SampleProfile> {
        let fault = |rule: String| Fault::new(Place::file(name), Reason::Unreadable, rule);
        let document: ProfileDocument = serde_json::from_str(text).map_err(|cause| {
            Error::input(fault(format!("expected a profile as `hitflop profile` writes it: {cause}")))
        })?;
        if document.version != VERSION {
            let rule = format!("expected version {VERSION} of the profile format");
            return Err(Error::input(fault(rule).found(document.version.to_string())));
        }
        Self::new(name, document.levels, document.artists, document.cells)
    }

    /// The profile as JSON, one line a distribution, so that two profiles can be compared line by line.
    pub fn to_json(&self) -> String {
        let cells: Vec<String> = self.cells.iter().map(cell_json).collect();
        format!(
            "{{\n\"version\": {VERSION},\n\"levels\": {},\n\"artists\": {},\n\"cells\": [\n{}\n]\n}}\n",
            json(&self.levels),
            json(&self.artists),
            cells.join(",\n")
        )
    }

    /// Probabilities at which every [`MarginalDistribution::Quantiles`](super::MarginalDistribution::Quantiles) gives a value, ascending from 0 to 1.
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// Distinct artists over all decades.
    pub fn artists(&self) -> ArtistProfile {
        self.artists
    }

    /// Decades and labels; none occurs twice.
    pub fn cells(&self) -> &[CellProfile] {
        &self.cells
    }
}

fn cell_json(cell: &CellProfile) -> String {
    let features: Vec<String> =
        cell.features.iter().map(|(feature, margin)| format!("{}: {}", json(feature), json(margin))).collect();
    let correlation: Vec<String> = cell.correlation.iter().map(json).collect();
    format!(
        "{{\"decade\": {}, \"label\": {}, \"rows\": {}, \"artists\": {}, \"repeats\": {},\n\
         \"features\": {{\n{}\n}},\n\"section_length\": {},\n\"correlation\": [\n{}\n]}}",
        json(&cell.decade),
        json(&cell.label),
        cell.rows,
        cell.artists,
        cell.repeats,
        features.join(",\n"),
        json(&cell.section_length),
        correlation.join(",\n")
    )
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    // Numbers, lists, and maps keyed by a field's name always have a JSON form, and a string takes all that is written.
    serde_json::to_string(value).expect("plain data serialises")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_core::track::Feature;

    #[test]
    fn the_committed_profile_is_valid_and_spelled_as_it_would_be_written() {
        let profile = SampleProfile::committed().unwrap();
        assert_eq!(profile.to_json(), COMMITTED);
        assert_eq!(profile.cells().iter().map(|cell| cell.rows).sum::<u64>(), 41_106);
    }

    #[test]
    fn the_committed_profile_has_no_text_but_its_own_vocabulary() {
        let own = ["version", "levels", "artists", "total", "flops", "hits", "cells", "decade", "label", "flop", "hit"];
        let own_too =
            ["rows", "repeats", "features", "section_length", "correlation", "quantiles", "zeros", "values", "counts"];
        for text in COMMITTED.split('"').skip(1).step_by(2) {
            let known = own.contains(&text) || own_too.contains(&text) || Feature::from_name(text).is_some();
            assert!(known, "{text}");
        }
    }

    #[test]
    fn a_file_that_is_no_profile_is_the_users_fault() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("profile.json");
        let message = || {
            let error = SampleProfile::read(&path).unwrap_err();
            assert!(error.is_input());
            error.to_string()
        };
        assert!(message().ends_with("profile.json: no such file"), "{}", message());
        fs::write(&path, [0xff]).unwrap();
        assert!(message().ends_with("profile.json: expected UTF-8"), "{}", message());
        fs::write(&path, "{\"version\": 1,").unwrap();
        assert!(message().contains("EOF while parsing") && message().contains("line 1 column 14"), "{}", message());

        fs::write(&path, COMMITTED).unwrap();
        assert_eq!(SampleProfile::read(&path).unwrap(), SampleProfile::committed().unwrap());
        assert!(matches!(SampleProfile::read(dir.path()), Err(Error::Io { action: "read", .. })));
    }
}
