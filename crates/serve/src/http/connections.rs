//! The connections that are open: as many as are allowed. At the maximum, one without a request makes room for a further one, so that
//! idle connections keep no client out.
//!
//! hyper-util counts no connections, and tower's limits are of requests.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Time without a request after which a connection may be closed for a further one.
const MIN_IDLE: Duration = Duration::from_millis(500);
/// Time after which it is looked again for such a connection.
const RETRY: Duration = Duration::from_millis(50);

/// Room for connections.
#[derive(Debug)]
pub(super) struct Connections {
    room: Arc<Semaphore>,
    open: Arc<Mutex<HashMap<u64, Arc<ConnectionSlot>>>>,
    next: AtomicU64,
}

/// What a connection is doing.
#[derive(Debug)]
pub(super) struct ConnectionSlot {
    opened: Instant,
    is_serving: AtomicBool,
    is_writing: AtomicBool,
    /// Milliseconds from `opened` to the end of the last answer.
    answered: AtomicU64,
    close: Notify,
    is_closed: AtomicBool,
}

impl Default for ConnectionSlot {
    fn default() -> ConnectionSlot {
        ConnectionSlot {
            opened: Instant::now(),
            is_serving: AtomicBool::new(false),
            is_writing: AtomicBool::new(false),
            answered: AtomicU64::new(0),
            close: Notify::new(),
            is_closed: AtomicBool::new(false),
        }
    }
}

impl ConnectionSlot {
    /// A request is being answered, until the result is dropped.
    pub(super) fn serve(self: &Arc<Self>) -> ServingGuard {
        self.is_serving.store(true, Ordering::Relaxed);
        ServingGuard(Arc::clone(self))
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

    fn touch(&self) {
        let since = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.answered.store(since, Ordering::Relaxed);
    }

    /// Time since the last answer, or since the connection was opened; none while there is a request.
    fn idle(&self) -> Option<Duration> {
        let is_busy = [&self.is_serving, &self.is_writing, &self.is_closed].map(|flag| flag.load(Ordering::Relaxed));
        let answered = Duration::from_millis(self.answered.load(Ordering::Relaxed));
        (!is_busy.contains(&true)).then(|| self.opened.elapsed().saturating_sub(answered))
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

/// Room of a connection, which is free again once it is dropped.
pub(super) struct OpenConnection {
    pub slot: Arc<ConnectionSlot>,
    id: u64,
    open: Arc<Mutex<HashMap<u64, Arc<ConnectionSlot>>>>,
    _room: OwnedSemaphorePermit,
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Connections {
    /// Room for `most` connections.
    pub(super) fn new(most: usize) -> Connections {
        Connections { room: Arc::new(Semaphore::new(most)), open: Arc::default(), next: AtomicU64::new(0) }
    }

    /// Waits for room for a connection. `closed` is called for each that is closed for it.
    pub(super) async fn enter(&self, closed: impl Fn()) -> OpenConnection {
        let room = loop {
            if let Ok(room) = Arc::clone(&self.room).try_acquire_owned() {
                break room;
            }
            if self.close_idlest() {
                closed();
            }
            // The semaphore is never closed.
            if let Ok(Ok(room)) = timeout(RETRY, Arc::clone(&self.room).acquire_owned()).await {
                break room;
            }
        };
        let slot = Arc::<ConnectionSlot>::default();
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(id, Arc::clone(&slot));
        OpenConnection { slot, id, open: Arc::clone(&self.open), _room: room }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<ConnectionSlot>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the connection that has been without a request for longest, if that is long enough.
    fn close_idlest(&self) -> bool {
        let open = self.lock();
        let idle = open.values().filter_map(|slot| Some((slot.idle()?, slot)));
        match idle.max_by_key(|(idle, _)| *idle) {
            Some((idle, slot)) if idle >= MIN_IDLE => {
                slot.is_closed.store(true, Ordering::Relaxed);
                slot.close.notify_one();
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_connection_that_is_idle_for_longest_makes_room() {
        let connections = Connections::new(3);
        let busy = connections.enter(|| panic!("there is room")).await;
        let serving = busy.slot.serve();
        let writing = connections.enter(|| panic!("there is room")).await;
        writing.slot.writes();
        let idle = connections.enter(|| panic!("there is room")).await;
        let slot = Arc::clone(&idle.slot);
        // As its task does.
        let closing = tokio::spawn(async move {
            slot.closed().await;
            drop(idle);
        });
        let started = Instant::now();
        let count = AtomicU64::new(0);
        let closing_one = || {
            count.fetch_add(1, Ordering::Relaxed);
        };
        let next = connections.enter(closing_one).await;
        assert_eq!(count.load(Ordering::Relaxed), 1);
        assert!(started.elapsed() >= MIN_IDLE - RETRY, "{:?}", started.elapsed());
        closing.await.expect("closed");
        // Nothing is idle now: a further one waits until one is gone.
        let next_serving = next.slot.serve();
        let waiting = timeout(2 * MIN_IDLE, connections.enter(|| panic!("none is idle")));
        assert!(waiting.await.is_err());
        drop((serving, busy));
        connections.enter(|| panic!("there is room")).await;
        drop((next_serving, writing));
        assert_eq!(connections.lock().len(), 1);
    }

    #[test]
    fn an_answer_that_is_not_read_keeps_its_connection() {
        let slot = Arc::<ConnectionSlot>::default();
        assert!(slot.idle().is_some());
        let serving = slot.serve();
        assert!(slot.idle().is_none());
        drop(serving);
        slot.writes();
        assert!(slot.idle().is_none());
        slot.flushed();
        assert!(slot.idle().is_some_and(|idle| idle < MIN_IDLE));
    }
}
