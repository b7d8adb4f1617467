//! A simulated sample of the dataset, for who has not the real files: six decade files drawn from a [`Profile`].
//!
//! The profile holds statistics only, per decade and label: the distribution of each audio feature and the features'
//! rank correlations. [`draw`] turns it into tracks by a Gaussian copula, so that an analysis finds in the sample
//! what it finds in the data: means, spreads, correlations, mutual information with the label. What no pair of
//! features shows, the sample does not have: three features acting together, and anything in titles and artists.
//!
//! ```
//! use hitflop::ingest::sample::{draw, Profile};
//!
//! let sample = draw(&Profile::committed()?, 42);
//! assert_eq!(sample.rows(), 41_106);
//! # Ok::<(), hitflop::error::Error>(())
//! ```

mod artists;
mod check;
mod copula;
mod margin;
mod measure;
mod profile;
mod resolution;
mod simulate;
mod write;

pub use margin::Margin;
pub use profile::{Artists, Cell, Profile};
pub use simulate::{draw, DecadeSample, Sample, SimulatedTrack};
