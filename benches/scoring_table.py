#!/usr/bin/env python3
"""Writes a made-up table of tracks of any number of rows, with the columns of a large scraped table: 17 columns of float64, Parquet.

The features follow the quantiles of data/sample-profile.json, decade by decade and label by label; columns are independent of each
other. A chunk of rows is in memory at a time.

usage: scoring_table.py ROWS FILE      needs: numpy, pyarrow
"""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = (
    "rowid track_id fetched_at null_response duration_ms time_signature tempo key mode danceability energy loudness speechiness "
    "acousticness instrumentalness liveness valence"
).split()
# Digits after the point, as services write them.
DIGITS = {"duration_ms": 0, "time_signature": 0, "key": 0, "mode": 0, "speechiness": 4}
# Written with three significant digits.
SIGNIFICANT = {"acousticness", "instrumentalness"}
CHUNK = 1 << 20


def margin(cell, name, levels):
    """Levels and values of a feature of a cell of the profile, and the share of zeros; none of a feature that is counted."""
    (kind, found), = cell["features"][name].items()
    if kind == "counts":
        values, counts = np.asarray(found, dtype=float).T
        return np.cumsum(counts / counts.sum()), values, None
    return np.asarray(levels), np.asarray(found["values"]), found["zeros"] / cell["rows"]


def rounded(name, values):
    if name not in SIGNIFICANT:
        return values.round(DIGITS.get(name, 3))
    scale = 10.0 ** (2 - np.floor(np.log10(np.maximum(values, 1e-12))))
    return (values * scale).round() / scale


def main(rows, path):
    profile = json.loads((Path(__file__).parent.parent / "data/sample-profile.json").read_text())
    cells = profile["cells"]
    weights = np.asarray([cell["rows"] for cell in cells], dtype=float)
    margins = {name: [margin(cell, name, profile["levels"]) for cell in cells] for name in COLUMNS[4:]}
    generator = np.random.default_rng(42)
    schema = pa.schema([(name, pa.float64()) for name in COLUMNS])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for first in range(0, rows, CHUNK):
            count = min(CHUNK, rows - first)
            cell = generator.choice(len(cells), count, p=weights / weights.sum())
            columns = {
                "rowid": np.arange(first, first + count, dtype=float),
                "track_id": generator.integers(0, 1 << 48, count).astype(float),
                "fetched_at": 1.7e9 + np.arange(first, first + count) // 100,
                "null_response": np.zeros(count),
            }
            for name, of_cells in margins.items():
                drawn = generator.random(count)
                values = np.empty(count)
                for at, (levels, known, zeros) in enumerate(of_cells):
                    own = cell == at
                    if zeros is None:
                        values[own] = known[np.searchsorted(levels, drawn[own]).clip(0, len(known) - 1)]
                    else:
                        value = np.interp((drawn[own] - zeros) / (1 - zeros), levels, known)
                        values[own] = np.where(drawn[own] < zeros, 0.0, value)
                columns[name] = rounded(name, values)
            writer.write_table(pa.table([columns[name] for name in COLUMNS], schema=schema))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
