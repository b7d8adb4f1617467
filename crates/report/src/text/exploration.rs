//! What the exploration found, in sentences.

use super::Derived;
use crate::findings::derived::{Balance, Overlap, Pair};
use crate::findings::effect_size::{DecadeEffect, FeatureEffect};
use crate::format::{
    capitalise, comparative, count, fixed, list, name, percent, plural, signed, significant, value, verb,
};
use crate::Report;
use hitflop_core::track::Feature;
use hitflop_data::explore::mutual_information::Estimate;
use hitflop_data::explore::selection::Dropped;

/// Where the middle half of the tracks lies, for the features that have a unit to be pictured in.
pub(crate) fn distributions(report: &Report) -> Vec<String> {
    let of = |feature: Feature| report.summary.describe.iter().find(|column| column.name == feature.name());
    let half = |feature: Feature| {
        let column = of(feature)?;
        Some(format!("between {} and {} in {}", value(feature, column.q25), value(feature, column.q75), name(feature)))
    };
    let halves: Vec<String> =
        [Feature::DurationMs, Feature::Tempo, Feature::Loudness].into_iter().filter_map(half).collect();
    let mut sentences = Vec::new();
    if !halves.is_empty() {
        sentences.push(format!("The middle half of the tracks lies {}.", list(&halves)));
    }
    if let Some(duration) = of(Feature::DurationMs) {
        sentences.push(format!(
            "The shortest track lasts {}, the longest {}; the median is {}.",
            value(Feature::DurationMs, duration.min),
            value(Feature::DurationMs, duration.max),
            value(Feature::DurationMs, duration.q50)
        ));
    }
    sentences
}

/// How hits and flops are spread over the decades.
pub(crate) fn balance(report: &Report, derived: &Derived) -> Vec<String> {
    let totals = format!(
        "{}: {} and {}.",
        plural(report.summary.rows, "track", "tracks"),
        plural(derived.hits, "hit", "hits"),
        plural(derived.flops, "flop", "flops")
    );
    let by_rows = |balance: &&Balance| balance.rows;
    let extremes = (derived.balance.iter().max_by_key(by_rows), derived.balance.iter().min_by_key(by_rows));
    let (Some(largest), Some(smallest)) = extremes else { return vec![totals] };
    let mut sentences = vec![totals];
    if derived.balance.len() > 1 && largest.rows != smallest.rows {
        sentences.push(format!(
            "The {} have most tracks ({}), the {} fewest ({}).",
            largest.decade,
            count(largest.rows),
            smallest.decade,
            count(smallest.rows)
        ));
    }
    sentences.push(evenness(derived));
    sentences
}

fn evenness(derived: &Derived) -> String {
    if derived.is_balanced() {
        let where_ = if derived.balance.len() == 1 { "There are" } else { "In every decade there are" };
        return format!(
            "{where_} as many hits as flops, by the way the data was drawn: half is what guessing scores, and nothing here \
             says how rare hits are among all music."
        );
    }
    let by_share = |a: &&Balance, b: &&Balance| a.hit_share.total_cmp(&b.hit_share);
    let extremes = (derived.balance.iter().min_by(by_share), derived.balance.iter().max_by(by_share));
    match extremes {
        (Some(low), Some(high)) if low.decade != high.decade => format!(
            "The share of hits runs from {} in the {} to {} in the {}.",
            percent(low.hit_share),
            low.decade,
            percent(high.hit_share),
            high.decade
        ),
        _ => format!("Hits are {} of the tracks.", percent(derived.hit_share)),
    }
}

/// Where the distributions of hits and flops have least and most in common.
pub(crate) fn shapes(derived: &Derived) -> Vec<String> {
    let words = |overlap: &Overlap| format!("{} ({})", name(overlap.feature), percent(overlap.share));
    let all: Vec<String> = derived.overlaps.iter().map(words).collect();
    match all.as_slice() {
        [] => Vec::new(),
        [only] => vec![format!("What the distributions of hits and flops have in common: {only}.")],
        [least @ .., most] => vec![format!(
            "The distributions of hits and flops have least in common in {}, most in {most}: the percentage is the area \
             below both curves, or the share of tracks in the same categories, where 100 % would be the same distribution.",
            list(&least[..least.len().min(3)])
        )],
    }
}

/// In which features and decades hits and flops lie furthest apart.
pub(crate) fn means(derived: &Derived) -> Vec<String> {
    // A decade whose interval holds zero shows no distance to speak of.
    let peak = |effect: &FeatureEffect| effect.strongest().filter(|peak| peak.d.excludes_zero());
    let mut peaks: Vec<(Feature, DecadeEffect)> =
        derived.effects.iter().filter_map(|effect| Some((effect.feature, peak(effect)?))).collect();
    peaks.sort_by(|(_, a), (_, b)| b.d.value.abs().total_cmp(&a.d.value.abs()));
    let words = |(feature, peak): &(Feature, DecadeEffect)| {
        format!("{} in the {} (d = {})", name(*feature), peak.decade, signed(peak.d.value, 2))
    };
    let Some((feature, peak)) = peaks.first() else { return Vec::new() };
    let mut sentence = format!(
        "Hits and flops lie furthest apart in {}, where hits are {}",
        words(&(*feature, *peak)),
        comparative(*feature, peak.d.value > 0.0)
    );
    let next: Vec<String> = peaks.iter().skip(1).take(2).map(words).collect();
    if !next.is_empty() {
        sentence.push_str(&format!("; then {}", list(&next)));
    }
    vec![sentence + "."]
}

