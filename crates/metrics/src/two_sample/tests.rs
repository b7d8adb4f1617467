use proptest::prelude::*;
use rand::RngExt;

use super::resampling::LANES;
use super::*;
use crate::seed::Seed;

const A: [f64; 24] = [
    0.034, 1.36, 1.225, -0.51, -0.298, -0.527, 0.57, -0.056, 0.747, -1.847, 1.567, -0.096, 0.68, -0.137, -0.379, 0.463,
    0.825, -0.203, -0.153, 0.686, -0.87, -1.514, 0.395, -0.671,
];
const B: [f64; 17] = [
    -2.088, -0.54, -0.055, -1.07, -1.489, 0.651, 1.856, 0.274, -0.441, 1.139, 1.604, 0.18, 1.363, 2.06, 0.31, -0.539,
    1.087,
];
const COUNTS_A: [f64; 30] = [
    2., 3., 4., 0., 3., 1., 0., 2., 2., 2., 2., 0., 4., 4., 3., 1., 5., 4., 4., 3., 2., 3., 1., 1., 2., 3., 3., 1., 3.,
    3.,
];
const COUNTS_B: [f64; 25] =
    [5., 4., 5., 7., 4., 8., 8., 6., 4., 6., 5., 1., 5., 5., 6., 3., 2., 3., 9., 6., 7., 6., 5., 3., 10.];

/// Every row in a group of its own.
fn alone(rows: [usize; 2]) -> [Vec<u32>; 2] {
    [(0..rows[0] as u32).collect(), (rows[0] as u32..(rows[0] + rows[1]) as u32).collect()]
}

fn refs<T>(tables: &[Vec<T>; 2]) -> [&[T]; 2] {
    [&tables[0], &tables[1]]
}

fn quantity(a: &[f64], b: &[f64]) -> DistanceEstimates {
    let groups = alone([a.len(), b.len()]);
    let bootstrap = ClusterBootstrap::new(refs(&groups), 40, 1);
    TwoSamples::compare(&[TwoSamples::of_quantity([a, b], refs(&groups), &bootstrap)], &bootstrap)[0]
}

fn categories(a: &[f64], b: &[f64]) -> DistanceEstimates {
    let groups = alone([a.len(), b.len()]);
    let bootstrap = ClusterBootstrap::new(refs(&groups), 40, 1);
    TwoSamples::compare(&[TwoSamples::of_categories([a, b], refs(&groups), &bootstrap)], &bootstrap)[0]
}

fn value(distance: Option<MeasuredDistance>) -> f64 {
    distance.map_or(f64::NAN, |distance| distance.value)
}

/// `scipy.stats.ks_2samp(a, b).statistic` and `scipy.stats.wasserstein_distance(a, b)` of SciPy 1.17, to 1e-12; the standard deviation
/// and the PSI over `numpy.quantile(a, [0.1, …, 0.9])` are NumPy's.
#[test]
fn distances_are_scipys() {
    let found = quantity(&A, &B);
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    close(value(found.kolmogorov_smirnov), 0.227_941_176_470_588_23);
    close(value(found.wasserstein), 0.367_561_274_509_804);
    close(value(found.wasserstein_in_deviations), 0.367_561_274_509_804 / 0.843_932_512_198_059_3);
    close(value(found.psi), 2.698_713_144_586_401);
    let found = quantity(&COUNTS_A, &COUNTS_B);
    close(value(found.kolmogorov_smirnov), 0.646_666_666_666_666_6);
    close(value(found.wasserstein), 2.953_333_333_333_334);
}

#[test]
fn the_index_is_that_found_by_hand() {
    let (a, b) = ([[0.0; 6].as_slice(), &[1.0; 4]].concat(), [[0.0; 3].as_slice(), &[1.0; 7]].concat());
    let found = categories(&a, &b);
    // (0.3 − 0.6) ln(0.3 / 0.6) + (0.7 − 0.4) ln(0.7 / 0.4)
    assert!((value(found.psi) - 0.3 * (2f64.ln() + 1.75f64.ln())).abs() < 1e-12, "{found:?}");
    // One degree of freedom, ten rows a table.
    assert!(found.psi_by_chance.is_some_and(|chance| (chance - 0.2).abs() < 1e-12), "{found:?}");
    assert_eq!((found.kolmogorov_smirnov, found.wasserstein), (None, None), "categories have no order");
    // A category that the reference lacks, and rows without a value, are bins: shares of 0 are taken as 0.0001.
    let b = [[0.0; 3].as_slice(), &[1.0; 4], &[2.0; 1], &[f64::NAN; 2]].concat();
    let expected = 0.3 * 2f64.ln() + (0.1 - 1e-4) * (0.1f64 / 1e-4).ln() + (0.2 - 1e-4) * (0.2f64 / 1e-4).ln();
    assert!((value(categories(&a, &b).psi) - expected).abs() < 1e-12);
}

