//! The tracks that a model comes from, as a file beside it (`hitflop.tracks`): what a new track is compared with. The model does
//! not need the file; without it there are no nearest tracks.
//!
//! ```text
//! magic "hitftrk\0" | version u32 | sections | SHA-256 of everything before it
//! ```
//!
//! Sections are compressed ([`SectionWriter::section`]). The first is a JSON header: number of tracks; SHA-256 of every decade file,
//! by which the file is matched with its model. The columns follow: texts as their bytes and as 32-bit lengths (0 for a missing
//! one), decades as 16-bit years (0 for a missing one), labels as bytes, each audio feature as 32-bit floats (NaN for a missing
//! value), and, since version 2, whether the model was fitted to each track as bytes, or nothing if that is not known. Numbers are
//! little-endian and split by byte, all lowest bytes first.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use hitflop_core::dataset::Dataset;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Decade, Feature, Label, ARTIST, DECADE, TARGET, TRACK, URI};
use hitflop_core::track_id::TrackMetadata;
use hitflop_trees::codec::bytes::{from_planes, planes, SectionReader, SectionWriter};
use hitflop_trees::codec::DecodeError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::DataFile;

/// The first bytes of the file.
const MAGIC: [u8; 8] = *b"hitftrk\0";
/// The version written; version 1, without the training tracks, is read as well.
const VERSION: u32 = 2;
/// Bytes of a SHA-256 digest.
const CHECKSUM: usize = 32;
/// What a file must be, for messages.
const RULE: &str = "expected a file of tracks, as `hitflop run` writes it beside the model";

/// Tracks with names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownTracks {
    /// SHA-256 of the decade files that they are of, in hexadecimal, in ascending order; empty if that is not known.
    pub data: Vec<String>,
    /// The run that wrote them; None in files of older programs.
    pub run_id: Option<String>,
    /// Title of each track.
    pub titles: Texts,
    /// Artist of each track.
    pub artists: Texts,
    /// Spotify's URI of each track.
    pub uris: Texts,
    /// Decade of each track; none where it is not known.
    pub decades: Vec<Option<Decade>>,
    /// Label of each track.
    pub labels: Vec<Label>,
    /// Of each of [`Feature::AUDIO`], its values, in its unit; NaN is missing.
    pub features: Vec<Vec<f32>>,
    /// Whether the model was fitted to each track; empty if that is not known.
    pub in_training: Vec<bool>,
}

/// One of the known tracks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownTrack<'a> {
    /// Artist.
    pub artist: &'a str,
    /// Title.
    pub title: &'a str,
    /// Spotify's URI.
    pub uri: &'a str,
    /// Decade; none where it is not known.
    pub decade: Option<Decade>,
    /// Hit or flop.
    pub label: Label,
    /// Value of each of [`Feature::AUDIO`], as exactly as the file has it; NaN is missing.
    pub values: [f32; Feature::AUDIO.len()],
    /// Whether the model was fitted to the track; none if that is not known.
    pub in_training: Option<bool>,
}

/// Many short texts in one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    /// The text at an index; empty if there is none.
    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends.get(index - 1).copied().unwrap_or_default() };
        let end = self.ends.get(index).copied().unwrap_or(start);
        &self.text[start as usize..end as usize]
    }

    /// Texts, one after the other.
    ///
    /// # Errors
    /// They are longer than 4 GiB together.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Texts> {
        let mut all = Texts::default();
        for text in texts {
            all.text.push_str(text);
            let end = u32::try_from(all.text.len());
            all.ends.push(end.map_err(|_| Error::Failed("the tracks have more than 4 GiB of text".to_owned()))?);
        }
        Ok(all)
    }

    fn lengths(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        (0..self.ends.len()).map(|index| self.get(index).len() as u64)
    }
}

#[derive(Serialize, Deserialize)]
struct Description {
    rows: usize,
    data: Vec<String>,
    #[serde(default)]
    run_id: Option<String>,
}

/// Where the tracks of the model at `model` lie: `hitflop.tracks` for `hitflop.model`.
pub fn beside(model: &Path) -> PathBuf {
    model.with_extension("tracks")
}

/// SHA-256 of decade files as [`KnownTracks::data`] has them: the same for the same files, whatever their names and order.
pub fn checksums(data: &[DataFile]) -> Vec<String> {
    let mut checksums: Vec<String> = data.iter().map(|file| file.sha256.clone()).collect();
    checksums.sort_unstable();
    checksums
}

