//! A small report made by hand, for the tests of what is made of a report.

use super::{Provenance, Report};
use hitflop_core::fingerprint::Fingerprint;
use hitflop_core::track::{Decade, Feature, Label, TARGET};
use hitflop_data::explore::correlation::CorrelationMatrix;
use hitflop_data::explore::mutual_information::{Estimate, MutualInformation};
use hitflop_data::explore::selection::{Dropped, FeatureSelection};
use hitflop_data::explore::summary::{Distribution, GroupMean, GroupSummary, Summary};
use hitflop_data::ingest::quality::{OutOfRange, Quality};
use hitflop_metrics::bootstrap::{ConfidenceInterval, ScoreIntervals};
use hitflop_metrics::split::{GroupFigures, SizeClass};
use hitflop_model::dataset::duplicates::{DuplicateFigures, Duplicates};
use hitflop_model::estimator::{EstimatorKind, EstimatorParams};
use hitflop_model::evaluation::{Confusion, Evaluation, Importance, RocPoint, Scores};
use hitflop_model::fixtures::{self, params};
use hitflop_model::param_value::ParamValue;
use hitflop_model::selection::cross_validation::CrossValidation;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::hold_out::HoldOut;
use hitflop_model::selection::leaderboard::{Baseline, ChoiceReason, Cost, Leaderboard, LeaderboardRow};
use hitflop_model::selection::search::boosting::{BoostingSearch, HalvingRound, SearchCandidate};
use hitflop_model::selection::search::grid::{GridPoint, GridSearch};
use hitflop_model::validation::cross_decade::CrossDecadeScores;
use hitflop_model::validation::leakage::{
    self, ArtistEncoding, ColumnKind, ColumnScores, EncodedScores, HeldOutScores, Leakage, SingleScore, SpellingFeature,
};
use hitflop_model::validation::learning_curve::{CurvePoint, LearningCurve};
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::{
    DecadeScores, SchemeComparison, SchemeFit, SchemeScores, ScoreSummary, ValidationBudget, ValidationScheme,
};

/// A group with these means and standard deviations; every other feature is 1 ± 1.
pub fn group(decade: Option<Decade>, label: Option<Label>, rows: u64, given: &[(Feature, f64, f64)]) -> GroupSummary {
    let means = Feature::ALL.map(|feature| {
        let (mean, std) = given.iter().find(|one| one.0 == feature).map_or((1.0, 1.0), |one| (one.1, one.2));
        GroupMean { feature, mean, std, half_width: 1.96 * std / (rows as f64).sqrt() }
    });
    GroupSummary { decade, label, rows, means: means.to_vec() }
}

pub fn decade(year: i32) -> Decade {
    Decade::from_year(year).expect("a decade of the tests is one")
}

/// Two decades of 1,000 hits and 1,000 flops each. Hits are less instrumental, ever more so; energy changes its sign;
/// the sections repeat the duration; nothing else differs.
pub fn report() -> Report {
    Report {
        provenance: provenance(),
        quality: Quality {
            unique_uris: 3_990,
            rows_beyond_first_per_uri_and_decade: 1,
            uri_and_decade_with_both_labels: 1,
            uris_in_several_decades: 9,
            uris_with_both_labels: 2,
            rows_whose_15_audio_values_occur_elsewhere: 40,
            artists: 1_500,
            share_of_artists_with_one_label: 0.994,
            share_of_rows_by_artists_with_one_label: 0.982,
        },
        out_of_range: vec![OutOfRange {
            feature: Feature::Tempo,
            range: Feature::Tempo.info().range,
            rows: 1,
            least: 0.0,
            greatest: 0.0,
        }],
        summary: summary(),
        pearson: correlations(0.89),
        spearman: correlations(0.75),
        mutual_information: mutual_information(),
        densities: Vec::new(),
        selection: FeatureSelection {
            max_correlation: 0.8,
            min_mutual_information: 0.0,
            kept: Feature::ALL.into_iter().filter(|feature| *feature != Feature::Sections).collect(),
            dropped: vec![Dropped::Correlated {
                feature: Feature::Sections,
                kept: Feature::DurationMs,
                correlation: 0.89,
                nats: 0.03,
                kept_nats: 0.05,
            }],
        },
        evaluation: Some(evaluation()),
        comparison: None,
        explanations: None,
        probabilities: Some(fixtures::probabilities()),
        assessment: None,
    }
}

