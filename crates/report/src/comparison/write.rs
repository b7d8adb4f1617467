//! The files of a comparison.

use std::path::{Path, PathBuf};

use super::{figure_tables, page, tables, ComparisonFindings};
use crate::charts::table_comparison;
use crate::write::{self as report_files, OutputContent};
use hitflop_core::disk::OutputSet;
use hitflop_core::error::{Error, Result};

/// Adds `compare.html`, `compare.json`, `charts/NAME.svg`, `charts/NAME.png` and `tables/NAME.csv` below `dir` to `outputs`, and the
/// removal of charts and tables of an earlier comparison that this one lacks. Returns the paths, in that order.
///
/// # Errors
/// A chart cannot be rendered, or the operating system refuses a path.
pub fn write(findings: &ComparisonFindings, outputs: &mut OutputSet, dir: &Path) -> Result<Vec<PathBuf>> {
    let charts = table_comparison::all(findings)?;
    let mut tables = tables::all(findings);
    tables.extend(figure_tables::all(findings));
    let json = serde_json::to_string_pretty(findings)
        .map_err(|error| Error::Failed(format!("writing the comparison as JSON: {error}")))?;
    let mut files = vec![
        (PathBuf::from("compare.html"), OutputContent::Bytes(page::html(findings, &charts, &tables)?.into_bytes())),
        (PathBuf::from("compare.json"), OutputContent::Bytes((json + "\n").into_bytes())),
    ];
    files.extend(report_files::chart_and_table_files(&charts, &tables)?);
    let charts =
        table_comparison::NAMES.iter().flat_map(|name| ["svg", "png"].map(|kind| format!("charts/{name}.{kind}")));
    let known =
        charts.chain(tables::NAMES.iter().chain(&figure_tables::NAMES).map(|name| format!("tables/{name}.csv")));
    for path in known.filter(|known| !files.iter().any(|(path, _)| path == Path::new(known))) {
        outputs.remove(dir.join(path));
    }
    report_files::write_all(files, outputs, dir)
}
