//! Leakage: which columns and texts predict the label without describing the music.
//!
//! | question | answer |
//! |---|---|
//! | how well does artist, title or URI alone predict? | [`Leakage::texts`] |
//! | which spellings are of one label? | [`Leakage::patterns`] |
//! | how far does the artist lift a model, and what is left of that for new artists? | [`Leakage::encoded`] |
//! | does any column, a feature or one that somebody added, predict suspiciously well alone? | [`Leakage::columns`] |
//!
//! Nothing that is measured here is kept: what is fitted has no feature's name and can't become a model.

mod encoded;
mod single_feature;
mod spelling_features;
mod target_encoding;

use serde::Serialize;

pub use encoded::{ArtistEncoding, EncodedScores, HeldOutScores};
use single_feature::SUSPICIOUS_ROC_AUC;
pub use single_feature::{ColumnKind, ColumnScores, ProbedColumn, SingleScore};
pub use spelling_features::SpellingFeature;

use super::{ModelSpec, ValidationBudget};
use crate::dataset::grouped_dataset::GroupedDataset;
use crate::estimator::EstimatorParams;
use crate::estimator_text::serialize_description;
use crate::selection::hold_out::HoldOut;
use hitflop_core::error::Result;
use hitflop_core::track::ARTIST;
use hitflop_metrics::split::{grouped_split, has_both_classes, random_split, TrainTestSplit};

/// How well each column and text predicts the label alone, and how far the artist lifts a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leakage {
    /// Seed of both splits.
    pub seed: u64,
    /// What the artist's encoding was added to; as JSON, a description.
    #[serde(rename = "recipe", serialize_with = "serialize_description")]
    pub params: EstimatorParams,
    /// Number of its features.
    pub features: u64,
    /// Rows held out at random, and by groups.
    pub test_rows: [u64; 2],
    /// ROC AUC above which a column is flagged, unless it may be by chance ([`ColumnScores::p_value`]).
    pub suspicious_roc_auc: f64,
    /// Artist, title and URI as single predictors, as far as the tracks have them.
    pub texts: Vec<ColumnScores>,
    /// Every feature, and every further column of the files, as a single predictor; the best for new artists first.
    pub columns: Vec<ColumnScores>,
    /// Spellings of titles and artists by their share of hits.
    pub patterns: Vec<SpellingFeature>,
    /// The specification without and with the artist's share of hits; empty if no artist is known.
    pub encoded: Vec<EncodedScores>,
}

impl Leakage {
    /// Whether tracks have artists, so that held-out groups are of new ones.
    pub fn has_artists(&self) -> bool {
        self.texts.iter().any(|text| text.column.name() == ARTIST)
    }

    /// The columns that are flagged.
    pub fn suspicious(&self) -> impl Iterator<Item = &ColumnScores> {
        self.columns.iter().filter(|column| column.is_suspicious())
    }
}

/// The two ways in which rows are held out.
struct LeakageSplits {
    random: TrainTestSplit,
    grouped: TrainTestSplit,
}

/// Measures the leakage in `tracks`, with the seed and the share of `hold_out`; `on_fit` is called after each of [`fits`].
/// `None` where the tracks allow no grouped split.
///
/// # Errors
/// A parameter is outside its range, or the tracks lack a feature.
pub fn measure_leakage(
    spec: &ModelSpec,
    tracks: &GroupedDataset,
    hold_out: HoldOut,
    budget: &ValidationBudget,
    on_fit: &(dyn Fn() + Sync),
) -> Result<Option<Leakage>> {
    let targets = tracks.targets();
    let HoldOut { test_share, seed, .. } = hold_out;
    let ways = random_split(&tracks.strata(), test_share, seed).and_then(|random| {
        Ok(LeakageSplits { random, grouped: grouped_split(&targets, tracks.groups(), test_share, seed)? })
    });
    let Ok(ways) = ways else { return Ok(None) };
    if !has_both_classes(&targets, &ways.random.train) || !has_both_classes(&targets, &ways.random.test) {
        return Ok(None);
    }
    let spec = spec.for_many(budget)?;
    let (texts, columns) = single_feature::scores(tracks, &ways)?;
    Ok(Some(Leakage {
        seed,
        params: spec.params.clone(),
        features: spec.features.len() as u64,
        test_rows: [ways.random.test.len() as u64, ways.grouped.test.len() as u64],
        suspicious_roc_auc: SUSPICIOUS_ROC_AUC,
        texts,
        columns,
        patterns: spelling_features::patterns(tracks.identity(), &targets),
        encoded: encoded::scores(&spec, tracks, &ways, seed, on_fit)?,
    }))
}

