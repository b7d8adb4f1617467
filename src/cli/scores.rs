//! Scores of a model in words.

use hitflop_metrics::scores::Scores;
use hitflop_metrics::split::SampleSize;
use hitflop_report::format::count;

/// Scores of the predicted labels, and scores of the probabilities.
pub fn lines(scores: &Scores) -> [String; 2] {
    [
        format!(
            "accuracy {:.4}, precision {:.4}, recall {:.4}, F1 {:.4}, ROC AUC {}",
            scores.accuracy,
            scores.precision,
            scores.recall,
            scores.f1,
            defined(scores.roc_auc, "the tracks are of one label")
        ),
        format!(
            "average precision {}, Brier score {:.4}, log loss {:.4} nats",
            defined(scores.average_precision, "no track is a hit"),
            scores.brier,
            scores.log_loss
        ),
    ]
}

/// A score, or why it is undefined.
fn defined(score: f64, reason: &str) -> String {
    if score.is_nan() {
        format!("undefined ({reason})")
    } else {
        format!("{score:.4}")
    }
}

pub fn baseline(accuracy: f64) -> String {
    format!("baseline, always the more frequent label: accuracy {accuracy:.4}")
}

/// What used a sample of some tracks.
pub fn sampled(sample: &SampleSize, what: &str, tracks: &str) -> String {
    format!("{what}: a sample of {} of the {} {tracks}", count(sample.rows), count(sample.of))
}

pub fn out_of_bag(accuracy: f64) -> String {
    format!("accuracy {accuracy:.4} out of bag, on the training tracks that a tree was not fitted on")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_of_one_label_is_undefined() {
        let [labels, probabilities] = lines(&hitflop_metrics::scores::scores(&[false; 3], &[0.1, 0.2, 0.3], 0.5));
        assert!(labels.ends_with("ROC AUC undefined (the tracks are of one label)"), "{labels}");
        assert!(probabilities.starts_with("average precision undefined (no track is a hit), Brier"), "{probabilities}");
        let [labels, _] = lines(&hitflop_metrics::scores::scores(&[false, true], &[0.1, 0.2], 0.5));
        assert!(labels.ends_with("ROC AUC 1.0000"), "{labels}");
    }
}
