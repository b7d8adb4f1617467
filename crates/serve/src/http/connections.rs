//! The connections that are open: as many as are allowed. At the maximum, one that waits for its client makes room for a further one,
//! so that clients that send nothing, or slowly, keep no other out.
//!
//! hyper-util counts no connections, and tower's limits are of requests.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::connection_slot::ConnectionSlot;

/// Time after which another connection is closed, if none has gone.
const RETRY: Duration = Duration::from_millis(20);

/// Room for connections.
#[derive(Debug)]
pub(super) struct Connections {
    room: Arc<Semaphore>,
    open: Arc<Mutex<HashMap<u64, Arc<ConnectionSlot>>>>,
    next: AtomicU64,
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

    /// Closes the connection whose client owes most and has owed it for longest, if that is long enough.
    fn close_idlest(&self) -> bool {
        let open = self.lock();
        let waiting = open.values().filter_map(|slot| Some((slot.waiting()?, slot)));
        let idlest = waiting
            .filter(|((waiting, since), _)| *since >= waiting.patience())
            .min_by_key(|((waiting, since), _)| (*waiting, Reverse(*since)));
        idlest.inspect(|(_, slot)| slot.close()).is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::connection_slot::AwaitedPart;
    use super::*;

    /// Closes a connection once that is signalled, as its task does.
    fn closing(connection: OpenConnection) -> tokio::task::JoinHandle<()> {
        tokio::spawn(async move {
            connection.slot.closed().await;
            drop(connection);
        })
    }

    #[tokio::test]
    async fn the_connection_that_waits_for_longest_makes_room() {
        let connections = Connections::new(3);
        let no_other = || panic!("there is room");
        let busy = connections.enter(no_other).await;
        let serving = busy.slot.serve();
        let writing = connections.enter(no_other).await;
        writing.slot.writes();
        let idle = connections.enter(no_other).await;
        idle.slot.hears();
        let idle = closing(idle);
        let started = Instant::now();
        let count = AtomicU64::new(0);
        let closing_one = || {
            count.fetch_add(1, Ordering::Relaxed);
        };
        let next = connections.enter(closing_one).await;
        assert_eq!(count.load(Ordering::Relaxed), 1);
        assert!(started.elapsed() >= AwaitedPart::Request.patience() - RETRY, "{:?}", started.elapsed());
        idle.await.expect("closed");
        // None waits for its client now: a further one waits until one is gone.
        let next_serving = next.slot.serve();
        let waiting = timeout(2 * AwaitedPart::Request.patience(), connections.enter(|| panic!("none is idle")));
        assert!(waiting.await.is_err());
        drop((serving, busy));
        connections.enter(no_other).await;
        drop((next_serving, writing));
        assert_eq!(connections.lock().len(), 1);
    }

    #[tokio::test]
    async fn a_connection_that_has_sent_nothing_makes_room_first_and_soon() {
        let connections = Connections::new(2);
        let heard = connections.enter(|| panic!("there is room")).await;
        heard.slot.hears();
        tokio::time::sleep(AwaitedPart::Request.patience()).await;
        let silent = closing(connections.enter(|| panic!("there is room")).await);
        let started = Instant::now();
        connections.enter(|| ()).await;
        silent.await.expect("closed");
        assert!(started.elapsed() < AwaitedPart::Request.patience(), "{:?}", started.elapsed());
    }
}
