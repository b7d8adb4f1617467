//! Fits several models to the same training rows, and scores them on the same folds and the same test rows.

use super::blend::{self, CrossValidatedBlend};
use super::cross_validation::{self, CrossValidated};
use super::feature_set::FeatureSet;
use super::hold_out::{HoldOut, HoldOutBy};
use super::leaderboard::Baseline;
use super::search::grid::GridPoint;
use super::train::{train, FittedModel};
use crate::blend::BlendRecipe;
use crate::dataset::grouped_dataset::GroupedDataset;
use crate::dataset::row_sample::RowSample;
use crate::estimator::EstimatorParams;
use crate::reference::FeatureQuantiles;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_core::track::Feature;
use hitflop_metrics::split::{Folds, SampleSize};
use hitflop_trees::{DecisionTreeParams, GradientBoostingParams, MemberParams, RandomForestParams, SplitCriterion};

/// Where a candidate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateOrigin {
    /// The notebook's final models.
    Notebook,
    /// The notebook's grid search.
    NotebookGrid,
    /// The models that this program adds.
    Own,
}

/// A model that takes part.
#[derive(Clone, Debug, PartialEq)]
pub struct CandidateModel {
    /// Where it comes from.
    pub origin: CandidateOrigin,
    /// With what it is fitted.
    pub params: EstimatorParams,
    /// Which features it is given.
    pub feature_set: FeatureSet,
}

impl CandidateModel {
    /// Kind and origin: `random forest (notebook)`, `gradient boosting (all features)`.
    pub fn title(&self) -> String {
        let kind = self.params.kind().in_words();
        match self.origin {
            CandidateOrigin::Notebook => format!("{kind} (notebook)"),
            CandidateOrigin::NotebookGrid => format!("{kind} (notebook's grid)"),
            CandidateOrigin::Own => format!("{kind} ({} features)", self.feature_set.name()),
        }
    }

    /// The same parameters with another set of features.
    pub fn with_features(&self, feature_set: FeatureSet) -> CandidateModel {
        CandidateModel { origin: CandidateOrigin::Own, params: self.params.clone(), feature_set }
    }

    /// The notebook's three models, and the forest that its grid search chose or, if it was searched anew, the `best` point of
    /// its grid; all with the notebook's features. scikit-learn's defaults apply where the notebook set nothing.
    pub fn notebook(seed: u64, best: Option<&GridPoint>) -> Vec<CandidateModel> {
        let tree = DecisionTreeParams::new().max_depth(7).min_samples_leaf(2);
        let forest = RandomForestParams::new().n_estimators(100).max_depth(5).min_samples_leaf(3).seed(seed);
        let boosting = GradientBoostingParams::new()
            .n_estimators(100)
            .learning_rate(0.05)
            .max_depth(Some(3))
            .num_leaves(None)
            .min_samples_leaf(1)
            .min_child_weight(0.0)
            .criterion(SplitCriterion::FriedmanMse)
            .seed(seed);
        let grid = RandomForestParams::new().n_estimators(500).min_samples_split(5).min_samples_leaf(2).seed(seed);
        let grid = best.map_or(EstimatorParams::Forest(grid), |best| best.params(seed));
        let candidate = |origin, params| CandidateModel { origin, params, feature_set: FeatureSet::Notebook };
        vec![
            candidate(CandidateOrigin::Notebook, EstimatorParams::Tree(tree)),
            candidate(CandidateOrigin::Notebook, EstimatorParams::Forest(forest)),
            candidate(CandidateOrigin::Notebook, EstimatorParams::Boosting(boosting)),
            candidate(CandidateOrigin::NotebookGrid, grid),
        ]
    }

    /// The boosting whose parameters a search has found, with a set of features.
    pub fn boosting(params: GradientBoostingParams, feature_set: FeatureSet) -> CandidateModel {
        CandidateModel { origin: CandidateOrigin::Own, params: EstimatorParams::Boosting(params), feature_set }
    }

    /// A forest with the features that are selected.
    pub fn forest(params: EstimatorParams) -> CandidateModel {
        CandidateModel { origin: CandidateOrigin::Own, params, feature_set: FeatureSet::Selected }
    }
}

/// The rows and folds that all entries share.
#[derive(Clone, Debug)]
pub struct ModelComparison {
    /// Rows that all entries are fitted on, with all features that the tracks have: the training rows, or a sample of them.
    train: Dataset,
    /// Which rows of the tracks these are.
    compared: RowSample,
    /// All training rows of the tracks, for the final model.
    all_train_rows: Vec<usize>,
    /// Rows to score on.
    test: Dataset,
    folds: Folds,
    hold_out: HoldOut,
    seed: u64,
    /// What the selection keeps.
    kept: Vec<Feature>,
    /// Of which a training row has a value.
    known: Vec<Feature>,
}

