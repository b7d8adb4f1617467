//! What all requests share: settings, the model that is served, figures for Prometheus, and what is being worked on.

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

/// How a server behaves.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Bounds.
    pub limits: ServerLimits,
    /// Name of the model in KServe's protocol.
    pub model_name: String,
    /// Token that a client must send, if any.
    pub token: Option<String>,
    /// Origins whose pages may ask, besides the server's own.
    pub allow_origins: Vec<HeaderValue>,
}

/// What all requests share.
#[derive(Debug)]
pub struct State {
    /// How the server behaves.
    pub config: Config,
    /// Figures for Prometheus.
    pub metrics: ServiceMetrics,
    model: ArcSwapOption<ServedModel>,
    /// One permit a kibibyte of body that is being read.
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

    /// Serves `loaded` from now on. Requests in flight go on with the model that they began with.
    pub fn serve_model(&self, loaded: ServedModel) {
        self.metrics.set_model(&loaded.version);
        self.model.store(Some(Arc::new(loaded)));
    }

    /// The model that is served.
    ///
    /// # Errors
    /// None is loaded yet.
    pub fn model(&self) -> Result<CurrentModel, Rejection> {
        let guard = self.model.load();
        match guard.is_some() {
            true => Ok(CurrentModel(guard)),
            false => Err(Rejection::NotReady),
        }
    }

    /// Whether requests should be sent here.
    ///
    /// # Errors
    /// No model is loaded, or the server is about to stop.
    pub fn check_ready(&self) -> Result<(), Rejection> {
        match self.is_stopping.load(Ordering::Relaxed) {
            true => Err(Rejection::Stopping),
            false => self.model().map(drop),
        }
    }

    /// Tells those who ask that no further requests should be sent here.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Does work of milliseconds and more on a thread of its own, with the model. Only so much is done at a time.
    ///
    /// # Errors
    /// As much as is allowed is being done, there is no model, or the work says so.
    pub async fn heavy<T: Send + 'static>(
        self: &Arc<State>,
        work: impl FnOnce(&State, &ServedModel) -> Result<T, Rejection> + Send + 'static,
    ) -> Result<T, Rejection> {
        let permit = Arc::clone(&self.heavy).try_acquire_owned().map_err(|_| Rejection::Busy)?;
        let loaded = self.model.load_full().ok_or(Rejection::NotReady)?;
        let state = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work and not by the request, which may be given up before.
            let _permit = permit;
            work(&state, &loaded)
        });
        done.await.unwrap_or_else(|error| {
            error!(%error, "a request's work failed");
            Err(Rejection::Internal)
        })
    }
}

/// The model that was served when a request asked for it.
pub struct CurrentModel(Guard<Option<Arc<ServedModel>>>);

impl std::ops::Deref for CurrentModel {
    type Target = ServedModel;

    fn deref(&self) -> &ServedModel {
        // `State::model` makes none without one.
        self.0.as_deref().expect("a model is loaded")
    }
}
