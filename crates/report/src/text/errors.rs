//! Where the final model errs.

use askama::Template;

use super::template::titled;
use super::{filters, Derived, Finding};
use crate::findings::errors::{DecadeErrors, ErrorAnalysis, LabelNoise, MIN_ARTIST_TRACKS};
use crate::Report;
use hitflop_metrics::split::SampleSize;
use hitflop_model::selection::hold_out::HoldOutBy;

#[derive(Template)]
#[template(path = "text/errors.txt")]
struct ErrorsText<'a> {
    errors: &'a ErrorAnalysis,
    /// The decades of the highest and the lowest error rate.
    decades: Option<(&'a DecadeErrors, &'a DecadeErrors)>,
    min_tracks: u64,
    noise: Option<&'a LabelNoise>,
    /// Whether tracks of one artist can be in training and test.
    random: bool,
    /// Size of the sample of the training tracks that are predicted, if it is not all of them.
    sample: Option<SampleSize>,
}

/// Error rates by part, decade, artist and contradictory labels; empty where no track was predicted.
pub(crate) fn findings(report: &Report, derived: &Derived) -> Vec<Finding> {
    let Some(errors) = &derived.errors else { return Vec::new() };
    let rate = |one: &DecadeErrors| one.rate.error_rate.value;
    let highest = errors.by_decade.iter().max_by(|a, b| rate(a).total_cmp(&rate(b)));
    let lowest = errors.by_decade.iter().min_by(|a, b| rate(a).total_cmp(&rate(b)));
    titled(&ErrorsText {
        errors,
        sample: report.comparison.as_ref().and_then(|comparison| comparison.sample),
        decades: highest.zip(lowest).filter(|(highest, lowest)| rate(highest) > rate(lowest)),
        min_tracks: MIN_ARTIST_TRACKS,
        noise: errors.label_noise.as_ref(),
        random: report.has_artists()
            && report.evaluation.as_ref().is_some_and(|evaluation| evaluation.hold_out.by == HoldOutBy::Random),
    })
}
