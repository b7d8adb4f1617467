//! Limits of one client, so that the server stays available to the others.

use std::time::Duration;

/// Number of neighbours by default.
pub const DEFAULT_NEIGHBOURS: usize = 5;
/// Maximum number of neighbours.
pub const MAX_NEIGHBOURS: usize = 100;

/// Number of tracks that a search answers with by default.
pub const DEFAULT_FOUND_TRACKS: usize = 10;
/// Maximum number of tracks that a search answers with.
pub const MAX_FOUND_TRACKS: usize = 50;
/// Maximum number of characters of a search.
pub const MAX_SEARCH_CHARS: usize = 300;

/// Limits of a server. A request beyond them is rejected.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerLimits {
    /// Maximum number of bytes of the body of a request for one track or a few. Default: 256 KiB.
    pub body_bytes: usize,
    /// Maximum number of bytes of the body of a batch. Default: 16 MiB.
    pub batch_bytes: usize,
    /// Maximum number of bytes of all bodies that are read at the same time. Default: 48 MiB.
    pub bodies_bytes: usize,
    /// Maximum number of bytes of all large answers that are made or wait to be read at the same time. Default: 48 MiB.
    pub answers_bytes: usize,
    /// Maximum number of rows of a batch. Default: 10,000.
    pub rows: usize,
    /// Maximum number of tracks of an envelope that are explained: each takes as long as thousands that are only scored.
    /// Default: 20.
    pub explained: usize,
    /// Time in which the head of a request must have arrived; also the time that a connection may be idle. Default: 10 s.
    pub header_timeout: Duration,
    /// Time in which a body must have arrived. Default: 10 s.
    pub body_timeout: Duration,
    /// Time that a client may fall behind in reading an answer, at 32 KiB a second. Default: 30 s.
    pub write_timeout: Duration,
    /// Maximum number of connections at a time; further ones wait to be accepted. Default: 512.
    pub connections: usize,
    /// Maximum number of batches, explanations and searches at a time; further ones are rejected with 503.
    /// Default: 8.
    pub heavy: usize,
    /// Time for requests in flight once the server is stopped. Default: 10 s.
    pub grace: Duration,
}

impl Default for ServerLimits {
    fn default() -> ServerLimits {
        ServerLimits {
            body_bytes: 256 << 10,
            batch_bytes: 16 << 20,
            bodies_bytes: 48 << 20,
            answers_bytes: 48 << 20,
            rows: 10_000,
            explained: 20,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            connections: 512,
            heavy: 8,
            grace: Duration::from_secs(10),
        }
    }
}
