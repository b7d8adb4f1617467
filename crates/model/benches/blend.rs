//! scratch
use hitflop_metrics::scores::roc_auc;
use hitflop_metrics::split::Folds;
use hitflop_trees::*;
use linfa::prelude::*;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use rows::{read, splits};
use std::error::Error;
use std::time::Instant;
mod rows;

fn member(spec: &str, seed: u64) -> MemberParams {
    let p: Vec<&str> = spec.split(':').collect();
    match p[0] {
        "sym" => GradientBoostingParams::new()
            .seed(seed)
            .symmetric(true)
            .num_leaves(None)
            .n_estimators(p[1].parse().unwrap())
            .max_depth(Some(p[2].parse().unwrap()))
            .learning_rate(p[3].parse().unwrap())
            .l2_regularization(3.0)
            .colsample_bytree(0.7)
            .subsample(0.8)
            .into(),
        "leaf" => GradientBoostingParams::new()
            .seed(seed)
            .n_estimators(p[1].parse().unwrap())
            .num_leaves(Some(p[2].parse().unwrap()))
            .learning_rate(p[3].parse().unwrap())
            .l2_regularization(5.0)
            .colsample_bytree(0.6)
            .subsample(0.8)
            .into(),
        "et" => {
            let f = RandomForestParams::extra_trees()
                .seed(seed)
                .n_estimators(p[1].parse().unwrap())
                .min_samples_leaf(p[2].parse().unwrap());
            let f = if p.len() > 3 { f.max_features(MaxFeatures::Fraction(p[3].parse().unwrap())) } else { f };
            f.into()
        }
        "rf" => RandomForestParams::new()
            .seed(seed)
            .n_estimators(p[1].parse().unwrap())
            .min_samples_leaf(p[2].parse().unwrap())
            .into(),
        _ => panic!(),
    }
}
fn fit(m: &MemberParams, x: ArrayView2<f64>, y: ArrayView1<bool>) -> MemberModel {
    let d = DatasetBase::new(x, y);
    match m {
        MemberParams::DecisionTree(p) => p.fit(&d).unwrap().into(),
        MemberParams::RandomForest(p) => p.fit(&d).unwrap().into(),
        MemberParams::GradientBoosting(p) => p.fit(&d).unwrap().into(),
    }
}
fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let data = read(&std::env::var("HITFLOP_DATA")?)?;
    let which: Vec<usize> = args[0].split(',').map(|s| s.parse().unwrap()).collect();
    let specs = &args[1..];
    let n = specs.len();
    let mut sums = vec![[0.0; 3]; n + 1];
    let mut ws = vec![0.0; n];
    for &s in &which {
        let all = splits();
        let (tr, te) = &all[s];
        let (train, test) = (data.select(tr), data.select(te));
        let (ty, truth) = (train.targets().to_vec(), test.targets().to_vec());
        let folds = Folds::stratified(&ty, 3, 1)?;
        let mut oof = Array2::zeros((ty.len(), n));
        let mut out = Array2::zeros((truth.len(), n));
        for (k, spec) in specs.iter().enumerate() {
            let m = member(spec, s as u64 + 10 * k as u64);
            for f in 0..3 {
                let sp = folds.split(f);
                let (a, b) = (train.select(&sp.train), train.select(&sp.test));
                let model = fit(&m, a.records(), a.targets());
                for (r, v) in sp.test.iter().zip(model.margins(b.records())) {
                    oof[[*r, k]] = v;
                }
            }
            let t = Instant::now();
            let model = fit(&m, train.records(), train.targets());
            sums[k][2] += t.elapsed().as_secs_f64();
            out.column_mut(k).assign(&model.margins(test.records()));
        }
        let w = fit_weights(oof.view(), &ty, None)?;
        let mut score = |k: usize, z: &[f64], cut: f64| {
            let acc = z.iter().zip(&truth).filter(|(z, t)| (**z > cut) == **t).count() as f64 / truth.len() as f64;
            sums[k][0] += acc;
            sums[k][1] += roc_auc(&truth, z).unwrap();
        };
        for k in 0..n {
            let z: Vec<f64> = out.column(k).to_vec();
            let cut = if specs[k].starts_with("et") || specs[k].starts_with("rf") { 0.5 } else { 0.0 };
            score(k, &z, cut);
        }
        let z: Array1<f64> = out.dot(&Array1::from(w.weights.clone())) + w.intercept;
        score(n, &z.to_vec(), 0.0);
        for k in 0..n {
            ws[k] += w.shares[k];
        }
    }
    let c = which.len() as f64;
    for k in 0..=n {
        println!(
            "{:24} accuracy {:.4} auc {:.4} fit {:.1}s share {:.2}",
            if k < n { specs[k].as_str() } else { "blend" },
            sums[k][0] / c,
            sums[k][1] / c,
            sums[k][2] / c,
            if k < n { ws[k] / c } else { 1.0 }
        );
    }
    Ok(())
}
