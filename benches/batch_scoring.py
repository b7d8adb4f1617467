#!/usr/bin/env python3
"""Times `hitflop predict` on a large Parquet file, Parquet to Parquet, beside the engine's own rate on rows in memory and beside
Polars' plain copy of the same file (scan_parquet, sink_parquet). The three take turns. Prints rows/s, ratios and peak memory.

usage: batch_scoring.py MODEL ROWS [ROUNDS] [DIRECTORY]
needs: numpy, pyarrow, polars; builds the program and the benchmark `scoring`. The table is made by scoring_table.py in DIRECTORY
(default: a temporary directory), and is kept there if it is named.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
COPY = "import sys, polars; polars.scan_parquet(sys.argv[1]).sink_parquet(sys.argv[2])"
# Rows that are scored in memory: more have the same rate.
IN_MEMORY = 1_000_000


def table(rows, directory):
    path = directory / f"tracks-{rows}.parquet"
    if not path.exists():
        subprocess.run([sys.executable, HERE / "scoring_table.py", str(rows), path], check=True)
    return path


def timed(command):
    """Seconds, and peak resident memory in MiB."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command}: {errors.decode()}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def built():
    subprocess.run(["cargo", "build", "--release", "--quiet"], check=True, cwd=HERE.parent)
    command = ["cargo", "bench", "--bench", "scoring", "--no-run", "--message-format", "json"]
    lines = subprocess.run(command, check=True, cwd=HERE.parent, capture_output=True, text=True).stdout.splitlines()
    artifacts = [json.loads(line) for line in lines if line.startswith("{")]
    bench = next(it["executable"] for it in artifacts if it.get("target", {}).get("name") == "scoring" and it.get("executable"))
    metadata = ["cargo", "metadata", "--format-version", "1", "--no-deps"]
    target = json.loads(subprocess.run(metadata, check=True, cwd=HERE.parent, capture_output=True).stdout)
    return Path(target["target_directory"]) / "release/hitflop", bench


def main(model, rows, rounds, directory):
    program, bench = built()
    path, small = table(rows, directory), table(min(rows, IN_MEMORY), directory)
    scored, copied = directory / "scored.parquet", directory / "copied.parquet"
    found = {"predict": [], "engine": [], "copy": []}
    memory = 0
    for _ in range(rounds):
        command = [program, "predict", path, "--model", model, "--allow-missing", "--quiet", "--output", scored]
        seconds, peak = timed(command)
        memory = max(memory, peak)
        found["predict"].append(rows / seconds)
        scored.unlink()
        seconds, _ = timed([sys.executable, "-c", COPY, path, copied])
        found["copy"].append(rows / seconds)
        copied.unlink()
        engine = json.loads(subprocess.run([bench, model, small], check=True, capture_output=True).stdout)
        found["engine"].append(engine["rows"] / engine["seconds"])
    rates = {name: statistics.median(values) for name, values in found.items()}
    slower = min(rates["engine"], rates["copy"])
    for name, rate in rates.items():
        print(f"{name:8} {rate:>12,.0f} rows/s")
    print(f"predict / slower of the two: {rates['predict'] / slower:.2f}; peak memory of predict: {memory:,.0f} MiB")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    if len(sys.argv) > 4:
        main(sys.argv[1], int(sys.argv[2]), rounds, Path(sys.argv[4]))
    else:
        with tempfile.TemporaryDirectory() as place:
            main(sys.argv[1], int(sys.argv[2]), rounds, Path(place))