/// The same with three models compared, both searches done, and the best of the models for the final one, explained, and its recipe
/// assessed.
pub fn compared() -> Report {
    let comparison = comparison();
    Report {
        evaluation: Some(comparison.contenders[comparison.chosen].evaluation.clone()),
        comparison: Some(comparison),
        explanations: Some(super::charts::fixture::explanations(&[decade(1960), decade(1970)])),
        assessment: Some(assessment()),
        ..report()
    }
}

fn provenance() -> Provenance {
    let source = |year: i32| Fingerprint {
        name: format!("dataset-of-{}s.csv", decade(year).tag()),
        decades: vec![decade(year)],
        rows: 2_000,
        bytes: 250_000,
        sha256: "0123456789abcdef".repeat(4),
    };
    Provenance {
        version: "0.1.0".to_owned(),
        command: "run".to_owned(),
        seed: 42,
        simulated: false,
        sources: vec![source(1960), source(1970)],
        rejected: Vec::new(),
        data: vec!["data".to_owned()],
        settings: vec![("lenient".to_owned(), "false".to_owned()), ("max-correlation".to_owned(), "0.8".to_owned())],
    }
}

fn summary() -> Summary {
    let (hit, flop) = (Some(Label::Hit), Some(Label::Flop));
    let of = |year: Option<i32>, label, rows, instrumentalness, energy| {
        let given = [(Feature::Instrumentalness, instrumentalness, 0.25), (Feature::Energy, energy, 0.25)];
        group(year.map(decade), label, rows, &given)
    };
    let describe = Feature::ALL.iter().map(|feature| feature.name()).chain([TARGET]).map(|name| Distribution {
        name: name.to_owned(),
        count: 4_000,
        mean: 1.0,
        std: 1.0,
        min: -2.0,
        q25: 0.25,
        q50: 0.5,
        q75: 0.75,
        max: 5.0,
    });
    Summary {
        rows: 4_000,
        describe: describe.collect(),
        overall: of(None, None, 4_000, 0.175, 0.5),
        by_decade: vec![of(Some(1960), None, 2_000, 0.15, 0.5), of(Some(1970), None, 2_000, 0.2, 0.5)],
        by_label: vec![of(None, flop, 2_000, 0.3, 0.5), of(None, hit, 2_000, 0.05, 0.5)],
        by_decade_and_label: vec![
            of(Some(1960), flop, 1_000, 0.25, 0.45),
            of(Some(1960), hit, 1_000, 0.05, 0.55),
            of(Some(1970), flop, 1_000, 0.35, 0.55),
            of(Some(1970), hit, 1_000, 0.05, 0.45),
        ],
    }
}

/// Every correlation is 0.01 but that of duration and sections, and NaN for the decade.
fn correlations(of_sections: f64) -> CorrelationMatrix {
    let names: Vec<String> =
        Feature::ALL.iter().map(|feature| feature.name()).chain([TARGET]).map(str::to_owned).collect();
    let (duration, sections) = (Feature::DurationMs as usize, Feature::Sections as usize);
    let value = |i: usize, j: usize| match (i.min(j), i.max(j)) {
        (i, j) if i == j => 1.0,
        (i, j) if (i, j) == (duration, sections) => of_sections,
        (i, j) if i == Feature::Decade as usize || j == Feature::Decade as usize => f64::NAN,
        (i, j) if i == Feature::Instrumentalness as usize && j == names.len() - 1 => -0.4,
        _ => 0.01,
    };
    let values = (0..names.len()).map(|i| (0..names.len()).map(|j| value(i, j)).collect()).collect();
    CorrelationMatrix { names, values }
}

fn mutual_information() -> MutualInformation {
    let estimate = |feature: Feature| Estimate {
        feature,
        discrete: false,
        nats: match feature {
            Feature::Instrumentalness => 0.1,
            Feature::Energy => 0.02,
            _ => 0.001,
        },
        draw_std: 0.0005,
        null_mean: 0.001,
        null_q95: 0.003,
        // The least that 40 permutations can give, or in the midst of them.
        p_value: if matches!(feature, Feature::Instrumentalness | Feature::Energy) { 1.0 / 41.0 } else { 0.5 },
    };
    let estimates = Feature::ALL.map(estimate).to_vec();
    MutualInformation { neighbours: 3, draws: 8, permutations: 40, all_continuous: estimates.clone(), mixed: estimates }
}

