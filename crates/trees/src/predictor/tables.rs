//! Trees of few distinct conditions, as symmetric trees are: no walk, but a table a tree of the value
//! for every combination of answers.
//!
//! A row answers each question of the whole ensemble once; a tree's answers, put together as bits, are the index into its
//! table. It is how CatBoost applies its symmetric trees (Prokhorenkova et al. 2018, "CatBoost: unbiased boosting with
//! categorical features"), but that a tree here may leave out a question on some of its paths.

use super::encoding::EncodedRecords;
use super::in_use::CutsInUse;
use crate::{SplitColumn, Tree, TreeNode, Trees};

/// Most questions of a tree.
const MAX_TREE_CONDITIONS: usize = 8;
/// Most questions of all trees, those of the two columns of a feature counted apart, and the one that is always answered no.
const MAX_TOTAL_CONDITIONS: usize = 1 << 13;

/// Rows whose indices are put together at the same time, so that one instruction takes many of them.
const LANES: usize = 32;
/// Fewer rows are taken one by one.
const FEW_ROWS: usize = LANES / 4;

/// Most values of the tables for each leaf, so that they take memory in proportion to the trees.
const MAX_VALUES_PER_LEAF: usize = 4;

/// Whether trees are of the shape that this is fast for.
pub(super) fn suit(trees: &Trees) -> bool {
    let values = |tree| questions(tree).map(|questions| 1 << questions.len());
    // Ends at the first tree with too many conditions.
    let Some(values) = trees.trees().iter().map(values).sum::<Option<usize>>() else { return false };
    let leaves: usize = trees.trees().iter().map(|tree| tree.leaves.len()).sum();
    let answers = 1 + 2 * CutsInUse::of(trees).counts().sum::<usize>();
    answers <= MAX_TOTAL_CONDITIONS && values <= MAX_VALUES_PER_LEAF * leaves
}

/// A column and one of its feature's cuts.
type FeatureCut = (SplitColumn, u16);

