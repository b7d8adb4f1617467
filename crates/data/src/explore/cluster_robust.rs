//! Standard errors of means that allow for artists: the tracks of one artist resemble each other, so that a thousand
//! tracks by a hundred artists say less than a thousand by a thousand. A track without an artist is a cluster of its own.

use std::collections::HashMap;

use polars::prelude::*;

use crate::engine::EngineResult;
use crate::ingest::tracks::TrackTable;
use hitflop_core::error::Result;
use hitflop_core::track::{Decade, Label, ARTIST, DECADE, TARGET};

/// What tracks are grouped by; no decade where it is not known.
pub(crate) type DecadeLabel = (Option<Decade>, Label);

/// The tracks of each artist in each cell, as clusters of rows.
#[derive(Debug)]
pub(crate) struct Clusters {
    /// The cluster of each row.
    of_rows: Vec<u32>,
    /// The cell of each cluster: artists in the order in which the rows first show them, and so the cells of an artist.
    cells: Vec<DecadeLabel>,
    /// Where the clusters of each artist end: they are side by side.
    artist_ends: Vec<u32>,
}

/// Rows with a value, and the sum of their values, in each cluster.
#[derive(Debug)]
pub(crate) struct ClusterSums {
    rows: Vec<u64>,
    sums: Vec<f64>,
}

impl ClusterSums {
    /// No rows in any of the clusters.
    pub(crate) fn none(clusters: &Clusters) -> ClusterSums {
        ClusterSums { rows: vec![0; clusters.len()], sums: vec![0.0; clusters.len()] }
    }

    /// Adds a row's value.
    pub(crate) fn add(&mut self, cluster: usize, value: f64) {
        self.rows[cluster] += 1;
        self.sums[cluster] += value;
    }
}

impl Clusters {
    /// The clusters of all tracks.
    ///
    /// # Errors
    /// The tracks cannot be read.
    pub(crate) fn of(tracks: &TrackTable) -> Result<Clusters> {
        let table = tracks.scan()?.select([col(ARTIST), col(DECADE), col(TARGET)]).collect().engine()?;
        let artists = table.column(ARTIST).engine()?.str().engine()?;
        let years = table.column(DECADE).engine()?.i32().engine()?;
        let targets = table.column(TARGET).engine()?.i32().engine()?;
        let rows = artists.iter().zip(years.iter()).zip(targets.iter());
        // Ingest lets no missing label through.
        Ok(Clusters::from_rows(rows.filter_map(|((artist, year), target)| {
            Some((artist, (year.and_then(Decade::from_year), Label::from_target(target?)?)))
        })))
    }

