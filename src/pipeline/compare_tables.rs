//! Compares two tables of tracks, and the scores of one or two models on them.

use std::path::{Path, PathBuf};

use super::command_line::quoted;
use super::compared_inputs::{check_shared, ReadTable, ScoringModel};
use super::comparison_outputs::ComparisonOutputs;
use super::options::{invalid, DataOptions, OutputOptions};
use super::progress::Progress;
use super::report::today;
use super::version;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Feature, Label};
use hitflop_data::explore::comparison::{TableComparison, TableGroups};
use hitflop_data::track_files::TrackFiles;
use hitflop_metrics::two_sample::MIN_SAMPLE;
use hitflop_model::scoring::score_comparison::{PredictedTable, PredictionChange, ScoreComparison};
use hitflop_model::scoring::Prediction;
use hitflop_report::comparison::{
    self, ChangedPredictions, ChangedTrack, ComparisonFindings, ComparisonProvenance, DriftVerdict, TableDescription,
};
use hitflop_report::{Setting, SettingValue};

/// Options of [`compare_tables()`].
#[derive(Clone, Debug, PartialEq)]
pub struct CompareTablesOptions {
    /// The table that is the reference: a file, a glob, a directory, an archive, or `-` for standard input.
    pub reference: PathBuf,
    /// The table that is compared with it; without one, two models are compared on the reference.
    pub current: Option<PathBuf>,
    /// A model to score the tables with.
    pub model: Option<PathBuf>,
    /// A model to compare that one with.
    pub against: Option<PathBuf>,
    /// Encoding, columns, units and label of the tables, and the seed of the resamples.
    pub data: DataOptions,
    /// The comparison is written to `compare` in the directory of reports.
    pub output: OutputOptions,
    /// Features that are left out.
    pub ignored: Vec<Feature>,
    /// Number of resamples behind each interval, 0 to 100,000.
    pub resamples: usize,
    /// Maximum population stability index, above 0: the verdict lists what exceeds it.
    pub threshold: Option<f64>,
}

/// Number of resamples by default.
pub const DEFAULT_RESAMPLES: usize = 1_000;
/// Maximum number of resamples.
const MAX_RESAMPLES: usize = 100_000;

/// Result of [`compare_tables()`].
#[derive(Debug)]
pub struct CompareTablesResult {
    /// What was found.
    pub findings: ComparisonFindings,
    /// The tables as they were read: the reference, then the current one.
    pub tracks: Vec<TrackFiles>,
    /// Files of the comparison.
    pub written: Vec<PathBuf>,
}

/// Compares two tables of tracks, and writes page, charts, tables and `compare.json` as one set to `compare` in the directory of
/// reports. With a model, its scores on both tables are compared; with two models, also their predictions of each table.
///
/// # Errors
/// A table or a model is invalid; the tables have no feature in common, or no rows; an option is outside its range; a threshold is set and
/// no index is defined; an output cannot be written, or would replace one of real tracks by one of simulated ones.
pub fn compare_tables(options: &CompareTablesOptions, progress: &dyn Progress) -> Result<CompareTablesResult> {
    options.check()?;
    let mut outputs = ComparisonOutputs::open(&options.inputs(), &options.output)?;
    let models = progress.stage("read the models", || options.models())?;
    let tables = progress.stage("read the tables", || options.tables(&models))?;
    let findings = findings(options, &tables, &models, progress)?;
    if findings.provenance.simulated {
        outputs.of_simulated_tracks()?;
    }
    let read = tables.iter().flat_map(|table| table.tracks.files.iter().map(|file| PathBuf::from(&file.file)));
    outputs.add_inputs(read);
    let written = progress.stage("write the comparison", || {
        let (set, directory) = outputs.parts();
        let written = comparison::write(&findings, set, directory)?;
        outputs.commit()?;
        Ok::<_, Error>(written)
    })?;
    Ok(CompareTablesResult { findings, tracks: tables.into_iter().map(|table| table.tracks).collect(), written })
}

