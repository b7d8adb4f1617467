//! Distillation: trees that are grown on the probabilities of neural networks (Craven and Shavlik 1996; Breiman and Shang 1996,
//! "Born again trees"; Hinton, Vinyals and Dean 2015).
//!
//! Networks are smooth where trees have steps, and err on other rows. A boosting that has learned from them is another member for
//! a blend, and still a sum of trees: it predicts as fast, its contributions are exact, and nothing that reads trees has to know of
//! networks. Synthetic rows show the trees the probabilities between the training rows.
//!
//! | module | what it does |
//! |---|---|
//! | `inputs` | binned rows as inputs of a network |
//! | `network` | one network, and its fit |
//! | `synthetic` | rows between training rows |

mod inputs;
mod network;
mod synthetic;

use rayon::prelude::*;

use self::inputs::NetworkInputs;
use self::network::{Network, NetworkTraining};
use self::synthetic::with_synthetic;
use super::boost::BoostInput;
use super::loss::sigmoid;
use super::options::Distillation;
use crate::binning::BinnedRecords;
use crate::seed::task_rng;

/// Maximum number of rows, and of their inputs, whose probabilities are computed at once.
const PREDICTED_ROWS: usize = 2048;
const PREDICTED_INPUTS: usize = 1 << 22;

/// Rows to grow trees on.
pub(super) struct DistilledRows {
    /// The training rows, then synthetic ones.
    pub records: BinnedRecords,
    /// Mean probabilities by the networks.
    pub truths: Vec<f64>,
    /// The weights of the training rows, repeated for each copy.
    pub weights: Vec<f64>,
}

/// Fits networks to the training rows, and computes their mean probabilities of these rows and of synthetic ones. Where all features have
/// few bins, there are no synthetic rows, as they would be the training rows.
pub(super) fn distil(training: &BoostInput, distillation: &Distillation, seed: u64) -> DistilledRows {
    let BoostInput { binning, records, rows, .. } = training;
    let inputs = NetworkInputs::new(binning, records, rows);
    let networks = fit_networks(training, &inputs, distillation, seed);
    let records = with_synthetic(binning, records, rows, distillation, seed);
    let copies = records.rows() / rows.len() - 1;
    let places: Vec<u32> = (0..records.rows() as u32).collect();
    let log_odds = |rows: &[u32]| mean_log_odds(&networks, &inputs, &records, rows);
    let truths = places
        .par_chunks(PREDICTED_ROWS.min(PREDICTED_INPUTS / inputs.count().max(1)).max(1))
        .flat_map_iter(log_odds)
        .map(sigmoid)
        .collect();
    let of_rows: Vec<f64> = rows.iter().map(|&row| training.weights[row as usize]).collect();
    DistilledRows { records, truths, weights: of_rows.repeat(copies + 1) }
}

fn fit_networks(training: &BoostInput, inputs: &NetworkInputs, distillation: &Distillation, seed: u64) -> Vec<Network> {
    let BoostInput { records, rows, .. } = training;
    let targets: Vec<bool> = rows.iter().map(|&row| training.truths[row as usize] > 0.5).collect();
    let mean = rows.iter().map(|&row| training.weights[row as usize]).sum::<f64>() / rows.len() as f64;
    let weights: Vec<f32> = rows.iter().map(|&row| (training.weights[row as usize] / mean) as f32).collect();
    let of_places = |places: &[u32]| {
        let batch: Vec<u32> = places.iter().map(|&place| rows[place as usize]).collect();
        inputs.of_rows(records, &batch)
    };
    let fit = NetworkTraining {
        inputs: of_places,
        width: inputs.count(),
        targets: &targets,
        weights: &weights,
        hidden_layer_sizes: &distillation.hidden_layer_sizes,
        epochs: distillation.epochs,
    };
    let network = |index: u64| fit.fit(task_rng(seed, "network", &[index]));
    (0..distillation.networks as u64).into_par_iter().map(network).collect()
}

/// The mean of the networks' log odds of each row.
fn mean_log_odds(networks: &[Network], inputs: &NetworkInputs, records: &BinnedRecords, rows: &[u32]) -> Vec<f64> {
    let inputs = inputs.of_rows(records, rows);
    let mut sums = vec![0.0; rows.len()];
    for network in networks {
        let log_odds = network.log_odds(inputs.view());
        sums.iter_mut().zip(log_odds).for_each(|(sum, log_odds)| *sum += f64::from(log_odds));
    }
    sums.into_iter().map(|sum| sum / networks.len() as f64).collect()
}
