//! Sums over tracks, from which a report explores tables of any size on any number of machines.
//!
//! [`TrackSums`] reads tracks in batches. The sums of two parts merge to those of both, so that parts can be summed by several threads,
//! processes or machines; between them, they travel as bytes. [`TrackFindings`] is what a report needs of them: one small JSON document,
//! without a name or a value of a single track but for the most frequent artists.
//!
//! | what | precision |
//! |---|---|
//! | counts, least and greatest values | exact |
//! | means, standard deviations, skewness, correlations | rounding of the sums (below 1e-9 of the value) |
//! | quantiles, densities, mutual information | by histograms: a bin is at most 1/256 of its value wide ([`Histogram`]) |
//! | artists, URIs, repeats, distinct values, standard errors clustered by artist | exact up to a number of keys, then estimated from a sample of them ([`KeySample`]) |

mod artists;
mod cell;
mod findings;
mod histogram;
mod key_sample;
mod moments;
mod names;
mod nan;
mod sums;

pub use artists::{ArtistSummary, ArtistTracks};
pub use cell::{CellSums, FeatureSums, OutsideValues};
pub use findings::{GroupErrors, TrackFindings};
pub use histogram::Histogram;
pub use key_sample::KeySample;
pub use moments::{PairMoments, ValueMoments};
pub use names::Quality;
pub use sums::{SummedTrack, TrackSums};
