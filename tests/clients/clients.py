#!/usr/bin/env python3
"""Calls `hitflop serve` with the clients of other projects, tritonclient and MLflow's, and compares their answers with those of
/v1/predict/batch for the same values. Probabilities may differ by 1e-12, labels not at all.

usage: tests/clients/clients.py PROGRAM MODEL
needs: tritonclient[http], mlflow-skinny, pandas, scipy and numpy (PyPI)
"""
import json, pathlib, subprocess, sys, urllib.request

import numpy as np
import pandas as pd
import tritonclient.http as triton
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
from tritonclient.utils import InferenceServerException

ROUNDING = 1e-12
ROWS = 500
RANGES = {
    "danceability": (0, 1), "energy": (0, 1), "key": range(12), "loudness": (-30, 0), "mode": range(2), "speechiness": (0, 1),
    "acousticness": (0, 1), "instrumentalness": (0, 1), "liveness": (0, 1), "valence": (0, 1), "tempo": (60, 200),
    "duration_ms": range(90_000, 400_000), "time_signature": range(3, 6), "chorus_hit": (10, 60), "sections": range(5, 15),
    "decade": range(1960, 1980, 10),
}


def tracks():
    """Made-up tracks, some of whose values are missing."""
    draw = np.random.default_rng(7)
    columns = {}
    for name, values in RANGES.items():
        of_range = draw.choice(values, ROWS) if isinstance(values, range) else draw.uniform(*values, ROWS)
        columns[name] = np.asarray(of_range, dtype=np.float64)
        if name not in ("energy", "decade"):
            columns[name][draw.random(ROWS) < 0.05] = np.nan
    return columns


