//! What calibration and threshold of the final model are, and what they cost.

use askama::Template;

use super::filters;
use super::template::sentences;
use crate::format::{fixed, percent};
use crate::Report;
use hitflop_metrics::calibration::{CalibrationSelection, CalibratorKind, MethodScore};
use hitflop_metrics::curves::ThresholdPoint;
use hitflop_metrics::reliability::{ProbabilityScores, ReliabilityBin};
use hitflop_metrics::threshold::Objective;
use hitflop_model::probabilities::{ProbabilityQuality, ThresholdSweep};

/// Difference of the accuracy within which thresholds count as equally good.
const TOLERANCE: f64 = 0.001;

#[derive(Template)]
#[template(path = "text/calibration.txt")]
struct CalibrationText<'a> {
    study: Option<&'a CalibrationSelection>,
    kept: CalibratorKind,
    trials: Vec<String>,
    method: CalibratorKind,
    before: &'a ProbabilityScores,
    after: &'a ProbabilityScores,
    bins: usize,
    within: usize,
    widest: Option<&'a ReliabilityBin>,
}

/// Which method was chosen, and whether probabilities agree with frequencies; empty where no model was fitted.
pub(crate) fn calibration(report: &Report) -> Vec<String> {
    report.probabilities.as_ref().map(calibration_of).unwrap_or_default()
}

/// Which method was chosen, and whether probabilities agree with frequencies.
pub(crate) fn calibration_of(probabilities: &ProbabilityQuality) -> Vec<String> {
    let with = |trial: &MethodScore| format!("{} with {}", fixed(trial.scores.brier, 5), trial.method.in_words());
    let study = probabilities.study.as_ref();
    let bins = &probabilities.after.bins;
    let gap = |bin: &ReliabilityBin| (bin.hit_share - bin.mean_probability).abs();
    let holds = |bin: &&ReliabilityBin| (bin.hit_share_low..=bin.hit_share_high).contains(&bin.mean_probability);
    sentences(&CalibrationText {
        study,
        kept: study.map_or(CalibratorKind::None, |study| study.kept().method),
        trials: study.iter().flat_map(|study| study.trials.iter().map(with)).collect(),
        method: probabilities.calibration.method(),
        before: &probabilities.scores.test.before,
        after: &probabilities.scores.test.after,
        bins: bins.len(),
        within: bins.iter().filter(holds).count(),
        widest: bins.iter().max_by(|a, b| gap(a).total_cmp(&gap(b))),
    })
}

#[derive(Template)]
#[template(path = "text/threshold.txt")]
struct ThresholdText<'a> {
    probabilities: &'a ProbabilityQuality,
    chosen: Option<ChosenThreshold>,
    /// The range of thresholds that are as good as the chosen one.
    as_good: Option<(f64, f64)>,
    tolerance: f64,
    test: &'a ThresholdSweep,
    for_page: bool,
}

/// The score that the threshold was chosen for, beside that at 0.5.
struct ChosenThreshold {
    rows: u64,
    score: String,
    score_at_half: String,
}

impl ThresholdText<'_> {
    fn scores(&self, point: &ThresholdPoint) -> String {
        format!(
            "accuracy {}, precision {}, recall {} and F1 {}",
            percent(point.accuracy),
            point.precision.map_or("none".to_owned(), percent),
            percent(point.recall),
            percent(point.f1)
        )
    }
}

/// Where the threshold is, why, and what it costs; empty where no model was fitted.
pub(crate) fn threshold(report: &Report) -> Vec<String> {
    report.probabilities.as_ref().map(|probabilities| threshold_text(probabilities, true)).unwrap_or_default()
}

/// Where the threshold is, why, and what it costs.
pub(crate) fn threshold_of(probabilities: &ProbabilityQuality) -> Vec<String> {
    threshold_text(probabilities, false)
}

