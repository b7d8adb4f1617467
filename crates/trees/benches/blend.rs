//! Which members of a blend pay: scores of members and blends on divisions of rows into training and test rows.
//!
//! `cargo bench -p hitflop-trees --bench blend -- ROWS.csv CACHE_DIR [DIVISION,...] NAME={PARAMS} ...`
//!
//! `make_splits.py` writes ROWS.csv. A member is a name and its parameters as JSON: `ET={"random_forest":{"splitter":"random"}}`.
//! Weights are found on out-of-fold margins of five folds of the training rows: of whole artists where the division is by
//! artists, else of single rows. Margins are kept in CACHE_DIR, so that other sets of members are scored in a moment.
//!
//! Prints a table: ROC AUC and accuracy of each member and of the blend of all, without each member in turn, and the mean weights
//! and shares; means over the divisions at random and over those by artists. Test rows choose nothing. The accuracy is that at a
//! probability of one half.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Instant;

use hitflop_trees::{fit_weights, Blend, BlendWeights, GradientBoosting, MemberParams};
use linfa::{Dataset, ParamGuard};
use ndarray::{Array1, Array2, Axis};

mod division;

use division::{roc_auc, DividedRows, Outcome};

const FOLDS: usize = 5;

/// Training and test rows, and the folds of the former.
struct Division {
    name: String,
    train: Dataset<f64, bool, ndarray::Ix1>,
    test: Array2<f64>,
    truth: Vec<bool>,
    folds: Vec<usize>,
}

impl Division {
    fn new(table: &DividedRows, name: &str) -> Outcome<Division> {
        let (train, test) = table.parts(name)?;
        let (target, group) = (table.column("target")?, table.column("group")?);
        let by_artist = name.starts_with("grouped");
        let unit = |row: usize| if by_artist { group[row] as u64 } else { row as u64 };
        // A hash spreads neighbours over the folds.
        let fold =
            |&row: &usize| (unit(row).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % FOLDS;
        let truth = |rows: &[usize]| -> Vec<bool> { rows.iter().map(|&row| target[row] == 1.0).collect() };
        Ok(Division {
            name: name.to_owned(),
            train: Dataset::new(table.records(&train), Array1::from(truth(&train))),
            test: table.records(&test),
            truth: truth(&test),
            folds: train.iter().map(fold).collect(),
        })
    }

    /// Out-of-fold margins of the training rows, and margins of the test rows.
    fn margins(&self, cache: &Path, params: &MemberParams) -> Outcome<(Vec<f64>, Vec<f64>)> {
        let mut hasher = DefaultHasher::new();
        serde_json::to_string(params)?.hash(&mut hasher);
        let file: PathBuf = cache.join(format!("{}-{:016x}.margins", self.name, hasher.finish()));
        let rows = self.folds.len();
        if let Ok(bytes) = std::fs::read(&file) {
            let mut margins: Vec<f64> =
                bytes.chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().expect("eight"))).collect();
            let test = margins.split_off(rows);
            return Ok((margins, test));
        }
        let start = Instant::now();
        let blend = Blend::params().member(params.clone()).folds(self.folds.clone()).check()?;
        let held_out = blend.out_of_fold_margins(&self.train)?.into_raw_vec_and_offset().0;
        let alone = BlendWeights { intercept: 0.0, weights: vec![1.0], shares: vec![1.0], log_loss: 0.0 };
        let fitted = Instant::now();
        let model = blend.fit_members(&self.train, &alone)?;
        let seconds = (fitted - start, fitted.elapsed());
        let test = model.log_odds(self.test.view()).to_vec();
        let bytes: Vec<u8> = held_out.iter().chain(&test).flat_map(|margin| margin.to_le_bytes()).collect();
        std::fs::create_dir_all(cache)?;
        std::fs::write(file, bytes)?;
        eprintln!("{}: folds {:.1?}, fit {:.1?}", self.name, seconds.0, seconds.1);
        Ok((held_out, test))
    }
}

/// Margins of all members of one division: of the training rows and of the test rows, rows × members.
struct Margins {
    held_out: Array2<f64>,
    test: Array2<f64>,
}

/// ROC AUC, accuracy, and weights and shares of the members.
struct BlendScores {
    roc_auc: f64,
    accuracy: f64,
    weights: BlendWeights,
}