impl CompareTablesOptions {
    fn check(&self) -> Result<()> {
        match self.threshold {
            Some(threshold) if !(threshold > 0.0 && threshold.is_finite()) => {
                return Err(invalid("fail-on-drift", "expected a number above 0, such as 0.2", threshold.to_string()));
            }
            _ => {}
        }
        if self.resamples > MAX_RESAMPLES {
            let rule = format!("expected a number from 0 to {MAX_RESAMPLES}");
            return Err(invalid("resamples", rule, self.resamples.to_string()));
        }
        if self.current.is_none() && (self.model.is_none() || self.against.is_none()) {
            let rule = "expected a second table, or two models to compare on one table";
            return Err(Error::input(Fault::new(Place::setting("against"), Reason::Setting, rule)));
        }
        if self.against.is_some() && self.model.is_none() {
            let rule = "expected a model to compare with, because there is another one (against)";
            return Err(Error::input(Fault::new(Place::setting("model"), Reason::Setting, rule)));
        }
        let streams = self.inputs().iter().filter(|input| input.as_os_str() == "-").count();
        if streams > 1 {
            let rule = "expected standard input for one table at most";
            return Err(Error::input(Fault::new(Place::file("-"), Reason::Setting, rule)));
        }
        Ok(())
    }

    /// All files that are named.
    fn inputs(&self) -> Vec<PathBuf> {
        let others = [&self.current, &self.model, &self.against].into_iter().flatten();
        std::iter::once(&self.reference).chain(others).cloned().collect()
    }

    /// The features that are compared.
    fn features(&self) -> Vec<Feature> {
        Feature::ALL.into_iter().filter(|feature| !self.ignored.contains(feature)).collect()
    }

    fn settings(&self) -> Vec<Setting> {
        let text = |name: &str, value: &dyn ToString| Setting::new(name, SettingValue::Text(value.to_string()));
        let mut settings = vec![Setting::new("resamples", SettingValue::Count(self.resamples as u64))];
        settings.extend(self.threshold.map(|value| Setting::new("fail-on-drift", SettingValue::Number(value))));
        settings.extend(self.ignored.iter().map(|feature| text("ignore", feature)));
        settings.extend(self.data.label.iter().map(|rule| text("label", rule)));
        settings.extend(self.data.encoding.iter().map(|name| text("encoding", name)));
        settings.extend(self.data.map.iter().map(|column| text("map", column)));
        settings.extend(self.data.unit.iter().map(|unit| text("unit", unit)));
        settings.extend(self.data.no_mapping.then(|| Setting::new("no-mapping", SettingValue::Flag(true))));
        settings
    }

    /// The command line with the same settings.
    fn command(&self, settings: &[Setting]) -> String {
        let path = |path: &Path| quoted(&path.display().to_string());
        let mut words = vec!["hitflop compare".to_owned(), path(&self.reference)];
        words.extend(self.current.iter().map(|current| path(current)));
        words.extend(self.model.iter().map(|model| format!("--model {}", path(model))));
        words.extend(self.against.iter().map(|model| format!("--against {}", path(model))));
        words.extend(settings.iter().map(|setting| match &setting.value {
            SettingValue::Flag(_) => format!("--{}", setting.name),
            value => format!("--{} {}", setting.name, quoted(&value.to_string())),
        }));
        words.push(format!("--seed {}", self.data.seed));
        words.join(" ")
    }
}

