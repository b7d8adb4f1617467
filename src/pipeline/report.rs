//! The report: everything found about the tracks and the final model, as charts, tables, HTML and JSON.

use std::env;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use super::analyse::Analysis;
use super::command_line::command_lines;
use super::fit::FinalModel;
use super::options::{DataOptions, LearnOptions, SelectionOptions};
use super::outputs::Outputs;
use super::progress::Progress;
use super::read::TrackSet;
use super::version;
use hitflop_core::digest::hex;
use hitflop_core::disk::utc;
use hitflop_core::error::{Error, Reason, Result};
use hitflop_core::fingerprint::Fingerprint;
use hitflop_data::ingest::Ingested;
use hitflop_model::explain::global::Explanations;
use hitflop_model::predictions::TrackPredictions;
use hitflop_model::selection::leaderboard::Leaderboard;
use hitflop_model::validation::robustness::Robustness;
use hitflop_report::{charts, write, CommandLines, Findings, Provenance, Report, Setting, SettingValue};

/// What is known of a final model beside itself.
#[derive(Clone, Debug)]
pub struct ModelFindings {
    /// The models that it was chosen from.
    pub leaderboard: Leaderboard,
    /// Scores of its parameters by several validation schemes.
    pub robustness: Robustness,
    /// Explanations of its predictions; absent where the test rows do not allow them.
    pub explanations: Option<Explanations>,
    /// The prediction of each track; absent where the model was not cross-validated.
    pub predictions: Option<TrackPredictions>,
}

/// Puts a report together; without a model it has the analysis only.
pub fn report(
    provenance: Provenance,
    tracks: &TrackSet,
    analysis: Analysis,
    model: Option<(&FinalModel, ModelFindings)>,
) -> Report {
    let (model, findings) = model.unzip();
    let (comparison, robustness, explanations, predictions) = match findings {
        Some(ModelFindings { leaderboard, robustness, explanations, predictions }) => {
            (Some(leaderboard), Some(robustness), explanations, predictions)
        }
        None => (None, None, None, None),
    };
    Report {
        provenance,
        quality: tracks.ingested.quality,
        out_of_range: tracks.ingested.out_of_range.clone(),
        missing: tracks.ingested.missing.clone(),
        summary: analysis.summary,
        pearson: analysis.pearson,
        spearman: analysis.spearman,
        mutual_information: analysis.mutual_information,
        densities: analysis.densities,
        overview: analysis.overview,
        selection: analysis.selection,
        sums: None,
        evaluation: model.map(|model| model.evaluation.clone()),
        comparison,
        explanations,
        probabilities: model.map(|model| model.probabilities.clone()),
        missing_features: model.map_or(Vec::new(), |model| {
            model.artifact.model.fallbacks.iter().flat_map(|fallback| fallback.patterns.clone()).collect()
        }),
        robustness,
        predictions,
    }
}

/// Renders all charts and adds the files of the report to the outputs. Returns their paths.
///
/// # Errors
/// A chart cannot be rendered, or a file cannot be written.
pub fn publish(report: &Report, outputs: &mut Outputs, progress: &dyn Progress) -> Result<Vec<PathBuf>> {
    let (findings, charts) = progress.stage("render the charts", || {
        let findings = Findings::of(report);
        let charts = charts::all(&findings)?;
        Ok::<_, Error>((findings, charts))
    })?;
    let (set, directory) = outputs.reports();
    progress.stage("write the report", || write::write(&findings, &charts, set, directory))
}

/// Where results come from: version, sub-command, seed, files, settings, and the command lines made of them.
pub fn provenance(command: &str, tracks: &TrackSet, settings: Vec<Setting>) -> Provenance {
    let provenance = of_sources(command, &tracks.data, tracks.ingested.sources.clone(), settings);
    with_command_lines(Provenance {
        simulated: tracks.ingested.simulated,
        seconds: Some(tracks.started.elapsed().as_secs_f64()),
        rejected: rejected(&tracks.ingested),
        not_read: tracks.ingested.passed_over.clone(),
        ..provenance
    })
}

/// Where results of these files come from.
pub(super) fn of_sources(
    command: &str,
    data: &DataOptions,
    sources: Vec<Fingerprint>,
    settings: Vec<Setting>,
) -> Provenance {
    with_command_lines(Provenance {
        version: version().to_owned(),
        run_id: run_id(command, data.seed, &sources, &settings),
        command: command.to_owned(),
        seed: data.seed,
        simulated: false,
        data: data.data.iter().map(|input| shown(input)).collect(),
        sources,
        rejected: Vec::new(),
        not_read: Vec::new(),
        settings,
        label: data.label.clone(),
        date: today(),
        threads: rayon::current_num_threads(),
        computer: computer(),
        seconds: None,
        command_lines: CommandLines::default(),
    })
}

fn with_command_lines(provenance: Provenance) -> Provenance {
    Provenance { command_lines: command_lines(&provenance), ..provenance }
}

/// An input as the user named it. An absolute path is of one machine, so only its last part is shown.
fn shown(input: &Path) -> String {
    let name = input.file_name().filter(|_| input.is_absolute()).map(Path::new);
    name.unwrap_or(input).display().to_string()
}

