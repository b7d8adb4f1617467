//! What gives the label away without saying anything of the music.

use super::Finding;
use crate::format::{capitalise, fixed, list, percent, plural, verb};
use crate::phrases::validation::{group_noun, p_value_in_words, text_name};
use crate::Report;
use hitflop_core::track::ARTIST;
use hitflop_model::validation::leakage::{ArtistEncoding, ColumnKind, ColumnScores, EncodedScores, Leakage};

/// Accuracies from which on published scores on this data are said to rest on the artist.
const PUBLISHED: &str = "96 %";

/// The findings of the chapter; empty where nothing was measured.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    let Some(leakage) = report.robustness.as_ref().and_then(|robustness| robustness.leakage.as_ref()) else {
        return Vec::new();
    };
    // Published scores and sources of spellings are of the decade files.
    let is_of_charts = report.provenance.label.is_none();
    [
        ("The artist", artist(leakage)),
        ("Title and URI", others(leakage)),
        ("Where published scores come from", encoded(leakage).filter(|_| is_of_charts)),
        ("Spellings", patterns(leakage).filter(|_| is_of_charts)),
        ("Suspicious columns", Some(suspicious(leakage))),
    ]
    .into_iter()
    .filter_map(|(title, text)| Some(Finding { title: title.to_owned(), text: text? }))
    .collect()
}

/// The columns that are flagged, in a sentence for the terminal; `None` if none is.
pub fn warning(leakage: &Leakage) -> Option<String> {
    let noun = group_noun(leakage.has_artists());
    let flagged: Vec<String> = leakage
        .suspicious()
        .map(|column| {
            format!(
                "{} (ROC AUC {} at random, {} for new {}; p {})",
                column.column.name(),
                fixed(column.random.roc_auc, 3),
                fixed(column.grouped.roc_auc, 3),
                noun.many,
                p_value_in_words(column.p_value.unwrap_or(1.0))
            )
        })
        .collect();
    (!flagged.is_empty()).then(|| {
        format!(
            "{} {} the label suspiciously well alone (above {})",
            list(&flagged),
            verb(flagged.len() as u64, "predicts", "predict"),
            leakage.suspicious_roc_auc
        )
    })
}

fn artist(leakage: &Leakage) -> Option<String> {
    let artist = leakage.texts.iter().find(|text| text.column.name() == ARTIST)?;
    Some(format!(
        "The share of hits among an artist’s training tracks, alone, ranks test tracks with a ROC AUC of {} if these are drawn at random: {} \
         of them are by an artist that training has. Of new artists it says nothing ({}). It tells who a track is by, not what makes \
         a hit.",
        fixed(artist.random.roc_auc, 3),
        percent(artist.random.known_share),
        fixed(artist.grouped.roc_auc, 3),
    ))
}

fn others(leakage: &Leakage) -> Option<String> {
    let noun = group_noun(leakage.has_artists());
    let each: Vec<String> = leakage
        .texts
        .iter()
        .filter(|text| text.column.name() != ARTIST)
        .map(|text| {
            format!(
                "the {} has {} at random ({} of the test tracks have one that training has) and {} for new {}",
                text_name(text.column.name()),
                fixed(text.random.roc_auc, 3),
                percent(text.random.known_share),
                fixed(text.grouped.roc_auc, 3),
                noun.many
            )
        })
        .collect();
    (!each.is_empty()).then(|| format!("Alone, {}.", list(&each)))
}

