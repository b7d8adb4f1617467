//! Scores of a blend and of its members on the splits of the reference scores.
//!
//! ```sh
//! HITFLOP_DATA=DIR cargo bench -p hitflop-model --bench blend -- 0-9
//! ```
//!
//! The splits are those of `tests/fixtures/splits.bin`: 0 to 5 random, 6 to 9 of whole artists. Weights are found on five folds of
//! the training rows, as in `run`; the test rows are only scored.

use std::error::Error;

use hitflop_core::dataset::Dataset;
use hitflop_metrics::moments::mean;
use hitflop_metrics::scores::{roc_auc, Confusion};
use hitflop_metrics::split::Folds;
use hitflop_model::estimator::{EstimatorKind, EstimatorParams};
use hitflop_model::selection::blend::cross_validate_blend;

use rows::{read, splits};

mod rows;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let text = arguments.first().map_or("0-9", String::as_str);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let dataset = read(&std::env::var("HITFLOP_DATA")?)?;
    let mut scores: Vec<(String, Vec<[f64; 2]>)> = Vec::new();
    for split in first.parse::<usize>()?..=last.parse()? {
        let (train, test) = &splits()[split];
        let found = split_scores(&dataset.select(train), &dataset.select(test), split as u64)?;
        for (index, (name, figures)) in found.into_iter().enumerate() {
            match scores.get_mut(index) {
                Some((_, all)) => all.push(figures),
                None => scores.push((name, vec![figures])),
            }
        }
    }
    println!("| model | accuracy | ROC AUC |\n|---|---|---|");
    for (name, figures) in scores {
        let of = |which: usize| mean(&figures.iter().map(|figures| figures[which]).collect::<Vec<f64>>());
        println!("| {name} | {:.4} | {:.4} |", of(0), of(1));
    }
    Ok(())
}

/// Accuracy at 0.5 and ROC AUC of each member, then of the blend, with the shares of the members.
fn split_scores(train: &Dataset, test: &Dataset, seed: u64) -> Outcome<Vec<(String, [f64; 2])>> {
    let folds = Folds::stratified(&train.targets().to_vec(), 5, seed)?;
    let EstimatorParams::Blend(recipe) = EstimatorParams::of(EstimatorKind::Blend).seeded(seed) else {
        return Err("expected a blend".into());
    };
    let blend = cross_validate_blend(recipe, None, train, &folds)?;
    let single = blend.members.iter().map(|member| member.params.clone());
    let mut found = Vec::new();
    for params in single.chain([EstimatorParams::Blend(blend.recipe.clone())]) {
        let probabilities = params.fit(train)?.predict_proba(test.records()).to_vec();
        found.push((params.describe(), figures(test, &probabilities)));
    }
    let shares: Vec<String> = blend.members.iter().map(|member| format!("{:.2}", member.share)).collect();
    eprintln!("split {seed}: shares {}", shares.join(", "));
    Ok(found)
}

fn figures(test: &Dataset, probabilities: &[f64]) -> [f64; 2] {
    let truth = test.targets().to_vec();
    let labels: Vec<bool> = probabilities.iter().map(|&probability| probability > 0.5).collect();
    [Confusion::of_labels(&truth, &labels).accuracy(), roc_auc(&truth, probabilities).unwrap_or(f64::NAN)]
}
