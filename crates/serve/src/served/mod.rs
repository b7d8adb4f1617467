//! The model that is served, its replacement while the server runs, and the answers for rows.

pub mod batch;
pub mod csv_table;
mod model_change;
pub mod prediction;
pub mod reload;
pub mod served_model;
pub mod state;
mod work;

pub(crate) use work::Work;
