//! The command line that makes something again, and the hashes of what it was made from.

use super::Provenance;

/// The command line, from what was read, the seed and the settings.
pub(crate) fn command(provenance: &Provenance) -> String {
    let data: String = provenance.data.iter().map(|input| format!(" {}", quoted(input))).collect();
    let flag = if data.is_empty() { "" } else { " --data" };
    let settings: String = provenance.settings.iter().filter_map(option).collect();
    format!("hitflop {}{flag}{data} --seed {}{settings}", provenance.command, provenance.seed)
}

/// Hashes and names as `sha256sum` writes them and `sha256sum --check` reads them.
pub(crate) fn hashes(provenance: &Provenance) -> String {
    let lines: Vec<String> =
        provenance.sources.iter().map(|source| format!("{}  {}", source.sha256, source.name)).collect();
    lines.join("\n")
}

/// A setting as an option of the command line.
fn option((name, value): &(String, String)) -> Option<String> {
    match value.as_str() {
        "true" => Some(format!(" --{name}")),
        "false" => None,
        value => Some(format!(" --{name} {}", quoted(value))),
    }
}

/// An argument as a POSIX shell reads it.
fn quoted(argument: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !argument.is_empty() && argument.bytes().all(is_plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}
