//! From binned rows to trees.

use rand::Rng;
use rayon::prelude::*;

use super::bag;
use super::counts::{Counts, PackedRow, Row, WideRow};
use super::criterion::{Entropy, Gini, Impurity, PlainGini};
use super::draws::{Stream, Urn};
use super::histogram::{fill, Histogram, WIDTH};
use super::params::{ClassWeight, Criterion, MaxSamples, RandomForestValidParams};
use super::records::Blocks;
use super::splitting::{Rule, Split};
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::learn::tree::binning::{BinnedRecords, Binning, MISSING_BIN};
use crate::learn::tree::{frequency, Leaves, Node, Tree, Trees, MOST_FEATURES};
use crate::seed::Seed;

/// A tree, and what only its growing could tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Grown {
    /// The tree. Cuts are those of the binning; one more, past the last, where all numbers go left and missing values right.
    pub tree: Tree,
    /// Training rows of each node, a row drawn twice counted once: what `min_samples_split` counts.
    pub rows: Vec<u32>,
    /// Decrease of impurity by feature, times the weight of the rows, as shares of their sum.
    pub importances: Vec<f64>,
}

/// Most training rows.
const MOST_ROWS: usize = (1 << 31) - 1;

/// Everything that the trees of a forest share.
pub struct Grower<'a> {
    params: RandomForestValidParams,
    binned: &'a BinnedRecords,
    blocks: Blocks,
    binning: &'a Binning,
    /// Rows in use, ascending.
    used: Vec<u32>,
    hits: Vec<bool>,
    /// Whole numbers in proportion to the sample weights, row by row; `None` if all are 1.
    weights: Option<Vec<u64>>,
    class_weights: [f64; 2],
    /// Rows drawn for each tree.
    draws: usize,
    max_features: usize,
}

