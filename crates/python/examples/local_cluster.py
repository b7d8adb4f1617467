"""Scores tracks on PySpark in local-cluster mode: two worker processes, one of which is killed in mid-job.

usage: python examples/local_cluster.py MODEL TRACKS.parquet [ROWS]

Needs `pyspark` and Java 17. Spark starts the killed executor again and repeats its tasks; the script compares the result with the
model's own predictions and reports the executors that took part.
"""

import os
import pathlib
import signal
import sys
import tempfile
import threading
import time

import numpy as np
import pyarrow
import pyarrow.parquet
from pyspark.sql import SparkSession

import hitflop
import hitflop.spark

PARTITIONS = 32


def session():
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("hitflop")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.python.worker.reuse": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
        "spark.executorEnv.PYSPARK_PYTHON": sys.executable,
        "spark.sql.files.maxPartitionBytes": "2m",
    }.items():
        builder = builder.config(name, value)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return builder.getOrCreate()


def executors(driver):
    """Process ids of the executors that this process started."""
    found, family = [], {driver}
    statuses = [path for path in pathlib.Path("/proc").iterdir() if path.name.isdigit()]
    for _ in range(6):
        for path in statuses:
            try:
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                command = (path / "cmdline").read_bytes()
            except (OSError, ValueError):
                continue
            if parent in family and int(path.name) not in family:
                family.add(int(path.name))
                if b"CoarseGrainedExecutorBackend" in command:
                    found.append(int(path.name))
    return found


def write_copies(tracks, rows, directory):
    table = pyarrow.parquet.read_table(tracks)
    copies = pyarrow.concat_tables([table] * (rows // table.num_rows + 1)).slice(0, rows)
    copies = copies.append_column("row", pyarrow.array(np.arange(rows)))
    each = -(-rows // PARTITIONS)
    for part in range(PARTITIONS):
        pyarrow.parquet.write_table(copies.slice(part * each, each), os.path.join(directory, f"part-{part:02}.parquet"))
    return copies


def kill_one(driver, started):
    started.wait()
    time.sleep(1.0)
    victims = executors(driver)
    print(f"executors: {victims}; killing {victims[0]}", flush=True)
    os.kill(victims[0], signal.SIGKILL)


def main():
    path, tracks = sys.argv[1], sys.argv[2]
    rows = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    model = hitflop.Model.load(path)
    spark = session()
    with tempfile.TemporaryDirectory() as directory:
        copies = write_copies(tracks, rows, directory)
        frame = hitflop.spark.score(spark.read.parquet(directory), model)
        started = threading.Event()
        killer = threading.Thread(target=kill_one, args=(os.getpid(), started))
        killer.start()
        start = time.perf_counter()
        started.set()
        scored = frame.select("row", "label", "probability").toArrow().sort_by("row")
        seconds = time.perf_counter() - start
        killer.join()
    probability, label = model.score_tracks(copies)
    assert scored.num_rows == rows
    assert (scored["probability"].to_numpy() == probability).all()
    assert (scored["label"].to_numpy() == label).all()
    print(f"{rows:,} rows in {seconds:.1f} s, the same bytes as the model's own predictions; executors now: {executors(os.getpid())}")
    spark.stop()


if __name__ == "__main__":
    main()
