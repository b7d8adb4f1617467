//! Titles, captions and alternative texts say what the numbers say.

use super::*;

#[test]
fn titles_say_what_the_numbers_say() {
    let mut report = usual();
    for (group, (danceability, loudness)) in report.summary.by_label.iter_mut().zip([(0.4, -8.0), (0.6, -11.0)]) {
        for mean in &mut group.means {
            (mean.mean, mean.std) = match mean.feature.name() {
                "danceability" => (danceability, 0.2),
                "loudness" => (loudness, 5.0),
                _ => (1.0, 1.0),
            };
        }
    }
    let title = density_by_label(&report.densities, &report.summary).expect("a chart is drawn").title;
    assert_eq!(title, "Hits are more danceable and quieter than flops");
    let title = class_balance(&report.summary, true).expect("a chart is drawn").title;
    assert!(title.starts_with("Every decade has as many hits as flops"), "{title}");
    report.summary.by_decade_and_label[0].rows = 1;
    let title = class_balance(&report.summary, true).expect("a chart is drawn").title;
    assert!(title.starts_with("50\u{a0}% of the tracks are hits; the 1970s have the most tracks, 6,000"), "{title}");
    let (closest, names) = (&mut report.pearson.values, &report.pearson.names);
    closest.iter_mut().for_each(|row| row.fill(0.1));
    closest[3][1] = -0.7;
    closest[16][5] = 0.4;
    let expected = format!(
        "Strongest correlation: {} and {} (r\u{a0}=\u{a0}−0.70); with the label: {} (r\u{a0}=\u{a0}0.40)",
        names[1], names[3], names[5]
    );
    assert_eq!(correlation(&report.pearson, &report.spearman).expect("a chart is drawn").title, expected);
}

#[test]
fn numbers_in_words_are_those_of_the_report() {
    let mut report = usual();
    for group in &mut report.summary.by_label {
        let is_hit = group.label == Some(Label::Hit);
        group.means[3].mean = if is_hit { -8.25 } else { -11.75 };
    }
    let alt = density_by_label(&report.densities, &report.summary).expect("a chart is drawn").alt;
    let (flops, hits) = alt.split_once(". Hits: ").expect("both labels are told");
    assert!(flops.contains("loudness −11.8 dB") && hits.contains("loudness −8.2 dB"), "{alt}");

    let key = report.densities.iter_mut().find(|density| density.feature.name() == "key").expect("key is drawn");
    for curve in &mut key.by_decade {
        let names_d = key.grid.iter().map(|class| if *class == 2.0 { 0.25 } else { 0.05 });
        curve.values = names_d.collect();
    }
    let alt = density_by_decade(&report.densities, &report.summary).expect("a chart is drawn").alt;
    assert_eq!(alt.matches("key D (25.0 %)").count(), 2, "{alt}");
    assert!(alt.contains("1960s: ") && alt.contains("2010s: ") && !alt.contains("1980s"), "{alt}");

    let evaluation = report.evaluation.as_mut().expect("the usual report has a model");
    evaluation.confusion.true_positives = 3_456;
    for (importance, share) in evaluation.importances.iter_mut().zip([0.9995, 0.0004, 0.0]) {
        importance.share = share;
    }
    let names: Vec<&str> = evaluation.importances[1..3].iter().map(|importance| importance.feature.name()).collect();
    let alt = importances(evaluation).expect("a chart is drawn").alt;
    assert!(alt.contains(&format!("{} under 0.1\u{a0}%", names[0])), "{alt}");
    assert!(alt.contains(&format!("{} not used", names[1])), "{alt}");
    assert!(confusion(evaluation).expect("a chart is drawn").alt.contains("3,456 predicted as hits"));
}

