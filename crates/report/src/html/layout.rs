//! What stands where in the page.

use super::{svg, Figure, Section, SectionBlock, SectionPart};
use crate::charts::Chart;
use crate::command::{command, hashes};
use crate::format::{capitalise, count, fixed, plural};
use crate::tables::{ReportTable, ReportTables};
use crate::text::models::importance;
use hitflop_model::estimator::EstimatorKind;
use crate::text::Narrative;
use crate::Report;
use hitflop_model::evaluation::Evaluation;
use hitflop_model::explain::global::Explanations;
use hitflop_model::selection::leaderboard::Leaderboard;

/// The charts of the final model, in their order.
const FINAL_MODEL: [&str; 3] = ["confusion_matrix", "roc_curve", "feature_importances"];
/// Those of all compared models but the leaderboard, which stands before its table.
const SIDE_BY_SIDE: [&str; 3] = ["roc_curves", "confusion_matrices", "importances_by_model"];
/// Those that explain the final model, part by part.
const CONTRIBUTIONS: [&str; 2] = ["shap_importance", "shap_beeswarm"];
const MEASURES: [&str; 1] = ["importance_measures"];
const DEPENDENCE: [&str; 2] = ["partial_dependence", "partial_dependence_by_decade"];
const EXAMPLES: [&str; 3] = ["waterfall_clear_hit", "waterfall_clear_flop", "waterfall_borderline"];
/// Those of the search for the boosting's parameters.
const BOOSTING_SEARCH: [&str; 2] = ["boosting_search", "boosting_parameters"];

/// Those of the final model's probabilities and threshold.
const PROBABILITIES: [&str; 3] = ["reliability_curve", "threshold_curve", "precision_recall_curve"];

/// Those of how good the final model's recipe is.
const ASSESSMENT: [&str; 4] = ["protocols", "scores_by_decade", "transfer", "learning_curve"];

/// Whether a chart belongs to a section on models.
fn is_of_models(chart: &Chart) -> bool {
    let others = ["leaderboard", "grid_search"];
    let names = FINAL_MODEL.iter().chain(&SIDE_BY_SIDE).chain(&BOOSTING_SEARCH).chain(&PROBABILITIES).chain(&others);
    let explaining = CONTRIBUTIONS.iter().chain(&MEASURES).chain(&DEPENDENCE).chain(&EXAMPLES);
    let mut names = names.chain(explaining).chain(&ASSESSMENT).chain(&["leaks"]);
    names.any(|name| chart.name == *name)
}

/// The charts not yet placed, numbered as they are.
struct Charts<'a> {
    left: Vec<&'a Chart>,
    placed: usize,
}

impl<'a> Charts<'a> {
    /// Takes the charts of these names, in the order of the names.
    fn take(&mut self, names: &[&str]) -> Vec<SectionBlock> {
        let mut taken = Vec::new();
        for name in names {
            let (matching, left) = self.left.iter().partition(|chart| chart.name == *name);
            self.left = left;
            let matching: Vec<&'a Chart> = matching;
            taken.extend(matching.into_iter().map(|chart| self.figure(chart)));
        }
        taken
    }

    /// Takes all that are left, but those of models if these have a section of their own.
    fn take_unknown(&mut self, has_models: bool) -> Vec<SectionBlock> {
        let (of_models, unknown): (Vec<&'a Chart>, Vec<&'a Chart>) =
            self.left.iter().partition(|chart| has_models && is_of_models(chart));
        self.left = of_models;
        unknown.into_iter().map(|chart| self.figure(chart)).collect()
    }

    fn figure(&mut self, chart: &Chart) -> SectionBlock {
        self.placed += 1;
        SectionBlock::Figure(Figure {
            number: self.placed,
            name: chart.name.to_string(),
            caption: chart.caption.clone(),
            svg: svg::inline(&chart.svg, &chart.name, &chart.alt),
            width: chart.width,
            legible_width: legible_width(chart.width),
        })
    }
}

/// Greatest width of a chart that is shrunk to any screen rather than scrolled; at 340 pixels, which a phone has, its
/// type of 11 to 13 pixels has at least 6.
const SHRUNK: u32 = 600;

/// Charts are drawn with type of 11 to 13 pixels; at three quarters of that it can still be read.
fn legible_width(width: u32) -> u32 {
    if width <= SHRUNK {
        0
    } else {
        width * 3 / 4
    }
}

