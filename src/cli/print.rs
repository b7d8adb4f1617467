//! Standard output: summaries for people, JSON for programs.

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;

use super::settings::Settings;

/// Writes text to standard output. A reader that went away (`| head`) is no failure.
pub fn text(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// The closing summary: as JSON if asked for, for people otherwise, or not at all.
pub fn summary(settings: &Settings, json: &impl Serialize, people: impl FnOnce() -> String) -> Result<()> {
    if settings.json {
        text(&(serde_json::to_string_pretty(json)? + "\n"))
    } else if settings.quiet {
        Ok(())
    } else {
        text(&people())
    }
}
