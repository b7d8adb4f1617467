//! Sums over trees: a forest of deep trees and a boosting of small ones, for many rows and for one, and what comes before.
//!
//! `cargo bench -p hitflop-trees --bench predict`

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, BatchSize, Criterion, Throughput};
use hitflop_trees::codec::{decode, encode};
use hitflop_trees::{Leaves, Predictor, Tree, TreeNode, Trees};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const FEATURES: usize = 14;
const CUTS: usize = 254;
const ROWS: usize = 8192;

/// A shape and its size.
struct Ensemble {
    name: &'static str,
    trees: usize,
    leaves: usize,
}

const ENSEMBLES: [Ensemble; 2] = [
    Ensemble { name: "forest_100x4500", trees: 100, leaves: 4500 },
    Ensemble { name: "boosting_100x31", trees: 100, leaves: 31 },
];

/// Uniform from 0 to 1, as the cuts.
fn records() -> Array2<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    Array2::from_shape_simple_fn((ROWS, FEATURES), || rng.random())
}

/// Splits leaves at random, which gives a mean depth of about 2 ln(leaves), as that of grown trees.
fn trees(ensemble: &Ensemble) -> Trees {
    let cuts: Vec<f64> = (1..=CUTS).map(|cut| cut as f64 / (CUTS + 1) as f64).collect();
    let tree = |index: usize| {
        let mut rng = ChaCha8Rng::seed_from_u64(2 + index as u64);
        let mut nodes = vec![TreeNode::Leaf(0)];
        let mut leaves = vec![(0, [0; FEATURES], [CUTS as u16; FEATURES])];
        while leaves.len() < ensemble.leaves {
            let (split, from, to) = leaves.swap_remove(rng.random_range(0..leaves.len()));
            let feature = rng.random_range(0..FEATURES);
            if from[feature] == to[feature] {
                leaves.push((split, from, to));
                continue;
            }
            let cut = rng.random_range(from[feature]..to[feature]);
            let left = nodes.len();
            nodes[split] = TreeNode::split(feature, cut, rng.random(), left);
            nodes.extend([TreeNode::Leaf(0); 2]);
            let (mut to_left, mut from_right) = (to, from);
            to_left[feature] = cut;
            from_right[feature] = cut + 1;
            leaves.extend([(left, from, to_left), (left + 1, from_right, to)]);
        }
        for (leaf, (node, _, _)) in leaves.iter().enumerate() {
            nodes[*node] = TreeNode::Leaf(leaf as u32);
        }
        let counts = leaves.iter().map(|_| if rng.random() { [1 + rng.random_range(0..4), 0] } else { [0, 1] });
        Tree { nodes, leaves: Leaves::Frequencies(counts.collect()) }
    };
    Trees::new(vec![cuts; FEATURES], [1.0, 1.0], (0..ensemble.trees).map(tree).collect()).expect("trees")
}

fn predict(criterion: &mut Criterion) {
    let records = records();
    let row = records.row(0).to_vec();
    for ensemble in &ENSEMBLES {
        let trees = trees(ensemble);
        let predictor = Predictor::new(trees.clone());
        let bytes = encode(&trees);
        let mut group = criterion.benchmark_group(ensemble.name);
        group.sample_size(20);
        group.bench_function("new", |bencher| {
            bencher.iter_batched(|| trees.clone(), Predictor::new, BatchSize::PerIteration);
        });
        group.bench_function("sum_row", |bencher| bencher.iter(|| predictor.sum_row(black_box(&row))));
        group.bench_function("decode", |bencher| bencher.iter(|| decode(black_box(&bytes))));
        group.throughput(Throughput::Elements(ROWS as u64));
        group.bench_function("sum", |bencher| bencher.iter(|| predictor.sum(black_box(records.view()))));
        group.finish();
    }
}

criterion_group!(benches, predict);
criterion_main!(benches);
