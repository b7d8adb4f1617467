//! The model that is served, its replacement while the server runs, and the answers for rows.

pub(crate) mod batch;
pub(crate) mod csv_table;
mod default_decade;
pub(crate) mod drift;
mod model_change;
pub(crate) mod prediction;
pub(crate) mod read_tracks;
pub(crate) mod reload;
pub(crate) mod served_model;
pub(crate) mod state;
pub(crate) mod traffic;
mod work;

pub(crate) use work::Work;
