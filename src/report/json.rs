//! The report as one JSON document: every number of the page.

use serde::Serialize;

use super::narrative::Narrative;
use super::Report;
use crate::error::{Error, Result};

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    report: &'a Report,
    narrative: &'a Narrative,
}

/// The report and, under `narrative`, its sentences and the numbers derived for them. What is not finite is `null`.
///
/// # Errors
/// Fails only if serialisation does, which would be a fault of this program.
pub fn json(report: &Report) -> Result<String> {
    let document = Document { report, narrative: &Narrative::of(report) };
    serde_json::to_string_pretty(&document)
        .map_err(|error| Error::Failed(format!("writing the report as JSON: {error}")))
}
