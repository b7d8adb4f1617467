//! Trees that ask few questions, however often they ask them, as symmetric trees do: no walk, but a table a tree of the value
//! for every combination of answers.
//!
//! A row answers each question of the whole ensemble once; a tree's answers, put together as bits, are the index into its
//! table. It is how CatBoost applies its symmetric trees (Prokhorenkova et al. 2018, "CatBoost: unbiased boosting with
//! categorical features"), but that a tree here may leave out a question on some of its paths.

use super::codes::Codes;
use super::in_use::CutsInUse;
use crate::learn::tree::{Column, Node, Tree, Trees};

/// Most questions of a tree.
const MOST_QUESTIONS: usize = 8;
/// Most questions of all trees, those of the two columns of a feature counted apart, and the one that is always answered no.
const MOST_ANSWERS: usize = 1 << 13;

/// Most values of the tables for each leaf, so that they take memory in proportion to the trees.
const MOST_VALUES_PER_LEAF: usize = 4;

/// Whether trees are of the shape that this is fast for.
pub(super) fn suit(trees: &Trees) -> bool {
    let values = |tree| questions(tree).map(|questions| 1 << questions.len());
    // Ends at the first tree that asks too many.
    let Some(values) = trees.trees().iter().map(values).sum::<Option<usize>>() else { return false };
    let leaves: usize = trees.trees().iter().map(|tree| tree.leaves.len()).sum();
    let answers = 1 + 2 * CutsInUse::of(trees).counts().sum::<usize>();
    answers <= MOST_ANSWERS && values <= MOST_VALUES_PER_LEAF * leaves
}

/// A column and one of its feature's cuts.
type Question = (Column, u16);

/// The questions of a tree, each once; `None` if there are too many.
fn questions(tree: &Tree) -> Option<Vec<Question>> {
    let mut questions = Vec::with_capacity(MOST_QUESTIONS);
    for node in &tree.nodes {
        if let Node::Split { column, cut, .. } = *node {
            if !questions.contains(&(column, cut)) {
                if questions.len() == MOST_QUESTIONS {
                    return None;
                }
                questions.push((column, cut));
            }
        }
    }
    Some(questions)
}

/// All trees.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tables {
    columns: Vec<Answers>,
    trees: Vec<Table>,
    /// Table after table.
    values: Vec<f64>,
}

/// The questions about one column of codes: whether a value is above each of the feature's cuts.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Answers {
    column: Column,
    /// Where its answers start.
    first: usize,
    cuts: usize,
}

/// A tree.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Table {
    /// Where the answers to its questions stand, from the lowest bit of the index on; those that it does not have are always
    /// answered no.
    answers: [u16; MOST_QUESTIONS],
    /// Where its values start.
    first: u32,
}

impl Tables {
    /// Tables of trees that [`suit`], for codes by the cuts `in_use`.
    pub(super) fn new(trees: &Trees, in_use: &CutsInUse) -> Tables {
        let mut columns = Vec::with_capacity(2 * trees.n_features());
        let mut next = 1;
        for (feature, cuts) in in_use.counts().enumerate() {
            for missing_left in [false, true] {
                columns.push(Answers { column: Column::new(feature, missing_left), first: next, cuts });
                next += cuts;
            }
        }
        let mut tables = Tables { columns, trees: Vec::new(), values: Vec::new() };
        for tree in trees.trees() {
            tables.push(trees, tree, in_use);
        }
        tables.columns.retain(|column| column.cuts > 0);
        tables
    }

    fn push(&mut self, all: &Trees, tree: &Tree, in_use: &CutsInUse) {
        let questions = questions(tree).expect("trees that suit have few");
        let mut answers = [0; MOST_QUESTIONS];
        for (answer, &(column, cut)) in answers.iter_mut().zip(&questions) {
            let first = self.columns[usize::from(column.index())].first;
            *answer = (first + in_use.position(column.feature(), cut)) as u16;
        }
        self.trees.push(Table { answers, first: self.values.len() as u32 });
        self.values.extend((0..1 << questions.len()).map(|index: usize| value(all, tree, &questions, index)));
    }

    /// Adds to each row's sum its values in the first `trees` trees.
    pub(super) fn add(&self, trees: usize, codes: &Codes, sums: &mut [f64]) {
        let mut answers = vec![0; MOST_ANSWERS];
        let answers: &mut [u8; MOST_ANSWERS] = answers.as_mut_slice().try_into().expect("made of that length");
        for (row, sum) in sums.iter_mut().enumerate() {
            let start = codes.start(row as u32);
            for &Answers { column, first, cuts } in &self.columns {
                // The code of a value is the number of cuts below it; that of a missing one may be one more than all.
                let above = usize::from(codes.get(start, column.index())).min(cuts);
                answers[first..first + above].fill(1);
                answers[first + above..first + cuts].fill(0);
            }
            for table in &self.trees[..trees] {
                *sum += self.values[table.first as usize + index(&table.answers, answers)];
            }
        }
    }
}

fn index(of: &[u16; MOST_QUESTIONS], answers: &[u8; MOST_ANSWERS]) -> usize {
    let bit = |(bit, &answer): (usize, &u16)| usize::from(answers[usize::from(answer) % MOST_ANSWERS]) << bit;
    of.iter().enumerate().map(bit).fold(0, |index, bit| index | bit)
}

/// Value of the leaf that a tree's answers lead to.
fn value(all: &Trees, tree: &Tree, questions: &[Question], answers: usize) -> f64 {
    let mut at = 0;
    loop {
        match tree.nodes[at] {
            Node::Leaf(leaf) => return all.value(&tree.leaves, leaf as usize),
            Node::Split { column, cut, left } => {
                let asked = |question: &Question| *question == (column, cut);
                let question = questions.iter().position(asked).expect("collected from all splits");
                at = left as usize + (answers >> question & 1);
            }
        }
    }
}
