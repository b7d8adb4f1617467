"""Scoring and exploring on a cluster: Spark, and every engine that speaks Spark Connect.

>>> import hitflop.spark
>>> hitflop.spark.score(frame, "models/hitflop.model").write.parquet("scored")
>>> pathlib.Path("findings.json").write_text(hitflop.spark.explore(frame))    # then: hitflop report --findings findings.json

The package has to be installed where the executors run. The model travels with the function: the executors need no access to its
file.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ._hitflop import HitflopError, ReadingSettings, TrackColumns, TrackSummer
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


def explore(
    frame: Any,
    *,
    label: str | None = None,
    allow_missing: bool = False,
    map: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    mapping: bool = True,
) -> str:
    """What the report of ``hitflop explore`` shows of the tracks, as one JSON document for ``hitflop report --findings``.

    Every partition is summed where it is; only the sums travel. They are merged on the driver, in memory that does not grow with the
    number of rows. Counts, means, deviations and correlations are those of the rows, quantiles, densities and mutual information are by
    bins of at most 0.4 % of a value, and what needs rows (Spearman's correlation, pairs of features, sample rows) is left out.

    :param frame: data frame of Spark or Spark Connect with audio features and labels; decade, artist and URI are used if there are.
    :param label: rule for the label, such as ``popularity>=60``; by default, the column ``target`` of 0 and 1.
    :param allow_missing: whether columns and values may be missing.
    :param map: columns by feature; ``units``: units by feature; ``mapping``: False for the documented names and units only.
    :raises HitflopError: the frame lacks a feature or the label.
    """
    options = (_pairs(map), _pairs(units), mapping, allow_missing)
    names = TrackSummer.columns(frame.columns, ReadingSettings(*options, None, label))
    if not names:
        raise HitflopError("tracks: expected columns of audio features and a label")
    tracks = frame.select(*[f"`{name.replace('`', '``')}`" for name in names])
    sample = tracks.limit(SAMPLE_ROWS).toArrow()
    # A frame that lacks a feature or the label is refused here, not in an executor.
    TrackSummer().add(TrackColumns.from_arrow(sample, names), ReadingSettings(*options, None, label))
    parts = tracks.mapInArrow(functools.partial(_sum_batches, options, sample, label), "sums binary").toArrow()
    sums = TrackSummer()
    for part in parts["sums"]:
        sums.merge(part.as_py())
    return sums.findings_json(label)


def _pairs(options: Mapping[str, str] | None) -> list[str]:
    return [f"{name}={value}" for name, value in (options or {}).items()]


def _sum_batches(
    options: tuple[Any, ...], sample: pyarrow.Table, label: str | None, batches: Iterator[pyarrow.RecordBatch]
) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow

    sums = TrackSummer()
    settings = None
    for batch in batches:
        names = list(batch.schema.names)
        if settings is None:
            settings = ReadingSettings(*options, TrackColumns.from_arrow(sample, names), label)
        sums.add(TrackColumns.from_arrow(batch, names), settings)
    yield pyarrow.RecordBatch.from_arrays([pyarrow.array([sums.to_bytes()], pyarrow.binary())], names=["sums"])
