//! The one writer: everything of a report goes to disk here, each file whole or not at all.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::charts::Chart;
use super::html::html;
use super::json::json;
use super::narrative::Narrative;
use super::tables::for_files;
use super::Report;
use crate::disk;
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
    if report.evaluation.is_none() {
        remove_what_a_model_brings(dir)?;
    }
    // Encoding the PNGs is what takes time.
    let files: Vec<(PathBuf, Vec<u8>)> =
        files.into_par_iter().map(|(path, content)| Ok((dir.join(path), content.bytes()?))).collect::<Result<_>>()?;
    files.into_iter().map(|(path, bytes)| disk::write_whole(&path, &bytes).map(|()| path)).collect()
}

/// What only a report with a model has; left from an earlier run, it would stand beside a report that it is no part of.
const WITH_MODEL: [&str; 8] = [
    "charts/roc_curve.svg",
    "charts/roc_curve.png",
    "charts/confusion_matrix.svg",
    "charts/confusion_matrix.png",
    "charts/feature_importances.svg",
    "charts/feature_importances.png",
    "tables/scores.csv",
    "tables/importances.csv",
];

fn remove_what_a_model_brings(dir: &Path) -> Result<()> {
    for path in WITH_MODEL.map(|name| dir.join(name)) {
        match std::fs::remove_file(&path) {
            Err(error) if path.exists() => return Err(Error::io("remove", &path, error)),
            _ => {}
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::report::fixture;

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
    fn a_refusal_names_the_path() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let file = dir.path().join("reports");
        fs::write(&file, "in the way").expect("it can be written");
        let error = write(&fixture::report(), &[], &file).expect_err("a file is no directory");
        assert!(error.to_string().contains("reports"), "{error}");
        assert_eq!(fs::read_to_string(&file).expect("it is still there"), "in the way");
    }
}