fn findings(
    options: &CompareTablesOptions,
    tables: &[ReadTable],
    models: &[ScoringModel],
    progress: &dyn Progress,
) -> Result<ComparisonFindings> {
    let (reference, current) = (&tables[0], tables.get(1).unwrap_or(&tables[0]));
    let both = [reference.compared(), current.compared()];
    let groups = TableGroups::of(both, options.resamples, options.data.seed);
    let comparison = match tables.len() {
        1 => None,
        _ => Some(progress.stage("compare the tables", || {
            check_shared(reference, current, &options.features())?;
            Ok::<_, Error>(TableComparison::of(both, &options.features(), &groups))
        })?),
    };
    let predictions = progress.stage("score", || predict(tables, models))?;
    let (scores, changes) = progress.stage("compare the scores", || {
        let scores = if tables.len() > 1 { scores(options, tables, &predictions, &groups) } else { Vec::new() };
        Ok::<_, Error>((scores, changes(options, tables, &predictions, &groups)))
    })?;
    let named = ["old", "new"].iter().zip(&scores);
    let of_scores = named.map(|(model, scores)| match models.len() {
        1 => ("scores".to_owned(), &scores.distances),
        _ => (format!("scores of the {model} model"), &scores.distances),
    });
    let of_change = changes.iter().zip(["A", "B"]);
    let of_change =
        of_change.map(|(change, table)| (format!("scores in {table}, old to new"), &change.change.distances));
    let distances: Vec<_> = of_scores.chain(of_change).collect();
    let verdict = DriftVerdict::of(comparison.as_ref(), &distances, options.threshold);
    if options.threshold.is_some() && verdict.ranking.is_empty() {
        let rule = format!("expected at least {MIN_SAMPLE} rows in each table, because no drift is defined of fewer");
        return Err(Error::input(Fault::new(Place::setting("fail-on-drift"), Reason::TooFewRows, rule)));
    }
    let settings = options.settings();
    let descriptions: Vec<TableDescription> = tables.iter().map(ReadTable::description).collect();
    let is_simulated = |model: &ScoringModel| model.description.simulated == Some(true);
    Ok(ComparisonFindings {
        provenance: ComparisonProvenance {
            version: version().to_owned(),
            seed: options.data.seed,
            simulated: descriptions.iter().any(|table| table.simulated) || models.iter().any(is_simulated),
            command: options.command(&settings),
            settings,
            date: today(),
        },
        tables: descriptions,
        models: models.iter().map(|model| model.described(tables)).collect(),
        resampled: groups.unit,
        resamples: groups.bootstrap.resamples() as u64,
        correlation_changes: comparison
            .as_ref()
            .map_or(Vec::new(), |comparison| comparison.correlation_changes.clone()),
        comparison,
        scores,
        changes,
        verdict,
    })
}

/// Predictions of each table by each model.
fn predict(tables: &[ReadTable], models: &[ScoringModel]) -> Result<Vec<Vec<Vec<Prediction>>>> {
    let of_model = |table: &ReadTable, model: &ScoringModel| {
        model.scorer.score(table.tracks.matrix(model.scorer.features()).view())
    };
    tables.iter().map(|table| models.iter().map(|model| of_model(table, model)).collect()).collect()
}

fn predicted<'a>(table: &'a ReadTable, predictions: &'a [Prediction], groups: &'a [u32]) -> PredictedTable<'a> {
    PredictedTable { predictions, labels: table.labels.as_deref(), groups }
}

fn scores(
    options: &CompareTablesOptions,
    tables: &[ReadTable],
    predictions: &[Vec<Vec<Prediction>>],
    groups: &TableGroups,
) -> Vec<ScoreComparison> {
    let models = predictions[0].len();
    let of_rows = groups.of_rows();
    let of_model = |model: usize| {
        let both = [0, 1].map(|table: usize| predicted(&tables[table], &predictions[table][model], of_rows[table]));
        ScoreComparison::of(both, &groups.bootstrap, options.data.seed)
    };
    (0..models).map(of_model).collect()
}

/// The change from the old to the new model in each table; nothing of one model.
fn changes(
    options: &CompareTablesOptions,
    tables: &[ReadTable],
    predictions: &[Vec<Vec<Prediction>>],
    groups: &TableGroups,
) -> Vec<ChangedPredictions> {
    let of_table = |((table, predictions), groups): ((&ReadTable, &Vec<Vec<Prediction>>), &[u32])| {
        let [old, new] = &predictions[..] else { return None };
        let models = [old, new].map(|predictions| predicted(table, predictions, groups));
        let change = PredictionChange::of(models, options.resamples, options.data.seed);
        let tracks = change.most_changed.iter().map(|&row| changed_track(table, row, [old[row], new[row]])).collect();
        Some(ChangedPredictions { change, tracks })
    };
    tables.iter().zip(predictions).zip(groups.of_rows()).filter_map(of_table).collect()
}

fn changed_track(table: &ReadTable, row: usize, predictions: [Prediction; 2]) -> ChangedTrack {
    let (file, number) = table.tracks.locate(row);
    let texts = table.tracks.texts(row);
    let label = table.labels.as_ref().and_then(|labels| labels[row]);
    ChangedTrack {
        file: file.file.clone(),
        row: number,
        title: texts.title.map(|title| title.into_owned()),
        artist: texts.artist.map(|artist| artist.into_owned()),
        label: label.map(|hit| if hit { Label::Hit } else { Label::Flop }),
        probabilities: predictions.map(|prediction| prediction.probability),
        predicted: predictions.map(|prediction| prediction.label),
    }
}
