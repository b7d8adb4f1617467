"""Times `Model.predict_proba` beside the Rust call on the same matrix, in one run.

usage: python benches/model.py MODEL TRACKS.parquet [ROWS]

The Rust call is `Scorer::score` on a matrix in memory, timed inside the native module. Also compared is the processor time of all
threads, which depends less on what else the machine does.
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
    calls = {"the Rust call": lambda: model._native.time_of_score(matrix)}
    calls |= {name: lambda form=form: model.predict_proba(form) for name, form in forms.items()}
    seconds, processor = ({name: [] for name in calls} for _ in range(2))
    for _ in range(5):
        for name, call in calls.items():
            start, start_of_threads = time.perf_counter(), time.process_time()
            call()
            seconds[name].append(time.perf_counter() - start)
            processor[name].append(time.process_time() - start_of_threads)
    seconds, processor = ({name: statistics.median(times) for name, times in of.items()} for of in (seconds, processor))
    base, base_of_threads = seconds["the Rust call"], processor["the Rust call"]
    print(f"{rows:,} rows, {model.metadata['name']}")
    for name in calls:
        ratio, ratio_of_threads = seconds[name] / base, processor[name] / base_of_threads
        print(f"{name}: {seconds[name]:.3f} s, ratio {ratio:.2f}; of processor time {ratio_of_threads:.2f}")


if __name__ == "__main__":
    main()
