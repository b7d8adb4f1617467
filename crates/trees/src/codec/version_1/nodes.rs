//! Nodes in preorder: symbols, and cuts among those that the splits above leave possible.

use super::bits::BitReader;
use crate::codec::DecodeError;
use crate::{SplitColumn, TreeNode};

/// The symbol of a leaf.
const LEAF: u32 = 0;

/// Where a walk in preorder is: which cuts of each feature are still possible, and the splits above.
///
/// A split below one at cut `c` of the same feature can only part rows by a cut below `c` on the left, above `c` on the right.
pub(super) struct DecodedPath {
    /// First possible cut of each feature, and the first one after them.
    possible: Vec<(u16, u16)>,
    splits: Vec<DecodedParent>,
    narrows: bool,
}

struct DecodedParent {
    feature: u16,
    cut: u16,
    /// What was possible before.
    possible: (u16, u16),
    right: u32,
    on_right: bool,
}

impl DecodedPath {
    /// At a root.
    pub(super) fn new(cuts_by_feature: &[usize]) -> DecodedPath {
        // At most `MAX_CUTS`, which 16 bits hold.
        let possible = cuts_by_feature.iter().map(|&cuts| (0, cuts as u16)).collect();
        DecodedPath { possible, splits: Vec::new(), narrows: true }
    }

    /// At the root of another tree, after a tree was walked to its end. Unless it `narrows`, all cuts are possible everywhere.
    pub(super) fn restart(&mut self, narrows: bool) -> &mut DecodedPath {
        self.narrows = narrows;
        self
    }

    /// Goes to the left child.
    fn descend(&mut self, column: SplitColumn, cut: u16, right: u32) {
        let feature = column.feature();
        let possible = &mut self.possible[feature];
        self.splits.push(DecodedParent { feature: feature as u16, cut, possible: *possible, right, on_right: false });
        if self.narrows {
            possible.1 = cut;
        }
    }

    /// From a leaf to the next node in preorder: the right child of the deepest split that is still on its left.
    fn next(&mut self) -> Option<u32> {
        while let Some(above) = self.splits.last_mut() {
            let possible = &mut self.possible[usize::from(above.feature)];
            if !above.on_right {
                above.on_right = true;
                if self.narrows {
                    *possible = (above.cut + 1, above.possible.1);
                }
                return Some(above.right);
            }
            *possible = above.possible;
            self.splits.pop();
        }
        None
    }
}

/// Reads the nodes of a tree that has as many as there are symbols.
pub(super) fn decode(
    symbols: impl ExactSizeIterator<Item = u32>,
    path: &mut DecodedPath,
    cuts: &mut BitReader,
) -> Result<Vec<TreeNode>, DecodeError> {
    let refuse = |rule: &str, value: u32| Err(DecodeError::new("symbols", rule, value));
    let mut nodes = vec![TreeNode::Leaf(0); symbols.len()];
    let (mut next_left, mut next_leaf) = (1, 0);
    let mut next = Some(0);
    for symbol in symbols {
        let Some(index) = next else { return refuse("expected a tree's end", symbol) };
        if symbol == LEAF {
            nodes[index as usize] = TreeNode::Leaf(next_leaf);
            next_leaf += 1;
            next = path.next();
            continue;
        }
        let (feature, missing_left) = ((symbol - 1) / 2, symbol % 2 == 0);
        let (first, end) = match path.possible.get(feature as usize) {
            Some(&(first, end)) if first < end => (first, end),
            Some(_) => return refuse("expected a feature of which a cut is possible", feature),
            None => return refuse("expected a feature's index", feature),
        };
        let column = SplitColumn::new(feature as usize, missing_left);
        let cut = first + cuts.read(u32::from(end - first)) as u16;
        let left = next_left;
        if left as usize + 2 > nodes.len() {
            return refuse("expected a leaf, for all splits are taken", symbol);
        }
        next_left += 2;
        nodes[index as usize] = TreeNode::Split { column, cut, left };
        path.descend(column, cut, left + 1);
        next = Some(left);
    }
    match next {
        None => Ok(nodes),
        Some(_) => refuse("expected another node, found none after", nodes.len() as u32),
    }
}
