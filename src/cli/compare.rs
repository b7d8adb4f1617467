//! `hitflop compare`: what differs between two tables, or between the predictions of two models.

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::flags::{Flags, ReadingArgs, ReportArgs, SeedArgs};
use super::mapping::print_reading;
use super::page::Page;
use super::print;
use super::progress::TerminalProgress;
use super::settings::{GlobalArgs, Settings};
use hitflop::pipeline::{self, CompareTablesOptions, CompareTablesResult, DEFAULT_RESAMPLES};
use hitflop::Feature;
use hitflop_report::comparison::{ComparisonFindings, DriftEntry};
use hitflop_report::format::{count, plural};

/// Features and scores that the summary lists.
const LISTED: usize = 8;

/// Report what differs between two tables, or between the predictions of two models on one table
#[derive(Args, Debug)]
#[command(
    after_help = "The report has rows, labels, missing values, the distribution of each feature (PSI, Kolmogorov-Smirnov and Wasserstein distance, with \
    95 % intervals by artist) and correlations; with --model also probabilities, predicted hits, scores and calibration; with \
    --against also the predictions that change from one model to the other. It is written to compare in the directory of reports.\n\n\
    --fail-on-drift compares the population stability index itself with T, not an end of its interval. A feature of which only one \
    table has values counts as drift. Exit codes: 0 no drift above T, 3 drift above T, 2 invalid input or arguments, 1 any other failure.\n\n\
    Examples:\n  \
    hitflop compare last-month.csv this-month.csv\n  \
    hitflop compare train.parquet new.parquet --model models/hitflop.model --fail-on-drift 0.2\n  \
    hitflop compare dataset-of-60s.csv dataset-of-10s.csv --ignore decade\n  \
    hitflop compare tracks.csv --model old.model --against new.model"
)]
pub struct CompareArgs {
    /// The reference: a CSV, TSV, Parquet, JSON or NDJSON file (also gzip, Zstandard or zip), a glob, a directory, or - for standard input.
    /// Accept absent columns and empty values
    #[arg(value_name = "A")]
    reference: PathBuf,
    /// The table to compare with A; needed unless --against is set
    #[arg(value_name = "B")]
    current: Option<PathBuf>,
    /// Model file to score the tables with
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Model file to compare with --model: the new one against the old one, on each table
    #[arg(long, value_name = "FILE", requires = "model")]
    against: Option<PathBuf>,
    /// Leave a feature out of the comparison. Can be repeated
    #[arg(long, value_name = "FEATURE", value_delimiter = ',', value_parser = feature)]
    ignore: Vec<Feature>,
    /// Number of resamples behind each interval; 0 for none
    #[arg(long, value_name = "N", default_value_t = DEFAULT_RESAMPLES, allow_negative_numbers = true)]
    resamples: usize,
    /// End with exit code 3 if the population stability index of a feature or of the scores is above T, such as 0.2
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    fail_on_drift: Option<f64>,
    /// Rule for the label of the tables, as for `hitflop train` [default: the column target, or the label of the model]
    #[arg(long, value_name = "COLUMN[=VALUE]")]
    label: Option<String>,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    seed: SeedArgs,
    #[command(flatten)]
    report: ReportArgs,
}

fn feature(name: &str) -> Result<Feature, String> {
    let names = || Feature::ALL.map(Feature::name).join(", ");
    Feature::from_name(name).ok_or_else(|| format!("expected one of {}", names()))
}

impl Flags for CompareArgs {
    fn apply(&self, settings: &mut Settings) {
        let groups: [&dyn Flags; 3] = [&self.reading, &self.seed, &self.report];
        groups.iter().for_each(|group| group.apply(settings));
        if self.label.is_some() {
            settings.data.label.clone_from(&self.label);
        }
    }
}

/// Drift above the threshold: what has drifted, and how far.
#[derive(Debug)]
pub struct DriftAboveThreshold {
    threshold: f64,
    exceeded: Vec<DriftEntry>,
}

