//! Simulated samples, and the profile of real tracks that they are simulated from.

use std::path::{Path, PathBuf};

use super::paths::check_files;
use super::progress::Progress;
use hitflop_core::disk::{self, TemporaryDirectory};
use hitflop_core::error::{Error, Result};
use hitflop_data::ingest::{self, source};
use hitflop_data::simulate::{self, SampleProfile};

/// Writes simulated decade files into a directory, from the profile in a file or that of the program. Returns the files written.
///
/// # Errors
/// The profile is invalid; a file exists already and `overwrite` is not set, or cannot be written.
pub fn write_sample(
    profile: Option<&Path>,
    seed: u64,
    directory: &Path,
    overwrite: bool,
    progress: &dyn Progress,
) -> Result<Vec<PathBuf>> {
    let profile = match profile {
        Some(path) => SampleProfile::read(path)?,
        None => SampleProfile::committed()?,
    };
    progress.stage("simulate a sample", || simulate::draw(&profile, seed).write(directory, overwrite))
}

/// Measures the profile of decade files and writes it to a file. Returns the number of tracks.
///
/// # Errors
/// The file is an input or cannot be written; an input file is missing or invalid.
pub fn write_profile(data: &[PathBuf], file: &Path, progress: &dyn Progress) -> Result<u64> {
    check_files(data, &[file.to_owned()])?;
    let sources = progress.stage("find the files", || source::resolve(data, &source::SourceOptions::default()))?;
    let scratch = TemporaryDirectory::new()?;
    let ingested = progress.stage("read and check the tracks", || {
        ingest::ingest(&sources, &scratch.path().join("tracks.parquet"), false)
    })?;
    let profile = progress.stage("measure the profile", || {
        let table = ingested.tracks.scan()?.collect().map_err(|error| Error::Engine(Box::new(error)))?;
        SampleProfile::from_frame(&table)
    })?;
    disk::write_whole(file, profile.to_json().as_bytes())?;
    Ok(ingested.rows)
}