impl<'a> Grower<'a> {
    /// Checks and prepares what the trees share. A row of weight 0 is not used; no weights mean 1 each.
    ///
    /// # Errors
    /// A parameter is not legal; there is no row of a weight above 0, no feature, more than 2,147,483,647 rows or 32,768
    /// features; a weight is negative or not finite; `max_samples` exceeds the rows; the lengths disagree.
    pub fn new(
        params: &RandomForestValidParams,
        binned: &'a BinnedRecords,
        binning: &'a Binning,
        targets: &[bool],
        weights: Option<&[f32]>,
    ) -> Result<Grower<'a>> {
        params.validate()?;
        let rows = binned.rows();
        check_shape(rows, binned.features(), targets.len(), weights)?;
        let hits = targets.to_vec();
        let is_used = |row: &u32| weights.is_none_or(|weights| weights[*row as usize] > 0.0);
        let used: Vec<u32> = (0..rows as u32).filter(is_used).collect();
        if used.is_empty() {
            return Err(refused(Reason::TooFewRows, "expected at least one row of a weight above 0", 0));
        }
        let draws = draws(params.max_samples(), used.len())?;
        let weights = weights.and_then(|weights| whole_weights(weights, draws.max(used.len())));
        let class_weights = class_weights(params.class_weight(), &used, &hits);
        let max_features = params.max_features().of(binned.features());
        let blocks = Blocks::new(binned);
        Ok(Grower { params: *params, binned, blocks, binning, used, hits, weights, class_weights, draws, max_features })
    }

    /// Weights of a flop and of a hit.
    pub fn class_weights(&self) -> [f64; 2] {
        self.class_weights
    }

    pub(super) fn binned(&self) -> &BinnedRecords {
        self.binned
    }

    pub(super) fn used(&self) -> &[u32] {
        &self.used
    }

    pub(super) fn hits(&self) -> &[bool] {
        &self.hits
    }

    /// The trees of these indices. A tree depends on its index, never on which others are grown.
    pub fn grow(&self, indices: std::ops::Range<usize>) -> Vec<Grown> {
        let weight = if self.params.bootstrap() { self.draws } else { self.used.len() };
        if self.weights.is_none() && PackedRow::fits(self.binned.rows(), weight as u64) {
            self.grow_of::<PackedRow>(indices)
        } else {
            self.grow_of::<WideRow>(indices)
        }
    }

    fn grow_of<R: Row>(&self, indices: std::ops::Range<usize>) -> Vec<Grown> {
        match self.params.criterion() {
            Criterion::Gini if self.class_weights == [1.0, 1.0] => self.grow_by::<R, _>(indices, &PlainGini),
            Criterion::Gini => self.grow_by::<R, _>(indices, &Gini::new(self.class_weights)),
            Criterion::Entropy => self.grow_by::<R, _>(indices, &Entropy::new(self.class_weights)),
        }
    }

    fn grow_by<R: Row, I: Impurity>(&self, indices: std::ops::Range<usize>, impurity: &I) -> Vec<Grown> {
        let workspace = || Workspace::<R>::new(self.binned);
        let grow = |workspace: &mut Workspace<R>, index| self.tree(workspace, index, impurity);
        indices.into_par_iter().map_init(workspace, grow).collect()
    }

    fn tree<R: Row, I: Impurity>(&self, workspace: &mut Workspace<R>, index: usize, impurity: &I) -> Grown {
        self.draw_rows(index, workspace);
        let rule =
            Rule { impurity, min_samples_leaf: u32::try_from(self.params.min_samples_leaf()).unwrap_or(u32::MAX) };
        let mut growth = Growth::new(self, rule, workspace);
        growth.grow(self.streams(index)[1]);
        growth.finish()
    }

    /// The stream that draws a tree's rows, and that of its root.
    fn streams(&self, index: usize) -> [Stream; 2] {
        let mut rng = Seed(self.params.seed()).rng("tree", &[index as u64]);
        [Stream::new(rng.next_u64()), Stream::new(rng.next_u64())]
    }

    /// How often each used row is drawn for a tree.
    pub(super) fn draw_times(&self, index: usize, times: &mut Vec<u32>) {
        if self.params.bootstrap() {
            let [mut stream, _] = self.streams(index);
            bag::draw(self.used.len(), self.draws, &mut stream, times);
        } else {
            times.clear();
            times.resize(self.used.len(), 1);
        }
    }

    fn draw_rows<R: Row>(&self, index: usize, workspace: &mut Workspace<R>) {
        self.draw_times(index, &mut workspace.times);
        workspace.rows.clear();
        workspace.rows.resize(self.used.len(), R::default());
        let mut drawn = 0;
        for (&row, &times) in self.used.iter().zip(&workspace.times) {
            let row = row as usize;
            let weight = self.weights.as_ref().map_or(1, |weights| weights[row]);
            // Written over by the next one unless it was drawn: a branch would be foretold wrongly for every third row.
            workspace.rows[drawn] = R::new(row, u64::from(times) * weight, self.hits[row]);
            drawn += usize::from(times > 0);
        }
        workspace.rows.truncate(drawn);
        workspace.right.resize(workspace.rows.len(), R::default());
    }
}

/// Grows the trees that a fit with `params` would grow, on records that were binned before. `weights` are the rows' (`None`: 1
/// each; a row of weight 0 is not used). The result does not depend on the number of threads.
///
/// # Errors
/// As [`Grower::new`].
pub fn grow(
    params: &RandomForestValidParams,
    binned: &BinnedRecords,
    binning: &Binning,
    targets: &[bool],
    weights: Option<&[f32]>,
) -> Result<Vec<Grown>> {
    Ok(Grower::new(params, binned, binning, targets, weights)?.grow(0..params.n_estimators()))
}

/// Trees as they were grown over `binning`, in the common form. A feature whose missing values part from all numbers somewhere
/// gets one cut more, [`f64::MAX`], which no number exceeds.
///
/// # Errors
/// The trees were not grown over `binning`.
pub fn assemble(binning: Binning, class_weights: [f64; 2], trees: Vec<Tree>) -> Result<Trees> {
    let mut cuts = binning.into_cuts();
    let regular: Vec<usize> = cuts.iter().map(Vec::len).collect();
    for node in trees.iter().flat_map(|tree| &tree.nodes) {
        if let Node::Split { feature, cut, .. } = *node {
            let feature = usize::from(feature);
            if regular.get(feature) == Some(&usize::from(cut)) && cuts[feature].len() == regular[feature] {
                cuts[feature].push(f64::MAX);
            }
        }
    }
    Trees::new(cuts, class_weights, trees)
        .map_err(|error| Error::Failed(format!("the grown forest is invalid: {error}")))
}