/// Processor, memory and system of this computer, as far as the system states them.
fn computer() -> String {
    let what =
        RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing()).with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(what);
    let processor = system.cpus().first().map(|cpu| cpu.brand().trim().to_owned()).unwrap_or_default();
    let memory = format!("{:.0} GiB", system.total_memory() as f64 / 1_073_741_824.0);
    let name = System::long_os_version().unwrap_or_default();
    [processor, memory, name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The day in UTC. `SOURCE_DATE_EPOCH`, the seconds since 1970 by which reproducible builds fix the time, takes precedence.
pub(super) fn today() -> String {
    let fixed = env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
    let mut date = utc(fixed.and_then(|since| UNIX_EPOCH.checked_add(since)).unwrap_or_else(SystemTime::now));
    date.truncate("2026-01-31".len());
    date
}

/// Digits of a run id.
const RUN_ID_DIGITS: usize = 16;

/// Identifies a run by what its results depend on: version, sub-command, seed, settings, and the bytes of the files in their order. Equal
/// runs have equal ids, so that they give equal files.
fn run_id(command: &str, seed: u64, sources: &[Fingerprint], settings: &[Setting]) -> String {
    let mut hasher = Sha256::new();
    // A zero byte ends each part, since none has one.
    let mut part = |text: &str| {
        hasher.update(text);
        hasher.update([0]);
    };
    [version(), command, &seed.to_string()].into_iter().for_each(&mut part);
    settings.iter().for_each(|setting| {
        part(&setting.name);
        part(&setting.value.to_string());
    });
    sources.iter().for_each(|source| part(&source.sha256));
    let mut id = hex(&hasher.finalize());
    id.truncate(RUN_ID_DIGITS);
    id
}

/// Rows set aside, by reason.
pub(super) fn rejected(ingested: &Ingested) -> Vec<(String, u64)> {
    let words = |(reason, rows): (Reason, u64)| (reason.describe().to_owned(), rows);
    ingested.rejected_by_reason().into_iter().map(words).collect()
}

/// The settings that a result depends on.
pub(super) fn recorded(
    data: &DataOptions,
    selection: &SelectionOptions,
    learn: Option<&LearnOptions>,
) -> Result<Vec<Setting>> {
    let mut settings = entries(selection)?;
    settings.push(Setting::new("lenient", SettingValue::Flag(data.lenient)));
    let text = |name: &str, text: &String| Setting::new(name, SettingValue::Text(text.clone()));
    settings.extend(data.label.iter().map(|rule| text("label", rule)));
    settings.extend(data.encoding.iter().map(|name| text("encoding", name)));
    settings.extend(data.map.iter().map(|column| text("map", column)));
    settings.extend(data.unit.iter().map(|unit| text("unit", unit)));
    settings.extend(data.no_mapping.then(|| Setting::new("no-mapping", SettingValue::Flag(true))));
    // The files of a sample that no one requested are found to be simulated by their titles.
    settings.extend(data.simulated.then(|| Setting::new("simulated", SettingValue::Flag(true))));
    if let Some(learn) = learn {
        let split_seed = Some(learn.hold_out(data.seed).seed);
        settings.extend(entries(&LearnOptions { split_seed, ..learn.clone() })?);
    }
    Ok(settings)
}

/// The members of a structure of scalars, named as in the configuration file.
fn entries(options: &impl Serialize) -> Result<Vec<Setting>> {
    let members = match serde_json::to_value(options) {
        Ok(Value::Object(members)) => members,
        Ok(other) => return Err(Error::Failed(format!("expected options with names, found {other}"))),
        Err(error) => return Err(Error::Failed(format!("the options cannot be recorded: {error}"))),
    };
    let setting = |(name, value): (String, Value)| match value {
        Value::Bool(flag) => Ok(Setting::new(name, SettingValue::Flag(flag))),
        Value::String(text) => Ok(Setting::new(name, SettingValue::Text(text))),
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(count), _) => Ok(Setting::new(name, SettingValue::Count(count))),
            (None, Some(number)) => Ok(Setting::new(name, SettingValue::Number(number))),
            (None, None) => Err(Error::Failed(format!("the option {name} cannot be recorded: {number}"))),
        },
        other => Err(Error::Failed(format!("the option {name} cannot be recorded: {other}"))),
    };
    members.into_iter().map(setting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_recorded_under_the_names_of_the_configuration_file() {
        let learn = LearnOptions { created: Some("2026-01-31T12:00:00Z".to_owned()), ..LearnOptions::default() };
        let data = DataOptions { seed: 7, ..DataOptions::default() };
        let settings = recorded(&data, &SelectionOptions::default(), Some(&learn)).expect("scalars");
        let expected = [
            ("max-correlation", "0.8"),
            ("min-mutual-information", "0"),
            ("draws", "10"),
            ("permutations", "30"),
            ("lenient", "false"),
            ("split", "random"),
            ("split-seed", "7"),
            ("duplicates", "resolve"),
            ("calibration", "auto"),
            ("threshold", "accuracy"),
            ("created", "2026-01-31T12:00:00Z"),
        ];
        let texts = settings.iter().map(|setting| (setting.name.clone(), setting.value.to_string()));
        assert!(texts.eq(expected.map(|(name, value)| (name.to_owned(), value.to_owned()))), "{settings:?}");
        assert_eq!(settings[0].value, SettingValue::Number(0.8));
        assert_eq!((&settings[2].value, &settings[4].value), (&SettingValue::Count(10), &SettingValue::Flag(false)));
        let explored = recorded(&data, &SelectionOptions::default(), None).expect("scalars");
        assert_eq!(explored, settings[..5]);
    }
}
