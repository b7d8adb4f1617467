//! Statistics of the tracks, and the selection of features that rests on them.

use super::options::{invalid, SelectionOptions};
use super::progress::Progress;
use super::read::TrackSet;
use hitflop_core::error::{Error, Result};
use hitflop_core::track::Feature;
use hitflop_data::explore::columns::Columns;
use hitflop_data::explore::correlation::{self, CorrelationMatrix};
use hitflop_data::explore::density::{self, FeatureDensity};
use hitflop_data::explore::mutual_information::{self, MutualInformation};
use hitflop_data::explore::overview::DataOverview;
use hitflop_data::explore::selection::{self, FeatureSelection};
use hitflop_data::explore::summary::{self, Summary};
use hitflop_model::dataset::row_sample::MAX_SAMPLE;
use hitflop_model::selection::feature_set::FeatureSet;

/// Statistics of the tracks.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Analysis {
    /// Counts, means and quantiles.
    pub summary: Summary,
    /// Pearson correlations of the features.
    pub pearson: CorrelationMatrix,
    /// Spearman correlations of the features.
    pub spearman: CorrelationMatrix,
    /// Mutual information of each feature with the label.
    pub mutual_information: MutualInformation,
    /// Densities of each feature by label and by decade.
    pub densities: Vec<FeatureDensity>,
    /// Figures and alerts of each feature, pairs of features, artists, sample rows.
    pub overview: DataOverview,
    /// Features kept and dropped.
    pub selection: FeatureSelection,
}

/// Computes statistics of the tracks and selects features.
///
/// # Errors
/// An option is outside its range, or the union of the tracks cannot be read.
pub fn analyse(tracks: &TrackSet, options: &SelectionOptions, progress: &dyn Progress) -> Result<Analysis> {
    let relations = relate(tracks, options, progress)?;
    let summary = progress.stage("summarise", || summary::summarise(&tracks.ingested.tracks))?;
    let densities = progress.stage("estimate densities", || Ok::<_, Error>(density::densities(&relations.columns)))?;
    let overview = progress.stage("survey the features", || {
        DataOverview::of(&tracks.ingested.tracks, &relations.columns, &densities, &relations.pearson)
    })?;
    Ok(Analysis {
        summary,
        pearson: relations.pearson,
        spearman: relations.spearman,
        mutual_information: relations.mutual_information,
        densities,
        overview,
        selection: relations.selection,
    })
}

/// Selects features by their correlations and their mutual information with the label.
///
/// # Errors
/// As [`analyse()`].
pub fn select_features(
    tracks: &TrackSet,
    options: &SelectionOptions,
    progress: &dyn Progress,
) -> Result<FeatureSelection> {
    Ok(relate(tracks, options, progress)?.selection)
}

struct Relations {
    columns: Columns,
    pearson: CorrelationMatrix,
    spearman: CorrelationMatrix,
    mutual_information: MutualInformation,
    selection: FeatureSelection,
}

fn relate(tracks: &TrackSet, options: &SelectionOptions, progress: &dyn Progress) -> Result<Relations> {
    options.check()?;
    let numbers = progress.stage("load the numbers", || tracks.ingested.tracks.numbers())?;
    let columns = Columns::from_frame(&numbers)?;
    let (pearson, spearman) = progress.stage("correlate", || correlation::correlate(&numbers))?;
    let information = progress.stage("estimate mutual information", || {
        let estimator = options.estimator(tracks.data.seed);
        let (sampled, sample) = columns.sample(MAX_SAMPLE, tracks.data.seed).unzip();
        let found = mutual_information::mutual_information(sampled.as_ref().unwrap_or(&columns), &estimator);
        Ok::<_, Error>(MutualInformation { sample, ..found })
    })?;
    let selection = selection::select(&pearson, &information, &options.thresholds());
    Ok(Relations { columns, pearson, spearman, mutual_information: information, selection })
}

/// The features of a set that the tracks have (`known`), in the order of the columns.
pub(super) fn features(
    set: FeatureSet,
    known: &[Feature],
    tracks: &TrackSet,
    options: &SelectionOptions,
    progress: &dyn Progress,
) -> Result<Vec<Feature>> {
    let kept = match set {
        FeatureSet::Selected => select_features(tracks, options, progress)?.kept,
        FeatureSet::Notebook | FeatureSet::All => Vec::new(),
    };
    let features = set.features(&kept, known);
    check_any(set, &features)?;
    Ok(features)
}

/// Fails for a set of which the tracks have no feature.
pub(super) fn check_any(set: FeatureSet, features: &[Feature]) -> Result<()> {
    match features.is_empty() {
        true => Err(invalid("features", "expected a set with a feature that the tracks have", set.name())),
        false => Ok(()),
    }
}
