//! State that all requests share: settings, the model, metrics, and the requests in flight.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use arc_swap::{ArcSwapOption, Guard};
use axum::http::HeaderValue;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::spawn_blocking;

use super::served_model::ServedModel;
use super::traffic::{FeatureTally, TrafficWindow};
use crate::answer::answer_budget::AnswerBudget;
use crate::answer::rejection::Rejection;
use crate::limits::ServerLimits;
use crate::served::allowed_host::AllowedHost;
use crate::served::metrics::ServiceMetrics;
use hitflop_core::reader::FeatureRow;
use hitflop_model::scoring::Prediction;

/// Settings of a server.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Bytes, rows, connections and times of requests, by default as `ServerLimits` has them.
    pub limits: ServerLimits,
    /// Name of the model in KServe's protocol.
    pub model_name: String,
    /// Token that clients must send, if any.
    pub token: Option<String>,
    /// Whether a changed model file is loaded although its model has other features, another label, or learned from simulated tracks.
    pub allow_model_change: bool,
    /// Origins whose pages may call the server, besides its own.
    pub allow_origins: Vec<HeaderValue>,
    /// Hosts that requests may name, health probes included; none are all.
    pub allow_hosts: Vec<AllowedHost>,
}

/// State that all requests share.
#[derive(Debug)]
pub struct State {
    /// Settings of the server, which stay as they are while it runs.
    pub config: Config,
    pub(crate) metrics: ServiceMetrics,
    pub(super) model: ArcSwapOption<ServedModel>,
    /// One permit for each KiB of body that is being read.
    pub(crate) bodies: Arc<Semaphore>,
    /// Room for answers that are not sent yet.
    pub(crate) answers: AnswerBudget,
    pub(super) heavy: Arc<Semaphore>,
    traffic: TrafficWindow,
    /// One scrape of the metrics at a time.
    scrape: Mutex<()>,
    is_watched: AtomicBool,
    is_stopping: AtomicBool,
}

impl State {
    /// A state without a model.
    pub fn new(config: Config) -> Arc<State> {
        Arc::new(State {
            metrics: ServiceMetrics::default(),
            model: ArcSwapOption::empty(),
            bodies: Arc::new(Semaphore::new(config.limits.bodies_bytes.div_ceil(1 << 10))),
            answers: AnswerBudget::new(config.limits.answers_bytes),
            heavy: Arc::new(Semaphore::new(config.limits.heavy)),
            traffic: TrafficWindow::default(),
            scrape: Mutex::new(()),
            is_watched: AtomicBool::new(false),
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

    /// Records predictions of `loaded` for the metrics.
    pub(crate) fn record(&self, loaded: &ServedModel, rows: &[&FeatureRow], predictions: &[Prediction]) {
        self.metrics.predictions.predicted(predictions);
        self.metrics.predictions.count(&FeatureTally::of(loaded, rows));
        self.traffic.add(rows, predictions);
    }

    /// All metrics in the text format.
    ///
    /// # Errors
    /// A bug: the work cannot fail.
    pub(crate) async fn metrics_text(self: &Arc<State>) -> Result<String, Rejection> {
        let _one = self.scrape.lock().await;
        let state = Arc::clone(self);
        // The figures of the window take some milliseconds.
        let text = spawn_blocking(move || {
            let summary = state.model().ok().and_then(|model| state.traffic.summary(&model));
            if let Some(summary) = summary {
                state.metrics.predictions.set_window(&summary);
            }
            state.metrics.text()
        });
        text.await.map_err(|error| {
            tracing::error!(%error, "the metrics cannot be read");
            Rejection::Internal
        })
    }

    /// Whether changed models are loaded.
    pub(crate) fn is_watched(&self) -> bool {
        self.is_watched.load(Ordering::Relaxed)
    }

    /// Notes whether changed models are loaded from now on.
    pub(super) fn set_watched(&self, is_watched: bool) {
        self.is_watched.store(is_watched, Ordering::Relaxed);
        self.metrics.set_watched(is_watched);
    }

    /// Whether the server finishes what is in flight and takes no more.
    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Whether requests are accepted.
    ///
    /// # Errors
    /// No model is loaded, or the server is stopping.
    pub(crate) fn check_ready(&self) -> Result<(), Rejection> {
        match self.is_stopping() {
            true => Err(Rejection::Stopping),
            false => self.model().map(drop),
        }
    }

    /// Reports from now on that no requests are accepted.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
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
