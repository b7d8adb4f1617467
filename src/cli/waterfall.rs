//! One prediction in parts, for a terminal of 80 columns.

use std::fmt::Write;

use super::page::{self, WIDTH};
use hitflop_model::explain::local::{Contribution, Explanation};
use hitflop_report::feature_value;
use hitflop_report::format::{percent, signed};

/// Columns of the bars: one half towards a flop, one towards a hit, and the line between.
const HALF: usize = 13;
const NAME: usize = 17;
const VALUE: usize = 12;
const SHARE: usize = 6;
const SHAP: usize = 9;

/// The waterfall of a track with this title, and sentences on the smallest changes that change its predicted label.
pub fn waterfall(explanation: &Explanation, sentences: &[String], title: &str) -> String {
    let mut text = String::new();
    let contributions = explanation.by_size();
    // Writing to a String can't fail.
    let [probability, threshold] = [explanation.probability, explanation.threshold].map(percent);
    text.push_str(&wrapped(title));
    let label = explanation.label;
    let _ = writeln!(text, "{label}, probability of a hit {probability}, threshold {threshold}\n");
    let is_ranked = contributions.iter().any(|part| part.percentile_rank.hits.or(part.percentile_rank.flops).is_some());
    let (group, of_group) = match explanation.decade {
        Some(decade) => (format!("of the {decade}"), "that decade and label"),
        None if is_ranked => ("without a decade".to_owned(), "that label without a decade"),
        None => ("decade unknown".to_owned(), "that decade and label"),
    };
    let _ =
        writeln!(text, "{}", row(["", "", &group, "", ""], &format!("{:^1$}", explanation.scale.name(), 2 * HALF + 1)));
    let header = format!("{:<HALF$}│{:>HALF$}", "flop", "hit");
    let _ = writeln!(text, "{}", row(["feature", "value", "hits", "flops", "SHAP"], &header));
    let end = |words: &str, value: f64| row([words, "", "", "", &signed(value, 3)], "");
    let _ = writeln!(text, "{}", end("mean output", explanation.base));
    let greatest = contributions.first().map_or(0.0, |part| part.contribution.abs());
    for part in &contributions {
        let value = feature_value(part.feature, part.value);
        let [hits, flops] = [part.percentile_rank.hits, part.percentile_rank.flops].map(share);
        let number = signed(part.contribution, 3);
        let _ = writeln!(text, "{}", row([part.feature.name(), &value, &hits, &flops, &number], &bar(part, greatest)));
    }
    let _ = writeln!(text, "{}\n", end("output", explanation.output));
    if let Some(raw) = explanation.before_calibration() {
        let (raw, probability) = (percent(raw), percent(explanation.probability));
        text.push_str(&wrapped(&format!("The output is a probability of {raw}, calibrated to {probability}.")));
    }
    text.push_str(&wrapped(&format!(
        "hits, flops: share of the training tracks of {of_group} with a smaller value, ties counted half. SHAP: \
         contribution of the feature; the contributions and the mean output add up to the output."
    )));
    text.push('\n');
    sentences.iter().for_each(|sentence| text.push_str(&wrapped(sentence)));
    text
}

/// Columns side by side; names are aligned left, numbers right.
fn row([name, value, hits, flops, shap]: [&str; 5], bars: &str) -> String {
    let row = match (value, hits, flops) {
        // A text over two columns, or over none.
        ("", over, "") => format!("{name:<NAME$}{over:>width$}{shap:>SHAP$}  {bars}", width = VALUE + 2 * SHARE),
        _ => format!("{name:<NAME$}{value:>VALUE$}{hits:>SHARE$}{flops:>SHARE$}{shap:>SHAP$}  {bars}"),
    };
    row.trim_end().to_owned()
}

fn share(share: Option<f64>) -> String {
    share.map_or("–".to_owned(), |share| format!("{:.0} %", share * 100.0))
}

/// A bar to the left or right of the line; the greatest fills its half, and every other than 0 is visible.
fn bar(part: &Contribution, greatest: f64) -> String {
    let share = if greatest > 0.0 { part.contribution.abs() / greatest } else { 0.0 };
    let length = ((share * HALF as f64).round() as usize).clamp(usize::from(share > 0.0), HALF);
    let blocks = "█".repeat(length);
    match part.contribution < 0.0 {
        true => format!("{blocks:>HALF$}│"),
        false => format!("{:HALF$}│{blocks}", ""),
    }
}

/// Lines of at most [`WIDTH`] columns.
fn wrapped(text: &str) -> String {
    page::wrapped(text, WIDTH, "", "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_core::track::{Decade, Feature, Label};
    use hitflop_model::explain::local::ContributionScale;
    use hitflop_model::reference::PercentileRank;

    fn explanation() -> Explanation {
        let part = |feature, value, contribution| Contribution {
            feature,
            value,
            contribution,
            percentile_rank: PercentileRank { hits: value.map(|_| 1.0), flops: value.map(|_| 0.045) },
        };
        Explanation {
            decade: Decade::from_year(1960),
            scale: ContributionScale::LogOdds,
            base: -0.01,
            contributions: vec![
                part(Feature::Instrumentalness, Some(0.000_012_345), 0.8),
                part(Feature::Loudness, Some(-17.25), -0.4),
                part(Feature::Key, None, 0.001),
            ],
            output: 0.391,
            probability: ContributionScale::LogOdds.probability(0.391),
            threshold: 0.5,
            label: Label::Hit,
        }
    }

    #[test]
    fn a_waterfall_fits_into_eighty_columns() {
        let text = waterfall(&explanation(), &[], "songs.csv, row 3");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["songs.csv, row 3", "hit, probability of a hit 59.7 %, threshold 50.0 %"]);
        let bars: Vec<usize> = lines[6..9].iter().map(|line| line.matches('█').count()).collect();
        assert_eq!(bars, [HALF, 7, 1], "half as much is half as long, and a little is seen\n{text}");
        let line = |index: usize| lines[index].chars().position(|c| c == '│');
        assert!((4..9).filter(|index| *index != 5).all(|index| line(index) == line(4)), "one line through all\n{text}");
        let without = waterfall(&Explanation { decade: None, ..explanation() }, &[], "songs.csv, row 3");
        assert!(without.contains("without a decade") && !without.contains("unknown"), "{without}");
        assert!(lines[8].contains("missing") && lines[8].contains("–"), "{text}");
        assert!(lines[9].starts_with("output") && lines[9].ends_with("+0.391"), "{text}");
        assert!(!text.contains("calibrated"), "{text}");
    }

    #[test]
    fn a_calibration_is_reported_after_the_output() {
        let calibrated = Explanation { probability: 0.64, ..explanation() };
        let text = waterfall(&calibrated, &[], "songs.csv, row 3");
        assert!(text.starts_with("songs.csv, row 3\nhit, probability of a hit 64.0 %"), "{text}");
        assert!(text.contains("The output is a probability of 59.7 %, calibrated to 64.0 %.\n"), "{text}");
    }
}
