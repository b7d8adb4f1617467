//! A changed model file, loaded while the server runs.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tracing::{error, info, warn};

use super::model_change::ModelChange;
use super::served_model::{ServedFiles, ServedModel};
use super::state::State;

/// Size and time of a file.
type Stamp = Option<(u64, SystemTime)>;

/// State of the files before they are read: a file that changes meanwhile is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamps([Stamp; 4]);

/// Loads the model again whenever its files differ from `seen`, checked every `interval`, or `requested` is notified. An invalid
/// file is logged, and the previous model stays in service. Never returns.
pub async fn watch(
    state: Arc<State>,
    files: ServedFiles,
    mut seen: Stamps,
    interval: Option<Duration>,
    requested: Arc<Notify>,
) {
    let _watching = Watching::start(&state);
    loop {
        let by_hand = match interval {
            Some(interval) => tokio::time::timeout(interval, requested.notified()).await.is_ok(),
            None => {
                requested.notified().await;
                true
            }
        };
        let now = Stamps::of(&files);
        if by_hand || now != seen {
            seen = now;
            reload(&state, &files).await;
        }
    }
}

/// Marks that changed models are loaded, until it is dropped, as it is if the watcher panics.
struct Watching(Arc<State>);

impl Watching {
    fn start(state: &Arc<State>) -> Watching {
        state.set_watched(true);
        Watching(Arc::clone(state))
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.set_watched(false);
        if !self.0.is_stopping() {
            error!("the watcher of the model has stopped: changed models are no longer loaded; restart the service");
        }
    }
}

/// Loads the model and serves it, if it is valid.
async fn reload(state: &Arc<State>, files: &ServedFiles) {
    let read = {
        let files = files.clone();
        tokio::task::spawn_blocking(move || ServedModel::read(&files)).await
    };
    match read {
        Ok(Ok(loaded)) => {
            let is_served = replace(state, loaded);
            state.metrics.reloaded(is_served);
        }
        Ok(Err(refused)) => {
            let served = state.model().ok().map(|model| model.version.clone());
            error!(error = %refused, served, "the changed model file is invalid; the previous model stays in service");
            state.metrics.reloaded(false);
        }
        Err(error) => {
            error!(%error, "reading the model failed; the previous model stays in service");
            state.metrics.reloaded(false);
        }
    }
}

/// Serves a valid model, unless it is one of another kind and that is not allowed. Returns whether it is served.
fn replace(state: &State, loaded: ServedModel) -> bool {
    let Ok(current) = state.model() else {
        info!(version = loaded.version, run_id = loaded.run_id(), "serving the model");
        announce(&loaded);
        state.serve_model(loaded);
        return true;
    };
    let change = ModelChange { old: current.scorer.artifact(), new: loaded.scorer.artifact() };
    let of_kind = change.of_kind();
    let scores = change.of_scores().join(", ");
    let (version, run_id) = (&loaded.version, loaded.run_id());
    let (previous, previous_run_id) = (&current.version, current.run_id());
    if !of_kind.is_empty() && !state.config.allow_model_change {
        let changes = of_kind.join("; ");
        let remedy = "to serve the model, start the service with allow-model-change";
        error!(
            version,
            run_id,
            previous,
            previous_run_id,
            changes,
            scores,
            remedy,
            "the changed model is of another kind; the previous model stays in service"
        );
        return false;
    }
    let changes = (!of_kind.is_empty()).then(|| of_kind.join("; "));
    let [model, previous_model] = [&loaded, &*current].map(|loaded| loaded.scorer.artifact().model.name());
    info!(version, model, run_id, previous, previous_model, previous_run_id, changes, scores, "serving the model");
    announce(&loaded);
    state.serve_model(loaded);
    true
}

/// Warns of a model that learned from simulated tracks.
fn announce(loaded: &ServedModel) {
    if let Some(notice) = loaded.notice() {
        warn!(version = loaded.version, notice, "the model learned from simulated tracks");
    }
}

impl Stamps {
    /// The current state of files.
    pub fn of(files: &ServedFiles) -> Stamps {
        let [card, other_card] = &files.cards;
        Stamps([&files.model, &files.tracks, card, other_card].map(|path| stamp(path)))
    }
}

fn stamp(path: &Path) -> Stamp {
    let found = fs::metadata(path).ok()?;
    Some((found.len(), found.modified().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::served::state::Config;

    /// The file changes after what was served had been read and before it is watched.
    #[tokio::test]
    async fn a_change_between_reading_and_watching_is_seen() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let files = ServedFiles::beside(&place.path().join("hitflop.model"));
        fs::write(&files.model, "before").expect("written");
        let seen = Stamps::of(&files);
        fs::write(&files.model, "no model either").expect("written");
        let state = State::new(Config::default());
        let requested = Arc::new(Notify::new());
        let watching = tokio::spawn(watch(
            Arc::clone(&state),
            files,
            seen,
            Some(Duration::from_millis(1)),
            Arc::clone(&requested),
        ));
        let started = std::time::Instant::now();
        while !state.metrics.text().contains("hitflop_model_reloads_total{outcome=\"refused\"} 1\n") {
            assert!(state.is_watched() || started.elapsed() < Duration::from_secs(1));
            assert!(started.elapsed() < Duration::from_secs(60), "the change is not seen");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        watching.abort();
        assert!(watching.await.is_err_and(|error| error.is_cancelled()));
        assert!(!state.is_watched());
        assert!(state.metrics.text().contains("hitflop_model_watcher_up 0\n"));
    }
}
