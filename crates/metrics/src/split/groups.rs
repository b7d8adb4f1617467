//! Which tracks belong together: those of one artist, one URI or the same audio, however many such steps apart.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use ndarray::{ArrayView1, ArrayView2};
use serde::Serialize;

/// Rows parted into groups; each row is in one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowGroups {
    /// Each row's group; groups are numbered by their first row.
    group_of_row: Vec<usize>,
    /// Each group's rows, ascending.
    rows_of_group: Vec<Vec<usize>>,
}

impl RowGroups {
    /// The connected components of `rows` rows in which any two are joined that have the same code in one of `keys` (a code a
    /// row each): the finest groups such that no key has one value in two of them. Memory grows with the greatest code, so that codes
    /// are best numbered from 0 without gaps.
    ///
    /// # Panics
    /// A key has not one code a row.
    pub fn connected(rows: usize, keys: &[&[u32]]) -> RowGroups {
        let mut forest = DisjointSets::new(rows);
        for key in keys {
            assert_eq!(key.len(), rows, "one code a row");
            let mut first = FirstRows::new(key.iter().max().map_or(0, |&code| code as usize + 1));
            for (row, &code) in key.iter().enumerate() {
                forest.join(row, first.of(code as usize, row));
            }
        }
        let roots: Vec<usize> = (0..rows).map(|row| forest.root(row)).collect();
        RowGroups::from_numbers(&roots, rows)
    }

    /// Groups of the rows that have the same label.
    pub fn from_labels<T: Eq + Hash>(labels: &[T]) -> RowGroups {
        let mut numbers = HashMap::new();
        RowGroups::numbered(labels, |label, next| *numbers.entry(label).or_insert(next))
    }

    /// As [`RowGroups::from_labels`], of labels below `end`.
    fn from_numbers(labels: &[usize], end: usize) -> RowGroups {
        let mut numbers = FirstRows::new(end);
        RowGroups::numbered(labels, |&label, next| numbers.of(label, next))
    }

    /// `number` gives the group of a label: of one that it has not seen, the next.
    fn numbered<'a, T>(labels: &'a [T], mut number: impl FnMut(&'a T, usize) -> usize) -> RowGroups {
        let mut rows_of_group: Vec<Vec<usize>> = Vec::new();
        let group_of_row = labels.iter().enumerate().map(|(row, label)| {
            let group = number(label, rows_of_group.len());
            if group == rows_of_group.len() {
                rows_of_group.push(Vec::new());
            }
            rows_of_group[group].push(row);
            group
        });
        RowGroups { group_of_row: group_of_row.collect(), rows_of_group }
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.rows_of_group.len()
    }

    /// Whether there is none, as there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows_of_group.is_empty()
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.group_of_row.len()
    }

    /// Each row's group, from 0 on in the order of their first rows.
    pub fn of_rows(&self) -> &[usize] {
        &self.group_of_row
    }

    /// The rows of each group, ascending.
    pub fn members(&self) -> &[Vec<usize>] {
        &self.rows_of_group
    }

    /// The groups among some of the rows, which are numbered anew in the order given.
    ///
    /// # Panics
    /// There is no such row.
    pub fn select(&self, rows: &[usize]) -> RowGroups {
        RowGroups::from_numbers(&rows.iter().map(|&row| self.group_of_row[row]).collect::<Vec<usize>>(), self.len())
    }

    /// Sizes in figures.
    pub fn figures(&self) -> GroupFigures {
        let size_class = |(least, most): (u64, Option<u64>)| {
            let sizes = self.rows_of_group.iter().map(|rows| rows.len() as u64);
            let within: Vec<u64> =
                sizes.filter(|size| *size >= least && most.is_none_or(|most| *size <= most)).collect();
            SizeClass { least, most, groups: within.len() as u64, rows: within.iter().sum() }
        };
        const CLASSES: [(u64, Option<u64>); 5] =
            [(1, Some(1)), (2, Some(4)), (5, Some(19)), (20, Some(99)), (100, None)];
        GroupFigures {
            rows: self.rows() as u64,
            groups: self.len() as u64,
            largest: self.rows_of_group.iter().map(|rows| rows.len() as u64).max().unwrap_or(0),
            sizes: CLASSES.map(size_class).to_vec(),
        }
    }
}

/// How large groups are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupFigures {
    /// Rows in all groups.
    pub rows: u64,
    /// Number of groups.
    pub groups: u64,
    /// Rows of the largest group; 0 if there is none.
    pub largest: u64,
    /// Groups by size.
    pub sizes: Vec<SizeClass>,
}

/// Groups of similar size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SizeClass {
    /// Rows of the smallest that counts.
    pub least: u64,
    /// Rows of the largest that counts; none for no limit.
    pub most: Option<u64>,
    /// How many there are.
    pub groups: u64,
    /// Rows in them.
    pub rows: u64,
}

/// Texts as numbers: the same for the same text, from 0 on in the order of first appearance.
pub fn codes_of_texts<S: AsRef<str>>(texts: &[S]) -> Vec<u32> {
    codes(texts.iter().map(AsRef::as_ref))
}

/// Rows of numbers as numbers: the same code for rows that are equal value by value in `columns`. Nothing is rounded; 0 and −0 are
/// equal, and so is NaN to itself.
///
/// # Panics
/// There is no such column.
pub fn codes_of_rows(records: ArrayView2<f64>, columns: &[usize]) -> Vec<u32> {
    codes(records.rows().into_iter().map(|row| RowValues { row, columns }))
}

