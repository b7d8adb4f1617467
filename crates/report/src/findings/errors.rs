//! Where the final model errs: its most confident errors, and error rates by decade, artist and contradictory labels.

use std::collections::BTreeMap;

use serde::Serialize;

use super::derived::wilson;
use super::effect_size::IntervalEstimate;
use hitflop_core::track::{Decade, Label};
use hitflop_model::predictions::{DataPart, TrackPrediction, TrackPredictions};

/// Most confident errors of either direction that are listed.
const CONFIDENT_ERRORS: usize = 10;
/// Fewest tracks of an artist whose error rate is listed.
pub(crate) const MIN_ARTIST_TRACKS: u64 = 5;

/// Tracks that were predicted, and how many of them wrongly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ErrorCounts {
    pub(crate) rows: u64,
    pub(crate) hits: u64,
    /// Flops that are predicted as hits.
    pub(crate) false_hits: u64,
    /// Hits that are predicted as flops.
    pub(crate) missed_hits: u64,
}

impl ErrorCounts {
    fn of<'a>(rows: impl IntoIterator<Item = &'a TrackPrediction>) -> ErrorCounts {
        rows.into_iter().fold(ErrorCounts::default(), |counts, row| counts.with(row))
    }

    fn with(self, row: &TrackPrediction) -> ErrorCounts {
        let is_hit = row.label == Label::Hit;
        ErrorCounts {
            rows: self.rows + 1,
            hits: self.hits + u64::from(is_hit),
            false_hits: self.false_hits + u64::from(row.is_error() && !is_hit),
            missed_hits: self.missed_hits + u64::from(row.is_error() && is_hit),
        }
    }

    pub(crate) fn errors(&self) -> u64 {
        self.false_hits + self.missed_hits
    }
}

/// Tracks with their error rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct ErrorRate {
    #[serde(flatten)]
    pub(crate) counts: ErrorCounts,
    pub(crate) errors: u64,
    /// Errors as a share of the tracks, with its 95 % interval (Wilson), which takes tracks as independent.
    pub(crate) error_rate: IntervalEstimate,
}

impl From<ErrorCounts> for ErrorRate {
    fn from(counts: ErrorCounts) -> ErrorRate {
        let errors = counts.errors();
        ErrorRate { counts, errors, error_rate: wilson(errors, counts.rows) }
    }
}

/// A track that is predicted wrongly.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct TrackError {
    pub(crate) artist: String,
    pub(crate) title: String,
    pub(crate) decade: Option<Decade>,
    pub(crate) probability: f64,
    /// Whether it is a test track.
    pub(crate) is_test: bool,
    /// Whether its URI occurs with both labels.
    pub(crate) has_both_labels: bool,
}

/// Error rate of one decade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct DecadeErrors {
    pub(crate) decade: Decade,
    #[serde(flatten)]
    pub(crate) rate: ErrorRate,
}

/// Error rate of one artist, as it is spelled.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ArtistErrors {
    pub(crate) artist: String,
    #[serde(flatten)]
    pub(crate) rate: ErrorRate,
}

/// Error rates of the tracks whose URI occurs with both labels, and of the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct LabelNoise {
    pub(crate) both_labels: ErrorRate,
    pub(crate) one_label: ErrorRate,
}

/// Where the final model errs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ErrorAnalysis {
    /// A track with a greater probability is predicted as a hit.
    pub(crate) threshold: f64,
    /// Folds of the training tracks.
    pub(crate) folds: u64,
    pub(crate) all: ErrorRate,
    /// Training tracks, out of fold.
    pub(crate) train: ErrorRate,
    pub(crate) test: ErrorRate,
    /// Flops of the greatest probability, if they are predicted as hits.
    pub(crate) false_hits: Vec<TrackError>,
    /// Hits of the smallest probability, if they are predicted as flops.
    pub(crate) missed_hits: Vec<TrackError>,
    /// By decade, ascending; tracks without a decade are in none.
    pub(crate) by_decade: Vec<DecadeErrors>,
    /// Artists with at least five tracks.
    pub(crate) frequent_artists: u64,
    /// Those of them of whose tracks more than half are predicted wrongly.
    pub(crate) mostly_wrong_artists: u64,
    /// All of them, the highest error rate first; of equal rates, those with more tracks.
    pub(crate) by_artist: Vec<ArtistErrors>,
    /// Absent where no URI occurs with both labels.
    pub(crate) label_noise: Option<LabelNoise>,
}

