//! The closing summary of a command: what was read, what was found, what was written and where.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{json, Map, Value};

use super::progress::Progress;
use super::settings::Settings;
use super::stages;
use hitflop_core::track::{FeatureRange, Label, ARTIST};
use hitflop_data::explore::selection::{Dropped, FeatureSelection};
use hitflop_data::explore::summary::Summary;
use hitflop_data::ingest::quality::OutOfRange;
use hitflop_data::ingest::Ingested;
use hitflop_metrics::calibration::MethodScore;
use hitflop_metrics::moments::mean;
use hitflop_model::artifact::Artifact;
use hitflop_model::dataset::duplicates::Duplicates;
use hitflop_model::evaluation::Evaluation;
use hitflop_model::probabilities::ProbabilityQuality;
use hitflop_model::selection::leaderboard::Leaderboard;
use hitflop_model::selection::search::grid::GridSearch;
use hitflop_model::selection::train::Timing;
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::ValidationScheme;
use hitflop_report::format::{count, plural};
use hitflop_report::{leakage_warning, Report};

/// Told once, for people and for programs.
pub struct Story {
    people: String,
    programs: Map<String, Value>,
    files: Vec<PathBuf>,
}

impl Story {
    /// Begins with what was read.
    pub fn new(command: &str, settings: &Settings, drawn: bool, ingested: &Ingested) -> Story {
        let mut story = Story { people: String::new(), programs: Map::new(), files: vec![settings.processed.clone()] };
        story.tell("command", json!(command));
        story.tell("version", json!(env!("CARGO_PKG_VERSION")));
        story.tell("seed", json!(settings.seed));
        story.read(drawn, ingested);
        story.set_aside(settings, ingested);
        story
    }

    fn tell(&mut self, name: &str, value: Value) {
        self.programs.insert(name.to_owned(), value);
    }

    fn line(&mut self, topic: &str, text: &str) {
        // Writing to a String can't fail.
        let _ = writeln!(self.people, "{topic:<11}{text}");
    }

    fn read(&mut self, drawn: bool, ingested: &Ingested) {
        let files = plural(ingested.sources.len() as u64, "file", "files");
        if ingested.simulated {
            let why = if drawn { "no decade files were found under data/, so " } else { "" };
            self.line("SIMULATED", &format!("{why}these tracks are drawn from a profile;"));
            self.line("", "the README says how to get the real ones");
        }
        self.line("Tracks", &format!("{} from {files}", count(ingested.rows)));
        for notice in &ingested.notices {
            self.line("Note", notice);
        }
        for odd in &ingested.out_of_range {
            self.line("Warning", &out_of_range_in_words(odd));
        }
        self.tell("simulated", json!(ingested.simulated));
        self.tell("rows", json!(ingested.rows));
        self.tell("sources", json!(ingested.sources));
        self.tell("notices", json!(ingested.notices));
        self.tell("out_of_range", json!(ingested.out_of_range));
        self.tell("quality", json!(ingested.quality));
        self.repeats(ingested);
    }

    fn repeats(&mut self, ingested: &Ingested) {
        let quality = &ingested.quality;
        self.line(
            "Quality",
            &format!(
                "{} by {}; {:.1} % of the artists have one label only",
                plural(quality.unique_uris, "distinct URI", "distinct URIs"),
                plural(quality.artists, "artist", "artists"),
                100.0 * quality.share_of_artists_with_one_label
            ),
        );
    }

    fn set_aside(&mut self, settings: &Settings, ingested: &Ingested) {
        let reasons = stages::rejected_in_words(ingested);
        self.tell("rejected", reasons.iter().map(|(reason, rows)| (reason.clone(), json!(rows))).collect());
        if reasons.is_empty() {
            return;
        }
        let list: Vec<String> = reasons.iter().map(|(reason, rows)| format!("{reason} {}", count(*rows))).collect();
        let rows = plural(ingested.rejected.len() as u64, "row", "rows");
        self.line("Set aside", &format!("{rows}: {}", list.join(", ")));
        self.files.push(stages::rejected_path(settings));
    }

