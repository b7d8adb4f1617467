"""Scoring on a cluster: Spark, and every engine that speaks Spark Connect.

>>> import hitflop.spark
>>> hitflop.spark.score(frame, "models/hitflop.model").write.parquet("scored")

The package has to be installed where the executors run. The model travels with the function: the executors need no access to its
file.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ._hitflop import HitflopError
from ._model import Model

if TYPE_CHECKING:
    import pyarrow

#: Rows on which columns and units are decided.
SAMPLE_ROWS = 10_000


def score(
    frame: Any,
    model: Model | str | os.PathLike[str],
    *,
    contributions: bool = False,
    label_column: str = "label",
    probability_column: str = "probability",
    allow_missing: bool = False,
    map: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    mapping: bool = True,
) -> Any:
    """The frame with label (1 hit, 0 flop) and probability of a hit appended: what ``hitflop predict`` appends.

    Columns and units are decided once, by the names and the first :data:`SAMPLE_ROWS` rows, so that every partition is read
    alike.

    :param frame: data frame of Spark or Spark Connect.
    :param model: a model, or the path of a model file that the driver can read.
    :param contributions: whether to append also ``base`` and a column ``contribution_…`` for each feature.
    :param allow_missing: whether columns and values may be missing.
    :param map: columns by feature; ``units``: units by feature; ``mapping``: False for the documented names and units only.
    :raises HitflopError: the frame has a column of a name that is appended, or lacks a feature.
    """
    model = model if isinstance(model, Model) else Model.load(model)
    appended = [(label_column, "integer"), (probability_column, "double")]
    if contributions:
        names = ["base", *(f"contribution_{feature}" for feature in model.features)]
        appended += [(name, "double") for name in names]
    for name, _ in appended:
        if name in frame.columns:
            rule = "expected no such column, because it is appended; rename or remove it"
            raise HitflopError(f"tracks, column {name}: {rule}")
    options = {"allow_missing": allow_missing, "map": map, "units": units, "mapping": mapping}
    options["sample"] = frame.limit(SAMPLE_ROWS).toArrow()
    # A frame that lacks a feature is refused here, not in an executor.
    model.predict(options["sample"], allow_missing=allow_missing, map=map, units=units, mapping=mapping)
    schema = frame.schema
    for name, kind in appended:
        schema = schema.add(name, kind)
    return frame.mapInArrow(batch_scorer(model, [name for name, _ in appended], options), schema)


def batch_scorer(
    model: Model, names: list[str], options: Mapping[str, Any]
) -> Callable[[Iterator[pyarrow.RecordBatch]], Iterator[pyarrow.RecordBatch]]:
    """A function from Arrow batches to the same with label, probability and, with more ``names``, base and contributions
    appended: what ``mapInArrow`` takes. It carries the bytes of the model."""
    content = model.to_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return functools.partial(_score_batches, content, digest, list(names), dict(options))


def _score_batches(
    content: bytes, digest: str, names: list[str], options: dict[str, Any], batches: Iterator[pyarrow.RecordBatch]
) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow

    model = _loaded(digest, content)
    for batch in batches:
        if len(names) > 2:
            explanation = model.explain(batch, **options)
            label, probability = explanation.label, explanation.probability
            others = [explanation.base, *explanation.values.T]
        else:
            probability, label = model.score_tracks(batch, **options)
            others = []
        arrays = [pyarrow.array(label, pyarrow.int32()), pyarrow.array(probability)]
        arrays += [pyarrow.array(values, pyarrow.float64()) for values in others]
        yield pyarrow.RecordBatch.from_arrays([*batch.columns, *arrays], names=[*batch.schema.names, *names])


_MODELS: dict[str, Model] = {}


def _loaded(digest: str, content: bytes) -> Model:
    """The model, read once a process."""
    if digest not in _MODELS:
        _MODELS.clear()
        _MODELS[digest] = Model.from_bytes(content)
    return _MODELS[digest]