impl fmt::Display for DriftAboveThreshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each: Vec<String> = self.exceeded.iter().map(words).collect();
        write!(f, "expected no PSI above {}, found {}", self.threshold, each.join("; "))
    }
}

impl std::error::Error for DriftAboveThreshold {}

/// Name, index and interval.
fn words(entry: &DriftEntry) -> String {
    let interval = entry.psi.interval.map(|interval| format!(" ({:.3} to {:.3})", interval.low, interval.high));
    let note = if entry.is_in_one_table { ", values in one table only" } else { "" };
    format!("{} {:.3}{}{note}", entry.name, entry.psi.value, interval.unwrap_or_default())
}

pub fn execute(global: GlobalArgs, args: CompareArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[&args])? else { return Ok(()) };
    let options = CompareTablesOptions {
        reference: args.reference,
        current: args.current,
        model: args.model,
        against: args.against,
        data: settings.data.clone(),
        output: settings.output.clone(),
        ignored: args.ignore,
        resamples: args.resamples,
        threshold: args.fail_on_drift,
    };
    let progress = TerminalProgress::new(settings.program.quiet);
    let result = pipeline::compare_tables(&options, &progress)?;
    result.tracks.iter().for_each(|tracks| print_reading(&settings, &tracks.into()));
    let json = ShownComparison { findings: &result.findings, written: &result.written };
    print::of_command("compare", &settings.program, json, || text_of(&result))?;
    match result.findings.verdict.gate {
        Some(gate) if !gate.exceeded.is_empty() => {
            Err(DriftAboveThreshold { threshold: gate.threshold, exceeded: gate.exceeded }.into())
        }
        _ => Ok(()),
    }
}

#[derive(Serialize)]
struct ShownComparison<'a> {
    #[serde(flatten)]
    findings: &'a ComparisonFindings,
    written: &'a [PathBuf],
}

fn text_of(result: &CompareTablesResult) -> String {
    let findings = &result.findings;
    let mut page = Page::default();
    if findings.provenance.simulated {
        page.line(
            "SIMULATED",
            "tracks are simulated, or a model was trained on them; the comparison does not apply to real music",
        );
    }
    for (table, letter) in findings.tables.iter().zip(["A", "B"]) {
        page.line(letter, &format!("{}, {}", table.name, plural(table.rows, "track", "tracks")));
    }
    let plain = |sentences: Vec<String>| sentences.into_iter().map(|sentence| sentence.replace('\u{2212}', "-"));
    page.list("Findings", plain(findings.key_points()));
    let ranking = &findings.verdict.ranking;
    page.list("PSI", table(&ranking[..ranking.len().min(LISTED)]));
    if ranking.len() > LISTED {
        page.line("", &format!("and {} more below that", count((ranking.len() - LISTED) as u64)));
    }
    page.list("Warning", plain(findings.warnings()));
    let is_page = |path: &&PathBuf| path.extension().is_some_and(|ending| ending == "html" || ending == "json");
    page.list("Written", result.written.iter().filter(is_page).map(|path| path.display().to_string()));
    page.into_text()
}

/// Names, indices and intervals, side by side.
fn table(ranking: &[DriftEntry]) -> Vec<String> {
    const WIDEST: usize = 32;
    let name = |entry: &DriftEntry| entry.name.chars().take(WIDEST).collect::<String>();
    let width = ranking.iter().map(|entry| name(entry).chars().count()).max().unwrap_or(0);
    let line = |entry: &DriftEntry| {
        let interval = entry
            .psi
            .interval
            .map_or(String::new(), |interval| format!("({:.3} to {:.3})", interval.low, interval.high));
        format!("{:<width$} {:>7.3} {interval}", name(entry), entry.psi.value).trim_end().to_owned()
    };
    ranking.iter().map(line).collect()
}