/// What a thread needs to grow one tree after another.
struct Workspace<R: Row> {
    times: Vec<u32>,
    /// The rows of all nodes; those of a node stand together.
    rows: Vec<R>,
    /// Rows that go right, while a node is parted.
    right: Vec<R>,
    urn: Urn,
    drawn: Vec<u16>,
    histograms: [Histogram<R>; WIDTH],
    bins: Vec<(u8, R::Sum)>,
    pending: Vec<Pending>,
}

impl<R: Row> Workspace<R> {
    fn new(binned: &BinnedRecords) -> Workspace<R> {
        Workspace {
            times: Vec::new(),
            rows: Vec::new(),
            right: Vec::new(),
            urn: Urn::new(binned.features()),
            drawn: Vec::with_capacity(binned.features()),
            histograms: std::array::from_fn(|_| Histogram::new()),
            bins: Vec::with_capacity(256),
            pending: Vec::new(),
        }
    }
}

/// A node that may be split.
#[derive(Clone, Copy)]
struct Pending {
    node: usize,
    /// Its rows are `rows[start..end]`.
    start: usize,
    end: usize,
    depth: usize,
    counts: Counts,
    stream: Stream,
    /// A bit for each of the first 64 features that is known not to vary here.
    constant: u64,
}

/// A tree while it grows.
struct Growth<'a, R: Row, I> {
    grower: &'a Grower<'a>,
    rule: Rule<'a, I>,
    workspace: &'a mut Workspace<R>,
    nodes: Vec<Node>,
    rows: Vec<u32>,
    leaves: Vec<Counts>,
    decreases: Vec<f64>,
}

