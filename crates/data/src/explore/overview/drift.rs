//! How far the distribution of a feature moves from decade to decade.

use serde::Serialize;

use hitflop_core::track::{Decade, Feature};
use hitflop_metrics::quantile::bin_ends;
use hitflop_metrics::two_sample::population_stability_index;

/// Bins of a quantity.
const BINS: usize = 10;

/// The decade of each row.
pub(in crate::explore) struct DecadeRows {
    /// Place in `decades`; none where the decade is not known.
    of_rows: Vec<Option<usize>>,
    /// Ascending.
    decades: Vec<Decade>,
}

impl DecadeRows {
    pub(in crate::explore) fn of(of_rows: &[Option<Decade>]) -> DecadeRows {
        let mut decades: Vec<Decade> = Vec::new();
        let place = |decade: Decade| {
            let place = decades.partition_point(|known| *known < decade);
            if decades.get(place) != Some(&decade) {
                decades.insert(place, decade);
            }
        };
        of_rows.iter().copied().flatten().for_each(place);
        let place = |decade: Decade| decades.partition_point(|known| *known < decade);
        DecadeRows { of_rows: of_rows.iter().map(|decade| decade.map(place)).collect(), decades }
    }
}

/// The two decades whose distributions of a feature differ most.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DecadeDrift {
    /// Population stability index over tenths of all values, or over categories.
    pub psi: f64,
    /// The earlier decade.
    pub from: Decade,
    /// The later decade.
    pub to: Decade,
}

/// The drift of a feature's values, which are also given ascending, between the decades that have at least so many of them; none of the
/// decade itself.
pub(super) fn drift(
    feature: Feature,
    values: &[f64],
    sorted: &[f64],
    decades: &DecadeRows,
    least_values: u64,
) -> Option<DecadeDrift> {
    if feature == Feature::Decade || decades.decades.len() < 2 {
        return None;
    }
    let ends = match feature.is_quantity() {
        true => bin_ends(sorted, BINS),
        // Each category is an end, so that each has a bin.
        false => sorted.chunk_by(|a, b| a == b).map(|category| category[0]).collect(),
    };
    let mut counts = vec![vec![0; ends.len() + 1]; decades.decades.len()];
    for (value, decade) in values.iter().zip(&decades.of_rows) {
        if let Some(decade) = decade.filter(|_| !value.is_nan()) {
            counts[decade][ends.partition_point(|end| end < value)] += 1;
        }
    }
    let named = decades.decades.iter().copied().zip(counts.iter().map(|counts| shares(counts, least_values)));
    let compared: Vec<(Decade, Vec<f64>)> = named.filter_map(|(decade, shares)| Some((decade, shares?))).collect();
    let earlier_pairs = compared
        .iter()
        .enumerate()
        .flat_map(|(place, later)| compared[..place].iter().map(move |earlier| (earlier, later)));
    let drifts = earlier_pairs.map(|((from, reference), (to, current))| {
        let psi = population_stability_index(reference.iter().copied().zip(current.iter().copied()));
        DecadeDrift { psi, from: *from, to: *to }
    });
    drifts.max_by(|a, b| a.psi.total_cmp(&b.psi))
}

/// Counts as shares, if there are at least so many in all.
fn shares(counts: &[u64], least: u64) -> Option<Vec<f64>> {
    let all: u64 = counts.iter().sum();
    (all >= least).then(|| counts.iter().map(|count| *count as f64 / all as f64).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decade(year: i32) -> Option<Decade> {
        Decade::from_year(year)
    }

    fn found(feature: Feature, values: &[f64], decades: &[Option<Decade>], least: u64) -> Option<DecadeDrift> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        drift(feature, values, &sorted, &DecadeRows::of(decades), least)
    }

    /// By hand: shares of mode 0 are 0.25, 0.5 and 0.5 in the decades; (0.5 − 0.25) ln 2 + (0.5 − 0.75) ln(2 / 3).
    #[test]
    fn the_decades_that_differ_most_are_found() {
        let decades = [[decade(1970); 4], [decade(1960); 4]].concat();
        let values = [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0];
        let drift = found(Feature::Mode, &values, &decades, 4).expect("two decades");
        assert!((drift.psi - 0.274_653_072_167_027_4).abs() < 1e-12, "{drift:?}");
        assert_eq!((Some(drift.from), Some(drift.to)), (decade(1960), decade(1970)));
        assert_eq!(found(Feature::Mode, &values, &decades, 5), None, "too few values");
        assert_eq!(found(Feature::Decade, &values, &decades, 1), None);
    }

    #[test]
    fn missing_values_and_decades_do_not_count() {
        let decades = [decade(1960), decade(1960), decade(1970), decade(1970), None, None, decade(1980), decade(1980)];
        let values = [0.2, 0.4, 0.2, 0.4, 9.0, 9.0, 0.9, f64::NAN];
        let drift = found(Feature::Energy, &values, &decades, 2).expect("two decades");
        assert_eq!((drift.psi, drift.to), (0.0, decade(1970).expect("a decade")));
        assert_eq!(found(Feature::Energy, &values, &[None; 8], 1), None);
    }
}
