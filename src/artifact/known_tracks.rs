//! The tracks that a model comes from, as a Parquet file beside it: what a new track is compared with.
//!
//! Columns: `track`, `artist`, `uri` (text), `decade` and `target` (`Int32`), the fifteen audio features. The model does not
//! need it; without it there are no neighbours to tell.

use std::fs::File;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use crate::disk::Staged;
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::ingest::tracks::Tracks;
use crate::track::{Decade, Feature, Label, ARTIST, DECADE, TARGET, TRACK, URI};

/// Tracks with names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownTracks {
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

/// Writes the known tracks of `tracks` to `path`, whole or not at all. What stands several times in a decade is one track, a
/// hit if any of its rows is one.
///
/// # Errors
/// The tracks cannot be read, or the operating system refuses.
pub fn write(tracks: &Tracks, path: &Path) -> Result<()> {
    let firsts = [TRACK, ARTIST].into_iter().chain(Feature::AUDIO.iter().map(|feature| feature.name()));
    let aggregated: Vec<Expr> = firsts.map(|name| col(name).first()).chain([col(TARGET).max()]).collect();
    let mut frame = tracks.scan()?.group_by_stable([col(URI), col(DECADE)]).agg(aggregated).collect()?;
    let staged = Staged::beside(path)?;
    let file = File::create(staged.path()).map_err(|error| Error::io("write", path, error))?;
    ParquetWriter::new(file).with_compression(ParquetCompression::Zstd(None)).set_parallel(false).finish(&mut frame)?;
    staged.publish()
}

/// Reads the known tracks at `path`.
///
/// # Errors
/// There is no such file, it is not Parquet, or a column is missing or of another type, or holds what it may not.
pub fn read(path: &Path) -> Result<KnownTracks> {
    let place = || Place::file(path.display().to_string());
    let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
    let frame = ParquetReader::new(file).read_parallel(ParallelStrategy::None).finish().map_err(|error| {
        let rule = "expected a Parquet file of tracks, as `hitflop run` writes it beside the model";
        Error::input(Fault::new(place(), Reason::Unreadable, rule).found(error.to_string()))
    })?;
    let wrong = |name: &str, rule: &str| Error::input(Fault::new(place().column(name), Reason::Unreadable, rule));
    let column = |name: &str| frame.column(name).map_err(|_| wrong(name, "the column is missing"));
    let texts = |name: &str| {
        let texts = column(name)?.str().map_err(|_| wrong(name, "expected text"))?.clone();
        let mut all = Texts::default();
        let fits = texts.iter().all(|text| all.push(text.unwrap_or_default()));
        fits.then_some(all).ok_or_else(|| wrong(name, "expected at most 4 GiB of text"))
    };
    let whole = |name: &str| {
        let cast = column(name)?.strict_cast(&DataType::Int32).map_err(|_| wrong(name, "expected whole numbers"))?;
        let numbers: Vec<i32> = cast.i32().map_err(Error::from)?.iter().flatten().collect();
        match numbers.len() == frame.height() {
            true => Ok(numbers),
            false => Err(wrong(name, "expected a number in every row")),
        }
    };
    let real = |feature: &Feature| {
        let name = feature.name();
        let cast = column(name)?.strict_cast(&DataType::Float32).map_err(|_| wrong(name, "expected numbers"))?;
        let numbers: Vec<f32> = cast.f32().map_err(Error::from)?.iter().flatten().filter(|it| it.is_finite()).collect();
        match numbers.len() == frame.height() {
            true => Ok(numbers),
            false => Err(wrong(name, "expected a finite number in every row")),
        }
    };
    let decade = |year| Decade::from_year(year).ok_or_else(|| wrong(DECADE, "expected decades from 1930 to 2020"));
    let label = |target| Label::from_target(target).ok_or_else(|| wrong(TARGET, "expected 0 or 1"));
    Ok(KnownTracks {
        titles: texts(TRACK)?,
        artists: texts(ARTIST)?,
        uris: texts(URI)?,
        decades: whole(DECADE)?.into_iter().map(decade).collect::<Result<_>>()?,
        labels: whole(TARGET)?.into_iter().map(label).collect::<Result<_>>()?,
        features: Feature::AUDIO.iter().map(real).collect::<Result<_>>()?,
    })
}
