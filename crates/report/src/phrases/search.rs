//! Words for the points of a grid and the candidates of a search.

use crate::findings::grid_figures::{depth, yes_or_no};
use crate::findings::successive_halving::{shape, shown, value, varied};
use crate::format::plural;
use hitflop_model::param_value::ParamValue;
use hitflop_model::selection::search::boosting::{BoostingSearch, SearchCandidate};
use hitflop_model::selection::search::grid::GridPoint;

/// The parameters of a point that are not the same as another's by definition: `500 trees, depth none, split 5, leaf 2,
/// bootstrap yes`.
pub(crate) fn point_in_words(point: &GridPoint) -> String {
    format!(
        "{}, depth {}, split {}, leaf {}, bootstrap {}",
        plural(point.n_estimators as u64, "tree", "trees"),
        depth(point.max_depth),
        point.min_samples_split,
        point.min_samples_leaf,
        yes_or_no(point.bootstrap)
    )
}

/// The parameters in which candidates differ, of one: `symmetric trees, max_depth 6`. What is none is left out.
pub(crate) fn candidate_in_words(search: &BoostingSearch, candidate: &SearchCandidate) -> String {
    let word = |name: &str| match (name, value(candidate, name)?) {
        (_, ParamValue::None) => None,
        (SHAPE, ParamValue::Flag(symmetric)) => Some(shape(*symmetric).to_owned()),
        (name, value) => Some(format!("{name} {}", shown(value))),
    };
    // The other parameters depend on the shape.
    let (first, others): (Vec<&str>, Vec<&str>) = varied(search).into_iter().partition(|name| *name == SHAPE);
    first.into_iter().chain(others).filter_map(word).collect::<Vec<_>>().join(", ")
}

/// The parameter that says which shape trees have.
const SHAPE: &str = "symmetric";
