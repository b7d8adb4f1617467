//! The model of a path.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::KserveRejection;
use crate::answer::rejection::Rejection;
use crate::served::state::{CurrentModel, State};

/// Name and version of a model in a path.
pub(crate) struct ModelPath {
    name: String,
    version: Option<String>,
}

impl FromRequestParts<Arc<State>> for ModelPath {
    type Rejection = KserveRejection;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<ModelPath, KserveRejection> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
        // No model has a name that is not UTF-8.
        let Path(mut path) = path.map_err(|_| Rejection::NoSuchModel)?;
        let name = path.remove("model").ok_or(Rejection::NoSuchModel)?;
        Ok(ModelPath { name, version: path.remove("version") })
    }
}

impl ModelPath {
    /// The model that is served, if it has this name and version.
    pub(super) fn model(&self, state: &State) -> Result<CurrentModel, Rejection> {
        let loaded = state.model()?;
        let is_version = self.version.as_ref().is_none_or(|version| *version == loaded.version);
        match self.name == state.config.model_name && is_version {
            true => Ok(loaded),
            false => Err(Rejection::NoSuchModel),
        }
    }
}
