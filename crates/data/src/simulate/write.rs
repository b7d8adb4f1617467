//! The sample as decade files, in the shape of the real ones.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use hitflop_core::disk::Staged;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Feature, TARGET, TEXT_COLUMNS};

use super::generate::{SimulatedDataset, SimulatedDecade, SimulatedTrack};
use super::resolution::spell;

/// What the title of every simulated track begins with, by which a sample is known again.
pub(crate) const SIMULATED_TITLE: &str = "Simulated track";

/// Digits of a URI's identity: as many as 64 bits need in base 62, twice.
const HALF_IDENTITY: usize = 11;
const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl SimulatedDataset {
    /// Writes a file for each decade into `dir`, which is made if it is not there, and returns their paths.
    ///
    /// All files are written under other names before the first gets its own, so that a failure leaves no half of one.
    ///
    /// # Errors
    /// [`Error::Input`], if one of the files is there already and `overwrite` is not set, or is not one of simulated tracks.
    /// [`Error::Io`], if the operating system refuses.
    pub fn write(&self, dir: impl AsRef<Path>, overwrite: bool) -> Result<Vec<PathBuf>> {
        let dir = dir.as_ref();
        let paths: Vec<PathBuf> = self.decades.iter().map(|decade| dir.join(decade.file_name())).collect();
        refuse_to_replace(&paths, overwrite)?;
        let staged: Vec<Staged> = self
            .decades
            .par_iter()
            .zip(&paths)
            .map(|(decade, path)| Staged::holding(path, &decade.to_csv()))
            .collect::<Result<_>>()?;
        staged.into_iter().try_for_each(Staged::publish)?;
        Ok(paths)
    }
}

fn refuse_to_replace(paths: &[PathBuf], overwrite: bool) -> Result<()> {
    let rule = |path: &&PathBuf| match (overwrite, holds_simulated_tracks(path)) {
        (true, true) => None,
        (false, true) => {
            Some("a simulated file does not replace an existing one; choose another directory, or allow replacing")
        }
        (_, false) => Some("a simulated file never replaces a file of real tracks; choose another directory"),
    };
    let faults: Vec<Fault> = paths
        .iter()
        .filter(|path| path.exists())
        .filter_map(|path| Some((path, rule(&path)?)))
        .map(|(path, rule)| Fault::new(Place::file(path.display().to_string()), Reason::Setting, rule))
        .collect();
    match faults.len() as u64 {
        0 => Ok(()),
        total => Err(Error::inputs(faults, total)),
    }
}

/// Whether a file is one that [`SimulatedDataset::write`] wrote, by its first track.
fn holds_simulated_tracks(path: &Path) -> bool {
    let Ok(mut reader) = csv::Reader::from_path(path) else { return false };
    let first = reader.records().next();
    path.is_file()
        && first.is_some_and(|first| first.is_ok_and(|track| track.iter().any(|it| it.starts_with(SIMULATED_TITLE))))
}

impl SimulatedDecade {
    /// Name of the decade's file, as the real ones are named: `dataset-of-60s.csv`.
    pub fn file_name(&self) -> String {
        format!("dataset-of-{}s.csv", self.decade.tag())
    }

    /// The decade's file: UTF-8, LF, the columns of the real ones in their order.
    pub(crate) fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing into memory fails only on records of unequal length, and all have these columns.
        let unfailing = "records of equal length are written into memory";
        writer.write_record(header()).expect(unfailing);
        let mut field = String::new();
        for (index, track) in self.tracks.iter().enumerate() {
            let text = [
                format!("{SIMULATED_TITLE} {}-{:05}", self.decade.tag(), index + 1),
                format!("Simulated artist {}", track.artist + 1),
                track.uri(),
            ];
            for text in text {
                writer.write_field(text).expect(unfailing);
            }
            for (&feature, &value) in Feature::AUDIO.iter().zip(&track.values) {
                spell(feature, value, &mut field);
                writer.write_field(&field).expect(unfailing);
            }
            writer.write_field((track.label as u8).to_string()).expect(unfailing);
            writer.write_record(None::<&[u8]>).expect(unfailing);
        }
        writer.into_inner().expect(unfailing)
    }
}

