//! Histograms of a few hundred bytes, for a cell of a table.

use std::fmt::Write;

use hitflop_data::explore::overview::LabelHistogram;

/// Width of the picture in its own units, of which the page shows two as a pixel.
const WIDTH: f64 = 192.0;
/// Height of the highest bar.
const HEIGHT: f64 = 52.0;

/// The distributions of hits, as an area, and of flops, as a line over it; each has the same area. The page's style colours both. Empty
/// without values. `title` is escaped markup.
pub(super) fn svg(histogram: &LabelHistogram, title: &str) -> String {
    let [flops, hits] = histogram.shares();
    let highest = flops.iter().chain(&hits).copied().fold(0.0, f64::max);
    if highest <= 0.0 {
        return String::new();
    }
    let outline = |class: &str, shares: &[f64]| match shares.iter().any(|share| *share > 0.0) {
        true => format!("<path class=\"{class}\" d=\"{}\"/>", steps(shares, highest)),
        false => String::new(),
    };
    format!(
        "<svg class=\"mini\" viewBox=\"0 -2 {WIDTH} {}\" role=\"img\"><title>{title}</title>{}{}</svg>",
        HEIGHT + 3.0,
        outline("h", &hits),
        outline("f", &flops)
    )
}

/// Up and down along the tops of the bars, from the ground to the ground.
fn steps(shares: &[f64], highest: f64) -> String {
    let mut path = format!("M0 {HEIGHT}");
    let mut before = HEIGHT;
    for (bin, share) in shares.iter().enumerate() {
        // The smallest share can be seen.
        let bar = (share / highest * HEIGHT).round().max(if *share > 0.0 { 1.0 } else { 0.0 });
        let (top, right) = (HEIGHT - bar, (WIDTH * (bin + 1) as f64 / shares.len() as f64).round());
        if top != before {
            // Writing to a String does not fail.
            let _ = write!(path, "V{top}");
        }
        let _ = write!(path, "H{right}");
        before = top;
    }
    path + &format!("V{HEIGHT}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_data::explore::overview::{BinScale, FeatureBins};

    fn histogram(flops: &[u64], hits: &[u64]) -> LabelHistogram {
        let edges = (0..=flops.len()).map(|edge| edge as f64).collect();
        let bins = FeatureBins { scale: BinScale::Linear, edges };
        LabelHistogram { bins, flops: flops.to_vec(), hits: hits.to_vec() }
    }

    #[test]
    fn bars_have_the_heights_of_their_shares() {
        let found = svg(&histogram(&[10, 10, 20, 0], &[0, 0, 0, 5]), "0 to 4");
        assert!(found.contains("class=\"f\" d=\"M0 52V39H48H96V26H144V52H192V52\""), "{found}");
        assert!(found.contains("class=\"h\" d=\"M0 52H48H96H144V0H192V52\""), "{found}");
        assert!(found.contains("<title>0 to 4</title>"));
    }

    #[test]
    fn the_smallest_share_can_be_seen_and_a_missing_label_has_no_line() {
        let found = svg(&histogram(&[100_000, 1], &[0, 0]), "");
        assert!(found.contains("V51H192") && !found.contains("class=\"h\""), "{found}");
        assert_eq!(svg(&histogram(&[0, 0], &[0, 0]), ""), "");
    }

    #[test]
    fn twenty_bins_take_a_few_hundred_bytes() {
        let counts: Vec<u64> = (0..20).map(|bin| 1_000 + 97 * bin * (19 - bin)).collect();
        let reversed: Vec<u64> = counts.iter().map(|count| 20_000 - count).collect();
        assert!(svg(&histogram(&counts, &reversed), "0.000 to 1.000").len() < 600);
    }
}