#[test]
fn bars_show_their_count_or_an_axis() {
    let texts_of = |report: &Report| -> Vec<String> {
        texts(&class_balance(&report.summary, true).expect("a chart is drawn"))
            .into_iter()
            .map(|(words, _)| words)
            .collect()
    };
    let mut report = usual();
    let words = texts_of(&report);
    assert_eq!(words.iter().filter(|words| *words == "3,000").count(), 12, "{words:?}");
    assert!(!words.iter().any(|words| words == "1,000"), "{words:?}");
    report.summary.by_decade_and_label[0].rows = 3_000_000_000_000_000;
    assert!(texts_of(&report).iter().any(|words| words == "tracks"));
}

#[test]
fn captions_name_what_was_done_to_a_density() {
    let mut report = usual();
    report.densities.retain(|density| ["instrumentalness", "tempo"].contains(&density.feature.name()));
    report.densities[0].view = DensityView::Log { low: 1e-6, high: 1.0 };
    report.densities[1].view = DensityView::Linear { low: 60.0, high: 200.0, cut: Some(0.995), reflected: false };
    let spiked = density_by_label(&report.densities, &report.summary).expect("a chart is drawn");
    assert!(spiked.caption.contains("In instrumentalness, many values are exactly 0"), "{}", spiked.caption);
    let words = words_of(&spiked);
    assert!(words.iter().any(|words| words == "exactly 0") && !words.iter().any(|words| words.contains("smoothed")));
    report.densities[0].by_label.iter_mut().for_each(|curve| curve.zero_share = None);
    let chart = density_by_label(&report.densities, &report.summary).expect("a chart is drawn");
    assert!(
        chart.caption.contains("In instrumentalness, values of exactly 0 are at the left end"),
        "{}",
        chart.caption
    );
    assert!(chart.caption.contains("Tails of tempo are not shown"), "{}", chart.caption);
    assert!(chart.caption.contains("instrumentalness are corrected by reflection"), "{}", chart.caption);
    let words: Vec<String> = texts(&chart).into_iter().map(|(words, _)| words).collect();
    for expected in ["density per tenfold", "values of 0 at the left end, smoothed"] {
        assert!(words.iter().any(|words| words == expected), "{expected} in {words:?}");
    }
}

#[test]
fn the_leaderboard_says_what_is_best_and_where_the_baseline_is() {
    let comparison = full::comparison();
    let chart = leaderboard(&comparison).expect("a chart is drawn");
    assert!(chart.title.starts_with("Gradient boosting (all) ranks first of 8: ROC\u{a0}AUC 0.89"), "{}", chart.title);
    let text = words_of(&chart).join(" ");
    assert!(text.contains("ROC AUC 0.50 and accuracy 50.0\u{a0}% on the test rows (outside both scales)"), "{text}");
    assert!(chart.alt.contains("decision tree (notebook): ROC AUC 0.82"), "{}", chart.alt);
    let mean = comparison.rows[4].cross_validation.mean().roc_auc;
    assert!(text.contains(&format!("{mean:.4}")), "{text}");
    let near = compared(|comparison| comparison.baseline.scores.accuracy = 0.77);
    let chart = leaderboard(near.comparison.as_ref().expect("models are compared")).expect("a chart is drawn");
    assert!(words_of(&chart).join(" ").contains("dashed if it is within the scale"));
}

#[test]
fn charts_of_the_test_rows_name_their_split_not_the_folds() {
    let comparison = full::comparison();
    for chart in [roc_curves(&comparison), confusions(&comparison)] {
        let chart = chart.expect("a chart is drawn");
        let split = comparison.rows[0].evaluation.hold_out.description();
        let expected = format!("of 8 models on 7,200 test rows ({split})");
        assert!(chart.caption.contains(&expected) && !chart.caption.contains("fold"), "{}", chart.caption);
    }
}

#[test]
fn curves_are_ranked_by_their_area_not_by_the_folds() {
    let mut comparison = full::comparison();
    comparison.rows[7].evaluation.scores.roc_auc = 0.95;
    let chart = roc_curves(&comparison).expect("a chart is drawn");
    assert!(chart.alt.contains("Area under the curve: decision tree (notebook) 0.9500, gradient boosting (all)"));
    let words = words_of(&chart);
    assert!(words.iter().any(|words| words == "1 decision tree (notebook), 0.9500"), "{words:?}");
    let ranks = words.iter().filter(|words| words.len() == 1).count();
    assert_eq!(ranks, 8, "each curve's number stands at its end: {words:?}");
}