    /// Counts by decade and label.
    pub fn summarised(&mut self, summary: &Summary) {
        for decade in &summary.by_decade {
            let hits = summary
                .by_decade_and_label
                .iter()
                .find(|group| group.decade == decade.decade && group.label == Some(Label::Hit))
                .map_or(0, |group| group.rows);
            let name = decade.decade.map(|decade| decade.to_string()).unwrap_or_default();
            let flops = decade.rows - hits;
            self.line("", &format!("{name}  {:>9} hits  {:>9} flops", count(hits), count(flops)));
        }
        self.tell("groups", json!(summary.by_decade_and_label));
    }

    /// What the analysis found.
    pub fn explored(&mut self, report: &Report) {
        let mut estimates = report.mutual_information.mixed.clone();
        estimates.sort_by(|a, b| b.nats.total_cmp(&a.nats));
        let telling = estimates.iter().filter(|estimate| estimate.is_informative());
        let most: Vec<String> =
            telling.take(3).map(|estimate| format!("{} {:.3}", estimate.feature, estimate.nats)).collect();
        if !most.is_empty() {
            self.line("Telling", &format!("{} nats of mutual information with the label", most.join(", ")));
        }
        let nothing: Vec<&str> = estimates
            .iter()
            .filter(|estimate| !estimate.is_informative())
            .map(|estimate| estimate.feature.name())
            .collect();
        if !nothing.is_empty() {
            self.line("", &format!("no more than chance: {}", nothing.join(", ")));
        }
        self.tell("hits", json!(stages::hits(report)));
        self.tell("mutual_information", json!(report.mutual_information));
        self.selected(&report.selection);
    }

    /// Which features were dropped, and why.
    pub fn selected(&mut self, selection: &FeatureSelection) {
        for dropped in &selection.dropped {
            self.line("Dropped", &dropped_in_words(dropped));
        }
        self.tell("selection", json!(selection));
    }

    /// Why there is no model.
    pub fn not_fitted(&mut self, reason: &str) {
        self.line("No model", reason);
        self.tell("model", Value::Null);
        self.tell("no_model", json!(reason));
    }

    /// How the models did that were compared, best first.
    pub fn compared(&mut self, comparison: &Leaderboard) {
        for (index, contender) in comparison.contenders.iter().enumerate() {
            let (mean, deviation) = (contender.cross_validation.mean(), contender.cross_validation.deviation());
            let features = plural(contender.evaluation.features.len() as u64, "feature", "features");
            self.line(
                if index == 0 { "Compared" } else { "" },
                &format!(
                    "ROC AUC {:.4} ± {:.4}, accuracy {:.4} ± {:.4} over {} folds: {}, {features}",
                    mean.roc_auc,
                    deviation.roc_auc,
                    mean.accuracy,
                    deviation.accuracy,
                    comparison.folds,
                    contender.title,
                ),
            );
        }
        if let Some(grid) = &comparison.grid {
            self.searched(grid);
        }
        self.tell("comparison", json!(comparison));
    }

    /// What the grid search found.
    pub fn searched(&mut self, search: &GridSearch) {
        let best = search.best();
        let depth = best.max_depth.map_or("none".to_owned(), |depth| depth.to_string());
        self.line(
            "Grid",
            &format!(
                "{} points on {} folds, from {} forests; best by mean accuracy:",
                search.points.len(),
                search.folds,
                search.forests_grown
            ),
        );
        self.line(
            "",
            &format!(
                "n_estimators {}, max_features {}, max_depth {depth}, min_samples_split {}, min_samples_leaf {}, bootstrap {}",
                best.n_estimators, best.max_features, best.min_samples_split, best.min_samples_leaf, best.bootstrap
            ),
        );
        self.line(
            "",
            &format!("accuracy {:.4}, ROC AUC {:.4} over the folds", mean(&best.accuracy), mean(&best.roc_auc)),
        );
        self.tell("grid", json!(search));
    }

