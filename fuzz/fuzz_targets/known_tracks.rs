//! Any bytes as a file of known tracks, as they are and with a right checksum: refused or read, and never a panic.
#![no_main]

use hitflop_fuzz::{with_checksum, File};
use hitflop_model::artifact::known_tracks;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let cut = &data[..data.len().saturating_sub(32)];
    for bytes in [data.to_vec(), with_checksum(cut)] {
        let _ = known_tracks::read(&File::new("fuzz.tracks", &bytes).path());
    }
});
