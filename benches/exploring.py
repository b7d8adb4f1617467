#!/usr/bin/env python3
"""Time and peak memory of `hitflop explore` and `hitflop ingest` by the number of tracks: copies of one file of tracks.

usage: exploring.py PROGRAM TRACKS.parquet [--copies 1,10,100,1000] [--distinct] [--commands explore,ingest]
needs: Python 3.9, pyarrow, Linux (memory is the maximum resident set of the child process)

TRACKS.parquet is the file of `hitflop ingest`. The copies are one Parquet file, which is removed after its turn; with --distinct, each
copy has artists and URIs of its own. Prints one Markdown table.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow
import pyarrow.compute
import pyarrow.parquet


def write(tracks, copies, path, distinct):
    with pyarrow.parquet.ParquetWriter(path, tracks.schema, compression="zstd") as writer:
        for copy in range(copies):
            one = tracks
            for name in ("artist", "uri") if distinct and copy else ():
                text = pyarrow.compute.binary_join_element_wise(tracks[name].cast(pyarrow.string()), f"#{copy}", "")
                one = one.set_column(one.schema.get_field_index(name), tracks.schema.field(name), text.cast(tracks[name].type))
            writer.write_table(one)


def measured(command):
    """Seconds, and peak resident memory in MiB."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command}: {errors.decode()}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def main(arguments):
    tracks = pyarrow.parquet.read_table(arguments.tracks)
    print("| command | tracks | file | seconds | peak memory |\n|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        for copies in [int(copies) for copies in arguments.copies.split(",")]:
            path = place / "tracks.parquet"
            write(tracks, copies, path, arguments.distinct)
            for command in arguments.commands.split(","):
                call = [arguments.program, command, "--data", path, "--reports", place / "reports", "--quiet"]
                seconds, memory = measured([*call, "--processed", place / "processed.parquet"])
                (place / "processed.parquet").unlink(missing_ok=True)
                megabytes = path.stat().st_size / 1e6
                cells = [command, f"{copies * len(tracks):,}", f"{megabytes:,.0f} MB", f"{seconds:.1f}", f"{memory:,.0f} MiB"]
                print(f"| {' | '.join(cells)} |", flush=True)
            path.unlink()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=lambda path: Path(path).resolve())
    parser.add_argument("tracks", type=Path)
    parser.add_argument("--copies", default="1,10,100,1000")
    parser.add_argument("--distinct", action="store_true")
    parser.add_argument("--commands", default="explore")
    main(parser.parse_args())
