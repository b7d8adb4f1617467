//! The whole job of fitting one model with given parameters.

use std::path::PathBuf;

use super::analyse::features;
use super::fit::{fit_on_split, train_test_split, FinalModel, FitRequest};
use super::options::{DataOptions, LearnOptions, OutputOptions, SelectionOptions};
use super::outputs::{ModelTarget, Outputs};
use super::prepare::prepare;
use super::progress::Progress;
use super::read::{read_named, TrackSet};
use super::report::{provenance, recorded};
use super::save::{save, SavedModel};
use hitflop_core::error::Result;
use hitflop_data::matrix;
use hitflop_model::estimator::{EstimatorKind, EstimatorParams};
use hitflop_model::param_value::ParamValue;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::search::grid::GridSearch;
use hitflop_report::{Setting, SettingValue};

/// Options of [`train()`].
#[derive(Clone, Debug, PartialEq)]
pub struct TrainOptions {
    /// Files of tracks; by default the decade files in `data/`.
    pub data: DataOptions,
    /// Where results are written.
    pub output: OutputOptions,
    /// How features are selected, for the set of selected features.
    pub selection: SelectionOptions,
    /// How the model learns. Default of the features: the selected ones.
    pub learn: LearnOptions,
    /// Parameters of the estimator, its seed among them. Default: those of a boosting.
    pub params: EstimatorParams,
    /// The model file. Default: `train-KIND.model` in the directory of models, so that no other command's model is replaced.
    pub model: Option<ModelTarget>,
    /// Parameters in the command of the model card, by name. Default: those that differ from the defaults of their kind under the
    /// seed of the data.
    pub recorded_params: Option<Vec<(String, ParamValue)>>,
    /// Where to write the rows with features, target and a column `split` (`train` or `test`), as Parquet.
    pub write_split: Option<PathBuf>,
}

impl Default for TrainOptions {
    fn default() -> TrainOptions {
        TrainOptions {
            data: DataOptions::default(),
            output: OutputOptions::default(),
            selection: SelectionOptions::default(),
            learn: LearnOptions::default(),
            params: EstimatorParams::of(EstimatorKind::Boosting),
            model: None,
            recorded_params: None,
            write_split: None,
        }
    }
}

/// Result of [`train()`] and [`tune()`](super::tune()).
#[derive(Debug)]
pub struct TrainResult {
    /// The tracks that were split, with what was found while they were read.
    pub tracks: TrackSet,
    /// The search that found the parameters, if there was one.
    pub search: Option<GridSearch>,
    /// The fitted model, with its scores on the test rows.
    pub model: FinalModel,
    /// The files that the model was saved in.
    pub saved: SavedModel,
    /// All files that were written beside those of the tracks.
    pub written: Vec<PathBuf>,
}

/// Fits one model, scores it on test rows, and saves it with its model card.
///
/// # Errors
/// A parameter is outside its range; those of [`read_named()`], [`fit()`](super::fit()) and [`save()`].
pub fn train(options: &TrainOptions, progress: &dyn Progress) -> Result<TrainResult> {
    let TrainOptions { data, output, selection, learn, params, recorded_params, .. } = options;
    let TrainOptions { write_split: split_path, model: target, .. } = options;
    selection.check()?;
    learn.check()?;
    params.check()?;
    let target =
        target.clone().unwrap_or_else(|| ModelTarget::InModels(format!("train-{}.model", params.kind().name())));
    let mut outputs = Outputs::open(data, output, Some(target))?;
    outputs.check_more([], split_path.as_slice())?;
    let mut source = read_named(data, &mut outputs, progress)?;
    let feature_set = learn.features.unwrap_or(FeatureSet::Selected);
    let prepared = prepare(&source, learn, progress)?;
    let split = train_test_split(&prepared)?;
    let features = features(feature_set, &prepared.known_features(&split.train), &source, selection, progress)?;
    if let Some(path) = split_path {
        let dataset = prepared.tracks.dataset().with_features(&features)?;
        let staged = outputs.begin(path)?;
        progress.stage("write the split", || matrix::write_split(&dataset, &split.test, &staged))?;
        outputs.add(staged);
    }
    let request = FitRequest { params: params.clone(), feature_set, features };
    let mut model = fit_on_split(&prepared, &split, request, progress)?;
    let mut settings = recorded(data, selection, Some(learn))?;
    settings.push(Setting::new("model", SettingValue::Text(params.kind().name().to_owned())));
    let recorded = recorded_params.clone().unwrap_or_else(|| changed(params, data.seed));
    settings.extend(recorded.into_iter().map(|(name, value)| Setting::new("param", SettingValue::Param(name, value))));
    let provenance = provenance("train", &source, settings);
    let mut saved = save(&prepared, &mut model, &provenance, None, &mut outputs, progress)?;
    saved.replaced = source.commit(outputs, progress)?;
    let written = saved.files().into_iter().chain(split_path.clone()).collect();
    Ok(TrainResult { tracks: source, search: None, model, saved, written })
}

/// The parameters that differ from the defaults of their kind with this seed.
fn changed(params: &EstimatorParams, seed: u64) -> Vec<(String, ParamValue)> {
    let defaults = EstimatorParams::of(params.kind()).seeded(seed).values();
    params.values().into_iter().filter(|value| !defaults.contains(value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_differ_from_the_defaults_are_recorded() {
        let params = EstimatorParams::of(EstimatorKind::Forest).seeded(7);
        assert_eq!(changed(&params, 7), Vec::new());
        let value = |name: &str, value: &str| (name.to_owned(), ParamValue::parse(value));
        let params = params.with("max_depth", "5").expect("a depth");
        assert_eq!(changed(&params, 7), [value("max_depth", "5")]);
        assert_eq!(changed(&params, 42), [value("max_depth", "5"), value("seed", "7")]);
    }
}
