//! What is summed by artist, by URI and by the audio values of a recording.

use serde::{Deserialize, Serialize};

use crate::artists::ArtistSummary;
use crate::key_sample::{KeyHash, KeySample, Merge};
use crate::moments::ValueMoments;
use crate::nan;
use crate::sums::SummedTrack;
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::{Decade, Feature, Label, MIN_RECORDING_VALUES};

/// Artists whose sums are all kept.
const ARTISTS: usize = 1 << 16;
/// URIs, and recordings, that are all kept.
const TRACKS: usize = 1 << 18;
/// Audio features.
pub(crate) const AUDIO: usize = Feature::AUDIO.len();

/// Repeats and contradictions among the tracks.
///
/// Tracks without a URI are no repeats of others by URI, tracks without an artist have no artist. Audio values are compared if at
/// least [`MIN_RECORDING_VALUES`] quantities of a track are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Distinct URIs.
    pub unique_uris: u64,
    /// Rows beyond the first of their URI and decade.
    pub rows_beyond_first_per_uri_and_decade: u64,
    /// (URI, decade) pairs that occur both as hit and as flop.
    pub uri_and_decade_with_both_labels: u64,
    /// URIs that occur in more than one decade.
    pub uris_in_several_decades: u64,
    /// URIs that occur both as hit and as flop, in whatever decade.
    pub uris_with_both_labels: u64,
    /// Rows whose fifteen audio values all occur in another row too.
    pub rows_whose_15_audio_values_occur_elsewhere: u64,
    /// Distinct artists.
    pub artists: u64,
    /// Share of the artists that have hits only or flops only; NaN without artists.
    #[serde(deserialize_with = "nan::or_null")]
    pub share_of_artists_with_one_label: f64,
    /// Share of the rows with an artist that are by such artists; NaN without artists.
    #[serde(deserialize_with = "nan::or_null")]
    pub share_of_rows_by_artists_with_one_label: f64,
}

/// The tracks of an artist, or of a URI, in a decade with a label.
pub(crate) type Place = (Option<Decade>, Label);

/// The tracks of an artist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ArtistSums {
    name: String,
    /// In no order.
    parts: Vec<ArtistPart>,
}

/// The tracks of an artist in a decade with a label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ArtistPart {
    place: Place,
    rows: u64,
    /// Numbers of values and their sums, by audio feature.
    counts: [u64; AUDIO],
    sums: [f64; AUDIO],
}

impl ArtistPart {
    fn none(place: Place) -> ArtistPart {
        ArtistPart { place, rows: 0, counts: [0; AUDIO], sums: [0.0; AUDIO] }
    }

    /// Number and sum of the values of a feature; the decade is that of the place.
    fn sum(&self, feature: Feature) -> (u64, f64) {
        match (feature, self.place.0) {
            (Feature::Decade, None) => (0, 0.0),
            (Feature::Decade, Some(decade)) => (self.rows, self.rows as f64 * f64::from(decade.year())),
            (audio, _) => (self.counts[audio as usize], self.sums[audio as usize]),
        }
    }
}

impl ArtistSums {
    fn part(&mut self, place: Place) -> &mut ArtistPart {
        let at = self.parts.iter().position(|part| part.place == place).unwrap_or_else(|| {
            self.parts.push(ArtistPart::none(place));
            self.parts.len() - 1
        });
        &mut self.parts[at]
    }

    fn add(&mut self, place: Place, values: &FeatureRow) {
        let part = self.part(place);
        part.rows += 1;
        for (at, value) in values[..AUDIO].iter().enumerate().filter(|(_, value)| value.is_finite()) {
            part.counts[at] += 1;
            part.sums[at] += value;
        }
    }

    fn rows_by_label(&self) -> [u64; 2] {
        Label::BOTH.map(|label| self.parts.iter().filter(|part| part.place.1 == label).map(|part| part.rows).sum())
    }
}