fn evaluation() -> Evaluation {
    let point = |x, y, threshold| RocPoint { false_positive_rate: x, true_positive_rate: y, threshold };
    Evaluation {
        params: params(EstimatorKind::Tree, &[("max_depth", "7"), ("min_samples_leaf", "2")]),
        hold_out: HoldOut::default(),
        train_rows: 3_200,
        test_rows: 800,
        features: Feature::AUDIO.to_vec(),
        threshold: 0.5,
        scores: scores(0.75, 0.8123),
        majority_accuracy: 0.5,
        confusion: Confusion { true_negatives: 270, false_positives: 130, false_negatives: 70, true_positives: 330 },
        roc: vec![point(0.0, 0.0, f64::INFINITY), point(0.3, 0.8, 0.5), point(1.0, 1.0, 0.0)],
        importances: vec![
            Importance { feature: Feature::Instrumentalness, share: 0.7 },
            Importance { feature: Feature::Energy, share: 0.3 },
            Importance { feature: Feature::Key, share: 0.0 },
        ],
    }
}

/// Scores of the same precision, recall and errors of the probability.
fn scores(accuracy: f64, roc_auc: f64) -> Scores {
    Scores {
        accuracy,
        precision: 0.7143,
        recall: 0.8333,
        f1: 0.7692,
        roc_auc,
        average_precision: 0.79,
        brier: 0.17,
        log_loss: 0.51,
    }
}

fn contender(
    title: &str,
    params: EstimatorParams,
    feature_set: FeatureSet,
    folds: [f64; 3],
    test: f64,
) -> LeaderboardRow {
    let kept: Vec<Feature> = Feature::ALL.into_iter().filter(|feature| *feature != Feature::Sections).collect();
    LeaderboardRow {
        title: title.to_owned(),
        params: vec![("n_estimators".to_owned(), "100".to_owned())],
        feature_set,
        cross_validation: CrossValidation { folds: folds.map(|roc_auc| scores(roc_auc - 0.1, roc_auc)).to_vec() },
        evaluation: Evaluation {
            params,
            features: feature_set.features(&kept),
            scores: scores(0.78, test),
            ..evaluation()
        },
        cost: Cost { fit_seconds: 1.25, predict_seconds_per_row: 2.5e-6, artifact_bytes: 1_234_567 },
    }
}

/// Boosting, forest and tree on three folds; the folds do not tell the first two apart.
pub fn comparison() -> Leaderboard {
    Leaderboard {
        protocol: "3 stratified folds of the 3200 training rows, seed 42; test: random 80/20, seed 42".to_owned(),
        folds: 3,
        baseline: Baseline {
            cross_validation: CrossValidation { folds: vec![scores(0.5, 0.5); 3] },
            scores: scores(0.49, 0.5),
        },
        contenders: vec![
            contender(
                "gradient boosting (tuned)",
                params(EstimatorKind::Boosting, &[("n_estimators", "300"), ("num_leaves", "none")]),
                FeatureSet::Selected,
                [0.85, 0.87, 0.89],
                0.865,
            ),
            contender(
                "random forest (notebook)",
                params(EstimatorKind::Forest, &[]),
                FeatureSet::Notebook,
                [0.845, 0.869, 0.891],
                0.8675,
            ),
            contender(
                "decision tree (all)",
                params(EstimatorKind::Tree, &[("max_depth", "7"), ("min_samples_leaf", "2")]),
                FeatureSet::All,
                [0.8, 0.81, 0.825],
                0.7625,
            ),
        ],
        chosen: 0,
        chosen_by: ChoiceReason::CrossValidation,
        boosting_search: Some(boosting_search()),
        grid: Some(grid()),
    }
}

/// 64 points on two folds: depth 5 costs 0.03 of accuracy, no bootstrap 0.002, a leaf of 4 0.001, a split at 5 with a leaf of 2
/// 0.0002, and the number of trees nothing.
pub fn grid() -> GridSearch {
    let mut points = Vec::new();
    for bootstrap in [true, false] {
        for max_depth in [Some(5), None] {
            for max_features in ["auto", "sqrt"] {
                for min_samples_leaf in [2, 4] {
                    for (min_samples_split, n_estimators) in [(2, 200), (2, 500), (5, 200), (5, 500)] {
                        let costs = [
                            (max_depth.is_some(), 0.03),
                            (!bootstrap, 0.002),
                            (min_samples_leaf == 4, 0.001),
                            (min_samples_split == 5 && min_samples_leaf == 2, 0.0002),
                        ];
                        let cost: f64 = costs.iter().filter(|(is_so, _)| *is_so).map(|(_, cost)| cost).sum();
                        points.push(GridPoint {
                            n_estimators,
                            max_features: max_features.to_owned(),
                            max_depth,
                            min_samples_split,
                            min_samples_leaf,
                            bootstrap,
                            accuracy: vec![0.785 - cost, 0.775 - cost],
                            roc_auc: vec![0.865 - cost, 0.855 - cost],
                        });
                    }
                }
            }
        }
    }
    // With bootstrap, without a limit to the depth, `auto`: the first of the points that are best.
    GridSearch { folds: 2, rows: 3_200, seed: 42, forests_grown: 8, points, best: 16 }
}

