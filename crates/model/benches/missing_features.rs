//! What a model's answers to tracks lose with features that are missing: today's model, the same with fallback models, and one
//! model fitted for each set of features.
//!
//! ```sh
//! HITFLOP_DATA=DIR cargo bench -p hitflop-model --bench missing_features -- 0-9
//! ```
//!
//! The splits are those of the reference scores (`tests/fixtures/splits.bin`): 0 to 5 random, 6 to 9 of whole artists. A line is a
//! set of missing features; its scores are means over the splits. The noise floor is the expected calibration error of perfectly
//! calibrated probabilities: the mean error for labels that are drawn by the probabilities. `plain` is a model of the same parameters that was fitted to
//! the same rows without these features. With `quick` behind the splits, `plain` is left out.

use std::error::Error;
use std::time::Instant;

use hitflop_core::dataset::Dataset;
use hitflop_core::seed::Seed;
use hitflop_core::track::Feature;
use hitflop_metrics::moments::mean;
use hitflop_metrics::reliability::{bins_of_equal_width, expected_calibration_error, ProbabilityScores, BINS};
use hitflop_metrics::scores::Confusion;
use hitflop_metrics::split::Folds;
use hitflop_model::decision::{decide, DecisionRule};
use hitflop_model::estimator::{EstimatorKind, EstimatorParams};
use hitflop_model::missing::{fit_fallbacks, hide, listed_patterns, random_masks, FallbackRows, FeatureMask};
use hitflop_model::model::Model;
use hitflop_model::selection::cross_validation::cross_validate;

use rand::RngExt;

use rows::{read, splits};

mod rows;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The boosting that the search of `run` finds.
const PARAMS: [(&str, &str); 9] = [
    ("symmetric", "true"),
    ("n_estimators", "600"),
    ("max_depth", "7"),
    ("learning_rate", "0.08"),
    ("num_leaves", "none"),
    ("colsample_bytree", "0.7"),
    ("l2_regularization", "3"),
    ("subsample", "0.5"),
    ("sampling", "minimal_variance"),
];
/// Random sets of half of the features.
const HALVES: usize = 4;
/// Training rows by which calibrations and thresholds are chosen, as in `run`.
const CALIBRATION_ROWS: usize = 6000;

/// Repetitions for the noise floor.
const SIMULATIONS: usize = 50;

/// Accuracy, ROC AUC, expected calibration error and its noise floor.
type Figures = [f64; 4];

/// The scores of one way to answer, by pattern and split.
struct Way {
    name: &'static str,
    figures: Vec<Vec<Figures>>,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let chosen = chosen(arguments.first().map_or("0-9", String::as_str))?;
    let is_quick = arguments.iter().any(|argument| argument == "quick");
    let dataset = read(&std::env::var("HITFLOP_DATA")?)?;
    let patterns = patterns();
    let mut ways = ["today", "fallback", "plain"].map(|name| Way { name, figures: vec![Vec::new(); patterns.len()] });
    let mut seconds = [0.0; 2];
    for split in chosen {
        let (train, test) = &splits()[split];
        let (train, test) = (dataset.select(train), dataset.select(test));
        let (today, with, took) = fitted(&train, &test, split as u64)?;
        (0..2).for_each(|part| seconds[part] += took[part]);
        for (index, &pattern) in patterns.iter().enumerate() {
            let hidden = hide(&test, vec![pattern; test.rows()].into_iter())?;
            ways[0].figures[index].push(figures(&today, &hidden)?);
            ways[1].figures[index].push(figures(&with, &hidden)?);
            if !is_quick {
                ways[2].figures[index].push(plain(&train, &test, pattern, split as u64)?);
            }
        }
    }
    println!("fit and cross-validation {:.1} s, fallback models {:.1} s", seconds[0], seconds[1]);
    print(&patterns, &ways);
    Ok(())
}

/// `3`, `0-9`.
fn chosen(text: &str) -> Outcome<Vec<usize>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Ok((first.parse()?..=last.parse()?).collect())
}

/// Nothing, the listed sets, and random halves.
fn patterns() -> Vec<FeatureMask> {
    let all: FeatureMask = Feature::ALL.into_iter().collect();
    let halves = random_masks(all, Feature::ALL.len() / 2, HALVES, Seed(1));
    std::iter::once(FeatureMask::NONE).chain(listed_patterns(&Feature::ALL)).chain(halves).collect()
}

