//! The tracks that a model comes from, as a Parquet file beside it: what a new track is compared with.
//!
//! Columns: `track`, `artist`, `uri` (text), `decade` and `target` (`Int32`), the fifteen audio features. The file's metadata
//! have the SHA-256 of every decade file under [`DATA`], by which the tracks of another model's data are told. The model does
//! not need the file; without it there are no neighbours to tell.

use std::fs::File;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::DataFile;
use crate::disk::Staged;
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::ingest::tracks::Tracks;
use crate::track::{Decade, Feature, Label, ARTIST, DECADE, TARGET, TRACK, URI};

/// Under which the file's metadata have the data that the tracks are of.
pub const DATA: &str = "hitflop.data";

/// Tracks with names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownTracks {
    /// SHA-256 of the decade files that they are of, in hexadecimal, in ascending order; empty if that is not known.
    pub data: Vec<String>,
    /// Titles.
    pub titles: Texts,
    /// Artists.
    pub artists: Texts,
    /// Spotify's URIs.
    pub uris: Texts,
    /// Decades.
    pub decades: Vec<Decade>,
    /// Labels.
    pub labels: Vec<Label>,
    /// Of each of [`Feature::AUDIO`], its values, in its unit.
    pub features: Vec<Vec<f32>>,
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

    fn push(&mut self, text: &str) -> bool {
        self.text.push_str(text);
        u32::try_from(self.text.len()).map(|end| self.ends.push(end)).is_ok()
    }
}

/// Where the tracks of the model at `model` lie: `hitflop.tracks.parquet` for `hitflop.model`.
pub fn beside(model: &Path) -> PathBuf {
    model.with_extension("tracks.parquet")
}

/// SHA-256 of decade files as [`KnownTracks::data`] has them: the same for the same files, whatever their names and order.
pub fn checksums(data: &[DataFile]) -> Vec<String> {
    let mut checksums: Vec<String> = data.iter().map(|file| file.sha256.clone()).collect();
    checksums.sort_unstable();
    checksums
}

/// Writes the known tracks of `tracks`, which are of the files `data`, to `path`, whole or not at all. What stands several times
/// in a decade is one track, a hit if any of its rows is one.
///
/// # Errors
/// The tracks cannot be read, or the operating system refuses.
pub fn write(tracks: &Tracks, data: &[DataFile], path: &Path) -> Result<()> {
    let firsts = [TRACK, ARTIST].into_iter().chain(Feature::AUDIO.iter().map(|feature| feature.name()));
    let aggregated: Vec<Expr> = firsts.map(|name| col(name).first()).chain([col(TARGET).max()]).collect();
    let mut frame = tracks.scan()?.group_by_stable([col(URI), col(DECADE)]).agg(aggregated).collect()?;
    let staged = Staged::beside(path)?;
    let file = File::create(staged.path()).map_err(|error| Error::io("write", path, error))?;
    let data = KeyValueMetadata::from_static(vec![(DATA.to_owned(), checksums(data).join(" "))]);
    ParquetWriter::new(file)
        .with_compression(ParquetCompression::Zstd(None))
        .with_key_value_metadata(Some(data))
        .set_parallel(false)
        .finish(&mut frame)?;
    staged.publish()
}

