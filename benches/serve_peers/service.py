"""The notebook's service with a peer's model, loaded once: FastAPI, to be run by uvicorn.

environment: PEER is `forest` (scikit-learn, the notebook's best) or `lightgbm`; SPLIT is the Parquet file of
`hitflop train --write-split`, on whose training rows the model is fitted before the first request.
"""

import os

import numpy
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel

FEATURES = [
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness", "liveness",
    "valence", "tempo", "duration_ms", "time_signature", "chorus_hit",
]


class Song(BaseModel):
    danceability: float
    energy: float
    key: int
    loudness: float
    mode: int
    speechiness: float
    acousticness: float
    instrumentalness: float
    liveness: float
    valence: float
    tempo: float
    duration_ms: int
    time_signature: int
    chorus_hit: float


def fitted():
    tracks = pd.read_parquet(os.environ["SPLIT"])
    tracks = tracks[tracks["split"] == "train"]
    records, targets = tracks[FEATURES].to_numpy(), tracks["target"].to_numpy()
    if os.environ["PEER"] == "forest":
        from sklearn.ensemble import RandomForestClassifier

        model = RandomForestClassifier(500, max_features="sqrt", min_samples_split=5, min_samples_leaf=2, n_jobs=-1, random_state=42)
        model.fit(records, targets)
        # One row on several threads takes longer.
        return model.set_params(n_jobs=1)
    import lightgbm

    return lightgbm.LGBMClassifier(n_estimators=100, num_leaves=31, n_jobs=1, verbose=-1).fit(records, targets)


app = FastAPI()
model = fitted()


@app.get("/songs")
def connected():
    return {"message": "Connected to ML api..."}


@app.post("/songs/predict")
def predict(song: Song):
    row = numpy.array([[getattr(song, name) for name in FEATURES]])
    return int(model.predict(row)[0])
