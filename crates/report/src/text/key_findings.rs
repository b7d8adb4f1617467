//! The three questions that the analysis was made for, answered with numbers.

use super::{leaderboard, robustness};
use super::{Derived, KeyFinding};
use crate::findings::effect_size::{group, mean_of};
use crate::findings::effect_size::{DecadeEffect, EffectChange, FeatureEffect, IntervalEstimate, Trend};
use crate::format::{capitalise, comparative, count, fixed, list, name, percent, plural, signed, value, verb};
use crate::Report;
use hitflop_core::track::{Feature, Label};
use hitflop_data::explore::summary::Summary;
use hitflop_model::evaluation::Evaluation;
use hitflop_model::selection::hold_out::HoldOutBy;

/// Features named one by one before the rest is left to the table.
const MAX_KEY_FEATURES: usize = 5;

const DEFINITION_OF_D: &str =
    "d is the difference of the means, hits minus flops, in standard deviations, with half its 95 % interval. The list goes \
     by mutual information, which sees more than the means.";

/// The three questions.
pub(crate) fn answers(report: &Report, derived: &Derived) -> Vec<KeyFinding> {
    vec![most_informative_features(report, derived), changing(derived), predicting(report, derived)]
}

fn most_informative_features(report: &Report, derived: &Derived) -> KeyFinding {
    let question = "Which features tell a hit from a flop?".to_owned();
    let informative: Vec<_> = derived.information.iter().filter(|information| information.informative).collect();
    let Some((best, others)) = informative.split_first() else {
        let answer = "None of them: no feature tells more of the label than chance would.".to_owned();
        return KeyFinding { question, answer, grounds: silent(report, derived).into_iter().collect() };
    };
    let mut answer = format!(
        "{} tells most: knowing it alone takes away {} of the uncertainty about the label (its entropy)",
        capitalise(name(best.feature)),
        percent(best.share_of_entropy)
    );
    let next: Vec<String> =
        others.iter().take(3).map(|o| format!("{} ({})", name(o.feature), percent(o.share_of_entropy))).collect();
    answer.push_str(&if next.is_empty() {
        ".".to_owned()
    } else {
        format!("; then {}.", list(&next) + follow(next.len()))
    });
    let contrasts =
        informative.iter().take(MAX_KEY_FEATURES).filter_map(|one| contrast(&report.summary, derived, one.feature));
    let mut grounds: Vec<String> = contrasts.collect();
    if !grounds.is_empty() {
        grounds.push(DEFINITION_OF_D.to_owned());
    }
    grounds.extend(silent(report, derived));
    KeyFinding { question, answer, grounds }
}

/// How the list of the next features ends.
fn follow(features: usize) -> &'static str {
    if features == 1 {
        " follows"
    } else {
        " follow"
    }
}

/// `Hits are less instrumental: 0.030 on average against 0.28 for flops (d = −0.99 ± 0.02).`
fn contrast(summary: &Summary, derived: &Derived, feature: Feature) -> Option<String> {
    let d = derived.effect(feature)?.overall?;
    let mean = |label| Some(value(feature, mean_of(group(&summary.by_label, None, label)?, feature)?.mean));
    let (hits, flops) = (mean(Label::Hit)?, mean(Label::Flop)?);
    Some(if d.excludes_zero() {
        format!(
            "Hits are {}: {hits} on average against {flops} for flops ({}).",
            comparative(feature, d.value > 0.0),
            effect_size(d)
        )
    } else {
        format!(
            "{}: no clear difference of the means ({hits} for hits, {flops} for flops; {}); the mutual information must come from \
             the rest of the distribution.",
            capitalise(name(feature)),
            effect_size(d)
        )
    })
}

fn effect_size(d: IntervalEstimate) -> String {
    format!("d = {} ± {}", signed(d.value, 2), fixed((d.high - d.low) / 2.0, 2))
}

/// The features without mutual information with the label.
fn silent(report: &Report, derived: &Derived) -> Option<String> {
    let silent: Vec<&str> =
        derived.information.iter().filter(|one| !one.informative).map(|one| name(one.feature)).collect();
    if silent.is_empty() {
        return None;
    }
    let number = silent.len() as u64;
    let mut text = format!(
        "{} {} no more of the label than chance: under permuted labels, more than one in twenty tell as much \
         ({}).",
        capitalise(&list(&silent)),
        verb(number, "tells", "tell"),
        plural(report.mutual_information.permutations as u64, "permutation", "permutations"),
    );
    if silent.contains(&name(Feature::Decade)) && derived.is_balanced() {
        text.push_str(" The decade cannot tell anything by itself, for every decade has as many hits as flops.");
    }
    Some(text)
}

