//! Numbers that charts, tables and text derive from a report: effect sizes, entropies, ranks, statistics over folds.

pub mod decade_interactions;
pub mod derived;
pub mod effect_size;
pub mod fold_statistics;
pub mod grid_figures;
pub mod measures;
pub mod successive_halving;
