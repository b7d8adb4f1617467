//! `hitflop explain`: why a model calls the tracks of a CSV file what it calls them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use ndarray::ArrayView2;
use serde_json::json;

use super::options::{GlobalArgs, ReportArgs};
use super::print;
use super::progress::Progress;
use super::settings::{to_table, Settings};
use super::stages;
use super::waterfall::waterfall;
use hitflop_core::disk;
use hitflop_core::error::{Error, Fault, Place, Reason};
use hitflop_core::track::{Decade, Feature};
use hitflop_data::ingest::unlabelled::{self, Missing, Unlabelled};
use hitflop_model::artifact;
use hitflop_model::explain::local::Explanation;
use hitflop_model::scoring::Scorer;
use hitflop_report::charts::{self, Chart};
use hitflop_report::format::plural;

/// The columns that are appended beside one a feature.
const APPENDED: [&str; 4] = ["base", "answer", "probability", "label"];

/// Say why: what each feature adds to a track's answer, and what would change it
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop explain --model models/hitflop.model --input tracks.csv --row 3\n  \
    hitflop explain --model models/hitflop.model --input tracks.csv --row 3 --chart why.svg --json\n  \
    hitflop explain --model models/hitflop.model --input tracks.csv > contributions.csv")]
pub struct ExplainArgs {
    /// Model that `hitflop run` or `hitflop train` wrote
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// CSV file with a column for each feature of the model; other columns are kept
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Explain this track, the first being 1: print a waterfall, the smallest changes of one or two features with which it
    /// would be called otherwise, and draw a chart. Without it, append the contributions of every feature to every track
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    row: Option<u64>,
    /// Where the chart of that track goes: a file that ends in .svg or .png, or the name of both without an ending
    /// [default: waterfall, in the directory of the reports]
    #[arg(long, value_name = "FILE", requires = "row")]
    chart: Option<PathBuf>,
    /// File that the contributions of all tracks go to [default: standard output]
    #[arg(long, value_name = "FILE", conflicts_with = "row")]
    output: Option<PathBuf>,
    /// Take empty fields and absent columns as missing values, as `hitflop predict` does
    #[arg(long)]
    allow_missing: bool,
    #[command(flatten)]
    report: ReportArgs,
}

pub fn execute(global: GlobalArgs, args: ExplainArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(&global, false, &[to_table(&args.report)?])? else { return Ok(()) };
    if settings.json && args.row.is_none() && args.output.is_none() {
        let rule = "needs --row N or --output FILE, since standard output can't hold both the tracks and the summary";
        return Err(Error::input(Fault::new(Place::setting("json"), Reason::Setting, rule)).into());
    }
    let outputs = args.output.iter().cloned().chain(charts_wanted(&args, &settings));
    for output in outputs {
        stages::refuse_to_overwrite(&[args.input.clone(), args.model.clone()], &output)?;
    }
    let mut progress = Progress::new(settings.quiet);
    let scorer = Scorer::new(progress.stage("read the model", || artifact::read(&args.model))?);
    let tracks = progress.stage("read the tracks", || Tracks::read(&args, &scorer))?;
    if !tracks.file.absent.is_empty() && !settings.quiet {
        let absent: Vec<&str> = tracks.file.absent.iter().map(|feature| feature.name()).collect();
        eprintln!("warning: {}: no column {}; taken as missing", args.input.display(), absent.join(", "));
    }
    match args.row {
        Some(row) => explain_one(&settings, &mut progress, &args, &scorer, &tracks, row),
        None => explain_all(&settings, &mut progress, &args, &scorer, &tracks),
    }
}

/// Tracks, and the decade of each, also if the model was not given it.
struct Tracks {
    file: Unlabelled,
    /// The model's features, row by row.
    values: Vec<f64>,
    decades: Vec<Option<Decade>>,
}

impl Tracks {
    fn read(args: &ExplainArgs, scorer: &Scorer) -> Result<Tracks> {
        let missing = if args.allow_missing { Missing::Allowed } else { Missing::Refused };
        let own = scorer.features();
        if own.contains(&Feature::Decade) {
            let file = unlabelled::read(&args.input, own, missing)?;
            return Ok(Tracks { values: file.values.clone(), decades: vec![None; file.records.len()], file });
        }
        // Values are held against those of the decade; where it is not told, they are not.
        let with_decade: Vec<Feature> = own.iter().copied().chain([Feature::Decade]).collect();
        match unlabelled::read(&args.input, &with_decade, missing) {
            Ok(mut file) => {
                file.absent.retain(|feature| *feature != Feature::Decade);
                let rows = file.values.chunks_exact(with_decade.len());
                let decades = rows.clone().map(|row| Decade::from_year(row[own.len()] as i32)).collect();
                let values = rows.flat_map(|row| row[..own.len()].iter().copied()).collect();
                Ok(Tracks { file, values, decades })
            }
            Err(_) => {
                let file = unlabelled::read(&args.input, own, missing)?;
                Ok(Tracks { values: file.values.clone(), decades: vec![None; file.records.len()], file })
            }
        }
    }