impl ErrorAnalysis {
    pub(crate) fn of(predictions: &TrackPredictions) -> ErrorAnalysis {
        let rows = &predictions.rows;
        let of = |is_counted: &dyn Fn(&TrackPrediction) -> bool| {
            ErrorRate::from(ErrorCounts::of(rows.iter().filter(|row| is_counted(row))))
        };
        let artists = artists(predictions);
        let both_labels = of(&|row| row.has_both_labels);
        ErrorAnalysis {
            threshold: predictions.threshold,
            folds: predictions.folds as u64,
            all: of(&|_| true),
            train: of(&|row| row.part != DataPart::Test),
            test: of(&|row| row.part == DataPart::Test),
            false_hits: confident(predictions, Label::Flop),
            missed_hits: confident(predictions, Label::Hit),
            by_decade: by_decade(predictions),
            frequent_artists: artists.len() as u64,
            mostly_wrong_artists: artists.iter().filter(|artist| artist.rate.error_rate.value > 0.5).count() as u64,
            by_artist: artists,
            label_noise: (both_labels.counts.rows > 0)
                .then(|| LabelNoise { both_labels, one_label: of(&|row| !row.has_both_labels) }),
        }
    }
}

/// The errors about tracks of this label that are furthest from it; of equal ones, the first in the data.
fn confident(predictions: &TrackPredictions, label: Label) -> Vec<TrackError> {
    let wrong = predictions.rows.iter().enumerate().filter(|(_, row)| row.label == label && row.is_error());
    let mut wrong: Vec<(usize, &TrackPrediction)> = wrong.collect();
    wrong.sort_by(|(_, a), (_, b)| match label {
        Label::Flop => b.probability.total_cmp(&a.probability),
        Label::Hit => a.probability.total_cmp(&b.probability),
    });
    let identity = &predictions.identity;
    let error = |(index, row): (usize, &TrackPrediction)| TrackError {
        artist: identity.artists[index].clone(),
        title: identity.titles[index].clone(),
        decade: identity.decades[index],
        probability: row.probability,
        is_test: row.part == DataPart::Test,
        has_both_labels: row.has_both_labels,
    };
    wrong.into_iter().take(CONFIDENT_ERRORS).map(error).collect()
}

fn by_decade(predictions: &TrackPredictions) -> Vec<DecadeErrors> {
    let mut counts: BTreeMap<Decade, ErrorCounts> = BTreeMap::new();
    for (decade, row) in predictions.identity.decades.iter().zip(&predictions.rows) {
        if let Some(decade) = decade {
            let counts = counts.entry(*decade).or_default();
            *counts = counts.with(row);
        }
    }
    counts.into_iter().map(|(decade, counts)| DecadeErrors { decade, rate: counts.into() }).collect()
}

