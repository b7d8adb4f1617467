//! Any bytes as a decade file: refused, or the union counts as many tracks as it has, and `lenient` never gives fewer.
//! Parquet is left out: its reader may panic on a damaged file, which the program catches, and a target cannot.
#![no_main]

use hitflop_data::ingest::{ingest, source, SourceOptions};
use hitflop_fuzz::File;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.windows(4).any(|bytes| bytes == b"PAR1") {
        return;
    }
    let file = File::new("dataset-of-60s.csv", data);
    let union = File::new("tracks.parquet", b"");
    let rows = [false, true].map(|lenient| {
        let sources = source::resolve(&[file.path()], &SourceOptions::default()).ok()?;
        let ingested = ingest(&sources, &union.path(), lenient).ok()?;
        Some(ingested.rows)
    });
    if let [Some(strict), lenient] = rows {
        assert_eq!(lenient, Some(strict));
    }
});
