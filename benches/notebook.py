#!/usr/bin/env python3
"""The notebook's exploration, as one script: the peer of `hitflop explore`.

usage: python notebook.py DATA_DIR [OUT_DIR]
needs: pandas numpy scipy scikit-learn matplotlib seaborn

Reads the decade files, describes and groups them, draws thirty densities (fifteen features by decade and by label),
estimates mutual information once, draws the correlation heatmap and the lines of hit and flop means, and saves four
PNG files. Prints the seconds that mutual information took.
"""
import pathlib
import sys
import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from sklearn.feature_selection import mutual_info_classif

TEXT = ["track", "artist", "uri"]


def read(directory):
    frames = []
    for path in sorted(directory.glob("dataset-of-*s.csv")):
        tag = int(path.stem[-3:-1])
        frame = pd.read_csv(path)
        frame["decade"] = 1900 + tag if tag >= 30 else 2000 + tag
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def densities(tracks, audio, hue, target):
    figure, axes = plt.subplots(5, 3, figsize=(15, 20))
    for axis, feature in zip(axes.flat, audio):
        sns.kdeplot(data=tracks, x=feature, hue=hue, common_norm=False, ax=axis, warn_singular=False)
    figure.tight_layout()
    figure.savefig(target)
    plt.close(figure)


def main():
    data = pathlib.Path(sys.argv[1])
    out = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "notebook-out")
    out.mkdir(parents=True, exist_ok=True)
    tracks = read(data)
    audio = [column for column in tracks.columns if column not in TEXT + ["target", "decade"]]
    features = audio + ["decade"]
    tracks[features + ["target"]].describe()
    tracks.groupby(["decade", "target"]).size()
    by_decade = tracks.groupby(["decade", "target"])[audio].mean().reset_index()
    densities(tracks, audio, "decade", out / "densities-by-decade.png")
    densities(tracks, audio, "target", out / "densities-by-label.png")

    start = time.perf_counter()
    mutual_info_classif(tracks[features], tracks.target)
    print(f"mutual information: {time.perf_counter() - start:.4f}")

    figure, axis = plt.subplots(figsize=(14, 12))
    sns.heatmap(tracks[features + ["target"]].corr(), annot=True, fmt=".2f", cmap="coolwarm", ax=axis)
    figure.savefig(out / "correlations.png")
    plt.close(figure)

    figure, axes = plt.subplots(5, 3, figsize=(15, 20))
    for axis, feature in zip(axes.flat, audio):
        sns.lineplot(data=by_decade, x="decade", y=feature, hue="target", ax=axis)
    figure.tight_layout()
    figure.savefig(out / "means.png")
    plt.close(figure)


if __name__ == "__main__":
    main()
