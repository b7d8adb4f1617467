//! Any text as the profile of a sample: refused, or a profile that is written and read as the same.
#![no_main]

use hitflop_data::simulate::SampleProfile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(profile) = SampleProfile::parse("profile.json", text) {
        let json = profile.to_json();
        let again = SampleProfile::parse("again.json", &json).expect("what was written can be read");
        assert_eq!(json, again.to_json());
    }
});
