//! Tables of the searches for parameters.

use super::{Display, ReportTable, TableCell, TableColumn, TableEntry, TableFile};
use crate::findings::grid_figures::{depth, yes_or_no, GridFigures, PointFigures};
use crate::findings::successive_halving::{
    shown, stage, value, varied, CandidateFigures, HalvingFigures, RoundFigures,
};
use crate::format::{count, fixed, list, plural, with_deviation};
use crate::registry::{ContentSource, PagePart};
use hitflop_model::param_value::ParamValue;
use hitflop_model::selection::search::boosting::{BoostingSearch, SearchCandidate};
use hitflop_model::selection::search::grid::{GridPoint, GridSearch};

/// Points that the page shows before the rest is folded away.
const TOP: usize = 10;

const POINT: [(&str, &str); 9] = [
    ("rank", "Rank"),
    ("n_estimators", "n_estimators"),
    ("max_features", "max_features"),
    ("max_depth", "max_depth"),
    ("min_samples_split", "min_samples_split"),
    ("min_samples_leaf", "min_samples_leaf"),
    ("bootstrap", "bootstrap"),
    ("accuracy", "Accuracy"),
    ("roc_auc", "ROC AUC"),
];

pub(super) const GRID_TOP: TableEntry = TableEntry {
    name: "grid_top",
    part: PagePart::GridSearch,
    display: Display::Shown,
    page: ContentSource::Grid(grid_top),
    file: TableFile::None,
};

/// The ten best points; points that differ only in equivalent values of `max_features` share one row.
fn grid_top(grid: &GridSearch, figures: &GridFigures) -> ReportTable {
    let mut ranked: Vec<(&GridPoint, &PointFigures)> = grid.points.iter().zip(&figures.points).collect();
    ranked.sort_by_key(|(_, figures)| figures.rank);
    let rows = ranked.into_iter().filter_map(|(point, scores)| {
        let alike = figures.max_features.iter().find(|group| group.first() == Some(&point.max_features))?;
        Some(point_row(point, scores, &list(alike)))
    });
    let caption = format!(
        "The best of {}: mean ± standard deviation over {}.",
        plural(grid.points.len() as u64, "point", "points"),
        plural(grid.folds, "fold", "folds")
    );
    let table = ReportTable::new(GRID_TOP.name, caption, &POINT).rows(rows.take(TOP));
    ReportTable { marked: (!table.rows.is_empty()).then_some(0), ..table }
}

pub(super) const GRID_SEARCH: TableEntry = TableEntry {
    name: "grid_search",
    part: PagePart::GridSearch,
    display: Display::Folded,
    page: ContentSource::Grid(grid_search),
    file: TableFile::Other(ContentSource::Grid(grid_search_long)),
};

/// Every point, in the order of the grid.
fn grid_search(grid: &GridSearch, figures: &GridFigures) -> ReportTable {
    let rows =
        grid.points.iter().zip(&figures.points).map(|(point, scores)| point_row(point, scores, &point.max_features));
    let caption =
        "Every point of the grid, mean ± standard deviation over the folds; tables/grid_search.csv has each fold.";
    let table = ReportTable::new(GRID_SEARCH.name, caption, &POINT).rows(rows);
    ReportTable { marked: (grid.best < grid.points.len()).then_some(grid.best), ..table }
}

fn point_row(point: &GridPoint, scores: &PointFigures, max_features: &str) -> Vec<TableCell> {
    vec![
        TableCell::count(scores.rank),
        TableCell::count(point.n_estimators as u64),
        TableCell::code(max_features),
        TableCell::code(depth(point.max_depth)),
        TableCell::count(point.min_samples_split as u64),
        TableCell::count(point.min_samples_leaf as u64),
        TableCell::text(yes_or_no(point.bootstrap)),
        spread(scores.accuracy, scores.accuracy_deviation),
        spread(scores.roc_auc, scores.roc_auc_deviation),
    ]
}

fn spread(mean: f64, deviation: f64) -> TableCell {
    TableCell::number(mean, with_deviation(mean, deviation))
}

