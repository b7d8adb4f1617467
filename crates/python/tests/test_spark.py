"""Scoring through Spark Connect, by an engine without Java: several partitions on two workers."""

import os
import subprocess
import sys
import time

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

import hitflop
import hitflop.spark

ROWS = 1_000_000
PARTITIONS = 8


@pytest.fixture(scope="module")
def spark():
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "SAIL_MODE": "local-cluster", "SAIL_CLUSTER__WORKER_INITIAL_COUNT": "2"}
    command = [sys.executable, "-m", "pysail", "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, server)
        from pyspark.sql import SparkSession

        session = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
        yield session
        session.stop()
    finally:
        server.terminate()
        server.wait(30)


def wait_for(port, server):
    import socket

    for _ in range(300):
        assert server.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not listen")


@pytest.fixture(scope="module")
def files(work, tracks):
    """A directory of Parquet files, each with the number of each row."""
    directory = work / "million"
    directory.mkdir()
    table = pyarrow.Table.from_pandas(tracks, preserve_index=False)
    copies = pyarrow.concat_tables([table] * (ROWS // len(tracks) + 1)).slice(0, ROWS)
    copies = copies.append_column("row", pyarrow.array(np.arange(ROWS)))
    each = ROWS // PARTITIONS
    for part in range(PARTITIONS):
        pyarrow.parquet.write_table(copies.slice(part * each, each), directory / f"part-{part}.parquet")
    return directory


def test_a_million_tracks_have_the_predictions_of_the_program(spark, files, model, tracks, predicted):
    frame = hitflop.spark.score(spark.read.parquet(str(files)), model)
    scored = frame.select("row", "label", "probability").toArrow().sort_by("row")
    assert scored.num_rows == ROWS
    assert scored.schema.field("label").type == pyarrow.int32()
    probabilities, labels = (np.tile(values, ROWS // len(tracks) + 1)[:ROWS] for values in predicted)
    assert (scored["probability"].to_numpy() == probabilities).all()
    assert (scored["label"].to_numpy() == labels).all()


def test_contributions_are_those_of_the_model(spark, model, tracks):
    some = tracks.head(400)
    scored = hitflop.spark.score(spark.createDataFrame(some), model, contributions=True).toArrow()
    expected = model.explain(scored.select(some.columns.tolist()))
    assert (scored["base"].to_numpy() == expected.base).all()
    for index, feature in enumerate(model.features):
        assert (scored[f"contribution_{feature}"].to_numpy() == expected.values[:, index]).all()


def test_every_partition_is_read_by_the_units_of_the_whole(spark, model, tracks):
    percent = tracks[model.features].head(5000).copy()
    percent["Danceability"] = (percent.pop("danceability").astype(float) * 100).round(6)
    percent = percent.sort_values("Danceability")
    frame = spark.createDataFrame(percent).repartitionByRange(8, "Danceability")
    scored = hitflop.spark.score(frame, model).toArrow()
    expected = model.predict_proba(scored.select(percent.columns.tolist()))[:, 1]
    assert (scored["probability"].to_numpy() == expected).all()


def test_frames_that_cannot_be_scored_are_refused(spark, model, tracks):
    some = tracks.head(20)
    with pytest.raises(hitflop.HitflopError, match="column label: expected no such column"):
        hitflop.spark.score(spark.createDataFrame(some.assign(label=1)), model)
    with pytest.raises(hitflop.HitflopError, match="column valence: the column is missing"):
        hitflop.spark.score(spark.createDataFrame(some.drop(columns=["valence"])), model)
    renamed = hitflop.spark.score(
        spark.createDataFrame(some.assign(label=1)), model, label_column="hit", probability_column="p"
    )
    assert renamed.columns[-2:] == ["hit", "p"]