    fn from_rows<'a>(rows: impl Iterator<Item = (Option<&'a str>, DecadeLabel)>) -> Clusters {
        let mut artists: HashMap<&str, usize> = HashMap::new();
        let mut cells_of_artist: Vec<Vec<DecadeLabel>> = Vec::new();
        // The artist of each row, and the index of the cell among the artist's.
        let mut places: Vec<(u32, u32)> = Vec::new();
        for (artist, cell) in rows {
            let next = cells_of_artist.len();
            let artist = artist.map_or(next, |artist| *artists.entry(artist).or_insert(next));
            if artist == next {
                cells_of_artist.push(Vec::new());
            }
            let own = &mut cells_of_artist[artist];
            let place = own.iter().position(|&known| known == cell).unwrap_or_else(|| {
                own.push(cell);
                own.len() - 1
            });
            places.push((artist as u32, place as u32));
        }
        let mut end = 0;
        let ends = cells_of_artist.iter().map(|cells| {
            end += cells.len() as u32;
            end
        });
        let artist_ends: Vec<u32> = ends.collect();
        let first = |artist: u32| artist.checked_sub(1).map_or(0, |before| artist_ends[before as usize]);
        let of_rows = places.into_iter().map(|(artist, place)| first(artist) + place).collect();
        Clusters { of_rows, cells: cells_of_artist.concat(), artist_ends }
    }

    /// Number of clusters.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The cluster of each row, in order.
    pub(crate) fn of_rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.of_rows.iter().map(|&cluster| cluster as usize)
    }

    /// The cell of a cluster.
    pub(crate) fn cell(&self, cluster: usize) -> DecadeLabel {
        self.cells[cluster]
    }

    /// The standard error of the mean of the rows whose cell `belongs`, clustered by artist (Liang and Zeger, 1986):
    /// the square root of G / (G - 1) · Σ (sum of an artist's deviations from the mean)² / n², for G artists and n rows.
    /// With one row an artist it is the usual s / √n. NaN of fewer than two artists.
    ///
    /// The sums of `values` and `mean` are about the same pivot; rows without a value are not counted.
    pub(crate) fn standard_error(&self, values: &ClusterSums, mean: f64, belongs: impl Fn(DecadeLabel) -> bool) -> f64 {
        let (mut artists, mut rows, mut squares) = (0u64, 0u64, 0.0);
        let mut first = 0;
        for &end in &self.artist_ends {
            let own = (std::mem::replace(&mut first, end as usize)..end as usize)
                .filter(|&cluster| belongs(self.cell(cluster)));
            let (own_rows, sum) =
                own.fold((0, 0.0), |(rows, sum), cluster| (rows + values.rows[cluster], sum + values.sums[cluster]));
            if own_rows > 0 {
                artists += 1;
                rows += own_rows;
                squares += (sum - own_rows as f64 * mean).powi(2);
            }
        }
        if artists < 2 {
            return f64::NAN;
        }
        let correction = artists as f64 / (artists - 1) as f64;
        (correction * squares).sqrt() / rows as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::moments::Moments;

    fn cell(year: i32, label: Label) -> DecadeLabel {
        (Decade::from_year(year), label)
    }

    /// The standard error of those (artist, cell, value) that are in `cells`.
    fn error(values: &[(&str, DecadeLabel, f64)], cells: &[DecadeLabel]) -> f64 {
        let named = values.iter().map(|&(artist, cell, _)| (Some(artist).filter(|artist| !artist.is_empty()), cell));
        let clusters = Clusters::from_rows(named);
        let mut sums = ClusterSums::none(&clusters);
        let known = clusters.of_rows().zip(values).filter(|(_, (_, _, value))| !value.is_nan());
        known.for_each(|(cluster, (_, _, value))| sums.add(cluster, *value));
        let chosen: Vec<f64> = values
            .iter()
            .filter(|(_, cell, value)| cells.contains(cell) && !value.is_nan())
            .map(|(_, _, value)| *value)
            .collect();
        let mean = chosen.iter().sum::<f64>() / chosen.len() as f64;
        clusters.standard_error(&sums, mean, |cell| cells.contains(&cell))
    }

    #[test]
    fn with_one_track_an_artist_it_is_the_usual_one() {
        let cell = cell(1960, Label::Hit);
        let values = [("a", cell, 1.0), ("b", cell, 2.0), ("c", cell, 4.0), ("d", cell, 9.0)];
        let mut moments = Moments::default();
        values.iter().for_each(|(_, _, value)| moments.add(*value));
        assert!((error(&values, &[cell]) - moments.std() / 2.0).abs() < 1e-12);
    }

    #[test]
    fn tracks_without_an_artist_are_apart_and_missing_values_do_not_count() {
        let cell = (None, Label::Hit);
        let named = [("a", cell, 1.0), ("b", cell, 2.0), ("c", cell, 4.0), ("d", cell, 9.0)];
        let apart = [("", cell, 1.0), ("", cell, 2.0), ("", cell, f64::NAN), ("", cell, 4.0), ("", cell, 9.0)];
        assert_eq!(error(&apart, &[cell]), error(&named, &[cell]));
    }

    #[test]
    fn copies_by_the_same_artists_add_nothing() {
        let cell = cell(1960, Label::Hit);
        let once = [("a", cell, 1.0), ("b", cell, 2.0), ("c", cell, 6.0)];
        let thrice: Vec<_> = once.iter().chain(&once).chain(&once).copied().collect();
        assert!((error(&once, &[cell]) - error(&thrice, &[cell])).abs() < 1e-12);
    }

    #[test]
    fn a_small_case_by_hand() {
        let (sixties, seventies) = (cell(1960, Label::Hit), cell(1970, Label::Hit));
        let other = cell(1970, Label::Flop);
        // Mean 4; artist a is off by (1 - 4) + (3 - 4) = -4, artist b by 8 - 4 = 4: 2 / 1 · (16 + 16) / 9.
        let values = [("a", sixties, 1.0), ("a", seventies, 3.0), ("b", seventies, 8.0), ("b", other, 99.0)];
        assert!((error(&values, &[sixties, seventies]) - (64.0f64 / 9.0).sqrt()).abs() < 1e-12);
        assert!(error(&values, &[other]).is_nan(), "one artist gives no standard error");
    }
}
