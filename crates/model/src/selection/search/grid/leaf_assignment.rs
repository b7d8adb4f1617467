//! Rows down a tree to their leaves.

use hitflop_trees::search::BinnedRecords;
use hitflop_trees::search::GrownTree;
use hitflop_trees::TreeNode;

/// What a thread needs to send rows down one tree after another.
#[derive(Default)]
pub(crate) struct LeafAssignment {
    /// The rows of all nodes; those of a node are adjacent.
    rows: Vec<u32>,
    /// Rows that go right, while a node's are parted.
    right: Vec<u32>,
    /// Where each node's rows begin and end.
    spans: Vec<(u32, u32)>,
}

impl LeafAssignment {
    /// The leaf of each row. All rows of a node go on together, so that none waits for what another does.
    pub(crate) fn leaves(&mut self, grown: &GrownTree, records: &BinnedRecords) -> Vec<u32> {
        let nodes = &grown.tree.nodes;
        let mut leaves = vec![0; records.rows()];
        self.rows.clear();
        self.rows.extend(0..records.rows() as u32);
        self.right.resize(records.rows(), 0);
        self.spans.clear();
        self.spans.resize(nodes.len(), (0, 0));
        self.spans[0] = (0, records.rows() as u32);
        // Children come after their parents.
        for (index, node) in nodes.iter().enumerate() {
            let (start, end) = self.spans[index];
            if start == end {
                continue;
            }
            match *node {
                TreeNode::Leaf(leaf) => {
                    self.rows[start as usize..end as usize].iter().for_each(|&row| leaves[row as usize] = leaf);
                }
                TreeNode::Split { column, cut, left } => {
                    let bins = records.column(column.feature());
                    let middle = start + self.part(start, end, bins, cut, column.missing_left());
                    self.spans[left as usize] = (start, middle);
                    self.spans[left as usize + 1] = (middle, end);
                }
            }
        }
        leaves
    }

    /// Puts the rows that go left before those that go right, and returns how many go left.
    #[inline]
    fn part(&mut self, start: u32, end: u32, column: &[u8], cut: u16, missing_left: bool) -> u32 {
        let rows = &mut self.rows[start as usize..end as usize];
        let right = &mut self.right[..rows.len()];
        // Where missing values go left, their bin is turned from the last into the first. There are at most 254 cuts, and one
        // more where all numbers go left.
        let shift = u8::from(missing_left);
        let last = cut as u8 + shift;
        let mut lefts = 0;
        // Both are written and one is kept, as no branch can foretell which.
        for index in 0..rows.len() {
            let row = rows[index];
            rows[lefts] = row;
            right[index - lefts] = row;
            lefts += usize::from(column[row as usize].wrapping_add(shift) <= last);
        }
        let rights = rows.len() - lefts;
        rows[lefts..].copy_from_slice(&right[..rights]);
        lefts as u32
    }
}
