//! The closing summary of a command as text.

use std::path::{Path, PathBuf};

use super::page::Page;
use super::{scores, validation_summary};
use hitflop::pipeline::{ModelSummary, ProbabilitySummary, ReplacedModel, RunSummary};
use hitflop_core::track::{FeatureRange, Label};
use hitflop_data::explore::mutual_information::{Estimate, MutualInformation};
use hitflop_data::explore::selection::Dropped;
use hitflop_data::explore::summary::GroupSummary;
use hitflop_data::ingest::quality::{MissingValues, OutOfRange};
use hitflop_metrics::calibration::MethodScore;
use hitflop_metrics::moments::mean;
use hitflop_model::selection::leaderboard::{Leaderboard, LeaderboardRow};
use hitflop_model::selection::search::grid::GridSearch;
use hitflop_report::format::{count, plural};

/// Name of the report in its directory.
const REPORT_FILE: &str = "report.html";

pub fn text_of(summary: &RunSummary, seconds: f64) -> String {
    let mut page = Page::default();
    tracks(&mut page, summary);
    summary.groups.iter().for_each(|groups| page.list("", by_decade(groups)));
    summary.mutual_information.iter().for_each(|information| features(&mut page, information));
    let dropped = summary.selection.iter().flat_map(|selection| &selection.dropped);
    page.list("Dropped", dropped.map(dropped_feature));
    summary.comparison.iter().for_each(|leaderboard| page.list("Leaderboard", leaderboard_rows(leaderboard)));
    summary.grid.iter().for_each(|search| page.list("Grid search", grid(search)));
    summary.model.iter().flatten().for_each(|model| {
        page.list("Model", final_model(model));
        page.list("Warning", model.without_split.clone());
    });
    summary.probabilities.iter().for_each(|probabilities| decision(&mut page, probabilities));
    let models = summary.model.iter().flatten();
    models
        .flat_map(|model| model.replaced.map(|old| replaced(model, old)))
        .for_each(|lines| page.list("Replaced", lines));
    summary.no_model.iter().for_each(|reason| page.line("No model", reason));
    summary.robustness.iter().for_each(|found| validation_summary::robustness(&mut page, found));
    page.list("Written", places(&summary.written));
    page.line("Time", &format!("{seconds:.2} s"));
    page.list("Next", next_steps(&summary.written));
    page.into_text()
}

fn tracks(page: &mut Page, summary: &RunSummary) {
    if summary.simulated {
        let why = if summary.is_default_sample { "no decade files were found in data/; " } else { "" };
        page.line("SIMULATED", &format!("{why}these tracks are simulated, not real"));
        page.line("", "they never replace results of real tracks; README.md says where to get the real files");
    }
    let files = plural(summary.sources.len() as u64, "file", "files");
    page.line("Tracks", &format!("{} from {files}", count(summary.rows)));
    page.list("Notice", summary.notices.iter().cloned());
    page.list("Warning", summary.out_of_range.iter().map(out_of_range));
    let quality = &summary.quality;
    let uris = match quality.unique_uris {
        0 => "no URIs".to_owned(),
        uris => plural(uris, "distinct URI", "distinct URIs"),
    };
    let artists = match quality.artists {
        0 => " and no artists".to_owned(),
        artists => format!(
            " by {}; {:.1} % of the artists have tracks of one label only",
            plural(artists, "artist", "artists"),
            100.0 * quality.share_of_artists_with_one_label
        ),
    };
    page.line("Quality", &format!("{uris}{artists}"));
    if quality.rows_beyond_first_per_uri_and_decade > 0 {
        let rows = quality.rows_beyond_first_per_uri_and_decade;
        let verb = if rows == 1 { "repeats" } else { "repeat" };
        let mut words = format!("{} {verb} a track, by URI and decade", plural(rows, "row", "rows"));
        if quality.uri_and_decade_with_both_labels > 0 {
            let tracks = plural(quality.uri_and_decade_with_both_labels, "track is", "tracks are");
            words.push_str(&format!("; {tracks} both hit and flop"));
        }
        page.line("Repeats", &words);
    }
    page.list("Missing", missing(summary));
    if !summary.rejected.is_empty() {
        let reasons: Vec<String> =
            summary.rejected.iter().map(|(reason, rows)| format!("{reason} {}", count(*rows))).collect();
        let rows = summary.rejected.iter().map(|(_, rows)| rows).sum();
        page.line("Rejected", &format!("{}: {}", plural(rows, "row", "rows"), reasons.join(", ")));
    }
}

