//! The `hitflop` program: parse, dispatch, print the error chain.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::execute(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for (depth, cause) in error.chain().enumerate() {
                eprintln!("{}{}", if depth == 0 { "error: " } else { "  because: " }, cli::message(cause));
            }
            cli::exit_code(&error)
        }
    }
}
