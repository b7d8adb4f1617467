//! Standard output: summaries for people, JSON for programs.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};
use serde::Serialize;

use super::mapping::print_mappings;
use super::page::{self, WIDTH};
use super::progress::{StageTime, TerminalProgress};
use super::settings::ProgramOptions;
use super::summary::text_of;
use hitflop::pipeline::{version, RunSummary};

const UNWRITABLE: &str = "standard output cannot be written";

/// Writes to standard output. A reader that went away (`| head`) is no failure.
pub fn text(text: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context(UNWRITABLE),
    }
}

/// Lets `write` write to standard output. A reader that went away is no failure.
pub fn stream(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context(UNWRITABLE),
    }
}

/// Writes a line to standard error, for a terminal in lines of at most 80 columns. If it cannot be written, the command goes
/// on: its results are elsewhere.
pub fn to_stderr(line: &str) {
    let text = shown(line);
    let text = if io::stderr().is_terminal() { wrapped(&text) } else { text };
    let _ = writeln!(io::stderr(), "{text}");
}

/// Text whose long lines are wrapped; the others stay as they are.
fn wrapped(text: &str) -> String {
    let line = |line: &str| match line.chars().count() > WIDTH {
        true => page::wrapped(line, WIDTH, "", "    ").trim_end().to_owned(),
        false => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// A warning on standard error, unless `quiet`.
pub fn warning(program: &ProgramOptions, words: &str) {
    if !program.quiet {
        to_stderr(&format!("warning: {words}"));
    }
}

/// Text for a terminal: control characters, which names of files and columns may have, are escaped, so that the terminal does not
/// obey them; so are marks that change the direction of text.
fn shown(text: &str) -> String {
    let is_obeyed = |letter: char| {
        (letter.is_control() && !matches!(letter, '\n' | '\t'))
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(is_obeyed) {
        return text.to_owned();
    }
    let show = |letter: char| match is_obeyed(letter) {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    };
    text.chars().map(show).collect()
}

/// Prints a result as JSON if that is requested, else as text unless `quiet`.
pub fn result(program: &ProgramOptions, json: &impl Serialize, people: impl FnOnce() -> String) -> Result<()> {
    if program.json {
        text((serde_json::to_string_pretty(json)? + "\n").as_bytes())
    } else if program.quiet {
        Ok(())
    } else {
        text(shown(&people()).as_bytes())
    }
}

#[derive(Serialize)]
struct CommandResult<'a, T> {
    command: &'a str,
    #[serde(flatten)]
    result: T,
}

/// As [`result`], with the name of the command as a first member.
pub fn of_command(
    command: &str,
    program: &ProgramOptions,
    json: impl Serialize,
    people: impl FnOnce() -> String,
) -> Result<()> {
    result(program, &CommandResult { command, result: json }, people)
}

#[derive(Serialize)]
struct TimedSummary<'a> {
    version: &'a str,
    #[serde(flatten)]
    summary: &'a RunSummary<'a>,
    stages: Vec<StageTime>,
    seconds: f64,
}

/// Prints the summary of a job.
pub fn summary(
    command: &str,
    program: &ProgramOptions,
    progress: &TerminalProgress,
    summary: &RunSummary,
) -> Result<()> {
    print_mappings(program, summary.mappings.iter().map(|file| (file.file.as_str(), &file.mapping)));
    let seconds = progress.total_seconds();
    let timed = TimedSummary { version: version(), summary, stages: progress.times(), seconds };
    of_command(command, program, timed, || text_of(summary, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_wrapped_and_others_stay() {
        let names: Vec<String> = (0..40).map(|number| format!("column {number}")).collect();
        let line = format!("warning: no {}", names.join(", "));
        let text = wrapped(&format!("short\n  as  it is\n{line}"));
        assert!(text.starts_with("short\n  as  it is\nwarning: no column 0, "), "{text}");
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() > 5 && lines.iter().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(lines[3..].iter().all(|line| line.starts_with("    column") || line.starts_with("    ")), "{text}");
        assert_eq!(lines[2..].join("").replace("    ", " "), line);
    }

    #[test]
    fn a_terminal_does_not_obey_names() {
        assert_eq!(shown("héllo\n\t– ♪"), "héllo\n\t– ♪");
        assert_eq!(shown("a\u{1b}[2Jb\rc\u{7}\u{9b}"), "a\\u{1b}[2Jb\\rc\\u{7}\\u{9b}");
        assert_eq!(shown("gpj.\u{202e}exe"), "gpj.\\u{202e}exe");
    }
}
