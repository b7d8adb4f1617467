//! Small decade files made to order, and the real ones.

#![allow(dead_code)] // each test binary uses a part

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The columns of a decade file, in the order of the original.
pub const HEADER: &str = "track,artist,uri,danceability,energy,key,loudness,mode,speechiness,acousticness,\
                          instrumentalness,liveness,valence,tempo,duration_ms,time_signature,chorus_hit,sections,target";

/// A good row; rows of different numbers differ, and so do the features, of which the label follows the first two.
pub fn row(number: usize) -> String {
    // A low-discrepancy sequence of its own for each feature, so that no two of them move together.
    let part = |feature: usize| {
        ((number + 1) as f64 * [0.618, 0.414, 0.732, 0.236, 0.646, 0.316, 0.742, 0.123, 0.873, 0.359][feature]).fract()
    };
    let label = (part(0) + 0.5 * part(1) + 0.2 * part(9) > 0.85) as usize;
    format!(
        "Track {number},Artist {},spotify:track:{number:022},{:.3},{:.3},{},{:.3},{},{:.4},{:.3},{:e},{:.4},{:.3},{:.3},{},{},{:.5},{},{label}",
        number % 31,
        0.2 + 0.6 * part(0),
        0.9 - 0.5 * part(1),
        number % 12,
        -3.0 - 10.0 * part(2),
        number % 2,
        0.03 + 0.1 * part(3),
        1.0 - part(4),
        part(5) * part(5) * 1e-3,
        0.1 + 0.2 * part(6),
        0.3 + 0.5 * part(7),
        90.0 + 60.0 * part(8),
        150_000 + 137 * number,
        3 + number % 3,
        20.0 + 30.0 * part(9),
        7 + number % 6,
    )
}

/// A good decade file of `rows` rows, the first of them numbered `first`.
pub fn file(first: usize, rows: usize) -> String {
    let mut text = format!("{HEADER}\n");
    for number in first..first + rows {
        text += &row(number);
        text.push('\n');
    }
    text
}

/// Replaces one field of the `row`-th data row (from 1).
pub fn with_field(text: &str, row: usize, column: &str, value: &str) -> String {
    let position = HEADER.split(',').position(|name| name == column).expect("a known column");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut fields: Vec<&str> = lines[row].split(',').collect();
    fields[position] = value;
    lines[row] = fields.join(",");
    lines.join("\n") + "\n"
}

/// Writes a file below `directory` and gives its path.
pub fn write(directory: &Path, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    fs::write(&path, contents).expect("a written file");
    path
}

/// The directory of the real decade files, from `HITFLOP_DATA`. Without it the caller's test says so and is skipped.
pub fn real_data(test: &str) -> Option<PathBuf> {
    match std::env::var_os("HITFLOP_DATA") {
        Some(directory) => Some(directory.into()),
        None => {
            // Past the test harness, which would hide it.
            let _ = writeln!(std::io::stderr(), "{test}: skipped, HITFLOP_DATA does not name the real decade files");
            None
        }
    }
}