    /// How the model did that was saved, and what it took.
    pub fn fitted(&mut self, artifact: &Artifact, evaluation: &Evaluation, timing: &Timing, bytes: u64) {
        let scores = &evaluation.scores;
        let features = plural(evaluation.features.len() as u64, "feature", "features");
        self.line(
            "Model",
            &format!("{}, {features}; {}", evaluation.params.describe(), evaluation.hold_out.protocol()),
        );
        self.line(
            "",
            &format!(
                "accuracy {:.4}, precision {:.4}, recall {:.4}, F1 {:.4}, ROC AUC {:.4}",
                scores.accuracy, scores.precision, scores.recall, scores.f1, scores.roc_auc,
            ),
        );
        self.line(
            "",
            &format!(
                "average precision {:.4}, Brier {:.4}, log loss {:.4} nats",
                scores.average_precision, scores.brier, scores.log_loss
            ),
        );
        self.line(
            "",
            &format!("always naming the label commoner in training: accuracy {:.4}", evaluation.majority_accuracy),
        );
        self.line(
            "",
            &format!(
                "fitted in {:.3} s, {} test tracks predicted in {:.4} s, {:.2} MB",
                timing.fit_seconds,
                count(evaluation.test_rows),
                timing.predict_seconds,
                bytes as f64 / 1e6
            ),
        );
        if let Some(score) = artifact.model.estimator.oob_score() {
            self.line(
                "",
                &format!("accuracy {score:.4} on the training tracks that a tree was not given (out of bag)"),
            );
        }
        self.tell(
            "model",
            json!({
                "model": evaluation.params.describe(),
                "params": artifact.model.params,
                "features": evaluation.features,
                "protocol": evaluation.hold_out.protocol(),
                "train_rows": evaluation.train_rows,
                "test_rows": evaluation.test_rows,
                "threshold": evaluation.threshold,
                "scores": scores,
                "majority_accuracy": evaluation.majority_accuracy,
                "confusion": evaluation.confusion,
                "importances": evaluation.importances,
                "fit_seconds": timing.fit_seconds,
                "predict_seconds": timing.predict_seconds,
                "bytes": bytes,
                "oob_score": artifact.model.estimator.oob_score(),
            }),
        );
    }

    /// Calibration and threshold of that model.
    pub fn answers(&mut self, probabilities: &ProbabilityQuality) {
        self.line("Answers", &calibration_in_words(probabilities));
        let objective = probabilities.objective;
        let test = &probabilities.test.chosen;
        let how = match objective.is_fixed() {
            true => objective.in_words(),
            false => format!("{} out of fold", objective.in_words()),
        };
        self.line("", &format!("threshold {:.4}: {how}", test.threshold));
        self.tell(
            "probabilities",
            json!({
                "calibration": probabilities.calibration.method(),
                "study": probabilities.study,
                "scores": probabilities.scores,
                "threshold": probabilities.threshold,
                "objective": objective,
                "out_of_fold": probabilities.out_of_fold.as_ref().map(|answers| answers.chosen),
                "test": test,
            }),
        );
    }

    /// How good the recipe is by several protocols, and what leaks.
    pub fn assessed(&mut self, assessment: &Robustness) {
        for (index, scores) in assessment.protocols.protocols.iter().enumerate() {
            let interval = scores.intervals.map_or(String::new(), |intervals| {
                format!(" (95 % {:.4} to {:.4})", intervals.roc_auc.low, intervals.roc_auc.high)
            });
            let over = match scores.protocol {
                ValidationScheme::Forward => plural(scores.parts.len() as u64, "decade", "decades"),
                _ => plural(scores.parts.len() as u64, "split", "splits"),
            };
            self.line(
                if index == 0 { "Protocols" } else { "" },
                &format!(
                    "{:<8} ROC AUC {:.4} ± {:.4}{interval}, accuracy {:.4} ± {:.4} over {over}",
                    scores.protocol.name(),
                    scores.roc_auc.mean,
                    scores.roc_auc.deviation,
                    scores.accuracy.mean,
                    scores.accuracy.deviation,
                ),
            );
        }
        for (protocol, reason) in &assessment.protocols.left_out {
            self.line("", &format!("{} not possible: {reason}", protocol.name()));
        }
        if let Some(transfer) = &assessment.transfer {
            let (own, other) = (transfer.own(), transfer.other());
            self.line("Decades", &format!("ROC AUC {own:.4} fitted on the same decade, {other:.4} on another"));
        }
        if let Some((gain, rows)) = assessment
            .learning_curve
            .as_ref()
            .and_then(|curve| Some((curve.last_gain()?, curve.points.last()?.train_rows)))
        {
            let tracks = count(rows.round() as u64);
            self.line(
                "More",
                &format!("the last doubling of the tracks, to {tracks}, changed the ROC AUC by {gain:+.4}"),
            );
        }
        self.leaks(assessment);
        self.tell("assessment", json!(assessment));
    }