/// The features that no track has, and the share of tracks that lack each of the others.
fn missing(summary: &RunSummary) -> Vec<String> {
    let (absent, partly): (Vec<&MissingValues>, Vec<&MissingValues>) =
        summary.missing.iter().partition(|missing| missing.rows == summary.rows);
    let absent: Vec<&str> = absent.into_iter().map(|missing| missing.feature.name()).collect();
    let share = |missing: &MissingValues| {
        format!("{} {:.1} %", missing.feature, 100.0 * missing.rows as f64 / summary.rows as f64)
    };
    let partly: Vec<String> = partly.into_iter().map(share).collect();
    let lines = [(absent.join(", "), "not in the data: "), (partly.join(", "), "of the tracks lack a value: ")];
    lines.into_iter().filter(|(names, _)| !names.is_empty()).map(|(names, what)| format!("{what}{names}")).collect()
}

fn out_of_range(found: &OutOfRange) -> String {
    let rows = plural(found.rows, "row", "rows");
    let rule = match found.range {
        FeatureRange::Within(..) => format!("outside {}", found.range),
        FeatureRange::Positive => "not above 0".to_owned(),
    };
    let (least, greatest) = (found.least, found.greatest);
    let values = if least == greatest { least.to_string() } else { format!("{least} to {greatest}") };
    format!("{}: {rows} {rule}, kept ({values})", found.feature)
}

fn by_decade(groups: &[GroupSummary]) -> Vec<String> {
    let rows = |decade, label| {
        let of_both = groups.iter().find(|group| group.decade == decade && group.label == Some(label));
        count(of_both.map_or(0, |group| group.rows))
    };
    let mut decades: Vec<_> = groups.iter().map(|group| group.decade).collect();
    decades.sort_unstable();
    decades.dedup();
    let line = |decade: Option<_>| {
        let (hits, flops) = (rows(decade, Label::Hit), rows(decade, Label::Flop));
        let name = decade.map_or("all  ".to_owned(), |decade| decade.to_string());
        format!("{name}  {hits:>9} hits  {flops:>9} flops")
    };
    decades.into_iter().map(line).collect()
}

fn features(page: &mut Page, information: &MutualInformation) {
    let mut estimates = information.mixed.clone();
    estimates.sort_by(|a, b| b.nats.total_cmp(&a.nats));
    let (informative, others): (Vec<&Estimate>, Vec<&Estimate>) =
        estimates.iter().partition(|estimate| estimate.is_informative());
    let best: Vec<String> =
        informative.iter().take(3).map(|estimate| format!("{} {:.3}", estimate.feature, estimate.nats)).collect();
    if !best.is_empty() {
        page.line("Features", &format!("greatest mutual information with the label: {} nats", best.join(", ")));
    }
    let others: Vec<&str> = others.iter().map(|estimate| estimate.feature.name()).collect();
    if !others.is_empty() {
        page.line("", &format!("no more than chance: {}", others.join(", ")));
    }
    if let Some(sample) = &information.sample {
        page.line("", &scores::sampled(sample, "mutual information", "tracks"));
    }
}

fn dropped_feature(dropped: &Dropped) -> String {
    match dropped {
        Dropped::Correlated { feature, kept, correlation, nats, kept_nats } => format!(
            "{feature}: r = {correlation:.2} with {kept}, which has more mutual information with the label \
             ({kept_nats:.3} against {nats:.3} nats)"
        ),
        Dropped::Uninformative { feature, nats } => {
            format!("{feature}: mutual information with the label of {nats:.4} nats only")
        }
    }
}

fn leaderboard_rows(leaderboard: &Leaderboard) -> Vec<String> {
    let row = |row: &LeaderboardRow| {
        let (mean, deviation) = (row.cross_validation.mean(), row.cross_validation.deviation());
        format!(
            "ROC AUC {:.4} ± {:.4}, accuracy {:.4} ± {:.4} over {} folds: {}, {}",
            mean.roc_auc,
            deviation.roc_auc,
            mean.accuracy,
            deviation.accuracy,
            row.cross_validation.folds.len(),
            row.title,
            plural(row.evaluation.features.len() as u64, "feature", "features")
        )
    };
    leaderboard.rows.iter().map(row).collect()
}

