//! Where a job writes. Its outputs change as one set, those of simulated tracks replace none of real tracks, and a model that is
//! replaced is kept.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::options::{invalid, DataOptions, OutputOptions};
use super::paths::{check_files, is_stream, InputFileSet};
use super::read::DATA;
use hitflop_core::disk::{refuse_directory, OutputSet, Staged};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_data::ingest;
use hitflop_model::artifact::{self, ModelPaths};

/// Subdirectory of the default places, for simulated tracks.
pub(super) const SIMULATED: &str = "simulated";
/// File of the rejected rows, in the directory of reports.
const REJECTED: &str = "rejected_rows.csv";
/// Files of the reports that say whether their tracks are simulated.
const REPORTS: [&str; 2] = ["report.json", "evaluation.json"];
/// Digits of the SHA-256 of a replaced model in the name under which it is kept; as many name a version in the service.
const VERSION_DIGITS: usize = 12;

/// The model file that a job writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelTarget {
    /// A name in the directory of models: `hitflop.model`.
    InModels(String),
    /// A file anywhere, with metrics, known tracks and card beside it.
    File(PathBuf),
}

/// The outputs of a job. Nothing is at its place before [`Outputs::commit`]; then everything is.
#[derive(Debug)]
pub struct Outputs {
    set: OutputSet,
    places: OutputOptions,
    model: Option<ModelTarget>,
    /// SHA-256 of the model that is written.
    model_sha256: Option<String>,
    inputs: InputFileSet,
    simulated: bool,
}

/// A model that was replaced by another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplacedModel {
    /// Where it was.
    pub path: PathBuf,
    /// Where it is kept, with its metrics, known tracks and card beside it.
    pub kept: PathBuf,
    /// Its ROC AUC on its own test rows; None if the file is no model of this version.
    pub roc_auc: Option<f64>,
    /// Whether it learned from simulated tracks; None if that is unknown.
    pub simulated: Option<bool>,
    /// The run that made it; None if that is unknown.
    pub run_id: Option<String>,
    /// All files in which it is kept.
    #[serde(skip)]
    pub files: Vec<PathBuf>,
}

impl Outputs {
    /// Begins the outputs of a job: the union of the tracks, files in the directory of reports, and a model if it writes one. A job
    /// that was killed while it put its outputs there is finished.
    ///
    /// # Errors
    /// An output is an input, is a directory, or cannot be written; a directory of outputs is a file.
    pub fn open(data: &DataOptions, places: &OutputOptions, model: Option<ModelTarget>) -> Result<Outputs> {
        let default = [PathBuf::from(DATA)];
        let inputs = InputFileSet::of(match data.data.as_slice() {
            [] if !data.simulated => &default,
            named => named,
        });
        let set = OutputSet::open(&directories(places, model.as_ref()))?;
        let outputs = Outputs { set, places: places.clone(), model, model_sha256: None, inputs, simulated: false };
        outputs.check()?;
        Ok(outputs)
    }

    /// Where results are written.
    pub fn places(&self) -> &OutputOptions {
        &self.places
    }

    /// The files of the model.
    ///
    /// # Errors
    /// The job was begun without a model.
    pub(super) fn model(&self) -> Result<ModelPaths> {
        let none = || Error::Failed("the outputs were opened without a model".to_owned());
        self.model.as_ref().map(|model| ModelPaths::of(&model_path(&self.places, model))).ok_or_else(none)
    }

    /// The set that files are added to, and the directory of reports.
    pub(super) fn reports(&mut self) -> (&mut OutputSet, &Path) {
        (&mut self.set, &self.places.reports)
    }

    /// Checks further inputs and outputs of the job.
    pub(super) fn check_more(&mut self, inputs: impl IntoIterator<Item = PathBuf>, outputs: &[PathBuf]) -> Result<()> {
        inputs.into_iter().for_each(|input| self.inputs.add(&input));
        self.inputs.refuse(outputs.iter().map(PathBuf::as_path))?;
        check_files(&[], &[outputs, &self.files()].concat())?;
        self.check()
    }

    /// Begins a file that is written by others and added later.
    pub(super) fn begin(&mut self, target: &Path) -> Result<Staged> {
        self.set.begin(target)
    }

