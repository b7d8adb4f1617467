//! The model that is served, its replacement while the server runs, and the answers for rows.

pub(crate) mod allowed_host;
pub(crate) mod batch;
pub(crate) mod csv_table;
mod default_decade;
pub(crate) mod drift;
pub(crate) mod first_look;
pub(crate) mod inference_counts;
pub(crate) mod known_track;
pub(crate) mod metrics;
mod model_change;
pub(crate) mod prediction;
mod prediction_metrics;
mod process_metrics;
pub(crate) mod read_tracks;
pub(crate) mod reload;
pub(crate) mod served_model;
pub(crate) mod state;
pub(crate) mod traffic;
mod work;

pub(crate) use work::Work;

/// Minimum number of rows of a thread: fewer are read sooner than handed over. Also the number of rows of a part of an answer.
pub(crate) const ROWS_PER_PART: usize = 64;
