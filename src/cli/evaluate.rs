//! `hitflop evaluate`: parameters and features on decade files, or a saved model on labelled tracks.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::comparison::print_comparison;
use super::flags::{estimator_params, parameter, DataArgs, Flags, SelectionArgs, TracksArgs};
use super::mapping::print_reading;
use super::page::Page;
use super::predict::warn_of_simulation;
use super::print;
use super::progress::TerminalProgress;
use super::scores;
use super::settings::{GlobalArgs, Settings};
use hitflop::pipeline::{
    self, EvaluateOptions, FileOptions, FileScores, ModelSource, TracksReading, TrainOptions, TrainingOverlap,
    ValidationOptions,
};
use hitflop_metrics::bootstrap::ScoreIntervals;
use hitflop_metrics::scores::Confusion;
use hitflop_model::artifact::SIMULATED_NOTICE;
use hitflop_model::estimator::EstimatorKind;
use hitflop_model::validation::ValidationScheme;
use hitflop_report::format::{count, percent, plural};

/// Score parameters and features by validation schemes on decade files, or a saved model on labelled tracks
#[derive(Args, Debug)]
#[command(
    after_help = "With --input, a saved model scores the labelled rows of tables (column target, or the label of the model) at its own threshold. If they have a \
    column split, only rows `test` are scored.\n\n\
    Without --input, parameters and features, those of --model or of the flags, are fitted and scored: with random, grouped and \
    forward splits, across decades, and with growing numbers of tracks. Leakage is measured.\n\n\
    Examples:\n  \
    hitflop evaluate --data archive.zip --model models/hitflop.model\n  \
    hitflop evaluate --data archive.zip --kind forest --protocol grouped\n  \
    hitflop evaluate --data archive.zip --model models/hitflop.model --thorough --json\n  \
    hitflop evaluate --model models/hitflop.model --input split.parquet",
    mut_arg("features", |features| features
        .conflicts_with("model")
        .help("Features to fit with [default: those of the model; without --model: selected]")),
    mut_arg("split_seed", |seed| seed.help("Seed of the first split; each further split has the next seed [default: the seed]"))
)]
pub struct EvaluateArgs {
    /// Model file of `hitflop run` or `hitflop train`: scores --input, or provides parameters and features for --data
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Tables of labelled tracks (column target, or the label of the model) to score the model on, such as that of `hitflop train --write-split`: as for
    /// `hitflop predict`. Can be repeated
    #[arg(long, value_name = "PATH", num_args = 1.., requires = "model", conflicts_with_all = ["paths", "data", "simulated", "schemes", "repeats", "thorough"])]
    input: Vec<PathBuf>,
    /// Treat empty fields and absent columns of --input as missing values
    #[arg(long, requires = "input")]
    allow_missing: bool,
    /// Kind of the model, without --model [default: boosting]
    #[arg(long, value_enum, value_name = "KIND", conflicts_with = "model")]
    kind: Option<EstimatorKind>,
    /// A parameter by scikit-learn's name, as in `hitflop train`. Can be repeated
    #[arg(long = "param", value_name = "NAME=VALUE", conflicts_with = "model", value_parser = parameter)]
    params: Vec<(String, String)>,
    /// Validation schemes [default: all three]
    #[arg(long = "protocol", value_enum, value_name = "HOW", value_delimiter = ',')]
    schemes: Vec<ValidationScheme>,
    /// Number of random and of grouped splits [default: 2; with --thorough 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    repeats: Option<u16>,
    /// Repeat more fits: 10 splits, 5,000 resamples, 5 folds across decades and 5 learning curves, all by the model itself instead
    /// of a lighter one
    #[arg(long)]
    thorough: bool,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    tracks: TracksArgs,
    #[command(flatten)]
    selection: SelectionArgs,
}

pub fn execute(global: GlobalArgs, args: EvaluateArgs) -> Result<()> {
    let flags: [&dyn Flags; 3] = [&args.data, &args.tracks, &args.selection];
    let settings = Settings::resolve(global, &flags)?;
    let Some(settings) = settings else { return Ok(()) };
    match (&args.model, &args.input[..]) {
        (Some(model), [_, ..]) => {
            let reading = settings.data.reading(args.allow_missing)?;
            score_file(&settings, &FileOptions { model: model.clone(), inputs: args.input, reading })
        }
        _ => validate(settings, args),
    }
}

