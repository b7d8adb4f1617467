//! How much each member of a blend counts.

use ndarray::ArrayView2;

use crate::boosting::{log_loss, sigmoid};
use crate::checks::check_weights;
use crate::{Result, TreesError};

/// What half the sum of squared weights, in standard deviations of the margins, adds to the mean log loss. It makes the weights unique
/// where members agree, and finite where they part the classes.
const RIDGE: f64 = 1e-6;
/// The weights are found once no derivative that could still fall exceeds this.
const TOLERANCE: f64 = 1e-12;
/// Where rounding hides what a step gains, this must hold.
const LAST_TOLERANCE: f64 = 1e-6;
/// Most Newton steps; a few are enough.
const MAX_STEPS: usize = 100;
/// A weight below this that would fall further is held at 0 in a step (Bertsekas 1982).
const NEAR_ZERO: f64 = 1e-3;

/// Weights of the members of a [`Blend`](crate::Blend).
#[derive(Clone, Debug, PartialEq)]
pub struct BlendWeights {
    /// What is added to the weighted sum of the margins.
    pub intercept: f64,
    /// One a member, at least 0.
    pub weights: Vec<f64>,
    /// Each member's weight times the standard deviation of its margins, as shares of their sum: how much of the blend it moves. They
    /// add up to 1, or are all 0 if all weights are.
    pub shares: Vec<f64>,
    /// Mean log loss of the weighted sum, in nats a row, by sample weight.
    pub log_loss: f64,
}

/// Finds the weights of the members of a [`Blend`](crate::Blend) by `margins` (rows × members; see
/// [`MemberModel::margins`](crate::MemberModel::margins)) of rows that the members were not fitted to. `targets` are true for rows of the
/// positive class. `sample_weights` are at least 0, one a row; `None` for 1 each.
///
/// The weights minimise the mean log loss under the condition that none is negative; the intercept is free. That is a convex
/// problem, solved by Newton steps projected onto the condition (Bertsekas 1982, "Projected Newton methods for optimization
/// problems with simple constraints") until no derivative exceeds 1e-12. Half the sum of squared weights in units of the margins'
/// standard deviations counts 1e-6 times, so that there is one solution where members agree or part the classes. A member
/// whose margins are all the same gets the weight 0.
///
/// ```
/// use hitflop_trees::fit_weights;
/// use ndarray::array;
///
/// // The second member is right as often as not.
/// let margins = array![[-1.0, 0.4], [0.5, -0.3], [-0.7, -0.3], [1.2, 0.4], [0.1, 0.2], [-0.1, 0.2]];
/// let found = fit_weights(margins.view(), &[false, false, false, true, true, true], None)?;
/// assert!(found.weights[0] > 1.0 && found.weights[1] >= 0.0);
/// # Ok::<(), hitflop_trees::TreesError>(())
/// ```
///
/// # Errors
/// There is no row or no member, not one target or weight a row, a weight is negative or not finite (named by row), a margin is not
/// finite (named by row and member), or the rows of a weight above 0 are of one class.
pub fn fit_weights(margins: ArrayView2<f64>, targets: &[bool], sample_weights: Option<&[f32]>) -> Result<BlendWeights> {
    let problem = BlendProblem::new(margins, targets, sample_weights)?;
    let (mut at, mut last) = (problem.start(), f64::INFINITY);
    for _ in 0..MAX_STEPS {
        let slope = problem.slope(&at);
        let excess = slope.excess(&at);
        // Near the minimum rounding hides what further steps gain.
        let is_last = excess <= LAST_TOLERANCE && excess > last / 2.0;
        if excess <= TOLERANCE || is_last {
            return Ok(problem.weights(&at));
        }
        last = excess;
        match problem.step(&at, &slope) {
            Some(next) => at = next,
            None if excess <= LAST_TOLERANCE => return Ok(problem.weights(&at)),
            None => break,
        }
    }
    Err(TreesError::NotConverged { steps: MAX_STEPS, slope: problem.slope(&at).excess(&at) })
}

/// Margins in standard deviations from their mean, so that all weights are of one size.
struct BlendProblem<'a> {
    /// Row by row, the constant 1 of the intercept last.
    rows: Vec<Vec<f64>>,
    targets: &'a [bool],
    /// As shares of their sum.
    sample_weights: Vec<f64>,
    means: Vec<f64>,
    /// 0 of a member whose margins are all the same.
    deviations: Vec<f64>,
}

