"""Models from model files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._hitflop import ReadingSettings, LoadedModel, TrackColumns, model_lightgbm, model_mlflow, model_onnx
from ._tables import as_columns


@dataclass(frozen=True)
class Explanation:
    """Predictions in parts: ``base + values.sum(axis=1)`` is ``output``.

    Shapley values of the trees (path-dependent TreeSHAP), as ``hitflop explain`` writes them.
    """

    base: np.ndarray
    """Mean output over the training rows of the trees that answer each track."""
    values: np.ndarray
    """Contribution of each feature to each track's output: tracks × features."""
    output: np.ndarray
    """What the trees say of each track, on ``scale``, before the calibration."""
    probability: np.ndarray
    """Probability of a hit of each track, as ``predict_proba`` gives it."""
    label: np.ndarray
    """1 for a track that is predicted as a hit, else 0."""
    features: list[str]
    """Names of the features, in the order of the columns of ``values``."""
    scale: str
    """``log odds`` or ``probability``."""

    def to_pandas(self) -> Any:
        """The contributions as a data frame with a column for each feature."""
        import pandas

        return pandas.DataFrame(self.values, columns=self.features)


class Model:
    """A model of tracks. Made by :meth:`load`.

    Tracks may be a pandas, Polars or PyArrow table, any object with the Arrow PyCapsule interface, a NumPy array whose columns
    are :attr:`features`, a dictionary of columns, one dictionary, or a list of dictionaries. Columns are found as the program
    finds them: by documented names and names in circulation, in documented units or units that names and values state. Other
    columns are ignored.

    Every method that takes tracks has these options:

    - ``allow_missing``: whether columns and values may be missing (default: False). A missing value is never imputed: it
      follows the direction that each split has learned.
    - ``map``: columns by feature, ``{"tempo": "BPM of track"}``.
    - ``units``: units by feature, ``{"duration_ms": "s"}``.
    - ``mapping``: False to use the documented names and units only.
    - ``sample``: tracks with the same columns, on which columns and units are decided; by default, on the tracks themselves. For
      tables that are scored in parts.
    """

    def __init__(self, native: LoadedModel):
        self._native = native

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Model:
        """Reads a model file of ``hitflop run`` or ``hitflop train``.

        :raises HitflopError: there is no such file, or it is no valid model file.
        """
        return cls(LoadedModel.load(os.fspath(path)))

    @classmethod
    def from_bytes(cls, data: bytes) -> Model:
        """Reads a model from the bytes of its file."""
        return cls(LoadedModel.from_bytes(data))

    def to_bytes(self) -> bytes:
        """The bytes of the model file, as they were read."""
        return self._native.to_bytes()

    @property
    def features(self) -> list[str]:
        """Names of the features, in the order of the model."""
        return self._native.features()

    @property
    def threshold(self) -> float:
        """A track is predicted as a hit if its probability is greater than this."""
        return self._native.threshold()

    @property
    def classes_(self) -> np.ndarray:
        """``[0, 1]``: flop and hit, the columns of :meth:`predict_proba`."""
        return np.array([0, 1])

    @property
    def metadata(self) -> dict[str, Any]:
        """What the model is, what it learned from and how good it is: what ``hitflop model show --json`` prints."""
        return json.loads(self._native.metadata_json())

    def predict_proba(self, tracks: Any, **options: Any) -> np.ndarray:
        """Probabilities of the classes: tracks × 2, the second column being that of a hit."""
        hits, _ = self._score(tracks, options)
        return np.column_stack((1.0 - hits, hits))

    def predict(self, tracks: Any, **options: Any) -> np.ndarray:
        """1 for each track whose probability of a hit is greater than the threshold, else 0."""
        return self._score(tracks, options)[1]

    def score_tracks(self, tracks: Any, **options: Any) -> tuple[np.ndarray, np.ndarray]:
        """Probability of a hit and label of each track, computed once."""
        return self._score(tracks, options)

    def explain(self, tracks: Any, **options: Any) -> Explanation:
        """Contribution of each feature to the prediction of each track."""
        base, values, output, probability, label = self._native.explain(*self._read(tracks, options))
        scale = self._native.contribution_scale()
        return Explanation(base, values, output, probability, label, self.features, scale)

    def mapping(self, tracks: Any, **options: Any) -> list[dict[str, Any]]:
        """What each column of the tracks is used as, in which conversion, and why."""
        return json.loads(self._native.mapping_json(*self._read(tracks, options)))["columns"]

    def export_onnx(self, path: str | os.PathLike[str]) -> None:
        """Writes the model as ONNX, without loss: the input ``features`` (tracks × features, 32-bit floats in documented units,
        NaN for a missing value), the outputs ``label`` and ``probabilities``."""
        with open(path, "wb") as file:
            file.write(model_onnx(self._native))

    def lightgbm_text(self) -> str:
        """The trees in LightGBM's text format. The probabilities are those before the calibration; there is no threshold."""
        return model_lightgbm(self._native)

    def export_lightgbm(self, path: str | os.PathLike[str]) -> None:
        """Writes :meth:`lightgbm_text` to a file."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.lightgbm_text())

    def export_mlflow(self, directory: str | os.PathLike[str]) -> None:
        """Writes a directory that ``mlflow.pyfunc.load_model`` loads."""
        model_mlflow(self._native, os.fspath(directory))

    def _score(self, tracks: Any, options: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        return self._native.score(*self._read(tracks, options))

    def _read(self, tracks: Any, options: dict[str, Any]) -> tuple[TrackColumns, ReadingSettings]:
        return _read(self.features, tracks, **options)

    def __repr__(self) -> str:
        return f"<hitflop.Model: {self.metadata['name']}, {len(self.features)} features>"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Model.from_bytes, (self.to_bytes(),))


def _read(
    features: list[str],
    tracks: Any,
    *,
    allow_missing: bool = False,
    map: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    mapping: bool = True,
    sample: Any = None,
) -> tuple[TrackColumns, ReadingSettings]:
    mapped = list((map or {}).values())
    maps = [f"{feature}={column}" for feature, column in (map or {}).items()]
    stated = [f"{feature}={unit}" for feature, unit in (units or {}).items()]
    decided_on = None if sample is None else as_columns(sample, features, mapped)
    settings = ReadingSettings(maps, stated, mapping, allow_missing, decided_on)
    return as_columns(tracks, features, mapped), settings
