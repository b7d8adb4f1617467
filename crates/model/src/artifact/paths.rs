//! Names of a model's files.

use std::path::{Path, PathBuf};

use super::known_tracks;

/// Stem of the name of the final model of `hitflop run`.
const FINAL: &str = "hitflop";

/// A model file with the files that are written beside it.
///
/// Beside `hitflop.model` they are `metrics.json`, `hitflop.tracks` and `MODEL_CARD.md`; beside `other.model`, `other.metrics.json`,
/// `other.tracks` and `other.card.md`, so that several models can be in one directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelPaths {
    /// The model.
    pub model: PathBuf,
    /// Its metrics as JSON.
    pub metrics: PathBuf,
    /// The tracks that it comes from.
    pub tracks: PathBuf,
    /// Its card in Markdown.
    pub card: PathBuf,
}

impl ModelPaths {
    /// The files of the model at `model`.
    pub fn of(model: &Path) -> ModelPaths {
        let stem = model.file_stem().unwrap_or_default();
        let beside = |of_final: &str, ending: &str| {
            if stem == FINAL {
                return model.with_file_name(of_final);
            }
            let mut name = stem.to_owned();
            name.push(ending);
            model.with_file_name(name)
        };
        ModelPaths {
            metrics: beside("metrics.json", ".metrics.json"),
            tracks: known_tracks::beside(model),
            card: beside("MODEL_CARD.md", ".card.md"),
            model: model.to_owned(),
        }
    }

    /// All of them, the model first.
    pub fn all(&self) -> [&Path; 4] {
        [&self.model, &self.metrics, &self.tracks, &self.card]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_models_of_a_directory_have_files_of_their_own() {
        let names =
            |model: &str| ModelPaths::of(Path::new(model)).all().map(|path| path.to_string_lossy().into_owned());
        let expected = ["m/hitflop.model", "m/metrics.json", "m/hitflop.tracks", "m/MODEL_CARD.md"];
        assert_eq!(names("m/hitflop.model"), expected);
        assert_eq!(names("a.b.model"), ["a.b.model", "a.b.metrics.json", "a.b.tracks", "a.b.card.md"]);
    }
}