/// Four settings in two rounds, of which the second has two: the default, which is leaf-wise, and one of symmetric trees.
pub fn boosting_search() -> BoostingSearch {
    let candidate =
        |[depth, stage, leaves, symmetric]: [&str; 4], trees: &[u64], roc_auc: &[f64], last_round| SearchCandidate {
            params: [
                ("l2_regularization", "10"),
                ("max_depth", depth),
                ("n_estimators", stage),
                ("num_leaves", leaves),
                ("symmetric", symmetric),
            ]
            .map(|(name, value)| (name.to_owned(), ParamValue::parse(value)))
            .to_vec(),
            trees: trees.to_vec(),
            roc_auc: roc_auc.to_vec(),
            log_loss: roc_auc.iter().map(|roc_auc| 1.3 - roc_auc).collect(),
            last_round,
        };
    BoostingSearch {
        seed: 42,
        learning_rate: 0.1,
        n_estimators: 300,
        rounds: vec![HalvingRound { candidates: 4, folds: 1 }, HalvingRound { candidates: 2, folds: 3 }],
        candidates: vec![
            candidate(["none", "285", "31", "false"], &[270, 300, 285], &[0.88, 0.86, 0.87], 1),
            candidate(["6", "240", "none", "true"], &[225, 255, 240], &[0.89, 0.86, 0.875], 1),
            candidate(["none", "90", "15", "false"], &[90], &[0.8], 0),
            candidate(["8", "300", "none", "true"], &[300], &[0.878], 0),
        ],
        best: 1,
        rows_per_fit: 6_400.0 / 3.0,
        rows: 3_200,
        final_learning_rate: 0.04,
        final_n_estimators: 900,
    }
}

/// Two decades, each foretold better by its own.
pub fn transfer() -> CrossDecadeScores {
    CrossDecadeScores {
        recipe: "gradient boosting, 75 trees, rate 0.4".to_owned(),
        folds: 3,
        decades: vec![decade(1960), decade(1970)],
        rows: vec![2_000, 1_995],
        roc_auc: vec![vec![0.8, 0.7], vec![0.8, 0.9]],
        deviation: vec![vec![0.01, 0.02], vec![0.015, 0.005]],
    }
}

fn interval(low: f64, high: f64) -> ConfidenceInterval {
    ConfidenceInterval { low, high }
}

fn part(seed: Option<u64>, decades: Option<(i32, i32)>, known_share: f64, roc_auc: f64) -> SchemeFit {
    SchemeFit {
        seed,
        train_decades: decades.iter().map(|(train, _)| decade(*train)).collect(),
        test_decade: decades.map(|(_, test)| decade(test)),
        train_rows: 3_196,
        test_rows: 799,
        known_share,
        majority_accuracy: 0.51,
        scores: scores(roc_auc - 0.07, roc_auc),
        intervals: Some(intervals(roc_auc)),
    }
}

fn intervals(roc_auc: f64) -> ScoreIntervals {
    ScoreIntervals {
        accuracy: interval(roc_auc - 0.085, roc_auc - 0.055),
        roc_auc: interval(roc_auc - 0.0125, roc_auc + 0.0115),
    }
}

fn protocol(protocol: ValidationScheme, parts: Vec<SchemeFit>, deviation: f64) -> SchemeScores {
    let mean = parts.iter().map(|part| part.scores.roc_auc).sum::<f64>() / parts.len() as f64;
    SchemeScores {
        protocol,
        accuracy: ScoreSummary { mean: mean - 0.07, deviation: deviation / 2.0 },
        roc_auc: ScoreSummary { mean, deviation },
        intervals: Some(intervals(mean)),
        known_share: parts[0].known_share,
        parts,
    }
}

fn column_scores(name: &str, kind: ColumnKind, random: [f64; 2], grouped: [f64; 2]) -> ColumnScores {
    let single = |[roc_auc, known_share]: [f64; 2]| SingleScore { roc_auc, known_share };
    ColumnScores { column: leakage::ProbedColumn::new(name, kind), random: single(random), grouped: single(grouped) }
}