impl KnownTracks {
    /// The rows of `dataset` with their texts and decades. Rows of one URI and decade are one track with the values of the first; it is
    /// a hit if any of them is one, and a training track if any of them is among `training_rows`, the rows that the model was fitted to
    /// (empty if that is not known). A feature that the dataset lacks is missing in all. `data` are the files that they are of.
    ///
    /// # Errors
    /// The texts are longer than 4 GiB.
    pub fn new(
        dataset: &Dataset,
        identity: &TrackMetadata,
        data: &[DataFile],
        training_rows: &[usize],
    ) -> Result<KnownTracks> {
        let mut positions = HashMap::with_capacity(dataset.rows());
        let mut is_training_row = vec![false; dataset.rows()];
        training_rows.iter().for_each(|&row| is_training_row[row] = true);
        let (mut rows, mut is_hit, mut in_training) = (Vec::new(), Vec::new(), Vec::new());
        for (row, &hit) in dataset.targets().iter().enumerate() {
            let uri = identity.uris[row].as_str();
            let next = rows.len();
            let position = match uri.is_empty() {
                true => next,
                false => *positions.entry((uri, identity.decades[row])).or_insert(next),
            };
            if position == rows.len() {
                rows.push(row);
                is_hit.push(hit);
                in_training.push(is_training_row[row]);
            } else {
                is_hit[position] |= hit;
                in_training[position] |= is_training_row[row];
            }
        }
        if training_rows.is_empty() {
            in_training.clear();
        }
        let texts = |texts: &[String]| Texts::of(rows.iter().map(|&row| texts[row].as_str()));
        Ok(KnownTracks {
            data: checksums(data),
            run_id: None,
            titles: texts(&identity.titles)?,
            artists: texts(&identity.artists)?,
            uris: texts(&identity.uris)?,
            decades: rows.iter().map(|&row| identity.decades[row]).collect(),
            labels: is_hit.iter().map(|&hit| if hit { Label::Hit } else { Label::Flop }).collect(),
            features: audio_values(dataset, &rows),
            in_training,
        })
    }

    /// The track at an index, which must be below the number of [`KnownTracks::labels`].
    ///
    /// # Panics
    /// There is no such track.
    pub fn track(&self, index: usize) -> KnownTrack<'_> {
        KnownTrack {
            artist: self.artists.get(index),
            title: self.titles.get(index),
            uri: self.uris.get(index),
            decade: self.decades[index],
            label: self.labels[index],
            values: std::array::from_fn(|feature| self.features[feature][index]),
            in_training: self.in_training.get(index).copied(),
        }
    }

    /// The tracks as the bytes of their file: the same for the same tracks.
    ///
    /// # Errors
    /// They cannot be described as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let description = Description { rows: self.labels.len(), data: self.data.clone(), run_id: self.run_id.clone() };
        let json = serde_json::to_vec(&description)
            .map_err(|error| Error::Failed(format!("the known tracks cannot be described as JSON: {error}")))?;
        let mut writer = SectionWriter::default();
        writer.raw(&MAGIC);
        writer.raw(&VERSION.to_le_bytes());
        writer.section(&json);
        for texts in [&self.titles, &self.artists, &self.uris] {
            writer.section(texts.text.as_bytes());
            writer.section(&planes(texts.lengths(), 4));
        }
        writer.section(&planes(self.decades.iter().map(|decade| decade.map_or(0, |decade| decade.year() as u64)), 2));
        writer.section(&planes(self.labels.iter().map(|&label| label as u64), 1));
        for values in &self.features {
            writer.section(&planes(values.iter().map(|value| u64::from(value.to_bits())), 4));
        }
        writer.section(&planes(self.in_training.iter().map(|&is_training| u64::from(is_training)), 1));
        let mut bytes = writer.into_bytes();
        bytes.extend(Sha256::digest(&bytes));
        Ok(bytes)
    }

    fn from_bytes(bytes: &[u8]) -> std::result::Result<KnownTracks, DecodeError> {
        let content = bytes.len().checked_sub(CHECKSUM).map(|end| bytes.split_at(end));
        let (content, checksum) = match content {
            Some((content, checksum)) if content.starts_with(&MAGIC) => (content, checksum),
            _ => return Err(DecodeError::new("", RULE, "other bytes")),
        };
        if Sha256::digest(content)[..] != *checksum {
            return Err(DecodeError::new(
                "checksum",
                "expected that of the bytes before it",
                "another: the file is damaged",
            ));
        }
        let mut reader = SectionReader::new(&content[MAGIC.len()..]);
        let version = from_planes(reader.raw("version", 4)?, 4)[0];
        if !(1..=u64::from(VERSION)).contains(&version) {
            return Err(DecodeError::new("version", format!("expected 1 to {VERSION}"), version));
        }
        let description: Description = serde_json::from_slice(&reader.section("description")?)
            .map_err(|error| DecodeError::new("description", "expected the number of tracks and their data", error))?;
        let rows = description.rows;
        let titles = read_texts(&mut reader, TRACK, rows)?;
        let artists = read_texts(&mut reader, ARTIST, rows)?;
        let uris = read_texts(&mut reader, URI, rows)?;
        let decade = |year: u64| match i32::try_from(year).ok().and_then(Decade::from_year) {
            None if year > 0 => Err(DecodeError::new(DECADE, "expected decades from 1900 to 2020, or 0", year)),
            decade => Ok(decade),
        };
        let label = |target: u64| {
            let label = i32::try_from(target).ok().and_then(Label::from_target);
            label.ok_or_else(|| DecodeError::new(TARGET, "expected 0 or 1", target))
        };
        let decades =
            numbers(&mut reader, DECADE, rows, 2)?.into_iter().map(decade).collect::<std::result::Result<_, _>>()?;
        let labels =
            numbers(&mut reader, TARGET, rows, 1)?.into_iter().map(label).collect::<std::result::Result<_, _>>()?;
        let features = Feature::AUDIO.iter().map(|feature| read_values(&mut reader, feature.name(), rows));
        let features = features.collect::<std::result::Result<_, _>>()?;
        let in_training = if version == 1 { Vec::new() } else { read_in_training(&mut reader, rows)? };
        reader.end("the columns")?;
        let Description { data, run_id, .. } = description;
        Ok(KnownTracks { data, run_id, titles, artists, uris, decades, labels, features, in_training })
    }
}

