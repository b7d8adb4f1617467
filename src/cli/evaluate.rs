//! `hitflop evaluate`: how good a recipe is on decade files, or a saved model on labelled tracks.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use ndarray::ArrayView2;
use serde::Serialize;
use serde_json::json;

use super::assess::{assess, Asked};
use super::learning;
use super::options::{DataArgs, DuplicatesKind, Features, GlobalArgs, ModelKind, ReportArgs, SeedArgs, SelectionArgs};
use super::print;
use super::progress::Progress;
use super::settings::{to_table, Settings};
use super::stages;
use super::story::Story;
use hitflop_core::error::{Error, Fault, Place, Reason};
use hitflop_data::ingest::labelled::{self, Labelled};
use hitflop_data::ingest::unlabelled::Missing;
use hitflop_metrics::bootstrap::{intervals, ResampledPredictions, ScoreIntervals};
use hitflop_metrics::scores::{self, Confusion, Scores};
use hitflop_metrics::split::{codes_of_texts, RowGroups};
use hitflop_model::artifact::{self, Artifact};
use hitflop_model::estimator::EstimatorParams;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::validation::{ModelSpec, ValidationBudget, ValidationScheme};
use hitflop_report::format::{count, percent, plural};
use hitflop_report::write;

/// Score a recipe by several protocols on decade files, or a saved model on labelled tracks
#[derive(Args, Debug)]
#[command(after_help = "Two ways:\n  \
    with --input  a saved model scores the labelled rows of a file (column target), with its own threshold; if there is a\n                \
    column split, only its rows `test` are scored\n  \
    without       a recipe, the model's or one from the flags, is fitted anew: at random, by groups, forward in time; from\n                \
    decade to decade; with ever more tracks; and the leaks are measured\n\n\
    Examples:\n  \
    hitflop evaluate --data archive.zip --model models/hitflop.model\n  \
    hitflop evaluate --data archive.zip --kind forest --param n_estimators=200 --features notebook --protocol grouped\n  \
    hitflop evaluate --data archive.zip --model models/hitflop.model --thorough --json\n  \
    hitflop evaluate --model models/hitflop.model --input split.parquet")]
pub struct EvaluateArgs {
    /// Model that `hitflop run` or `hitflop train` wrote: what scores --input, or gives parameters and features to --data
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// CSV or Parquet file of labelled tracks to score the model on, such as `hitflop train --write-split` writes
    #[arg(long, value_name = "FILE", requires = "model", conflicts_with_all = ["data", "protocol", "repeats", "thorough"])]
    input: Option<PathBuf>,
    /// Take empty fields and absent columns of --input as missing values
    #[arg(long, requires = "input")]
    allow_missing: bool,
    /// Which kind of model, if none is given by --model [default: boosting]
    #[arg(long, value_enum, value_name = "KIND", conflicts_with = "model")]
    kind: Option<ModelKind>,
    /// A parameter by scikit-learn's name, as in `hitflop train`. May be given many times
    #[arg(long = "param", value_name = "NAME=VALUE", conflicts_with = "model")]
    params: Vec<String>,
    /// Which tracks are held out [default: all three]
    #[arg(long, value_enum, value_name = "HOW", value_delimiter = ',')]
    protocol: Vec<ProtocolKind>,
    /// Splits at random and by groups [default: 2; with --thorough 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    repeats: Option<u16>,
    /// Repeat more: 10 splits, 5,000 resamples, 5 folds from decade to decade, 5 learning curves, and the recipe itself instead of a
    /// lighter one throughout
    #[arg(long)]
    thorough: bool,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    seed: SeedArgs,
    #[command(flatten)]
    recipe: RecipeArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    selection: SelectionArgs,
}

/// Which features and rows; as of the commands that learn, but for what goes into a model.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Learning")]
struct RecipeArgs {
    /// Features that the recipe is given: the notebook's 14, those selected and the decade, or all 16
    /// [default: the model's; without one: selected]
    #[arg(long, value_name = "SET", conflicts_with = "model")]
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<Features>,
    /// Seed of the first split; each further one has the next [default: the seed]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    split_seed: Option<u64>,
    /// Rows of one URI and decade: made one row, a hit if any of them is, or kept as the notebook did [default: resolve]
    #[arg(long, value_name = "HOW")]
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicates: Option<DuplicatesKind>,
}