pub fn sections(report: &Report, narrative: &Narrative, tables: ReportTables, charts: &[Chart]) -> Vec<Section> {
    let mut charts = Charts { left: charts.iter().collect(), placed: 0 };
    let ReportTables { sources, settings, rejected, features, quality, out_of_range, .. } = &tables;
    let mut sections = vec![
        summary(narrative),
        data(report, narrative, [Some(sources), settings.as_ref(), rejected.as_ref(), Some(features)]),
        findings_of_quality(narrative, quality, out_of_range.as_ref()),
        exploration(report, narrative, &tables, &mut charts),
    ];
    sections.extend(has_models(report).then(|| models(narrative, &tables, &mut charts)));
    sections.extend(assessment(narrative, &tables, &mut charts));
    sections.extend(report.probabilities.as_ref().map(|_| probabilities(narrative, &tables, &mut charts)));
    sections.extend(report.explanations.as_ref().map(|_| why(narrative, &tables, &mut charts)));
    sections.extend(leaks(narrative, &tables, &mut charts));
    sections.push(methods(report));
    sections
}

fn part(id: &'static str, title: &'static str, blocks: Vec<SectionBlock>) -> SectionPart {
    SectionPart { id, title, blocks }
}

fn summary(narrative: &Narrative) -> Section {
    let answers = narrative.answers.iter().cloned().map(SectionBlock::Answer).collect();
    Section { id: "summary", title: "Summary", parts: vec![part("answers", "", answers)] }
}

fn data(report: &Report, narrative: &Narrative, tables: [Option<&ReportTable>; 4]) -> Section {
    let [sources, settings, rejected, features] = tables.map(|table| table.cloned());
    let mut fingerprint: Vec<SectionBlock> = Vec::new();
    fingerprint.extend(sources.filter(|table| !table.rows.is_empty()).map(SectionBlock::Table));
    if !report.provenance.sources.is_empty() {
        fingerprint
            .push(SectionBlock::Code("All digits of the hashes, as sha256sum writes them", hashes(&report.provenance)));
    }
    fingerprint.push(SectionBlock::Paragraph(vec![format!(
        "Made by hitflop {} with seed {}.",
        report.provenance.version, report.provenance.seed
    )]));
    fingerprint.extend(settings.map(SectionBlock::Table));
    let mut parts = vec![
        part("labels", "What hit and flop mean", vec![SectionBlock::Paragraph(narrative.labels.clone())]),
        part("features", "Features", features.into_iter().map(SectionBlock::Table).collect()),
        part("fingerprint", "Fingerprint", fingerprint),
    ];
    if let Some(table) = rejected {
        let mut blocks: Vec<SectionBlock> = narrative.rejected.iter().cloned().map(SectionBlock::Lead).collect();
        blocks.push(SectionBlock::Table(table));
        parts.push(part("rejected", "Rows set aside", blocks));
    }
    Section { id: "data", title: "Data", parts }
}

fn findings_of_quality(narrative: &Narrative, quality: &ReportTable, out_of_range: Option<&ReportTable>) -> Section {
    let mut blocks = vec![SectionBlock::Findings(narrative.quality.clone())];
    blocks.extend(out_of_range.cloned().map(SectionBlock::Table));
    blocks.push(SectionBlock::Table(quality.clone()));
    Section { id: "quality", title: "Quality", parts: vec![part("findings", "", blocks)] }
}

