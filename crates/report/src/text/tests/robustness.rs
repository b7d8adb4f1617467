//! Sentences on validation schemes and leakage.

use super::*;

fn assessed(change: fn(&mut hitflop_model::validation::robustness::Robustness)) -> Narrative {
    let mut report = small::compared();
    report.robustness.iter_mut().for_each(change);
    narrative_of(&report)
}

fn finding<'a>(findings: &'a [super::Finding], title: &str) -> &'a str {
    &findings.iter().find(|finding| finding.title == title).expect(title).text
}

#[test]
fn schemes_are_described_side_by_side() {
    let narrative = assessed(|_| ());
    let ways = finding(&narrative.robustness, "Three ways to ask");
    assert!(
        ways.contains(
            "has a ROC AUC of 0.890 ± 0.003 (95 % interval 0.878 to 0.901) and an accuracy of 82.0 % ± 0.1 points"
        ),
        "{ways}"
    );
    assert!(ways.contains("On artists that it has never met") && ways.contains("has a ROC AUC of 0.876"), "{ways}");
    let known = finding(&narrative.robustness, "What known artists are worth");
    assert!(
        known.starts_with("84.5 % of the test tracks at random") && known.contains("0.014 comes from artists"),
        "{known}"
    );
    let forward = finding(&narrative.robustness, "A coming decade");
    assert!(forward.starts_with("The 1970s from the 1960s are foretold with a ROC AUC of 0.815"), "{forward}");
    let changes = finding(&narrative.robustness, "Does what makes a hit change?");
    assert!(
        changes.starts_with("Yes: ") && changes.contains("0.850 on average; scored on another, 0.750: 0.750 at 1 step"),
        "{changes}"
    );
    assert!(changes.ends_with("What was learned from the 1960s says least of the 1970s (0.700)."), "{changes}");
    let decades = finding(&narrative.robustness, "Decade by decade");
    assert!(decades.contains("0.848 in the 1960s") && decades.contains("more than chance"), "{decades}");
    let more = finding(&narrative.robustness, "Would more tracks help?");
    assert!(more.starts_with("Yes: the last doubling, to 3,194 tracks, brought +0.015 of ROC AUC"), "{more}");
    let repeats = finding(&narrative.robustness, "Repeated tracks");
    assert!(
        repeats.contains("(5 extra rows); 1 of them with both labels")
            && repeats.contains("4,000 rows are 3,995 tracks"),
        "{repeats}"
    );
    let groups = finding(&narrative.robustness, "What belongs together");
    assert!(
        groups.contains("1,480 groups of 3,995 tracks; 900 are of one track")
            && groups.contains("by Traditional and An Orchestra"),
        "{groups}"
    );
    let repeated = finding(&narrative.robustness, "What is repeated");
    assert!(
        repeated.starts_with("2 splits at random and by groups") && repeated.contains("a lighter recipe"),
        "{repeated}"
    );
    assert!(!narrative.robustness.iter().any(|finding| finding.title == "What was not possible"));
    let figure = narrative.key_figures.iter().find(|figure| figure.label == "ROC AUC").expect("a key figure");
    assert_eq!(figure.note, "for new artists: 0.876 (95 %: 0.864 to 0.887)");
    let ground = narrative.answers[2].grounds.join(" ");
    assert!(
        ground.contains("ROC AUC 0.890 and accuracy 82.0 % on tracks at random")
            && ground.contains("0.876 and 80.6 % on artists"),
        "{ground}"
    );
}

#[test]
fn what_does_not_differ_is_not_said_to() {
    let narrative = assessed(|robustness| {
        let [random, grouped, _] = &mut robustness.schemes.scores[..] else { panic!("three") };
        grouped.roc_auc.mean = random.roc_auc.mean - 0.002;
        robustness
            .cross_decade
            .iter_mut()
            .for_each(|cross_decade| cross_decade.roc_auc = vec![vec![0.8, 0.799], vec![0.8, 0.8]]);
        robustness.schemes.by_decade.iter_mut().for_each(|scores| scores.intervals = None);
        let last = robustness.learning_curve.as_mut().and_then(|curve| curve.points.last_mut()).expect("points");
        (last.test_roc_auc, last.train_roc_auc) = (0.8625, 0.87);
        robustness.duplicates.extra_rows = 0;
    });
    let known = finding(&narrative.robustness, "What known artists are worth");
    assert!(known.contains("no more than splits differ from one another"), "{known}");
    assert!(finding(&narrative.robustness, "Does what makes a hit change?").starts_with("Not clearly: "));
    assert!(finding(&narrative.robustness, "Decade by decade").contains("may be chance"));
    let more = finding(&narrative.robustness, "Would more tracks help?");
    assert!(more.starts_with("Hardly: ") && more.contains("little left to narrow"), "{more}");
    assert_eq!(finding(&narrative.robustness, "Repeated tracks"), "No URI stands twice in a decade.");
}

#[test]
fn leaks_are_described_in_numbers() {
    let narrative = assessed(|_| ());
    let artist = finding(&narrative.leakage, "The artist");
    assert!(
        artist.contains("a ROC AUC of 0.975")
            && artist.contains("84.5 % of them")
            && artist.contains("nothing (0.500)"),
        "{artist}"
    );
    let published = finding(&narrative.leakage, "Where published scores come from");
    assert!(published.contains("right in 80.8 % of tracks at random and 79.2 % by new artists"), "{published}");
    assert!(published.contains("That is where published accuracies of 96 % and more come from"), "{published}");
    let spellings = finding(&narrative.leakage, "Spellings");
    assert!(
        spellings.contains("artist contains “Featuring” (120 tracks, all hits)")
            && spellings.contains("(42 tracks, no hits)"),
        "{spellings}"
    );
    let columns = finding(&narrative.leakage, "Suspicious columns");
    assert!(
        columns.contains("instrumentalness, has 0.705")
            && columns.contains("weeks (0.995 at random, 0.991 for new artists)"),
        "{columns}"
    );
    let clean =
        assessed(|robustness| robustness.leakage.iter_mut().for_each(|leakage| drop(leakage.columns.remove(0))));
    let columns = finding(&clean.leakage, "Suspicious columns");
    assert!(
        columns.contains("None of 1 column is flagged") && columns.contains("no column beyond the known ones"),
        "{columns}"
    );
}

#[test]
fn what_the_tracks_do_not_allow_is_said() {
    let narrative = assessed(|robustness| {
        robustness.schemes.left_out =
            vec![(hitflop_model::validation::ValidationScheme::Forward, "one decade".to_owned())];
        robustness.schemes.scores.truncate(2);
        (robustness.cross_decade, robustness.leakage) = (None, None);
    });
    let missing = finding(&narrative.robustness, "What was not possible");
    let expected = "The tracks do not allow the forward protocol (one decade), the transfer from decade to decade and the measure of leaks.";
    assert_eq!(missing, expected);
    assert!(narrative.leakage.is_empty());
    assert!(narrative_of(&small::report()).robustness.is_empty(), "nothing was asked");
}