/// A protocol, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ProtocolKind {
    /// A fifth of the tracks at random
    Random,
    /// A fifth, in whole groups of one artist, URI or audio
    Grouped,
    /// Each decade by those before it
    Forward,
}

impl From<ProtocolKind> for ValidationScheme {
    fn from(kind: ProtocolKind) -> ValidationScheme {
        match kind {
            ProtocolKind::Random => ValidationScheme::Random,
            ProtocolKind::Grouped => ValidationScheme::Grouped,
            ProtocolKind::Forward => ValidationScheme::Forward,
        }
    }
}

pub fn execute(global: GlobalArgs, args: EvaluateArgs) -> Result<()> {
    let groups = [
        to_table(&args.data)?,
        to_table(&args.seed)?,
        to_table(&args.recipe)?,
        to_table(&args.report)?,
        to_table(&args.selection)?,
    ];
    let Some(settings) = Settings::resolve(&global, args.data.print_config, &groups)? else { return Ok(()) };
    match (&args.model, &args.input) {
        (Some(model), Some(input)) => score_file(&settings, model, input, args.allow_missing),
        _ => assess_recipe(&settings, &args),
    }
}

/// Where a recipe comes from.
enum Source {
    Model(Box<Artifact>),
    Flags(EstimatorParams),
}

fn assess_recipe(settings: &Settings, args: &EvaluateArgs) -> Result<()> {
    let mut progress = Progress::new(settings.quiet);
    let source = match &args.model {
        Some(path) => Source::Model(Box::new(progress.stage("read the model", || artifact::read(path))?)),
        None => {
            let kind = args.kind.unwrap_or(ModelKind::Boosting);
            Source::Flags(learning::params(kind.into(), &args.params, settings.seed)?)
        }
    };
    let (ingested, drawn) = stages::read(settings, &mut progress)?;
    let recipe = match source {
        Source::Model(artifact) => {
            let features = artifact.model.features();
            ModelSpec { params: artifact.model.params, features }
        }
        Source::Flags(params) => {
            let set = settings.features.map_or(FeatureSet::Selected, FeatureSet::from);
            ModelSpec { params, features: stages::features(set, settings, &mut progress, &ingested)? }
        }
    };
    let tracks = learning::population(settings, &mut progress, &ingested)?;
    let wanted: Vec<ValidationScheme> = args.protocol.iter().map(|&kind| kind.into()).collect();
    let asked = Asked {
        protocols: if wanted.is_empty() { &ValidationScheme::ALL } else { &wanted },
        hold_out: settings.hold_out(),
        effort: effort(args.thorough, args.repeats),
        at_hand: None,
    };
    let assessment = assess(&mut progress, &tracks, &recipe, asked)?;
    let written = progress.stage("write the evaluation", || write::assessment(&assessment, &settings.reports))?;

    let mut story = Story::new("evaluate", settings, drawn, &ingested);
    story.assessed(&assessment);
    story.written(&written);
    print::summary(settings, &story.json(&progress), || story.text(&progress))
}

/// How often things are repeated.
pub fn effort(thorough: bool, repeats: Option<u16>) -> ValidationBudget {
    let effort = if thorough { ValidationBudget::thorough() } else { ValidationBudget::standard() };
    ValidationBudget { repeats: repeats.map_or(effort.repeats, usize::from), ..effort }
}

/// What a saved model scores on the rows of a file.
#[derive(Serialize)]
struct FileScores {
    command: &'static str,
    model: String,
    input: String,
    rows: u64,
    /// Whether only the rows `test` of the column `split` were scored.
    test_rows_only: bool,
    hits: u64,
    threshold: f64,
    confusion: Confusion,
    scores: Scores,
    majority_accuracy: f64,
    /// By resampling what `resampled` says; none where one label only occurs.
    intervals: Option<ScoreIntervals>,
    resampled: &'static str,
    resamples: u64,
}

fn score_file(settings: &Settings, model: &Path, input: &Path, allow_missing: bool) -> Result<()> {
    let mut progress = Progress::new(settings.quiet);
    let artifact = progress.stage("read the model", || artifact::read(model))?;
    let features = artifact.model.features();
    let missing = if allow_missing { Missing::Allowed } else { Missing::Refused };
    let tracks = progress.stage("read the tracks", || labelled::read(input, &features, missing))?;
    let records = ArrayView2::from_shape((tracks.targets.len(), features.len()), &tracks.values)?;
    let given = progress.stage("score", || artifact.model.predict_proba(records))?.to_vec();
    let found = progress.stage("resample", || file_scores(settings, &artifact, input, &tracks, &given))?;
    let json = json!(found);
    print::summary(settings, &json, || in_words(&found))
}