fn numbers(
    reader: &mut SectionReader,
    member: &str,
    rows: usize,
    width: usize,
) -> std::result::Result<Vec<u64>, DecodeError> {
    Ok(from_planes(&reader.section_of(member, rows, width)?, width))
}

fn read_texts(reader: &mut SectionReader, member: &str, rows: usize) -> std::result::Result<Texts, DecodeError> {
    let text = String::from_utf8(reader.section(member)?)
        .map_err(|error| DecodeError::new(member, "expected UTF-8", error))?;
    let mut ends = Vec::with_capacity(rows);
    let mut end = 0u64;
    for length in numbers(reader, member, rows, 4)? {
        // At most 2^32 lengths below 2^32.
        end += length;
        match u32::try_from(end) {
            Ok(end) if text.is_char_boundary(end as usize) => ends.push(end),
            _ => return Err(DecodeError::new(member, "expected the end of a text", end)),
        }
    }
    match end == text.len() as u64 {
        true => Ok(Texts { text, ends }),
        false => Err(DecodeError::new(member, format!("expected {end} bytes of text"), text.len())),
    }
}

fn read_values(reader: &mut SectionReader, member: &str, rows: usize) -> std::result::Result<Vec<f32>, DecodeError> {
    let values: Vec<f32> =
        numbers(reader, member, rows, 4)?.into_iter().map(|bits| f32::from_bits(bits as u32)).collect();
    match values.iter().find(|value| value.is_infinite()) {
        None => Ok(values),
        Some(value) => Err(DecodeError::new(member, "expected finite numbers, or NaN for a missing one", value)),
    }
}

/// Whether the model was fitted to each track, or nothing if that is not known.
fn read_in_training(reader: &mut SectionReader, rows: usize) -> std::result::Result<Vec<bool>, DecodeError> {
    const MEMBER: &str = "training tracks";
    let bytes = reader.section(MEMBER)?;
    if !bytes.is_empty() && bytes.len() != rows {
        return Err(DecodeError::new(MEMBER, format!("expected no bytes or {rows}"), bytes.len()));
    }
    let is_training = |byte: u8| match byte {
        0 | 1 => Ok(byte == 1),
        _ => Err(DecodeError::new(MEMBER, "expected 0 or 1", byte)),
    };
    bytes.into_iter().map(is_training).collect()
}

/// The values of each of [`Feature::AUDIO`] in some rows.
fn audio_values(dataset: &Dataset, rows: &[usize]) -> Vec<Vec<f32>> {
    let records = dataset.records();
    let column = |feature: &Feature| dataset.features().iter().position(|own| own == feature);
    let columns: Vec<Option<usize>> = Feature::AUDIO.iter().map(column).collect();
    let mut values = vec![Vec::with_capacity(rows.len()); columns.len()];
    // Row by row, as the values of a row are side by side in memory.
    for &row in rows {
        for (values, column) in values.iter_mut().zip(&columns) {
            values.push(column.map_or(f32::NAN, |column| single(records[[row, column]])));
        }
    }
    values
}

/// A value as the file has it; a missing one is the same NaN everywhere.
fn single(value: f64) -> f32 {
    if value.is_nan() {
        f32::NAN
    } else {
        value as f32
    }
}

