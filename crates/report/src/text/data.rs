//! What the data is: where it comes from, what its labels mean, and the figures at the head of the page.

use askama::Template;

use super::template::sentences;
use super::{filters, robustness, Derived, KeyFigure};
use crate::findings::effect_size::{audio_features, decades};
use crate::format::{count, fixed, list, percent};
use crate::{Report, SumsNote};
use hitflop_core::track::{Decade, Feature};

#[derive(Template)]
#[template(path = "text/about.txt")]
struct About<'a> {
    simulated: bool,
    rows: u64,
    artists: u64,
    decades: Option<(Decade, Decade)>,
    features: usize,
    all_features: bool,
    label: Option<&'a str>,
    sums: Option<SumsNote>,
}

/// What the data is, in two sentences.
pub(crate) fn about(report: &Report) -> Vec<String> {
    let decades = decades(&report.summary);
    let features = audio_features(&report.summary).len();
    sentences(&About {
        simulated: report.provenance.simulated,
        rows: report.summary.rows,
        artists: report.quality.artists,
        decades: decades.first().copied().zip(decades.last().copied()),
        features,
        all_features: features == Feature::AUDIO.len(),
        label: report.provenance.label.as_deref(),
        sums: report.sums,
    })
}

#[derive(Template)]
#[template(path = "text/labels.txt")]
struct Labels<'a> {
    label: Option<&'a str>,
}

/// What the labels mean and what follows from how they were given; `rule` is that of a label of the user's own.
pub(crate) fn labels(rule: Option<&str>) -> Vec<String> {
    sentences(&Labels { label: rule })
}

#[derive(Template)]
#[template(path = "text/simulated.txt")]
struct Simulated;

/// Why the tracks are not real; the page adds how to get real ones.
pub(crate) fn simulated(report: &Report) -> Option<String> {
    report.provenance.simulated.then(|| sentences(&Simulated).join(" "))
}

#[derive(Template)]
#[template(path = "text/rejected.txt")]
struct Rejected {
    total: u64,
    read: u64,
    share: f64,
    reasons: usize,
}

/// Excluded rows.
pub(crate) fn rejected(report: &Report) -> Option<String> {
    let rejected = &report.provenance.rejected;
    let total: u64 = rejected.iter().map(|(_, rows)| rows).sum();
    let read = total + report.summary.rows;
    let text = Rejected { total, read, share: total as f64 / read as f64, reasons: rejected.len() };
    (total > 0).then(|| sentences(&text).join(" "))
}

/// The figures at the head of the page.
pub(crate) fn key_figures(report: &Report, derived: &Derived) -> Vec<KeyFigure> {
    let decades = decades(&report.summary);
    let names: Vec<String> = match decades.as_slice() {
        [first, _, .., last] => vec![format!("{first} to {last}")],
        few => few.iter().map(ToString::to_string).collect(),
    };
    let quality = &report.quality;
    let uris = match report.has_uris() {
        true => format!("{} distinct URIs", count(quality.unique_uris)),
        false => "without URIs".to_owned(),
    };
    let mut figures = vec![figure("Tracks", count(report.summary.rows), uris)];
    figures.extend((!decades.is_empty()).then(|| figure("Decades", decades.len().to_string(), list(&names))));
    figures.push(figure("Hits", percent(derived.hit_share), format!("{} tracks", count(derived.hits))));
    if report.has_artists() {
        let one_label = format!("{} have one label only", percent(quality.share_of_artists_with_one_label));
        figures.push(figure("Artists", count(quality.artists), one_label));
    }
    if let Some(evaluation) = &report.evaluation {
        let baseline = format!("baseline: {}", percent(evaluation.majority_accuracy));
        figures.push(figure("Accuracy", percent(evaluation.scores.accuracy), baseline));
        let for_new_artists = report.robustness.as_ref().and_then(robustness::key_figure);
        let note = for_new_artists.unwrap_or_else(|| "chance: 0.5".to_owned());
        figures.push(figure("ROC AUC", fixed(evaluation.scores.roc_auc, 3), note));
    }
    figures
}

fn figure(label: &str, value: String, note: String) -> KeyFigure {
    KeyFigure { label: label.to_owned(), value, note }
}
