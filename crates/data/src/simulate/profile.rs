//! What the sample is drawn from: statistics of the tracks of each decade and label.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Decade, Feature, Label};

use super::check;
use super::margin::MarginalDistribution;

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

/// Distinct artists over all decades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtistProfile {
    /// Of any track.
    pub total: u64,
    /// Of flops.
    pub flops: u64,
    /// Of hits.
    pub hits: u64,
}

impl ArtistProfile {
    /// Distinct artists of tracks with `label`.
    pub fn of(self, label: Label) -> u64 {
        match label {
            Label::Flop => self.flops,
            Label::Hit => self.hits,
        }
    }
}

/// Statistics of the tracks of one decade and label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellProfile {
    /// Decade of the tracks.
    pub decade: Decade,
    /// Label of the tracks.
    pub label: Label,
    /// Tracks.
    pub rows: u64,
    /// Distinct artists.
    pub artists: u64,
    /// Tracks whose audio values are all those of an earlier track: re-releases.
    pub repeats: u64,
    /// Distribution of each of [`Feature::AUDIO`].
    pub features: BTreeMap<Feature, MarginalDistribution>,
    /// Distribution of the mean length of a section: `duration_ms / max(sections, 1)`, in milliseconds.
    pub section_length: MarginalDistribution,
    /// Spearman's rank correlations of the audio features, with the section length standing in the place of `sections`:
    /// the lower triangle without the diagonal, so that line `i` holds those of feature `i + 1` with features `0..=i`.
    ///
    /// A Gaussian copula has no tail dependence, but very long tracks have very many sections. Drawing the length of a
    /// section, which hardly depends on that of the track, and ordering `sections` by the ratio keeps this: on the
    /// real data Pearson's r of `duration_ms` and `sections` is 0.89, in a sample drawn so 0.87, otherwise 0.76.
    pub correlation: Vec<Vec<f64>>,
}

impl CellProfile {
    /// Distribution of an audio feature.
    pub(super) fn margin(&self, feature: Feature) -> &MarginalDistribution {
        // A cell that is in a profile was checked to have each of them.
        &self.features[&feature]
    }

    /// Distributions of the variables that `correlation` is about, in its order.
    pub(super) fn correlated(&self) -> impl Iterator<Item = &MarginalDistribution> {
        Feature::AUDIO.iter().map(|&feature| match feature {
            Feature::Sections => &self.section_length,
            _ => self.margin(feature),
        })
    }
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
    /// `levels` are the probabilities at which every [`MarginalDistribution::Quantiles`] gives a value, from 0 to 1.
    ///
    /// # Errors
    /// [`Error::Input`], if the statistics contradict themselves.
    pub fn new(name: &str, levels: Vec<f64>, artists: ArtistProfile, cells: Vec<CellProfile>) -> Result<SampleProfile> {
        let profile = SampleProfile { levels, artists, cells };
        check::profile(name, &profile)?;
        Ok(profile)
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

    /// Probabilities at which every [`MarginalDistribution::Quantiles`] gives a value, ascending from 0 to 1.
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
