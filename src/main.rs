//! The `hitflop` program: parse, dispatch, print the error chain.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::execute(cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for (depth, cause) in error.chain().enumerate() {
                cli::print_error(if depth == 0 { "error: " } else { "  because: " }, cause);
            }
            cli::exit_code(&error)
        }
    }
}