fn changing(derived: &Derived) -> KeyFinding {
    let question = "Do the features that define a hit change over the decades?".to_owned();
    let changes: Vec<(&FeatureEffect, EffectChange)> =
        derived.effects.iter().filter_map(|effect| Some((effect, effect.change?))).collect();
    let Some((_, first)) = changes.first() else {
        let answer = "These data cannot say: it takes at least two decades with hits and flops in each.".to_owned();
        return KeyFinding { question, answer, grounds: Vec::new() };
    };
    let of = |trend: Trend| -> Vec<(&FeatureEffect, EffectChange)> {
        let mut of: Vec<_> = changes.iter().copied().filter(|(_, change)| change.trend == trend).collect();
        of.sort_by(|(_, a), (_, b)| b.difference.value.abs().total_cmp(&a.difference.value.abs()));
        of
    };
    let (grew, shrank, reversed) = (of(Trend::Grew), of(Trend::Shrank), of(Trend::Reversed));
    let steady = of(Trend::NoClearChange);
    let changed = grew.len() + shrank.len() + reversed.len();
    // One comparison in twenty is expected to look like a change where there is none.
    let verdict = match changed {
        0 => "Not clearly",
        few if few as f64 <= changes.len() as f64 * 0.05 + 1.0 => "Perhaps",
        _ => "Yes",
    };
    let mut answer = format!(
        "{verdict}: between the {} and the {} the gap between hits and flops changed clearly in {} of {} (the key, whose \
         numbers are names, is left out)",
        first.from.decade,
        first.to.decade,
        changed,
        plural(changes.len() as u64, "feature", "features"),
    );
    let parts: Vec<String> = [("grew", &grew), ("shrank", &shrank), ("changed sign", &reversed)]
        .into_iter()
        .filter(|(_, of)| !of.is_empty())
        .map(|(what, of)| format!("it {what} in {}", of.len()))
        .collect();
    answer.push_str(&if parts.is_empty() { ".".to_owned() } else { format!(": {}.", list(&parts)) });
    let mut grounds: Vec<String> =
        [("The gap grew in", &grew), ("It shrank in", &shrank), ("It changed sign in", &reversed)]
            .into_iter()
            .filter(|(_, of)| !of.is_empty())
            .map(|(lead, of)| listed_changes(lead, of))
            .collect();
    if !steady.is_empty() {
        let names: Vec<&str> = steady.iter().map(|(effect, _)| name(effect.feature)).collect();
        let number = steady.len() as u64;
        let text = format!(
            "{} {} no clear difference between the {} and the {}: the 95 % interval of the change holds zero.",
            capitalise(&list(&names)),
            verb(number, "shows", "show"),
            first.from.decade,
            first.to.decade,
        );
        grounds.push(text);
    }
    grounds.extend(swings(&changes));
    grounds.push(INTERVALS_OF_CHANGES.to_owned());
    KeyFinding { question, answer, grounds }
}

/// `The gap grew in loudness (d +0.63 → +0.80, change +0.17 ± 0.06) and …`
fn listed_changes(lead: &str, changes: &[(&FeatureEffect, EffectChange)]) -> String {
    let words = |(effect, change): &(&FeatureEffect, EffectChange)| {
        let difference = change.difference;
        format!(
            "{} (d {} → {}, change {} ± {})",
            name(effect.feature),
            signed(change.from.d.value, 2),
            signed(change.to.d.value, 2),
            signed(difference.value, 2),
            fixed((difference.high - difference.low) / 2.0, 2),
        )
    };
    let mut named: Vec<String> = changes.iter().take(MAX_KEY_FEATURES).map(words).collect();
    named.extend(changes.iter().skip(MAX_KEY_FEATURES).map(|(effect, _)| name(effect.feature).to_owned()));
    format!("{lead} {}.", list(&named))
}

const INTERVALS_OF_CHANGES: &str =
    "Each change stands with half its 95 % interval; with several comparisons, one or another may fall outside its interval \
     by chance. Artists with tracks in both decades, or with both labels, are taken as independent there.";

/// What the comparison of the first with the last decade does not show: effects that moved away and came back.
fn swings(changes: &[(&FeatureEffect, EffectChange)]) -> Option<String> {
    let mut swings: Vec<(&FeatureEffect, EffectChange, DecadeEffect)> =
        changes.iter().filter_map(|(effect, change)| Some((*effect, *change, effect.swing()?))).collect();
    let size = |(_, change, peak): &(&FeatureEffect, EffectChange, DecadeEffect)| {
        (peak.d.value - change.from.d.value).abs().min((peak.d.value - change.to.d.value).abs())
    };
    swings.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let words = |(effect, change, peak): &(&FeatureEffect, EffectChange, DecadeEffect)| {
        format!(
            "{} (d {} → {} in the {} → {})",
            name(effect.feature),
            signed(change.from.d.value, 2),
            signed(peak.d.value, 2),
            peak.decade,
            signed(change.to.d.value, 2)
        )
    };
    let named: Vec<String> = swings.iter().take(MAX_KEY_FEATURES).map(words).collect();
    (!named.is_empty()).then(|| {
        format!(
            "In between, the gap moved clearly away from both ends in {}; the table has every decade.",
            list(&named)
        )
    })
}

