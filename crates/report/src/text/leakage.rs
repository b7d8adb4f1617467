//! What leaks the label without saying anything of the music.

use askama::Template;

use super::template::{sentences, titled};
use super::{filters, Finding};
use crate::format::{fixed, percent, plural};
use crate::phrases::validation::{group_noun, p_value_in_words, text_name, GroupNoun};
use crate::Report;
use hitflop_core::track::ARTIST;
use hitflop_model::validation::leakage::{ArtistEncoding, ColumnKind, ColumnScores, EncodedScores, Leakage};

#[derive(Template)]
#[template(path = "text/leakage.txt")]
struct LeakageText<'a> {
    leakage: &'a Leakage,
    noun: GroupNoun,
    /// Published scores and sources of spellings are of the decade files.
    of_charts: bool,
    artist: Option<&'a ColumnScores>,
    others: Vec<&'a ColumnScores>,
    /// The model without the artist, with the cross-fitted encoding, and with that of all rows.
    encoded: Option<(&'a EncodedScores, &'a EncodedScores, &'a EncodedScores)>,
    /// Spellings that go with one label.
    one_label: Vec<String>,
    best: Option<&'a ColumnScores>,
    extra: usize,
    flagged: Vec<String>,
    by_chance: Vec<String>,
}

impl LeakageText<'_> {
    fn text_name<'b>(&self, text: &'b ColumnScores) -> &'b str {
        text_name(text.column.name())
    }
}

/// The findings of the chapter; empty where nothing was measured.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    let Some(leakage) = report.robustness.as_ref().and_then(|robustness| robustness.leakage.as_ref()) else {
        return Vec::new();
    };
    let noun = group_noun(leakage.has_artists());
    let is_artist = |text: &&ColumnScores| text.column.name() == ARTIST;
    let (artist, others): (Vec<&ColumnScores>, Vec<&ColumnScores>) = leakage.texts.iter().partition(is_artist);
    let flagged = |column: &ColumnScores| {
        let (random, grouped) = (fixed(column.random.roc_auc, 3), fixed(column.grouped.roc_auc, 3));
        format!("{} ({random} on a random split, {grouped} for new {})", column.column.name(), noun.many)
    };
    let by_chance =
        |column: &ColumnScores| Some(format!("{} (p {})", column.column.name(), p_value_in_words(column.p_value?)));
    titled(&LeakageText {
        leakage,
        noun,
        of_charts: report.provenance.label.is_none(),
        artist: artist.first().copied(),
        others,
        encoded: encoded(leakage),
        one_label: one_label(leakage),
        best: leakage.columns.iter().find(|column| column.column.kind() == ColumnKind::Feature),
        extra: leakage.columns.iter().filter(|column| column.column.is_extra()).count(),
        flagged: leakage.suspicious().map(flagged).collect(),
        by_chance: leakage.columns.iter().filter(|one| !one.is_suspicious()).filter_map(by_chance).collect(),
    })
}

fn encoded(leakage: &Leakage) -> Option<(&EncodedScores, &EncodedScores, &EncodedScores)> {
    let find = |encoding| leakage.encoded.iter().find(|one| one.encoding == encoding);
    Some((find(ArtistEncoding::None)?, find(ArtistEncoding::CrossFitted)?, find(ArtistEncoding::AllRows)?))
}

fn one_label(leakage: &Leakage) -> Vec<String> {
    let related = leakage.patterns.iter().filter(|one| one.rows > 0 && !(0.5..=1.5).contains(&one.lift));
    related
        .map(|pattern| {
            let hits = match pattern.hits {
                0 => "no".to_owned(),
                hits if hits == pattern.rows => "all".to_owned(),
                _ => percent(pattern.hit_share),
            };
            format!("{} ({}, {hits} hits)", pattern.name, plural(pattern.rows, "track", "tracks"))
        })
        .collect()
}

#[derive(Template)]
#[template(path = "text/leakage_warning.txt")]
struct LeakageWarning {
    flagged: Vec<String>,
    limit: f64,
}

/// The columns that are flagged, in a sentence for the terminal; `None` if none is.
pub fn warning(leakage: &Leakage) -> Option<String> {
    let noun = group_noun(leakage.has_artists());
    let flagged = leakage.suspicious().map(|column| {
        format!(
            "{} (ROC AUC {} on a random split, {} for new {}; p {})",
            column.column.name(),
            fixed(column.random.roc_auc, 3),
            fixed(column.grouped.roc_auc, 3),
            noun.many,
            p_value_in_words(column.p_value.unwrap_or(1.0))
        )
    });
    let flagged: Vec<String> = flagged.collect();
    let is_any = !flagged.is_empty();
    is_any.then(|| sentences(&LeakageWarning { flagged, limit: leakage.suspicious_roc_auc }).join(" "))
}
