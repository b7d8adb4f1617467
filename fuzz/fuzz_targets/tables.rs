//! Any bytes as a file of tracks to be scored, of whatever format: refused, or as many rows as the table has, none infinite.
//! Parquet is left out: its reader may panic on a damaged file, which the program catches, and a target cannot.
#![no_main]

use hitflop_core::track::Feature;
use hitflop_data::track_files::{self, TrackFileOptions};
use hitflop_fuzz::File;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.windows(4).any(|bytes| bytes == b"PAR1") {
        return;
    }
    let file = File::new("fuzz_60s.csv", data);
    for allow_missing in [false, true] {
        let options = TrackFileOptions { allow_missing, ..TrackFileOptions::default() };
        if let Ok(tracks) = track_files::read(&[file.path()], &Feature::ALL, &options) {
            let rows: usize = tracks.files.iter().map(|file| hitflop_core::reader::Table::rows(&file.table)).sum();
            assert_eq!(rows, tracks.rows.len());
            assert!(tracks.rows.iter().flatten().all(|value| !value.is_infinite()));
        }
    }
});
