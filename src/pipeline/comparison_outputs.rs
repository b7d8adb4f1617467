//! Where a comparison is written: a directory of its own below that of reports, as one set.

use std::path::{Path, PathBuf};

use super::options::{invalid, OutputOptions};
use super::outputs::{fault_of_real, is_simulated_report, SIMULATED};
use super::paths::InputFileSet;
use hitflop_core::disk::OutputSet;
use hitflop_core::error::{Error, Result};

/// Directory of the comparison in that of reports.
const DIRECTORY: &str = "compare";
/// The file that says whether a comparison is of simulated tracks.
const JSON: &str = "compare.json";

/// The outputs of a comparison. Nothing is at its place before [`ComparisonOutputs::commit`]; then everything is.
#[derive(Debug)]
pub(super) struct ComparisonOutputs {
    set: OutputSet,
    reports: PathBuf,
    directory: PathBuf,
    inputs: InputFileSet,
    simulated: bool,
}

impl ComparisonOutputs {
    /// Begins the outputs.
    ///
    /// # Errors
    /// The directory is a file, or cannot be written to.
    pub(super) fn open(inputs: &[PathBuf], places: &OutputOptions) -> Result<ComparisonOutputs> {
        let reports = places.reports.clone();
        let directory = reports.join(DIRECTORY);
        for directory in [&reports, &directory] {
            if directory.exists() && !directory.is_dir() {
                return Err(invalid("reports", "expected a directory or a free name", directory.display().to_string()));
            }
        }
        let set = OutputSet::open(&[&directory])?;
        Ok(ComparisonOutputs { set, reports, directory, inputs: InputFileSet::of(inputs), simulated: false })
    }

    /// Adds files that were read, which no output may replace.
    pub(super) fn add_inputs(&mut self, inputs: impl Iterator<Item = PathBuf>) {
        inputs.for_each(|input| self.inputs.add(&input));
    }

    /// Says that tracks or a model are simulated: the comparison goes to a place of its own, unless the directory of reports was named. To
    /// be called before any file is added.
    ///
    /// # Errors
    /// A comparison of real tracks would be replaced.
    pub(super) fn of_simulated_tracks(&mut self) -> Result<()> {
        self.simulated = true;
        if self.reports == OutputOptions::default().reports {
            self.directory = self.reports.join(SIMULATED).join(DIRECTORY);
            self.set = OutputSet::open(&[&self.directory])?;
        }
        self.refuse_real()
    }

    /// The set that files are added to, and the directory of the comparison.
    pub(super) fn parts(&mut self) -> (&mut OutputSet, &Path) {
        (&mut self.set, &self.directory)
    }

    /// Puts all outputs at their places.
    ///
    /// # Errors
    /// An output is an input, would replace a comparison of real tracks by one of simulated ones, or cannot be written; all former files are
    /// there then.
    pub(super) fn commit(mut self) -> Result<()> {
        self.inputs.refuse(self.set.targets())?;
        self.set.lock()?;
        if self.simulated {
            self.refuse_real()?;
        }
        self.set.commit()
    }

    fn refuse_real(&self) -> Result<()> {
        let path = self.directory.join(JSON);
        match path.is_file() && !is_simulated_report(&path) {
            true => Err(Error::input(fault_of_real((path, "comparison")))),
            false => Ok(()),
        }
    }
}