/// The artists with enough tracks, the highest error rate first.
fn artists(predictions: &TrackPredictions) -> Vec<ArtistErrors> {
    let mut counts: BTreeMap<&str, ErrorCounts> = BTreeMap::new();
    let named = predictions.identity.artists.iter().zip(&predictions.rows).filter(|(artist, _)| !artist.is_empty());
    for (artist, row) in named {
        let counts = counts.entry(artist).or_default();
        *counts = counts.with(row);
    }
    let frequent = counts.into_iter().filter(|(_, counts)| counts.rows >= MIN_ARTIST_TRACKS);
    let mut artists: Vec<ArtistErrors> =
        frequent.map(|(artist, counts)| ArtistErrors { artist: artist.to_owned(), rate: counts.into() }).collect();
    // Stable, so that artists of equal rate and number are in alphabetical order.
    artists.sort_by(|a, b| {
        let rate = |artist: &ArtistErrors| artist.rate.error_rate.value;
        rate(b).total_cmp(&rate(a)).then(b.rate.counts.rows.cmp(&a.rate.counts.rows))
    });
    artists
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_core::track_id::TrackMetadata;

    /// Rows of artist, decade, label, probability; the last two are test tracks.
    fn predictions(rows: &[(&str, i32, Label, f64)]) -> TrackPredictions {
        let prediction = |(index, row): (usize, &(&str, i32, Label, f64))| TrackPrediction {
            label: row.2,
            probability: row.3,
            predicted: if row.3 > 0.5 { Label::Hit } else { Label::Flop },
            part: if index + 2 < rows.len() { DataPart::Train { fold: index % 2 } } else { DataPart::Test },
            group: index,
            has_both_labels: index == 0,
        };
        TrackPredictions {
            threshold: 0.5,
            folds: 2,
            identity: TrackMetadata {
                titles: (0..rows.len()).map(|row| format!("Title {row}")).collect(),
                artists: rows.iter().map(|row| row.0.to_owned()).collect(),
                uris: vec![String::new(); rows.len()],
                decades: rows.iter().map(|row| Decade::from_year(row.1)).collect(),
            },
            rows: rows.iter().enumerate().map(prediction).collect(),
        }
    }

    #[test]
    fn errors_are_counted_by_part_decade_artist_and_noise() {
        use Label::{Flop, Hit};
        let mut rows = vec![("a", 1960, Hit, 0.1), ("a", 1960, Flop, 0.9), ("", 1970, Flop, 0.8), ("b", 0, Hit, 0.3)];
        rows.extend([("a", 1970, Hit, 0.9); 3]);
        rows.extend([("b", 1970, Flop, 0.7); 4]);
        rows.extend([("c", 1960, Flop, 0.99); 4]);
        let found = ErrorAnalysis::of(&predictions(&rows));
        assert_eq!(found.all.counts, ErrorCounts { rows: 15, hits: 5, false_hits: 10, missed_hits: 2 });
        assert_eq!((found.all.errors, found.train.counts.rows, found.test.errors), (12, 13, 2));
        assert_eq!(found.all.error_rate.value, 0.8);
        let decades: Vec<(i32, u64, u64)> =
            found.by_decade.iter().map(|one| (one.decade.year(), one.rate.counts.rows, one.rate.errors)).collect();
        assert_eq!(decades, [(1960, 6, 6), (1970, 8, 5)], "a track without a decade is in none");
        let artists: Vec<(&str, u64, u64)> =
            found.by_artist.iter().map(|one| (&one.artist[..], one.rate.errors, one.rate.counts.rows)).collect();
        assert_eq!(artists, [("b", 5, 5), ("a", 2, 5)], "four tracks are too few, and no name is no artist");
        assert_eq!((found.frequent_artists, found.mostly_wrong_artists), (2, 1));
        let noise = found.label_noise.expect("a URI has both labels");
        assert_eq!((noise.both_labels.errors, noise.both_labels.counts.rows, noise.one_label.errors), (1, 1, 11));
    }

    #[test]
    fn the_most_confident_errors_are_first() {
        use Label::{Flop, Hit};
        let rows = [("a", 1960, Flop, 0.6), ("b", 1960, Flop, 0.9), ("c", 1960, Hit, 0.4), ("d", 1960, Hit, 0.2)];
        let right = [("e", 1960, Flop, 0.1), ("f", 1960, Hit, 0.95)];
        let found = ErrorAnalysis::of(&predictions(&[&rows[..], &right].concat()));
        let artists = |errors: &[TrackError]| errors.iter().map(|one| one.artist.clone()).collect::<Vec<_>>();
        assert_eq!(
            (artists(&found.false_hits), artists(&found.missed_hits)),
            (vec!["b".into(), "a".into()], vec!["d".into(), "c".into()])
        );
        let many = ErrorAnalysis::of(&predictions(&[("a", 1960, Flop, 0.6); 30]));
        assert_eq!((many.false_hits.len(), &many.false_hits[9].title[..]), (10, "Title 9"), "of equal ones the first");
        let none = ErrorAnalysis::of(&predictions(&right));
        assert!(none.false_hits.is_empty() && none.by_artist.is_empty() && none.all.errors == 0);
    }
}