/// First and second derivatives of the loss.
struct BlendSlope {
    gradient: Vec<f64>,
    hessian: Vec<Vec<f64>>,
}

impl BlendSlope {
    /// By how much the conditions of a minimum are missed: the greatest derivative, but for those of weights of 0 that would fall.
    fn excess(&self, at: &[f64]) -> f64 {
        let members = at.len() - 1;
        let of = |(index, (&weight, &slope)): (usize, (&f64, &f64))| match index < members {
            // How far a step against the slope goes without leaving the weights that are allowed.
            true => (weight - (weight - slope).max(0.0)).abs(),
            false => slope.abs(),
        };
        at.iter().zip(&self.gradient).enumerate().map(of).fold(0.0, f64::max)
    }
}

impl<'a> BlendProblem<'a> {
    fn new(margins: ArrayView2<f64>, targets: &'a [bool], sample_weights: Option<&[f32]>) -> Result<BlendProblem<'a>> {
        check_margins(margins, targets, sample_weights)?;
        let weights: Vec<f64> = match sample_weights {
            Some(weights) => weights.iter().map(|&weight| f64::from(weight)).collect(),
            None => vec![1.0; targets.len()],
        };
        check_classes(targets, &weights)?;
        let total: f64 = weights.iter().sum();
        let sample_weights: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
        let mean = |values: &mut dyn Iterator<Item = f64>| -> f64 {
            values.zip(&sample_weights).map(|(value, weight)| value * weight).sum()
        };
        let columns = || margins.columns().into_iter();
        let means: Vec<f64> = columns().map(|column| mean(&mut column.iter().copied())).collect();
        let deviation = |(column, &middle): (ndarray::ArrayView1<f64>, &f64)| {
            let deviation = mean(&mut column.iter().map(|&margin| (margin - middle).powi(2))).sqrt();
            // What rounding leaves of equal numbers is no spread.
            if deviation > 1e-12 * middle.abs() {
                deviation
            } else {
                0.0
            }
        };
        let deviations: Vec<f64> = columns().zip(&means).map(deviation).collect();
        let row = |row: ndarray::ArrayView1<f64>| {
            let scaled = row.iter().zip(means.iter().zip(&deviations));
            let scaled = scaled.map(|(&margin, (mean, &deviation))| match deviation > 0.0 {
                true => (margin - mean) / deviation,
                false => 0.0,
            });
            scaled.chain([1.0]).collect()
        };
        let rows = margins.rows().into_iter().map(row).collect();
        Ok(BlendProblem { rows, targets, sample_weights, means, deviations })
    }

    /// No member, and the intercept of the share of positives.
    fn start(&self) -> Vec<f64> {
        let weighted = self.targets.iter().zip(&self.sample_weights);
        let positives: f64 = weighted.filter(|(&target, _)| target).map(|(_, weight)| weight).sum();
        let mut at = vec![0.0; self.means.len()];
        at.push((positives / (1.0 - positives)).ln());
        at
    }

    fn loss(&self, at: &[f64]) -> f64 {
        let mut sum = 0.0;
        for ((row, &target), weight) in self.rows.iter().zip(self.targets).zip(&self.sample_weights) {
            sum += weight * log_loss(dot(row, at), target);
        }
        sum
    }

    /// The loss and what the squares of the weights add to it.
    fn objective(&self, at: &[f64]) -> f64 {
        let members = &at[..at.len() - 1];
        self.loss(at) + RIDGE / 2.0 * dot(members, members)
    }

    fn slope(&self, at: &[f64]) -> BlendSlope {
        let variables = at.len();
        let (mut gradient, mut hessian) = (vec![0.0; variables], vec![vec![0.0; variables]; variables]);
        for ((row, &target), weight) in self.rows.iter().zip(self.targets).zip(&self.sample_weights) {
            let probability = sigmoid(dot(row, at));
            let first = weight * (probability - f64::from(target));
            let second = weight * probability * (1.0 - probability);
            for (one, &value) in row.iter().enumerate() {
                gradient[one] += first * value;
                for (other, &other_value) in row.iter().enumerate().take(one + 1) {
                    hessian[one][other] += second * value * other_value;
                }
            }
        }
        for member in 0..variables - 1 {
            gradient[member] += RIDGE * at[member];
            hessian[member][member] += RIDGE;
        }
        BlendSlope { gradient, hessian }
    }

    /// A Newton step that lowers the objective; `None` if there is none.
    fn step(&self, at: &[f64], slope: &BlendSlope) -> Option<Vec<f64>> {
        let members = at.len() - 1;
        let near_zero = slope.excess(at).min(NEAR_ZERO);
        let is_held =
            |variable: usize| variable < members && at[variable] <= near_zero && slope.gradient[variable] > 0.0;
        let (held, free): (Vec<usize>, Vec<usize>) = (0..at.len()).partition(|&variable| is_held(variable));
        let direction = newton_direction(slope, &free);
        let objective = self.objective(at);
        let mut length = 1.0;
        while length > 1e-12 {
            let mut next = at.to_vec();
            held.iter().for_each(|&variable| next[variable] = 0.0);
            for (&variable, step) in free.iter().zip(&direction) {
                next[variable] += length * step;
                if variable < members {
                    next[variable] = next[variable].max(0.0);
                }
            }
            let fall: f64 =
                slope.gradient.iter().zip(at.iter().zip(&next)).map(|(slope, (from, to))| slope * (from - to)).sum();
            // So near the minimum that rounding hides the gain, a step is taken all the same.
            if fall > 0.0 && self.objective(&next) <= objective * (1.0 + f64::EPSILON) - 1e-4 * fall {
                return Some(next);
            }
            length /= 2.0;
        }
        None
    }

    /// In the units of the margins.
    fn weights(&self, at: &[f64]) -> BlendWeights {
        let (scaled, intercept) = (&at[..at.len() - 1], at[at.len() - 1]);
        let unscaled = |(&weight, &deviation): (&f64, &f64)| if deviation > 0.0 { weight / deviation } else { 0.0 };
        let weights: Vec<f64> = scaled.iter().zip(&self.deviations).map(unscaled).collect();
        let total: f64 = scaled.iter().sum();
        let shares = scaled.iter().map(|weight| if total > 0.0 { weight / total } else { 0.0 }).collect();
        BlendWeights { intercept: intercept - dot(&weights, &self.means), weights, shares, log_loss: self.loss(at) }
    }
}

/// The step to the minimum of the quadratic approximation in these variables: the Hessian, which is positive definite, by Cholesky's
/// decomposition.
fn newton_direction(slope: &BlendSlope, variables: &[usize]) -> Vec<f64> {
    let count = variables.len();
    let mut lower = vec![vec![0.0; count]; count];
    for row in 0..count {
        for column in 0..=row {
            // The variables ascend, and the Hessian's lower half is known.
            let entry = slope.hessian[variables[row]][variables[column]];
            let rest = entry - dot(&lower[row][..column], &lower[column][..column]);
            // Rounding may leave nothing of a pivot; then the step is short in this variable.
            lower[row][column] = if row == column { rest.max(1e-300).sqrt() } else { rest / lower[column][column] };
        }
    }
    let mut solution = vec![0.0; count];
    for row in 0..count {
        let known = dot(&lower[row][..row], &solution[..row]);
        solution[row] = (-slope.gradient[variables[row]] - known) / lower[row][row];
    }
    for row in (0..count).rev() {
        let known: f64 = (row + 1..count).map(|other| lower[other][row] * solution[other]).sum();
        solution[row] = (solution[row] - known) / lower[row][row];
    }
    solution
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn check_margins(margins: ArrayView2<f64>, targets: &[bool], sample_weights: Option<&[f32]>) -> Result<()> {
    let (rows, members) = margins.dim();
    if targets.len() != rows {
        return Err(linfa::Error::MismatchedShapes(rows, targets.len()).into());
    }
    if members == 0 {
        return Err(TreesError::parameter("members", "expected at least one member", members));
    }
    check_weights(sample_weights, rows)?;
    match margins.indexed_iter().find(|(_, margin)| !margin.is_finite()) {
        None => Ok(()),
        Some(((row, member), &value)) => {
            Err(TreesError::Margin { row, member, rule: "expected a finite number".to_owned(), value })
        }
    }
}

/// Fails unless both classes have a row of a weight above 0.
fn check_classes(targets: &[bool], weights: &[f64]) -> Result<()> {
    let has = |class: bool| targets.iter().zip(weights).any(|(&target, &weight)| target == class && weight > 0.0);
    match usize::from(has(false)) + usize::from(has(true)) {
        2 => Ok(()),
        value => {
            let rule =
                "expected rows of both classes, of a weight above 0, to find the weights of a blend by".to_owned();
            Err(TreesError::TooFewRows { rule, value })
        }
    }
}