fn number(value: f64) -> TableCell {
    TableCell::number(value, fixed(value, 4))
}

/// One column a fold.
fn fold_columns(name: &str, folds: usize) -> impl Iterator<Item = TableColumn> + '_ {
    (1..=folds).map(move |fold| TableColumn::new(format!("{name}_fold_{fold}"), format!("{name}, fold {fold}")))
}

/// One cell a fold, empty for a fold that was not tried.
fn fold_cells(values: &[f64], folds: usize) -> impl Iterator<Item = TableCell> + '_ {
    (0..folds).map(|fold| number(values.get(fold).copied().unwrap_or(f64::NAN)))
}

/// Every point with each fold's scores.
fn grid_search_long(grid: &GridSearch, figures: &GridFigures) -> ReportTable {
    let folds = grid.folds as usize;
    let about = POINT[1..7].iter().map(|(name, title)| TableColumn::new(*name, *title));
    let means = ["accuracy_mean", "accuracy_std", "roc_auc_mean", "roc_auc_std", "rank"];
    let columns: Vec<TableColumn> = about
        .chain(fold_columns("accuracy", folds))
        .chain(fold_columns("roc_auc", folds))
        .chain(means.map(|name| TableColumn::new(name, name)))
        .collect();
    let row = |(point, scores): (&GridPoint, &PointFigures)| -> Vec<TableCell> {
        let about = [
            TableCell::count(point.n_estimators as u64),
            TableCell::code(&point.max_features),
            TableCell::code(depth(point.max_depth)),
            TableCell::count(point.min_samples_split as u64),
            TableCell::count(point.min_samples_leaf as u64),
            TableCell::code(point.bootstrap.to_string()),
        ];
        let means = [scores.accuracy, scores.accuracy_deviation, scores.roc_auc, scores.roc_auc_deviation];
        about
            .into_iter()
            .chain(fold_cells(&point.accuracy, folds))
            .chain(fold_cells(&point.roc_auc, folds))
            .chain(means.map(number))
            .chain([TableCell::count(scores.rank)])
            .collect()
    };
    let table = ReportTable::new(GRID_SEARCH.name, "Every point of the grid.", &[]);
    ReportTable { columns, ..table }.rows(grid.points.iter().zip(&figures.points).map(row))
}

pub(super) const SEARCH_ROUNDS: TableEntry = TableEntry {
    name: "search_rounds",
    part: PagePart::BoostingSearch,
    display: Display::Shown,
    page: ContentSource::Report(|findings| findings.boosting_search().map(|(_, figures)| search_rounds(figures))),
    file: TableFile::Page,
};

/// What each round of the search costs and reaches.
fn search_rounds(figures: &HalvingFigures) -> ReportTable {
    let columns = [
        ("round", "Round"),
        ("candidates", "Candidates"),
        ("folds", "Folds"),
        ("fits", "Fits"),
        ("roc_auc_best", "Best ROC AUC"),
        ("roc_auc_median", "Median"),
        ("roc_auc_worst", "Lowest"),
    ];
    let row = |round: &RoundFigures| {
        let counts = [round.round, round.candidates, round.folds, round.fits].map(TableCell::count);
        counts.into_iter().chain([round.best, round.median, round.worst].map(number)).collect()
    };
    let caption = "Rounds of the gradient boosting search: candidates, folds that each has been scored on by the end of the round, fits \
                   that the round adds, and mean ROC AUC of the candidates over these folds. Only scores of one round are comparable.";
    ReportTable::new(SEARCH_ROUNDS.name, caption, &columns).rows(figures.rounds.iter().map(row))
}

pub(super) const BOOSTING_SEARCH: TableEntry = TableEntry {
    name: "boosting_search",
    part: PagePart::BoostingSearch,
    display: Display::Folded,
    page: ContentSource::Report(|findings| {
        findings.boosting_search().map(|(search, figures)| boosting_search(search, figures))
    }),
    file: TableFile::Other(ContentSource::Report(|findings| {
        findings.boosting_search().map(|(search, figures)| boosting_search_long(search, figures))
    })),
};