fn encoded(leakage: &Leakage) -> Option<String> {
    let find = |encoding| leakage.encoded.iter().find(|one| one.encoding == encoding);
    let (none, cross, all): (&EncodedScores, &EncodedScores, &EncodedScores) =
        (find(ArtistEncoding::None)?, find(ArtistEncoding::CrossFitted)?, find(ArtistEncoding::AllRows)?);
    let as_published = if all.random.accuracy >= 0.955 {
        format!("That is where published accuracies of {PUBLISHED} and more come from")
    } else {
        format!("Published accuracies of {PUBLISHED} come from there")
    };
    Some(format!(
        "With its {} the model is right in {} of tracks at random and {} by new artists. Add the artist’s share of hits: encoded by training \
         tracks alone, {} at random, but {} for new artists; encoded by all tracks before they are split, the test’s own labels \
         included, {} and {}. {as_published}. No honest use of a name is left for an artist that nobody has heard of.",
        plural(leakage.features, "feature", "features"),
        percent(none.random.accuracy),
        percent(none.grouped.accuracy),
        percent(cross.random.accuracy),
        percent(cross.grouped.accuracy),
        percent(all.random.accuracy),
        percent(all.grouped.accuracy),
    ))
}

fn patterns(leakage: &Leakage) -> Option<String> {
    if leakage.patterns.is_empty() {
        return None;
    }
    let one_label: Vec<String> = leakage
        .patterns
        .iter()
        .filter(|pattern| pattern.rows > 0 && !(0.5..=1.5).contains(&pattern.lift))
        .map(|pattern| {
            format!(
                "{} ({}, {} hits)",
                pattern.name,
                plural(pattern.rows, "track", "tracks"),
                match pattern.hits {
                    0 => "no".to_owned(),
                    hits if hits == pattern.rows => "all".to_owned(),
                    _ => percent(pattern.hit_share),
                }
            )
        })
        .collect();
    match one_label.is_empty() {
        true => Some("None of the known spellings goes with one label.".to_owned()),
        false => Some(format!(
            "Hits and flops were listed by different sources, and spelled by them: {}. A model of text would learn the source.",
            list(&one_label)
        )),
    }
}

fn suspicious(leakage: &Leakage) -> String {
    let noun = group_noun(leakage.has_artists());
    let extra = leakage.columns.iter().filter(|column| column.column.is_extra()).count() as u64;
    let best = leakage.columns.iter().find(|column| column.column.kind() == ColumnKind::Feature);
    let reference = best.map_or(String::new(), |best| {
        format!(
            " The best feature alone, {}, has {} for new {}.",
            best.column.name(),
            fixed(best.grouped.roc_auc, 3),
            noun.many
        )
    });
    let looked = match extra {
        0 => "The files have no column beyond the known ones.".to_owned(),
        _ => format!(
            "The files have {} beyond the known ones, which {} not learned from.",
            plural(extra, "column", "columns"),
            verb(extra, "is", "are")
        ),
    };
    let sentence = |column: &ColumnScores| {
        format!(
            "{} ({} at random, {} for new {})",
            column.column.name(),
            fixed(column.random.roc_auc, 3),
            fixed(column.grouped.roc_auc, 3),
            noun.many
        )
    };
    let flagged: Vec<String> = leakage.suspicious().map(sentence).collect();
    let verdict = match flagged.len() {
        0 => format!("None of {} is flagged.", plural(leakage.columns.len() as u64, "column", "columns")),
        number => format!(
            "Flagged, and most likely made from the label or from what it was made from: {}. Whoever makes {} a feature measures the leak, \
             not the music.",
            list(&flagged),
            if number == 1 { "it" } else { "them" }
        ),
    };
    let by_chance: Vec<String> = leakage
        .columns
        .iter()
        .filter(|column| !column.is_suspicious())
        .filter_map(|column| Some(format!("{} (p {})", column.column.name(), p_value_in_words(column.p_value?))))
        .collect();
    let by_chance = match by_chance.is_empty() {
        true => String::new(),
        false => format!(
            " Above that, but no more than chance on so few test tracks: {}; p is corrected for the number of columns.",
            list(&by_chance)
        ),
    };
    format!(
        "Every feature, and every further column of the files, was tried as the only predictor (numbers by a small boosting, texts by their \
         share of hits); a ROC AUC above {} alone is flagged, for that is about what all features reach together.{reference} {looked} \
         {}{by_chance}",
        leakage.suspicious_roc_auc,
        capitalise(&verdict)
    )
}
