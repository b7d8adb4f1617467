"""Models: every kind of table gives the predictions of the program."""

import pickle
import threading

import numpy as np
import pandas
import polars
import pyarrow
import pytest

import hitflop
from conftest import call


class StreamOnly:
    """An object with the PyCapsule interface and nothing else."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


class ArrayOnly:
    def __init__(self, batch):
        self.batch = batch

    def __arrow_c_array__(self, requested_schema=None):
        return self.batch.__arrow_c_array__(requested_schema)


def forms(tracks, features):
    few = tracks[features]
    arrow = pyarrow.Table.from_pandas(tracks, preserve_index=False)
    chunked = pyarrow.concat_tables([arrow.slice(0, 1000), arrow.slice(1000)])
    return {
        "pandas": tracks,
        "pandas, nullable": few.convert_dtypes(),
        "pandas, objects": few.astype(object),
        "Polars": polars.from_pandas(tracks),
        "Polars, texts": polars.from_pandas(few).with_columns(polars.all().cast(polars.String)),
        "PyArrow": arrow,
        "PyArrow, chunks": chunked,
        "PyArrow, dictionary": arrow.set_column(0, "genre", arrow.column(0).dictionary_encode()),
        "stream": StreamOnly(chunked),
        "array": ArrayOnly(arrow.combine_chunks().to_batches()[0]),
        "NumPy": few.to_numpy(dtype=np.float64),
        "NumPy, Fortran order": np.asfortranarray(few.to_numpy(dtype=np.float64)),
        "NumPy, records": few.to_records(index=False),
        "columns": {name: few[name].tolist() for name in features},
        "columns of arrays": {name: few[name].to_numpy() for name in features},
        "tracks": few.to_dict("records"),
        "lists": few.to_numpy(dtype=object).tolist(),
    }


def test_every_table_gives_the_predictions_of_the_program(model, tracks, predicted):
    probabilities, labels = predicted
    assert (model.predict_proba(tracks)[:, 1] == probabilities).all()
    some = tracks.head(3000)
    probabilities, labels = probabilities[:3000], labels[:3000]
    for name, table in forms(some, model.features).items():
        found = model.predict_proba(table)
        assert found.shape == (len(some), 2), name
        assert (found[:, 1] == probabilities).all(), name
        assert (found.sum(axis=1) == 1).all(), name
        assert (model.predict(table) == labels).all(), name


def test_explanations_are_those_of_the_program(work, model, model_file, tracks):
    some = tracks.head(500)
    some.to_parquet(work / "some.parquet")
    output = work / "explained.parquet"
    call("explain", "--model", model_file, "--input", work / "some.parquet", "--output", output, "--quiet")
    expected = pandas.read_parquet(output)
    found = model.explain(some)
    assert (expected["base"] == found.base).all()
    assert (expected["answer"].to_numpy() == found.output).all()
    assert (expected["probability"].to_numpy() == found.probability).all()
    for index, feature in enumerate(model.features):
        assert (expected[f"contribution_{feature}"].to_numpy() == found.values[:, index]).all(), feature
    assert np.allclose(found.base + found.values.sum(axis=1), found.output, atol=1e-9)
    assert list(found.to_pandas().columns) == model.features


def test_one_track_is_a_dictionary(model, tracks):
    track = tracks.iloc[3]
    row = {name: track[name] for name in model.features}
    expected = model.predict_proba(tracks.iloc[3:4])
    for one in (row, {**row, "title": "x"}, [row], tracks.iloc[3], np.array([row[name] for name in model.features], float)):
        assert (model.predict_proba(one) == expected).all(), type(one)


def test_missing_values_are_refused_unless_they_are_allowed(work, model, model_file, tracks):
    some = tracks.head(200).copy()
    some["energy"] = some["energy"].astype(float).where(some.index % 3 > 0)
    with pytest.raises(hitflop.HitflopError) as error:
        model.predict(some)
    assert str(error.value).startswith('tracks, row 1, column energy: expected a number, found ""')
    assert "\nallow_missing: set it to True" in str(error.value)
    without = some.drop(columns=["valence"])
    without.to_csv(work / "without.csv", index=False)
    scored = work / "scored-without.csv"
    call("predict", "--model", model_file, "--input", work / "without.csv", "--allow-missing", "--output", scored, "--quiet")
    expected = pandas.read_csv(scored)["probability"].to_numpy()
    for table in (without, polars.from_pandas(without), without.to_dict("records")):
        found = model.predict_proba(table, allow_missing=True)[:, 1]
        assert np.allclose(found, expected, rtol=0, atol=1e-15)


def test_columns_are_found_as_the_program_finds_them(model, tracks):
    expected = model.predict(tracks)
    percent = tracks[model.features].copy()
    percent["Danceability_%"] = (percent.pop("danceability").astype(float) * 100).round(6)
    percent["Length (s)"] = percent.pop("duration_ms").astype(float) / 1000
    assert (model.predict(percent) == expected).mean() > 0.999
    uses = {column["column"]: column for column in model.mapping(percent)}
    assert uses["Danceability_%"]["used_as"] == "danceability"
    assert uses["Danceability_%"]["conversion"] == "percent"
    renamed = tracks[model.features].rename(columns={"tempo": "speed"})
    assert (model.predict(renamed, map={"tempo": "speed"}) == expected).all()
    with pytest.raises(hitflop.HitflopError, match="column tempo: the column is missing"):
        model.predict(renamed)
    seconds = tracks[model.features].copy()
    seconds["duration_ms"] = seconds["duration_ms"].astype(float) / 1000
    assert (model.predict(seconds, units={"duration_ms": "s"}) == expected).mean() > 0.999
    with pytest.raises(hitflop.HitflopError, match="column danceability: the column is missing"):
        model.predict(percent, mapping=False)


def test_a_part_is_read_as_its_sample(model, tracks):
    percent = tracks[model.features].copy()
    percent["Danceability"] = (percent.pop("danceability").astype(float) * 100).round(6)
    part = percent[percent["Danceability"] < 1].head(3)
    whole = percent.head(5000)
    if len(part):
        expected = model.predict_proba(pandas.concat([whole, part]))[-len(part):]
        assert (model.predict_proba(part, sample=whole) == expected).all()
    with pytest.raises(hitflop.HitflopError, match="expected the columns of the sample"):
        model.predict(tracks, sample=whole)


def test_messages_say_place_rule_and_value(model, tracks):
    def message(table, **options):
        with pytest.raises(hitflop.HitflopError) as error:
            model.predict(table, **options)
        return str(error.value)

    loud = tracks[model.features].astype(object).head(3)
    loud.iloc[1, list(loud.columns).index("energy")] = "loud"
    assert message(loud) == 'tracks, row 2, column energy: expected a number, found "loud"'
    assert message(3).startswith("tracks: expected a table")
    assert message("tracks.csv").startswith("tracks: expected a table")
    assert message(np.zeros((2, 3))).startswith(f"tracks: expected {len(model.features)} columns, in the order")
    assert "expected a list of dictionaries, or of lists of equal length" in message([[1, 2], [1]])
    assert message({"energy": [1, 2], "key": [1]}).startswith("tracks, column key: expected 2 values")
    assert "expected a finite number" in message(np.full((1, len(model.features)), np.inf))
    nothing = {name: [None] for name in model.features}
    assert "at least one of the audio features" in message(nothing, allow_missing=True)
    assert message(tracks, map={"tempo": "no such"}).startswith("map: expected a column of the table")
    assert message(tracks, units={"key": "s"}).startswith("unit: expected no unit of key")


def test_no_track_is_no_fault(model, tracks):
    assert model.predict_proba(tracks.head(0)).shape == (0, 2)


def test_model_files_that_are_none_are_refused(work, model_file):
    with pytest.raises(hitflop.HitflopError, match="no such file"):
        hitflop.Model.load(work / "nowhere.model")
    broken = work / "broken.model"
    broken.write_bytes(model_file.read_bytes()[:-100])
    with pytest.raises(hitflop.HitflopError, match="broken.model"):
        hitflop.Model.load(broken)


def test_metadata_is_what_the_program_shows(model, model_file):
    import json

    shown = json.loads(call("model", "show", model_file, "--json"))
    assert model.metadata == shown
    assert model.threshold == shown["threshold"]
    assert model.features == [feature["name"] for feature in shown["features"]]
    assert shown["name"] in repr(model)


def test_a_model_is_pickled(model, model_file, tracks):
    again = pickle.loads(pickle.dumps(model))
    assert again.to_bytes() == model_file.read_bytes()
    assert (again.predict_proba(tracks.head(50)) == model.predict_proba(tracks.head(50))).all()


def test_other_threads_run_while_tracks_are_scored(model, tracks):
    matrix = np.tile(tracks[model.features].to_numpy(dtype=float), (20, 1))
    progress, done = [], threading.Event()

    def count():
        while not done.is_set():
            progress.append(None)
            done.wait(0.0005)

    counter = threading.Thread(target=count)
    counter.start()
    before = len(progress)
    model.explain(matrix[:20_000])
    during = len(progress) - before
    done.set()
    counter.join()
    assert during > 5, during