/// Every setting that was tried: the best, then those that came furthest, of equals those of the greatest ROC AUC.
fn boosting_search(search: &BoostingSearch, figures: &HalvingFigures) -> ReportTable {
    let names = varied(search);
    let mut ranked: Vec<(usize, (&SearchCandidate, &CandidateFigures))> =
        search.candidates.iter().zip(&figures.candidates).enumerate().collect();
    ranked.sort_by(|(i, (a, x)), (j, (b, y))| {
        let first = |index: &usize| *index != search.best;
        first(i).cmp(&first(j)).then(b.last_round.cmp(&a.last_round)).then(y.roc_auc.total_cmp(&x.roc_auc))
    });
    let about = names.iter().map(|name| TableColumn::new(*name, *name));
    let scores = [
        ("setting", "Setting"),
        ("rounds", "Rounds"),
        ("roc_auc", "ROC AUC"),
        ("log_loss", "Log loss"),
        ("n_estimators", "Trees"),
        ("trees", "Trees, by fold"),
    ];
    let columns = scores.map(|(name, title)| TableColumn::new(name, title)).into_iter().chain(about).collect();
    let row = |(index, (candidate, figures)): (usize, (&SearchCandidate, &CandidateFigures))| -> Vec<TableCell> {
        let params = names.iter().map(|name| TableCell::code(value(candidate, name).map_or(String::new(), shown)));
        let scores = [
            TableCell::count(index as u64 + 1),
            TableCell::count(candidate.last_round + 1),
            spread(figures.roc_auc, figures.roc_auc_deviation),
            number(figures.log_loss),
            stage(candidate).map_or(TableCell::number(f64::NAN, ""), TableCell::count),
            TableCell::text(trees(candidate)),
        ];
        scores.into_iter().chain(params).collect()
    };
    let caption = "All candidates of the gradient boosting search, numbered in the order of sampling; the best is \
                   bold. Ordered by the last round reached, then by ROC AUC: mean ± standard deviation over the folds \
                   of the candidate. Only candidates with the same number of rounds have the same folds. Trees: the \
                   number with the highest mean ROC AUC over these folds; by fold: the number with the highest in \
                   each.";
    let table = ReportTable::new(BOOSTING_SEARCH.name, caption, &[]);
    let table = ReportTable { columns, ..table }.rows(ranked.into_iter().map(row));
    ReportTable { marked: (!table.rows.is_empty()).then_some(0), ..table }
}

/// `400`, `400 to 480`.
fn trees(candidate: &SearchCandidate) -> String {
    match (candidate.trees.iter().min(), candidate.trees.iter().max()) {
        (Some(fewest), Some(most)) if fewest < most => format!("{} to {}", count(*fewest), count(*most)),
        (_, Some(most)) => count(*most),
        _ => String::new(),
    }
}

