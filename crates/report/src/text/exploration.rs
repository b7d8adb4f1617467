//! What the exploration found.

use askama::Template;

use super::template::sentences;
use super::{filters, Derived};
use crate::findings::derived::{Balance, Overlap, Pair};
use crate::findings::effect_size::{DecadeEffect, FeatureEffect};
use crate::format::{comparative, fixed, percent, signed, value};
use crate::Report;
use hitflop_core::track::{Feature, Label, TARGET};
use hitflop_data::explore::density::FeatureDensity;
use hitflop_data::explore::mutual_information::Estimate;
use hitflop_data::explore::selection::{Dropped, FeatureSelection};
use hitflop_data::explore::summary::Distribution;

#[derive(Template)]
#[template(path = "text/distributions.txt")]
struct Distributions<'a> {
    /// The middle halves of the features that have a unit.
    halves: Vec<String>,
    duration: Option<&'a Distribution>,
}

/// Ranges of the features that have a unit.
pub(crate) fn distributions(report: &Report) -> Vec<String> {
    let of = |feature: Feature| report.summary.describe.iter().find(|column| column.name == feature.name());
    let half = |feature: Feature| {
        let column = of(feature)?;
        Some(format!(
            "between {} and {} in {}",
            value(feature, column.q25),
            value(feature, column.q75),
            feature.in_words()
        ))
    };
    let halves = [Feature::DurationMs, Feature::Tempo, Feature::Loudness].into_iter().filter_map(half).collect();
    sentences(&Distributions { halves, duration: of(Feature::DurationMs) })
}

#[derive(Template)]
#[template(path = "text/balance.txt")]
struct BalanceText<'a> {
    rows: u64,
    derived: &'a Derived,
    /// The decades with the most and the fewest tracks, if they differ.
    sizes: Option<(&'a Balance, &'a Balance)>,
    /// The decades with the smallest and the largest share of hits, if they differ.
    shares: Option<(&'a Balance, &'a Balance)>,
}

/// How hits and flops are distributed over the decades.
pub(crate) fn balance(report: &Report, derived: &Derived) -> Vec<String> {
    let by_rows = |balance: &&Balance| balance.rows;
    let (largest, smallest) = (derived.balance.iter().max_by_key(by_rows), derived.balance.iter().min_by_key(by_rows));
    let by_share = |a: &&Balance, b: &&Balance| a.hit_share.total_cmp(&b.hit_share);
    let (low, high) = (derived.balance.iter().min_by(by_share), derived.balance.iter().max_by(by_share));
    sentences(&BalanceText {
        rows: report.summary.rows,
        derived,
        sizes: largest.zip(smallest).filter(|(largest, smallest)| largest.rows != smallest.rows),
        shares: low.zip(high).filter(|(low, high)| low.decade != high.decade),
    })
}

/// Features named in a sentence.
const MAX_NAMED: usize = 3;

#[derive(Template)]
#[template(path = "text/shapes.txt")]
struct Shapes {
    /// Features with many zeros, with their share of hits and of flops.
    zeros: Vec<String>,
    least: Vec<String>,
    most: Option<String>,
}

/// In which features the distributions of hits and flops overlap least and most.
pub(crate) fn shapes(report: &Report, derived: &Derived) -> Vec<String> {
    let words = |overlap: &Overlap| format!("{} ({})", overlap.feature.in_words(), percent(overlap.share));
    let mut least: Vec<String> = derived.overlaps.iter().map(words).collect();
    let most = least.pop();
    least.truncate(MAX_NAMED);
    sentences(&Shapes { zeros: report.densities.iter().filter_map(zeros).collect(), least, most })
}

/// The shares of zeros of a feature whose zeros are set apart from its density.
fn zeros(density: &FeatureDensity) -> Option<String> {
    let of = |label: Label| density.by_label.iter().find(|curve| curve.label == Some(label))?.zero_share;
    let shares = [(Label::Hit, "hits"), (Label::Flop, "flops")];
    let words: Vec<String> =
        shares.into_iter().filter_map(|(label, plural)| Some(format!("{} of {plural}", percent(of(label)?)))).collect();
    (!words.is_empty()).then(|| format!("{} {}", density.feature.in_words(), words.join(", ")))
}

#[derive(Template)]
#[template(path = "text/means.txt")]
struct Means {
    largest: String,
    direction: Option<&'static str>,
    next: Vec<String>,
}

