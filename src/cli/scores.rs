//! Scores of a model in words.

use hitflop_metrics::scores::Scores;

/// Scores of the predicted labels, and scores of the probabilities.
pub fn lines(scores: &Scores) -> [String; 2] {
    [
        format!(
            "accuracy {:.4}, precision {:.4}, recall {:.4}, F1 {:.4}, ROC AUC {:.4}",
            scores.accuracy, scores.precision, scores.recall, scores.f1, scores.roc_auc
        ),
        format!(
            "average precision {:.4}, Brier score {:.4}, log loss {:.4} nats",
            scores.average_precision, scores.brier, scores.log_loss
        ),
    ]
}

pub fn baseline(accuracy: f64) -> String {
    format!("baseline, always the more frequent label: accuracy {accuracy:.4}")
}

pub fn out_of_bag(accuracy: f64) -> String {
    format!("accuracy {accuracy:.4} out of bag, on the training tracks that a tree was not fitted on")
}
