//! What the data is: where it comes from, what its labels mean, and the figures at the head of the page.

use super::{robustness, Derived, KeyFigure};
use crate::findings::effect_size::decades;
use crate::format::{count, fixed, list, percent, plural, verb};
use crate::Report;

/// What the data is, in two sentences.
pub(crate) fn about(report: &Report) -> Vec<String> {
    let rows = report.summary.rows;
    let artists = report.quality.artists;
    let what = format!(
        "{} by {}, {}, each described by fifteen audio features of Spotify and labelled hit or flop.",
        if report.provenance.simulated {
            plural(rows, "simulated track", "simulated tracks")
        } else {
            plural(rows, "track", "tracks")
        },
        plural(artists, "artist", "artists"),
        span(report)
    );
    let labels =
        "A hit was in the weekly Billboard Hot 100 at least once in its decade; a flop is a track outside the \
                  mainstream of its decade, which makes it niche rather than bad.";
    vec![what, labels.to_owned()]
}

/// `from the 1960s to the 2010s`, `from the 1960s`.
fn span(report: &Report) -> String {
    match decades(&report.summary).as_slice() {
        [] => "of no decade".to_owned(),
        [only] => format!("from the {only}"),
        [first, .., last] => format!("from the {first} to the {last}"),
    }
}

/// What the labels mean and what follows from how they were given.
pub(crate) fn labels() -> Vec<String> {
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
    let mut figures = vec![
        figure("Tracks", count(report.summary.rows), format!("{} distinct URIs", count(report.quality.unique_uris))),
        figure("Decades", decades.len().to_string(), list(&names)),
        figure("Hits", percent(derived.hit_share), format!("{} of them", count(derived.hits))),
        figure(
            "Artists",
            count(report.quality.artists),
            format!("{} have one label only", percent(report.quality.share_of_artists_with_one_label)),
        ),
    ];
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
