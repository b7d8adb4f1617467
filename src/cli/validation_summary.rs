//! Scores by validation scheme and leakage in the closing summary.

use super::page::Page;
use super::scores;
use hitflop_core::track::ARTIST;
use hitflop_model::dataset::duplicates::Duplicates;
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::{SchemeScores, ValidationScheme};
use hitflop_report::format::{count, plural};
use hitflop_report::leakage_warning;

pub fn robustness(page: &mut Page, found: &Robustness) {
    let not_possible =
        |(scheme, reason): &(ValidationScheme, String)| format!("{:<8} not possible: {reason}", scheme.name());
    let schemes = found.schemes.scores.iter().map(scheme);
    page.list("Validation", schemes.chain(found.schemes.left_out.iter().map(not_possible)));
    page.list("", found.sample.map(|sample| scores::sampled(&sample, "validation and leakage", "tracks")));
    if let Some(cross_decade) = &found.cross_decade {
        let (own, other) = (cross_decade.own(), cross_decade.other());
        page.line("Cross-decade", &format!("ROC AUC {own:.4} fitted on the same decade, {other:.4} on another decade"));
    }
    let curve = found.learning_curve.as_ref();
    if let Some((gain, last)) = curve.and_then(|curve| curve.last_gain().zip(curve.points.last())) {
        let tracks = count(last.train_rows.round() as u64);
        let words = format!("the last doubling of the training tracks, to {tracks}, changed the ROC AUC by {gain:+.4}");
        page.line("Learning curve", &words);
    }
    leakage(page, found);
}

fn scheme(scores: &SchemeScores) -> String {
    let interval = scores.intervals.map_or(String::new(), |intervals| {
        format!(" (95 % interval {:.4} to {:.4})", intervals.roc_auc.low, intervals.roc_auc.high)
    });
    let parts = scores.parts.len() as u64;
    let over = match scores.scheme {
        ValidationScheme::Forward => plural(parts, "decade", "decades"),
        _ => plural(parts, "split", "splits"),
    };
    format!(
        "{:<8} ROC AUC {:.4} ± {:.4}{interval}, accuracy {:.4} ± {:.4} over {over}",
        scores.scheme.name(),
        scores.roc_auc.mean,
        scores.roc_auc.deviation,
        scores.accuracy.mean,
        scores.accuracy.deviation,
    )
}

fn leakage(page: &mut Page, found: &Robustness) {
    let duplicates = &found.duplicates;
    if duplicates.extra_rows > 0 {
        let treatment = match duplicates.treatment {
            Duplicates::Resolve => "merged",
            Duplicates::Keep => "kept",
        };
        let rows = plural(duplicates.extra_rows, "extra row", "extra rows");
        page.line("Duplicates", &format!("{rows} of one URI and decade, {treatment}"));
    }
    let Some(leakage) = &found.leakage else { return };
    if let Some(artist) = leakage.texts.iter().find(|text| text.column.name() == ARTIST) {
        let (random, grouped) = (artist.random.roc_auc, artist.grouped.roc_auc);
        let words = format!("the artist alone: ROC AUC {random:.4} with a random split, {grouped:.4} for new artists");
        page.line("Leakage", &words);
    }
    page.list("Warning", leakage_warning(leakage));
}
