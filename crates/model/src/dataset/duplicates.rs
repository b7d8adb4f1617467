//! Tracks that occur more than once in a decade, resolved by the definition of the label.
//!
//! A track is a hit of a decade if it was in the charts at least once in it. So the rows of one URI in one decade are one track,
//! and if any of them is a hit, so is the track. A URI that occurs in several decades is a track of each: its label is another
//! question there. Such rows stay, and [`hitflop_metrics::split::RowGroups`] keeps them together. Rows without a URI repeat no other, and
//! rows of one URI without a decade are one track.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use hitflop_core::track::Decade;

/// What to do with rows of one URI and decade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Duplicates {
    /// One row: the first, labelled a hit if any row is. Audio values are those of the first row
    #[default]
    Resolve,
    /// All rows unchanged, as in the notebook
    Keep,
}

impl Duplicates {
    /// `resolve`, `keep`.
    pub fn name(self) -> &'static str {
        match self {
            Duplicates::Resolve => "resolve",
            Duplicates::Keep => "keep",
        }
    }
}

/// What repeats there are, and what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateFigures {
    /// What was done.
    pub treatment: Duplicates,
    /// Rows before repeated rows were resolved.
    pub rows_before: u64,
    /// Rows that are left.
    pub rows: u64,
    /// (URI, decade) pairs that occur more than once.
    pub repeated: u64,
    /// Rows beyond the first of their pair.
    pub extra_rows: u64,
    /// Pairs that occur both as hit and as flop.
    pub with_both_labels: u64,
    /// Pairs whose rows differ in an audio value.
    pub with_different_audio: u64,
}

/// Which rows are learned from, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The rows that stay, ascending.
    pub rows: Vec<usize>,
    /// Whether each of these is a hit.
    pub targets: Vec<bool>,
    /// Numbers of repeated and contradictory rows.
    pub figures: DuplicateFigures,
}

/// Finds the repeats among tracks with these URIs (as numbers; one of its own for each row without a URI), decades (none if not known), labels and audio values (as numbers), and resolves them if
/// asked to.
///
/// # Panics
/// The slices differ in length.
pub fn resolve(
    uris: &[u32],
    decades: &[Option<Decade>],
    targets: &[bool],
    audio: &[u32],
    treatment: Duplicates,
) -> Resolved {
    assert!([decades.len(), targets.len(), audio.len()] == [uris.len(); 3], "one of each a track");
    let mut first_rows = HashMap::with_capacity(uris.len());
    let mut firsts = Vec::with_capacity(uris.len());
    // All rows of each track that has several, by its first.
    let mut repeated: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, key) in uris.iter().copied().zip(decades.iter().copied()).enumerate() {
        match *first_rows.entry(key).or_insert(row) {
            first if first == row => firsts.push(row),
            first => repeated.entry(first).or_insert_with(|| vec![first]).push(row),
        }
    }
    let differing = |of: &dyn Fn(usize, usize) -> bool| {
        repeated.iter().filter(|(&first, rows)| rows.iter().any(|&row| of(row, first))).count() as u64
    };
    let figures = DuplicateFigures {
        treatment,
        rows_before: uris.len() as u64,
        rows: if treatment == Duplicates::Resolve { firsts.len() } else { uris.len() } as u64,
        repeated: repeated.len() as u64,
        extra_rows: (uris.len() - firsts.len()) as u64,
        with_both_labels: differing(&|row, first| targets[row] != targets[first]),
        with_different_audio: differing(&|row, first| audio[row] != audio[first]),
    };
    let (rows, targets) = match treatment {
        Duplicates::Keep => ((0..uris.len()).collect(), targets.to_vec()),
        Duplicates::Resolve => {
            let is_hit = |row: &usize| match repeated.get(row) {
                Some(rows) => rows.iter().any(|&row| targets[row]),
                None => targets[*row],
            };
            let hits = firsts.iter().map(is_hit).collect();
            (firsts, hits)
        }
    };
    Resolved { rows, targets, figures }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_track_become_one_that_is_a_hit_if_any_is() {
        // Row 0 is repeated as rows 2 and 5, of which one is a hit; row 1 again as 4, alike; row 3 is row 0 in another decade.
        let uris = [7, 8, 7, 7, 8, 7];
        let decades = [1960, 1960, 1960, 1970, 1960, 1960].map(Decade::from_year);
        let targets = [false, false, true, false, false, false];
        let audio = [1, 2, 1, 1, 2, 3];
        let resolved = resolve(&uris, &decades, &targets, &audio, Duplicates::Resolve);
        assert_eq!(resolved.rows, [0, 1, 3]);
        assert_eq!(resolved.targets, [true, false, false]);
        let figures = resolved.figures;
        assert_eq!((figures.rows_before, figures.rows, figures.repeated, figures.extra_rows), (6, 3, 2, 3));
        assert_eq!((figures.with_both_labels, figures.with_different_audio), (1, 1));
        let kept = resolve(&uris, &decades, &targets, &audio, Duplicates::Keep);
        assert_eq!((kept.rows.len(), &kept.targets[..]), (6, &targets[..]));
        assert_eq!((kept.figures.rows, kept.figures.extra_rows), (6, 3));
    }
}