fn exploration(report: &Report, narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Section {
    let mut parts = where_tracks_lie(narrative, tables, charts);
    parts.extend(what_tells_and_moves(narrative, tables, charts));
    parts.extend(filled("more", "More charts", &[], charts.take_unknown(has_models(report)), Vec::new()));
    Section { id: "exploration", title: "Exploration", parts }
}

/// A part that begins with sentences; none where there is nothing to show.
fn filled(
    id: &'static str,
    title: &'static str,
    lead: &[String],
    figures: Vec<SectionBlock>,
    rest: Vec<SectionBlock>,
) -> Option<SectionPart> {
    let lead = (!lead.is_empty()).then(|| SectionBlock::Paragraph(lead.to_vec()));
    let blocks: Vec<SectionBlock> = lead.into_iter().chain(figures).chain(rest).collect();
    (!blocks.is_empty()).then(|| part(id, title, blocks))
}

fn table(table: &ReportTable) -> SectionBlock {
    SectionBlock::Table(table.clone())
}

fn where_tracks_lie(narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Vec<SectionPart> {
    let balance = charts.take(&["class_balance"]);
    let shapes = charts.take(&["density_by_label", "density_by_decade"]);
    let means = charts.take(&["decade_means"]);
    let folded = SectionBlock::Folded("Means by decade and label", vec![tables.means.clone()]);
    [
        filled("balance", "Hits and flops by decade", &narrative.balance, balance, vec![table(&tables.counts)]),
        filled("describe", "Where the tracks lie", &narrative.distributions, Vec::new(), vec![table(&tables.describe)]),
        filled("densities", "Shapes", &narrative.shapes, shapes, Vec::new()),
        filled(
            "means",
            "Hits and flops over the decades",
            &narrative.means,
            means,
            vec![table(&tables.effects), folded],
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn what_tells_and_moves(narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Vec<SectionPart> {
    let all_continuous = vec![tables.mutual_information_all_continuous.clone()];
    let correlations = vec![tables.pearson.clone(), tables.spearman.clone()];
    let information = charts.take(&["mutual_information"]);
    let correlation = charts.take(&["correlation"]);
    [
        filled(
            "information",
            "What each feature tells of the label",
            &narrative.mutual_information,
            information,
            vec![
                table(&tables.mutual_information),
                SectionBlock::Folded("Every feature taken as continuous", all_continuous),
            ],
        ),
        filled(
            "correlation",
            "What moves together",
            &narrative.correlation,
            correlation,
            vec![SectionBlock::Folded("Correlations as tables", correlations)],
        ),
        filled(
            "selection",
            "Which features stay",
            &narrative.selection,
            Vec::new(),
            vec![SectionBlock::Folded("Every feature", vec![tables.selection.clone()])],
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn has_models(report: &Report) -> bool {
    report.evaluation.is_some() || report.comparison.is_some()
}

fn models(narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Section {
    let parts = [
        leaderboard(narrative, tables, charts),
        final_model(narrative, tables, charts),
        boosting_search(narrative, tables, charts),
        grid(narrative, tables, charts),
    ];
    Section { id: "models", title: "Models", parts: parts.into_iter().flatten().collect() }
}

fn leaderboard(narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Option<SectionPart> {
    let mut blocks = charts.take(&["leaderboard"]);
    let findings = Some(&narrative.leaderboard).filter(|findings| !findings.is_empty());
    blocks.extend(findings.cloned().map(SectionBlock::Findings));
    blocks.extend(tables.leaderboard.clone().map(SectionBlock::Table));
    blocks.extend(charts.take(&SIDE_BY_SIDE));
    blocks.extend(tables.costs.clone().map(SectionBlock::Table));
    filled("leaderboard", "Which model is best", &[], blocks, Vec::new())
}

fn final_model(narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Option<SectionPart> {
    let mut blocks: Vec<SectionBlock> = [&tables.scores, &tables.confusion].into_iter().flatten().map(table).collect();
    blocks.extend(charts.take(&FINAL_MODEL));
    blocks.extend(tables.importances.clone().map(|table| SectionBlock::Folded("Importances as a table", vec![table])));
    filled("final", "The final model", &narrative.model, blocks, Vec::new())
}

fn boosting_search(narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Option<SectionPart> {
    let figures = charts.take(&BOOSTING_SEARCH);
    let folded =
        tables.boosting_search.clone().map(|table| SectionBlock::Folded("Every setting that was tried", vec![table]));
    let rest = folded.into_iter().collect();
    filled("boosting", "How the boosting was tuned", &narrative.boosting_search, figures, rest)
}

fn grid(narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Option<SectionPart> {
    let figures = charts.take(&["grid_search"]);
    let mut rest: Vec<SectionBlock> = tables.grid_top.iter().map(table).collect();
    rest.extend(tables.grid_search.clone().map(|table| SectionBlock::Folded("Every point of the grid", vec![table])));
    filled("grid", "The notebook’s grid", &narrative.grid, figures, rest)
}

/// Why the final model answers as it does.
fn why(narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Section {
    let measures = tables.measures.clone().map(|table| SectionBlock::Folded("The measures as a table", vec![table]));
    let mut overview = vec![SectionBlock::Findings(narrative.explanations.clone())];
    overview.extend(charts.take(&CONTRIBUTIONS));
    let parts = [
        filled("contributions", "Contributions", &[], overview, Vec::new()),
        filled("measures", "Four measures of a feature", &[], charts.take(&MEASURES), measures.into_iter().collect()),
        filled("dependence", "Answers as a feature changes", &[], charts.take(&DEPENDENCE), Vec::new()),
        filled("examples", "Three tracks", &[], examples(narrative, charts), Vec::new()),
    ];
    Section { id: "why", title: "Why", parts: parts.into_iter().flatten().collect() }
}

/// Each example's sentences, and its chart.
fn examples(narrative: &Narrative, charts: &mut Charts) -> Vec<SectionBlock> {
    let figures = charts.take(&EXAMPLES);
    let sentences = narrative.examples.iter().cloned().map(SectionBlock::Paragraph);
    sentences.zip(figures).flat_map(|(sentences, figure)| [sentences, figure]).collect()
}

fn probabilities(narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Section {
    let [reliability, threshold, precision_recall] = PROBABILITIES.map(|name| charts.take(&[name]));
    let calibrated: Vec<SectionBlock> = tables.calibration.iter().map(table).collect();
    let bins =
        tables.reliability.clone().map(|table| SectionBlock::Folded("The reliability curve as a table", vec![table]));
    let thresholds =
        tables.thresholds.clone().map(|table| SectionBlock::Folded("Scores over thresholds as a table", vec![table]));
    let parts = [
        filled(
            "calibration",
            "Do probabilities mean what they say?",
            &narrative.calibration,
            reliability,
            calibrated.into_iter().chain(bins).collect(),
        ),
        filled(
            "threshold",
            "Where a hit begins",
            &narrative.threshold,
            threshold.into_iter().chain(precision_recall).collect(),
            thresholds.into_iter().collect(),
        ),
    ];
    let parts = parts.into_iter().flatten().collect();
    Section { id: "probabilities", title: "Probabilities and threshold", parts }
}

/// Charts before the findings that speak of them, then the tables, folded but for the first.
fn assessment(narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Option<Section> {
    let (first, others) = tables.assessment.split_first()?;
    let mut blocks = charts.take(&["protocols"]);
    blocks.push(SectionBlock::Findings(narrative.assessment.clone()));
    blocks.push(table(first));
    blocks.extend(charts.take(&["transfer", "scores_by_decade", "learning_curve"]));
    blocks.push(SectionBlock::Folded("Every fit, every decade, every pair of decades", others.to_vec()));
    Some(Section { id: "honesty", title: "How good is it really", parts: vec![part("protocols", "", blocks)] })
}

fn leaks(narrative: &Narrative, tables: &ReportTables, charts: &mut Charts) -> Option<Section> {
    let (columns, others) = tables.leaks.split_last()?;
    let mut blocks = charts.take(&["leaks"]);
    blocks.push(SectionBlock::Findings(narrative.leaks.clone()));
    blocks.extend(others.iter().map(table));
    blocks.push(SectionBlock::Folded("Every column alone", vec![columns.clone()]));
    Some(Section { id: "leaks", title: "Leaks", parts: vec![part("measured", "", blocks)] })
}

fn methods(report: &Report) -> Section {
    let blocks = vec![
        SectionBlock::Notes(notes(report)),
        SectionBlock::Code("To make this report again, with the settings above", command(&report.provenance)),
    ];
    Section { id: "methods", title: "Methods", parts: vec![part("notes", "", blocks)] }
}

fn notes(report: &Report) -> Vec<(&'static str, String)> {
    let mutual = &report.mutual_information;
    let mut notes = vec![
        (
            "Mutual information",
            format!(
                "Nearest-neighbour estimator for a continuous feature and a discrete label, k = {}, averaged over {} of the \
                 noise that breaks ties; plug-in estimate for discrete features. B. C. Ross, “Mutual Information between \
                 Discrete and Continuous Data Sets”, PLoS ONE 9(2), 2014. Chance is measured with {} of the label; p counts \
                 those that reach the estimate, and itself, so that it cannot be less than {}. Each permutation is estimated \
                 from one draw and the estimate averages {}, which makes the comparison conservative.",
                mutual.neighbours,
                plural(mutual.draws as u64, "draw", "draws"),
                plural(mutual.permutations as u64, "permutation", "permutations"),
                fixed(1.0 / (1.0 + mutual.permutations as f64), 3),
                count(mutual.draws as u64),
            ),
        ),
        (
            "Densities",
            "Gaussian kernel with Scott’s bandwidth, n to the power −1/5 times the standard deviation. D. W. Scott, \
             Multivariate Density Estimation, Wiley, 1992. On features bounded to 0 to 1 the mass beyond a bound is \
             reflected back at it."
                .to_owned(),
        ),
        (
            "Effect sizes",
            "Cohen’s d with the pooled standard deviation; intervals from those of the two means, which allow for several \
             tracks by one artist, and the term for the estimated spread of Hedges and Olkin, Statistical Methods for \
             Meta-Analysis, 1985. Hits and flops, and two decades, are taken as independent of each other. The key is left out, for its numbers are names."
                .to_owned(),
        ),
        (
            "Correlations",
            "Pearson’s r and Spearman’s rank correlation, ties given their mean rank.".to_owned(),
        ),
    ];
    notes.extend(report.evaluation.as_ref().map(|evaluation| ("Final model", final_model_note(evaluation))));
    notes.extend(report.comparison.as_ref().map(|comparison| ("Comparison", comparison_note(comparison))));
    notes.extend(report.explanations.as_ref().map(|explanations| ("Explanations", explanations_note(explanations))));
    notes.extend(report.probabilities.as_ref().map(|_| ("Calibration", CALIBRATION.to_owned())));
    notes
}

fn final_model_note(evaluation: &Evaluation) -> String {
    format!(
        "{}: {} Features are used as they are, for a tree goes by the order of their values alone. The interval of the accuracy is \
         Wilson’s (1927), which takes tracks as independent; tracks by one artist are not. Importances are shares of the {}; they \
         favour features with many distinct values.",
        capitalise(&evaluation.params.describe()),
        method(evaluation.params.kind()),
        importance(evaluation.params.kind())
    )
}

/// What kind of model it is, and whose.
fn method(kind: EstimatorKind) -> &'static str {
    match kind {
        EstimatorKind::Tree => {
            "a tree of questions (CART: Breiman, Friedman, Olshen and Stone, 1984) by linfa-trees. Depth is the greatest number of \
             questions asked of a track, leaf the fewest training tracks that may share an answer; probabilities are the class \
             frequencies in the leaves."
        }
        EstimatorKind::Forest => {
            "the mean of the class frequencies that many trees give, each grown on rows and features drawn at random (L. Breiman, \
             “Random Forests”, Machine Learning 45, 2001). Leaf is the fewest training tracks that may share an answer."
        }
        EstimatorKind::Boosting => {
            "trees grown one after the other, each to lower the log loss that those before it leave (J. H. Friedman, “Greedy \
             Function Approximation”, Annals of Statistics 29, 2001), on binned features. Rate is the share of each tree’s answer \
             that is added."
        }
    }
}

const CALIBRATION: &str =
    "Platt scaling: J. Platt, “Probabilistic Outputs for Support Vector Machines”, 1999, on the log odds, by the method of Lin, Lin \
     and Weng, Machine Learning 68, 2007. Isotonic regression: B. Zadrozny and C. Elkan, “Transforming Classifier Scores into Accurate \
     Multiclass Probability Estimates”, KDD 2002, by pooling adjacent violators. Both are fitted to out-of-fold predictions of the \
     training tracks, as the threshold is chosen on them; the test tracks have no part in either. Expected calibration error: the \
     gap between share of hits and mean probability, averaged over bins by their tracks (Naeini, Cooper and Hauskrecht, AAAI 2015); it \
     depends on the bins, and chance alone raises it where they hold few tracks.";

fn comparison_note(comparison: &Leaderboard) -> String {
    let mut text = format!(
        "{}. Folds hold hits and flops in the same proportion; the standard deviation over them has {} as its divisor, and says how \
         much a score moves with the rows, not how sure its mean is. Models are ranked by the mean ROC AUC over the folds. \
         Parameters that were searched for on the same rows make their models’ folds a little too favourable; the test rows had no \
         part in any search for parameters, but the selection of features goes by all rows.",
        capitalise(&comparison.protocol),
        count(comparison.folds.saturating_sub(1))
    );
    if comparison.boosting_search.is_some() {
        text.push_str(
            " Successive halving: K. Jamieson and A. Talwalkar, “Non-stochastic Best Arm Identification and Hyperparameter \
             Optimization”, AISTATS 2016.",
        );
    }
    if comparison.grid.is_some() {
        text.push_str(" The best point of the grid is that of scikit-learn’s GridSearchCV: the greatest mean accuracy, the first of equals.");
    }
    text
}

fn explanations_note(explanations: &Explanations) -> String {
    format!(
        "Shapley values of the trees, exact, path-dependent (S. M. Lundberg, G. G. Erion and S.-I. Lee, “Consistent Individualized \
         Feature Attribution for Tree Ensembles”, 2018). Permutation importance: L. Breiman, “Random Forests”, Machine Learning 45, \
         2001; {} repeats, each on artists drawn anew with replacement, of which the intervals are 1.96 standard deviations. \
         Partial dependence: Friedman, 2001; individual curves: A. Goldstein, A. Kapelner, J. Bleich and E. Pitkin, 2015. \
         Smallest changes are measured in ranks among the training tracks of the decade, within the range seen there; decade, key, \
         mode and time signature stay. All are of the model’s answers, none is of causes.",
        count(explanations.permutation.repeats)
    )
}
