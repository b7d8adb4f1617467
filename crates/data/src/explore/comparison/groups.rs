//! Groups of rows that are resampled together.

use std::collections::HashMap;

use serde::Serialize;

use super::ComparedTable;
use hitflop_metrics::two_sample::{ClusterBootstrap, GroupedShare, ShareDifference};

/// What is resampled for an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResampledUnit {
    /// All rows of an artist at once, in both tables.
    Artists,
    /// Single rows, since a table has no artists.
    Rows,
}

/// The groups of the rows of two tables.
#[derive(Clone, Debug)]
pub struct TableGroups {
    /// What a group is.
    pub unit: ResampledUnit,
    /// Draws of the groups.
    pub bootstrap: ClusterBootstrap,
    groups: [Vec<u32>; 2],
}

impl TableGroups {
    /// Groups the rows of an artist, in either table; a row whose artist is missing is a group of its own. Without artists in both
    /// tables every row is one.
    pub fn of(tables: [ComparedTable; 2], resamples: usize, seed: u64) -> TableGroups {
        let artists = tables.map(|table| table.artists);
        let unit = if artists.iter().all(Option::is_some) { ResampledUnit::Artists } else { ResampledUnit::Rows };
        let mut known: HashMap<&str, u32> = HashMap::new();
        let mut count = 0;
        let mut next = || {
            count += 1;
            count - 1
        };
        let groups = tables.map(|table| {
            let artist = |row: usize| table.artists.filter(|_| unit == ResampledUnit::Artists).map(|all| &all[row]);
            let group = |row: usize| match artist(row).filter(|artist| !artist.is_empty()) {
                Some(artist) => *known.entry(artist).or_insert_with(&mut next),
                None => next(),
            };
            (0..table.rows.len()).map(group).collect::<Vec<u32>>()
        });
        TableGroups { unit, bootstrap: ClusterBootstrap::new([&groups[0], &groups[1]], resamples, seed), groups }
    }

    /// The group of each row of each table.
    pub fn of_rows(&self) -> [&[u32]; 2] {
        [&self.groups[0], &self.groups[1]]
    }

    /// The share of hits; none unless both tables have labels.
    pub(super) fn label_share(&self, tables: [ComparedTable; 2]) -> Option<ShareDifference> {
        let labels = [tables[0].labels?, tables[1].labels?];
        Some(GroupedShare::new(labels, self.of_rows(), &self.bootstrap).compare(&self.bootstrap))
    }
}
