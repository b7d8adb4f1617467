//! Any text as a configuration file of `hitflop train --print-config`: refused, or printed. The program itself is under test.
#![no_main]

#[path = "../../src/cli/mod.rs"]
mod cli;

use clap::Parser;
use hitflop_fuzz::File;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file = File::new("hitflop.toml", data);
    let path = file.path();
    let words = ["hitflop", "train", "--print-config", "--config", path.to_str().expect("a path of this program")];
    if let Err(error) = cli::execute(cli::Cli::parse_from(words)) {
        cli::print_error("error: ", &*error);
        let _ = cli::exit_code(&error);
    }
});
