//! The report: everything found about the tracks and the final model, as charts, tables, HTML and JSON.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::analyse::Analysis;
use super::fit::FinalModel;
use super::options::{DataOptions, LearnOptions, SelectionOptions};
use super::progress::Progress;
use super::read::TrackSet;
use super::version;
use hitflop_core::error::{Error, Reason, Result};
use hitflop_data::ingest::Ingested;
use hitflop_model::explain::global::Explanations;
use hitflop_model::selection::leaderboard::Leaderboard;
use hitflop_model::validation::robustness::Robustness;
use hitflop_report::{charts, write, Findings, Provenance, Report};

/// What is known of a final model beside itself.
#[derive(Clone, Debug)]
pub struct ModelFindings {
    /// The models that it was chosen from.
    pub leaderboard: Leaderboard,
    /// Scores of its parameters by several validation schemes.
    pub robustness: Robustness,
    /// Explanations of its predictions; absent where the test rows do not allow them.
    pub explanations: Option<Explanations>,
}

/// Puts a report together; without a model it has the analysis only.
pub fn report(
    provenance: Provenance,
    tracks: &TrackSet,
    analysis: Analysis,
    model: Option<(&FinalModel, ModelFindings)>,
) -> Report {
    let (model, findings) = model.unzip();
    let (comparison, robustness, explanations) = match findings {
        Some(ModelFindings { leaderboard, robustness, explanations }) => {
            (Some(leaderboard), Some(robustness), explanations)
        }
        None => (None, None, None),
    };
    Report {
        provenance,
        quality: tracks.ingested.quality,
        out_of_range: tracks.ingested.out_of_range.clone(),
        summary: analysis.summary,
        pearson: analysis.pearson,
        spearman: analysis.spearman,
        mutual_information: analysis.mutual_information,
        densities: analysis.densities,
        selection: analysis.selection,
        evaluation: model.map(|model| model.evaluation.clone()),
        comparison,
        explanations,
        probabilities: model.map(|model| model.probabilities.clone()),
        robustness,
    }
}

/// Renders all charts and writes the report into a directory. Returns the files written.
///
/// # Errors
/// A chart cannot be rendered, or a file cannot be written.
pub fn publish(report: &Report, directory: &Path, progress: &dyn Progress) -> Result<Vec<PathBuf>> {
    let (findings, charts) = progress.stage("render the charts", || {
        let findings = Findings::of(report);
        let charts = charts::all(&findings)?;
        Ok::<_, Error>((findings, charts))
    })?;
    progress.stage("write the report", || write::write(&findings, &charts, directory))
}

/// Where results come from: version, sub-command, seed, files, and names and values of the settings.
pub fn provenance(command: &str, tracks: &TrackSet, settings: Vec<(String, String)>) -> Provenance {
    Provenance {
        version: version().to_owned(),
        command: command.to_owned(),
        seed: tracks.data.seed,
        simulated: tracks.ingested.simulated,
        data: tracks.data.data.iter().map(|input| input.display().to_string()).collect(),
        sources: tracks.ingested.sources.clone(),
        rejected: rejected(&tracks.ingested),
        settings,
    }
}

/// Rows set aside, by reason.
pub(super) fn rejected(ingested: &Ingested) -> Vec<(String, u64)> {
    let words = |(reason, rows): (Reason, u64)| (reason.describe().to_owned(), rows);
    ingested.rejected_by_reason().into_iter().map(words).collect()
}

/// Names and values of the settings that a result depends on.
pub(super) fn recorded(
    data: &DataOptions,
    selection: &SelectionOptions,
    learn: Option<&LearnOptions>,
) -> Result<Vec<(String, String)>> {
    let mut settings = entries(selection)?;
    settings.push(("lenient".to_owned(), data.lenient.to_string()));
    if let Some(learn) = learn {
        let split_seed = Some(learn.hold_out(data.seed).seed);
        settings.extend(entries(&LearnOptions { split_seed, ..learn.clone() })?);
    }
    Ok(settings)
}

/// The members of a structure of scalars, as in the configuration file.
fn entries(options: &impl Serialize) -> Result<Vec<(String, String)>> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        // A whole number has no fraction here.
        Value::Number(number) if number.is_f64() => {
            number.as_f64().map(|number| number.to_string()).unwrap_or_default()
        }
        other => other.to_string(),
    };
    match serde_json::to_value(options) {
        Ok(Value::Object(members)) => Ok(members.into_iter().map(|(name, value)| (name, text(value))).collect()),
        Ok(other) => Err(Error::Failed(format!("expected options with names, found {other}"))),
        Err(error) => Err(Error::Failed(format!("the options cannot be recorded: {error}"))),
    }
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
        assert_eq!(settings, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let explored = recorded(&data, &SelectionOptions::default(), None).expect("scalars");
        assert_eq!(explored, settings[..5]);
    }
}