fn predicting(report: &Report, derived: &Derived) -> KeyFinding {
    let question = "Can a hit be predicted?".to_owned();
    let (Some(evaluation), Some(accuracy)) = (&report.evaluation, derived.accuracy) else {
        let answer = "This run fitted no model, so this report cannot say.".to_owned();
        return KeyFinding { question, answer, grounds: Vec::new() };
    };
    // The label that is more frequent in training can be the rarer one in the test rows; the verdict is not to profit from that.
    let (guessing, otherwise) = (evaluation.majority_accuracy, 1.0 - evaluation.majority_accuracy);
    let other = match accuracy.low > guessing && accuracy.low <= otherwise {
        true => format!(", and the other in {}", percent(otherwise)),
        false => String::new(),
    };
    let verdict = match (accuracy.low > guessing.max(otherwise), evaluation.features.contains(&Feature::Decade)) {
        (true, true) => "From the audio and the decade, better than by guessing",
        (true, false) => "From the audio alone, better than by guessing",
        (false, _) => "Not demonstrably",
    };
    let unless = if report.has_artists() { ", which those by one artist are not" } else { "" };
    let answer = format!(
        "{verdict}: on {} that it has not seen, the model ({}) is right in {} (95 % interval {} to {}, tracks taken \
         as independent{unless}), where always naming the label that is commoner in training is \
         right in {}{other}. Its ROC AUC is {}.",
        plural(evaluation.test_rows, "track", "tracks"),
        evaluation.params.describe(),
        percent(accuracy.value),
        percent(accuracy.low),
        percent(accuracy.high),
        percent(guessing),
        fixed(evaluation.scores.roc_auc, 3),
    );
    let mut grounds: Vec<String> = compared(report, derived).into_iter().collect();
    grounds.extend([ranking(evaluation), errors(evaluation)]);
    let measured = report.robustness.as_ref().and_then(robustness::verdict);
    grounds.extend(measured.or_else(|| not_measured(report, evaluation)));
    KeyFinding { question, answer, grounds }
}

/// Rank of the model among those that it was compared with.
fn compared(report: &Report, derived: &Derived) -> Option<String> {
    leaderboard::verdict(report.comparison.as_ref()?, derived.fold_statistics.as_ref()?)
}

fn ranking(evaluation: &Evaluation) -> String {
    format!(
        "Shown one hit and one flop at random, it gives the hit the higher probability in {} of cases, ties counted half: \
         that is what the ROC AUC says.",
        percent(evaluation.scores.roc_auc)
    )
}

fn errors(evaluation: &Evaluation) -> String {
    let confusion = &evaluation.confusion;
    let (false_hits, missed) = (confusion.false_positives, confusion.false_negatives);
    let leaning = match false_hits.cmp(&missed) {
        std::cmp::Ordering::Greater => "It errs towards calling a track a hit",
        std::cmp::Ordering::Less => "It errs towards calling a track a flop",
        std::cmp::Ordering::Equal => "It errs equally both ways",
    };
    format!(
        "It finds {} of the hits, and {} of the tracks that it calls hits are hits. {leaning}: {} called {}, {} called {}.",
        percent(evaluation.scores.recall),
        percent(evaluation.scores.precision),
        plural(false_hits, "flop", "flops"),
        verb(false_hits, "a hit", "hits"),
        plural(missed, "hit", "hits"),
        verb(missed, "a flop", "flops"),
    )
}

/// The limit of a split at random.
fn not_measured(report: &Report, evaluation: &Evaluation) -> Option<String> {
    (evaluation.hold_out.by == HoldOutBy::Random && report.has_artists()).then(|| {
        format!(
            "What this does not measure: rows were split at random, so tracks by one artist, and copies of one recording, \
             can stand on both sides ({} rows by {}; {} of the rows are by artists with one label only). The score is for more \
             tracks of the same kind by much the same artists; how well the model does on artists it has never met, or on \
             a later decade, takes another split.",
            count(report.summary.rows),
            plural(report.quality.artists, "artist", "artists"),
            percent(report.quality.share_of_rows_by_artists_with_one_label),
        )
    })
}
