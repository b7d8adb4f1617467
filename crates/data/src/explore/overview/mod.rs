//! What a table is like at a glance: figures and alerts of each feature, pairs of features, artists, sample rows.

mod alerts;
mod bins;
mod drift;
mod pairs;
mod profile;
mod sample;

use polars::prelude::*;
use rayon::prelude::*;
use serde::Serialize;

use super::columns::Columns;
use super::correlation::CorrelationMatrix;
use super::density::FeatureDensity;
use crate::engine::EngineResult;
use crate::ingest::tracks::TrackTable;
use hitflop_core::error::Result;
use hitflop_core::track::{Feature, Label, ARTIST, TRACK, URI};
use pairs::SortedFeature;

pub use alerts::{AlertThresholds, FeatureAlert};
pub use bins::{BinScale, FeatureBins, LabelHistogram};
pub use drift::DecadeDrift;
pub(super) use drift::DecadeRows;
pub use hitflop_sums::{ArtistSummary, ArtistTracks};
pub use pairs::{FeaturePairs, PairDensity, PairInformation, SHOWN_PAIRS};
pub use profile::{FeatureProfile, RowShare};
pub use sample::SampleRow;

/// A table at a glance.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DataOverview {
    /// From which value on something is an alert.
    pub thresholds: AlertThresholds,
    /// The features of which a track has a value, in the order of [`Feature::ALL`].
    pub features: Vec<FeatureProfile>,
    /// Pairs of features by their mutual information with the label; empty where a label is rare or missing.
    pub pairs: FeaturePairs,
    /// Artists; none where no track has one.
    pub artists: Option<ArtistSummary>,
    /// A few rows of each decade and label.
    pub sample: Vec<SampleRow>,
}

impl DataOverview {
    /// The overview of tracks, of which `columns` are the numbers, and `densities` and `pearson` were computed.
    ///
    /// # Errors
    /// The tracks cannot be read.
    pub fn of(
        tracks: &TrackTable,
        columns: &Columns,
        densities: &[FeatureDensity],
        pearson: &CorrelationMatrix,
    ) -> Result<DataOverview> {
        let texts = tracks.scan()?.select([col(TRACK), col(ARTIST), col(URI)]).collect().engine()?;
        let titles = texts.column(TRACK).engine()?.str().engine()?;
        let artists = texts.column(ARTIST).engine()?.str().engine()?;
        let uris = texts.column(URI).engine()?.str().engine()?;
        let overview = DataOverview::of_columns(columns, densities, pearson);
        Ok(overview.with_names(columns, |row| [titles.get(row), artists.get(row), uris.get(row)]))
    }

    /// The same with artists and sample rows; `name` gives title, artist and URI of a row.
    pub fn with_names<'a>(self, columns: &Columns, name: impl Fn(usize) -> [Option<&'a str>; 3]) -> DataOverview {
        let artist = |(row, label): (usize, &Label)| (name(row)[1], *label);
        DataOverview {
            artists: ArtistSummary::of(columns.labels.iter().enumerate().map(artist)),
            sample: sample::rows(columns, &sample::places(columns), name),
            ..self
        }
    }

    /// The overview of columns without names: it has no artists and no sample rows.
    ///
    /// Runs on rayon's threads; the result is the same on any number of them.
    pub fn of_columns(columns: &Columns, densities: &[FeatureDensity], pearson: &CorrelationMatrix) -> DataOverview {
        let thresholds = AlertThresholds::default();
        let decades = DecadeRows::of(&columns.decades);
        let sorted: Vec<SortedFeature> =
            columns.known_features().into_par_iter().map(|feature| sorted(feature, columns, densities)).collect();
        let profile = |one: &SortedFeature| {
            let profile = FeatureProfile::of(one.feature, columns, &one.sorted, one.view, &decades, &thresholds);
            profile.with_alerts(pearson, &thresholds)
        };
        DataOverview {
            thresholds,
            features: sorted.par_iter().map(profile).collect(),
            pairs: pairs::pairs(columns, &sorted),
            artists: None,
            sample: Vec::new(),
        }
    }
}

fn sorted(feature: Feature, columns: &Columns, densities: &[FeatureDensity]) -> SortedFeature {
    let known = columns.column(feature).iter().copied().filter(|value| value.is_finite());
    let mut sorted: Vec<f64> = known.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let view = densities.iter().find(|density| density.feature == feature).map(|density| density.view);
    SortedFeature { feature, view, sorted }
}

impl FeatureProfile {
    /// The figures of a feature of columns, without alerts.
    pub(super) fn of_feature(
        feature: Feature,
        columns: &Columns,
        densities: &[FeatureDensity],
        decades: &DecadeRows,
        thresholds: &AlertThresholds,
    ) -> FeatureProfile {
        let SortedFeature { view, sorted, .. } = sorted(feature, columns, densities);
        FeatureProfile::of(feature, columns, &sorted, view, decades, thresholds)
    }

    /// The same with what is unusual.
    pub(super) fn with_alerts(mut self, pearson: &CorrelationMatrix, thresholds: &AlertThresholds) -> FeatureProfile {
        self.alerts = alerts::alerts(&self, pearson, thresholds);
        self
    }
}

#[cfg(test)]
mod tests;
