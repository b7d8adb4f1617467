//! The tracks that models learn from and are scored on: the matrix, who they are, and which of them belong together.

use ndarray::{Array1, ArrayView2};

use super::duplicates::{resolve, DuplicateFigures, Duplicates};
use hitflop_core::dataset::Dataset;
use hitflop_core::error::{Error, Result};
use hitflop_core::track::Feature;
use hitflop_core::track_id::TrackMetadata;
use hitflop_core::unknown_columns::UnknownColumn;
use hitflop_metrics::split::{codes_of_rows, codes_of_texts, RowGroups};

/// Tracks with all their features, their texts, and the groups that an unbiased split keeps whole.
#[derive(Clone, Debug)]
pub struct GroupedDataset {
    dataset: Dataset,
    identity: TrackMetadata,
    groups: RowGroups,
    extra: Vec<UnknownColumn>,
    duplicates: DuplicateFigures,
}

impl GroupedDataset {
    /// The tracks of `dataset`, whose texts are in `identity` and whose further columns, which are no features, in `extra`. Rows of
    /// one URI and decade become one if `duplicates` says so. Groups are the connected components over artist, URI and the audio
    /// features that the dataset has.
    ///
    /// # Errors
    /// The three differ in their number of rows, which would be a fault of this program.
    pub fn new(
        dataset: &Dataset,
        identity: &TrackMetadata,
        extra: &[UnknownColumn],
        duplicates: Duplicates,
    ) -> Result<GroupedDataset> {
        let rows = dataset.rows();
        if identity.rows() != rows || extra.iter().any(|column| column.rows() != rows) {
            return Err(Error::Failed(format!("there are {rows} tracks, but not as many texts or further values")));
        }
        let audio: Vec<Feature> =
            dataset.features().iter().copied().filter(|feature| *feature != Feature::Decade).collect();
        let audio = codes_of_rows(dataset.with_features(&audio)?.records());
        let (uris, artists) = (codes_of_texts(&identity.uris), codes_of_texts(&identity.artists));
        let resolved = resolve(&uris, &identity.decades, &dataset.targets().to_vec(), &audio, duplicates);
        // Rows that went still join others: they may spell the artist otherwise.
        let groups = RowGroups::connected(rows, &[&artists, &uris, &audio]).select(&resolved.rows);
        Ok(GroupedDataset {
            dataset: dataset.select(&resolved.rows).with_targets(Array1::from(resolved.targets))?,
            identity: identity.select(&resolved.rows),
            groups,
            extra: extra.iter().map(|column| column.select(&resolved.rows)).collect(),
            duplicates: resolved.figures,
        })
    }

    /// Number of tracks.
    pub fn rows(&self) -> usize {
        self.dataset.rows()
    }

    /// Features (rows × all features) and labels.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Feature values, tracks × features.
    pub fn records(&self) -> ArrayView2<'_, f64> {
        self.dataset.records()
    }

    /// Whether each track is a hit.
    pub fn targets(&self) -> Vec<bool> {
        self.dataset.targets().to_vec()
    }

    /// Who the tracks are.
    pub fn identity(&self) -> &TrackMetadata {
        &self.identity
    }

    /// Which tracks belong together.
    pub fn groups(&self) -> &RowGroups {
        &self.groups
    }

    /// Columns of the files that are neither features nor known texts.
    pub fn extra(&self) -> &[UnknownColumn] {
        &self.extra
    }

    /// What repeats there were.
    pub fn duplicates(&self) -> &DuplicateFigures {
        &self.duplicates
    }

    /// The artists of the largest group, the most frequent first, and the rows of the group.
    pub fn largest_group(&self) -> (Vec<String>, u64) {
        let largest = self.groups.members().iter().max_by_key(|rows| rows.len());
        let Some(rows) = largest else { return (Vec::new(), 0) };
        let artists: Vec<&String> = rows.iter().map(|&row| &self.identity.artists[row]).collect();
        let by_artist = RowGroups::from_labels(&artists);
        let mut members: Vec<&Vec<usize>> = by_artist.members().iter().collect();
        // Stable, so that equally frequent artists stay in the order of the rows.
        members.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
        (members.into_iter().map(|rows| artists[rows[0]].clone()).collect(), rows.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{grouped_tracks, tracks};

    #[test]
    fn repeats_are_resolved_and_groups_are_of_what_is_left() {
        let dataset = tracks(6);
        let mut identity = grouped_tracks(6).identity().clone();
        // Rows 0 and 1 are one track, of whom one artist is also that of row 4.
        identity.uris[1] = identity.uris[0].clone();
        identity.decades[1] = identity.decades[0];
        identity.artists = ["a", "b", "c", "d", "a", "e"].map(str::to_owned).to_vec();
        let resolved = GroupedDataset::new(&dataset, &identity, &[], Duplicates::Resolve).expect("tracks");
        assert_eq!((resolved.rows(), resolved.duplicates().extra_rows), (5, 1));
        assert_eq!(resolved.targets()[0], dataset.targets()[0] || dataset.targets()[1]);
        assert_eq!(resolved.records().row(1), dataset.records().row(2));
        assert_eq!(resolved.groups().of_rows(), [0, 1, 2, 0, 3]);
        let all = GroupedDataset::new(&dataset, &identity, &[], Duplicates::Keep).expect("tracks");
        assert_eq!((all.rows(), all.groups().len()), (6, 4));
        assert_eq!(all.largest_group(), (vec!["a".to_owned(), "b".to_owned()], 3));
        let error = GroupedDataset::new(&dataset.select(&[0]), &identity, &[], Duplicates::Keep);
        assert!(!error.expect_err("one row has six texts").is_input());
    }
}
