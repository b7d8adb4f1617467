//! What calibration and threshold of the final model come to.

use crate::format::{count, fixed, list, percent, plural, verb};
use crate::Report;
use hitflop_metrics::calibration::{CalibrationSelection, CalibratorKind, MethodScore};
use hitflop_metrics::curves::ThresholdPoint;
use hitflop_metrics::reliability::ReliabilityBin;
use hitflop_metrics::threshold::Objective;
use hitflop_model::probabilities::{CalibrationEffect, ProbabilityQuality, ThresholdSweep};

/// How far below the best accuracy thresholds are called as good as it.
const AS_GOOD: f64 = 0.001;

/// What was tried, what was kept, and whether probabilities mean what they say; empty where no model was fitted.
pub(crate) fn calibration(report: &Report) -> Vec<String> {
    report.probabilities.as_ref().map(calibration_of).unwrap_or_default()
}

/// What was tried and kept for these probabilities, and whether they mean what they say.
pub(crate) fn calibration_of(probabilities: &ProbabilityQuality) -> Vec<String> {
    let mut sentences: Vec<String> = probabilities.study.iter().map(tried).collect();
    sentences.push(on_test_rows(probabilities));
    sentences.extend(widest_gap(&probabilities.after.bins));
    sentences.extend(
        (probabilities.calibration.method() == CalibratorKind::Isotonic).then(|| plateaus(&probabilities.scores.test)),
    );
    sentences
}

fn tried(study: &CalibrationSelection) -> String {
    let with = |trial: &MethodScore| format!("{} with {}", fixed(trial.scores.brier, 5), trial.method.in_words());
    let all: Vec<String> = study.trials.iter().map(with).collect();
    let how = "on predictions for the training tracks by models that were not fitted to them";
    match (study.kept().method, study.trials.len()) {
        (CalibratorKind::None, 1) => "The probabilities are the trees’ own; no calibration was asked for.".to_owned(),
        (CalibratorKind::None, _) => format!(
            "The probabilities are the trees’ own: {how}, calibration does not improve the Brier score, which is {}.",
            list(&all)
        ),
        (method, _) => format!(
            "The probabilities are calibrated by {}, which was kept because it has the least Brier score {how}: {}; each fold was scored \
             under a calibration fitted to the others.",
            method.in_words(),
            list(&all)
        ),
    }
}

fn on_test_rows(probabilities: &ProbabilityQuality) -> String {
    let CalibrationEffect { before, after } = &probabilities.scores.test;
    let (error, equal_count) = (after.expected_calibration_error, after.expected_calibration_error_equal_count);
    let mut text = format!(
        "On the test tracks a probability is on average {} percentage points off the share of hits among tracks like it (expected \
         calibration error over ten bins of equal width; {} over ten bins of equal counts)",
        fixed(error * 100.0, 1),
        fixed(equal_count * 100.0, 1)
    );
    match probabilities.calibration.method() {
        CalibratorKind::None => text.push_str(&format!("; the Brier score is {}.", fixed(after.brier, 4))),
        _ => text.push_str(&format!(
            "; before calibration it was {}. The Brier score went from {} to {}, the log loss from {} to {} nats.",
            fixed(before.expected_calibration_error * 100.0, 1),
            fixed(before.brier, 4),
            fixed(after.brier, 4),
            fixed(before.log_loss, 4),
            fixed(after.log_loss, 4)
        )),
    }
    text
}

fn widest_gap(bins: &[ReliabilityBin]) -> Option<String> {
    let gap = |bin: &ReliabilityBin| (bin.hit_share - bin.mean_probability).abs();
    let widest = bins.iter().max_by(|a, b| gap(a).total_cmp(&gap(b)))?;
    let holds = |bin: &&ReliabilityBin| (bin.hit_share_low..=bin.hit_share_high).contains(&bin.mean_probability);
    let within = bins.iter().filter(holds).count() as u64;
    Some(format!(
        "Of the {} {}, {} {} the mean probability within the 95 % interval of the share of hits; the widest gap is between {} and {}, \
         where {} of {} are hits and the mean probability is {}.",
        bins.len(),
        if bins.len() == 1 { "bin" } else { "bins" },
        count(within),
        verb(within, "has", "have"),
        fixed(widest.low, 1),
        fixed(widest.high, 1),
        percent(widest.hit_share),
        plural(widest.rows, "track", "tracks"),
        fixed(widest.mean_probability, 3)
    ))
}

fn plateaus(test: &CalibrationEffect) -> String {
    format!(
        "Isotonic regression turns no order round, but it gives tracks on one of its plateaus the same probability; ties count one half \
         in the ROC AUC, which went from {} to {}, and no threshold parts the tracks of a plateau.",
        fixed(test.before.roc_auc, 4),
        fixed(test.after.roc_auc, 4)
    )
}

/// Where the threshold is, why, and what it costs; empty where no model was fitted.
pub(crate) fn threshold(report: &Report) -> Vec<String> {
    let Some(probabilities) = &report.probabilities else { return Vec::new() };
    let mut sentences = threshold_of(probabilities);
    sentences.push(
        "The threshold is stored in the model and holds for all that is said of the final model here, for its metrics and for \
         predictions; the compared models are all scored at 0.5 and without calibration."
            .to_owned(),
    );
    sentences
}

