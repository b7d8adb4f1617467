"""Loader of the directories that ``Model.export_mlflow`` and ``hitflop export --to mlflow`` write.

>>> mlflow.pyfunc.load_model("exported").predict(frame)
"""

from __future__ import annotations

from typing import Any

from ._model import Model


def _load_pyfunc(path: str) -> PyfuncModel:
    """What MLflow calls with the path of the model file."""
    return PyfuncModel(Model.load(path))


class PyfuncModel:
    """From tracks to a data frame with the columns ``label`` and ``probability``. Values may be missing."""

    def __init__(self, model: Model):
        self.model = model

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Labels (1 hit, 0 flop) and probabilities of a hit.

        :param model_input: data frame with a column for each feature, or an array in their order.
        :param params: not used; the model has no parameters of inference.
        """
        import pandas

        probability, label = self.model.score_tracks(model_input, allow_missing=True)
        index = getattr(model_input, "index", None)
        return pandas.DataFrame({"label": label, "probability": probability}, index=index)
