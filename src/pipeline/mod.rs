//! The main job as library functions: typed options in, typed results out, no printing.
//!
//! One function does the job of each sub-command: [`ingest()`], [`explore()`], [`train()`], [`tune()`], [`evaluate()`],
//! [`compare_tables()`], [`report_findings()`] and [`run()`]. Each of them is a sequence of steps that can also be called alone:
//!
//! ```text
//! DataOptions ─ read ─> TrackSet ─ prepare ─> Prepared ─ fit or compare ─> FinalModel ─ save ─> SavedModel ─┐
//!                          └────── analyse ─> Analysis ────── report ────> Report ─── publish ─> files ─────┴─> Outputs ─ commit
//! ```
//!
//! Files are collected in [`Outputs`] and are all put at their places by [`Outputs::commit`], or none is.
//!
//! A [`TrackSet`] holds the checked union of the input files, a [`Prepared`] the same tracks as a matrix with groups, duplicates
//! resolved. A [`CandidateModel`](crate::CandidateModel) is a model to fit: title, parameters, set of features. A [`FinalModel`] is fitted,
//! calibrated, has its threshold and its test scores. Results are summarised for people and programs by a [`RunSummary`],
//! which serialises.
//!
//! Every function reports its stages to a [`Progress`]; `&()` ignores them. A fault of the input or of an option is an
//! [`Error::Input`](crate::Error::Input) that names the place.

mod analyse;
mod checkpoint;
mod command_line;
mod compare;
mod compare_tables;
mod compared_inputs;
mod comparison_outputs;
mod evaluate;
mod explain;
mod export;
mod findings;
mod fit;
mod options;
mod outputs;
mod paths;
mod predict;
mod predict_parts;
mod prepare;
mod progress;
mod read;
mod report;
mod run;
mod sample;
mod save;
mod score;
mod score_labelled;
mod summary;
mod track_selector;
mod tracks_reading;
mod train;
mod tune;
mod waterfall;

pub use analyse::{analyse, select_features, Analysis};
pub use checkpoint::Checkpoint;
pub use compare::{compare, CompareOptions, Comparison, ModelChoice, SearchBudget};
pub use compare_tables::{compare_tables, CompareTablesOptions, CompareTablesResult, DEFAULT_RESAMPLES};
pub use evaluate::{evaluate, validate, EvaluateOptions, EvaluateResult, ModelSource, ValidationOptions};
pub use explain::explain;
pub use export::{export, ExportFormat, ExportResult};
pub use findings::{
    explore_sums, has_many_rows, ingest_sums, report_findings, FindingsOptions, FindingsResult, SummedIngest, MANY_ROWS,
};
pub use fit::{fit, FinalModel, FitRequest};
pub use options::{DataOptions, LearnOptions, OutputOptions, SelectionOptions};
pub use outputs::{ModelTarget, Outputs, ReplacedModel};
pub use paths::check_files;
pub use predict::{predict_file, PredictOptions, PredictionColumns, PredictionResult, PredictionTarget, ScoredTracks};
pub use prepare::{prepare, Prepared};
pub use progress::{Progress, Stage};
pub use read::{ingest, read, read_named, IngestResult, TrackSet};
pub use report::{provenance, publish, report, ModelFindings};
pub use run::{explore, run, ExploreOptions, ExploreResult, ModelOutcome, RunOptions, RunResult, FINAL_MODEL};
pub use sample::{write_profile, write_sample};
pub use save::{save, SavedModel};
pub use score::{
    explain_file, explain_track, ExplainedTracks, FileOptions, NotSearched, TrackExplanation, TrainingComparison,
};
pub use score_labelled::{evaluate_file, FileScores, TrainingOverlap};
pub use summary::{ModelSummary, ProbabilitySummary, RunSummary};
pub use track_selector::TrackSelector;
pub use tracks_reading::{FileReading, TracksReading};
pub use train::{train, TrainOptions, TrainResult};
pub use tune::{tune, TuneOptions};
pub use waterfall::{waterfall_files, write_waterfall};

/// The version of this program, as it is written into models and reports.
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
