//! What is unusual in the data, each with its consequence.

use super::Finding;
use crate::findings::effect_size::audio_features;
use crate::format::{count, list, name, percent, plural, verb};
use crate::Report;
use hitflop_core::track::Feature;
use hitflop_data::ingest::quality::MissingValues;

/// One finding a figure, in the order in which they matter for a model.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    let has_decades = !report.summary.by_decade.is_empty();
    let mut findings = Vec::new();
    findings.extend(report.has_artists().then(|| artists(report)));
    if report.has_uris() {
        findings.extend([repeats(report), contradictions(report)]);
        findings.extend(has_decades.then(|| several_decades(report)));
    }
    findings.push(same_audio(report));
    findings.push(out_of_range(report));
    findings.extend((!report.missing.is_empty()).then(|| missing(report)));
    findings.extend(absent_texts(report));
    findings
}

fn finding(title: impl Into<String>, text: String) -> Finding {
    Finding { title: title.into(), text }
}

fn share_of_rows(report: &Report, rows: u64) -> String {
    percent(rows as f64 / report.summary.rows as f64)
}

fn artists(report: &Report) -> Finding {
    let quality = &report.quality;
    let facts = format!(
        "{} of the {} {} hits only or flops only; they hold {} of the rows.",
        percent(quality.share_of_artists_with_one_label),
        plural(quality.artists, "artist", "artists"),
        verb(quality.artists, "has", "have"),
        percent(quality.share_of_rows_by_artists_with_one_label),
    );
    // An artist of one track has one label, whatever it is.
    let says_nothing = report.summary.rows < 2 * quality.artists;
    if quality.share_of_rows_by_artists_with_one_label <= 0.9 || says_nothing {
        return finding("Artists and labels overlap", facts);
    }
    let consequence = "A model that sees the artist, or an encoding of the name, would score almost that well without \
                       hearing anything; so no name is a feature here.";
    finding("The artist nearly gives the label away", format!("{facts} {consequence}"))
}

fn repeats(report: &Report) -> Finding {
    let quality = &report.quality;
    let distinct = format!(
        "{} rows hold {}.",
        count(report.summary.rows),
        plural(quality.unique_uris, "distinct URI", "distinct URIs")
    );
    let repeated = quality.rows_beyond_first_per_uri_and_decade;
    if repeated == 0 {
        return finding("No track stands twice in a decade", distinct);
    }
    let text = format!(
        "{} {} the URI of an earlier row of the same decade ({} of all rows). {distinct} A repeated track weighs more in \
         every mean; for learning it is made one row first, unless the copies are to be kept.",
        plural(repeated, "row", "rows"),
        verb(repeated, "repeats", "repeat"),
        share_of_rows(report, repeated),
    );
    finding("Some tracks stand twice in a decade", text)
}

fn contradictions(report: &Report) -> Finding {
    let (same_decade, anywhere) =
        (report.quality.uri_and_decade_with_both_labels, report.quality.uris_with_both_labels);
    if anywhere == 0 && same_decade == 0 {
        return finding("No track has both labels", "Every URI is always a hit or always a flop.".to_owned());
    }
    let all =
        format!("{} {} both as hit and as flop", plural(anywhere, "URI", "URIs"), verb(anywhere, "occurs", "occur"));
    if same_decade == 0 {
        let text =
            format!("{all}, but never within one decade: the label belongs to the decade, not to the recording.");
        return finding("Some tracks change their label between decades", text);
    }
    let text = format!(
        "{all}. In {} this happens within one decade, where it is a contradiction: by the definition of the labels a track \
         with a hit row in a decade is a hit in that decade, so {} there {} wrong.",
        plural(same_decade, "pair of URI and decade", "pairs of URI and decade"),
        verb(same_decade, "the flop row", "the flop rows"),
        verb(same_decade, "is", "are"),
    ) + " For learning they are made one row, a hit, unless they are to be kept.";
    finding("Some tracks are hit and flop at once", text)
}

