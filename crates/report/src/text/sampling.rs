//! What became of repeated rows, how tracks are grouped, and how the validation schemes were run.

use crate::format::{capitalise, count, list, percent, plural, verb};
use hitflop_model::dataset::duplicates::{DuplicateFigures, Duplicates};
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::SchemeComparison;

pub(super) fn duplicates(found: &DuplicateFigures) -> String {
    if found.extra_rows == 0 {
        return "No URI stands twice in a decade.".to_owned();
    }
    let what = format!(
        "{} of one URI and decade {} more than once ({}); {} of them with both labels, {} with differing audio values.",
        plural(found.repeated, "pair", "pairs"),
        verb(found.repeated, "stands", "stand"),
        plural(found.extra_rows, "extra row", "extra rows"),
        count(found.with_both_labels),
        count(found.with_different_audio),
    );
    let became = match found.treatment {
        Duplicates::Resolve => format!(
            "Each became one track before anything was held out, a hit if any of its rows is one, as the definition of a hit has it: \
             {} rows are {} to learn from.",
            count(found.rows_before),
            plural(found.rows, "track", "tracks")
        ),
        Duplicates::Keep => {
            "All rows were kept, as in the notebook, so that a track can stand in training and in the test at once.".to_owned()
        }
    };
    format!("{what} {became}")
}

pub(super) fn groups(found: &SchemeComparison) -> String {
    let groups = &found.groups;
    let named: Vec<&str> = found.largest_group.iter().take(3).map(String::as_str).collect();
    let more = found.largest_group.len().saturating_sub(named.len());
    let others = if more > 0 { format!(" and {} more", count(more as u64)) } else { String::new() };
    let by = if named.is_empty() { String::new() } else { format!(", by {}{others}", list(&named)) };
    let share = groups.largest as f64 / groups.rows as f64;
    let single = groups.sizes.iter().find(|class| class.most == Some(1)).map_or(0, |class| class.groups);
    let weight = if share > 0.05 {
        " That is so much that shares of hits and of test tracks cannot be met exactly."
    } else {
        ""
    };
    format!(
        "Tracks that share {}, at whatever remove, make up {} of {}; {} {} of one track. The largest \
         has {} ({} of all){by}.{weight}",
        if found.has_artists { "an artist, a URI or all audio values" } else { "a URI or all audio values" },
        plural(groups.groups, "group", "groups"),
        plural(groups.rows, "track", "tracks"),
        count(single),
        verb(single, "is", "are"),
        plural(groups.largest, "track", "tracks"),
        percent(share),
    )
}

pub(super) fn repeated(robustness: &Robustness) -> String {
    let found = &robustness.schemes;
    let mut text = format!(
        "{} at random and by groups have the seeds from {} on; the model’s own seed stays. Forward in time there is one fit a decade, as \
         nothing is drawn. Probabilities are the estimator’s own and a hit is called above 0.5, so that the accuracy can differ a \
         little from that of the saved model, which may be calibrated.",
        capitalise(&plural(found.budget.repeats as u64, "split", "splits")),
        found.seed
    );
    if !found.budget.thorough {
        let light = robustness.cross_decade.as_ref().map(|one| &one.params);
        let light = light.or(robustness.learning_curve.as_ref().map(|one| &one.params));
        if let Some(light) = light.filter(|&light| *light != found.params) {
            text.push_str(&format!(
                " Transfer, learning curve and leaks, which need many fits and only compare them, are by a lighter recipe ({}); \
                 a thorough evaluation fits the recipe itself, with more splits, folds and resamples.",
                light.describe()
            ));
        }
    }
    text
}

/// What the tracks do not allow, with the reason where it is their decades; `decades` is the number of decades known.
pub(super) fn left_out(robustness: &Robustness, decades: usize) -> Option<String> {
    let mut missing: Vec<String> = robustness
        .schemes
        .left_out
        .iter()
        .map(|(scheme, reason)| format!("the {} protocol ({reason})", scheme.name()))
        .collect();
    let absent = [
        (transfer(decades), robustness.cross_decade.is_none()),
        ("the learning curve".to_owned(), robustness.learning_curve.is_none()),
        ("the measure of leaks".to_owned(), robustness.leakage.is_none()),
    ];
    missing.extend(absent.into_iter().filter(|(_, is)| *is).map(|(what, _)| what));
    (!missing.is_empty()).then(|| format!("The tracks do not allow {}.", list(&missing)))
}

/// The scores from decade to decade, with the reason why they are left out if it is the number of decades.
fn transfer(decades: usize) -> String {
    let what = "the transfer from decade to decade";
    match decades {
        0 => format!("{what} (no track has a decade)"),
        1 => format!("{what} (all tracks are of one decade)"),
        _ => what.to_owned(),
    }
}