/// Every setting in the order in which they were drawn, with all its parameters and each fold's scores.
fn boosting_search_long(search: &BoostingSearch, figures: &HalvingFigures) -> ReportTable {
    let folds = search.rounds.last().map_or(0, |round| round.folds as usize);
    let names: Vec<&str> = search
        .candidates
        .first()
        .map_or(Vec::new(), |first| first.params.iter().map(|(name, _)| name.as_str()).collect());
    let means = ["roc_auc_mean", "roc_auc_std", "log_loss_mean"];
    let columns = [
        TableColumn::new("setting", "Setting"),
        TableColumn::new("best", "Best"),
        TableColumn::new("rounds", "Rounds"),
    ]
    .into_iter()
    .chain(names.iter().map(|name| TableColumn::new(*name, *name)))
    .chain(["roc_auc", "log_loss", "trees"].into_iter().flat_map(|name| fold_columns(name, folds)))
    .chain(means.map(|name| TableColumn::new(name, name)))
    .collect();
    let row = |(index, (candidate, figures)): (usize, (&SearchCandidate, &CandidateFigures))| -> Vec<TableCell> {
        let trees: Vec<f64> = candidate.trees.iter().map(|trees| *trees as f64).collect();
        let about = [
            TableCell::count(index as u64 + 1),
            TableCell::code((index == search.best).to_string()),
            TableCell::count(candidate.last_round + 1),
        ];
        about
            .into_iter()
            .chain(
                names
                    .iter()
                    .map(|name| TableCell::code(value(candidate, name).map(ParamValue::to_string).unwrap_or_default())),
            )
            .chain(
                [&candidate.roc_auc, &candidate.log_loss, &trees]
                    .into_iter()
                    .flat_map(|values| fold_cells(values, folds)),
            )
            .chain([figures.roc_auc, figures.roc_auc_deviation, figures.log_loss].map(number))
            .collect()
    };
    let table = ReportTable::new(BOOSTING_SEARCH.name, "All candidates.", &[]);
    ReportTable { columns, ..table }.rows(search.candidates.iter().zip(&figures.candidates).enumerate().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    #[test]
    fn the_file_of_the_grid_has_every_fold() {
        let grid = small::grid();
        let csv = grid_search_long(&grid, &GridFigures::of(&grid)).csv().expect("rows fit");
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 65);
        assert_eq!(
            lines[0],
            "n_estimators,max_features,max_depth,min_samples_split,min_samples_leaf,bootstrap,accuracy_fold_1,accuracy_fold_2,\
             roc_auc_fold_1,roc_auc_fold_2,accuracy_mean,accuracy_std,roc_auc_mean,roc_auc_std,rank"
        );
        assert!(lines[17].starts_with("200,auto,none,2,2,true,0.785,0.775,0.865,0.855,0.78,"), "{}", lines[17]);
        assert!(lines[17].ends_with(",1"), "{}", lines[17]);
    }

    #[test]
    fn alike_values_of_max_features_share_one_row_of_the_best() {
        let mut grid = small::grid();
        let table = grid_top(&grid, &GridFigures::of(&grid));
        assert_eq!(table.rows.len(), 10);
        assert!(table.rows.iter().all(|row| row[2].shown() == "auto and sqrt"));
        grid.points[0].accuracy[0] = 0.9;
        let table = grid_top(&grid, &GridFigures::of(&grid));
        let shown: Vec<&str> = table.rows.iter().take(4).map(|row| row[2].shown()).collect();
        assert_eq!(shown, ["auto", "auto", "auto", "sqrt"]);
    }

    #[test]
    fn settings_are_best_first_on_the_page_and_as_drawn_in_the_file() {
        let search = small::boosting_search();
        let figures = HalvingFigures::of(&search);
        let table = boosting_search(&search, &figures);
        let numbers: Vec<&str> = table.rows.iter().map(|row| row[0].shown()).collect();
        assert_eq!(
            numbers,
            ["2", "1", "4", "3"],
            "the fourth scores more than the first, but was tried on one fold only"
        );
        let shown: Vec<&str> = table.rows[0].iter().map(TableCell::shown).collect();
        assert_eq!(shown, ["2", "2", "0.8750 ± 0.0150", "0.4250", "240", "225 to 255", "6", "none", "true"]);
        assert!(!table.caption.contains("log loss") && table.caption.contains("Ordered by the last round reached"));
        let csv = boosting_search_long(&search, &figures).csv().expect("rows fit");
        let third = csv.lines().nth(3).expect("a header and four settings");
        assert!(third.starts_with("3,false,1,10,none,90,15,false,0.8,,,"), "{third}");
    }

    #[test]
    fn a_setting_of_one_fold_has_no_deviation() {
        let search = small::boosting_search();
        let figures = HalvingFigures::of(&search);
        let table = boosting_search(&search, &figures);
        assert_eq!(table.rows[3][2].shown(), "0.8000");
        let csv = boosting_search_long(&search, &figures).csv().expect("rows fit");
        let ends = |line: usize, end: &str| csv.lines().nth(line).expect("a header and four settings").ends_with(end);
        assert!(ends(0, ",roc_auc_mean,roc_auc_std,log_loss_mean") && ends(3, ",0.8,,0.5"), "{csv}");
    }
}
