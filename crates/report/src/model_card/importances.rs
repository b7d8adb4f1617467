//! The features that the model uses most.

use super::Subject;
use crate::format::{capitalise, count, fixed, list, percent};
use crate::phrases::models::{importance, subject as in_a_phrase};
use hitflop_core::track::Feature;
use hitflop_model::evaluation::Importance;
use hitflop_model::explain::global::Explanations;
use hitflop_model::explain::local::ContributionScale;

/// Features that the card names.
const MAX_CARD_FEATURES: usize = 8;

/// How its features were measured by explaining it, if they were.
fn explanations<'a>(subject: &Subject<'a>) -> Option<&'a Explanations> {
    subject.report?.explanations.as_ref()
}

pub(super) fn importance_lead(subject: &Subject) -> String {
    let evaluation = subject.evaluation;
    let used: Vec<_> = evaluation.importances.iter().filter(|one| one.share > 0.0).collect();
    if used.is_empty() {
        return "The model uses no feature; every track has the same probability.".to_owned();
    }
    let names: Vec<String> = used.iter().take(3).map(|one| format!("`{}`", one.feature)).collect();
    let measured = explanations(subject).map_or(String::new(), |found| {
        format!(
            " Permutation importance is the loss of ROC AUC when the values of a feature are shuffled among {} \
             held-out tracks, with 95 % intervals; contributions are mean absolute Shapley values over {} of them, in \
             {}.",
            count(found.permutation.rows),
            count(found.shap.rows),
            match found.shap.scale {
                ContributionScale::LogOdds => "log odds",
                ContributionScale::Probability => "probability",
            }
        )
    });
    format!(
        "{} relies most on {}. The shares are of the {}, which favours features with many distinct values.{measured} \
         A feature that is important to the model need not be a cause.",
        capitalise(&in_a_phrase(evaluation.params.kind())),
        list(&names),
        importance(evaluation.params.kind())
    )
}

pub(super) fn importance_columns(subject: &Subject) -> Vec<String> {
    let share = format!("share of the {}", importance(subject.evaluation.params.kind()));
    let explained = ["loss of ROC AUC by permutation", "mean absolute contribution"].map(str::to_owned);
    std::iter::once(share).chain(explained.into_iter().filter(|_| explanations(subject).is_some())).collect()
}

pub(super) fn importances(subject: &Subject) -> Vec<(&'static str, Vec<String>)> {
    let used = subject.evaluation.importances.iter().filter(|one| one.share > 0.0);
    let measured = |feature| explanations(subject).map_or(Vec::new(), |found| explained(found, feature));
    let row = |one: &Importance| (one.feature.name(), [vec![percent(one.share)], measured(one.feature)].concat());
    used.take(MAX_CARD_FEATURES).map(row).collect()
}

/// Loss by permutation and mean absolute contribution of a feature.
fn explained(found: &Explanations, feature: Feature) -> Vec<String> {
    let lost = found.permutation.features.iter().find(|one| one.feature == feature);
    let shap = found.shap.features.iter().find(|one| one.feature == feature);
    vec![
        lost.map_or(String::new(), |one| {
            format!("{} ± {}", fixed(one.roc_auc.mean, 4), fixed(one.roc_auc.half_width, 4))
        }),
        shap.map_or(String::new(), |one| fixed(one.mean_absolute, 3)),
    ]
}
