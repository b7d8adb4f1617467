"""The notebook's client: posts every test row to the service, one by one, and scores the answers.

usage: python examples/client.py SPLIT.parquet [URL]

SPLIT.parquet holds the rows of a split, as `hitflop train --write-split SPLIT.parquet` writes them; those with `split` equal to
`test` are posted. URL is that of `hitflop serve`, http://127.0.0.1:8000 if it is left out. Needs pandas, pyarrow, requests
and scikit-learn.
"""

import sys

import pandas as pd
import requests
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_score, recall_score


def main(path, url="http://127.0.0.1:8000"):
    tracks = pd.read_parquet(path)
    tracks = tracks[tracks["split"] == "test"]
    features = tracks.drop(columns=["split", "target"])
    with requests.Session() as session:
        print(session.get(f"{url}/songs").json()["message"])
        answers = [predict(session, url, row) for row in features.to_dict("records")]
    print("confusion matrix, rows are flops and hits as they are, columns as they are called:")
    print(confusion_matrix(tracks["target"], answers))
    for name, score in [
        ("accuracy", accuracy_score),
        ("precision", precision_score),
        ("recall", recall_score),
        ("F1", f1_score),
    ]:
        print(f"{name} {score(tracks['target'], answers):.4f}")


def predict(session, url, track):
    response = session.post(f"{url}/songs/predict", json=track)
    response.raise_for_status()
    return response.json()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