/// Reads the known tracks at `path`.
///
/// # Errors
/// There is no such file, it is not one that [`KnownTracks::to_bytes`] made, or it is damaged.
pub fn read(path: &Path) -> Result<KnownTracks> {
    let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
    KnownTracks::from_bytes(&bytes).map_err(|DecodeError { member, rule, value }| {
        let file = Place::file(path.display().to_string());
        let place = if member.is_empty() { file } else { file.column(member) };
        Error::input(Fault::new(place, Reason::Unreadable, rule).found(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::complete_grouped_tracks;

    fn known() -> KnownTracks {
        let tracks = complete_grouped_tracks(60);
        let data = [DataFile { name: "a.csv".to_owned(), sha256: "ab".repeat(32) }];
        KnownTracks::new(tracks.dataset(), tracks.identity(), &data, &[1, 2]).expect("known tracks")
    }

    #[test]
    fn texts_are_kept_apart() {
        let texts = Texts::of(["", "é", "", "abc"].into_iter()).expect("short texts");
        assert_eq!([0, 1, 2, 3, 4].map(|index| texts.get(index)), ["", "é", "", "abc", ""]);
    }

    #[test]
    fn tracks_are_read_as_they_were_written() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = beside(&directory.path().join("a.model"));
        assert_eq!(path, directory.path().join("a.tracks"));
        let known = known();
        assert_eq!((known.labels.len(), known.features.len()), (60, Feature::AUDIO.len()));
        std::fs::write(&path, known.to_bytes().expect("bytes")).expect("written");
        assert_eq!(read(&path).expect("read"), known);
        assert!(read(&directory.path().join("absent")).is_err());
    }

    #[test]
    fn a_repeated_track_is_one_and_a_hit_if_any_row_is() {
        let tracks = complete_grouped_tracks(8);
        let rows = [0, 1, 0, 2, 1];
        let (dataset, identity) = (tracks.dataset().select(&rows), tracks.identity().select(&rows));
        let targets = vec![false, false, true, false, false];
        let dataset = dataset.with_targets(targets.into()).expect("labels");
        let known = KnownTracks::new(&dataset, &identity, &[], &[3, 4]).expect("known tracks");
        assert_eq!(known.labels, [Label::Hit, Label::Flop, Label::Flop]);
        assert_eq!(known.in_training, [false, true, true], "the second by its repetition");
        assert_eq!(known.track(1).in_training, Some(true));
        let unknown = KnownTracks::new(&dataset, &identity, &[], &[]).expect("known tracks");
        assert_eq!(unknown.track(1).in_training, None);
        assert_eq!(known.titles.get(2), identity.titles[3]);
    }

    #[test]
    fn what_is_missing_is_read_as_missing() {
        let tracks = complete_grouped_tracks(6);
        let features = [Feature::Energy, Feature::Tempo];
        let mut records = tracks.dataset().with_features(&features).expect("features").records().to_owned();
        records[[1, 0]] = -f64::NAN;
        let dataset = Dataset::new(features.to_vec(), records, tracks.dataset().targets().to_owned()).expect("tracks");
        let none = || vec![String::new(); 6];
        let identity = TrackMetadata { titles: none(), artists: none(), uris: none(), decades: vec![None; 6] };
        let known = KnownTracks::new(&dataset, &identity, &[], &[]).expect("known tracks");
        assert_eq!(known.labels.len(), 6, "no URI is no repeat");
        let read = KnownTracks::from_bytes(&known.to_bytes().expect("bytes")).expect("tracks");
        assert_eq!((&read.decades, &read.labels, read.titles.get(3)), (&vec![None; 6], &known.labels, ""));
        for (feature, values) in Feature::AUDIO.iter().zip(&read.features) {
            let missing = values.iter().filter(|value| value.is_nan()).count();
            assert_eq!(
                missing,
                match feature {
                    Feature::Energy => 1,
                    Feature::Tempo => 0,
                    _ => 6,
                },
                "{feature}"
            );
        }
    }

    #[test]
    fn files_of_version_1_are_read() {
        let known = KnownTracks { in_training: Vec::new(), ..known() };
        let bytes = known.to_bytes().expect("bytes");
        let mut empty = SectionWriter::default();
        empty.section(&[]);
        let end = bytes.len() - CHECKSUM - empty.into_bytes().len();
        let mut old = [&bytes[..MAGIC.len()], &1u32.to_le_bytes()[..], &bytes[MAGIC.len() + 4..end]].concat();
        old.extend(Sha256::digest(&old));
        assert_eq!(KnownTracks::from_bytes(&old).expect("tracks"), known);
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let bytes = known().to_bytes().expect("bytes");
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(KnownTracks::from_bytes(&damaged).is_err(), "byte {at}");
        }
        for length in 0..bytes.len() {
            assert!(KnownTracks::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
        }
        let message = KnownTracks::from_bytes(b"no tracks").expect_err("other bytes").to_string();
        assert!(message.contains("expected a file of tracks"), "{message}");
    }
}
