//! A feed-forward network for two classes, with rectified linear units, fitted by Adam (Kingma and Ba 2015) on log loss. The
//! learning rate falls to 0 along half a cosine (Loshchilov and Hutter 2017), and weights decay apart from the gradient
//! (Loshchilov and Hutter 2019).

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, Zip};
use rand::seq::SliceRandom;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::boosting::loss::sigmoid;

/// Rows whose mean gradient makes one step.
const BATCH_ROWS: usize = 512;
/// Most steps of a fit. Beyond a quarter of a million rows they are fewer passes than asked for, which do as well there.
pub(super) const MAX_STEPS: usize = 10_000;
/// The learning rate of the first step.
const LEARNING_RATE: f32 = 2e-3;
/// What a weight loses at a step, times the learning rate.
const WEIGHT_DECAY: f32 = 0.02;
/// Adam's decay of the means of gradients and of their squares, and what keeps the step finite.
const DECAY: [f32; 2] = [0.9, 0.999];
const EPSILON: f32 = 1e-8;

/// One layer: its outputs are inputs · weights + biases.
#[derive(Clone)]
struct Layer {
    /// Inputs × outputs.
    weights: Array2<f32>,
    biases: Array1<f32>,
}

impl Layer {
    fn zeros(inputs: usize, outputs: usize) -> Layer {
        Layer { weights: Array2::zeros((inputs, outputs)), biases: Array1::zeros(outputs) }
    }

    /// Uniform within ±√(6 / inputs) (He et al. 2015); biases of 0.
    fn random(inputs: usize, outputs: usize, rng: &mut ChaCha8Rng) -> Layer {
        let bound = (6.0 / inputs as f32).sqrt();
        let mut layer = Layer::zeros(inputs, outputs);
        layer.weights.iter_mut().for_each(|weight| *weight = rng.random_range(-bound..bound));
        layer
    }

    fn outputs(&self, inputs: ArrayView2<f32>) -> Array2<f32> {
        let mut outputs = Array2::zeros((inputs.nrows(), self.biases.len()));
        outputs.assign(&self.biases);
        general_mat_mul(1.0, &inputs, &self.weights, 1.0, &mut outputs);
        outputs
    }
}

/// A fitted network.
pub(super) struct Network {
    layers: Vec<Layer>,
}

impl Network {
    fn random(sizes: &[usize], rng: &mut ChaCha8Rng) -> Network {
        Network { layers: sizes.windows(2).map(|pair| Layer::random(pair[0], pair[1], rng)).collect() }
    }

    /// The log odds of each row of `inputs`.
    pub(super) fn log_odds(&self, inputs: Array2<f32>) -> Array1<f32> {
        self.activations(inputs).pop().map_or_else(|| Array1::zeros(0), |last| last.index_axis(Axis(1), 0).to_owned())
    }

    /// What each layer passes on, that of the inputs first; the last are the log odds.
    fn activations(&self, inputs: Array2<f32>) -> Vec<Array2<f32>> {
        let mut activations = vec![inputs];
        for (index, layer) in self.layers.iter().enumerate() {
            let mut outputs = layer.outputs(activations[index].view());
            if index + 1 < self.layers.len() {
                outputs.mapv_inplace(|value| value.max(0.0));
            }
            activations.push(outputs);
        }
        activations
    }

    /// The derivatives of the loss, of which `of_outputs` are those by the log odds; in the place of `gradients`.
    fn backpropagate(&self, activations: &[Array2<f32>], of_outputs: Array2<f32>, gradients: &mut [Layer]) {
        let mut of_outputs = of_outputs;
        for index in (0..self.layers.len()).rev() {
            let inputs = &activations[index];
            general_mat_mul(1.0, &inputs.t(), &of_outputs, 0.0, &mut gradients[index].weights);
            gradients[index].biases.assign(&of_outputs.sum_axis(Axis(0)));
            if index > 0 {
                let mut of_inputs = Array2::zeros(inputs.raw_dim());
                general_mat_mul(1.0, &of_outputs, &self.layers[index].weights.t(), 0.0, &mut of_inputs);
                Zip::from(&mut of_inputs).and(inputs).for_each(|of_input, &input| {
                    if input <= 0.0 {
                        *of_input = 0.0;
                    }
                });
                of_outputs = of_inputs;
            }
        }
    }
}

