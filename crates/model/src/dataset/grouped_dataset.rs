//! The tracks that models learn from and are scored on: the matrix, who they are, and which of them belong together.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::duplicates::{resolve, DuplicateFigures, Duplicates};
use super::row_sample::RowSample;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::{Error, Result};
use hitflop_core::track::{Feature, MIN_RECORDING_VALUES};
use hitflop_core::track_id::TrackMetadata;
use hitflop_core::unknown_columns::UnknownColumn;
use hitflop_metrics::split::{codes_of_rows, codes_of_texts, stratified_sample, RowGroups, SampleSize};

/// Tracks with all their features, their texts, and the groups that an unbiased split keeps whole.
#[derive(Clone, Debug)]
pub struct GroupedDataset {
    dataset: Dataset,
    identity: TrackMetadata,
    groups: RowGroups,
    has_both_labels: Vec<bool>,
    extra: Vec<UnknownColumn>,
    duplicates: DuplicateFigures,
}

impl GroupedDataset {
    /// The tracks of `dataset`, whose texts are in `identity` and whose further columns, which are no features, in `extra`. Rows of
    /// one URI and decade become one if `duplicates` says so. Groups are the connected components over artist, URI and the audio
    /// features that the dataset has, as far as they are known: a missing text joins no rows, nor do equal audio values with fewer
    /// than [`MIN_RECORDING_VALUES`] quantities.
    ///
    /// # Errors
    /// The three differ in their number of rows, which would be a fault of this program.
    pub fn new(
        dataset: Dataset,
        identity: TrackMetadata,
        extra: &[UnknownColumn],
        duplicates: Duplicates,
    ) -> Result<GroupedDataset> {
        let rows = dataset.rows();
        if identity.rows() != rows || extra.iter().any(|column| column.rows() != rows) {
            return Err(Error::Failed(format!("there are {rows} tracks, but not as many texts or further values")));
        }
        let is_audio = |&column: &usize| dataset.features()[column] != Feature::Decade;
        let audio: Vec<usize> = (0..dataset.features().len()).filter(is_audio).collect();
        let audio = codes_of_rows(dataset.records(), &audio);
        let recordings = codes_of_recordings(&dataset, audio.clone());
        let (uris, artists) = (codes_of_known_texts(&identity.uris), codes_of_known_texts(&identity.artists));
        let targets = dataset.targets().to_vec();
        let has_both_labels = have_both_labels(&uris, &targets);
        let resolved = resolve(&uris, &identity.decades, &targets, &audio, duplicates);
        // Rows that went still join others: they may spell the artist otherwise.
        let groups = RowGroups::connected(rows, &[&artists, &uris, &recordings]).select(&resolved.rows);
        Ok(GroupedDataset {
            dataset: dataset.into_rows(&resolved.rows).with_targets(Array1::from(resolved.targets))?,
            identity: identity.into_rows(&resolved.rows),
            groups,
            has_both_labels: resolved.rows.iter().map(|&row| has_both_labels[row]).collect(),
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

    /// A number for each track, equal for tracks of the same label and decade.
    pub fn strata(&self) -> Vec<u32> {
        let decades = self.identity.decades.iter().map(|decade| decade.map_or(0, |decade| decade.year() as u32));
        decades.zip(self.dataset.targets()).map(|(year, &hit)| 2 * year + u32::from(hit)).collect()
    }

    /// Who the tracks are.
    pub fn identity(&self) -> &TrackMetadata {
        &self.identity
    }

    /// Which tracks belong together.
    pub fn groups(&self) -> &RowGroups {
        &self.groups
    }

    /// Whether the URI of each track occurs both as a hit and as a flop among all rows, in whatever decade and before rows of one URI
    /// and decade are merged; false without a URI.
    pub fn has_both_labels(&self) -> &[bool] {
        &self.has_both_labels
    }

    /// Columns of the files that are neither features nor known texts.
    pub fn extra(&self) -> &[UnknownColumn] {
        &self.extra
    }

    /// What repeats there were.
    pub fn duplicates(&self) -> &DuplicateFigures {
        &self.duplicates
    }

    /// At most `most` of some tracks, stratified by label and decade, in whole groups as far as the strata allow.
    pub fn sample(&self, rows: Vec<usize>, most: usize, seed: u64) -> RowSample {
        if rows.len() <= most {
            return RowSample { rows, size: None };
        }
        let strata = self.strata();
        let strata: Vec<u32> = rows.iter().map(|&row| strata[row]).collect();
        let sampled = stratified_sample(&strata, &self.groups.select(&rows), most, seed);
        let size = SampleSize { rows: sampled.len() as u64, of: rows.len() as u64, seed };
        RowSample { rows: sampled.into_iter().map(|place| rows[place]).collect(), size: Some(size) }
    }

    /// The tracks of these rows with their groups. The figures of duplicates stay those of all tracks.
    pub fn select(&self, rows: &[usize]) -> GroupedDataset {
        GroupedDataset {
            dataset: self.dataset.select(rows),
            identity: self.identity.select(rows),
            groups: self.groups.select(rows),
            has_both_labels: rows.iter().map(|&row| self.has_both_labels[row]).collect(),
            extra: self.extra.iter().map(|column| column.select(rows)).collect(),
            duplicates: self.duplicates,
        }
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
        let named = members.into_iter().map(|rows| artists[rows[0]]).filter(|artist| !artist.is_empty());
        (named.cloned().collect(), rows.len() as u64)
    }
}

/// A number a row, the same for equal texts; a number of its own for each missing text.
fn codes_of_known_texts(texts: &[String]) -> Vec<u32> {
    let is_known: Vec<bool> = texts.iter().map(|text| !text.is_empty()).collect();
    apart_unless(codes_of_texts(texts), &is_known)
}

/// Whether rows of the same code as each row are both hits and flops.
fn have_both_labels(codes: &[u32], targets: &[bool]) -> Vec<bool> {
    let mut found = vec![[false; 2]; codes.iter().max().map_or(0, |&code| code as usize + 1)];
    codes.iter().zip(targets).for_each(|(&code, &hit)| found[code as usize][usize::from(hit)] = true);
    codes.iter().map(|&code| found[code as usize] == [true, true]).collect()
}

/// A number a row, the same for equal `audio` values; a number of its own for each row with too few values to say which recording it is.
fn codes_of_recordings(tracks: &Dataset, audio: Vec<u32>) -> Vec<u32> {
    let is_quantity = |feature: Feature| feature != Feature::Decade && feature.is_quantity();
    let quantities: Vec<usize> =
        (0..tracks.features().len()).filter(|&column| is_quantity(tracks.features()[column])).collect();
    let is_known = |row: ArrayView1<f64>| {
        quantities.iter().filter(|&&column| !row[column].is_nan()).count() >= MIN_RECORDING_VALUES
    };
    let is_known: Vec<bool> = tracks.records().rows().into_iter().map(is_known).collect();
    apart_unless(audio, &is_known)
}

/// The codes, with a new one for each row that has no known value.
fn apart_unless(mut codes: Vec<u32>, is_known: &[bool]) -> Vec<u32> {
    let first = codes.iter().max().map_or(0, |code| code + 1);
    let unknown = codes.iter_mut().zip(is_known).filter(|(_, is_known)| !**is_known);
    unknown.zip(first..).for_each(|((code, _), own)| *code = own);
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{complete_tracks, grouped_tracks, tracks};

    /// Without artists and URIs all rows would be one track and one group if an empty text were a name.
    #[test]
    fn what_is_not_known_joins_no_rows() {
        let mut records = complete_tracks(5).records().to_owned();
        let first = records.row(0).to_owned();
        (1..4).for_each(|row| records.row_mut(row).assign(&first));
        // Rows 2 and 3 share too few quantities: nothing but key and tempo is known of them.
        for row in [2, 3] {
            let unknown = Feature::AUDIO.iter().filter(|feature| !matches!(feature, Feature::Key | Feature::Tempo));
            unknown.for_each(|feature| records[[row, *feature as usize]] = f64::NAN);
        }
        let dataset = Dataset::new(Feature::ALL.to_vec(), records, complete_tracks(5).targets().to_owned());
        let none = || vec![String::new(); 5];
        let identity = TrackMetadata { titles: none(), artists: none(), uris: none(), decades: vec![None; 5] };
        let tracks = GroupedDataset::new(dataset.expect("tracks"), identity, &[], Duplicates::Resolve).expect("tracks");
        assert_eq!((tracks.rows(), tracks.duplicates().repeated), (5, 0));
        assert_eq!(tracks.groups().of_rows(), [0, 0, 1, 2, 3]);
        assert_eq!(tracks.largest_group(), (Vec::new(), 2));
    }

    #[test]
    fn contradictory_labels_are_known_after_rows_are_merged() {
        assert_eq!(
            have_both_labels(&[0, 1, 0, 2, 1], &[true, false, false, true, false]),
            [true, false, true, false, false]
        );
        assert!(have_both_labels(&[], &[]).is_empty());
        let dataset = tracks(6);
        let targets = dataset.targets().to_vec();
        let other = (1..6).find(|&row| targets[row] != targets[0]).expect("hits and flops");
        let mut identity = grouped_tracks(6).identity().clone();
        identity.uris[other] = identity.uris[0].clone();
        identity.decades[other] = identity.decades[0];
        let resolved = GroupedDataset::new(dataset, identity, &[], Duplicates::Resolve).expect("tracks");
        assert_eq!(resolved.has_both_labels(), [true, false, false, false, false]);
    }

    #[test]
    fn repeats_are_resolved_and_groups_are_of_what_is_left() {
        let dataset = tracks(6);
        let mut identity = grouped_tracks(6).identity().clone();
        // Rows 0 and 1 are one track, of whom one artist is also that of row 4.
        identity.uris[1] = identity.uris[0].clone();
        identity.decades[1] = identity.decades[0];
        identity.artists = ["a", "b", "c", "d", "a", "e"].map(str::to_owned).to_vec();
        let new =
            |dataset: &Dataset, duplicates| GroupedDataset::new(dataset.clone(), identity.clone(), &[], duplicates);
        let resolved = new(&dataset, Duplicates::Resolve).expect("tracks");
        assert_eq!((resolved.rows(), resolved.duplicates().extra_rows), (5, 1));
        assert_eq!(resolved.targets()[0], dataset.targets()[0] || dataset.targets()[1]);
        assert_eq!(resolved.records().row(1), dataset.records().row(2));
        assert_eq!(resolved.groups().of_rows(), [0, 1, 2, 0, 3]);
        let all = new(&dataset, Duplicates::Keep).expect("tracks");
        assert_eq!((all.rows(), all.groups().len()), (6, 4));
        assert_eq!(all.largest_group(), (vec!["a".to_owned(), "b".to_owned()], 3));
        let error = new(&dataset.select(&[0]), Duplicates::Keep);
        assert!(!error.expect_err("one row has six texts").is_input());
    }
}