class Server:
    def __init__(self, program, model):
        self.process = subprocess.Popen([program, "serve", "--model", model, "--port", "0", "--model-name", "hits", "--access-log", "off"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http://"), "the server has not started"

    def rest(self, columns):
        """Labels and probabilities of /v1/predict/batch."""
        count = len(next(iter(columns.values())))
        rows = [{name: None if np.isnan(values[row]) else float(values[row]) for name, values in columns.items()} for row in range(count)]
        request = urllib.request.Request(self.url + "/v1/predict/batch", json.dumps(rows).encode(), {"Content-Type": "application/json"})
        answers = json.load(urllib.request.urlopen(request))
        return np.array([answer["label"] == "hit" for answer in answers], dtype=int), np.array([answer["probability"] for answer in answers])


def same(what, found, expected):
    assert found.shape == expected.shape, f"{what}: shape {found.shape}, expected {expected.shape}"
    difference = np.abs(found.astype(np.float64) - expected).max()
    assert difference <= ROUNDING, f"{what}: differs by {difference} from the answer of /v1/predict/batch"
    print(f"  {what}: {len(found)} rows, greatest difference {difference:g}")


def tensor(name, values, datatype, is_binary):
    given = triton.InferInput(name, list(values.shape), datatype)
    given.set_data_from_numpy(values, binary_data=is_binary)
    return given


def rounded(values, kind):
    """The values as they are after the way through a type of fewer bits."""
    return values.astype(kind).astype(np.float64)


def of_triton(server, columns):
    client = triton.InferenceServerClient(server.url.removeprefix("http://"), connection_timeout=60, network_timeout=60)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("hits")
    metadata = client.get_model_metadata("hits")
    [version] = metadata["versions"]
    names = [given["name"] for given in metadata["inputs"]]
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    [entry] = client.get_model_repository_index()
    assert (entry["name"], entry["version"], entry["state"]) == ("hits", version, "READY"), entry
    config = client.get_model_config("hits")
    assert [given["name"] for given in config["input"]] == names and config["name"] == "hits", config
    labels, probabilities = server.rest({name: columns[name] for name in names})
    matrix = np.stack([columns[name] for name in names], axis=1)

    def check(what, inputs, expected=(labels, probabilities), **options):
        result = client.infer("hits", inputs, **options)
        same(f"{what}, predict", result.as_numpy("predict"), expected[0])
        same(f"{what}, predict_proba", result.as_numpy("predict_proba")[:, 1], expected[1])

    # The defaults: binary both ways.
    check("matrix", [tensor("x", matrix, "FP64", True)])
    check("tensor a feature", [tensor(name, columns[name], "FP64", True) for name in names], model_version=version, request_id="42")
    for algorithm in ("gzip", "deflate"):
        check(f"compressed by {algorithm}", [tensor("x", matrix, "FP64", True)],
              request_compression_algorithm=algorithm, response_compression_algorithm=algorithm)
    for datatype, kind in (("FP32", np.float32), ("FP16", np.float16)):
        few = {name: rounded(columns[name], kind) for name in ("energy", "danceability", "valence", "speechiness")}
        check(datatype, [tensor(name, values.astype(kind), datatype, True) for name, values in few.items()], server.rest(few))
    whole = {"key": columns["energy"] * 11 // 1, "mode": columns["energy"] // 0.5, "sections": columns["energy"] * 9 // 1 + 3}
    kinds = {"key": ("INT8", np.int8), "mode": ("UINT8", np.uint8), "sections": ("INT64", np.int64)}
    check("whole numbers", [tensor(name, values.astype(kinds[name][1]), kinds[name][0], True) for name, values in whole.items()], server.rest(whole))
    complete = {name: np.nan_to_num(columns[name], nan=1.0) for name in names}
    as_json = [tensor(name, values, "FP64", False) for name, values in complete.items()]
    check("JSON in, binary out", as_json, server.rest(complete))
    both = [triton.InferRequestedOutput("predict", binary_data=False), triton.InferRequestedOutput("predict_proba", binary_data=True)]
    check("one output as JSON, one binary", [tensor("x", matrix, "FP64", True)], outputs=both)
    check("all outputs as JSON", [tensor("x", matrix, "FP64", True)],
          outputs=[triton.InferRequestedOutput(name, binary_data=False) for name in ("predict", "predict_proba")])
    one = client.infer("hits", [tensor("x", matrix, "FP64", True)], outputs=[triton.InferRequestedOutput("predict_proba")])
    assert one.as_numpy("predict") is None
    before = client.get_inference_statistics("hits")["model_stats"][0]
    for wrong in (np.full((2, 3), 0.5), np.full((2, len(names)), np.inf)):
        try:
            client.infer("hits", [tensor("x", wrong, "FP64", True)])
            raise AssertionError("a wrong tensor was accepted")
        except InferenceServerException as error:
            print(f"  refused as expected: {str(error)[:100]}")
    after = client.get_inference_statistics()["model_stats"][0]
    assert after["inference_stats"]["fail"]["count"] == before["inference_stats"]["fail"]["count"] + 2, (before, after)
    assert after["inference_count"] % ROWS == 0 and after["execution_count"] == after["inference_count"] // ROWS, after
    assert after["inference_stats"]["compute_infer"]["ns"] > 0 and after["last_inference"] > 1e12, after
    client.close()
    return names


def of_mlflow(server, columns, names):
    host, port = server.url.removeprefix("http://").split(":")
    client = ScoringServerClient(host, port)
    client.wait_server_ready(timeout=30)
    with urllib.request.urlopen(server.url + "/health") as health:
        assert health.status == 200
    with urllib.request.urlopen(server.url + "/v2") as metadata:
        assert client.get_version() == json.load(metadata)["version"]
    frame = pd.DataFrame({name: columns[name] for name in names})
    labels, _ = server.rest({name: columns[name] for name in names})
    same("data frame", client.invoke(frame).get_predictions().iloc[:, 0].to_numpy(), labels)
    same("data frame with parameters", client.invoke(frame, params={"top": 1}).get_predictions().iloc[:, 0].to_numpy(), labels)
    complete = frame.fillna(1.0)
    labels, _ = server.rest({name: complete[name].to_numpy() for name in names})
    same("matrix", client.invoke(complete.to_numpy()).get_predictions().iloc[:, 0].to_numpy(), labels)
    csv = urllib.request.Request(server.url + "/invocations", complete.to_csv(index=False).encode(), {"Content-Type": "text/csv"})
    same("CSV", np.array(json.load(urllib.request.urlopen(csv))["predictions"]), labels)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    server = Server(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2])
    try:
        columns = tracks()
        print("tritonclient")
        names = of_triton(server, columns)
        print("MLflow")
        of_mlflow(server, columns, names)
    finally:
        server.process.terminate()
        server.process.wait(timeout=60)
    print("The clients' answers are those of the service.")


if __name__ == "__main__":
    main()
