//! What is predicted, as an operator watches it: a tally of missing and unusual values, and a window of the last tracks, whose
//! distributions are compared with those of training when the metrics are read.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::served_model::ServedModel;
use super::ROWS_PER_PART;
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::{Feature, Label};
use hitflop_model::scoring::drift::{DriftReport, FeatureDrift};
use hitflop_model::scoring::warnings::InputWarningKind;
use hitflop_model::scoring::Prediction;

/// Tracks of the window, which take 2 MiB.
const WINDOW_TRACKS: usize = 10_000;
/// Time for which figures of the window are kept: they take some milliseconds.
const SUMMARY_AGE: Duration = Duration::from_secs(5);

/// Missing and unusual values by feature, in the order of [`Feature::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FeatureTally {
    pub missing: [u64; Feature::ALL.len()],
    pub outside_training: [u64; Feature::ALL.len()],
    pub outside_documented: [u64; Feature::ALL.len()],
}

impl FeatureTally {
    /// The values of rows of which `loaded` warns.
    pub(crate) fn of(loaded: &ServedModel, rows: &[&FeatureRow]) -> FeatureTally {
        if rows.len() <= ROWS_PER_PART {
            let mut tally = FeatureTally::default();
            rows.iter().for_each(|row| tally.add_row(loaded, row));
            return tally;
        }
        let parts = rows.par_chunks(ROWS_PER_PART).map(|rows| FeatureTally::of(loaded, rows));
        parts.reduce(FeatureTally::default, FeatureTally::plus)
    }

    fn add_row(&mut self, loaded: &ServedModel, row: &FeatureRow) {
        loaded.scorer.each_warning(row, &mut |warning| {
            let counts = match warning.kind() {
                InputWarningKind::MissingFeature => &mut self.missing,
                InputWarningKind::OutsideTrainingRange | InputWarningKind::DecadeNotInTraining => {
                    &mut self.outside_training
                }
                InputWarningKind::OutsideDocumentedRange => &mut self.outside_documented,
                // It is of a name, not of a value.
                InputWarningKind::UnknownField => return,
            };
            counts[warning.feature() as usize] += 1;
        });
    }

    fn plus(mut self, other: FeatureTally) -> FeatureTally {
        for (counts, more) in [
            (&mut self.missing, other.missing),
            (&mut self.outside_training, other.outside_training),
            (&mut self.outside_documented, other.outside_documented),
        ] {
            counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
        }
        self
    }
}

/// Figures of the window.
#[derive(Clone, Debug, Default)]
pub(crate) struct WindowSummary {
    pub tracks: usize,
    /// Share of the tracks predicted as hits; NaN of none.
    pub hit_ratio: f64,
    /// Share of hits in training.
    pub training_hit_ratio: f64,
    /// The model's features with enough values, the decade aside.
    pub drift: Vec<FeatureDrift>,
}

/// The last tracks that were predicted, whatever the model.
#[derive(Debug, Default)]
pub(crate) struct TrafficWindow {
    tracks: Mutex<Ring>,
    /// The version of the model of the last figures, and the time at which they were made.
    summarised: Mutex<Option<(String, Instant)>>,
}

/// A ring of tracks: the next one takes the place of the oldest.
#[derive(Debug, Default)]
struct Ring {
    tracks: Vec<(FeatureRow, bool)>,
    next: usize,
}

impl Ring {
    fn push(&mut self, row: &FeatureRow, is_hit: bool) {
        match self.tracks.get_mut(self.next) {
            Some(oldest) => *oldest = (*row, is_hit),
            None => self.tracks.push((*row, is_hit)),
        }
        self.next = (self.next + 1) % WINDOW_TRACKS;
    }
}

impl TrafficWindow {
    /// A thread that panicked left whole tracks.
    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.tracks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds tracks with their predictions.
    pub(crate) fn add(&self, rows: &[&FeatureRow], predictions: &[Prediction]) {
        // Of more, only the last ones would be left.
        let from = rows.len().saturating_sub(WINDOW_TRACKS);
        let mut ring = self.lock();
        for (row, prediction) in rows.iter().zip(predictions).skip(from) {
            ring.push(row, prediction.label == Label::Hit);
        }
    }

    /// The figures against `loaded`, if the last ones are of another model or too old.
    pub(crate) fn summary(&self, loaded: &ServedModel) -> Option<WindowSummary> {
        let mut summarised = self.summarised.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |(version, at): &(String, Instant)| *version == loaded.version && at.elapsed() < SUMMARY_AGE;
        if summarised.as_ref().is_some_and(is_recent) {
            return None;
        }
        let tracks = self.lock().tracks.clone();
        *summarised = Some((loaded.version.clone(), Instant::now()));
        drop(summarised);
        let hits = tracks.iter().filter(|(_, is_hit)| *is_hit).count();
        let rows: Vec<FeatureRow> = tracks.into_iter().map(|(row, _)| row).collect();
        let artifact = loaded.scorer.artifact();
        let [training_hits, training] = artifact
            .reference
            .decades()
            .iter()
            .fold([0, 0], |[hits, all], own| [hits + own.hits.rows, all + own.all.rows]);
        Some(WindowSummary {
            tracks: rows.len(),
            hit_ratio: hits as f64 / rows.len() as f64,
            training_hit_ratio: training_hits as f64 / training as f64,
            drift: DriftReport::of(rows.iter(), artifact).map_or(Vec::new(), |report| report.features),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_last_tracks() {
        let window = TrafficWindow::default();
        let rows: Vec<FeatureRow> = (0..WINDOW_TRACKS + 50).map(|number| [number as f64; 16]).collect();
        let rows: Vec<&FeatureRow> = rows.iter().collect();
        let hit = Prediction::at(0.9, 0.5);
        let predictions = vec![hit; rows.len()];
        window.add(&rows[..30], &predictions[..30]);
        assert_eq!(window.lock().tracks.len(), 30);
        window.add(&rows, &predictions);
        window.add(&rows[..3], &predictions[..3]);
        let ring = window.lock();
        let mut numbers: Vec<usize> = ring.tracks.iter().map(|(row, _)| row[0] as usize).collect();
        numbers.sort_unstable();
        let expected: Vec<usize> = (0..3).chain(53..WINDOW_TRACKS + 50).collect();
        assert_eq!(numbers, expected);
        assert!(ring.tracks.capacity() * size_of::<(FeatureRow, bool)>() < 5 << 19, "more than 2.5 MiB");
    }
}
