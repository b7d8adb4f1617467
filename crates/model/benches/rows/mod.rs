//! The rows of the decade files and their splits, without a table engine.

use std::error::Error;
use std::path::Path;

use hitflop_core::dataset::Dataset;
use hitflop_core::track::Feature;
use ndarray::{Array1, Array2};

/// Rows of the six files.
const ROWS: usize = 41_106;
/// The files in the order of the splits, with the decade of each.
const FILES: [(&str, f64); 6] =
    [("60", 1960.0), ("70", 1970.0), ("80", 1980.0), ("90", 1990.0), ("00", 2000.0), ("10", 2010.0)];

/// All rows of the decade files in a directory.
///
/// # Errors
/// A file is missing, or is none of the six.
pub(crate) fn read(directory: &str) -> Result<Dataset, Box<dyn Error>> {
    let (mut records, mut targets) = (Vec::new(), Vec::new());
    for (decade, year) in FILES {
        let path = Path::new(directory).join(format!("dataset-of-{decade}s.csv"));
        let mut reader = csv::Reader::from_path(path)?;
        let header = reader.headers()?.clone();
        let column = |name: &str| header.iter().position(|own| own == name).ok_or(format!("no column {name}"));
        let columns = Feature::AUDIO.iter().map(|feature| column(feature.name())).collect::<Result<Vec<_>, _>>()?;
        let target = column("target")?;
        for row in reader.records() {
            let row = row?;
            for &column in &columns {
                records.push(row[column].parse::<f64>()?);
            }
            records.push(year);
            targets.push(row[target].parse::<f64>()? == 1.0);
        }
    }
    let records = Array2::from_shape_vec((ROWS, Feature::ALL.len()), records)?;
    Ok(Dataset::new(Feature::ALL.to_vec(), records, Array1::from(targets))?)
}

/// Rows to fit on and rows to score on of each split: six random ones, then four of whole artists.
pub(crate) fn splits() -> Vec<(Vec<usize>, Vec<usize>)> {
    let bits = include_bytes!("../../../../tests/fixtures/splits.bin");
    let is_test = |split: &[u8], row: usize| split[row / 8] >> (7 - row % 8) & 1 == 1;
    let parted = |split: &[u8]| (0..ROWS).partition(|&row| !is_test(split, row));
    bits.chunks_exact(ROWS.div_ceil(8)).map(parted).collect()
}
