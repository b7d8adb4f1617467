//! Trees that learn from networks.

use super::super::fit::{check_distilled_rows, BinnedDataset};
use super::*;

/// Three features, of which the probability is a smooth function, and a category that moves it; and these probabilities.
fn smooth(rows: usize, seed: u64) -> (Array2<f64>, Array1<bool>, Vec<f64>) {
    let mut rng = task_rng(seed, "smooth rows", &[]);
    let mut records = Array2::from_shape_fn((rows, 4), |_| rng.random_range(-1.0..1.0));
    records.column_mut(3).mapv_inplace(|value: f64| f64::from(u8::from(value > 0.0)));
    let log_odds = |row: ndarray::ArrayView1<f64>| 3.0 * (row[0] * row[1] + row[1] * row[2] + row[2] * row[3]);
    let probabilities: Vec<f64> = records.rows().into_iter().map(|row| sigmoid(log_odds(row))).collect();
    let targets = probabilities.iter().map(|&probability| rng.random::<f64>() < probability).collect();
    (records, targets, probabilities)
}

fn few_networks() -> Distillation {
    Distillation { networks: 2, hidden_layer_sizes: vec![16, 8], epochs: 5, copies: 2, shift: 0.1 }
}

fn distilled() -> GradientBoostingParams {
    symmetric().distillation(few_networks())
}

#[test]
fn distilled_trees_are_nearer_to_smooth_probabilities() {
    let (records, targets, _) = smooth(4000, 1);
    let (others, _, probabilities) = smooth(4000, 2);
    let rows = Dataset::new(records, targets);
    let error = |params: &GradientBoostingParams| {
        let found = params.fit(&rows).expect("a model").predict_proba(others.view());
        let squares = found.iter().zip(&probabilities).map(|(found, truth)| (found - truth) * (found - truth));
        squares.sum::<f64>() / probabilities.len() as f64
    };
    let teacher = Distillation { epochs: 60, ..few_networks() };
    let trees = |count: usize| GradientBoostingParams::new().n_estimators(count).learning_rate(0.1);
    let plain = [20, 40, 80, 160].map(|count| error(&trees(count))).into_iter().fold(f64::INFINITY, f64::min);
    let distilled = error(&trees(300).distillation(teacher));
    assert!(distilled < 0.8 * plain, "{distilled} and {plain}");
}

#[test]
fn distillation_does_not_depend_on_the_number_of_threads() {
    let [one, many] = [1, 4].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| fit(&distilled(), 1500))
    });
    assert_eq!(one, many);
    assert_ne!(one, fit(&symmetric(), 1500));
    assert_ne!(one, fit(&distilled().seed(3), 1500));
    assert_eq!(one.trees().trees().len(), 12);
}

#[test]
fn rows_of_one_class_have_no_networks() {
    let (records, _) = examples(50, 1);
    let rows = Dataset::new(records, Array1::from_elem(50, true));
    let model = distilled().fit(&rows).expect("a model");
    assert_eq!((model.trees().trees().len(), model.baseline()), (0, 101.0_f64.ln()));
}

/// Rows that are held out, and rows without a weight, teach neither networks nor trees.
#[test]
fn only_training_rows_are_distilled() {
    let (records, targets) = examples(1200, 1);
    let binning = Binning::fit(records.view(), 255);
    let binned = binning.transform(records.view());
    let held_out: Vec<usize> = (0..1200).step_by(5).collect();
    let weights: Vec<f32> = (0..1200).map(|row| if row % 7 == 3 { 0.0 } else { 1.0 }).collect();
    let fitted = |targets: &[bool], weights: &[f32]| {
        let rows = BinnedDataset {
            binning: &binning,
            records: &binned,
            targets,
            weights: Some(weights),
            validation: Some(&held_out),
        };
        distilled().check().expect("legal").fit_binned(rows).expect("a model")
    };
    let mut changed = targets.to_vec();
    for row in (0..1200).filter(|row| row % 5 == 0 || row % 7 == 3) {
        changed[row] = !changed[row];
    }
    let [model, of_changed] = [&targets.to_vec(), &changed].map(|targets| fitted(targets, &weights));
    assert_eq!(model.trees(), of_changed.trees());
    let kept = (0..1200).filter(|row| row % 5 != 0 && row % 7 != 3).count() as u64;
    assert!(
        rows_in_leaves(model.trees()).iter().all(|rows| rows.iter().sum::<u64>() == 3 * kept),
        "training rows and copies"
    );
}

/// The loss that is followed is that of the classes of the held-out rows, not of the networks' probabilities.
#[test]
fn the_loss_of_the_classes_is_followed() {
    let (records, targets) = examples(2000, 1);
    let binning = Binning::fit(records.view(), 255);
    let held_out: Vec<usize> = (0..2000).step_by(4).collect();
    let rows = BinnedDataset {
        binning: &binning,
        records: &binning.transform(records.view()),
        targets: &targets.to_vec(),
        weights: None,
        validation: Some(&held_out),
    };
    let stopping = EarlyStopping { validation_share: 0.2, rounds: 5 };
    let params = distilled().n_estimators(400).learning_rate(0.3).early_stopping(stopping);
    let model = params.check().expect("legal").fit_binned(rows).expect("a model");
    let count = model.trees().trees().len();
    assert!((1..400).contains(&count), "{count}");
    let margins = model.log_odds(records.select(Axis(0), &held_out).view());
    let loss = margins.iter().zip(&held_out).map(|(&margin, &row)| log_loss(margin, targets[row])).sum::<f64>();
    let followed = model.validation_losses().expect("losses")[count];
    assert!((followed - loss / held_out.len() as f64).abs() < 1e-12, "{followed}");
}

#[test]
fn more_rows_than_can_be_counted_are_refused() {
    let error = check_distilled_rows(u32::MAX as usize / 2, 3, 0).expect_err("too many");
    assert_eq!(error.to_string(), r#"distillation.copies: expected 0 to 1 for 2147483647 training rows, found "3""#);
    assert!(check_distilled_rows(u32::MAX as usize / 4, 3, 3).is_ok());
    assert!(check_distilled_rows(u32::MAX as usize / 4, 3, 4).is_err());
}