/// Where the threshold is, why, and what it costs.
pub(crate) fn threshold_of(probabilities: &ProbabilityQuality) -> Vec<String> {
    let mut sentences = vec![chosen(probabilities)];
    let is_for_accuracy = probabilities.objective == Objective::Accuracy;
    sentences.extend(probabilities.out_of_fold.as_ref().filter(|_| is_for_accuracy).and_then(as_good));
    sentences.push(at_threshold(&probabilities.test));
    sentences
}

fn chosen(probabilities: &ProbabilityQuality) -> String {
    let threshold = fixed(probabilities.threshold, 4);
    let Some(answers) = probabilities.out_of_fold.as_ref().filter(|_| !probabilities.objective.is_fixed()) else {
        return format!("A track is called a hit above a probability of {threshold}, which was set by hand.");
    };
    let (best, half) = (&answers.chosen, &answers.at_half);
    let score = |point: &ThresholdPoint| match probabilities.objective {
        Objective::F1 => format!("an F1 of {}", fixed(point.f1, 4)),
        Objective::Precision(_) => format!(
            "a recall of {} with a precision of {}",
            fixed(point.recall, 4),
            point.precision.map_or("none".to_owned(), |precision| fixed(precision, 4))
        ),
        _ => format!("an accuracy of {}", fixed(point.accuracy, 4)),
    };
    format!(
        "A track is called a hit above a probability of {threshold}. That is the threshold with {} on the {}predictions for the {} \
         training tracks by models that were not fitted to them: {}, against {} at 0.5.",
        probabilities.objective.in_words(),
        if probabilities.calibration.method() == CalibratorKind::None { "" } else { "calibrated " },
        count(answers.rows),
        score(best),
        score(half)
    )
}

/// The range around the chosen threshold within which the accuracy is hardly less.
fn as_good(answers: &ThresholdSweep) -> Option<String> {
    let chosen = &answers.chosen;
    let is_as_good = |point: &&ThresholdPoint| point.accuracy >= chosen.accuracy - AS_GOOD;
    let (below, above): (Vec<_>, Vec<_>) = answers.curve.iter().partition(|point| point.threshold <= chosen.threshold);
    let low = below.into_iter().rev().take_while(is_as_good).last()?;
    let high = above.into_iter().take_while(is_as_good).last()?;
    Some(format!(
        "The exact place matters little: the accuracy is within {} percentage points of that anywhere from {} to {}.",
        fixed(AS_GOOD * 100.0, 1),
        fixed(low.threshold, 2),
        fixed(high.threshold, 2)
    ))
}

fn at_threshold(test: &ThresholdSweep) -> String {
    let sentence = |point: &ThresholdPoint| {
        format!(
            "accuracy {}, precision {}, recall {} and F1 {}",
            percent(point.accuracy),
            point.precision.map_or("none".to_owned(), percent),
            percent(point.recall),
            percent(point.f1)
        )
    };
    match test.chosen.threshold == test.at_half.threshold {
        true => format!("On the test tracks it gives {}.", sentence(&test.chosen)),
        false => format!(
            "On the test tracks it gives {}; 0.5 would give {}.",
            sentence(&test.chosen),
            sentence(&test.at_half)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    #[test]
    fn what_was_kept_and_why_is_reported() {
        let mut report = small::compared();
        let probabilities = report.probabilities.as_mut().expect("the fixture has them");
        let study = probabilities.study.as_ref().expect("it was cross-validated").clone();
        let sentence = tried(&study);
        assert!(sentence.starts_with("The probabilities are calibrated by Platt scaling"), "{sentence}");
        for trial in &study.trials {
            assert!(
                sentence.contains(&format!("{} with {}", fixed(trial.scores.brier, 5), trial.method.in_words())),
                "{sentence}"
            );
        }
        let none = tried(&CalibrationSelection { kept: 0, ..study.clone() });
        assert!(none.starts_with("The probabilities are the trees’ own: on predictions"), "{none}");
        let without = tried(&CalibrationSelection { kept: 0, trials: study.trials[..1].to_vec(), ..study });
        assert_eq!(without, "The probabilities are the trees’ own; no calibration was asked for.");
    }

    #[test]
    fn each_objective_is_reported_by_its_own_score() {
        let mut report = small::compared();
        for (objective, words) in [
            (Objective::Accuracy, "with the greatest accuracy on the calibrated predictions"),
            (Objective::F1, "an F1 of "),
            (Objective::Precision(0.75), "a recall of "),
        ] {
            report.probabilities.as_mut().expect("the fixture has them").objective = objective;
            let sentence = threshold(&report).join(" ");
            assert!(sentence.contains(words) && sentence.contains(" at 0.5."), "{sentence}");
        }
        let probabilities = report.probabilities.as_mut().expect("the fixture has them");
        probabilities.objective = Objective::Fixed(0.4);
        probabilities.threshold = 0.4;
        assert_eq!(
            threshold(&report)[0],
            "A track is called a hit above a probability of 0.4000, which was set by hand."
        );
        report.probabilities = None;
        assert!(threshold(&report).is_empty() && calibration(&report).is_empty());
    }
}