impl<'a, R: Row, I: Impurity> Growth<'a, R, I> {
    fn new(grower: &'a Grower<'a>, rule: Rule<'a, I>, workspace: &'a mut Workspace<R>) -> Growth<'a, R, I> {
        let decreases = vec![0.0; grower.binned.features()];
        Growth { grower, rule, workspace, nodes: Vec::new(), rows: Vec::new(), leaves: Vec::new(), decreases }
    }

    fn grow(&mut self, stream: Stream) {
        let end = self.workspace.rows.len();
        let counts =
            self.workspace.rows.iter().map(|row| R::counts(row.sum())).fold(Counts::default(), |sum, row| sum + row);
        self.push(counts);
        self.queue(Pending { node: 0, start: 0, end, depth: 0, counts, stream, constant: 0 });
        while let Some(pending) = self.workspace.pending.pop() {
            self.divide(pending);
        }
    }

    /// A node whose kind is not known yet.
    fn push(&mut self, counts: Counts) {
        self.nodes.push(Node::Leaf(0));
        self.rows.push(counts.rows);
    }

    fn close(&mut self, node: usize, counts: Counts) {
        self.nodes[node] = Node::Leaf(self.leaves.len() as u32);
        self.leaves.push(counts);
    }

    fn may_split(&self, depth: usize, counts: Counts) -> bool {
        let params = &self.grower.params;
        let rows = counts.rows as usize;
        params.max_depth().is_none_or(|most| depth < most)
            && rows >= params.min_samples_split()
            && rows / 2 >= params.min_samples_leaf()
            && !counts.is_pure()
    }

    fn queue(&mut self, pending: Pending) {
        if self.may_split(pending.depth, pending.counts) {
            self.workspace.pending.push(pending);
        } else {
            self.close(pending.node, pending.counts);
        }
    }

    fn divide(&mut self, mut parent: Pending) {
        let streams = parent.stream.children();
        let Some(split) = self.best_split(&mut parent) else {
            return self.close(parent.node, parent.counts);
        };
        let cut = self.cut(&split);
        let (left, right) = (split.left, parent.counts - split.left);
        let missing_left = split.missing_left.unwrap_or(left.weight > right.weight);
        let children = self.nodes.len();
        self.nodes[parent.node] =
            Node::Split { feature: split.feature, cut: u16::from(cut), missing_left, left: children as u32 };
        self.decreases[usize::from(split.feature)] += self.rule.impurity.decrease(split.score, parent.counts);
        self.push(left);
        self.push(right);
        let depth = parent.depth + 1;
        let middle = parent.start + left.rows as usize;
        let constant = parent.constant;
        let below = |node, start, end, counts, stream| Pending { node, start, end, depth, counts, stream, constant };
        if self.may_split(depth, left) || self.may_split(depth, right) {
            self.part(&parent, &split, cut);
        }
        // The left child is taken first, from the top of the stack.
        self.queue(below(children + 1, middle, parent.end, right, streams[1]));
        self.queue(below(children, parent.start, middle, left, streams[0]));
    }

    /// The best split by the features drawn; more are drawn until one of them varies.
    fn best_split(&mut self, parent: &mut Pending) -> Option<Split> {
        let mut best = None;
        let mut varies = self.try_features(parent, self.grower.max_features, &mut best);
        while !varies && self.workspace.urn.left() > 0 {
            varies = self.try_features(parent, 1, &mut best);
        }
        self.workspace.urn.refill();
        best
    }

    /// Draws `number` features and puts the best split into `best`; whether one of the features varies.
    fn try_features(&mut self, parent: &mut Pending, number: usize, best: &mut Option<Split>) -> bool {
        let Workspace { rows, urn, drawn, histograms, bins, .. } = &mut *self.workspace;
        let rows = &rows[parent.start..parent.end];
        drawn.clear();
        for _ in 0..number {
            let feature = urn.draw(&mut parent.stream);
            drawn.extend(feature.filter(|&feature| parent.constant & bit(feature) == 0));
        }
        let mut varies = false;
        for drawn in drawn.chunks(WIDTH) {
            let mut columns = [self.grower.blocks.column(0); WIDTH];
            columns.iter_mut().zip(drawn).for_each(|(column, &feature)| *column = self.grower.blocks.column(feature));
            fill(histograms, rows, &columns[..drawn.len()]);
            for (&feature, histogram) in drawn.iter().zip(&mut *histograms) {
                histogram.drain(rows.len(), bins);
                if bins.len() < 2 {
                    parent.constant |= bit(feature);
                } else {
                    varies = true;
                    self.rule.improve::<R>(best, feature, bins, parent.counts);
                }
            }
        }
        varies
    }

    /// The cut nearest to the middle between the bins on both sides.
    fn cut(&self, split: &Split) -> u8 {
        let cuts = self.grower.binning.cuts(usize::from(split.feature));
        if split.high == MISSING_BIN {
            return cuts.len() as u8;
        }
        let (low, last) = (usize::from(split.low), usize::from(split.high) - 1);
        let middle = cuts[low] / 2.0 + cuts[last] / 2.0;
        let above = low + cuts[low..last].partition_point(|&cut| cut < middle);
        let below = above.max(low + 1) - 1;
        if middle - cuts[below] < cuts[above] - middle {
            below as u8
        } else {
            above as u8
        }
    }

    /// Puts the rows that go left before those that go right; both keep their order.
    fn part(&mut self, parent: &Pending, split: &Split, cut: u8) {
        let column = self.grower.blocks.column(split.feature);
        let Workspace { rows, right, .. } = &mut *self.workspace;
        let rows = &mut rows[parent.start..parent.end];
        let right = &mut right[..rows.len()];
        // Where missing values go left, their bin is turned from the last into the first.
        let shift = u8::from(split.missing_left == Some(true));
        let last = cut + shift;
        let (mut to_left, mut to_right) = (0, 0);
        for index in 0..rows.len() {
            let row = rows[index];
            let goes_left = column.bin(row.index()).wrapping_add(shift) <= last;
            rows[to_left] = row;
            right[to_right] = row;
            to_left += usize::from(goes_left);
            to_right += usize::from(!goes_left);
        }
        rows[to_left..].copy_from_slice(&right[..to_right]);
    }

    fn finish(self) -> Grown {
        let Growth { grower, nodes, rows, leaves, decreases: mut importances, .. } = self;
        let total: f64 = importances.iter().sum();
        if total > 0.0 {
            importances.iter_mut().for_each(|importance| *importance /= total);
        }
        let leaves = match grower.weights {
            // Fewer than 2^32 rows are drawn.
            None => Leaves::Frequencies(leaves.iter().map(|leaf| [leaf.flops() as u32, leaf.hits as u32]).collect()),
            Some(_) => Leaves::Values(leaves.iter().map(|leaf| (grower.value(leaf), leaf.rows)).collect()),
        };
        Grown { tree: Tree { nodes, leaves }, rows, importances }
    }
}

