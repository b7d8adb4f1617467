//! Any bytes as a model, as they are and with a right checksum: refused, or a model that scores and is written as the same bytes.
#![no_main]

use hitflop_fuzz::with_checksum;
use hitflop_model::artifact;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = artifact::from_bytes("fuzz.model", data);
    let Some(body) = data.len().checked_sub(32).map(|end| &data[..end]) else { return };
    if let Ok(model) = artifact::from_bytes("fuzz.model", &with_checksum(body)) {
        let again = artifact::to_bytes(&model).expect("a model that was read can be written");
        let reread = artifact::from_bytes("again.model", &again).expect("what was written can be read");
        assert_eq!(model, reread);
    }
});