/// In which features and decades hits and flops differ most.
pub(crate) fn means(derived: &Derived) -> Vec<String> {
    // A decade whose interval contains zero shows no clear difference.
    let peak = |effect: &FeatureEffect| effect.strongest().filter(|peak| peak.d.excludes_zero());
    let mut peaks: Vec<(Feature, DecadeEffect)> =
        derived.effects.iter().filter_map(|effect| Some((effect.feature, peak(effect)?))).collect();
    peaks.sort_by(|(_, a), (_, b)| b.d.value.abs().total_cmp(&a.d.value.abs()));
    let direction = peaks.first().map(|(feature, peak)| comparative(*feature, peak.d.value > 0.0));
    let words = |(feature, peak): &(Feature, DecadeEffect)| {
        format!("{} in the {} (d = {})", feature.in_words(), peak.decade, signed(peak.d.value, 2))
    };
    let mut words = peaks.iter().take(MAX_NAMED).map(words);
    sentences(&Means { largest: words.next().unwrap_or_default(), direction, next: words.collect() })
}

#[derive(Template)]
#[template(path = "text/mutual_information.txt")]
struct MutualInformationText<'a> {
    derived: &'a Derived,
    informative: usize,
    differing: Vec<String>,
}

/// Mutual information of the features with the label, in both variants.
pub(crate) fn mutual_information(report: &Report, derived: &Derived) -> Vec<String> {
    let mutual = &report.mutual_information;
    sentences(&MutualInformationText {
        derived,
        informative: derived.information.iter().filter(|one| one.informative).count(),
        differing: mutual.mixed.iter().filter_map(|mixed| differing(mixed, &mutual.all_continuous)).collect(),
    })
}

/// A category whose verdict depends on its type.
fn differing(mixed: &Estimate, all_continuous: &[Estimate]) -> Option<String> {
    let continuous = all_continuous.iter().find(|estimate| estimate.feature == mixed.feature)?;
    let differs = mixed.discrete && mixed.is_informative() != continuous.is_informative();
    let verdict = |estimate: &Estimate| if estimate.is_informative() { "above chance" } else { "not above chance" };
    differs.then(|| {
        format!(
            "{} is {} as discrete ({} nats) and {} as continuous ({} nats)",
            mixed.feature.in_words(),
            verdict(mixed),
            fixed(mixed.nats, 4),
            verdict(continuous),
            fixed(continuous.nats, 4)
        )
    })
}

/// Difference of Pearson and Spearman from which it is mentioned.
const NOTABLE_DIFFERENCE: f64 = 0.1;

#[derive(Template)]
#[template(path = "text/correlation.txt")]
struct CorrelationText<'a> {
    strongest: Vec<String>,
    with_label: Option<(&'a str, f64)>,
    differing: Option<&'a Pair>,
}

impl CorrelationText<'_> {
    fn column<'b>(&self, name: &'b str) -> &'b str {
        column(name)
    }
}

/// The strongest pairs.
pub(crate) fn correlation(derived: &Derived) -> Vec<String> {
    let words = |pair: &Pair| format!("{} and {} (r = {})", column(&pair.a), column(&pair.b), signed(pair.pearson, 2));
    let with_label = |pair: &'_ Pair| if pair.a == TARGET { pair.b.clone() } else { pair.a.clone() };
    let label = derived.target_pairs.first().map(|pair| (with_label(pair), pair.pearson));
    let differing = derived.feature_pairs.iter().filter(|pair| difference(pair) >= NOTABLE_DIFFERENCE);
    sentences(&CorrelationText {
        strongest: derived.feature_pairs.iter().take(MAX_NAMED).map(words).collect(),
        with_label: label.as_ref().map(|(name, r)| (column(name), *r)),
        differing: differing.max_by(|a, b| difference(a).total_cmp(&difference(b))),
    })
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

fn column(column: &str) -> &str {
    Feature::from_name(column).map_or(column, |feature| feature.in_words())
}

#[derive(Template)]
#[template(path = "text/selection.txt")]
struct SelectionText<'a> {
    selection: &'a FeatureSelection,
    total: usize,
    /// Whether the report compares models.
    has_models: bool,
    /// Number of features of the final model, if they are not those that were kept.
    used: Option<u64>,
}

/// What the rule of selection kept and dropped, and why.
pub(crate) fn selection(report: &Report) -> Vec<String> {
    let selection = &report.selection;
    let total = selection.kept.len() + selection.dropped.len();
    let used = report.evaluation.as_ref().map(|evaluation| evaluation.features.len());
    let used = used.filter(|used| *used != selection.kept.len()).map(|used| used as u64);
    sentences(&SelectionText { selection, total, has_models: report.comparison.is_some(), used })
}