fn leaks_found() -> Leakage {
    let scores = |accuracy, roc_auc| HeldOutScores { accuracy, roc_auc };
    let encoded = |encoding, random, grouped| EncodedScores { encoding, random, grouped };
    Leakage {
        seed: 42,
        recipe: "gradient boosting, 75 trees, rate 0.4".to_owned(),
        features: 15,
        test_rows: [799, 801],
        suspicious_roc_auc: 0.85,
        texts: vec![
            column_scores("artist", ColumnKind::Text, [0.975, 0.845], [0.5, 0.0]),
            column_scores("track", ColumnKind::Text, [0.5225, 0.0625], [0.5125, 0.0375]),
            column_scores("uri", ColumnKind::Text, [0.505, 0.0175], [0.5, 0.0]),
        ],
        columns: vec![
            column_scores("weeks", ColumnKind::ExtraNumbers, [0.995, 1.0], [0.991, 1.0]),
            column_scores("instrumentalness", ColumnKind::Feature, [0.7125, 1.0], [0.705, 1.0]),
        ],
        patterns: vec![
            SpellingFeature {
                name: "artist contains “Featuring”".to_owned(),
                rows: 120,
                hits: 120,
                hit_share: 1.0,
                lift: 2.0,
            },
            SpellingFeature {
                name: "title contains “Remaster”".to_owned(),
                rows: 42,
                hits: 0,
                hit_share: 0.0,
                lift: 0.0,
            },
            SpellingFeature {
                name: "title contains “(”".to_owned(),
                rows: 0,
                hits: 0,
                hit_share: f64::NAN,
                lift: f64::NAN,
            },
        ],
        encoded: vec![
            encoded(ArtistEncoding::None, scores(0.8075, 0.8875), scores(0.7925, 0.8775)),
            encoded(ArtistEncoding::CrossFitted, scores(0.9375, 0.9825), scores(0.7975, 0.8825)),
            encoded(ArtistEncoding::AllRows, scores(0.9725, 0.9965), scores(0.9715, 0.9955)),
        ],
    }
}

/// Random better than grouped, grouped better than forward; a planted leak.
pub fn assessment() -> Robustness {
    let by_decade = |protocol, year, roc_auc: f64| DecadeScores {
        protocol,
        decade: decade(year),
        test_rows: 400,
        hit_share: 0.505,
        scores: scores(roc_auc - 0.07, roc_auc),
        intervals: Some(intervals(roc_auc)),
    };
    let point = |train_rows, train_roc_auc, test_roc_auc| CurvePoint {
        train_rows,
        train_roc_auc,
        test_roc_auc,
        test_deviation: 0.0,
    };
    Robustness {
        duplicates: DuplicateFigures {
            treatment: Duplicates::Resolve,
            rows_before: 4_000,
            rows: 3_995,
            repeated: 4,
            extra_rows: 5,
            with_both_labels: 1,
            with_different_audio: 2,
        },
        protocols: SchemeComparison {
            recipe: "gradient boosting, 300 trees, rate 0.1".to_owned(),
            features: 15,
            seed: 42,
            test_share: 0.2,
            effort: ValidationBudget { repeats: 2, ..ValidationBudget::standard() },
            groups: GroupFigures {
                rows: 3_995,
                groups: 1_480,
                largest: 61,
                sizes: vec![
                    SizeClass { least: 1, most: Some(1), groups: 900, rows: 900 },
                    SizeClass { least: 2, most: None, groups: 580, rows: 3_095 },
                ],
            },
            largest_group: vec!["Traditional".to_owned(), "An Orchestra".to_owned()],
            protocols: vec![
                protocol(
                    ValidationScheme::Random,
                    vec![part(Some(42), None, 0.845, 0.888), part(Some(43), None, 0.845, 0.892)],
                    0.0028,
                ),
                protocol(
                    ValidationScheme::Grouped,
                    vec![part(Some(42), None, 0.0, 0.878), part(Some(43), None, 0.0, 0.874)],
                    0.0026,
                ),
                protocol(ValidationScheme::Forward, vec![part(None, Some((1960, 1970)), 0.315, 0.815)], 0.0),
            ],
            left_out: Vec::new(),
            by_decade: vec![
                by_decade(ValidationScheme::Random, 1960, 0.858),
                by_decade(ValidationScheme::Random, 1970, 0.907),
                by_decade(ValidationScheme::Grouped, 1960, 0.848),
                by_decade(ValidationScheme::Grouped, 1970, 0.899),
            ],
        },
        transfer: Some(transfer()),
        learning_curve: Some(LearningCurve {
            recipe: "gradient boosting, 75 trees, rate 0.4".to_owned(),
            curves: 1,
            test_rows: 801.0,
            points: vec![point(799.0, 0.999, 0.845), point(1_598.0, 0.989, 0.862), point(3_194.0, 0.965, 0.877)],
        }),
        leaks: Some(leaks_found()),
    }
}