fn threshold_text(probabilities: &ProbabilityQuality, for_page: bool) -> Vec<String> {
    let objective = probabilities.objective;
    let sweep = probabilities.out_of_fold.as_ref().filter(|_| !objective.is_fixed());
    sentences(&ThresholdText {
        probabilities,
        chosen: sweep.map(|sweep| ChosenThreshold {
            rows: sweep.rows,
            score: score(objective, &sweep.chosen),
            score_at_half: score(objective, &sweep.at_half),
        }),
        as_good: sweep.filter(|_| objective == Objective::Accuracy).and_then(as_good),
        tolerance: TOLERANCE,
        test: &probabilities.test,
        for_page,
    })
}

fn score(objective: Objective, point: &ThresholdPoint) -> String {
    match objective {
        Objective::F1 => format!("an F1 of {}", fixed(point.f1, 4)),
        Objective::Precision(_) => format!(
            "a recall of {} with a precision of {}",
            fixed(point.recall, 4),
            point.precision.map_or("none".to_owned(), |precision| fixed(precision, 4))
        ),
        _ => format!("an accuracy of {}", fixed(point.accuracy, 4)),
    }
}

/// The range around the chosen threshold within which the accuracy is hardly less.
fn as_good(sweep: &ThresholdSweep) -> Option<(f64, f64)> {
    let chosen = &sweep.chosen;
    let is_as_good = |point: &&ThresholdPoint| point.accuracy >= chosen.accuracy - TOLERANCE;
    let (below, above): (Vec<_>, Vec<_>) = sweep.curve.iter().partition(|point| point.threshold <= chosen.threshold);
    let low = below.into_iter().rev().take_while(is_as_good).last()?;
    let high = above.into_iter().take_while(is_as_good).last()?;
    Some((low.threshold, high.threshold))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    fn probabilities() -> ProbabilityQuality {
        small::compared().probabilities.expect("the fixture has them")
    }

    #[test]
    fn the_chosen_method_is_reported_with_all_scores() {
        let mut probabilities = probabilities();
        let study = probabilities.study.clone().expect("it was cross-validated");
        let sentence = &calibration_of(&probabilities)[0];
        assert!(
            sentence.starts_with("The probabilities are calibrated by Platt scaling, which has the lowest"),
            "{sentence}"
        );
        for trial in &study.trials {
            let score = format!("{} with {}", fixed(trial.scores.brier, 5), trial.method.in_words());
            assert!(sentence.contains(&score), "{sentence}");
        }
        probabilities.study = Some(CalibrationSelection { kept: 0, ..study.clone() });
        let none = &calibration_of(&probabilities)[0];
        assert!(
            none.starts_with("The probabilities are those of the trees, because no calibration improves"),
            "{none}"
        );
        probabilities.study = Some(CalibrationSelection { kept: 0, trials: study.trials[..1].to_vec(), ..study });
        let without = &calibration_of(&probabilities)[0];
        assert_eq!(without, "The probabilities are those of the trees; no calibration was requested.");
    }

    #[test]
    fn each_objective_is_reported_by_its_own_score() {
        let mut probabilities = probabilities();
        for (objective, words) in [
            (Objective::Accuracy, "with the greatest accuracy on the out-of-fold predictions"),
            (Objective::F1, "an F1 of "),
            (Objective::Precision(0.75), "a recall of "),
        ] {
            probabilities.objective = objective;
            let sentence = threshold_of(&probabilities).join(" ");
            assert!(sentence.contains(words) && sentence.contains(" at 0.5."), "{sentence}");
        }
        (probabilities.objective, probabilities.threshold) = (Objective::Fixed(0.4), 0.4);
        let fixed = "A track is predicted as a hit if its probability is greater than 0.4000, which was set by hand.";
        assert_eq!(threshold_of(&probabilities)[0], fixed);
    }

    #[test]
    fn without_a_model_there_is_no_text() {
        let mut report = small::compared();
        report.probabilities = None;
        assert!(threshold(&report).is_empty() && calibration(&report).is_empty());
    }
}
