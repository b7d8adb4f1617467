//! A feed-forward network for two classes, with rectified linear units, fitted by Adam (Kingma and Ba 2015) on log loss. The
//! learning rate falls to 0 along half a cosine (Loshchilov and Hutter 2017), and weights decay apart from the gradient
//! (Loshchilov and Hutter 2019).

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, Zip};
use rand::seq::SliceRandom;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::boosting::loss::{baseline, sigmoid};

/// Rows whose mean gradient makes one step.
const BATCH_ROWS: usize = 512;
/// The minimum and the maximum number of steps of a fit, whatever the number of passes over the rows.
const STEPS: [usize; 2] = [300, 10_000];
/// The learning rate of the first step.
const LEARNING_RATE: f32 = 2e-3;
/// Coefficient of the weight decay, which is multiplied by the learning rate.
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

    /// Sets the log odds that the last layer starts from.
    fn set_prior(&mut self, log_odds: f32) {
        if let Some(last) = self.layers.last_mut() {
            last.biases.fill(log_odds);
        }
    }

    /// The log odds of each row of `inputs`.
    pub(super) fn log_odds(&self, inputs: ArrayView2<f32>) -> Array1<f32> {
        let mut outputs: Option<Array2<f32>> = None;
        for (index, layer) in self.layers.iter().enumerate() {
            let mut of_layer = match &outputs {
                Some(outputs) => layer.outputs(outputs.view()),
                None => layer.outputs(inputs),
            };
            self.rectify(index, &mut of_layer);
            outputs = Some(of_layer);
        }
        outputs.map_or_else(|| Array1::zeros(0), |last| last.index_axis(Axis(1), 0).to_owned())
    }

    /// Replaces negative outputs of a hidden layer by 0.
    fn rectify(&self, layer: usize, outputs: &mut Array2<f32>) {
        if layer + 1 < self.layers.len() {
            outputs.mapv_inplace(|value| value.max(0.0));
        }
    }

    /// The inputs, then the outputs of each layer; the last ones are the log odds.
    fn activations(&self, inputs: Array2<f32>) -> Vec<Array2<f32>> {
        let mut activations = vec![inputs];
        for (index, layer) in self.layers.iter().enumerate() {
            let mut outputs = layer.outputs(activations[index].view());
            self.rectify(index, &mut outputs);
            activations.push(outputs);
        }
        activations
    }

    /// Writes the derivatives of the loss by weights and biases to `gradients`, from those by the log odds.
    fn backpropagate(&self, activations: &[Array2<f32>], output_gradients: Array2<f32>, gradients: &mut [Layer]) {
        let mut output_gradients = output_gradients;
        for index in (0..self.layers.len()).rev() {
            let inputs = &activations[index];
            general_mat_mul(1.0, &inputs.t(), &output_gradients, 0.0, &mut gradients[index].weights);
            gradients[index].biases.assign(&output_gradients.sum_axis(Axis(0)));
            if index > 0 {
                let mut input_gradients = Array2::zeros(inputs.raw_dim());
                general_mat_mul(1.0, &output_gradients, &self.layers[index].weights.t(), 0.0, &mut input_gradients);
                Zip::from(&mut input_gradients).and(inputs).for_each(|input_gradient, &input| {
                    if input <= 0.0 {
                        *input_gradient = 0.0;
                    }
                });
                output_gradients = input_gradients;
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
    /// Passes over all rows, in [`STEPS`] steps.
    pub epochs: usize,
}

impl<F: Fn(&[u32]) -> Array2<f32>> NetworkTraining<'_, F> {
    /// Fits a network; the generator gives the first weights and the order of the rows.
    pub(super) fn fit(&self, mut rng: ChaCha8Rng) -> Network {
        let sizes = [&[self.width], self.hidden_layer_sizes, &[1]].concat();
        let mut network = Network::random(&sizes, &mut rng);
        network.set_prior(self.prior());
        let mut adam = Adam::new(&network);
        let mut gradients: Vec<Layer> = adam.means.clone();
        let mut order: Vec<u32> = (0..self.targets.len() as u32).collect();
        let steps = self.steps();
        while adam.steps < steps {
            order.shuffle(&mut rng);
            for batch in order.chunks(BATCH_ROWS).take(steps - adam.steps) {
                let activations = network.activations((self.inputs)(batch));
                let output_gradients = self.output_gradients(batch, &activations[activations.len() - 1]);
                network.backpropagate(&activations, output_gradients, &mut gradients);
                let angle = std::f32::consts::PI * adam.steps as f32 / steps as f32;
                adam.step(&mut network, &gradients, LEARNING_RATE * 0.5 * (1.0 + angle.cos()));
            }
        }
        network
    }

    fn steps(&self) -> usize {
        let passes = self.epochs.saturating_mul(self.targets.len().div_ceil(BATCH_ROWS));
        passes.clamp(STEPS[0], STEPS[1])
    }

    /// The log odds of the positive class by the weights of the rows, which are of both classes.
    fn prior(&self) -> f32 {
        let mut of_class = [0.0; 2];
        for (&target, &weight) in self.targets.iter().zip(self.weights) {
            of_class[usize::from(target)] += f64::from(weight);
        }
        baseline(of_class[0], of_class[1]) as f32
    }

    /// The derivatives of the mean loss of a batch by the log odds of its rows.
    fn output_gradients(&self, batch: &[u32], log_odds: &Array2<f32>) -> Array2<f32> {
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
            let log_odds = network.log_odds(inputs.view());
            let row = |row: usize| f64::from(weights[row]) * log_loss(f64::from(log_odds[row]), targets[row]);
            (0..40).map(row).sum::<f64>() / 40.0
        };
        let rows: Vec<u32> = (0..40).collect();
        let activations = network.activations(inputs.clone());
        let mut gradients: Vec<Layer> = Adam::new(&network).means;
        network.backpropagate(&activations, fit.output_gradients(&rows, &activations[3]), &mut gradients);
        let step = 1e-3_f32;
        for (layer, gradients) in gradients.iter().enumerate() {
            for at in [[0, 0], [1, 0]] {
                let value = network.layers[layer].weights[at];
                let at_value = |network: &mut Network, value| {
                    network.layers[layer].weights[at] = value;
                    loss(network)
                };
                let change = at_value(&mut network, value + step) - at_value(&mut network, value - step);
                at_value(&mut network, value);
                let (found, expected) = (f64::from(gradients.weights[at]), change / f64::from(2.0 * step));
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
        let log_odds = network.log_odds(array![[0.5, 0.5], [-0.5, 0.5], [0.5, -0.5], [-0.5, -0.5]].view());
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
        let before = fitted(&targets).log_odds(inputs.view());
        targets.iter_mut().skip(1).step_by(2).for_each(|target| *target = !*target);
        assert_eq!(fitted(&targets).log_odds(inputs.view()), before);
        targets[0] = !targets[0];
        assert_ne!(fitted(&targets).log_odds(inputs.view()), before);
    }

    #[test]
    fn the_number_of_steps_has_bounds() {
        let (inputs, targets) = same_sign(1025);
        let steps = |epochs| training(&inputs, &targets, &[], epochs).steps();
        assert_eq!([steps(1), steps(200), steps(1_000_000)], [300, 600, 10_000]);
    }

    /// Of few rows, a tenth of which are positive, the mean probability is a tenth.
    #[test]
    fn a_fit_to_few_rows_has_the_share_of_positives() {
        let (inputs, _) = same_sign(200);
        let targets: Vec<bool> = (0..200).map(|row| row % 10 == 0).collect();
        let network = training(&inputs, &targets, &[1.0; 200], 1).fit(task_rng(5, "network", &[]));
        let sum: f64 = network.log_odds(inputs.view()).iter().map(|&log_odds| sigmoid(f64::from(log_odds))).sum();
        assert!((sum / 200.0 - 0.1).abs() < 0.02, "{}", sum / 200.0);
    }
}