/// What a network is fitted on.
pub(super) struct NetworkTraining<'a, F> {
    /// The inputs of some rows, by their places among the targets.
    pub inputs: F,
    /// Number of inputs.
    pub width: usize,
    /// Whether a row is of the positive class.
    pub targets: &'a [bool],
    /// Weights of the rows, of mean 1.
    pub weights: &'a [f32],
    /// Units of each hidden layer.
    pub hidden_layer_sizes: &'a [usize],
    /// Passes over all rows, in [`MAX_STEPS`] steps at most.
    pub epochs: usize,
}

impl<F: Fn(&[u32]) -> Array2<f32>> NetworkTraining<'_, F> {
    /// Fits a network; the generator gives the first weights and the order of the rows.
    pub(super) fn fit(&self, mut rng: ChaCha8Rng) -> Network {
        let sizes = [&[self.width], self.hidden_layer_sizes, &[1]].concat();
        let mut network = Network::random(&sizes, &mut rng);
        let mut adam = Adam::new(&network);
        let mut gradients: Vec<Layer> = adam.means.clone();
        let mut order: Vec<u32> = (0..self.targets.len() as u32).collect();
        let steps = self.epochs.saturating_mul(order.len().div_ceil(BATCH_ROWS)).min(MAX_STEPS);
        while adam.steps < steps {
            order.shuffle(&mut rng);
            for batch in order.chunks(BATCH_ROWS).take(steps - adam.steps) {
                let activations = network.activations((self.inputs)(batch));
                let of_outputs = self.derivatives(batch, &activations[activations.len() - 1]);
                network.backpropagate(&activations, of_outputs, &mut gradients);
                let turn = std::f32::consts::PI * adam.steps as f32 / steps as f32;
                adam.step(&mut network, &gradients, LEARNING_RATE * 0.5 * (1.0 + turn.cos()));
            }
        }
        network
    }

    /// Those of the mean loss of a batch by the log odds of its rows.
    fn derivatives(&self, batch: &[u32], log_odds: &Array2<f32>) -> Array2<f32> {
        let rows = batch.len() as f32;
        let derivative = |(&row, &log_odds): (&u32, &f32)| {
            let (target, weight) = (self.targets[row as usize], self.weights[row as usize]);
            weight * (sigmoid(f64::from(log_odds)) as f32 - f32::from(u8::from(target))) / rows
        };
        let derivatives: Array1<f32> = batch.iter().zip(log_odds).map(derivative).collect();
        derivatives.insert_axis(Axis(1))
    }
}

/// Means of the gradients so far and of their squares.
struct Adam {
    means: Vec<Layer>,
    squares: Vec<Layer>,
    steps: usize,
}

impl Adam {
    fn new(network: &Network) -> Adam {
        let zeros: Vec<Layer> =
            network.layers.iter().map(|layer| Layer::zeros(layer.weights.nrows(), layer.weights.ncols())).collect();
        Adam { means: zeros.clone(), squares: zeros, steps: 0 }
    }

