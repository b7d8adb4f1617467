//! A changed model file, taken over while the server runs.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tracing::{error, info};

use super::loaded::{Files, Loaded};
use super::state::State;

/// What shows that a file is another than before.
type Stamp = Option<(u64, SystemTime)>;

/// Reads the model again whenever its file changes, looked at every `interval`, or `asked` is notified. A file that is no good
/// is logged and the model that is served stays. Never returns.
pub async fn watch(state: Arc<State>, files: Files, interval: Option<Duration>, asked: Arc<Notify>) {
    let mut seen = stamps(&files);
    loop {
        let by_hand = match interval {
            Some(interval) => tokio::time::timeout(interval, asked.notified()).await.is_ok(),
            None => {
                asked.notified().await;
                true
            }
        };
        let now = stamps(&files);
        if by_hand || now != seen {
            seen = now;
            reload(&state, &files).await;
        }
    }
}

/// Reads the model and serves it from then on, if it is good.
pub async fn reload(state: &Arc<State>, files: &Files) {
    let read = {
        let files = files.clone();
        tokio::task::spawn_blocking(move || Loaded::read(&files)).await
    };
    match read {
        Ok(Ok(loaded)) => {
            info!(version = loaded.version, "serving the model");
            state.serve_model(loaded);
            state.metrics.reloaded(true);
        }
        Ok(Err(refused)) => {
            error!(error = %refused, "the changed model is refused, the old one is served on");
            state.metrics.reloaded(false);
        }
        Err(error) => {
            error!(%error, "reading the model failed, the old one is served on");
            state.metrics.reloaded(false);
        }
    }
}

fn stamps(files: &Files) -> [Stamp; 3] {
    [&files.model, &files.tracks, &files.card].map(|path| stamp(path))
}

fn stamp(path: &Path) -> Stamp {
    let found = fs::metadata(path).ok()?;
    Some((found.len(), found.modified().ok()?))
}