fn header() -> impl Iterator<Item = &'static str> {
    TEXT_COLUMNS.into_iter().chain(Feature::AUDIO.iter().map(|feature| feature.name())).chain([TARGET])
}

impl SimulatedTrack {
    /// A URI of the form that Spotify's have, with a random identity: `spotify:track:` and 22 digits in base 62.
    pub fn uri(&self) -> String {
        let mut digits = [b'0'; 2 * HALF_IDENTITY];
        for (half, identity) in digits.chunks_mut(HALF_IDENTITY).zip(self.identity) {
            let mut rest = identity;
            for digit in half.iter_mut().rev() {
                *digit = BASE_62[(rest % 62) as usize];
                rest /= 62;
            }
        }
        digits.iter().fold(String::from("spotify:track:"), |mut uri, &digit| {
            uri.push(char::from(digit));
            uri
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::{draw, SampleProfile};
    use super::*;
    use hitflop_core::track::{Decade, Label};

    #[test]
    fn a_file_has_the_columns_and_spellings_of_the_real_ones() {
        let mut values = [0.5; 15];
        values[Feature::Instrumentalness as usize] = 4.42e-6;
        values[Feature::DurationMs as usize] = 173_533.0;
        for (feature, value) in
            [(Feature::Key, 3.0), (Feature::Mode, 1.0), (Feature::TimeSignature, 4.0), (Feature::Sections, 9.0)]
        {
            values[feature as usize] = value;
        }
        let track = SimulatedTrack { label: Label::Hit, artist: 41, values, identity: [0, 61 + 62] };
        let decade = SimulatedDecade { decade: Decade::from_year(2000).unwrap(), tracks: vec![track] };
        assert_eq!(decade.file_name(), "dataset-of-00s.csv");
        assert_eq!(
            String::from_utf8(decade.to_csv()).unwrap(),
            "track,artist,uri,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,\
             tempo,duration_ms,time_signature,chorus_hit,sections,target\n\
             Simulated track 00-00001,Simulated artist 42,spotify:track:000000000000000000001z,0.5,0.5,3,0.5,1,0.5,0.5,\
             4.42e-06,0.5,0.5,0.5,173533,4,0.5,9,1\n"
        );
    }

    #[test]
    fn files_are_written_whole_and_replaced_only_on_demand() {
        let dir = tempfile::tempdir().unwrap();
        let into = dir.path().join("made");
        let sample = draw(&SampleProfile::committed().unwrap(), 1);
        let paths = sample.write(&into, false).unwrap();
        let names: Vec<_> = paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
        let tags = ["60", "70", "80", "90", "00", "10"];
        assert_eq!(names, tags.map(|tag| format!("dataset-of-{tag}s.csv")));
        assert_eq!(fs::read_dir(&into).unwrap().count(), 6, "no file is left aside");

        let rows = fs::read_to_string(&paths[0]).unwrap().lines().count() - 1;
        assert_eq!(rows, sample.decades()[0].tracks.len());

        fs::write(&paths[0], "a real one").unwrap();
        let refusal = sample.write(&into, false).unwrap_err();
        assert!(refusal.is_input());
        assert!(refusal.to_string().contains("dataset-of-60s.csv: a simulated file never replaces"), "{refusal}");
        assert!(refusal.to_string().contains("dataset-of-70s.csv: a simulated file does not replace"), "{refusal}");
        let refusal = sample.write(&into, true).unwrap_err();
        assert!(refusal.to_string().contains("dataset-of-60s.csv: a simulated file never replaces"), "{refusal}");
        assert!(!refusal.to_string().contains("dataset-of-70s.csv"), "{refusal}");
        assert_eq!(fs::read_to_string(&paths[0]).unwrap(), "a real one");

        fs::remove_file(&paths[0]).unwrap();
        fs::write(&paths[1], fs::read(&paths[2]).unwrap()).unwrap();
        sample.write(&into, true).unwrap();
        assert_eq!(fs::read_to_string(&paths[0]).unwrap().lines().count() - 1, rows);
    }

    #[test]
    fn a_directory_that_cannot_be_is_an_io_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let sample = draw(&SampleProfile::committed().unwrap(), 1);
        assert!(matches!(sample.write(file.path().join("x"), false), Err(Error::Io { action: "create", .. })));
    }
}