/// Reads the known tracks at `path`.
///
/// # Errors
/// There is no such file, it is not Parquet, or a column is missing or of another type, or holds what it may not.
pub fn read(path: &Path) -> Result<KnownTracks> {
    let place = Place::file(path.display().to_string());
    let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
    let mut reader = ParquetReader::new(file).read_parallel(ParallelStrategy::None);
    let data = reader.get_metadata().map(|metadata| data(metadata));
    let (data, frame) = data.and_then(|data| Ok((data, reader.finish()?))).map_err(|error| {
        let rule = "expected a Parquet file of tracks, as `hitflop run` writes it beside the model";
        Error::input(Fault::new(place.clone(), Reason::Unreadable, rule).found(error.to_string()))
    })?;
    let table = Table { place, frame };
    let decade =
        |year| Decade::from_year(year).ok_or_else(|| table.wrong(DECADE, "expected decades from 1930 to 2020"));
    let label = |target| Label::from_target(target).ok_or_else(|| table.wrong(TARGET, "expected 0 or 1"));
    Ok(KnownTracks {
        data,
        titles: table.texts(TRACK)?,
        artists: table.texts(ARTIST)?,
        uris: table.texts(URI)?,
        decades: table.whole(DECADE)?.into_iter().map(decade).collect::<Result<_>>()?,
        labels: table.whole(TARGET)?.into_iter().map(label).collect::<Result<_>>()?,
        features: Feature::AUDIO.iter().map(|feature| table.real(feature.name())).collect::<Result<_>>()?,
    })
}

/// The data that a file says that it is of.
fn data(metadata: &FileMetadata) -> Vec<String> {
    let entries = metadata.key_value_metadata().iter().flatten();
    let found = entries.filter(|entry| entry.key == DATA).find_map(|entry| entry.value.as_deref());
    found.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// A table that is being read.
struct Table {
    place: Place,
    frame: DataFrame,
}

impl Table {
    fn wrong(&self, name: &str, rule: &str) -> Error {
        Error::input(Fault::new(self.place.clone().column(name), Reason::Unreadable, rule))
    }

    fn column(&self, name: &str) -> Result<&Column> {
        self.frame.column(name).map_err(|_| self.wrong(name, "the column is missing"))
    }

    fn texts(&self, name: &str) -> Result<Texts> {
        let texts = self.column(name)?.str().map_err(|_| self.wrong(name, "expected text"))?;
        let mut all = Texts::default();
        let fits = texts.iter().all(|text| all.push(text.unwrap_or_default()));
        fits.then_some(all).ok_or_else(|| self.wrong(name, "expected at most 4 GiB of text"))
    }

    fn whole(&self, name: &str) -> Result<Vec<i32>> {
        let wrong = || self.wrong(name, "expected a whole number in every row");
        let cast = self.column(name)?.strict_cast(&DataType::Int32).map_err(|_| wrong())?;
        let numbers: Vec<i32> = cast.i32()?.iter().flatten().collect();
        (numbers.len() == self.frame.height()).then_some(numbers).ok_or_else(wrong)
    }

    fn real(&self, name: &str) -> Result<Vec<f32>> {
        let wrong = || self.wrong(name, "expected a finite number in every row");
        let cast = self.column(name)?.strict_cast(&DataType::Float32).map_err(|_| wrong())?;
        let numbers: Vec<f32> = cast.f32()?.iter().flatten().filter(|number| number.is_finite()).collect();
        (numbers.len() == self.frame.height()).then_some(numbers).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept_apart() {
        let mut texts = Texts::default();
        for text in ["", "é", "", "abc"] {
            assert!(texts.push(text));
        }
        assert_eq!([0, 1, 2, 3, 4].map(|index| texts.get(index)), ["", "é", "", "abc", ""]);
    }

    #[test]
    fn what_is_no_table_of_tracks_is_refused() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("a.tracks.parquet");
        assert_eq!(path, beside(&directory.path().join("a.model")));
        std::fs::write(&path, "no Parquet").expect("written");
        let told = read(&path).expect_err("no Parquet").to_string();
        assert!(told.contains("a.tracks.parquet: expected a Parquet file of tracks"), "{told}");
        let mut frame = df!(TRACK => ["a"], ARTIST => ["b"]).expect("a table");
        ParquetWriter::new(File::create(&path).expect("a file")).finish(&mut frame).expect("written");
        let told = read(&path).expect_err("a column is missing").to_string();
        assert!(told.ends_with("a.tracks.parquet, column uri: the column is missing"), "{told}");
        assert!(read(&directory.path().join("absent")).is_err());
    }
}
