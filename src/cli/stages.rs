//! The stages that sub-commands share, each shown as progress under its name.

use std::path::{Path, PathBuf};

use anyhow::Result;
use polars::prelude::ParquetWriter;
use tempfile::TempDir;

use super::progress::Progress;
use super::settings::Settings;
use hitflop_core::dataset::Dataset;
use hitflop_core::disk::{self, Staged};
use hitflop_core::error::{Error, Fault, Place, Reason};
use hitflop_core::seed::Seed;
use hitflop_core::track::{Feature, Label};
use hitflop_data::explore::columns::Columns;
use hitflop_data::explore::selection::{FeatureSelection, Thresholds};
use hitflop_data::explore::{correlation, density, mutual_information, selection, summary};
use hitflop_data::explore::{correlation::CorrelationMatrix, mutual_information::MutualInformation};
use hitflop_data::ingest::source::{self, Sources};
use hitflop_data::ingest::tracks::TrackTable;
use hitflop_data::ingest::{self, Ingested};
use hitflop_data::matrix;
use hitflop_data::simulate::{self, SampleProfile};
use hitflop_metrics::split::TrainTestSplit;
use hitflop_model::evaluation::Evaluation;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::leaderboard::Leaderboard;
use hitflop_report::{charts, write, Findings, Provenance, Report};

/// Where decade files are looked for if none are named.
const DATA: &str = "data";

/// Decade files.
struct Opened {
    sources: Sources,
    /// Whether nothing was found, so that they were simulated on the spot.
    drawn: bool,
    /// The simulated files lie here.
    _sample: Option<TempDir>,
}

/// Finds the decade files, checks them and unions them. Tells also whether nothing was found, so that they were simulated.
pub fn read(settings: &Settings, progress: &mut Progress) -> Result<(Ingested, bool)> {
    check_outputs(settings)?;
    let opened = open(settings, progress)?;
    let ingested = ingest(settings, progress, &opened.sources)?;
    Ok((ingested, opened.drawn))
}

/// Finds the decade files that the settings name. If they name none and there are none under `data`, simulates them.
fn open(settings: &Settings, progress: &mut Progress) -> Result<Opened> {
    if !settings.data.is_empty() {
        let sources = progress.stage("find decade files", || source::resolve(&settings.data))?;
        return Ok(Opened { sources, drawn: false, _sample: None });
    }
    match progress.stage("find decade files", found_by_default)? {
        Some(sources) => Ok(Opened { sources, drawn: false, _sample: None }),
        None => progress.stage("simulate a sample", || simulate(settings.seed)),
    }
}