fn validate(settings: Settings, args: EvaluateArgs) -> Result<()> {
    let Settings { program, data, output, selection, learn, .. } = settings;
    let (defaults, seed) = (ValidationOptions::default(), data.seed);
    let options = EvaluateOptions {
        data,
        output,
        selection,
        learn,
        model: match args.model {
            Some(path) => ModelSource::File(path),
            None => {
                let kind = args.kind.unwrap_or(TrainOptions::default().params.kind());
                ModelSource::Params(estimator_params(kind, &args.params, seed)?)
            }
        },
        validation: ValidationOptions {
            schemes: if args.schemes.is_empty() { defaults.schemes } else { args.schemes },
            repeats: args.repeats.map(usize::from),
            thorough: args.thorough,
        },
    };
    let progress = TerminalProgress::of_job(program.quiet);
    let result = pipeline::evaluate(&options, &progress)?;
    if let (ModelSource::File(path), Some(true)) = (&options.model, result.model_simulated) {
        print::warning(&program, &format!("{}: {SIMULATED_NOTICE}", path.display()));
    }
    print::summary("evaluate", &program, &progress, &result.summary())
}

#[derive(Serialize)]
struct ShownScores<'a> {
    #[serde(flatten)]
    scores: &'a FileScores,
    #[serde(flatten)]
    reading: TracksReading,
}

fn score_file(settings: &Settings, options: &FileOptions) -> Result<()> {
    let progress = TerminalProgress::new(settings.program.quiet);
    let scores = pipeline::evaluate_file(options, settings.data.seed, &progress)?;
    warn_of_simulation(settings, &options.model, scores.model_simulated);
    let reading = TracksReading::from(&scores.tracks);
    print_reading(settings, &reading);
    print_comparison(settings, &scores.comparison);
    let shown = ShownScores { scores: &scores, reading };
    print::of_command("evaluate", &settings.program, shown, || text_of(&scores))
}

fn text_of(found: &FileScores) -> String {
    let mut page = Page::default();
    let which = if found.test_rows_only { "rows whose split is `test`" } else { "rows" };
    page.list("TRAINED ON", training_overlap(found));
    if found.model_simulated == Some(true) {
        page.line("SIMULATED", SIMULATED_NOTICE);
    }
    page.line("Model", &found.model);
    page.line("Tracks", &format!("{} {which} of {}, {} hits", count(found.rows), found.input, count(found.hits)));
    page.list("Scores", scores::lines(&found.scores));
    page.line("", &scores::baseline(found.majority_accuracy));
    let intervals = match found.intervals {
        Some(ScoreIntervals { accuracy, roc_auc }) => format!(
            "accuracy {:.4} to {:.4}, ROC AUC {:.4} to {:.4} (95 %, {} of {})",
            accuracy.low,
            accuracy.high,
            roc_auc.low,
            roc_auc.high,
            plural(found.resamples, "resample", "resamples"),
            found.resampled
        ),
        None => "none, because only one label occurs".to_owned(),
    };
    page.line("Intervals", &intervals);
    let above = match found.threshold {
        Some(threshold) => format!("predicted as a hit above a probability of {threshold:.4}:"),
        None => "predicted as a hit above the threshold for tracks that lack the same features:".to_owned(),
    };
    page.line("Confusion", &above);
    page.list("", confusion(&found.confusion));
    page.into_text()
}

/// Why the scores may be too good; nothing if they are not.
fn training_overlap(found: &FileScores) -> Option<String> {
    let TrainingOverlap { files, known_rows } = &found.training_overlap;
    if found.test_rows_only {
        return None;
    }
    let mut overlaps = Vec::new();
    if let Some(known) = known_rows.filter(|known| *known > 0) {
        let rows = count(found.rows);
        overlaps
            .push(format!("{} of {rows} rows are tracks of the model's data, by URI or audio values", count(known)));
    }
    if !files.is_empty() {
        let all = found.tracks.files.len() as u64;
        let are = if files.len() == 1 { "is a file" } else { "are files" };
        let files = count(files.len() as u64);
        overlaps.push(format!("{files} of {} {are} of the model's data", plural(all, "file", "files")));
    }
    match (overlaps.is_empty(), known_rows) {
        (true, Some(_)) => None,
        (true, None) => Some("unknown: the known tracks of the model are not beside it; if it was fitted on some of these tracks, the scores are too good".to_owned()),
        (false, _) => Some(format!(
            "{}; the model was fitted on most of them, so the scores are too good",
            overlaps.join("; ")
        )),
    }
}

fn confusion(confusion: &Confusion) -> [String; 2] {
    let line = |label: &str, flops: u64, hits: u64, correct: u64| {
        let share = match flops + hits {
            0 => String::new(),
            all => format!(" ({})", percent(correct as f64 / all as f64)),
        };
        let correct = count(correct);
        format!("{label:<6}{:>9} predicted as flops {:>9} as hits, {correct} correct{share}", count(flops), count(hits))
    };
    let Confusion { true_negatives, false_positives, false_negatives, true_positives } = *confusion;
    [
        line("flops", true_negatives, false_positives, true_negatives),
        line("hits", false_negatives, true_positives, true_positives),
    ]
}