/// The blend of some members.
fn scores(division: &Division, margins: &Margins, members: &[usize]) -> Outcome<BlendScores> {
    let held_out = margins.held_out.select(Axis(1), members);
    let weights = fit_weights(held_out.view(), &division.train.targets.to_vec(), None)?;
    let test = margins.test.select(Axis(1), members);
    let log_odds = test.dot(&Array1::from(weights.weights.clone())) + weights.intercept;
    let right = |(log_odds, &truth): (&f64, &bool)| {
        usize::from((GradientBoosting::probability_of_log_odds(*log_odds) > 0.5) == truth)
    };
    let accuracy = log_odds.iter().zip(&division.truth).map(right).sum::<usize>() as f64 / division.truth.len() as f64;
    Ok(BlendScores { roc_auc: roc_auc(&division.truth, &log_odds.to_vec()), accuracy, weights })
}

/// Mean scores of some members over divisions, as cells of a table.
fn cells(divisions: &[&(Division, Margins)], members: &[usize]) -> Outcome<String> {
    if divisions.is_empty() {
        return Ok(" | ".to_owned());
    }
    let mut sums = [0.0; 2];
    for (division, margins) in divisions {
        let scores = scores(division, margins, members)?;
        sums = [sums[0] + scores.roc_auc, sums[1] + scores.accuracy];
    }
    let count = divisions.len() as f64;
    Ok(format!("{:.5} | {:.5}", sums[0] / count, sums[1] / count))
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [rows, cache, rest @ ..] = &arguments[..] else {
        // `cargo bench` of all benchmarks gives no rows.
        println!("blend: give ROWS.csv CACHE_DIR [DIVISION,...] NAME={{PARAMS}} ...");
        return Ok(());
    };
    let table = DividedRows::read(Path::new(rows))?;
    let (divisions, members): (Vec<&String>, Vec<&String>) = rest.iter().partition(|text| !text.contains('='));
    let divisions: Vec<String> = match divisions[..] {
        [] => table.divisions(),
        [names, ..] => names.split(',').map(str::to_owned).collect(),
    };
    let mut named = Vec::new();
    for member in members {
        let (name, params) = member.split_once('=').expect("partitioned by it");
        named.push((name, serde_json::from_str::<MemberParams>(params)?));
    }
    let mut done = Vec::new();
    for name in &divisions {
        let division = Division::new(&table, name)?;
        let mut margins = Margins {
            held_out: Array2::zeros((division.folds.len(), named.len())),
            test: Array2::zeros((division.truth.len(), named.len())),
        };
        for (member, (_, params)) in named.iter().enumerate() {
            let (held_out, test) = division.margins(Path::new(cache), params)?;
            margins.held_out.column_mut(member).assign(&Array1::from(held_out));
            margins.test.column_mut(member).assign(&Array1::from(test));
        }
        done.push((division, margins));
    }
    report(&done, &named.iter().map(|(name, _)| *name).collect::<Vec<_>>())
}

fn report(done: &[(Division, Margins)], names: &[&str]) -> Outcome<()> {
    let of = |prefix: &str| done.iter().filter(|(division, _)| division.name.starts_with(prefix)).collect::<Vec<_>>();
    let (random, grouped) = (of("random"), of("grouped"));
    println!("| members | random: ROC AUC | accuracy | by artists: ROC AUC | accuracy |\n|---|---|---|---|---|");
    let row = |title: &str, members: &[usize]| -> Outcome<()> {
        println!("| {title} | {} | {} |", cells(&random, members)?, cells(&grouped, members)?);
        Ok(())
    };
    let all: Vec<usize> = (0..names.len()).collect();
    for member in &all {
        row(names[*member], &[*member])?;
    }
    row("all", &all)?;
    for without in all.iter().filter(|_| names.len() > 2) {
        let others: Vec<usize> = all.iter().copied().filter(|member| member != without).collect();
        row(&format!("all but {}", names[*without]), &others)?;
    }
    println!("\n| member | mean weight: random | mean share | by artists: weight | share |\n|---|---|---|---|---|");
    for (member, name) in names.iter().enumerate() {
        let mut cells = Vec::new();
        for divisions in [&random, &grouped] {
            let mut sums = [0.0; 2];
            for (division, margins) in divisions {
                let weights = scores(division, margins, &all)?.weights;
                sums = [sums[0] + weights.weights[member], sums[1] + weights.shares[member]];
            }
            cells.extend(sums.map(|sum| format!("{:.3}", sum / divisions.len() as f64)));
        }
        println!("| {name} | {} |", cells.join(" | "));
    }
    Ok(())
}
