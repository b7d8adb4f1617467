//! Counts of the inferences by KServe's protocol.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Inferences of a model since it was loaded.
#[derive(Debug, Default)]
pub(crate) struct InferenceCounts {
    pub(crate) rows: AtomicU64,
    /// Milliseconds since 1970; 0 is never.
    pub(crate) last: AtomicU64,
    pub(crate) success: DurationCount,
    pub(crate) fail: DurationCount,
    pub(crate) queue: DurationCount,
    pub(crate) input: DurationCount,
    pub(crate) infer: DurationCount,
    pub(crate) output: DurationCount,
}

/// Number and total time of steps.
#[derive(Debug, Default)]
pub(crate) struct DurationCount {
    count: AtomicU64,
    nanoseconds: AtomicU64,
}

impl DurationCount {
    fn add(&self, took: Duration) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.nanoseconds.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Number and nanoseconds.
    pub(crate) fn total(&self) -> (u64, u64) {
        (self.count.load(Ordering::Relaxed), self.nanoseconds.load(Ordering::Relaxed))
    }
}

/// Times of the steps of an inference, each at the end of its step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InferenceSteps {
    /// The request has arrived as far as its head.
    pub began: Instant,
    /// Its work began.
    pub started: Instant,
    pub input: Instant,
    pub infer: Instant,
    pub output: Instant,
}

impl InferenceSteps {
    /// The first step of a request is over.
    pub(crate) fn from(began: Instant, started: Instant) -> InferenceSteps {
        InferenceSteps { began, started, input: started, infer: started, output: started }
    }
}

impl InferenceCounts {
    /// Counts an inference that was answered.
    pub(crate) fn succeeded(&self, rows: usize, steps: &InferenceSteps) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.last.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.success.add(steps.output - steps.began);
        self.queue.add(steps.started - steps.began);
        self.input.add(steps.input - steps.started);
        self.infer.add(steps.infer - steps.input);
        self.output.add(steps.output - steps.infer);
    }

    /// Counts an inference that was refused.
    pub(crate) fn failed(&self, took: Duration) {
        self.fail.add(took);
    }
}
