//! Standard errors of means that allow for artists: the tracks of one artist resemble each other, so that a thousand
//! tracks by a hundred artists tell less than a thousand by a thousand.

use std::collections::HashMap;

use polars::prelude::*;

use crate::engine::EngineResult;
use crate::ingest::tracks::TrackTable;
use hitflop_core::error::Result;
use hitflop_core::track::{Decade, Label, ARTIST, DECADE, TARGET};

/// What tracks are grouped by.
pub(crate) type DecadeLabel = (Decade, Label);

/// The tracks of each artist in each cell, as clusters of rows.
#[derive(Debug)]
pub(crate) struct Clusters {
    /// The cluster of each row.
    of_rows: Vec<u32>,
    /// One entry a cluster, in the order in which the rows first show them.
    clusters: Vec<Cluster>,
    /// The clusters of each artist.
    by_artist: Vec<Vec<u32>>,
}

#[derive(Debug)]
struct Cluster {
    cell: DecadeLabel,
    rows: u64,
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
        // Ingest lets no missing value through.
        Ok(Clusters::from_rows(rows.filter_map(|((artist, year), target)| {
            Some((artist?, (Decade::from_year(year?)?, Label::from_target(target?)?)))
        })))
    }

    fn from_rows<'a>(rows: impl Iterator<Item = (&'a str, DecadeLabel)>) -> Clusters {
        let mut clusters = Clusters { of_rows: Vec::new(), clusters: Vec::new(), by_artist: Vec::new() };
        let mut artists: HashMap<&str, usize> = HashMap::new();
        for (artist, cell) in rows {
            let next = artists.len();
            let artist = *artists.entry(artist).or_insert(next);
            clusters.add(artist, cell);
        }
        clusters
    }

    fn add(&mut self, artist: usize, cell: DecadeLabel) {
        if artist == self.by_artist.len() {
            self.by_artist.push(Vec::new());
        }
        let own = &self.by_artist[artist];
        let known = own.iter().copied().find(|&cluster| self.clusters[cluster as usize].cell == cell);
        let cluster = known.unwrap_or_else(|| {
            let cluster = self.clusters.len() as u32;
            self.clusters.push(Cluster { cell, rows: 0 });
            self.by_artist[artist].push(cluster);
            cluster
        });
        self.clusters[cluster as usize].rows += 1;
        self.of_rows.push(cluster);
    }

    /// Number of clusters.
    pub(crate) fn len(&self) -> usize {
        self.clusters.len()
    }

    /// The cluster of each row, in order.
    pub(crate) fn of_rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.of_rows.iter().map(|&cluster| cluster as usize)
    }

    /// The cell of a cluster.
    pub(crate) fn cell(&self, cluster: usize) -> DecadeLabel {
        self.clusters[cluster].cell
    }

    /// The standard error of the mean of the rows whose cell `belongs`, clustered by artist (Liang and Zeger, 1986):
    /// the square root of G / (G - 1) · Σ (sum of an artist's deviations from the mean)² / n², for G artists and n rows.
    /// With one row an artist it is the usual s / √n. NaN of fewer than two artists.
    ///
    /// `sums` holds for each cluster the sum of its values, `mean` the mean, both about the same pivot.
    pub(crate) fn standard_error(&self, sums: &[f64], mean: f64, belongs: impl Fn(DecadeLabel) -> bool) -> f64 {
        let (mut artists, mut rows, mut squares) = (0u64, 0u64, 0.0);
        for clusters in &self.by_artist {
            let own = clusters.iter().map(|&cluster| cluster as usize).filter(|&cluster| belongs(self.cell(cluster)));
            let (own_rows, sum) =
                own.fold((0, 0.0), |(rows, sum), cluster| (rows + self.clusters[cluster].rows, sum + sums[cluster]));
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
        (Decade::from_year(year).expect("a decade"), label)
    }

    /// The standard error of those (artist, cell, value) that are in `cells`.
    fn error(values: &[(&str, DecadeLabel, f64)], cells: &[DecadeLabel]) -> f64 {
        let clusters = Clusters::from_rows(values.iter().map(|&(artist, cell, _)| (artist, cell)));
        let mut sums = vec![0.0; clusters.len()];
        clusters.of_rows().zip(values).for_each(|(cluster, (_, _, value))| sums[cluster] += value);
        let chosen: Vec<f64> = values.iter().filter(|(_, cell, _)| cells.contains(cell)).map(|row| row.2).collect();
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
        assert!(error(&values, &[other]).is_nan(), "one artist tells no error");
    }
}