fn found_by_default() -> Result<Option<Sources>> {
    match source::resolve(&[PathBuf::from(DATA)]) {
        Ok(sources) => Ok(Some(sources)),
        Err(error) if source::is_nothing_found(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn simulate(seed: u64) -> Result<Opened> {
    let directory = source::temporary_directory()?;
    let files = simulate::draw(&SampleProfile::committed()?, seed).write(directory.path(), false)?;
    let sources = source::resolve(&files)?;
    Ok(Opened { sources, drawn: true, _sample: Some(directory) })
}

/// Checks that what is to be written can be, before anything is read: directories are no files, the file is no directory.
fn check_outputs(settings: &Settings) -> Result<()> {
    let in_the_way = |flag: &str, path: &Path, rule: &str| {
        let fault = Fault::new(Place::setting(flag), Reason::Setting, rule);
        Error::input(fault.found(path.display().to_string()))
    };
    for (flag, directory) in [("reports", &settings.reports), ("models", &settings.models)] {
        if directory.exists() && !directory.is_dir() {
            return Err(in_the_way(flag, directory, "expected a directory or a free name").into());
        }
    }
    if settings.processed.is_dir() {
        return Err(in_the_way("processed", &settings.processed, "expected a file or a free name").into());
    }
    refuse_to_overwrite(&settings.data, &settings.processed)
}

/// Refuses to write over what is read.
pub fn refuse_to_overwrite(inputs: &[PathBuf], target: &Path) -> Result<()> {
    let Ok(real_target) = target.canonicalize() else { return Ok(()) };
    let is_target = |path: &Path| path.canonicalize().is_ok_and(|path| path == real_target);
    let in_directory = |input: &PathBuf| {
        input.is_dir()
            && target.extension().is_some_and(|kind| kind == "csv" || kind == "zip")
            && real_target.parent().is_some_and(|parent| input.canonicalize().is_ok_and(|input| input == parent))
    };
    if inputs.iter().any(|input| is_target(input) || in_directory(input)) {
        let place = Place::file(target.display().to_string());
        return Err(Error::input(Fault::new(place, Reason::Setting, "is read, and would be overwritten")).into());
    }
    Ok(())
}

/// Unions the decade files; rows set aside go to `rejected_rows.csv` beside the report.
fn ingest(settings: &Settings, progress: &mut Progress, sources: &Sources) -> Result<Ingested> {
    progress.stage("read and check the tracks", || {
        let ingested = ingest::ingest(sources, &settings.processed, settings.lenient)?;
        write_rejected(settings, &ingested)?;
        Ok(ingested)
    })
}

/// The file of rejected rows.
pub fn rejected_path(settings: &Settings) -> PathBuf {
    settings.reports.join("rejected_rows.csv")
}

/// Writes the rejected rows, or removes those of an earlier run.
fn write_rejected(settings: &Settings, ingested: &Ingested) -> Result<()> {
    let path = rejected_path(settings);
    if ingested.rejected.is_empty() {
        return match std::fs::remove_file(&path) {
            Err(error) if path.exists() => Err(Error::io("remove", &path, error).into()),
            _ => Ok(()),
        };
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["file", "row", "column", "reason", "rule", "value", "record"])?;
    for row in &ingested.rejected {
        let place = &row.fault.place;
        let (number, column) = place.cell();
        writer.write_record([
            place.whole().as_str(),
            &number.map(|row| row.to_string()).unwrap_or_default(),
            column.unwrap_or(""),
            row.fault.reason.describe(),
            &row.fault.rule,
            row.fault.value.as_deref().unwrap_or(""),
            &row.record,
        ])?;
    }
    Ok(disk::write_whole(&path, &writer.into_inner()?)?)
}

/// Rows set aside by reason, in words.
pub fn rejected_in_words(ingested: &Ingested) -> Vec<(String, u64)> {
    ingested
        .rejected_by_reason()
        .into_iter()
        .map(|(reason, rows)| (Reason::describe(reason).to_owned(), rows))
        .collect()
}

/// What the selection of features rests on.
pub struct Relations {
    pub columns: Columns,
    pub pearson: CorrelationMatrix,
    pub spearman: CorrelationMatrix,
    pub mutual_information: MutualInformation,
    pub selection: FeatureSelection,
}

/// Correlations, mutual information and the selection of features.
pub fn relate(settings: &Settings, progress: &mut Progress, tracks: &TrackTable) -> Result<Relations> {
    let numbers = progress.stage("load the numbers", || tracks.numbers())?;
    let columns = Columns::from_frame(&numbers)?;
    let (pearson, spearman) = progress.stage("correlate", || correlation::correlate(&numbers))?;
    let estimator = mutual_information::MutualInformationSettings {
        draws: settings.draws,
        permutations: settings.permutations,
        seed: Seed(settings.seed),
        ..Default::default()
    };
    let information = progress.stage("estimate mutual information", || -> Result<_> {
        Ok(mutual_information::mutual_information(&columns, &estimator))
    })?;
    let thresholds = Thresholds {
        max_correlation: settings.max_correlation,
        min_mutual_information: settings.min_mutual_information,
    };
    let selection = selection::select(&pearson, &information, &thresholds);
    Ok(Relations { columns, pearson, spearman, mutual_information: information, selection })
}

/// The features of a set. Only the set of those that are selected depends on what the tracks say of them.
pub fn features(
    set: FeatureSet,
    settings: &Settings,
    progress: &mut Progress,
    ingested: &Ingested,
) -> Result<Vec<Feature>> {
    let kept = match set {
        FeatureSet::Selected => relate(settings, progress, &ingested.tracks)?.selection.kept,
        FeatureSet::Notebook | FeatureSet::All => Vec::new(),
    };
    Ok(set.features(&kept))
}

/// Writes the rows with their features, target and a column `split` (`train` or `test`) as Parquet.
pub fn write_split(dataset: &Dataset, split: &TrainTestSplit, path: &Path) -> Result<()> {
    let mut table = matrix::with_split(dataset, &split.test)?;
    let staged = Staged::beside(path)?;
    let file = std::fs::File::create(staged.path()).map_err(|source| Error::io("write", path, source))?;
    ParquetWriter::new(file).finish(&mut table)?;
    Ok(staged.publish()?)
}

/// Everything that a report says.
pub fn compose(
    settings: &Settings,
    progress: &mut Progress,
    command: &str,
    ingested: &Ingested,
    relations: Relations,
    evaluation: Option<Evaluation>,
    comparison: Option<Leaderboard>,
) -> Result<Report> {
    let summary = progress.stage("summarise", || summary::summarise(&ingested.tracks))?;
    let densities =
        progress.stage("estimate densities", || -> Result<_> { Ok(density::densities(&relations.columns)) })?;
    Ok(Report {
        provenance: provenance(settings, command, ingested),
        quality: ingested.quality,
        out_of_range: ingested.out_of_range.clone(),
        summary,
        pearson: relations.pearson,
        spearman: relations.spearman,
        mutual_information: relations.mutual_information,
        densities,
        selection: relations.selection,
        evaluation,
        comparison,
        explanations: None,
        probabilities: None,
        assessment: None,
    })
}

/// Where results come from.
pub fn provenance(settings: &Settings, command: &str, ingested: &Ingested) -> Provenance {
    Provenance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: command.to_owned(),
        seed: settings.seed,
        simulated: ingested.simulated,
        data: settings.data.iter().map(|input| input.display().to_string()).collect(),
        sources: ingested.sources.clone(),
        rejected: rejected_in_words(ingested),
        settings: settings.for_report(command),
    }
}

/// Draws the charts and writes the report.
pub fn publish(settings: &Settings, progress: &mut Progress, report: &Report) -> Result<Vec<PathBuf>> {
    let (findings, charts) = progress.stage("draw the charts", || -> Result<_> {
        let findings = Findings::of(report);
        let charts = charts::all(&findings)?;
        Ok((findings, charts))
    })?;
    Ok(progress.stage("write the report", || write::write(&findings, &charts, &settings.reports))?)
}

/// Hits among the tracks.
pub fn hits(report: &Report) -> u64 {
    report.summary.by_label.iter().filter(|group| group.label == Some(Label::Hit)).map(|group| group.rows).sum()
}