    fn leaks(&mut self, assessment: &Robustness) {
        let figures = &assessment.duplicates;
        if figures.extra_rows > 0 {
            let became = match figures.treatment {
                Duplicates::Resolve => "made one each",
                Duplicates::Keep => "kept",
            };
            self.line(
                "Repeats",
                &format!("{} of a URI and decade, {became}", plural(figures.extra_rows, "extra row", "extra rows")),
            );
        }
        let Some(leaks) = &assessment.leaks else { return };
        if let Some(artist) = leaks.texts.iter().find(|text| text.column.name() == ARTIST) {
            self.line(
                "Leaks",
                &format!(
                    "the artist alone: ROC AUC {:.4} at random, {:.4} for new artists",
                    artist.random.roc_auc, artist.grouped.roc_auc
                ),
            );
        }
        if let Some(warning) = leakage_warning(leaks) {
            self.line("Warning", &warning);
        }
    }

    /// Files of the report.
    pub fn written(&mut self, files: &[PathBuf]) {
        self.files.extend(files.iter().cloned());
    }

    /// For programs.
    pub fn json(&self, progress: &Progress) -> Value {
        let mut programs = self.programs.clone();
        programs.insert("written".to_owned(), json!(self.files));
        programs.insert("stages".to_owned(), json!(progress.times()));
        programs.insert("seconds".to_owned(), json!(progress.total_seconds()));
        Value::Object(programs)
    }

    /// For people.
    pub fn text(&self, progress: &Progress) -> String {
        let mut text = self.people.clone();
        for (index, place) in self.places().into_iter().enumerate() {
            let topic = if index == 0 { "Written" } else { "" };
            let _ = writeln!(text, "{topic:<11}{place}");
        }
        let _ = writeln!(text, "{:<11}{:.2} s", "Time", progress.total_seconds());
        text
    }

    /// Files in order, those that share a directory with more than one other counted rather than listed.
    fn places(&self) -> Vec<String> {
        let mut places: Vec<String> = Vec::new();
        let mut told: Vec<&Path> = Vec::new();
        for file in &self.files {
            let directory = file.parent().unwrap_or(Path::new(""));
            let together = self.files.iter().filter(|other| other.parent() == Some(directory)).count();
            if together <= 3 {
                places.push(file.display().to_string());
            } else if !told.contains(&directory) {
                told.push(directory);
                places.push(format!("{} ({together} files)", directory.display()));
            }
        }
        places
    }
}

/// What was kept, and the Brier scores that decided.
fn calibration_in_words(probabilities: &ProbabilityQuality) -> String {
    let method = probabilities.calibration.method();
    let Some(study) = &probabilities.study else { return method.in_words().to_owned() };
    let brier = |trial: &MethodScore| format!("{:.5} with {}", trial.scores.brier, trial.method.in_words());
    let tried: Vec<String> = study.trials.iter().map(brier).collect();
    format!("{} (Brier out of fold {})", method.in_words(), tried.join(", "))
}

fn out_of_range_in_words(odd: &OutOfRange) -> String {
    let rows = plural(odd.rows, "row", "rows");
    let rule = match odd.range {
        FeatureRange::Within(..) => format!("outside {}", odd.range),
        FeatureRange::Positive => "not above 0".to_owned(),
    };
    let values =
        if odd.least == odd.greatest { odd.least.to_string() } else { format!("{} to {}", odd.least, odd.greatest) };
    format!("{}: {rows} {rule}, kept ({values})", odd.feature)
}

fn dropped_in_words(dropped: &Dropped) -> String {
    match dropped {
        Dropped::Correlated { feature, kept, correlation, nats, kept_nats } => format!(
            "{feature}: r = {correlation:.2} with {kept}, which tells more of the label ({kept_nats:.3} against {nats:.3} nats)"
        ),
        Dropped::Uninformative { feature, nats } => format!("{feature}: it tells only {nats:.4} nats of the label"),
    }
}
