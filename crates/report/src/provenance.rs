//! Where the numbers of a report or a model come from.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::format::plural;
use hitflop_core::fingerprint::Fingerprint;
use hitflop_model::param_value::ParamValue;

/// Where the numbers of a report come from, so that it can be reproduced.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// Version of this program.
    pub version: String,
    /// Identifies the run, as its model, metrics, card and known tracks do: equal data, settings and version give an equal one.
    pub run_id: String,
    /// The sub-command that made it: `run` or `explore`.
    pub command: String,
    /// The seed of every random draw.
    pub seed: u64,
    /// Whether the tracks are a simulated sample instead of real files.
    pub simulated: bool,
    /// The data that the user named; empty for data that was found automatically, or simulated.
    pub data: Vec<String>,
    /// The files read.
    pub sources: Vec<Fingerprint>,
    /// Rows set aside, by reason in words; empty if none was.
    pub rejected: Vec<(String, u64)>,
    /// Files that were found and not read, each with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_read: Vec<String>,
    /// Settings of the run.
    pub settings: Vec<Setting>,
    /// The rule by which a column of the files gave the label, such as `popularity>=60`; absent for the label of decade files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The day on which the page was made, as `2026-01-31`. It is no part of `report.json`, which depends on data and settings alone.
    #[serde(skip)]
    pub date: String,
    /// Threads that were used. They are no part of `report.json`.
    #[serde(skip)]
    pub threads: usize,
    /// Processor, memory and system of the computer, as `AMD EPYC 9B14, 24 GiB, Linux (Debian 12)`. They are no part of `report.json`.
    #[serde(skip)]
    pub computer: String,
    /// Seconds from the start of reading to the report; absent where that was not measured. They are no part of `report.json`.
    #[serde(skip)]
    pub seconds: Option<f64>,
    /// Command lines to show. They are no part of `report.json`.
    #[serde(skip)]
    pub command_lines: CommandLines,
}

/// Command lines that a page or a model card shows. Whoever has the options makes them; nothing here knows a flag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLines {
    /// Reproduces the report or the model.
    pub reproduce: String,
    /// Reads the downloaded archive of the real tracks; shown where the tracks are simulated.
    pub read_archive: String,
}

/// A setting of a run. It serialises as a pair of texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Name as in the configuration file.
    pub name: String,
    /// Value in force.
    pub value: SettingValue,
}

impl Setting {
    /// A setting of this name and value.
    pub fn new(name: impl Into<String>, value: SettingValue) -> Setting {
        Setting { name: name.into(), value }
    }
}

impl Serialize for Setting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.name, self.value.to_string()).serialize(serializer)
    }
}

/// The value of a setting. It displays as in the configuration file.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingValue {
    /// A truth value.
    Flag(bool),
    /// A whole number.
    Count(u64),
    /// A number that may have a fraction.
    Number(f64),
    /// A name, a time or an objective.
    Text(String),
    /// A parameter of the estimator by scikit-learn's name: `max_depth=5`.
    Param(String, ParamValue),
}

impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingValue::Flag(flag) => flag.fmt(f),
            SettingValue::Count(count) => count.fmt(f),
            SettingValue::Number(number) => number.fmt(f),
            SettingValue::Text(text) => f.write_str(text),
            SettingValue::Param(name, value) => write!(f, "{name}={value}"),
        }
    }
}

impl Provenance {
    /// What the data is called in headings: `Spotify Hit Predictor dataset`, `simulated tracks`, `songs.csv`.
    pub(crate) fn data_name(&self) -> String {
        match (self.simulated, &self.label, self.sources.as_slice()) {
            (true, ..) => "simulated tracks".to_owned(),
            (_, None, _) => "Spotify Hit Predictor dataset".to_owned(),
            (_, _, []) => "table of tracks".to_owned(),
            (_, _, [only]) => only.name.clone(),
            (_, _, [first, others @ ..]) => {
                format!("{} and {}", first.name, plural(others.len() as u64, "other file", "other files"))
            }
        }
    }

    /// Hashes and names as `sha256sum` writes them and `sha256sum --check` reads them.
    pub(crate) fn hashes(&self) -> String {
        let lines: Vec<String> =
            self.sources.iter().map(|source| format!("{}  {}", source.sha256, source.name)).collect();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_pairs_of_texts() {
        let pair = |name: &str, value| serde_json::to_value(Setting::new(name, value)).expect("JSON");
        for (name, value, expected) in [
            ("lenient", SettingValue::Flag(false), "false"),
            ("draws", SettingValue::Count(10), "10"),
            ("max-correlation", SettingValue::Number(0.8), "0.8"),
            ("min-mutual-information", SettingValue::Number(0.0), "0"),
            ("split", SettingValue::Text("random".to_owned()), "random"),
            ("param", SettingValue::Param("max_depth".to_owned(), ParamValue::None), "max_depth=none"),
        ] {
            assert_eq!(pair(name, value), serde_json::json!([name, expected]));
        }
    }
}
