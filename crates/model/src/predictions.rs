//! The prediction of each track by a model that has not seen it: training tracks out of fold, test tracks by the final model.

use crate::dataset::grouped_dataset::GroupedDataset;
use hitflop_core::error::{Error, Result};
use hitflop_core::track::Label;
use hitflop_core::track_id::TrackMetadata;
use hitflop_metrics::split::TrainTestSplit;

/// Calibrated probabilities of tracks, each by a model that was not fitted to them.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldOutProbabilities {
    /// Of the training rows, by the fits and calibrations of a cross-validation; absent where the model was not cross-validated.
    pub train: Option<OutOfFoldProbabilities>,
    /// Of the test rows, by the final model.
    pub test: Vec<f64>,
}

/// Out-of-fold probabilities of the training rows, or of a sample of them.
#[derive(Clone, Debug, PartialEq)]
pub struct OutOfFoldProbabilities {
    /// Which tracks the rows are.
    pub rows: Vec<usize>,
    /// The fold of each row, from 0.
    pub folds: Vec<usize>,
    /// Each row's probability by the estimator that was fitted to the other folds, under the calibration that was fitted to the other
    /// folds' probabilities.
    pub probabilities: Vec<f64>,
}

/// The part of the data that a track is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataPart {
    /// It was fitted to.
    Train {
        /// The fold in which it was predicted, from 0.
        fold: usize,
    },
    /// It was held out.
    Test,
}

/// The prediction of one track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackPrediction {
    /// The label in the data.
    pub label: Label,
    /// Calibrated probability of a hit.
    pub probability: f64,
    /// The label at the model's threshold.
    pub predicted: Label,
    /// Training with its fold, or test.
    pub part: DataPart,
    /// Number of the group of tracks that share an artist, a URI or all audio values.
    pub group: usize,
    /// Whether the track's URI occurs with both labels in the data.
    pub has_both_labels: bool,
}

impl TrackPrediction {
    /// Whether the predicted label is not that in the data.
    pub fn is_error(&self) -> bool {
        self.predicted != self.label
    }
}

/// The predictions of all cross-validated and test tracks, in the order of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackPredictions {
    /// A track with a greater probability is predicted as a hit.
    pub threshold: f64,
    /// Number of folds of the training rows.
    pub folds: usize,
    /// Who the tracks are.
    pub identity: TrackMetadata,
    /// One prediction a track.
    pub rows: Vec<TrackPrediction>,
}

impl TrackPredictions {
    /// Puts the probabilities of both parts together. None if the training rows were not cross-validated.
    ///
    /// # Errors
    /// The probabilities are not those of this split, which would be a fault of this program.
    pub fn new(
        tracks: &GroupedDataset,
        split: &TrainTestSplit,
        held_out: &HeldOutProbabilities,
        threshold: f64,
    ) -> Result<Option<TrackPredictions>> {
        let Some(OutOfFoldProbabilities { rows, folds, probabilities }) = &held_out.train else { return Ok(None) };
        let sizes = [rows.len(), rows.len(), split.test.len()];
        if [folds.len(), probabilities.len(), held_out.test.len()] != sizes {
            return Err(Error::Failed("the probabilities are not those of the split".to_owned()));
        }
        let train = rows.iter().zip(folds.iter().map(|&fold| DataPart::Train { fold })).zip(probabilities);
        let test = split.test.iter().map(|row| (row, DataPart::Test)).zip(&held_out.test);
        let targets = tracks.targets();
        let prediction = |((&row, part), &probability): ((&usize, DataPart), &f64)| {
            let label_of = |is_hit: bool| if is_hit { Label::Hit } else { Label::Flop };
            let prediction = TrackPrediction {
                label: label_of(targets[row]),
                probability,
                predicted: label_of(probability > threshold),
                part,
                group: tracks.groups().of_rows()[row],
                has_both_labels: tracks.has_both_labels()[row],
            };
            (row, prediction)
        };
        let mut rows: Vec<(usize, TrackPrediction)> = train.chain(test).map(prediction).collect();
        rows.sort_unstable_by_key(|(row, _)| *row);
        let (order, rows): (Vec<usize>, Vec<TrackPrediction>) = rows.into_iter().unzip();
        let folds = folds.iter().max().map_or(0, |last| last + 1);
        Ok(Some(TrackPredictions { threshold, folds, identity: tracks.identity().select(&order), rows }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::grouped_tracks;

    #[test]
    fn each_track_has_the_prediction_of_its_part() {
        let tracks = grouped_tracks(6);
        let split = TrainTestSplit { train: vec![4, 0, 2, 5], test: vec![3, 1] };
        let rows = split.train.clone();
        let train = OutOfFoldProbabilities { rows, folds: vec![1, 0, 1, 0], probabilities: vec![0.4, 0.0, 0.2, 0.5] };
        let held_out = HeldOutProbabilities { train: Some(train), test: vec![0.3, 0.1] };
        let found = TrackPredictions::new(&tracks, &split, &held_out, 0.3).expect("one of each").expect("predictions");
        let column = |of: fn(&TrackPrediction) -> f64| found.rows.iter().map(of).collect::<Vec<f64>>();
        assert_eq!(column(|row| row.probability), [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]);
        assert_eq!(column(|row| f64::from(row.predicted == Label::Hit)), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
        assert_eq!(found.rows.iter().map(|row| row.label == Label::Hit).collect::<Vec<_>>(), tracks.targets());
        let (fold_0, fold_1) = (DataPart::Train { fold: 0 }, DataPart::Train { fold: 1 });
        let parts: Vec<DataPart> = found.rows.iter().map(|row| row.part).collect();
        assert_eq!(parts, [fold_0, DataPart::Test, fold_1, DataPart::Test, fold_1, fold_0]);
        assert_eq!((found.folds, &found.identity), (2, tracks.identity()));
        assert_eq!(found.rows.iter().map(|row| row.group).collect::<Vec<_>>(), [0, 0, 0, 0, 1, 1]);
        assert!(found.rows.iter().all(|row| row.is_error() == (row.predicted != row.label)));
    }

    #[test]
    fn without_cross_validation_there_are_none() {
        let (tracks, split) = (grouped_tracks(2), TrainTestSplit { train: vec![0], test: vec![1] });
        let held_out = HeldOutProbabilities { train: None, test: vec![0.5] };
        assert_eq!(TrackPredictions::new(&tracks, &split, &held_out, 0.5).expect("one of each"), None);
        let train = OutOfFoldProbabilities { rows: vec![0], folds: vec![0], probabilities: vec![0.5] };
        let of_others = HeldOutProbabilities { train: Some(train), test: Vec::new() };
        assert!(TrackPredictions::new(&tracks, &split, &of_others, 0.5).is_err());
    }
}
