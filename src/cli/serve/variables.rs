//! Variables of the environment that look like settings and are none, as a misspelt one is.

use clap::CommandFactory;
use tracing::warn;

use super::TOKEN;
use crate::cli::Cli;

const PREFIX: &str = "HITFLOP_";
/// Variables that are no settings of the command line: the token, and those of the tests and of the Python package.
const OTHERS: [&str; 3] = [TOKEN, "HITFLOP_DATA", "HITFLOP_PROGRAM"];
/// Beginnings of variables that Kubernetes sets in every container beside a Service of the name `hitflop`.
const OF_KUBERNETES: [&str; 2] = ["HITFLOP_SERVICE_", "HITFLOP_PORT_"];

/// Warns of each variable that is no setting, by its name.
pub fn warn_of_unknown() {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in names.filter(|name| is_unknown(name)) {
        warn!(variable = name, "the variable of the environment is no setting; `hitflop serve --help` lists all flags");
    }
}

fn is_unknown(name: &str) -> bool {
    if !name.starts_with(PREFIX) || OTHERS.contains(&name) || OF_KUBERNETES.iter().any(|start| name.starts_with(start))
    {
        return false;
    }
    let command = Cli::command();
    let of_serve = command.find_subcommand("serve").into_iter().flat_map(clap::Command::get_arguments);
    let mut known = command.get_arguments().chain(of_serve).filter_map(clap::Arg::get_env);
    let is_known = known.any(|own| own == name);
    !is_known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_known() {
        for name in ["HITFLOP_MODEL", "HITFLOP_MAX_BODY", "HITFLOP_CONFIG", "HITFLOP_THREADS", "HITFLOP_TOKEN", "PATH"]
        {
            assert!(!is_unknown(name), "{name}");
        }
        for name in ["HITFLOP_MAX_BODIE", "HITFLOP_", "HITFLOP_PRINT_CONFIG"] {
            assert!(is_unknown(name), "{name}");
        }
        assert!(!is_unknown("HITFLOP_DATA") && !is_unknown("HITFLOP_PROGRAM"));
        assert!(!is_unknown("HITFLOP_SERVICE_HOST") && !is_unknown("HITFLOP_PORT_8000_TCP_ADDR"));
    }

    /// Every flag with a value is also a variable.
    #[test]
    fn every_flag_of_serve_is_a_variable() {
        let command = Cli::command();
        let serve = command.find_subcommand("serve").expect("a command");
        for argument in serve.get_arguments().chain(command.get_arguments()) {
            let name = argument.get_long().unwrap_or_default();
            if !["help", "version", "print-config", ""].contains(&name) {
                let expected = format!("{PREFIX}{}", name.to_ascii_uppercase().replace('-', "_"));
                assert_eq!(argument.get_env().and_then(|own| own.to_str()), Some(expected.as_str()));
            }
        }
    }
}
