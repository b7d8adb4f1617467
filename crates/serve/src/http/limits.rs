//! What one client may ask of the server, so that it stays up for the others.

use std::time::Duration;

/// Bounds of a server. Beyond them a request is refused, never slowed down without end.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerLimits {
    /// Most bytes of the body of a request for one track or a few. Default: 256 KiB.
    pub body_bytes: usize,
    /// Most bytes of the body of a batch. Default: 16 MiB.
    pub batch_bytes: usize,
    /// Most bytes of all bodies that are being read at the same time. Default: 64 MiB.
    pub bodies_bytes: usize,
    /// Most rows of a batch. Default: 10,000.
    pub rows: usize,
    /// Most tracks of an envelope that are explained: each takes as long as thousands that are only scored. Default: 20.
    pub explained: usize,
    /// Time in which the head of a request must have arrived; also the time that a connection may be idle. Default: 10 s.
    pub header_timeout: Duration,
    /// Time in which a body must have arrived. Default: 10 s.
    pub body_timeout: Duration,
    /// Time in which a connection must take some of an answer. Default: 30 s.
    pub write_timeout: Duration,
    /// Most connections at a time; further ones wait to be accepted. Default: 512.
    pub connections: usize,
    /// Most batches, explanations and searches for neighbours at a time; more are told to come again. Default: 8.
    pub heavy: usize,
    /// Time that requests in flight get to finish once the server is told to stop. Default: 10 s.
    pub grace: Duration,
}

impl Default for ServerLimits {
    fn default() -> ServerLimits {
        ServerLimits {
            body_bytes: 256 << 10,
            batch_bytes: 16 << 20,
            bodies_bytes: 64 << 20,
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
