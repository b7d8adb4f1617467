//! The signals that stop the service or reload its model.

use anyhow::Result;
use tokio::sync::Notify;

/// The signals that the server obeys; where there are no others, Ctrl-C.
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on they are caught.
    pub fn new() -> Result<Signals> {
        use tokio::signal::unix::{signal, SignalKind};
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for a signal to stop, and passes on those to reload the model.
    pub async fn until_stopped(&mut self, reload: &Notify) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => reload.notify_one(),
            }
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    pub fn new() -> Result<Signals> {
        Ok(Signals {})
    }

    pub async fn until_stopped(&mut self, _: &Notify) {
        // Without a handler the system's own ends the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
