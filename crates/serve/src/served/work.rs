//! Work of milliseconds and more, on blocking threads: so much at a time, and only as long as the client waits for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use tokio::task::spawn_blocking;
use tracing::error;

use super::served_model::ServedModel;
use super::state::State;
use crate::answer::rejection::Rejection;

/// What a piece of work has: the state, the model, and whether the client is still there.
pub(crate) struct Work {
    pub state: Arc<State>,
    pub loaded: Arc<ServedModel>,
    is_abandoned: Arc<AtomicBool>,
}

impl Work {
    /// To be called between the parts of a long piece of work.
    ///
    /// # Errors
    /// The client has left, so nobody reads the answer.
    pub(crate) fn check_client(&self) -> Result<(), Rejection> {
        match self.is_abandoned.load(Ordering::Relaxed) {
            true => Err(Rejection::ClientLeft),
            false => Ok(()),
        }
    }
}

/// Part of the request's future, which is dropped when its connection is closed.
struct AbandonedOnDrop(Arc<AtomicBool>);

impl Drop for AbandonedOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl State {
    /// Does work on a blocking thread, at most `heavy` pieces at a time.
    ///
    /// # Errors
    /// The limit is reached, no model is loaded, or the error of the work.
    pub(crate) async fn heavy<T: Send + 'static>(
        self: &Arc<State>,
        work: impl FnOnce(&Work) -> Result<T, Rejection> + Send + 'static,
    ) -> Result<T, Rejection> {
        let permit = Arc::clone(&self.heavy).try_acquire_owned().map_err(|_| Rejection::Busy)?;
        let loaded = self.model.load_full().ok_or(Rejection::NotReady)?;
        let is_abandoned = Arc::new(AtomicBool::new(false));
        let _client = AbandonedOnDrop(Arc::clone(&is_abandoned));
        let context = Work { state: Arc::clone(self), loaded, is_abandoned };
        let done = spawn_blocking(move || {
            // Held by the work and not by the request, which may be dropped before.
            let _permit = permit;
            work(&context)
        });
        done.await.unwrap_or_else(|error| {
            error!(%error, "a request's work failed");
            Err(Rejection::Internal)
        })
    }
}
