//! The report of tracks of which only sums are known.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::options::{invalid, DataOptions, OutputOptions, SelectionOptions};
use super::outputs::Outputs;
use super::progress::Progress;
use super::read::DATA;
use super::report::{of_sources, publish, recorded};
use super::run::ExploreOptions;
use hitflop_core::digest::hex;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::fingerprint::Fingerprint;
use hitflop_core::track::Feature;
use hitflop_data::explore::correlation::CorrelationMatrix;
use hitflop_data::explore::from_sums::{SummedExploration, LEFT_OUT};
use hitflop_data::explore::selection;
use hitflop_data::track_stream::{self, TrackStream};
use hitflop_data::track_sums::{self, SummedFiles};
use hitflop_data::union_writer::UnionWriter;
use hitflop_report::{Provenance, Report, Setting, SettingValue, SumsNote};
use hitflop_sums::TrackFindings;

/// Options of [`report_findings()`].
#[derive(Clone, Debug, PartialEq)]
pub struct FindingsOptions {
    /// Document of findings.
    pub findings: PathBuf,
    /// Where results are written; only the directory of reports is used.
    pub output: OutputOptions,
    /// How features are selected; draws and permutations are not used.
    pub selection: SelectionOptions,
}

/// Result of [`report_findings()`].
#[derive(Debug)]
pub struct FindingsResult {
    /// The report, without a model.
    pub report: Report,
    /// What was noticed and needs no action.
    pub notices: Vec<String>,
    /// Files of the report.
    pub written: Vec<PathBuf>,
}

/// Writes the report of a document of findings: all of an exploration but what needs rows, which the report names.
///
/// # Errors
/// The document cannot be read or is none of findings; no track was summed; an option is outside its range; a file cannot be written.
pub fn report_findings(options: &FindingsOptions, progress: &dyn Progress) -> Result<FindingsResult> {
    let FindingsOptions { findings: path, output, selection } = options;
    selection.check()?;
    let data = DataOptions { data: vec![path.clone()], ..DataOptions::default() };
    let outputs = Outputs::open(&data, output, None)?;
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| Error::io("read", path, error))?;
    let findings = progress.stage("read the findings", || read(&name, &bytes))?;
    let source = Fingerprint {
        name: path.file_name().map_or(name, |name| name.to_string_lossy().into_owned()),
        decades: findings
            .errors
            .iter()
            .filter(|group| group.label.is_none())
            .filter_map(|group| group.decade)
            .collect(),
        rows: findings.rows(),
        bytes: bytes.len() as u64,
        sha256: hex(&Sha256::digest(&bytes)),
    };
    let label = findings.label_rule.clone();
    let provenance = provenance(&DataOptions { label, ..data }, source, selection);
    publish_findings(provenance, &findings, selection, outputs, progress)
}

/// Tracks from which on [`explore`](super::explore()) and [`ingest`](super::ingest()) need more memory than most machines have (about 0.9 KiB a track).
pub const MANY_ROWS: u64 = 5_000_000;

/// Whether the input files have more than [`MANY_ROWS`] tracks: known of Parquet, and estimated by the bytes of other files. Files that
/// cannot be read, which is reported later, have not.
pub fn has_many_rows(data: &DataOptions) -> bool {
    !data.simulated && track_stream::estimated_rows(&inputs(data)).is_ok_and(|rows| rows > MANY_ROWS)
}

fn inputs(data: &DataOptions) -> Vec<PathBuf> {
    match data.data.as_slice() {
        [] => vec![PathBuf::from(DATA)],
        named => named.to_vec(),
    }
}

/// As [`explore`](super::explore()), of any number of tracks in memory that does not grow with it: the tracks are read once, in batches, and
/// only their sums are kept. What needs rows is left out, and the union of the files is not written. Rows that break a rule are an error.
///
/// # Errors
/// No such file; a file is no table, or lacks a feature or the label; a row breaks a rule; `lenient` is set; a file cannot be written.
pub fn explore_sums(options: &ExploreOptions, progress: &dyn Progress) -> Result<FindingsResult> {
    let ExploreOptions { data, output, selection } = options;
    selection.check()?;
    let (outputs, stream) = open(data, output)?;
    let summed = progress.stage("read and sum the tracks", || track_sums::sum(&stream))?;
    let findings = TrackFindings::of(&summed.sums);
    let provenance = of_sources("explore", data, summed.sources, recorded(data, selection, None)?);
    let notices = summed.notices;
    let result = publish_findings(provenance, &findings, selection, outputs, progress)?;
    Ok(FindingsResult { notices, ..result })
}