/// The questions of a tree, each once; `None` if there are too many.
fn questions(tree: &Tree) -> Option<Vec<FeatureCut>> {
    let mut questions = Vec::with_capacity(MAX_TREE_CONDITIONS);
    for node in &tree.nodes {
        if let TreeNode::Split { column, cut, .. } = *node {
            if !questions.contains(&(column, cut)) {
                if questions.len() == MAX_TREE_CONDITIONS {
                    return None;
                }
                questions.push((column, cut));
            }
        }
    }
    Some(questions)
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ObliviousTables {
    columns: Vec<FeatureCuts>,
    trees: Vec<ObliviousTable>,
    /// Table after table.
    values: Vec<f64>,
}

/// The questions about one column of codes: whether a value is above each of the feature's cuts.
#[derive(Clone, Copy, Debug, PartialEq)]
struct FeatureCuts {
    column: SplitColumn,
    /// Where its answers start.
    first: usize,
    cuts: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct ObliviousTable {
    /// Places of the answers to its conditions, from the lowest bit of the index on; those that it does not have are always
    /// answered no.
    answers: [u16; MAX_TREE_CONDITIONS],
    /// Where its values start.
    first: u32,
}

impl ObliviousTables {
    /// Tables of trees that [`suit`], for codes by the cuts `in_use`.
    pub(super) fn new(trees: &Trees, in_use: &CutsInUse) -> ObliviousTables {
        let mut columns = Vec::with_capacity(2 * trees.n_features());
        let mut next = 1;
        for (feature, cuts) in in_use.counts().enumerate() {
            for missing_left in [false, true] {
                columns.push(FeatureCuts { column: SplitColumn::new(feature, missing_left), first: next, cuts });
                next += cuts;
            }
        }
        let mut tables = ObliviousTables { columns, trees: Vec::new(), values: Vec::new() };
        for tree in trees.trees() {
            tables.push(trees, tree, in_use);
        }
        tables.columns.retain(|column| column.cuts > 0);
        tables
    }

    fn push(&mut self, all: &Trees, tree: &Tree, in_use: &CutsInUse) {
        let questions = questions(tree).expect("trees that suit have few");
        let mut answers = [0; MAX_TREE_CONDITIONS];
        for (answer, &(column, cut)) in answers.iter_mut().zip(&questions) {
            let first = self.columns[usize::from(column.index())].first;
            *answer = (first + in_use.position(column.feature(), cut)) as u16;
        }
        self.trees.push(ObliviousTable { answers, first: self.values.len() as u32 });
        self.values.extend((0..1 << questions.len()).map(|index: usize| value(all, tree, &questions, index)));
    }

    /// Adds to each row's sum its values in the first `trees` trees.
    pub(super) fn add(&self, trees: usize, codes: &EncodedRecords, sums: &mut [f64]) {
        if sums.len() < FEW_ROWS {
            self.add_one_by_one(trees, codes, sums);
        } else {
            self.add_side_by_side(trees, codes, sums);
        }
    }

    fn add_one_by_one(&self, trees: usize, codes: &EncodedRecords, sums: &mut [f64]) {
        let mut answers = vec![[0]; MAX_TOTAL_CONDITIONS];
        let answers: &mut [[u8; 1]; MAX_TOTAL_CONDITIONS] =
            answers.as_mut_slice().try_into().expect("made of that length");
        for (row, sum) in sums.iter_mut().enumerate() {
            self.answer(codes, [codes.start(row as u32)], answers);
            for table in &self.trees[..trees] {
                *sum += self.values[table.first as usize + index(&table.answers, answers)];
            }
        }
    }

    fn add_side_by_side(&self, trees: usize, codes: &EncodedRecords, sums: &mut [f64]) {
        let mut answers = vec![[0; LANES]; MAX_TOTAL_CONDITIONS];
        let answers: &mut [[u8; LANES]; MAX_TOTAL_CONDITIONS] =
            answers.as_mut_slice().try_into().expect("made of that length");
        for (block, sums) in sums.chunks_mut(LANES).enumerate() {
            // A lane without a row answers as the last row does.
            let row = |lane: usize| codes.start((block * LANES + lane.min(sums.len() - 1)) as u32);
            self.answer(codes, std::array::from_fn(row), answers);
            for table in &self.trees[..trees] {
                let values = &self.values[table.first as usize..];
                for (sum, index) in sums.iter_mut().zip(indices(&table.answers, answers)) {
                    *sum += values[usize::from(index)];
                }
            }
        }
    }

    /// Answers all questions for the rows whose codes start there.
    fn answer<const N: usize>(
        &self,
        codes: &EncodedRecords,
        rows: [usize; N],
        answers: &mut [[u8; N]; MAX_TOTAL_CONDITIONS],
    ) {
        for &FeatureCuts { column, first, cuts } in &self.columns {
            // The code of a value is the number of cuts below it; that of a missing one may be one more than all.
            let above = rows.map(|row| codes.get(row, column.index()).min(cuts as u16));
            let (least, most) = above
                .iter()
                .fold((cuts, 0), |(least, most), &above| (least.min(usize::from(above)), most.max(usize::from(above))));
            let answers = &mut answers[first..first + cuts];
            answers[..least].fill([1; N]);
            for (cut, answers) in answers[least..most].iter_mut().enumerate() {
                let cut = (least + cut) as u16;
                *answers = above.map(|above| u8::from(above > cut));
            }
            answers[most..].fill([0; N]);
        }
    }
}

/// A row's index into the table of a tree: its answers as bits.
fn index(of: &[u16; MAX_TREE_CONDITIONS], answers: &[[u8; 1]; MAX_TOTAL_CONDITIONS]) -> usize {
    let bit =
        |(bit, &answer): (usize, &u16)| usize::from(answers[usize::from(answer) % MAX_TOTAL_CONDITIONS][0]) << bit;
    of.iter().enumerate().map(bit).fold(0, |index, bit| index | bit)
}

/// The same of several rows.
fn indices(of: &[u16; MAX_TREE_CONDITIONS], answers: &[[u8; LANES]; MAX_TOTAL_CONDITIONS]) -> [u8; LANES] {
    let with = |indices: [u8; LANES], answer: &u16| {
        let bits = &answers[usize::from(*answer) % MAX_TOTAL_CONDITIONS];
        std::array::from_fn(|lane| indices[lane] << 1 | bits[lane])
    };
    // The highest bit first.
    of.iter().rev().fold([0; LANES], with)
}

/// Value of the leaf that a tree's answers lead to.
fn value(all: &Trees, tree: &Tree, questions: &[FeatureCut], answers: usize) -> f64 {
    let mut at = 0;
    loop {
        match tree.nodes[at] {
            TreeNode::Leaf(leaf) => return all.value(&tree.leaves, leaf as usize),
            TreeNode::Split { column, cut, left } => {
                let requested = |question: &FeatureCut| *question == (column, cut);
                let question = questions.iter().position(requested).expect("collected from all splits");
                at = left as usize + (answers >> question & 1);
            }
        }
    }
}