    /// Adds a file that is written.
    pub(super) fn add(&mut self, staged: Staged) {
        self.set.add(staged);
    }

    /// Adds a file with its bytes.
    pub(super) fn stage(&mut self, target: &Path, bytes: &[u8]) -> Result<()> {
        self.set.stage(target, bytes)
    }

    /// Adds the model with its bytes.
    pub(super) fn stage_model(&mut self, target: &Path, bytes: &[u8]) -> Result<()> {
        self.model_sha256 = Some(artifact::sha256(bytes));
        self.stage(target, bytes)
    }

    /// Adds the rejected rows as CSV; without any, those of an earlier job go. Returns the file.
    pub(super) fn rejected_rows(&mut self, csv: Option<&[u8]>) -> Result<Option<PathBuf>> {
        let path = self.places.reports.join(REJECTED);
        match csv {
            Some(csv) => self.set.stage(&path, csv).map(|()| Some(path)),
            None => {
                self.set.remove(path);
                Ok(None)
            }
        }
    }

    /// Says that the tracks are simulated: results go to places of their own, unless they were named. To be called before any
    /// file is added.
    ///
    /// # Errors
    /// A file of real tracks would be replaced.
    pub(super) fn of_simulated_tracks(&mut self) -> Result<()> {
        if self.simulated {
            return Ok(());
        }
        self.simulated = true;
        self.places = self.places.clone().of_simulated_tracks();
        self.set = OutputSet::open(&directories(&self.places, self.model.as_ref()))?;
        self.check()?;
        self.refuse_real()
    }

    /// Puts all outputs at their places, and keeps a model that is replaced. Returns that model.
    ///
    /// # Errors
    /// An output is an input, would replace a file of real tracks by one of simulated tracks, or cannot be written; all former
    /// files are there then.
    pub fn commit(mut self) -> Result<Option<ReplacedModel>> {
        self.inputs.refuse(self.set.targets())?;
        self.set.lock()?;
        if self.simulated {
            self.refuse_real()?;
        }
        let replaced = self.keep_replaced()?;
        self.set.commit()?;
        Ok(replaced)
    }

    /// The files that every job of these outputs writes.
    fn files(&self) -> Vec<PathBuf> {
        let model = self.model.as_ref().map(|model| ModelPaths::of(&model_path(&self.places, model)));
        let model = model.iter().flat_map(|paths| paths.all().map(Path::to_owned));
        [self.places.processed.clone(), self.places.reports.join(REJECTED)].into_iter().chain(model).collect()
    }

    fn check(&self) -> Result<()> {
        let OutputOptions { processed, reports, models } = &self.places;
        for (name, directory) in [("reports", reports), ("models", models)] {
            if directory.exists() && !directory.is_dir() {
                return Err(invalid(name, "expected a directory or a free name", directory.display().to_string()));
            }
        }
        if processed.is_dir() {
            return Err(invalid("processed", "expected a file or a free name", processed.display().to_string()));
        }
        let files = self.files();
        files.iter().try_for_each(|path| refuse_directory(path))?;
        ["report.html", REPORTS[0], REPORTS[1]].iter().try_for_each(|name| refuse_directory(&reports.join(name)))?;
        let model = self.model.as_ref().map(|model| model_path(&self.places, model));
        if let Some(model) = model.filter(|model| is_stream(model)) {
            let rule = "expected a file or a free name, because metrics, known tracks and card are written beside it";
            let fault = Fault::new(Place::file(model.display().to_string()), Reason::Setting, rule);
            return Err(Error::input(fault));
        }
        self.inputs.refuse(files.iter().map(PathBuf::as_path))?;
        check_files(&[], &files)
    }

    /// Checks that the outputs, of simulated tracks, replace none of real tracks.
    fn refuse_real(&self) -> Result<()> {
        let OutputOptions { processed, reports, .. } = &self.places;
        let model = self.model.as_ref().map(|model| model_path(&self.places, model));
        let of_real = [
            model.filter(|path| path.exists() && !is_simulated_model(path)).map(|path| (path, "model")),
            (processed.is_file() && !ingest::holds_simulated_tracks(processed)).then(|| (processed.clone(), "table")),
        ];
        let reports = REPORTS.map(|name| reports.join(name));
        let reports = reports.into_iter().filter(|path| path.is_file() && !is_simulated_report(path));
        let faults: Vec<Fault> =
            of_real.into_iter().flatten().chain(reports.map(|path| (path, "report"))).map(fault_of_real).collect();
        match faults.len() as u64 {
            0 => Ok(()),
            total => Err(Error::inputs(faults, total)),
        }
    }