fn grid(search: &GridSearch) -> [String; 3] {
    let best = search.best();
    let depth = best.max_depth.map_or("none".to_owned(), |depth| depth.to_string());
    [
        format!(
            "{} points on {} folds, from {} forests; best by mean accuracy:",
            search.points.len(),
            search.folds,
            search.forests_grown
        ),
        format!(
            "n_estimators {}, max_features {}, max_depth {depth}, min_samples_split {}, min_samples_leaf {}, bootstrap {}",
            best.n_estimators, best.max_features, best.min_samples_split, best.min_samples_leaf, best.bootstrap
        ),
        format!("accuracy {:.4}, ROC AUC {:.4} over the folds", mean(&best.accuracy), mean(&best.roc_auc)),
    ]
}

fn final_model(model: &ModelSummary) -> Vec<String> {
    let features = plural(model.features.len() as u64, "feature", "features");
    let [labels, probabilities] = scores::lines(&model.scores);
    let mut lines = vec![
        format!("{}, {features}; {}", model.model, model.protocol),
        labels,
        probabilities,
        scores::baseline(model.majority_accuracy),
        format!(
            "fitted in {:.3} s, {} test tracks predicted in {:.4} s, {:.2} MB",
            model.fit_seconds,
            count(model.test_rows),
            model.predict_seconds,
            model.bytes as f64 / 1e6
        ),
    ];
    let all_but_final = "folds, calibration, threshold and models for missing features";
    lines.extend(model.sample.map(|sample| scores::sampled(&sample, all_but_final, "training tracks")));
    lines.extend(model.oob_score.map(scores::out_of_bag));
    lines
}

/// What became of the model that this one replaced.
fn replaced(model: &ModelSummary, old: &ReplacedModel) -> [String; 2] {
    let score = old.roc_auc.map_or("unknown score".to_owned(), |score| format!("ROC AUC {score:.3}"));
    let tracks = match old.simulated {
        Some(true) => ", of simulated tracks",
        _ => "",
    };
    let new = model.scores.roc_auc;
    [
        format!("{} ({score}{tracks}) by this model ({new:.3}), each on its own test tracks", old.path.display()),
        format!("the former model is kept as {}", old.kept.display()),
    ]
}

fn decision(page: &mut Page, probabilities: &ProbabilitySummary) {
    let brier = |trial: &MethodScore| format!("{:.5} with {}", trial.scores.brier, trial.method.in_words());
    let tried = probabilities.study.map(|study| study.trials.iter().map(brier).collect::<Vec<String>>());
    let tried = tried.map(|tried| format!(" (Brier score out of fold: {})", tried.join(", "))).unwrap_or_default();
    page.line("Calibration", &format!("{}{tried}", probabilities.calibration.in_words()));
    let objective = probabilities.objective;
    let rows = if objective.is_fixed() { "" } else { " out of fold" };
    page.line("Threshold", &format!("{:.4}: {}{rows}", probabilities.test.threshold, objective.in_words()));
}

/// What to do with the report and the model.
fn next_steps(written: &[PathBuf]) -> Vec<String> {
    let mut steps = Vec::new();
    for file in written {
        let path = file.display();
        if file.file_name().is_some_and(|name| name == REPORT_FILE) {
            steps.push(format!("open {path}"));
        } else if file.extension().is_some_and(|ending| ending == "model") {
            steps.push(format!("hitflop predict TRACKS --model {path}"));
            steps.push(format!("hitflop serve --model {path}"));
        }
    }
    steps
}

/// The files in order; those of a directory with more than three are counted instead.
fn places(files: &[PathBuf]) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    let mut counted: Vec<&Path> = Vec::new();
    for file in files {
        let directory = file.parent().unwrap_or(Path::new(""));
        let together = files.iter().filter(|other| other.parent() == Some(directory)).count();
        if together <= 3 {
            places.push(file.display().to_string());
        } else if !counted.contains(&directory) {
            counted.push(directory);
            places.push(format!("{} ({together} files)", directory.display()));
        }
    }
    places
}
