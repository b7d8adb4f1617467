#!/usr/bin/env python3
"""Writes the rows of the six decade files with ten divisions into training and test rows, for `cargo bench --bench blend`.

usage: python make_splits.py DATA_DIR ROWS.csv      (needs numpy, pandas and scikit-learn)

Columns: 16 features, `target` (0 or 1), `group` (the number of the artist), and for each division 1 on its test rows:
`random_42` to `random_47` (20 % at random, scikit-learn's train_test_split by these seeds) and `grouped_0` to `grouped_3` (20 % of
the artists, scikit-learn's GroupShuffleSplit by seed 42).
"""
import pathlib, sys
import numpy as np, pandas as pd
from sklearn.model_selection import GroupShuffleSplit, train_test_split

FEATURES = ["danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness", "liveness",
            "valence", "tempo", "duration_ms", "time_signature", "chorus_hit", "sections", "decade"]
DECADES = {"60": 1960, "70": 1970, "80": 1980, "90": 1990, "00": 2000, "10": 2010}

data, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
rows = pd.concat([pd.read_csv(data / f"dataset-of-{tag}s.csv").assign(decade=decade) for tag, decade in DECADES.items()],
                 ignore_index=True)
table = rows[FEATURES + ["target"]].astype(float)
table["group"] = pd.factorize(rows.artist)[0]


def mark(name, test):
    table[name] = 0
    table.loc[test, name] = 1


for seed in range(42, 48):
    mark(f"random_{seed}", train_test_split(np.arange(len(rows)), test_size=.2, random_state=seed)[1])
for number, (_, test) in enumerate(GroupShuffleSplit(4, test_size=.2, random_state=42).split(rows, rows.target, rows.artist)):
    mark(f"grouped_{number}", test)
table.to_csv(out, index=False)
print(out.stat().st_size, "bytes")
