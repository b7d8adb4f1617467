//! What the data is: where it comes from, what its labels mean, and the figures at the head of the page.

use super::{robustness, Derived, KeyFigure};
use crate::findings::effect_size::{audio_features, decades};
use crate::format::{count, fixed, list, percent, plural, verb};
use crate::Report;
use hitflop_core::track::Feature;

/// What the data is, in two sentences.
pub(crate) fn about(report: &Report) -> Vec<String> {
    let rows = match report.provenance.simulated {
        true => plural(report.summary.rows, "simulated track", "simulated tracks"),
        false => plural(report.summary.rows, "track", "tracks"),
    };
    let by = match report.has_artists() {
        true => format!(" by {}", plural(report.quality.artists, "artist", "artists")),
        false => String::new(),
    };
    let from = span(report).map_or(String::new(), |span| format!(", {span}"));
    let features = match audio_features(&report.summary).len() {
        all if all == Feature::AUDIO.len() => "fifteen audio features of Spotify".to_owned(),
        some => plural(some as u64, "audio feature", "audio features"),
    };
    let what = format!("{rows}{by}{from}, each described by {features} and labelled hit or flop.");
    let labels = match &report.provenance.label {
        Some(rule) => format!("A hit is a track with {rule}; every other is a flop."),
        None => "A hit was in the weekly Billboard Hot 100 at least once in its decade; a flop is a track outside the \
                  mainstream of its decade, which makes it niche rather than bad."
            .to_owned(),
    };
    vec![what, labels]
}

/// `from the 1960s to the 2010s`, `from the 1960s`; none where no decade is known.
fn span(report: &Report) -> Option<String> {
    match decades(&report.summary).as_slice() {
        [] => None,
        [only] => Some(format!("from the {only}")),
        [first, .., last] => Some(format!("from the {first} to the {last}")),
    }
}

/// What the labels mean and what follows from how they were given; `rule` is that of a label of the user's own.
pub(crate) fn labels(rule: Option<&str>) -> Vec<String> {
    if let Some(rule) = rule {
        return vec![
            format!("A hit is a track with {rule} in the files; every other is a flop."),
            "Title, artist and URI are never used as features: names can give the label away without saying anything of the music."
                .to_owned(),
        ];
    }
    vec![
        "A hit was in the weekly Hot 100 at least once in the decade of its file.".to_owned(),
        "A flop was not; besides, its artist has no hit in that decade, and its genre has none. So “flop” means niche, \
         not bad, and what separates the classes is partly mainstream against niche rather than good against poor."
            .to_owned(),
        "Title, artist and URI are never used as features: the two classes were drawn by artist and genre and spelled by \
         different sources, so that names give the label away without saying anything of the music."
            .to_owned(),
    ]
}

/// Why the tracks are not real; the page adds how to get real ones.
pub(crate) fn simulated(report: &Report) -> Option<String> {
    report.provenance.simulated.then(|| {
        "These tracks are simulated. They were drawn at random so as to have the distributions and rank correlations of \
         the real data; no row is a real recording, and nothing here may be quoted as a finding about music."
            .to_owned()
    })
}

/// Rows set aside.
pub(crate) fn rejected(report: &Report) -> Option<String> {
    let rejected = &report.provenance.rejected;
    let total: u64 = rejected.iter().map(|(_, rows)| rows).sum();
    let read = total + report.summary.rows;
    (total > 0).then(|| {
        format!(
            "{} of {} ({}) {} set aside for {}, and {} in no figure of this report.",
            plural(total, "row", "rows"),
            count(read),
            percent(total as f64 / read as f64),
            verb(total, "was", "were"),
            plural(rejected.len() as u64, "reason", "reasons"),
            verb(total, "is", "are"),
        )
    })
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
    figures.push(figure("Hits", percent(derived.hit_share), format!("{} of them", count(derived.hits))));
    if report.has_artists() {
        let one_label = format!("{} have one label only", percent(quality.share_of_artists_with_one_label));
        figures.push(figure("Artists", count(quality.artists), one_label));
    }
    if let Some(evaluation) = &report.evaluation {
        let majority = format!("label commoner in training: {}", percent(evaluation.majority_accuracy));
        figures.push(figure("Accuracy", percent(evaluation.scores.accuracy), majority));
        let for_new_artists = report.robustness.as_ref().and_then(robustness::key_figure);
        let note = for_new_artists.unwrap_or_else(|| "chance: 0.5".to_owned());
        figures.push(figure("ROC AUC", fixed(evaluation.scores.roc_auc, 3), note));
    }
    figures
}

fn figure(label: &str, value: String, note: String) -> KeyFigure {
    KeyFigure { label: label.to_owned(), value, note }
}
