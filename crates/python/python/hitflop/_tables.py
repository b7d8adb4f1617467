"""Tables of any kind as the native reader takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ._hitflop import HitflopError, TrackColumns, is_read


def as_columns(data: Any, features: list[str], mapped: list[str]) -> TrackColumns:
    """The columns of ``data`` that can matter: those that may be features by their names, and those in ``mapped``."""
    if isinstance(data, TrackColumns):
        return data
    if _is_pandas(data):
        return _of_pandas(data, mapped)
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        return TrackColumns.from_arrow(data, mapped)
    if isinstance(data, np.ndarray):
        return _of_array(data, features)
    if isinstance(data, Mapping):
        return _of_mapping(data)
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _of_sequence(data, features)
    raise HitflopError(
        "tracks: expected a table (pandas, Polars, PyArrow, NumPy, any object with __arrow_c_stream__ or "
        f'__arrow_c_array__), a dictionary or a list of dictionaries, found "{type(data).__name__}"'
    )


def _is_pandas(data: Any) -> bool:
    module = type(data).__module__.partition(".")[0]
    return module == "pandas" or (hasattr(data, "iloc") and hasattr(data, "dtypes"))


def _of_pandas(data: Any, mapped: list[str]) -> TrackColumns:
    frame = data.to_frame().T if data.ndim == 1 else data
    names = [str(name) for name in frame.columns]
    columns = [
        _of_series(frame.iloc[:, position]) if is_read(name) or name in mapped else None
        for position, name in enumerate(names)
    ]
    return TrackColumns.from_columns(names, columns, len(frame))


def _of_series(series: Any) -> Any:
    """Numbers as an array, everything else as a list of objects, a missing value as None."""
    if series.dtype.kind in "iuf":
        if isinstance(series.dtype, np.dtype):
            return np.asarray(series.to_numpy(), dtype=np.float64)
        return np.ascontiguousarray(series.to_numpy(dtype=np.float64, na_value=np.nan))
    return series.astype(object).where(series.notna(), None).tolist()


def _of_array(data: np.ndarray, features: list[str]) -> TrackColumns:
    if data.dtype.names is not None:
        rows = np.atleast_1d(data)
        return _of_mapping({name: rows[name] for name in data.dtype.names})
    matrix = data.reshape(1, -1) if data.ndim == 1 else data
    if matrix.ndim != 2:
        raise HitflopError(f'tracks: expected an array of one or two dimensions, found "{matrix.ndim}"')
    if matrix.dtype == object:
        columns = [_of_values(column) for column in matrix.T]
        _check_width(matrix.shape[1], features)
        return TrackColumns.from_columns(list(features), columns, matrix.shape[0])
    return TrackColumns.from_matrix(list(features), matrix.astype(np.float64, copy=False))


def _check_width(found: int, features: list[str]) -> None:
    if found != len(features):
        names = ", ".join(features)
        raise HitflopError(f'tracks: expected {len(features)} columns, in the order {names}, found "{found}"')


def _of_mapping(data: Mapping[Any, Any]) -> TrackColumns:
    """A dictionary of columns, or of the values of one track."""
    names = [str(name) for name in data]
    if not any(_is_column(value) for value in data.values()):
        return TrackColumns.from_columns(names, [[value] for value in data.values()], 1)
    columns = [_of_values(value if _is_column(value) else [value]) for value in data.values()]
    return TrackColumns.from_columns(names, columns, len(columns[0]))


def _is_column(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, (str, bytes, Mapping))


def _of_values(values: Any) -> Any:
    if isinstance(values, np.ma.MaskedArray):
        values = values.astype(np.float64).filled(np.nan)
    if isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in "iuf":
        return np.ascontiguousarray(values, dtype=np.float64)
    if _is_pandas(values):
        return _of_series(values)
    return values.tolist() if hasattr(values, "tolist") else list(values)


def _of_sequence(data: Sequence[Any], features: list[str]) -> TrackColumns:
    """A list of tracks: dictionaries, or lists of numbers in the order of the features."""
    if not all(isinstance(track, Mapping) for track in data):
        try:
            return _of_array(np.array([list(track) for track in data], dtype=object), features)
        except (TypeError, ValueError):
            rule = "expected a list of dictionaries, or of lists of equal length"
            raise HitflopError(f"tracks: {rule}") from None
    names = list(dict.fromkeys(str(name) for track in data for name in track))
    tracks = [{str(name): value for name, value in track.items()} for track in data]
    columns = [[track.get(name) for track in tracks] for name in names]
    return TrackColumns.from_columns(names, columns, len(tracks))
