//! The one writer: everything of a report is added here to the outputs of a job.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use crate::charts::{self, Chart, CHARTS};
use crate::findings::grid_figures::GridFigures;
use crate::findings::Findings;
use crate::html::html;
use crate::json::json;
use crate::tables::{self, ReportTable, ReportTables, TABLES};
use crate::text::ReportText;
use crate::Provenance;
use hitflop_core::disk::OutputSet;
use hitflop_core::error::{Error, Result};
use hitflop_data::table::typed::{self, TypedColumn};
use hitflop_model::selection::search::grid::GridSearch;
use hitflop_model::validation::robustness::Robustness;

/// The findings with all that is made of them, each once.
pub(crate) struct RenderedReport<'a> {
    pub(crate) findings: &'a Findings<'a>,
    pub(crate) charts: &'a [Chart],
    pub(crate) text: ReportText,
    pub(crate) tables: ReportTables,
}

impl<'a> RenderedReport<'a> {
    /// Words the findings and makes the tables.
    pub(crate) fn of(findings: &'a Findings, charts: &'a [Chart]) -> RenderedReport<'a> {
        RenderedReport { findings, charts, text: ReportText::of(findings), tables: ReportTables::of(findings) }
    }
}

/// Something to be written, and where below the report's directory.
pub(crate) enum OutputContent<'a> {
    Bytes(Vec<u8>),
    Svg(&'a Chart),
    Png(&'a Chart),
    Csv(Arc<[TypedColumn<'a>]>),
    Parquet(Arc<[TypedColumn<'a>]>),
}

/// Adds `report.html`, `report.json`, `charts/NAME.svg`, `charts/NAME.png`, `tables/NAME.csv` and the tables of a row a track, which are
/// Parquet as well, below `dir` to `outputs`, and the removal of charts and tables of an earlier report that this one lacks. Returns the
/// paths, in that order.
///
/// # Errors
/// If a chart cannot be encoded, or the operating system refuses a path; the error names the path.
pub fn write(findings: &Findings, charts: &[Chart], outputs: &mut OutputSet, dir: &Path) -> Result<Vec<PathBuf>> {
    let rendered = RenderedReport::of(findings, charts);
    let mut files = vec![
        (PathBuf::from("report.html"), OutputContent::Bytes(html(&rendered)?.into_bytes())),
        (PathBuf::from("report.json"), OutputContent::Bytes(json(&rendered)?.into_bytes())),
    ];
    files.extend(chart_and_table_files(charts, rendered.tables.files())?);
    files.extend(track_files(findings));
    let written: BTreeSet<&Path> = files.iter().map(|(path, _)| path.as_path()).collect();
    stale(&written).for_each(|path| outputs.remove(dir.join(path)));
    write_all(files, outputs, dir)
}

/// Adds chart and table of a grid search alone: `charts/grid_search.svg`, `charts/grid_search.png` and
/// `tables/grid_search.csv` below `dir`. Returns the paths, in that order.
///
/// # Errors
/// As for [`write()`].
pub fn grid(search: &GridSearch, outputs: &mut OutputSet, dir: &Path) -> Result<Vec<PathBuf>> {
    let figures = GridFigures::of(search);
    let charts = charts::of_grid(search, &figures)?;
    write_all(chart_and_table_files(&charts, &tables::of_grid(search, &figures))?, outputs, dir)
}

#[derive(Serialize)]
struct EvaluationDocument<'a> {
    provenance: &'a Provenance,
    #[serde(flatten)]
    found: &'a Robustness,
}

/// Adds the results of the validations alone: `evaluation.json` with every number, its charts and its tables, below `dir`. Returns
/// the paths, in that order.
///
/// # Errors
/// As for [`write()`].
pub fn robustness(
    provenance: &Provenance,
    found: &Robustness,
    outputs: &mut OutputSet,
    dir: &Path,
) -> Result<Vec<PathBuf>> {
    let charts = charts::of_robustness(found)?;
    let json = serde_json::to_string_pretty(&EvaluationDocument { provenance, found })
        .map_err(|error| Error::Failed(format!("writing the evaluation as JSON: {error}")))?;
    let mut files = vec![(PathBuf::from("evaluation.json"), OutputContent::Bytes((json + "\n").into_bytes()))];
    files.extend(chart_and_table_files(&charts, &tables::of_robustness(found))?);
    write_all(files, outputs, dir)
}

pub(crate) fn chart_and_table_files<'a, 'b>(
    charts: &'a [Chart],
    tables: impl IntoIterator<Item = &'b ReportTable>,
) -> Result<Vec<(PathBuf, OutputContent<'a>)>> {
    let mut files = Vec::new();
    for chart in charts {
        let path = |extension: &str| Path::new("charts").join(format!("{}.{extension}", chart.name));
        files.push((path("svg"), OutputContent::Svg(chart)));
        files.push((path("png"), OutputContent::Png(chart)));
    }
    for table in tables {
        let path = Path::new("tables").join(format!("{}.csv", table.name));
        files.push((path, OutputContent::Bytes(table.csv()?.into_bytes())));
    }
    Ok(files)
}

/// The tables of a row a track, in both formats.
fn track_files<'a>(findings: &Findings<'a>) -> Vec<(PathBuf, OutputContent<'a>)> {
    let files = |(name, columns): (&str, Vec<TypedColumn<'a>>)| {
        let columns: Arc<[TypedColumn]> = columns.into();
        let path = |extension: &str| Path::new("tables").join(format!("{name}.{extension}"));
        [(path("csv"), OutputContent::Csv(Arc::clone(&columns))), (path("parquet"), OutputContent::Parquet(columns))]
    };
    tables::of_tracks(findings).into_iter().flat_map(files).collect()
}

pub(crate) fn write_all(
    files: Vec<(PathBuf, OutputContent)>,
    outputs: &mut OutputSet,
    dir: &Path,
) -> Result<Vec<PathBuf>> {
    // Encoding the PNGs is what takes time.
    let files: Vec<(PathBuf, Vec<u8>)> =
        files.into_par_iter().map(|(path, content)| Ok((dir.join(path), content.bytes()?))).collect::<Result<_>>()?;
    files.into_iter().map(|(path, bytes)| outputs.stage(&path, &bytes).map(|()| path)).collect()
}

/// The charts and tables that an earlier run may have written and this one does not: none is beside a report that it is no part of.
fn stale<'a>(written: &'a BTreeSet<&Path>) -> impl Iterator<Item = String> + 'a {
    let charts =
        CHARTS.iter().flat_map(|entry| ["svg", "png"].map(|extension| format!("charts/{}.{extension}", entry.name)));
    let tables = TABLES
        .iter()
        .flat_map(|entry| entry.formats().iter().map(|(extension, _)| format!("tables/{}.{extension}", entry.name)));
    charts.chain(tables).filter(|path| !written.contains(Path::new(path)))
}

impl OutputContent<'_> {
    fn bytes(self) -> Result<Vec<u8>> {
        match self {
            OutputContent::Bytes(bytes) => Ok(bytes),
            OutputContent::Svg(chart) => Ok(chart.svg.clone().into_bytes()),
            OutputContent::Png(chart) => chart.png(),
            OutputContent::Csv(columns) => typed::csv(&columns),
            OutputContent::Parquet(columns) => typed::parquet(&columns),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::fixtures::{full, small};
    use crate::tables::TableEntry;
    use crate::Report;
    use hitflop_core::track::{Feature, Label};
    use hitflop_data::ingest::quality::MissingValues;

    fn committed(dir: &Path, add: impl FnOnce(&mut OutputSet, &Path) -> Result<Vec<PathBuf>>) -> Result<Vec<PathBuf>> {
        let mut outputs = OutputSet::open(&[dir])?;
        let paths = add(&mut outputs, dir)?;
        outputs.commit().map(|()| paths)
    }

    fn write_charts(report: &Report, charts: &[Chart], dir: &Path) -> Result<Vec<PathBuf>> {
        committed(dir, |outputs, dir| write(&Findings::of(report), charts, outputs, dir))
    }

    fn write_with_charts(report: &Report, dir: &Path) -> Vec<PathBuf> {
        let findings = Findings::of(report);
        let charts = charts::all(&findings).expect("charts are drawn");
        committed(dir, |outputs, dir| write(&findings, &charts, outputs, dir)).expect("it can be written")
    }

    fn chart() -> Chart {
        charts::blank("class_balance")
    }

    #[test]
    fn everything_is_written_and_nothing_is_left_over() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let reports = dir.path().join("a/reports");
        // The second time, the files of the first are replaced.
        write_charts(&small::report(), &[chart()], &reports).expect("it can be written");
        let paths = write_charts(&small::report(), &[chart()], &reports).expect("it can be written again");
        assert!(paths.iter().all(|path| path.is_file()));
        assert_eq!(paths[..2], [reports.join("report.html"), reports.join("report.json")]);
        assert_eq!(fs::read_to_string(&paths[2]).expect("the SVG"), chart().svg);
        assert!(fs::read(&paths[3]).expect("the PNG").starts_with(b"\x89PNG"));
        let on_disk = ["", "charts", "tables"].map(|sub| fs::read_dir(reports.join(sub)).expect("a directory").count());
        assert_eq!(on_disk.iter().sum::<usize>(), paths.len() + 2, "two of the entries are directories");
    }

    #[test]
    fn what_an_earlier_report_had_and_this_has_not_goes() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let full = write_with_charts(&small::compared(), dir.path());
        let mut bare = small::compared();
        bare.comparison.as_mut().expect("models were compared").grid = None;
        let path = |path: &str| dir.path().join(path);
        assert!(full.contains(&path("tables/grid_search.csv")) && full.contains(&path("charts/leaderboard.png")));
        fs::write(path("charts/mine.png"), "kept").expect("it can be written");
        write_charts(&bare, &[], dir.path()).expect("it can be written again");
        assert!(!path("tables/grid_search.csv").exists() && !path("charts/leaderboard.png").exists());
        assert!(path("tables/leaderboard.csv").is_file() && path("charts/mine.png").is_file());
        bare.comparison = None;
        (bare.evaluation, bare.probabilities) = (None, None);
        write_charts(&bare, &[], dir.path()).expect("it can be written again");
        assert!(!path("tables/leaderboard.csv").exists() && !path("tables/scores.csv").exists());
    }

    #[test]
    fn a_grid_alone_is_written_as_with_a_report() {
        let alone = tempfile::tempdir().expect("a temporary directory");
        let paths = committed(alone.path(), |outputs, dir| grid(&small::grid(), outputs, dir)).expect("written");
        let names = ["charts/grid_search.svg", "charts/grid_search.png", "tables/grid_search.csv"];
        assert_eq!(paths, names.map(|name| alone.path().join(name)));
        let whole = tempfile::tempdir().expect("a temporary directory");
        write_with_charts(&small::compared(), whole.path());
        for name in names {
            let bytes = |dir: &Path| fs::read(dir.join(name)).expect("it was written");
            assert_eq!(bytes(alone.path()), bytes(whole.path()), "{name}");
        }
    }

    #[test]
    fn every_entry_of_the_registries_is_a_file_and_can_be_removed() {
        let names: BTreeSet<&str> = CHARTS.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), CHARTS.len());
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut report = small::compared();
        report.missing = vec![MissingValues { feature: Feature::Tempo, rows: 2 }];
        report.missing_features = full::report(&[1960, 1970], &Label::BOTH).missing_features;
        write_with_charts(&report, dir.path());
        let charts = CHARTS.iter().flat_map(|entry| ["svg", "png"].map(|kind| format!("charts/{}.{kind}", entry.name)));
        let files = |entry: &'static TableEntry| {
            entry.formats().iter().map(|(kind, _)| format!("tables/{}.{kind}", entry.name))
        };
        let tables = TABLES.iter().flat_map(files);
        let expected: BTreeSet<String> = charts.chain(tables).collect();
        let on_disk: BTreeSet<String> = ["charts", "tables"]
            .into_iter()
            .flat_map(|sub| fs::read_dir(dir.path().join(sub)).expect("a directory").map(move |entry| (sub, entry)))
            .map(|(sub, entry)| format!("{sub}/{}", entry.expect("an entry").file_name().to_string_lossy()))
            .collect();
        assert_eq!(on_disk, expected);
        let none = |outputs: &mut OutputSet, dir: &Path| {
            stale(&BTreeSet::new()).for_each(|path| outputs.remove(dir.join(path)));
            Ok(Vec::new())
        };
        committed(dir.path(), none).expect("files can be removed");
        assert!(expected.iter().all(|path| !dir.path().join(path).exists()));
    }

    #[test]
    fn every_figure_has_a_file_with_its_values() {
        let report = full::report(&[1960, 1970], &Label::BOTH);
        let compared = small::compared();
        let (findings, others) = (Findings::of(&report), Findings::of(&compared));
        let tables = [ReportTables::of(&findings), ReportTables::of(&others)];
        for entry in CHARTS {
            assert!(!entry.tables.is_empty(), "{}", entry.name);
            for name in entry.tables {
                let table = tables.iter().flat_map(ReportTables::files).find(|table| table.name == *name);
                let rows = table.map_or(0, |table| table.csv().expect("CSV").lines().count());
                assert!(rows > 1, "{}: {name} has {rows} lines", entry.name);
            }
        }
        let charts = charts::all(&findings).expect("charts are drawn");
        let page = html(&RenderedReport::of(&findings, &charts)).expect("a page");
        for chart in &charts {
            let figure = page.split(&format!("<figure id=\"chart-{}\"", chart.name)).nth(1).expect("the figure");
            let caption = figure.split("</figure>").next().expect("its end");
            assert!(caption.contains(".csv\">CSV"), "{}", chart.name);
        }
    }

    #[test]
    fn a_refusal_names_the_path() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let file = dir.path().join("reports");
        fs::write(&file, "in the way").expect("it can be written");
        let error = write_charts(&small::report(), &[], &file).expect_err("a file is no directory");
        assert!(error.to_string().contains("reports"), "{error}");
        assert_eq!(fs::read_to_string(&file).expect("it is still there"), "in the way");
    }
}
