//! State that all requests share: settings, the model, metrics, and the requests in flight.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use arc_swap::{ArcSwapOption, Guard};
use axum::http::HeaderValue;
use tokio::sync::Semaphore;
use tracing::error;

use super::served_model::ServedModel;
use crate::http::limits::ServerLimits;
use crate::http::metrics::ServiceMetrics;
use crate::http::rejection::Rejection;

/// Settings of a server.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Limits.
    pub limits: ServerLimits,
    /// Name of the model in KServe's protocol.
    pub model_name: String,
    /// Token that clients must send, if any.
    pub token: Option<String>,
    /// Whether a changed model file is loaded although its model has other features, another label, or learned from simulated tracks.
    pub allow_model_change: bool,
    /// Origins whose pages may call the server, besides its own.
    pub allow_origins: Vec<HeaderValue>,
}

/// State that all requests share.
#[derive(Debug)]
pub struct State {
    /// Settings.
    pub config: Config,
    pub(crate) metrics: ServiceMetrics,
    model: ArcSwapOption<ServedModel>,
    /// One permit for each KiB of body that is being read.
    pub(crate) bodies: Arc<Semaphore>,
    heavy: Arc<Semaphore>,
    is_stopping: AtomicBool,
}

impl State {
    /// A state without a model.
    pub fn new(config: Config) -> Arc<State> {
        Arc::new(State {
            metrics: ServiceMetrics::default(),
            model: ArcSwapOption::empty(),
            bodies: Arc::new(Semaphore::new(config.limits.bodies_bytes.div_ceil(1 << 10))),
            heavy: Arc::new(Semaphore::new(config.limits.heavy)),
            is_stopping: AtomicBool::new(false),
            config,
        })
    }

    /// Serves `loaded` from now on. Requests in flight keep their model.
    pub fn serve_model(&self, loaded: ServedModel) {
        self.metrics.set_model(&loaded.version);
        self.model.store(Some(Arc::new(loaded)));
    }

    /// The model that is served.
    ///
    /// # Errors
    /// No model is loaded yet.
    pub(crate) fn model(&self) -> Result<CurrentModel, Rejection> {
        let guard = self.model.load();
        match guard.is_some() {
            true => Ok(CurrentModel(guard)),
            false => Err(Rejection::NotReady),
        }
    }

    /// Whether requests are accepted.
    ///
    /// # Errors
    /// No model is loaded, or the server is stopping.
    pub(crate) fn check_ready(&self) -> Result<(), Rejection> {
        match self.is_stopping.load(Ordering::Relaxed) {
            true => Err(Rejection::Stopping),
            false => self.model().map(drop),
        }
    }

    /// Reports from now on that no requests are accepted.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Does work of milliseconds and more on a blocking thread, with the model; at most `heavy` at a time.
    ///
    /// # Errors
    /// The limit is reached, no model is loaded, or the error of the work.
    pub(crate) async fn heavy<T: Send + 'static>(
        self: &Arc<State>,
        work: impl FnOnce(&State, &ServedModel) -> Result<T, Rejection> + Send + 'static,
    ) -> Result<T, Rejection> {
        let permit = Arc::clone(&self.heavy).try_acquire_owned().map_err(|_| Rejection::Busy)?;
        let loaded = self.model.load_full().ok_or(Rejection::NotReady)?;
        let state = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work and not by the request, which may be dropped before.
            let _permit = permit;
            work(&state, &loaded)
        });
        done.await.unwrap_or_else(|error| {
            error!(%error, "a request's work failed");
            Err(Rejection::Internal)
        })
    }
}

/// The model that was served when a request began.
pub(crate) struct CurrentModel(Guard<Option<Arc<ServedModel>>>);

impl std::ops::Deref for CurrentModel {
    type Target = ServedModel;

    fn deref(&self) -> &ServedModel {
        // `State::model` makes none without one.
        self.0.as_deref().expect("a model is loaded")
    }
}