    fn step(&mut self, network: &mut Network, gradients: &[Layer], rate: f32) {
        self.steps += 1;
        let [of_mean, of_square] = DECAY.map(|decay| 1.0 - decay.powi(self.steps as i32));
        let update = |decay: f32| {
            move |value: &mut f32, gradient: &f32, mean: &mut f32, square: &mut f32| {
                *mean += (1.0 - DECAY[0]) * (gradient - *mean);
                *square += (1.0 - DECAY[1]) * (gradient * gradient - *square);
                *value -= rate * ((*mean / of_mean) / ((*square / of_square).sqrt() + EPSILON) + decay * *value);
            }
        };
        for (index, layer) in network.layers.iter_mut().enumerate() {
            let (gradients, means, squares) = (&gradients[index], &mut self.means[index], &mut self.squares[index]);
            let weights = Zip::from(&mut layer.weights).and(&gradients.weights);
            weights.and(&mut means.weights).and(&mut squares.weights).for_each(update(WEIGHT_DECAY));
            let biases = Zip::from(&mut layer.biases).and(&gradients.biases);
            biases.and(&mut means.biases).and(&mut squares.biases).for_each(update(0.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::boosting::loss::log_loss;
    use crate::seed::task_rng;

    /// Rows of two inputs, of the positive class where these have the same sign.
    fn same_sign(rows: usize) -> (Array2<f32>, Vec<bool>) {
        let mut rng = task_rng(1, "rows", &[]);
        let inputs = Array2::from_shape_fn((rows, 2), |_| rng.random_range(-1.0..1.0));
        let targets = inputs.rows().into_iter().map(|row| row[0] * row[1] > 0.0).collect();
        (inputs, targets)
    }

    fn training<'a>(
        inputs: &'a Array2<f32>,
        targets: &'a [bool],
        weights: &'a [f32],
        epochs: usize,
    ) -> NetworkTraining<'a, impl Fn(&[u32]) -> Array2<f32> + 'a> {
        let of_rows = |rows: &[u32]| inputs.select(Axis(0), &rows.iter().map(|&row| row as usize).collect::<Vec<_>>());
        NetworkTraining { inputs: of_rows, width: 2, targets, weights, hidden_layer_sizes: &[16, 8], epochs }
    }

    /// The derivatives are those of the loss by finite differences.
    #[test]
    fn derivatives_are_those_of_the_loss() {
        let (inputs, targets) = same_sign(40);
        let weights: Vec<f32> = (0..40).map(|row| 0.5 + (row % 3) as f32 / 2.0).collect();
        let fit = training(&inputs, &targets, &weights, 1);
        let mut network = Network::random(&[2, 16, 8, 1], &mut task_rng(3, "first weights", &[]));
        let loss = |network: &Network| -> f64 {
            let log_odds = network.log_odds(inputs.clone());
            let row = |row: usize| f64::from(weights[row]) * log_loss(f64::from(log_odds[row]), targets[row]);
            (0..40).map(row).sum::<f64>() / 40.0
        };
        let rows: Vec<u32> = (0..40).collect();
        let activations = network.activations(inputs.clone());
        let mut gradients: Vec<Layer> = Adam::new(&network).means;
        network.backpropagate(&activations, fit.derivatives(&rows, &activations[3]), &mut gradients);
        let step = 1e-3_f32;
        for layer in 0..3 {
            for at in [[0, 0], [1, 0]] {
                let value = network.layers[layer].weights[at];
                let at_value = |network: &mut Network, value| {
                    network.layers[layer].weights[at] = value;
                    loss(network)
                };
                let change = at_value(&mut network, value + step) - at_value(&mut network, value - step);
                at_value(&mut network, value);
                let (found, expected) = (f64::from(gradients[layer].weights[at]), change / f64::from(2.0 * step));
                // 32-bit margins of magnitude 1 are rounded to 1e-7, which a step of 1e-3 makes 1e-4 of a mean loss at most.
                assert!((found - expected).abs() < 2e-4, "layer {layer}: {found} instead of {expected}");
            }
        }
    }

    #[test]
    fn a_network_learns_what_no_weighted_sum_separates() {
        let (inputs, targets) = same_sign(1000);
        let weights = vec![1.0; 1000];
        let network = training(&inputs, &targets, &weights, 1500).fit(task_rng(5, "network", &[]));
        let log_odds = network.log_odds(array![[0.5, 0.5], [-0.5, 0.5], [0.5, -0.5], [-0.5, -0.5]]);
        let right = [true, false, false, true];
        for (log_odds, is_positive) in log_odds.into_iter().zip(right) {
            assert!(if is_positive { log_odds > 1.0 } else { log_odds < -1.0 }, "{log_odds}");
        }
    }

    #[test]
    fn rows_of_weight_0_do_not_matter() {
        let (inputs, mut targets) = same_sign(600);
        let weights: Vec<f32> = (0..600).map(|row| f32::from(u8::from(row % 2 == 0))).collect();
        let fitted = |targets: &[bool]| training(&inputs, targets, &weights, 3).fit(task_rng(5, "network", &[]));
        let before = fitted(&targets).log_odds(inputs.clone());
        targets.iter_mut().skip(1).step_by(2).for_each(|target| *target = !*target);
        assert_eq!(fitted(&targets).log_odds(inputs.clone()), before);
        targets[0] = !targets[0];
        assert_ne!(fitted(&targets).log_odds(inputs.clone()), before);
    }

    #[test]
    fn a_fit_ends_after_so_many_steps() {
        let (inputs, targets) = same_sign(3);
        let network = training(&inputs, &targets, &[1.0; 3], 1_000_000).fit(task_rng(5, "network", &[]));
        assert!(network.log_odds(inputs).iter().all(|log_odds| log_odds.is_finite()));
    }
}