/// The bit of one of the first 64 features.
fn bit(feature: u16) -> u64 {
    1u64.checked_shl(u32::from(feature)).unwrap_or(0)
}

impl Grower<'_> {
    /// The share of hits, rows weighted.
    fn value(&self, leaf: &Counts) -> f64 {
        let hits = self.class_weights[1] * leaf.hits as f64;
        hits / (self.class_weights[0] * leaf.flops() as f64 + hits)
    }
}

fn refused(reason: Reason, rule: &str, value: impl ToString) -> Error {
    Error::input(Fault::new(Place::file("training rows"), reason, rule).found(value.to_string()))
}

fn check_shape(rows: usize, features: usize, targets: usize, weights: Option<&[f32]>) -> Result<()> {
    if targets != rows {
        return Err(linfa::Error::MismatchedShapes(rows, targets).into());
    }
    if rows == 0 {
        return Err(refused(Reason::TooFewRows, "expected at least one row", rows));
    }
    if rows > MOST_ROWS {
        return Err(refused(Reason::Setting, &format!("expected at most {MOST_ROWS} rows"), rows));
    }
    if features == 0 || features > MOST_FEATURES {
        return Err(refused(Reason::Setting, &format!("expected 1 to {MOST_FEATURES} features"), features));
    }
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != rows {
        return Err(linfa::Error::MismatchedShapes(rows, weights.len()).into());
    }
    match weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
        None => Ok(()),
        Some(row) => {
            let place = Place::file("sample weights").row(row as u64 + 1);
            let fault = Fault::new(place, Reason::NotFinite, "expected a finite number of at least 0");
            Err(Error::input(fault.found(weights[row].to_string())))
        }
    }
}

/// How many rows are drawn for a tree.
fn draws(max_samples: Option<MaxSamples>, rows: usize) -> Result<usize> {
    match max_samples {
        None => Ok(rows),
        Some(MaxSamples::Fraction(fraction)) => Ok(((fraction * rows as f64).round() as usize).max(1)),
        Some(MaxSamples::Number(number)) if number <= rows => Ok(number),
        Some(MaxSamples::Number(number)) => {
            let rule = format!("expected at most the number of rows, {rows}");
            Err(Error::input(Fault::new(Place::file("max_samples"), Reason::Setting, rule).found(number.to_string())))
        }
    }
}

/// Weights as whole numbers, the greatest as great as it may be for `rows` of them not to overflow; `None` if no two differ,
/// 0 aside, since then they change nothing. What is below 2^-30 of the greatest is coarsened, but never becomes 0.
fn whole_weights(weights: &[f32], rows: usize) -> Option<Vec<u64>> {
    let most = weights.iter().copied().fold(0.0, f32::max);
    if weights.iter().all(|&weight| weight == 0.0 || weight == most) {
        return None;
    }
    let scale = (1u64 << (62 - rows.ilog2())) as f64 / f64::from(most);
    let whole = |&weight: &f32| if weight > 0.0 { ((f64::from(weight) * scale) as u64).max(1) } else { 0 };
    Some(weights.iter().map(whole).collect())
}

fn class_weights(class_weight: Option<ClassWeight>, used: &[u32], hits: &[bool]) -> [f64; 2] {
    match class_weight {
        None => [1.0, 1.0],
        Some(ClassWeight::Weights(weights)) => weights,
        Some(ClassWeight::Balanced) => {
            let hits = used.iter().filter(|&&row| hits[row as usize]).count();
            let classes = [used.len() - hits, hits];
            let present = classes.iter().filter(|&&rows| rows > 0).count();
            // A class that does not occur has a weight that nothing multiplies.
            classes.map(|rows| if rows > 0 { used.len() as f64 / (present * rows) as f64 } else { 1.0 })
        }
    }
}

/// The share of hits in a leaf.
pub(super) fn leaf_value(class_weights: [f64; 2], leaves: &Leaves, leaf: usize) -> f64 {
    match leaves {
        Leaves::Frequencies(leaves) => frequency(class_weights, leaves[leaf]),
        Leaves::Values(leaves) => leaves[leaf].0,
    }
}