fn params(seed: u64) -> Outcome<EstimatorParams> {
    let set = |params: EstimatorParams, (name, value): &(&str, &str)| params.with(name, value);
    Ok(PARAMS.iter().try_fold(EstimatorParams::of(EstimatorKind::Boosting).seeded(seed), set)?)
}

/// A calibrated model without and with fallback models, and the seconds that both took.
fn fitted(train: &Dataset, test: &Dataset, seed: u64) -> Outcome<(Model, Model, [f64; 2])> {
    let (params, rule) = (params(seed)?, DecisionRule::default());
    let started = Instant::now();
    let targets = train.targets().to_vec();
    let folds = Folds::stratified(&targets, 5, seed)?;
    let out_of_fold = cross_validate(&params, train, &folds)?.out_of_fold;
    let decision = decide(&rule, targets, out_of_fold, &folds)?.0;
    let today = Model::fit(params.clone(), train)?.with_decision(&decision);
    let own = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let rows = FallbackRows { train, folds: Some(&folds), calibration_rows: CALIBRATION_ROWS, test };
    let fallbacks = fit_fallbacks(&today, &params, &rule, rows, seed)?;
    let with = today.clone().with_fallbacks(fallbacks);
    Ok((today, with, [own, started.elapsed().as_secs_f64()]))
}

fn figures(model: &Model, test: &Dataset) -> Outcome<Figures> {
    let predictions = model.predict(test.records())?;
    let labels: Vec<bool> = predictions.iter().map(|one| one.probability > one.threshold).collect();
    let probabilities: Vec<f64> = predictions.iter().map(|one| one.probability).collect();
    Ok(of(test, &probabilities, &labels))
}

fn of(test: &Dataset, probabilities: &[f64], labels: &[bool]) -> Figures {
    let truth = test.targets().to_vec();
    let scores = ProbabilityScores::of(&truth, probabilities);
    let accuracy = Confusion::of_labels(&truth, labels).accuracy();
    [accuracy, scores.roc_auc, scores.expected_calibration_error, noise_floor(probabilities)]
}

/// Mean expected calibration error of these probabilities for labels that are drawn by them: chance alone causes so much.
fn noise_floor(probabilities: &[f64]) -> f64 {
    let mut rng = Seed(1).rng("labels by probabilities", &[]);
    let mut simulated = || {
        let truth: Vec<bool> = probabilities.iter().map(|&probability| rng.random_bool(probability)).collect();
        expected_calibration_error(&bins_of_equal_width(&truth, probabilities, BINS))
    };
    mean(&(0..SIMULATIONS).map(|_| simulated()).collect::<Vec<f64>>())
}

/// A model that was fitted without the features.
fn plain(train: &Dataset, test: &Dataset, pattern: FeatureMask, seed: u64) -> Outcome<Figures> {
    let known: Vec<Feature> = Feature::ALL.into_iter().filter(|feature| !pattern.contains(*feature)).collect();
    let estimator = params(seed)?.fit(&train.with_features(&known)?)?;
    let test = test.with_features(&known)?;
    let probabilities = estimator.predict_proba(test.records()).to_vec();
    let labels: Vec<bool> = probabilities.iter().map(|&probability| probability > 0.5).collect();
    Ok(of(&test, &probabilities, &labels))
}

fn print(patterns: &[FeatureMask], ways: &[Way]) {
    let names: Vec<String> =
        ways.iter().map(|way| format!("{}: accuracy, ROC AUC, ECE, its noise floor", way.name)).collect();
    println!("| missing | {} |", names.join(" | "));
    println!("|---|{}", "---|".repeat(ways.len()));
    for (index, pattern) in patterns.iter().enumerate() {
        let missing: Vec<&str> = pattern.features().iter().map(|feature| feature.name()).collect();
        let means = |way: &Way| match way.figures[index].as_slice() {
            [] => String::new(),
            figures => {
                let of = |which: usize| mean(&figures.iter().map(|figures| figures[which]).collect::<Vec<f64>>());
                format!("{:.4}, {:.4}, {:.4}, {:.4}", of(0), of(1), of(2), of(3))
            }
        };
        let means: Vec<String> = ways.iter().map(means).collect();
        println!("| {} | {} |", missing.join(" "), means.join(" | "));
    }
}
