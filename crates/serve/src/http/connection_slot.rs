//! What a connection is doing: which of them waits for its client, and for how long.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::sync::Notify;

/// What a client owes. The earlier ones are closed first for a further connection, since less is lost with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AwaitedPart {
    /// It has sent nothing so far. A client that connects for a request sends it with the last packet of the handshake.
    Anything,
    /// It has no request, or a part of its head.
    Request,
    /// The body of its request is not complete.
    Body,
}

impl AwaitedPart {
    /// Time for which a connection may wait so before it may be closed for a further one.
    pub(super) const fn patience(self) -> Duration {
        match self {
            AwaitedPart::Anything => Duration::from_millis(50),
            AwaitedPart::Request => Duration::from_millis(500),
            AwaitedPart::Body => Duration::from_secs(2),
        }
    }
}

/// What a connection is doing.
#[derive(Debug)]
pub(super) struct ConnectionSlot {
    opened: Instant,
    is_heard: AtomicBool,
    is_serving: AtomicBool,
    is_receiving: AtomicBool,
    is_writing: AtomicBool,
    /// Milliseconds from `opened` to the end of the last answer, or to the head of the request whose body is received.
    changed: AtomicU64,
    close: Notify,
    is_closed: AtomicBool,
}

impl Default for ConnectionSlot {
    fn default() -> ConnectionSlot {
        ConnectionSlot {
            opened: Instant::now(),
            is_heard: AtomicBool::new(false),
            is_serving: AtomicBool::new(false),
            is_receiving: AtomicBool::new(false),
            is_writing: AtomicBool::new(false),
            changed: AtomicU64::new(0),
            close: Notify::new(),
            is_closed: AtomicBool::new(false),
        }
    }
}

impl ConnectionSlot {
    /// Bytes of the client have come.
    pub(super) fn hears(&self) {
        self.is_heard.store(true, Ordering::Relaxed);
    }

    /// A request is being answered, until the result is dropped.
    pub(super) fn serve(self: &Arc<Self>) -> ServingGuard {
        self.is_serving.store(true, Ordering::Relaxed);
        ServingGuard(Arc::clone(self))
    }

    /// The body of a request, with which the slot knows whether all of it has come.
    pub(super) fn receive(self: &Arc<Self>, body: Incoming) -> ReceivedBody {
        self.touch();
        self.is_receiving.store(!body.is_end_stream(), Ordering::Relaxed);
        ReceivedBody { body, slot: Arc::clone(self) }
    }

    fn received(&self) {
        self.is_receiving.store(false, Ordering::Relaxed);
    }

    /// A part of an answer is written, or waits for the client to read.
    pub(super) fn writes(&self) {
        self.is_writing.store(true, Ordering::Relaxed);
    }

    /// All that there was of an answer is written.
    pub(super) fn flushed(&self) {
        if self.is_writing.load(Ordering::Relaxed) {
            self.touch();
            self.is_writing.store(false, Ordering::Relaxed);
        }
    }

    /// Waits until the connection is to be closed.
    pub(super) async fn closed(&self) {
        self.close.notified().await;
    }

    /// Closes the connection.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        self.close.notify_one();
    }

    fn touch(&self) {
        let since = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.changed.store(since, Ordering::Relaxed);
    }

    /// What the connection waits for, and since when; none while an answer is made or written.
    pub(super) fn waiting(&self) -> Option<(AwaitedPart, Duration)> {
        let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        let waiting = match (is(&self.is_serving), is(&self.is_receiving)) {
            _ if is(&self.is_writing) || is(&self.is_closed) => return None,
            (true, true) => AwaitedPart::Body,
            (true, false) => return None,
            (false, _) if is(&self.is_heard) => AwaitedPart::Request,
            (false, _) => AwaitedPart::Anything,
        };
        let changed = Duration::from_millis(self.changed.load(Ordering::Relaxed));
        Some((waiting, self.opened.elapsed().saturating_sub(changed)))
    }
}

/// A request that is being answered.
pub(super) struct ServingGuard(Arc<ConnectionSlot>);

impl Drop for ServingGuard {
    fn drop(&mut self) {
        self.0.touch();
        self.0.is_serving.store(false, Ordering::Relaxed);
    }
}

/// The body of a request; its slot knows when all of it has come.
pub(super) struct ReceivedBody {
    body: Incoming,
    slot: Arc<ConnectionSlot>,
}

impl Drop for ReceivedBody {
    fn drop(&mut self) {
        self.slot.received();
    }
}

impl Body for ReceivedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.slot.received();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_connection_waits_for_is_known() {
        let slot = Arc::<ConnectionSlot>::default();
        let waiting = || slot.waiting().map(|(waiting, _)| waiting);
        assert_eq!(waiting(), Some(AwaitedPart::Anything));
        slot.hears();
        assert_eq!(waiting(), Some(AwaitedPart::Request));
        let serving = slot.serve();
        assert_eq!(waiting(), None);
        slot.is_receiving.store(true, Ordering::Relaxed);
        assert_eq!(waiting(), Some(AwaitedPart::Body));
        slot.received();
        assert_eq!(waiting(), None);
        drop(serving);
        assert_eq!(waiting(), Some(AwaitedPart::Request));
    }

    #[test]
    fn an_answer_that_is_not_read_keeps_its_connection() {
        let slot = Arc::<ConnectionSlot>::default();
        let serving = slot.serve();
        drop(serving);
        slot.writes();
        assert!(slot.waiting().is_none());
        slot.flushed();
        assert!(slot.waiting().is_some_and(|(_, since)| since < AwaitedPart::Request.patience()));
    }
}
