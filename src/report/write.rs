//! The one writer: everything of a report goes to disk here, each file whole or not at all.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::charts::Chart;
use super::html::html;
use super::json::json;
use super::narrative::Narrative;
use super::tables::for_files;
use super::Report;
use crate::error::{Error, Result};

/// Something to be written, and where below the report's directory.
enum Content<'a> {
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
        (PathBuf::from("report.html"), Content::Bytes(html(report, charts)?.into_bytes())),
        (PathBuf::from("report.json"), Content::Bytes(json(report)?.into_bytes())),
    ];
    for chart in charts {
        let path = |extension: &str| Path::new("charts").join(format!("{}.{extension}", chart.name));
        files.push((path("svg"), Content::Svg(chart)));
        files.push((path("png"), Content::Png(chart)));
    }
    for table in for_files(report, &Narrative::of(report)) {
        let path = Path::new("tables").join(format!("{}.csv", table.name));
        files.push((path, Content::Bytes(table.csv()?.into_bytes())));
    }
    // Encoding the PNGs is what takes time.
    let files: Vec<(PathBuf, Vec<u8>)> =
        files.into_par_iter().map(|(path, content)| Ok((dir.join(path), content.bytes()?))).collect::<Result<_>>()?;
    files.into_iter().map(|(path, bytes)| write_file(&path, &bytes).map(|()| path)).collect()
}

impl Content<'_> {
    fn bytes(self) -> Result<Vec<u8>> {
        match self {
            Content::Bytes(bytes) => Ok(bytes),
            Content::Svg(chart) => Ok(chart.svg.clone().into_bytes()),
            Content::Png(chart) => chart.png(),
        }
    }
}

/// Writes a file under a temporary name beside it, then renames it.
fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir).map_err(|error| Error::io("create", dir, error))?;
    let failed = |error| Error::io("write", path, error);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hitflop-");
    // Temporary files are private by default; a report is made to be shown, as the umask allows.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(dir).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