impl Merge for ArtistSums {
    fn merge(&mut self, other: ArtistSums) {
        for theirs in other.parts {
            let own = self.part(theirs.place);
            own.rows += theirs.rows;
            own.counts.iter_mut().zip(theirs.counts).for_each(|(own, count)| *own += count);
            own.sums.iter_mut().zip(theirs.sums).for_each(|(own, sum)| *own += sum);
        }
    }
}

/// The tracks of a URI.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct UriSums(Vec<(Place, u64)>);

impl UriSums {
    fn add(&mut self, place: Place, rows: u64) {
        match self.0.iter_mut().find(|(own, _)| *own == place) {
            Some((_, own)) => *own += rows,
            None => self.0.push((place, rows)),
        }
    }

    fn decades(&self) -> Vec<Option<Decade>> {
        let mut decades: Vec<Option<Decade>> = self.0.iter().map(|((decade, _), _)| *decade).collect();
        decades.sort_unstable();
        decades.dedup();
        decades
    }

    fn has_both_labels(&self, decade: impl Fn(Option<Decade>) -> bool) -> bool {
        let has = |label: Label| self.0.iter().any(|((own, other), _)| decade(*own) && *other == label);
        Label::BOTH.into_iter().all(has)
    }
}

impl Merge for UriSums {
    fn merge(&mut self, other: UriSums) {
        other.0.into_iter().for_each(|(place, rows)| self.add(place, rows));
    }
}

/// Sums by artist, URI and recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NameSums {
    artists: KeySample<ArtistSums>,
    uris: KeySample<UriSums>,
    /// Rows by their audio values.
    recordings: KeySample<u64>,
    /// Values of each audio feature.
    values: Vec<KeySample<()>>,
}

impl Default for NameSums {
    fn default() -> NameSums {
        NameSums {
            artists: KeySample::with_limit(ARTISTS),
            uris: KeySample::with_limit(TRACKS),
            recordings: KeySample::with_limit(TRACKS),
            values: (0..AUDIO).map(|_| KeySample::with_limit(ARTISTS)).collect(),
        }
    }
}

impl NameSums {
    pub(crate) fn add(&mut self, track: &SummedTrack) {
        let place = (track.decade(), track.label);
        let hash = |text: &str| KeyHash::new().add(text.as_bytes()).bits();
        if let Some(artist) = track.artist {
            let first = || ArtistSums { name: artist.to_owned(), parts: Vec::new() };
            if let Some(sums) = self.artists.entry(hash(artist), first) {
                sums.add(place, &track.values);
            }
        }
        if let Some(sums) = track.uri.and_then(|uri| self.uris.entry(hash(uri), UriSums::default)) {
            sums.add(place, 1);
        }
        let is_known = |feature: &&Feature| feature.is_quantity() && track.values[**feature as usize].is_finite();
        if Feature::AUDIO.iter().filter(is_known).count() >= MIN_RECORDING_VALUES {
            let whole = track.values[..AUDIO].iter().fold(KeyHash::new(), |hash, value| hash.add_number(bits(*value)));
            self.recordings.entry(whole.bits(), || 0).into_iter().for_each(|rows| *rows += 1);
        }
        for (sample, value) in self.values.iter_mut().zip(track.values).filter(|(_, value)| value.is_finite()) {
            sample.entry(KeyHash::new().add_number(bits(value)).bits(), || ());
        }
    }

    pub(crate) fn merge(&mut self, other: NameSums) {
        self.artists.merge(other.artists);
        self.uris.merge(other.uris);
        self.recordings.merge(other.recordings);
        self.values.iter_mut().zip(other.values).for_each(|(own, other)| own.merge(other));
    }

    /// Whether no number is an estimate.
    pub(crate) fn are_exact(&self) -> bool {
        let are_values = self.values.iter().all(KeySample::is_exact);
        self.artists.is_exact() && self.uris.is_exact() && self.recordings.is_exact() && are_values
    }

    /// Numbers of distinct values, by audio feature.
    pub(crate) fn distinct(&self) -> Vec<u64> {
        self.values.iter().map(KeySample::keys).collect()
    }

