//! The quality of the data: duplicates, contradictions, ranges, missing values, each with its consequence.

use askama::Template;

use super::template::titled;
use super::{filters, Finding};
use crate::findings::effect_size::audio_features;
use crate::format::percent;
use crate::Report;
use hitflop_core::track::Feature;
use hitflop_data::ingest::quality::{MissingValues, Quality};

/// Share of the rows by artists of one label from which the artist nearly gives the label.
const LEAKING_SHARE: f64 = 0.9;

#[derive(Template)]
#[template(path = "text/quality.txt")]
struct QualityText<'a> {
    report: &'a Report,
    quality: &'a Quality,
    artist_leaks: bool,
    has_decades: bool,
    all_features: bool,
    out_of_range: u64,
    out_of_range_features: Vec<&'static str>,
    absent: Vec<&'static str>,
    /// Features with their shares of missing values.
    partly_missing: Vec<String>,
}

impl QualityText<'_> {
    fn share(&self, rows: &u64) -> f64 {
        *rows as f64 / self.report.summary.rows as f64
    }
}

/// One finding per figure, in the order in which they matter for a model.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    let (quality, rows) = (&report.quality, report.summary.rows);
    let (absent, partly): (Vec<&MissingValues>, Vec<&MissingValues>) =
        report.missing.iter().partition(|missing| missing.rows == rows);
    let with_share =
        |one: &MissingValues| format!("{} ({})", one.feature.in_words(), percent(one.rows as f64 / rows as f64));
    // An artist of one track has one label, whatever it is.
    let says_nothing = rows < 2 * quality.artists;
    titled(&QualityText {
        report,
        quality,
        artist_leaks: quality.share_of_rows_by_artists_with_one_label > LEAKING_SHARE && !says_nothing,
        has_decades: !report.summary.by_decade.is_empty(),
        all_features: audio_features(&report.summary).len() == Feature::AUDIO.len(),
        out_of_range: report.out_of_range.iter().map(|one| one.rows).sum(),
        out_of_range_features: report.out_of_range.iter().map(|one| one.feature.in_words()).collect(),
        absent: absent.iter().map(|one| one.feature.in_words()).collect(),
        partly_missing: partly.into_iter().map(with_share).collect(),
    })
}