/// Mutual information of the features with the label, in both variants.
pub(crate) fn mutual_information(report: &Report, derived: &Derived) -> Vec<String> {
    let mutual = &report.mutual_information;
    let informative = derived.information.iter().filter(|one| one.informative).count();
    let mut sentences = vec![format!(
        "{} of {} {} more of the label than chance. The label itself holds {} nats of uncertainty (natural units of \
         information, one is 1.44 bits); a feature that took all of it away would give the label away.",
        informative,
        plural(derived.information.len() as u64, "feature", "features"),
        verb(informative as u64, "tells", "tell"),
        fixed(derived.label_entropy, 3),
    )];
    let differing: Vec<String> =
        mutual.mixed.iter().filter_map(|mixed| differing(mixed, &mutual.all_continuous)).collect();
    if !differing.is_empty() {
        sentences.push(format!(
            "How a category is taken matters: {}. Categories taken as discrete are counted (plug-in estimate, biased \
             slightly upwards, as is its chance level), which fits what they are, so that variant is the \
             one to trust, and the one used in this report’s sentences.",
            list(&differing)
        ));
    }
    sentences
}

/// A category whose verdict depends on how it is taken.
fn differing(mixed: &Estimate, all_continuous: &[Estimate]) -> Option<String> {
    let continuous = all_continuous.iter().find(|estimate| estimate.feature == mixed.feature)?;
    let differs = mixed.discrete && mixed.is_informative() != continuous.is_informative();
    let verdict = |estimate: &Estimate| if estimate.is_informative() { "informative" } else { "not above chance" };
    differs.then(|| {
        format!(
            "{} is {} as discrete ({} nats) and {} as continuous ({} nats)",
            name(mixed.feature),
            verdict(mixed),
            fixed(mixed.nats, 4),
            verdict(continuous),
            fixed(continuous.nats, 4)
        )
    })
}

/// Difference of Pearson and Spearman from which it is mentioned.
const NOTABLE_DIFFERENCE: f64 = 0.1;

/// The strongest pairs.
pub(crate) fn correlation(derived: &Derived) -> Vec<String> {
    let mut sentences = Vec::new();
    let words = |pair: &Pair| format!("{} and {} (r = {})", column(&pair.a), column(&pair.b), signed(pair.pearson, 2));
    let strongest: Vec<String> = derived.feature_pairs.iter().take(3).map(words).collect();
    if !strongest.is_empty() {
        sentences.push(format!("The features most closely tied to each other are {}.", list_of_pairs(&strongest)));
    }
    if let Some(pair) = derived.target_pairs.first() {
        let feature = if pair.a == hitflop_core::track::TARGET { &pair.b } else { &pair.a };
        sentences.push(format!(
            "With the label itself, {} correlates most (r = {}).",
            column(feature),
            signed(pair.pearson, 2)
        ));
    }
    let differing = derived.feature_pairs.iter().filter(|pair| difference(pair) >= NOTABLE_DIFFERENCE);
    if let Some(pair) = differing.max_by(|a, b| difference(a).total_cmp(&difference(b))) {
        sentences.push(format!(
            "Pearson and Spearman differ most for {} and {} ({} against {}): a few extreme values, or a relation that is no \
             straight line, move the one and not the other.",
            column(&pair.a),
            column(&pair.b),
            signed(pair.pearson, 2),
            signed(pair.spearman, 2)
        ));
    }
    sentences
}

/// Pairs, each of which holds an `and`.
fn list_of_pairs(pairs: &[String]) -> String {
    match pairs {
        [first @ .., last] if !first.is_empty() => format!("{}; and {last}", first.join("; ")),
        few => few.concat(),
    }
}

/// |Pearson − Spearman|; 0 where the latter is not defined.
fn difference(pair: &Pair) -> f64 {
    let difference = (pair.pearson - pair.spearman).abs();
    if difference.is_finite() {
        difference
    } else {
        0.0
    }
}

fn column(column: &str) -> String {
    Feature::from_name(column).map_or(column, |feature| name(feature)).to_owned()
}

/// What the rule of selection kept and dropped, and why.
pub(crate) fn selection(report: &Report) -> Vec<String> {
    let selection = &report.selection;
    let rule = format!(
        "Of any two features with |r| above {}, the one that tells less of the label goes{}.",
        significant(selection.max_correlation, 2),
        if selection.min_mutual_information > 0.0 {
            format!(
                "; so does any feature with less than {} nats of mutual information",
                significant(selection.min_mutual_information, 2)
            )
        } else {
            String::new()
        }
    );
    let total = selection.kept.len() + selection.dropped.len();
    let mut sentences = vec![rule];
    if selection.dropped.is_empty() {
        sentences.push(format!("None goes: all {total} features stay."));
        return sentences;
    }
    sentences.extend(selection.dropped.iter().map(dropped));
    let stay = verb(selection.kept.len() as u64, "stays", "stay");
    sentences.push(format!("{} of {} {stay}.", selection.kept.len(), plural(total as u64, "feature", "features")));
    sentences
}

fn dropped(dropped: &Dropped) -> String {
    match *dropped {
        Dropped::Correlated { feature, kept, correlation, nats, kept_nats } => format!(
            "{} goes and {} stays: they say nearly the same (r = {}), and {} tells more of the label ({} nats against {}).",
            capitalise(name(feature)),
            name(kept),
            signed(correlation, 2),
            name(kept),
            fixed(kept_nats, 4),
            fixed(nats, 4)
        ),
        Dropped::Uninformative { feature, nats } => {
            format!("{} goes: it tells too little of the label ({} nats).", capitalise(name(feature)), fixed(nats, 4))
        }
    }
}