impl ModelComparison {
    /// Holds rows of `tracks` out, and parts the others into `folds` folds: of whole groups if whole groups are held out, else of
    /// single rows. `kept` are the features that the selection keeps. With more than `most` training rows, models are compared on a sample.
    ///
    /// # Errors
    /// The share that is held out leaves a part empty, or there are fewer hits or flops (or groups of them) than folds.
    pub fn new(
        tracks: &GroupedDataset,
        hold_out: HoldOut,
        folds: usize,
        seed: u64,
        kept: &[Feature],
        most: usize,
    ) -> Result<ModelComparison> {
        let split = hold_out.split(tracks)?;
        let compared = tracks.sample(split.train.clone(), most, seed);
        let (train, test) = (tracks.dataset().select(&compared.rows), tracks.dataset().select(&split.test));
        let folds = hold_out.by.folds(tracks, &compared.rows, folds, seed)?;
        let known = train.known_features();
        let kept = kept.to_vec();
        Ok(ModelComparison { train, compared, all_train_rows: split.train, test, folds, hold_out, seed, kept, known })
    }

    /// `5 stratified folds of the training rows, seed 42; test rows: random 80/20, seed 42`. With a sample, the folds are `of a
    /// sample of the training rows`.
    pub fn description(&self) -> String {
        let of_groups = match self.hold_out.by {
            HoldOutBy::Random => "",
            HoldOutBy::Grouped => " grouped",
        };
        format!(
            "{}{of_groups} stratified folds of {}, seed {}; test rows: {}",
            self.folds.len(),
            if self.sample().is_some() { "a sample of the training rows" } else { "the training rows" },
            self.seed,
            self.hold_out.description()
        )
    }

    /// The rows of the tracks that all entries are fitted on, and that the folds part.
    pub fn compared_rows(&self) -> &RowSample {
        &self.compared
    }

    /// Size of the sample that all entries are fitted on; `None` if they are fitted on all training rows.
    pub fn sample(&self) -> Option<SampleSize> {
        self.compared.size
    }

    /// Whether each row of the folds is a hit, in the order of the out-of-fold probabilities.
    pub fn train_targets(&self) -> Vec<bool> {
        self.train.targets().to_vec()
    }

    /// Whether each test row is a hit.
    pub fn test_targets(&self) -> Vec<bool> {
        self.test.targets().to_vec()
    }

    /// Seed of the folds and of the members of a blend.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The folds of the rows that all entries are fitted on.
    pub fn folds(&self) -> &Folds {
        &self.folds
    }

    /// The features of a set of which a row of the folds has a value, in the order of the columns.
    pub fn features(&self, set: FeatureSet) -> Vec<Feature> {
        set.features(&self.kept, &self.known)
    }

    /// The rows that all entries are fitted on, with the features of a set.
    ///
    /// # Errors
    /// The dataset lacks one of them.
    pub fn train_rows(&self, set: FeatureSet) -> Result<Dataset> {
        self.train.with_features(&self.features(set))
    }

    /// The test rows with the features of a set.
    ///
    /// # Errors
    /// The dataset lacks one of them.
    pub fn test_rows(&self, set: FeatureSet) -> Result<Dataset> {
        self.test.with_features(&self.features(set))
    }

    /// Where all features lie in all training rows of `tracks`, which are those of the comparison.
    ///
    /// # Errors
    /// The dataset lacks a feature.
    pub fn reference(&self, tracks: &GroupedDataset) -> Result<FeatureQuantiles> {
        FeatureQuantiles::of(&tracks.dataset().select(&self.all_train_rows))
    }

    /// Scores of an entry on each of the first `end` folds, and its out-of-fold probabilities. Folds that were tried before are not
    /// tried again.
    ///
    /// # Errors
    /// A parameter is outside its range, or the rows are none that the kind can be fitted to.
    pub fn cross_validate(
        &self,
        entry: &CandidateModel,
        before: Option<CrossValidated>,
        end: usize,
    ) -> Result<CrossValidated> {
        let rows = self.train_rows(entry.feature_set)?;
        let mut found = before.unwrap_or_else(|| CrossValidated::none(rows.rows()));
        found.extend(&entry.params, &rows, &self.folds, end)?;
        Ok(found)
    }

    /// A blend of these members, the first of which is the boosting of an entry with known out-of-fold probabilities.
    ///
    /// # Errors
    /// The rows are none that a member can be fitted to.
    pub fn cross_validate_blend(
        &self,
        entry: &CandidateModel,
        members: Vec<MemberParams>,
        out_of_fold: &[f64],
    ) -> Result<CrossValidatedBlend> {
        let rows = self.train_rows(entry.feature_set)?;
        let recipe = BlendRecipe { members, weights: None, seed: self.seed };
        blend::cross_validate_blend(recipe, Some(out_of_fold), &rows, &self.folds)
    }