/// How many fits of the specification [`measure_leakage()`] makes at most.
pub fn fits(tracks: &GroupedDataset) -> u64 {
    let encodings = if tracks.identity().has_artists() { ArtistEncoding::ALL.len() } else { 0 };
    2 * encodings as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2};
    use rand::RngExt;

    use crate::estimator::EstimatorKind;
    use crate::fixtures::grouped_tracks;
    use crate::validation::leakage::encoded::ArtistEncoding;
    use hitflop_core::dataset::Dataset;
    use hitflop_core::seed::Seed;
    use hitflop_core::track::Feature;
    use hitflop_core::track_id::TrackMetadata;
    use hitflop_core::unknown_columns::{UnknownColumn, UnknownColumnValues};

    fn spec(tracks: &GroupedDataset) -> ModelSpec {
        let params = EstimatorParams::of(EstimatorKind::Boosting).with("n_estimators", "40").expect("a parameter");
        ModelSpec { params, features: tracks.dataset().features().to_vec() }
    }

    fn with_extra(tracks: &GroupedDataset, extra: &[(&str, UnknownColumnValues)]) -> GroupedDataset {
        let column = |(name, values): &(&str, UnknownColumnValues)| UnknownColumn {
            name: (*name).to_owned(),
            values: values.clone(),
        };
        let extra: Vec<UnknownColumn> = extra.iter().map(column).collect();
        GroupedDataset::new(tracks.dataset().clone(), tracks.identity().clone(), &extra, Default::default())
            .expect("tracks")
    }

    fn found(tracks: &GroupedDataset) -> Leakage {
        measure_leakage(&spec(tracks), tracks, HoldOut::default(), &ValidationBudget::standard(), &|| ())
            .expect("scores")
            .expect("groups")
    }

    #[test]
    fn planted_leaks_are_found_and_other_columns_are_not_flagged() {
        let tracks = grouped_tracks(1200);
        let hits = tracks.targets();
        // The label with a little noise; present for hits only; in the middle for hits and at both ends for flops; a text of the
        // label; and numbers that have nothing to do with it.
        let noisy =
            hits.iter().enumerate().map(|(row, &hit)| f64::from(u8::from(hit != (row % 20 == 0))) + row as f64 * 1e-6);
        let weeks = hits.iter().map(|&hit| if hit { 3.0 } else { f64::NAN });
        let middle = hits.iter().enumerate().map(|(row, &hit)| match (hit, row % 2) {
            (true, _) => 0.0,
            (false, 0) => -1.0,
            (false, _) => 1.0,
        });
        let chart = hits.iter().map(|&hit| u32::from(hit));
        let unrelated = (0..1200).map(|row| f64::from(row * 37 % 101));
        let tracks = with_extra(
            &tracks,
            &[
                ("noisy", UnknownColumnValues::Numbers(noisy.collect())),
                ("weeks", UnknownColumnValues::Numbers(weeks.collect())),
                ("middle", UnknownColumnValues::Numbers(middle.collect())),
                ("chart", UnknownColumnValues::Texts(chart.collect())),
                ("unrelated", UnknownColumnValues::Numbers(unrelated.collect())),
            ],
        );
        let leakage = found(&tracks);
        // Of these made-up tracks the danceability alone has most of the mutual information with the label.
        let extra = leakage.suspicious().filter(|column| column.column.is_extra());
        let mut flagged: Vec<&str> = extra.map(|column| column.column.name()).collect();
        flagged.sort_unstable();
        assert_eq!(flagged, ["chart", "middle", "noisy", "weeks"]);
        let score = |name: &str| {
            leakage.columns.iter().find(|one| one.column.name() == name).expect("a column").grouped.roc_auc
        };
        assert!((score("unrelated") - 0.5).abs() < 0.08, "{}", score("unrelated"));
        assert!(score("danceability") > 0.7 && score("weeks") == 1.0);
        assert_eq!(leakage.columns.len(), 3 + 5);
        assert!(leakage.columns.is_sorted_by(|a, b| a.grouped.roc_auc >= b.grouped.roc_auc));
        // Nor did any of them become a feature.
        assert_eq!(tracks.dataset().features().len(), 3);
    }

    /// Every artist has one label, as most have in the real data.
    #[test]
    fn an_artist_leaks_the_label_only_where_it_is_known() {
        let tracks = grouped_tracks(1200);
        let targets = (0..1200).map(|row| tracks.targets()[row / 4 * 4]).collect();
        let dataset = tracks.dataset().clone().with_targets(targets).expect("labels");
        let tracks = GroupedDataset::new(dataset, tracks.identity().clone(), &[], Default::default()).expect("tracks");
        let leakage = found(&tracks);
        let artist = leakage.texts.iter().find(|text| text.column.name() == "artist").expect("the artist");
        assert!(artist.random.roc_auc > 0.98 && artist.random.known_share > 0.95, "{artist:?}");
        assert_eq!((artist.grouped.roc_auc, artist.grouped.known_share), (0.5, 0.0));
        let uri = leakage.texts.iter().find(|text| text.column.name() == "uri").expect("the URI");
        assert_eq!((uri.random.roc_auc, uri.random.known_share), (0.5, 0.0), "each is there once");
        let encoded = |requested| *leakage.encoded.iter().find(|one| one.encoding == requested).expect("measured");
        let (none, cross, all) =
            (encoded(ArtistEncoding::None), encoded(ArtistEncoding::CrossFitted), encoded(ArtistEncoding::AllRows));
        assert!(cross.random.roc_auc > none.random.roc_auc + 0.1, "{cross:?} {none:?}");
        assert!(cross.grouped.roc_auc < none.grouped.roc_auc + 0.03, "{cross:?} {none:?}");
        assert!(all.random.roc_auc > 0.99 && all.grouped.roc_auc > 0.99, "it has seen the answers: {all:?}");
        assert_eq!(leakage.encoded.len() as u64 * 2, fits(&tracks));
    }

    /// Ten tables of sixty tracks with fifteen columns of noise: a dozen test rows rank some of them well by chance.
    #[test]
    fn noise_in_few_rows_is_no_leak() {
        let mut rng = Seed(11).rng("noise", &[]);
        let mut above = 0;
        for _ in 0..10 {
            let records = Array2::from_shape_simple_fn((60, 15), || rng.random::<f64>());
            let targets = Array1::from_shape_simple_fn(60, || rng.random::<bool>());
            let dataset = Dataset::new(Feature::AUDIO.to_vec(), records, targets).expect("a dataset");
            let none = || vec![String::new(); 60];
            let identity = TrackMetadata { titles: none(), artists: none(), uris: none(), decades: vec![None; 60] };
            let tracks = GroupedDataset::new(dataset, identity, &[], Default::default()).expect("tracks");
            let leakage = found(&tracks);
            assert!((leakage.texts.is_empty(), leakage.encoded.is_empty(), fits(&tracks)) == (true, true, 0));
            assert!(leakage.patterns.is_empty(), "there is nothing to spell");
            assert_eq!(leakage.suspicious().count(), 0, "{:?}", leakage.columns);
            above += leakage.columns.iter().filter(|column| column.p_value.is_some()).count();
        }
        assert!(above > 0, "the size alone would have flagged some");
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let tracks = grouped_tracks(600);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            // As text, in which what is not a number equals itself.
            pool.install(|| serde_json::to_string(&found(&tracks)).expect("JSON"))
        };
        assert_eq!(with(1), with(3));
    }
}
