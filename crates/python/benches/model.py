"""Times `Model.predict_proba` beside the Rust call on the same matrix, in one run.

usage: python benches/model.py MODEL TRACKS.parquet [ROWS]

The Rust call is `Scorer::score` on a matrix in memory, timed inside the native module.
"""

import statistics
import sys
import time

import numpy as np
import pandas
import polars
import pyarrow

import hitflop


def main():
    model = hitflop.Model.load(sys.argv[1])
    rows = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    tracks = pandas.read_parquet(sys.argv[2])[model.features].astype(float)
    frame = pandas.concat([tracks] * (rows // len(tracks) + 1), ignore_index=True).head(rows)
    matrix = np.ascontiguousarray(frame.to_numpy())
    forms = {
        "NumPy": matrix,
        "pandas": frame,
        "Polars": polars.from_pandas(frame),
        "PyArrow": pyarrow.Table.from_pandas(frame, preserve_index=False),
    }
    native, python = [], {name: [] for name in forms}
    for _ in range(5):
        native.append(model._native.time_of_score(matrix))
        for name, form in forms.items():
            start = time.perf_counter()
            model.predict_proba(form)
            python[name].append(time.perf_counter() - start)
    base = statistics.median(native)
    print(f"{rows:,} rows, {model.metadata['name']}: the Rust call takes {base:.3f} s")
    for name, times in python.items():
        print(f"{name}: {statistics.median(times):.3f} s, ratio {statistics.median(times) / base:.2f}")


if __name__ == "__main__":
    main()
