//! provisional
use crate::error::{Error, Result};
use crate::learn::tree::{InvalidTree, Leaves, Node, Tree, Trees};
type N = (u16, u16, bool, u32, bool);
type T = (Vec<N>, Option<Vec<[u32; 2]>>, Option<Vec<(f64, u32)>>);
/// e
pub fn encode(trees: &Trees) -> Result<Vec<u8>> {
    let list: Vec<T> = trees.trees().iter().map(|t| (t.nodes.iter().map(|n| match *n { Node::Leaf(l) => (0, 0, false, l, true), Node::Split { feature, cut, missing_left, left } => (feature, cut, missing_left, left, false) }).collect(),
        match &t.leaves { Leaves::Frequencies(f) => Some(f.clone()), _ => None }, match &t.leaves { Leaves::Values(f) => Some(f.clone()), _ => None })).collect();
    serde_json::to_vec(&(trees.cuts(), trees.class_weights(), list)).map_err(|e| Error::Failed(e.to_string()))
}
/// d
pub fn decode(bytes: &[u8]) -> std::result::Result<Trees, InvalidTree> {
    let bad = |e: String| InvalidTree { member: "trees".into(), rule: e, value: String::new() };
    let (cuts, weights, list): (Vec<Vec<f64>>, [f64; 2], Vec<T>) = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
    Trees::new(cuts, weights, list.into_iter().map(|(n, f, v)| Tree { nodes: n.into_iter().map(|(feature, cut, missing_left, left, leaf)| if leaf { Node::Leaf(left) } else { Node::Split { feature, cut, missing_left, left } }).collect(), leaves: f.map(Leaves::Frequencies).or(v.map(Leaves::Values)).unwrap_or(Leaves::Values(vec![])) }).collect())
}