/// Result of [`ingest_sums()`].
#[derive(Debug)]
pub struct SummedIngest {
    /// Seed of the job.
    pub seed: u64,
    /// Whether the tracks are a simulated sample.
    pub simulated: bool,
    /// Files that were read.
    pub sources: Vec<Fingerprint>,
    /// What was noticed and needs no action.
    pub notices: Vec<String>,
    /// Counts, means and quality, by sums.
    pub found: SummedExploration,
    /// The union.
    pub written: Vec<PathBuf>,
}

/// As [`ingest`](super::ingest()), of any number of tracks in memory that does not grow with it: the tracks are read once, in batches, and
/// written in the order of reading. Rows that break a rule are an error.
///
/// # Errors
/// As [`explore_sums()`].
pub fn ingest_sums(data: &DataOptions, output: &OutputOptions, progress: &dyn Progress) -> Result<SummedIngest> {
    let (mut outputs, stream) = open(data, output)?;
    let mut union = outputs.begin(&outputs.places().processed.clone())?;
    let mut writer = UnionWriter::create(union.path())?;
    let summed = progress
        .stage("read, check and write the tracks", || track_sums::sum_and_pass(&stream, |chunk| writer.add(chunk)))?;
    let simulated = writer.finish()?;
    if simulated {
        outputs.of_simulated_tracks()?;
        union = union.redirect(&outputs.places().processed)?;
    }
    let written = vec![outputs.places().processed.clone()];
    outputs.rejected_rows(None)?;
    outputs.add(union);
    let findings = TrackFindings::of(&summed.sums);
    let found = progress.stage("summarise", || Ok::<_, Error>(SummedExploration::of(&findings)))?;
    progress.stage("put the outputs in place", || outputs.commit())?;
    let SummedFiles { sources, notices, .. } = summed;
    Ok(SummedIngest { seed: data.seed, simulated, sources, notices, found, written })
}

/// The outputs, and the input files as a stream, of which none is an output.
fn open(data: &DataOptions, output: &OutputOptions) -> Result<(Outputs, TrackStream<'static>)> {
    if data.lenient {
        let rule = format!("expected no rows to be set aside, of more than {MANY_ROWS} tracks");
        return Err(invalid("lenient", rule, "true"));
    }
    let mut outputs = Outputs::open(data, output, None)?;
    let reading = data.reading(data.label.is_some())?;
    let stream = TrackStream::open(&inputs(data), &Feature::ALL, &reading)?;
    outputs.check_more(stream.files().map(|(file, _)| PathBuf::from(file)), &[])?;
    Ok((outputs, stream))
}

fn publish_findings(
    provenance: Provenance,
    findings: &TrackFindings,
    selection: &SelectionOptions,
    mut outputs: Outputs,
    progress: &dyn Progress,
) -> Result<FindingsResult> {
    let report = progress.stage("explore the sums", || Ok::<_, Error>(report_of(provenance, findings, selection)))?;
    let written = publish(&report, &mut outputs, progress)?;
    progress.stage("put the outputs in place", || outputs.commit())?;
    Ok(FindingsResult { report, notices: Vec::new(), written })
}

fn read(name: &str, bytes: &[u8]) -> Result<TrackFindings> {
    let fault = |rule: &str| Error::input(Fault::new(Place::file(name), Reason::Setting, rule));
    let text = std::str::from_utf8(bytes).map_err(|_| fault("expected a document of findings in UTF-8"))?;
    let findings = TrackFindings::from_json(name, text)?;
    match findings.rows() {
        0 => Err(fault("expected the findings of at least one track")),
        _ => Ok(findings),
    }
}

fn provenance(data: &DataOptions, source: Fingerprint, selection: &SelectionOptions) -> Provenance {
    let settings = vec![
        Setting::new("max-correlation", SettingValue::Number(selection.max_correlation)),
        Setting::new("min-mutual-information", SettingValue::Number(selection.min_mutual_information)),
    ];
    of_sources("report", data, vec![source], settings)
}

/// The report of findings: the only place where sums become what charts, tables and text read.
fn report_of(provenance: Provenance, findings: &TrackFindings, options: &SelectionOptions) -> Report {
    let found = SummedExploration::of(findings);
    let selection = selection::select(&found.pearson, &found.mutual_information, &options.thresholds());
    Report {
        provenance,
        quality: found.quality,
        out_of_range: found.out_of_range,
        missing: found.missing,
        summary: found.summary,
        pearson: found.pearson,
        spearman: CorrelationMatrix { names: Vec::new(), values: Vec::new() },
        mutual_information: found.mutual_information,
        densities: found.densities,
        overview: found.overview,
        selection,
        sums: Some(SumsNote { left_out: &LEFT_OUT, is_exact: findings.is_exact }),
        evaluation: None,
        comparison: None,
        explanations: None,
        probabilities: None,
        missing_features: Vec::new(),
        robustness: None,
        predictions: None,
    }
}
