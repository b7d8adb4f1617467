//! The one writer: everything of a report goes to disk here, each file whole or not at all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::charts::{self, Chart};
use super::html::html;
use super::json::json;
use super::tables::{self, for_files, ReportTable};
use super::text::Narrative;
use super::Report;
use hitflop_core::disk;
use hitflop_core::error::{Error, Result};
use hitflop_model::selection::search::grid::GridSearch;
use hitflop_model::validation::robustness::Robustness;

/// Something to be written, and where below the report's directory.
enum OutputContent<'a> {
    Bytes(Vec<u8>),
    Svg(&'a Chart),
    Png(&'a Chart),
}

/// Writes `report.html`, `report.json`, `charts/NAME.svg`, `charts/NAME.png` and `tables/NAME.csv` below `dir`, which is
/// made if need be. Returns the paths written, in that order.
///
/// Everything is rendered before anything is written, and each file is written under a temporary name in its directory
/// and then renamed, so that a reader finds the old file or the new one and never a part.
///
/// # Errors
/// Fails where a chart cannot be encoded or the operating system refuses a path, which the error names.
pub fn write(report: &Report, charts: &[Chart], dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = vec![
        (PathBuf::from("report.html"), OutputContent::Bytes(html(report, charts)?.into_bytes())),
        (PathBuf::from("report.json"), OutputContent::Bytes(json(report)?.into_bytes())),
    ];
    files.extend(parts_of(charts, &for_files(report, &Narrative::of(report)))?);
    let written: BTreeSet<&Path> = files.iter().map(|(path, _)| path.as_path()).collect();
    remove_left_over(dir, &written)?;
    write_all(files, dir)
}

/// Writes chart and table of a grid search alone: `charts/grid_search.svg`, `charts/grid_search.png` and
/// `tables/grid_search.csv` below `dir`. Returns the paths written, in that order.
///
/// # Errors
/// As for [`write()`].
pub fn grid(search: &GridSearch, dir: &Path) -> Result<Vec<PathBuf>> {
    let chart = charts::grid_search(search)?;
    write_all(parts_of(&[chart], &[tables::grid_search(search)])?, dir)
}

/// Writes an assessment alone: `evaluation.json` with every number, its charts and its tables, below `dir`. Returns the paths
/// written, in that order.
///
/// # Errors
/// As for [`write()`].
pub fn assessment(found: &Robustness, dir: &Path) -> Result<Vec<PathBuf>> {
    let charts = charts::of_assessment(found)?;
    let json = serde_json::to_string_pretty(found)
        .map_err(|error| Error::Failed(format!("writing the evaluation as JSON: {error}")))?;
    let mut files = vec![(PathBuf::from("evaluation.json"), OutputContent::Bytes((json + "\n").into_bytes()))];
    files.extend(parts_of(&charts, &tables::of_assessment(found))?);
    write_all(files, dir)
}

fn parts_of<'a>(charts: &'a [Chart], tables: &[ReportTable]) -> Result<Vec<(PathBuf, OutputContent<'a>)>> {
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

fn write_all(files: Vec<(PathBuf, OutputContent)>, dir: &Path) -> Result<Vec<PathBuf>> {
    // Encoding the PNGs is what takes time.
    let files: Vec<(PathBuf, Vec<u8>)> =
        files.into_par_iter().map(|(path, content)| Ok((dir.join(path), content.bytes()?))).collect::<Result<_>>()?;
    files.into_iter().map(|(path, bytes)| disk::write_whole(&path, &bytes).map(|()| path)).collect()
}

/// What not every report has, for want of a model, a comparison or a search.
const CHARTS: [&str; 26] = [
    "leaderboard",
    "roc_curves",
    "confusion_matrices",
    "importances_by_model",
    "roc_curve",
    "confusion_matrix",
    "feature_importances",
    "reliability_curve",
    "precision_recall_curve",
    "threshold_curve",
    "boosting_search",
    "boosting_parameters",
    "grid_search",
    "shap_importance",
    "shap_beeswarm",
    "importance_measures",
    "partial_dependence",
    "partial_dependence_by_decade",
    "waterfall_clear_hit",
    "waterfall_clear_flop",
    "waterfall_borderline",
    "protocols",
    "scores_by_decade",
    "transfer",
    "learning_curve",
    "leaks",
];
const TABLES: [&str; 20] = [
    "scores",
    "importances",
    "calibration",
    "reliability",
    "thresholds",
    "costs",
    "leaderboard",
    "grid_search",
    "boosting_search",
    "importance_measures",
    "protocols",
    "protocol_parts",
    "scores_by_decade",
    "transfer",
    "learning_curve",
    "groups",
    "leaks_texts",
    "leaks_artist",
    "leaks_spellings",
    "leaks_columns",
];

/// Removes of these what an earlier run left and this one does not write: it would stand beside a report that it is no
/// part of.
fn remove_left_over(dir: &Path, written: &BTreeSet<&Path>) -> Result<()> {
    let charts = CHARTS.iter().flat_map(|name| ["svg", "png"].map(|extension| format!("charts/{name}.{extension}")));
    let tables = TABLES.iter().map(|name| format!("tables/{name}.csv"));
    let left_over = charts.chain(tables).filter(|path| !written.contains(Path::new(path)));
    for path in left_over.map(|path| dir.join(path)) {
        match std::fs::remove_file(&path) {
            Err(error) if path.exists() => return Err(Error::io("remove", &path, error)),
            _ => {}
        }
    }
    Ok(())
}

impl OutputContent<'_> {
    fn bytes(self) -> Result<Vec<u8>> {
        match self {
            OutputContent::Bytes(bytes) => Ok(bytes),
            OutputContent::Svg(chart) => Ok(chart.svg.clone().into_bytes()),
            OutputContent::Png(chart) => chart.png(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::fixture;

    fn chart() -> Chart {
        Chart {
            name: "class_balance".to_owned(),
            title: String::new(),
            caption: String::new(),
            alt: String::new(),
            svg: "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"20\" height=\"10\" viewBox=\"0 0 20 10\">\
                  <rect width=\"20\" height=\"10\" fill=\"#FFFFFF\"/></svg>"
                .to_owned(),
            width: 20,
            height: 10,
        }
    }

    #[test]
    fn everything_is_written_and_nothing_is_left_over() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let reports = dir.path().join("a/reports");
        // The second time, the files of the first are replaced.
        write(&fixture::report(), &[chart()], &reports).expect("it can be written");
        let paths = write(&fixture::report(), &[chart()], &reports).expect("it can be written again");
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
        let charts = crate::charts::all(&fixture::compared()).expect("charts are drawn");
        let full = write(&fixture::compared(), &charts, dir.path()).expect("it can be written");
        let mut bare = fixture::compared();
        bare.comparison.as_mut().expect("models were compared").grid = None;
        let path = |path: &str| dir.path().join(path);
        assert!(full.contains(&path("tables/grid_search.csv")) && full.contains(&path("charts/leaderboard.png")));
        fs::write(path("charts/mine.png"), "kept").expect("it can be written");
        write(&bare, &[], dir.path()).expect("it can be written again");
        assert!(!path("tables/grid_search.csv").exists() && !path("charts/leaderboard.png").exists());
        assert!(path("tables/leaderboard.csv").is_file() && path("charts/mine.png").is_file());
        bare.comparison = None;
        (bare.evaluation, bare.probabilities) = (None, None);
        write(&bare, &[], dir.path()).expect("it can be written again");
        assert!(!path("tables/leaderboard.csv").exists() && !path("tables/scores.csv").exists());
    }

    #[test]
    fn a_grid_alone_is_written_as_with_a_report() {
        let alone = tempfile::tempdir().expect("a temporary directory");
        let paths = grid(&fixture::grid(), alone.path()).expect("it can be written");
        let names = ["charts/grid_search.svg", "charts/grid_search.png", "tables/grid_search.csv"];
        assert_eq!(paths, names.map(|name| alone.path().join(name)));
        let whole = tempfile::tempdir().expect("a temporary directory");
        let charts = charts::all(&fixture::compared()).expect("charts are drawn");
        write(&fixture::compared(), &charts, whole.path()).expect("it can be written");
        for name in names {
            let bytes = |dir: &Path| fs::read(dir.join(name)).expect("it was written");
            assert_eq!(bytes(alone.path()), bytes(whole.path()), "{name}");
        }
    }

    #[test]
    fn what_may_be_left_over_is_all_that_a_comparison_brings() {
        let with = crate::charts::all(&fixture::compared()).expect("charts are drawn");
        let without = Report { evaluation: None, probabilities: None, ..fixture::report() };
        let always = crate::charts::all(&without).expect("charts are drawn");
        let brought: BTreeSet<&str> = with.iter().map(|chart| chart.name.as_str()).collect();
        let always: BTreeSet<&str> = always.iter().map(|chart| chart.name.as_str()).collect();
        assert_eq!(brought.difference(&always).copied().collect::<BTreeSet<_>>(), BTreeSet::from(CHARTS));
        let names = |report: &Report| -> BTreeSet<&str> {
            for_files(report, &Narrative::of(report)).into_iter().map(|table| table.name).collect()
        };
        let (with, always) = (names(&fixture::compared()), names(&without));
        assert_eq!(with.difference(&always).copied().collect::<BTreeSet<_>>(), BTreeSet::from(TABLES));
    }

    #[test]
    fn a_refusal_names_the_path() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let file = dir.path().join("reports");
        fs::write(&file, "in the way").expect("it can be written");
        let error = write(&fixture::report(), &[], &file).expect_err("a file is no directory");
        assert!(error.to_string().contains("reports"), "{error}");
        assert_eq!(fs::read_to_string(&file).expect("it is still there"), "in the way");
    }
}
