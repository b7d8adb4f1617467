"""MLflow loads the exported directory and scores data frames by it."""

import mlflow.models
import mlflow.pyfunc
import numpy as np
import pytest


def test_mlflow_scores_data_frames(work, model, model_file, tracks, predicted):
    directory = work / f"{model_file.stem}-mlflow"
    model.export_mlflow(directory)
    loaded = mlflow.pyfunc.load_model(str(directory))
    found = loaded.predict(tracks[model.features])
    probabilities, labels = predicted
    assert list(found.columns) == ["label", "probability"]
    assert (found["probability"].to_numpy() == probabilities).all()
    assert (found["label"].to_numpy() == labels).all()
    assert loaded.metadata.signature.inputs.input_names() == model.features
    holes = tracks[model.features].astype(float).head(50)
    holes.loc[holes.index[::2], "energy"] = np.nan
    expected = model.predict_proba(holes, allow_missing=True)[:, 1]
    assert (loaded.predict(holes)["probability"].to_numpy() == expected).all()


def test_the_example_is_an_input(work, model):
    directory = work / "example-mlflow"
    model.export_mlflow(directory)
    loaded = mlflow.pyfunc.load_model(str(directory))
    example = loaded.input_example
    assert list(example.columns) == model.features
    assert 0 <= loaded.predict(example)["probability"].iloc[0] <= 1


def test_a_lacking_column_is_refused(work, model, tracks):
    directory = work / "refused-mlflow"
    model.export_mlflow(directory)
    loaded = mlflow.pyfunc.load_model(str(directory))
    with pytest.raises(Exception, match="valence"):
        loaded.predict(tracks[model.features].drop(columns=["valence"]))