    /// An entry fitted on the same rows as all others and scored on the test rows.
    ///
    /// # Errors
    /// As [`ModelComparison::cross_validate`].
    pub fn train(&self, entry: &CandidateModel) -> Result<FittedModel> {
        self.train_on(entry, &self.train_rows(entry.feature_set)?)
    }

    /// An entry fitted on all training rows of `tracks`, which are those of the comparison, and scored on the test rows.
    ///
    /// # Errors
    /// As [`ModelComparison::cross_validate`].
    pub fn train_on_all(&self, entry: &CandidateModel, tracks: &GroupedDataset) -> Result<FittedModel> {
        let features = self.features(entry.feature_set);
        self.train_on(entry, &tracks.dataset().select(&self.all_train_rows).with_features(&features)?)
    }

    fn train_on(&self, entry: &CandidateModel, rows: &Dataset) -> Result<FittedModel> {
        train(entry.params.clone(), rows, &self.test_rows(entry.feature_set)?, self.hold_out)
    }

    /// Always answering with the label that is more frequent in training.
    pub fn baseline(&self) -> Baseline {
        let (train, test) = (self.train.targets().to_vec(), self.test.targets().to_vec());
        Baseline {
            cross_validation: cross_validation::baseline(&train, &self.folds),
            scores: cross_validation::baseline_scores(&train, &test),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::grouped_tracks;

    #[test]
    fn entries_share_rows_and_folds() {
        let tracks = grouped_tracks(500);
        let kept = [Feature::Danceability, Feature::DurationMs];
        let comparison = ModelComparison::new(&tracks, HoldOut::default(), 5, 42, &kept, 400).expect("a comparison");
        let grouped = HoldOut { by: HoldOutBy::Grouped, ..HoldOut::default() };
        let by_artist = ModelComparison::new(&tracks, grouped, 5, 42, &kept, 400).expect("a comparison");
        assert_eq!(
            by_artist.description(),
            "5 grouped stratified folds of the training rows, seed 42; test rows: grouped 80/20, seed 42"
        );
        assert_eq!(
            comparison.description(),
            "5 stratified folds of the training rows, seed 42; test rows: random 80/20, seed 42"
        );
        let baseline = comparison.baseline();
        assert_eq!((baseline.scores.roc_auc, baseline.cross_validation.folds.len()), (0.5, 5));
        let selected =
            CandidateModel { feature_set: FeatureSet::Selected, ..CandidateModel::notebook(1, None).remove(0) };
        let found =
            comparison.cross_validate(&selected, None, 5).expect("scores without the decade, which the tracks lack");
        assert_eq!(found.scores.folds.len(), 5);
    }

    #[test]
    fn many_training_rows_are_compared_on_a_sample() {
        let tracks = grouped_tracks(1500);
        for by in [HoldOutBy::Random, HoldOutBy::Grouped] {
            let hold_out = HoldOut { by, ..HoldOut::default() };
            let comparison = ModelComparison::new(&tracks, hold_out, 5, 42, &[], 300).expect("a comparison");
            let size = comparison.sample().expect("a sample");
            assert_eq!((size.rows, size.of, size.seed), (300, 1200, 42));
            assert_eq!((comparison.train_targets().len(), comparison.folds().of_rows().len()), (300, 300));
            assert!(comparison.description().contains(" folds of a sample of the training rows, seed 42"));
            let hits = |targets: Vec<bool>| targets.iter().filter(|&&hit| hit).count() as f64 / targets.len() as f64;
            let all = hold_out.split(&tracks).expect("a split").train;
            let all_hits = hits(tracks.dataset().select(&all).targets().to_vec());
            assert!((hits(comparison.train_targets()) - all_hits).abs() < 0.01);
            let tree = CandidateModel { feature_set: FeatureSet::All, ..CandidateModel::notebook(1, None).remove(0) };
            let rows = |fitted: FittedModel| (fitted.evaluation.train_rows, fitted.evaluation.test_rows);
            assert_eq!(rows(comparison.train(&tree).expect("a model")), (300, 300));
            assert_eq!(rows(comparison.train_on_all(&tree, &tracks).expect("a model")), (1200, 300));
        }
    }

    #[test]
    fn the_notebooks_models_are_four() {
        let names: Vec<String> =
            CandidateModel::notebook(7, None).iter().map(|entry| entry.params.describe()).collect();
        assert_eq!(
            names,
            [
                "decision tree, depth 7, leaf 2",
                "random forest, 100 trees, depth 5, leaf 3",
                "gradient boosting, 100 trees, depth 3, rate 0.05",
                "random forest, 500 trees, leaf 2",
            ]
        );
        let titles: Vec<String> = CandidateModel::notebook(7, None).iter().map(CandidateModel::title).collect();
        assert_eq!(
            titles[1..],
            ["random forest (notebook)", "gradient boosting (notebook)", "random forest (notebook's grid)"]
        );
    }
}
