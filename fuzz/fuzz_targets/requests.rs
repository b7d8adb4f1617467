//! Any body to any route that reads one: no panic, no fault of the program. The first byte selects the route.
#![no_main]

use libfuzzer_sys::fuzz_target;

const ROUTES: [(&str, &str); 9] = [
    ("/v1/predict", "application/json"),
    ("/v1/predict?explain=true&what_if=true", "application/json"),
    ("/v1/predict/batch", "application/json"),
    ("/v1/predict/batch", "application/x-ndjson"),
    ("/v1/predict/batch", "text/csv"),
    ("/invocations", "application/json"),
    ("/invocations", "text/csv"),
    ("/v2/models/hitflop/infer", "application/json"),
    ("/songs/predict", "application/json"),
];

fuzz_target!(|data: &[u8]| {
    let Some((&route, body)) = data.split_first() else { return };
    let (path, media) = ROUTES[usize::from(route) % ROUTES.len()];
    hitflop_fuzz::post(path, media, body);
});
