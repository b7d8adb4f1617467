//! The chart of one explanation as files.

use std::path::{Path, PathBuf};

use hitflop_core::disk;
use hitflop_core::error::Result;
use hitflop_model::explain::local::Explanation;
use hitflop_report::charts;

/// The files of a chart that is named `path`: itself if it ends in `.svg` or `.png`, else one of each kind with the ending
/// appended.
pub fn waterfall_files(path: &Path) -> Vec<PathBuf> {
    if has_ending(path, "svg") || has_ending(path, "png") {
        return vec![path.to_owned()];
    }
    let with = |ending: &str| {
        let mut name = path.to_owned().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    };
    [".svg", ".png"].map(with).to_vec()
}

/// Renders the contributions to one prediction as a waterfall and writes it to each of the files, as PNG if a name ends in
/// `.png` and as SVG otherwise. `track` is the name of the track in the chart's title.
///
/// # Errors
/// The chart cannot be rendered, or a file cannot be written.
pub fn write_waterfall(explanation: &Explanation, track: &str, files: &[PathBuf]) -> Result<()> {
    let chart = charts::waterfall(explanation, "waterfall", track)?;
    files.iter().try_for_each(|path| {
        let bytes = if has_ending(path, "png") { chart.png()? } else { chart.svg.clone().into_bytes() };
        disk::write_whole(path, &bytes)
    })
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_an_ending_means_both_kinds() {
        let files = |name: &str| waterfall_files(Path::new(name));
        assert_eq!(files("out/why"), [PathBuf::from("out/why.svg"), PathBuf::from("out/why.png")]);
        assert_eq!(files("why.2"), [PathBuf::from("why.2.svg"), PathBuf::from("why.2.png")]);
        assert_eq!(files("why.SVG"), [PathBuf::from("why.SVG")]);
        assert_eq!(files("why.png"), [PathBuf::from("why.png")]);
    }
}
