"""Models and tracks that the program makes: of the real decade files if HITFLOP_DATA names them, else of a simulated sample.

HITFLOP_PROGRAM is the program, the witness of all predictions.
"""

import os
import pathlib
import subprocess

import numpy as np
import pytest

MODELS = {
    "tree": ["--model", "tree", "--calibration", "isotonic"],
    "forest": ["--model", "forest", "--param", "n_estimators=60", "--calibration", "platt"],
    "boosting": ["--model", "boosting", "--calibration", "isotonic", "--threshold", "f1"],
    "uncalibrated": ["--model", "boosting", "--calibration", "none", "--threshold", "0.5", "--param", "symmetric=true",
                     "--param", "max_depth=6"],
}


def call(*arguments: object) -> str:
    program = os.environ.get("HITFLOP_PROGRAM", "hitflop")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def work(tmp_path_factory) -> pathlib.Path:
    return tmp_path_factory.mktemp("hitflop")


@pytest.fixture(scope="session")
def data(work) -> pathlib.Path:
    if "HITFLOP_DATA" in os.environ:
        return pathlib.Path(os.environ["HITFLOP_DATA"])
    call("sample", "--out", work / "sample")
    return work / "sample"


@pytest.fixture(scope="session")
def model_files(work, data) -> dict[str, pathlib.Path]:
    files = {}
    for name, arguments in MODELS.items():
        files[name] = work / f"{name}.model"
        call("train", *arguments, "--data", data, "--output", files[name], "--processed", work / "tracks.parquet",
             "--reports", work / "reports", "--models", work, "--quiet")
    return files


@pytest.fixture(scope="session", params=list(MODELS))
def model_file(request, model_files) -> pathlib.Path:
    return model_files[request.param]


@pytest.fixture(scope="session")
def model(model_file):
    import hitflop

    return hitflop.Model.load(model_file)


@pytest.fixture(scope="session")
def tracks(work, model_files):
    """All tracks, with the columns of the union."""
    import pandas

    return pandas.read_parquet(work / "tracks.parquet")


@pytest.fixture(scope="session")
def predicted(work, model_file, tracks):
    """What `hitflop predict` says of all tracks: probabilities and labels."""
    import pandas

    scored = work / "scored.parquet"
    call("predict", "--model", model_file, "--input", work / "tracks.parquet", "--output", scored, "--quiet")
    table = pandas.read_parquet(scored)
    return table["probability"].to_numpy(), table["label"].to_numpy()


@pytest.fixture(scope="session")
def two_classes() -> tuple[np.ndarray, np.ndarray]:
    """Samples of two classes, with missing values."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(600, 6))
    y = (X[:, 0] - X[:, 1] + 0.5 * rng.normal(size=600) > 0).astype(int)
    X[rng.random(X.shape) < 0.1] = np.nan
    return X, y
