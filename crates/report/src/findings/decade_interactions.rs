//! Features whose effect on the probability changes its sign between decades.

use hitflop_core::track::{Decade, Feature};
use hitflop_model::explain::partial_dependence::{DecadeCurve, PartialDependence};

/// Change of probability over a feature's grid from which it is reported.
pub(crate) const MIN_PROBABILITY_CHANGE: f64 = 0.03;

/// A feature of which more speaks for a hit in one decade and against one in another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SignChange {
    pub(crate) feature: Feature,
    /// Where the probability rises most from its least value to its greatest.
    pub(crate) rises: Decade,
    /// Where it falls most.
    pub(crate) falls: Decade,
    /// The smaller of rise and fall.
    size: f64,
}

/// Features whose effect turns round between decades, those that do so most first.
pub(crate) fn sign_changes(all: &[PartialDependence]) -> Vec<SignChange> {
    let turn = |one: &PartialDependence| {
        let rise = |curve: &DecadeCurve| Some((curve.decade, curve.mean.last()? - curve.mean.first()?));
        let rises: Vec<(Decade, f64)> = one.by_decade.iter().filter_map(rise).collect();
        let most = rises.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let least = rises.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let size = most.1.min(-least.1);
        (size >= MIN_PROBABILITY_CHANGE).then_some(SignChange {
            feature: one.feature,
            rises: most.0,
            falls: least.0,
            size,
        })
    };
    let mut turns: Vec<SignChange> = all.iter().filter_map(turn).collect();
    turns.sort_by(|a, b| b.size.total_cmp(&a.size));
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_of_opposite_signs_are_found() {
        let curve = |year, mean: &[f64]| DecadeCurve {
            decade: Decade::from_year(year).expect("a decade"),
            rows: 10,
            mean: mean.to_vec(),
        };
        let of = |feature, by_decade| PartialDependence {
            feature,
            grid: vec![0.0, 1.0],
            rows: 20,
            mean: vec![0.5, 0.5],
            by_decade,
            individual: Vec::new(),
        };
        let all = [
            of(Feature::Energy, vec![curve(1960, &[0.4, 0.6]), curve(2010, &[0.6, 0.5])]),
            of(Feature::Valence, vec![curve(1960, &[0.4, 0.6]), curve(2010, &[0.5, 0.55])]),
            of(Feature::Tempo, Vec::new()),
        ];
        let turns = sign_changes(&all);
        assert_eq!(turns.len(), 1);
        assert_eq!((turns[0].feature, turns[0].rises.year(), turns[0].falls.year()), (Feature::Energy, 1960, 2010));
    }
}