fn several_decades(report: &Report) -> Finding {
    let uris = report.quality.uris_in_several_decades;
    if uris == 0 {
        return finding("No track stands in two decades", "Every URI occurs in one decade only.".to_owned());
    }
    let text = format!(
        "{} {} in more than one decade. The audio is then counted in each of them, so the decades are not entirely \
         separate samples.",
        plural(uris, "URI", "URIs"),
        verb(uris, "occurs", "occur"),
    );
    finding("Some tracks stand in several decades", text)
}

fn same_audio(report: &Report) -> Finding {
    let rows = report.quality.rows_whose_15_audio_values_occur_elsewhere;
    let all = audio_features(&report.summary).len() == Feature::AUDIO.len();
    if rows == 0 {
        let text = match all {
            true => "No two rows have the same fifteen audio values.",
            false => "No two rows have the same audio values.",
        };
        let text = text.to_owned();
        return finding("Every row sounds different", text);
    }
    let text = format!(
        "{} ({} of all) {} {} with another row: the same recording, most likely. \
         Where such a pair falls on both sides of a split, the model is tested on what it has seen.",
        plural(rows, "row", "rows"),
        share_of_rows(report, rows),
        verb(rows, "shares", "share"),
        if all { "all fifteen audio values" } else { "all known audio values" },
    );
    finding("Some rows have the very same audio values", text)
}

/// Missing values, and the features that no track has.
fn missing(report: &Report) -> Finding {
    let rows = report.summary.rows;
    let (absent, partly): (Vec<&MissingValues>, Vec<&MissingValues>) =
        report.missing.iter().partition(|missing| missing.rows == rows);
    let mut sentences = Vec::new();
    if !absent.is_empty() {
        let names: Vec<&str> = absent.iter().map(|missing| name(missing.feature)).collect();
        sentences.push(format!(
            "No track has {}: {} in no figure and no model of this report.",
            list(&names),
            verb(names.len() as u64, "it is", "they are")
        ));
    }
    if !partly.is_empty() {
        let words: Vec<String> = partly
            .iter()
            .map(|missing| format!("{} ({})", name(missing.feature), percent(missing.rows as f64 / rows as f64)))
            .collect();
        sentences.push(format!(
            "Values are missing in {}. Figures of a feature are of the tracks that have it, correlations of those that have both. Models \
             learn which way a track without a value goes; nothing is imputed.",
            list(&words)
        ));
    }
    let title = if partly.is_empty() { "Some features are not in the data" } else { "Some values are missing" };
    finding(title, sentences.join(" "))
}

/// What cannot be checked without artist or URI.
fn absent_texts(report: &Report) -> Option<Finding> {
    let (text, consequence) = match (report.has_artists(), report.has_uris()) {
        (true, true) => return None,
        (true, false) => ("URI", "Tracks of one artist or with the same audio values belong together."),
        (false, true) => ("artist", "Tracks of one URI or with the same audio values belong together."),
        (false, false) => ("artist and no URI", "Only tracks with the same audio values belong together."),
    };
    let caution = match report.has_artists() {
        true => "",
        false => " Scores of new artists cannot be measured, and intervals take tracks as independent.",
    };
    Some(finding(format!("The tracks have no {text}"), format!("{consequence}{caution}")))
}

fn out_of_range(report: &Report) -> Finding {
    let warnings = &report.out_of_range;
    let values: u64 = warnings.iter().map(|warning| warning.rows).sum();
    if values == 0 {
        let text = "Every value of every feature lies in its documented range.".to_owned();
        return finding("No value is out of range", text);
    }
    let features: Vec<&str> = warnings.iter().map(|warning| name(warning.feature)).collect();
    let text = format!(
        "{} {} outside the documented range of {}: {}. {} kept as {}; the table below gives the extremes.",
        plural(values, "value", "values"),
        verb(values, "lies", "lie"),
        verb(warnings.len() as u64, "its feature", "their feature"),
        list(&features),
        verb(values, "It is", "They are"),
        verb(values, "it is", "they are"),
    );
    finding("Some values lie outside their documented range", text)
}