    /// Adds the model that will be replaced, and what is beside it, under a name of its own.
    fn keep_replaced(&mut self) -> Result<Option<ReplacedModel>> {
        let Some(new) = self.model_sha256.clone() else { return Ok(None) };
        let old = self.model()?;
        let bytes = match fs::read(&old.model) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", &old.model, error)),
        };
        let sha256 = artifact::sha256(&bytes);
        if sha256 == new {
            return Ok(None);
        }
        let stem = old.model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let kept = ModelPaths::of(&old.model.with_file_name(format!("{stem}-{}.model", &sha256[..VERSION_DIGITS])));
        let mut files = Vec::new();
        for (from, to) in old.all().into_iter().zip(kept.all()).filter(|(from, _)| from.is_file()) {
            let bytes = fs::read(from).map_err(|error| Error::io("read", from, error))?;
            self.set.stage(to, &bytes)?;
            files.push(to.to_owned());
        }
        let origin = artifact::from_bytes(&stem, &bytes).ok().map(|artifact| artifact.origin);
        Ok(Some(ReplacedModel {
            roc_auc: origin.as_ref().map(|origin| origin.metrics.scores.roc_auc),
            simulated: origin.as_ref().and_then(|origin| origin.simulated),
            run_id: origin.and_then(|origin| origin.run_id),
            path: old.model,
            kept: kept.model,
            files,
        }))
    }
}

impl OutputOptions {
    /// The default places of simulated tracks instead of those of real ones; places that differ from the default stay.
    fn of_simulated_tracks(self) -> OutputOptions {
        let default = OutputOptions::default();
        let place = |own: PathBuf, default: &Path, simulated: PathBuf| if own == default { simulated } else { own };
        let processed = default.processed.parent().unwrap_or(Path::new("")).join(SIMULATED).join("tracks.parquet");
        OutputOptions {
            processed: place(self.processed, &default.processed, processed),
            reports: place(self.reports, &default.reports, default.reports.join(SIMULATED)),
            models: place(self.models, &default.models, default.models.join(SIMULATED)),
        }
    }
}

fn model_path(places: &OutputOptions, model: &ModelTarget) -> PathBuf {
    match model {
        ModelTarget::InModels(name) => places.models.join(name),
        ModelTarget::File(path) => path.clone(),
    }
}

fn directories<'a>(places: &'a OutputOptions, model: Option<&'a ModelTarget>) -> Vec<&'a Path> {
    let of_model = model.map(|model| match model {
        ModelTarget::InModels(_) => places.models.as_path(),
        ModelTarget::File(path) => path.parent().unwrap_or(Path::new("")),
    });
    // What is a file here is reported as the value of its setting.
    let is_free = |directory: &&Path| !directory.exists() || directory.is_dir();
    let processed = (!is_stream(&places.processed)).then(|| places.processed.parent().unwrap_or(Path::new("")));
    [Some(places.reports.as_path()), processed, of_model].into_iter().flatten().filter(is_free).collect()
}

fn is_simulated_model(path: &Path) -> bool {
    artifact::read(path).is_ok_and(|artifact| artifact.origin.simulated == Some(true))
}

#[derive(Deserialize)]
struct ReportHead {
    provenance: ReportOrigin,
}

#[derive(Deserialize)]
struct ReportOrigin {
    simulated: bool,
}

pub(super) fn is_simulated_report(path: &Path) -> bool {
    let head = fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<ReportHead>(&bytes).ok());
    head.is_some_and(|head| head.provenance.simulated)
}

pub(super) fn fault_of_real((path, what): (PathBuf, &str)) -> Fault {
    let rule = format!(
        "expected no {what} of real tracks here, because the tracks are simulated; choose another place, or move the {what} away"
    );
    Fault::new(Place::file(path.display().to_string()), Reason::Setting, rule)
}