    fn records(&self, features: usize) -> Result<ArrayView2<'_, f64>> {
        Ok(ArrayView2::from_shape((self.file.records.len(), features), &self.values)?)
    }
}

/// Files of the chart that the flags ask for.
fn charts_wanted(args: &ExplainArgs, settings: &Settings) -> Vec<PathBuf> {
    if args.row.is_none() {
        return Vec::new();
    }
    let stem = args.chart.clone().unwrap_or_else(|| settings.reports.join("waterfall"));
    let is = |ending: &str| stem.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
    match is("svg") || is("png") {
        true => vec![stem],
        false => ["svg", "png"].map(|ending| PathBuf::from(format!("{}.{ending}", stem.display()))).to_vec(),
    }
}

fn explain_one(
    settings: &Settings,
    progress: &mut Progress,
    args: &ExplainArgs,
    scorer: &Scorer,
    tracks: &Tracks,
    row: u64,
) -> Result<()> {
    let (rows, features) = (tracks.file.records.len(), scorer.features().len());
    let index = (row - 1) as usize;
    if index >= rows {
        let rule = format!("expected at most {}, the tracks of {}", rows, args.input.display());
        return Err(
            Error::input(Fault::new(Place::setting("row"), Reason::Setting, rule).found(row.to_string())).into()
        );
    }
    let values = &tracks.values[index * features..][..features];
    let (explanation, alternatives) = progress.stage("explain", || {
        let explanation = scorer.explain(values, tracks.decades[index])?;
        let alternatives = scorer.what_if(values, tracks.decades[index])?;
        Ok::<_, Error>((explanation, alternatives))
    })?;
    let called = format!("{}, row {row}", file_name(&args.input));
    let chart = charts::waterfall(&explanation, "waterfall", &called)?;
    let written = charts_wanted(args, settings);
    progress.stage("draw the chart", || written.iter().try_for_each(|path| write_chart(&chart, path)))?;
    let document = json!({
        "command": "explain",
        "row": row,
        "explanation": explanation,
        "alternatives": alternatives,
        "written": written,
    });
    print::summary(settings, &document, || {
        let paths: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        format!("{}\nwritten: {}\n", waterfall(&explanation, &alternatives, &called), paths.join(", "))
    })
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn write_chart(chart: &Chart, path: &Path) -> Result<()> {
    let is_png = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
    let bytes = if is_png { chart.png()? } else { chart.svg.clone().into_bytes() };
    Ok(disk::write_whole(path, &bytes)?)
}

fn explain_all(
    settings: &Settings,
    progress: &mut Progress,
    args: &ExplainArgs,
    scorer: &Scorer,
    tracks: &Tracks,
) -> Result<()> {
    let appended = appended(scorer.features());
    if let Some(name) = appended.iter().find(|name| tracks.file.columns.contains(name)) {
        let place = Place::file(args.input.display().to_string()).column(name.as_str());
        let rule = "the column is there already and would be appended; rename or remove it";
        return Err(Error::input(Fault::new(place, Reason::DuplicateColumn, rule)).into());
    }
    let records = tracks.records(scorer.features().len())?;
    let explanations = progress.stage("explain", || scorer.explain_all(records, &tracks.decades))?;
    let csv = csv(&tracks.file, &appended, &explanations)?;
    match &args.output {
        None => print::text(&csv),
        Some(path) => {
            disk::write_whole(path, csv.as_bytes())?;
            let rows = explanations.len() as u64;
            let document = json!({ "command": "explain", "rows": rows, "written": [path] });
            print::summary(settings, &document, || {
                format!("{} explained: {}\n", plural(rows, "track", "tracks"), path.display())
            })
        }
    }
}

/// `base`, a column a feature, and what they add up to.
fn appended(features: &[Feature]) -> Vec<String> {
    let contributions = features.iter().map(|feature| format!("contribution_{feature}"));
    let [base, rest @ ..] = APPENDED.map(str::to_owned);
    std::iter::once(base).chain(contributions).chain(rest).collect()
}

fn csv(tracks: &Unlabelled, appended: &[String], explanations: &[Explanation]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(tracks.columns.iter().chain(appended))?;
    for (record, explanation) in tracks.records.iter().zip(explanations) {
        let contributions = explanation.pushes.iter().map(|push| push.contribution);
        let numbers = std::iter::once(explanation.base).chain(contributions);
        let numbers = numbers.chain([explanation.output, explanation.probability]).map(|number| number.to_string());
        let fields: Vec<String> = numbers.chain([(explanation.label as i32).to_string()]).collect();
        writer.write_record(record.iter().chain(fields.iter().map(String::as_str)))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