#[test]
fn small_multiples_show_which_way_models_err() {
    let mut comparison = full::comparison();
    assert!(confusions(&comparison)
        .expect("a chart is drawn")
        .title
        .starts_with("Every model predicts more flops as hits"));
    comparison.rows[0].evaluation.confusion.false_positives = 0;
    let chart = confusions(&comparison).expect("a chart is drawn");
    assert_eq!(chart.title, "7 of 8 models predict more flops as hits than hits as flops");
    let counts = comparison.rows[3].evaluation.confusion;
    assert!(words_of(&chart).contains(&crate::format::count(counts.true_positives)));
}

#[test]
fn importances_are_side_by_side() {
    let mut comparison = full::comparison();
    for candidate in &mut comparison.rows {
        for one in &mut candidate.evaluation.importances {
            one.share = if one.feature.name() == "energy" { 0.9996 } else { 0.0004 };
        }
    }
    let chart = importances_by_model(&comparison).expect("a chart is drawn");
    assert_eq!(chart.title, "Energy is the most important feature of every model");
    let words = words_of(&chart);
    let number = |text: &str| words.iter().filter(|words| *words == text).count();
    assert_eq!((number("100.0"), number("gain"), number("impurity")), (8, 4, 4));
    assert_eq!(number("–"), 2 * 5 + 2, "five models lack sections and decade, two the sections: {words:?}");
    assert!(number("< 0.1") > 100);
}

#[test]
fn the_grid_is_drawn_once_where_names_mean_the_same() {
    let comparison = full::comparison();
    let mut grid = comparison.grid.expect("a grid was searched");
    let chart = grid_search::grid_search(&grid, &GridFigures::of(&grid)).expect("a chart is drawn");
    assert!(chart.title.starts_with("max_depth changes the accuracy by 2.5"), "{}", chart.title);
    let cells =
        |chart: &Chart| words_of(chart).iter().filter(|words| words.len() == 5 && words.starts_with('7')).count();
    assert_eq!(cells(&chart), 72);
    assert!(chart.caption.contains("auto and sqrt of max_features have the same scores"), "{}", chart.caption);
    grid.points[0].accuracy[0] += 0.001;
    let chart = grid_search::grid_search(&grid, &GridFigures::of(&grid)).expect("a chart is drawn");
    assert_eq!(cells(&chart), 144);
    assert!(!chart.caption.contains("share a panel"), "{}", chart.caption);
}

#[test]
fn the_search_says_what_it_leaves_off_its_scale() {
    let search = full::comparison().boosting_search.expect("a search was made");
    let chart = boosting_search(&search, &HalvingFigures::of(&search)).expect("a chart is drawn");
    assert!(chart.title.contains("The best of 60 candidates") && chart.title.contains("the 6 of the last round"));
    assert!(words_of(&chart).iter().any(|words| words.contains(" more below, down to −0.0")));
    assert!(chart.alt.contains("Round 2: 20 candidates on 3 folds"), "{}", chart.alt);
}

#[test]
fn titles_name_each_kind_of_model_rightly() {
    let mut evaluation = usual().evaluation.expect("the usual report has a model");
    for (kind, subject, measure) in [
        (EstimatorKind::Forest, "The random forest ", "impurity decrease"),
        (EstimatorKind::Boosting, "Gradient boosting ", "gain"),
    ] {
        evaluation.params = EstimatorParams::of(kind);
        for chart in [roc(&evaluation), confusion(&evaluation), importances(&evaluation)] {
            let chart = chart.expect("a chart is drawn");
            assert!(chart.title.starts_with(subject), "{}", chart.title);
        }
        let words = words_of(&importances(&evaluation).expect("a chart is drawn")).join(" ");
        assert!(words.contains(&format!("share of the {measure}")), "{words}");
    }
}