#[test]
fn a_table_is_at_no_distance_from_itself() {
    let values = [A.to_vec(), A.to_vec()];
    let artists: Vec<u32> = (0..24).map(|row| row / 2).collect();
    let groups = [artists.clone(), artists];
    let bootstrap = ClusterBootstrap::new(refs(&groups), 100, 1);
    let samples = [
        TwoSamples::of_quantity(refs(&values), refs(&groups), &bootstrap),
        TwoSamples::of_categories(refs(&values), refs(&groups), &bootstrap),
    ];
    for found in TwoSamples::compare(&samples, &bootstrap) {
        for distance in [found.psi, found.kolmogorov_smirnov, found.wasserstein].into_iter().flatten() {
            let interval = distance.interval.expect("twelve artists");
            assert_eq!((distance.value, interval.low, interval.high), (0.0, 0.0, 0.0));
        }
    }
}

#[test]
fn a_value_that_all_rows_have_is_told_from_others() {
    let found = quantity(&[5.0; 20], &[3.0; 20]);
    // One bin loses all, another gains all: twice (1 − 0.0001) ln 10,000.
    assert!((value(found.psi) - 2.0 * (1.0 - 1e-4) * 1e4f64.ln()).abs() < 1e-9, "{found:?}");
    assert_eq!((value(found.kolmogorov_smirnov), value(found.wasserstein)), (1.0, 2.0));
    assert_eq!(found.wasserstein_in_deviations, None, "the reference has no spread");
    assert_eq!(value(quantity(&[5.0; 20], &[5.0; 20]).psi), 0.0);
}

#[test]
fn what_is_not_defined_is_none() {
    let nothing = |found: DistanceEstimates| {
        [found.psi, found.kolmogorov_smirnov, found.wasserstein, found.wasserstein_in_deviations] == [None; 4]
    };
    assert!(nothing(quantity(&A, &B[..9])), "nine rows");
    assert!(nothing(quantity(&[], &[])));
    assert!(nothing(quantity(&[f64::NAN; 20], &[f64::NAN; 20])), "no value");
    // Missing in one table: the rows without a value are a bin.
    let found = quantity(&A, &[f64::NAN; 20]);
    assert!(value(found.psi) > 9.0 && found.kolmogorov_smirnov.is_none(), "{found:?}");
    // A gap beyond all numbers.
    let far: Vec<f64> = (0..20).map(|row| if row % 2 == 0 { -1.7e308 } else { 1.7e308 }).collect();
    let mostly_low = [[-1.7e308; 19].as_slice(), &[1.7e308]].concat();
    assert_eq!(quantity(&far, &mostly_low).wasserstein, None);
    // One group is resampled in one way only.
    let groups = [vec![0; A.len()], vec![1; B.len()]];
    let bootstrap = ClusterBootstrap::new(refs(&groups), 40, 1);
    let samples = [TwoSamples::of_quantity([&A, &B], refs(&groups), &bootstrap)];
    assert!(TwoSamples::compare(&samples, &bootstrap)[0].psi.is_some_and(|psi| psi.interval.is_none()));
}

/// Groups of five rows share an effect, as tracks of an artist do.
fn clustered(groups: usize, shift: f64, task: u64) -> Vec<f64> {
    let mut rng = Seed(5).rng("two-sample test", &[task]);
    let mut normal = || (0..12).map(|_| rng.random_range(0.0..1.0)).sum::<f64>() - 6.0;
    (0..groups)
        .flat_map(|_| {
            let effect = 0.6 * normal();
            std::array::from_fn::<f64, 5, _>(|_| effect + 0.8 * normal() + shift)
        })
        .collect()
}

