"""Scoring and exploring through Spark Connect, by an engine without Java: several partitions on two workers."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pandas
import pyarrow
import pyarrow.parquet
import pytest

import hitflop
import hitflop.spark

from conftest import call

ROWS = 1_000_000
PARTITIONS = 8

# One kind of model: the others take the same way.
ONE_MODEL = pytest.mark.parametrize("model_file", ["boosting"], indirect=True)


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
    directory.mkdir(exist_ok=True)
    table = pyarrow.Table.from_pandas(tracks, preserve_index=False)
    copies = pyarrow.concat_tables([table] * (ROWS // len(tracks) + 1)).slice(0, ROWS)
    copies = copies.append_column("row", pyarrow.array(np.arange(ROWS)))
    each = ROWS // PARTITIONS
    for part in range(PARTITIONS):
        pyarrow.parquet.write_table(copies.slice(part * each, each), directory / f"part-{part}.parquet")
    return directory


@ONE_MODEL
def test_a_million_tracks_have_the_predictions_of_the_program(spark, files, model, tracks, predicted):
    frame = hitflop.spark.score(spark.read.parquet(str(files)), model)
    scored = frame.select("row", "label", "probability").toArrow().sort_by("row")
    assert scored.num_rows == ROWS
    assert scored.schema.field("label").type == pyarrow.int32()
    probabilities, labels = (np.tile(values, ROWS // len(tracks) + 1)[:ROWS] for values in predicted)
    assert (scored["probability"].to_numpy() == probabilities).all()
    assert (scored["label"].to_numpy() == labels).all()


@ONE_MODEL
def test_contributions_are_those_of_the_model(spark, model, tracks):
    some = tracks.head(400)
    scored = hitflop.spark.score(spark.createDataFrame(some), model, contributions=True).toArrow()
    expected = model.explain(scored.select(some.columns.tolist()))
    assert (scored["base"].to_numpy() == expected.base).all()
    for index, feature in enumerate(model.features):
        assert (scored[f"contribution_{feature}"].to_numpy() == expected.values[:, index]).all()


@ONE_MODEL
def test_every_partition_is_read_by_the_units_of_the_whole(spark, model, tracks):
    percent = tracks[model.features].head(5000).copy()
    percent["Danceability"] = (percent.pop("danceability").astype(float) * 100).round(6)
    percent = percent.sort_values("Danceability")
    frame = spark.createDataFrame(percent).repartitionByRange(8, "Danceability")
    scored = hitflop.spark.score(frame, model).toArrow()
    expected = model.predict_proba(scored.select(percent.columns.tolist()))[:, 1]
    assert (scored["probability"].to_numpy() == expected).all()


@ONE_MODEL
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


@pytest.fixture(scope="module")
def findings(spark, files):
    """Findings of the million rows, summed in eight partitions on two workers."""
    return json.loads(hitflop.spark.explore(spark.read.parquet(str(files))))


def report(work, name, findings):
    """The tables of a report of findings."""
    document = work / f"{name}.json"
    document.write_text(json.dumps(findings))
    call("report", "--findings", document, "--reports", work / name, "--quiet")
    return {path.stem: pandas.read_csv(path) for path in (work / name / "tables").glob("*.csv")}


def test_tables_of_a_cluster_are_those_of_the_program(spark, work, data, tracks):
    """On the six files: counts, means, deviations, intervals and correlations to 1e-9, quartiles to the width of a bin."""
    frame = spark.createDataFrame(tracks).repartition(5)
    text = hitflop.spark.explore(frame)
    assert len(text) < 2_000_000
    found = report(work, "cluster", json.loads(text))
    call("explore", "--data", data, "--reports", work / "explored", "--processed", work / "explored.parquet", "--quiet",
         "--permutations", 19, "--draws", 1)
    expected = {path.stem: pandas.read_csv(path) for path in (work / "explored" / "tables").glob("*.csv")}
    assert {"describe", "counts", "means", "pearson", "features_overview", "artists"} <= set(found)
    assert set(expected) - set(found) <= {"spearman", "feature_pairs", "feature_pair_cells", "sample_rows",
                                          "mutual_information_all_continuous"}
    # Densities and mutual information are of bins.
    for name in set(found) & set(expected) - {"mutual_information", "density_by_label", "density_by_decade"}:
        assert list(found[name].columns) == list(expected[name].columns), name
        for column in found[name].select_dtypes("number"):
            binned = column in ("25%", "50%", "75%", "lower_fence", "upper_fence", "outliers", "outlier_share", "drift_psi")
            if binned and column not in ("25%", "50%", "75%"):
                continue
            tolerance = 1 / 256 if binned else 1e-9
            # The decade of a decade has no spread, of which the program's rounding leaves a trace.
            smallest = 1e-6 if column == "std" else 1e-9
            np.testing.assert_allclose(found[name][column], expected[name][column], rtol=tolerance, atol=smallest,
                                       err_msg=f"{name} {column}")


def test_a_million_tracks_are_summed_where_they_are(findings, tracks):
    assert sum(cell["rows"] for cell in findings["cells"]) == ROWS
    rows = np.tile(tracks["energy"].to_numpy(), ROWS // len(tracks) + 1)[:ROWS]
    moments = [cell["features"][1]["moments"] for cell in findings["cells"]]
    mean = sum(one["count"] * one["mean"] for one in moments) / ROWS
    assert mean == pytest.approx(rows.mean(), rel=1e-12)
    assert findings["quality"]["unique_uris"] == tracks["uri"].nunique()
    assert findings["quality"]["artists"] == tracks["artist"].nunique() and findings["is_exact"]


def test_a_rule_makes_the_label_and_what_is_missing_is_refused(spark, tracks):
    some = tracks.head(200).drop(columns=["target", "artist", "uri"]).assign(plays=np.arange(200) % 90)
    with pytest.raises(hitflop.HitflopError, match="expected a column target of 0 and 1"):
        hitflop.spark.explore(spark.createDataFrame(some))
    found = json.loads(hitflop.spark.explore(spark.createDataFrame(some), label="plays>=60"))
    hits = sum(cell["rows"] for cell in found["cells"] if cell["label"] == "hit")
    assert (hits, found["label_rule"]) == ((some["plays"] >= 60).sum(), "plays>=60")
    assert found["artists"] is None and found["quality"]["unique_uris"] == 0
    with pytest.raises(hitflop.HitflopError, match="valence"):
        hitflop.spark.explore(spark.createDataFrame(some.drop(columns=["valence"])), label="plays>=60")