/// Some values of a row, which are compared and hashed where they are.
struct RowValues<'a> {
    row: ArrayView1<'a, f64>,
    columns: &'a [usize],
}

impl<'a> RowValues<'a> {
    fn bits(&self) -> impl Iterator<Item = u64> + use<'_, 'a> {
        // Adding 0 turns −0 into 0.
        self.columns.iter().map(|&column| (self.row[column] + 0.0).to_bits())
    }
}

impl PartialEq for RowValues<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bits().eq(other.bits())
    }
}

impl Eq for RowValues<'_> {}

impl Hash for RowValues<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits().for_each(|bits| state.write_u64(bits));
    }
}

fn codes<T: Eq + Hash>(values: impl ExactSizeIterator<Item = T>) -> Vec<u32> {
    let mut known = HashMap::with_capacity(values.len());
    values
        .map(|value| {
            let next = known.len() as u32;
            *known.entry(value).or_insert(next)
        })
        .collect()
}

/// What each of some small numbers was first seen with.
struct FirstRows(Vec<usize>);

impl FirstRows {
    const NONE: usize = usize::MAX;

    /// Of numbers below `end`, none seen.
    fn new(end: usize) -> FirstRows {
        FirstRows(vec![FirstRows::NONE; end])
    }

    /// What a number was first seen with: `now`, if it was not seen before.
    fn of(&mut self, number: usize, now: usize) -> usize {
        let first = &mut self.0[number];
        if *first == FirstRows::NONE {
            *first = now;
        }
        *first
    }
}

/// Union-find with halved paths; the smaller number is the root, so that the outcome does not depend on the order of joining.
struct DisjointSets {
    parent: Vec<usize>,
}

impl DisjointSets {
    fn new(members: usize) -> DisjointSets {
        DisjointSets { parent: (0..members).collect() }
    }

    fn root(&mut self, mut member: usize) -> usize {
        while self.parent[member] != member {
            self.parent[member] = self.parent[self.parent[member]];
            member = self.parent[member];
        }
        member
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;

    use super::*;

    /// Rows 0 and 1 share an artist, 1 and 3 a URI, 2 and 4 the audio; 5 is alone.
    #[test]
    fn rows_are_together_that_any_key_joins() {
        let (artist, uri, audio) = ([0, 0, 1, 2, 3, 4], [0, 1, 2, 1, 3, 4], [0, 1, 2, 3, 2, 5]);
        let groups = RowGroups::connected(6, &[&artist, &uri, &audio]);
        assert_eq!(groups.of_rows(), [0, 0, 1, 0, 1, 2]);
        assert_eq!(groups.members(), [vec![0, 1, 3], vec![2, 4], vec![5]]);
        assert_eq!((groups.len(), groups.rows(), groups.is_empty()), (3, 6, false));
        let some = groups.select(&[5, 4, 2, 3]);
        assert_eq!(some.of_rows(), [0, 1, 1, 2]);
        assert!(RowGroups::connected(0, &[]).is_empty());
        assert_eq!(RowGroups::connected(3, &[]).len(), 3, "nothing joins them");
    }

    #[test]
    fn sizes_are_counted() {
        let labels: Vec<u32> =
            [(0, 1), (1, 1), (2, 3), (3, 120)].iter().flat_map(|&(label, rows)| vec![label; rows]).collect();
        let figures = RowGroups::from_labels(&labels).figures();
        assert_eq!((figures.rows, figures.groups, figures.largest), (125, 4, 120));
        let counted: Vec<(u64, u64)> = figures.sizes.iter().map(|class| (class.groups, class.rows)).collect();
        assert_eq!(counted, [(2, 2), (1, 3), (0, 0), (0, 0), (1, 120)]);
        assert_eq!(RowGroups::from_labels::<u32>(&[]).figures().largest, 0);
    }

    #[test]
    fn codes_go_by_exact_equality() {
        assert_eq!(codes_of_texts(&["b", "a", "b", ""]), [0, 1, 0, 2]);
        let records = array![[0.0, 1.0], [-0.0, 1.0], [0.1 + 0.2, 1.0], [0.3, 1.0], [f64::NAN, 1.0], [f64::NAN, 1.0]];
        assert_eq!(codes_of_rows(records.view(), &[0, 1]), [0, 0, 1, 2, 3, 3]);
        assert_eq!(codes_of_rows(records.view(), &[1]), [0; 6]);
    }

    proptest! {
        /// Against the definition: whatever a key joins is together, and a group falls apart if it is searched by joins alone.
        #[test]
        fn groups_are_the_connected_components(keys in prop::collection::vec((0u32..12, 0u32..12, 0u32..12), 0..60)) {
            let key = |of: fn(&(u32, u32, u32)) -> u32| keys.iter().map(of).collect::<Vec<u32>>();
            let (a, b, c) = (key(|key| key.0), key(|key| key.1), key(|key| key.2));
            let groups = RowGroups::connected(keys.len(), &[&a, &b, &c]);
            let joined = |x: usize, y: usize| a[x] == a[y] || b[x] == b[y] || c[x] == c[y];
            for rows in groups.members() {
                let mut reached = vec![rows[0]];
                let mut next = 0;
                while next < reached.len() {
                    let from = reached[next];
                    let new: Vec<usize> =
                        (0..keys.len()).filter(|&row| joined(from, row) && !reached.contains(&row)).collect();
                    reached.extend(new);
                    next += 1;
                }
                reached.sort_unstable();
                prop_assert_eq!(&reached, rows);
            }
        }
    }
}