    pub(crate) fn quality(&self) -> Quality {
        let uris = |count: &dyn Fn(&UriSums) -> u64| self.uris.scaled(self.uris.values().map(count).sum());
        let elsewhere = self.recordings.values().filter(|rows| **rows > 1).sum();
        let labels: Vec<[u64; 2]> = self.artists.values().map(ArtistSums::rows_by_label).collect();
        let pure: Vec<u64> =
            labels.iter().filter(|rows| rows.contains(&0)).map(|rows| rows.iter().sum::<u64>()).collect();
        let rows: u64 = labels.iter().flatten().sum();
        Quality {
            unique_uris: self.uris.keys(),
            rows_beyond_first_per_uri_and_decade: uris(&|uri| {
                uri.0.iter().map(|(_, rows)| rows).sum::<u64>() - uri.decades().len() as u64
            }),
            uri_and_decade_with_both_labels: uris(&|uri| {
                let contradicts = |decade: &&Option<Decade>| uri.has_both_labels(|own| own == **decade);
                uri.decades().iter().filter(contradicts).count() as u64
            }),
            uris_in_several_decades: uris(&|uri| u64::from(uri.decades().iter().flatten().count() > 1)),
            uris_with_both_labels: uris(&|uri| u64::from(uri.has_both_labels(|_| true))),
            rows_whose_15_audio_values_occur_elsewhere: self.recordings.scaled(elsewhere),
            artists: self.artists.keys(),
            share_of_artists_with_one_label: pure.len() as f64 / labels.len() as f64,
            share_of_rows_by_artists_with_one_label: pure.iter().sum::<u64>() as f64 / rows as f64,
        }
    }

    /// The artists; those with the most tracks and hits only if all are known.
    pub(crate) fn artist_summary(&self) -> Option<ArtistSummary> {
        let counts = self.artists.values().map(|artist| (artist.name.as_str(), artist.rows_by_label()));
        let mut summary = ArtistSummary::of_counts(counts.collect())?;
        if !self.artists.is_exact() {
            summary.most_tracks.clear();
            summary.most_hits.clear();
            for count in [&mut summary.artists, &mut summary.frequent, &mut summary.only_hits, &mut summary.only_flops]
            {
                *count = self.artists.scaled(*count);
            }
        }
        Some(summary)
    }

    /// The standard error of the mean of a feature over the tracks whose place `belongs`, clustered by artist (Liang and Zeger, 1986): the
    /// square root of G / (G - 1) · Σ (sum of an artist's deviations from the mean)² / n², for G artists and n tracks. `all` and `unnamed`
    /// are the moments of these tracks and of those without an artist, each of which is a cluster of its own. NaN of fewer than two clusters.
    pub(crate) fn standard_error(
        &self,
        feature: Feature,
        [all, unnamed]: [ValueMoments; 2],
        belongs: impl Fn(Place) -> bool,
    ) -> f64 {
        let (mut artists, mut squares) = (0_u64, 0.0);
        for artist in self.artists.values() {
            let parts = artist.parts.iter().filter(|part| belongs(part.place)).map(|part| part.sum(feature));
            let (rows, sum) = parts.fold((0, 0.0), |(rows, sum), part| (rows + part.0, sum + part.1));
            if rows > 0 {
                artists += 1;
                squares += (sum - rows as f64 * all.mean).powi(2);
            }
        }
        let clusters = artists as f64 * self.artists.scale() + unnamed.count as f64;
        if clusters < 2.0 {
            return f64::NAN;
        }
        let of_unnamed = unnamed.squares + unnamed.count as f64 * (unnamed.mean - all.mean).powi(2);
        let squares = squares * self.artists.scale() + of_unnamed;
        (clusters / (clusters - 1.0) * squares).sqrt() / all.count as f64
    }
}

/// The bits of a value, the same of 0 and −0, and of all that is no number.
fn bits(value: f64) -> u64 {
    match value {
        _ if value.is_nan() => f64::NAN.to_bits(),
        _ if value == 0.0 => 0,
        other => other.to_bits(),
    }
}