fn file_scores(
    settings: &Settings,
    artifact: &Artifact,
    input: &Path,
    tracks: &Labelled,
    given: &[f64],
) -> Result<FileScores> {
    let (truth, threshold) = (&tracks.targets, artifact.model.threshold);
    if truth.is_empty() {
        let rule = if tracks.test_rows_only { "expected rows whose split is `test`" } else { "expected rows" };
        let fault = Fault::new(Place::file(input.display().to_string()), Reason::TooFewRows, rule).found("none");
        return Err(Error::input(fault).into());
    }
    let (groups, resampled) = match &tracks.artists {
        Some(artists) => (RowGroups::connected(truth.len(), &[&codes_of_texts(artists)]), "artists"),
        None => (RowGroups::connected(truth.len(), &[]), "tracks"),
    };
    let resamples = ValidationBudget::standard().resamples;
    let answers = ResampledPredictions::new(truth, given, groups.of_rows(), threshold);
    let hits = truth.iter().filter(|&&hit| hit).count();
    Ok(FileScores {
        command: "evaluate",
        model: artifact.model.name(),
        input: input.display().to_string(),
        rows: truth.len() as u64,
        test_rows_only: tracks.test_rows_only,
        hits: hits as u64,
        threshold,
        confusion: scores::confusion(truth, given, threshold),
        scores: scores::scores(truth, given, threshold),
        majority_accuracy: hits.max(truth.len() - hits) as f64 / truth.len() as f64,
        intervals: intervals(&[answers], groups.len(), resamples, settings.seed),
        resampled,
        resamples: resamples as u64,
    })
}

fn in_words(found: &FileScores) -> String {
    let FileScores { scores, confusion, .. } = found;
    let which = if found.test_rows_only { "rows whose split is `test`" } else { "rows" };
    let mut lines = vec![
        format!("{:<11}{}", "Model", found.model),
        format!("{:<11}{} {which} of {}, {} of them hits", "Tracks", count(found.rows), found.input, count(found.hits)),
        format!(
            "{:<11}accuracy {:.4}, precision {:.4}, recall {:.4}, F1 {:.4}, ROC AUC {:.4}",
            "Scores", scores.accuracy, scores.precision, scores.recall, scores.f1, scores.roc_auc
        ),
        format!(
            "{:<11}average precision {:.4}, Brier {:.4}, log loss {:.4} nats",
            "", scores.average_precision, scores.brier, scores.log_loss
        ),
        format!("{:<11}always naming the commoner label: accuracy {:.4}", "", found.majority_accuracy),
    ];
    if !found.test_rows_only {
        lines.push(format!(
            "{:<11}whether the model was fitted to some of these tracks is not known here; on such it looks too good",
            "Note"
        ));
    }
    lines.push(match found.intervals {
        Some(ScoreIntervals { accuracy, roc_auc }) => format!(
            "{:<11}accuracy {:.4} to {:.4}, ROC AUC {:.4} to {:.4} (95 %, {} of {})",
            "Intervals",
            accuracy.low,
            accuracy.high,
            roc_auc.low,
            roc_auc.high,
            plural(found.resamples, "resample", "resamples"),
            found.resampled
        ),
        None => format!("{:<11}none, as one label only occurs", "Intervals"),
    });
    lines.push(format!("{:<11}called a hit above a probability of {}:", "Confusion", found.threshold));
    let share = |part: u64, whole: u64| {
        if whole == 0 {
            String::new()
        } else {
            format!(" ({})", percent(part as f64 / whole as f64))
        }
    };
    for (label, called_flop, called_hit, right) in [
        ("flops", confusion.true_negatives, confusion.false_positives, confusion.true_negatives),
        ("hits", confusion.false_negatives, confusion.true_positives, confusion.true_positives),
    ] {
        lines.push(format!(
            "{:<11}{label:<6}{:>9} called flops {:>9} called hits, {} right{}",
            "",
            count(called_flop),
            count(called_hit),
            count(right),
            share(right, called_flop + called_hit)
        ));
    }
    lines.join("\n") + "\n"
}