/// Of two samples of one distribution the distance is 0, and of two unit normal distributions 0.8 apart it is 0.311 (Kolmogorov-Smirnov)
/// and 0.8 (Wasserstein). 95 % intervals are to contain the true value in most of 40 repetitions.
#[test]
fn intervals_contain_the_true_distance() {
    let groups = [0, 100].map(|first| (0..500).map(|row| first + row / 5).collect::<Vec<u32>>());
    let bootstrap = ClusterBootstrap::new(refs(&groups), 200, 3);
    let mut covered = [[0; 2]; 2];
    for repetition in 0..40 {
        for (case, (shift, truth)) in [(0.0, [0.0, 0.0]), (0.8, [0.311, 0.8])].into_iter().enumerate() {
            let tables = [clustered(100, 0.0, 2 * repetition), clustered(100, shift, 2 * repetition + 1)];
            let sample = TwoSamples::of_quantity(refs(&tables), refs(&groups), &bootstrap);
            let found = TwoSamples::compare(&[sample], &bootstrap)[0];
            for (which, distance) in [found.kolmogorov_smirnov, found.wasserstein].into_iter().enumerate() {
                let interval = distance.and_then(|distance| distance.interval).expect("a hundred groups");
                let truth = truth[which];
                covered[case][which] += u32::from(interval.low <= truth + 0.01 && truth <= interval.high + 0.01);
            }
        }
    }
    assert!(covered.iter().flatten().all(|&times| times >= 32), "{covered:?}");
}

#[test]
fn shares_are_those_of_the_rows_and_their_interval_that_of_the_binomial() {
    let properties = [
        (0..1000).map(|row| Some(row % 10 < 3)).collect::<Vec<_>>(),
        (0..500).map(|row| (row > 0).then_some(row % 2 == 0)).collect(),
    ];
    let groups = alone([1000, 500]);
    let bootstrap = ClusterBootstrap::new(refs(&groups), 1000, 1);
    let found = GroupedShare::new(refs(&properties), refs(&groups), &bootstrap).compare(&bootstrap);
    assert_eq!((found.reference, found.current), (Some(0.3), Some(249.0 / 499.0)));
    let interval = found.interval.expect("many rows");
    let expected = 2.0 * 1.96 * (0.3f64 * 0.7 / 1000.0 + 0.25 / 499.0).sqrt();
    assert!(((interval.high - interval.low) / expected - 1.0).abs() < 0.1, "{interval:?}, {expected}");
    let unknown = [vec![None; 1000], properties[1].clone()];
    let found = GroupedShare::new(refs(&unknown), refs(&groups), &bootstrap).compare(&bootstrap);
    assert_eq!((found.reference, found.difference(), found.interval), (None, None, None));
}

proptest! {
    /// A group that counts twice is the same as all its rows repeated.
    #[test]
    fn weighted_distances_are_those_of_repeated_rows(
        rows in prop::collection::vec((0u32..6, any::<bool>(), prop::option::weighted(0.8, -3i8..4)), 1..60),
        times in prop::collection::vec(0i32..4, 6),
    ) {
        let table = |current: bool, times: &[i32]| -> (Vec<f64>, Vec<u32>) {
            let own = rows.iter().filter(|(_, is_current, _)| *is_current == current);
            own.flat_map(|&(group, _, value)| {
                let row = (value.map_or(f64::NAN, f64::from), group);
                std::iter::repeat_n(row, times[group as usize] as usize)
            })
            .unzip()
        };
        let once = [table(false, &[1; 6]), table(true, &[1; 6])];
        let repeated = [table(false, &times), table(true, &times)];
        let bootstrap = ClusterBootstrap::new([&once[0].1, &once[1].1], 8, 1);
        let weights: Vec<_> = times.iter().map(|&times| [times; LANES]).take(bootstrap.rows().len()).collect();
        let all = ClusterBootstrap::new([&repeated[0].1, &repeated[1].1], 8, 1);
        let ones = vec![[1; LANES]; all.rows().len()];
        // The bins of a quantity are those of the reference, of which there is another one here.
        for (of, from) in [(TwoSamples::of_categories as fn([_; 2], [_; 2], &_) -> _, 0), (TwoSamples::of_quantity, 1)] {
            let weighted = of([&once[0].0, &once[1].0], [&once[0].1, &once[1].1], &bootstrap);
            let plain = of([&repeated[0].0, &repeated[1].0], [&repeated[0].1, &repeated[1].1], &all);
            let (weighted, plain) = (weighted.distances(&weights, &bootstrap)[0], plain.distances(&ones, &all)[0]);
            for which in from..3 {
                let same = weighted[which].is_nan() && plain[which].is_nan();
                prop_assert!(same || (weighted[which] - plain[which]).abs() < 1e-9, "{which}: {weighted:?} {plain:?}");
            }
        }
    }
}
