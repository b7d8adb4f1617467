"""Times the estimators beside scikit-learn's, scikit-learn-intelex's, LightGBM's and CatBoost's in one run, on the same rows.

usage: python benches/peers.py TRACKS.parquet [ROUNDS]

TRACKS.parquet is the file of `hitflop ingest`. Each round fits every estimator once, in turn, so that a busy machine slows all
of them; the table has the median of the rounds. Peers that are not installed are left out.
"""

import importlib
import statistics
import sys
import time

import numpy as np
import pandas
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

TREES = 200
TARGET = "target"


def peers():
    """Group, name, module, class and parameters."""
    forest = {"n_estimators": TREES, "n_jobs": -1, "random_state": 0}
    leaves = {"n_estimators": TREES, "learning_rate": 0.1}
    yield "forest", "hitflop", "hitflop.sklearn", "RandomForestClassifier", forest
    yield "forest", "scikit-learn", "sklearn.ensemble", "RandomForestClassifier", forest
    yield "forest", "scikit-learn-intelex", "sklearnex.ensemble", "RandomForestClassifier", forest
    yield "extra trees", "hitflop", "hitflop.sklearn", "ExtraTreesClassifier", forest
    yield "extra trees", "scikit-learn", "sklearn.ensemble", "ExtraTreesClassifier", forest
    yield "extra trees", "scikit-learn-intelex", "sklearnex.ensemble", "ExtraTreesClassifier", forest
    shape = {"max_depth": None, "max_leaf_nodes": 31, "min_samples_leaf": 20, "criterion": "newton"}
    yield "boosting, 31 leaves", "hitflop", "hitflop.sklearn", "GradientBoostingClassifier", {**leaves, **shape}
    histogram = {"max_iter": TREES, "max_leaf_nodes": 31, "min_samples_leaf": 20, "early_stopping": False}
    yield "boosting, 31 leaves", "scikit-learn", "sklearn.ensemble", "HistGradientBoostingClassifier", histogram
    yield "boosting, 31 leaves", "LightGBM", "lightgbm", "LGBMClassifier", {**leaves, "verbose": -1}
    symmetric = {**leaves, "symmetric": True, "max_depth": 6, "l2_regularization": 3.0, "criterion": "newton"}
    yield "boosting, symmetric, depth 6", "hitflop", "hitflop.sklearn", "GradientBoostingClassifier", symmetric
    quiet = {"iterations": TREES, "learning_rate": 0.1, "depth": 6, "verbose": False, "allow_writing_files": False}
    yield "boosting, symmetric, depth 6", "CatBoost", "catboost", "CatBoostClassifier", quiet
    yield "boosting, depth 3, exact", "hitflop", "hitflop.sklearn", "GradientBoostingClassifier", leaves
    yield "boosting, depth 3, exact", "scikit-learn", "sklearn.ensemble", "GradientBoostingClassifier", leaves


def available():
    for group, name, module, kind, params in peers():
        try:
            yield group, name, getattr(importlib.import_module(module), kind), params
        except ImportError:
            print(f"{name} is not installed", file=sys.stderr)


def seconds(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main():
    tracks = pandas.read_parquet(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    numeric = [name for name in tracks.columns if pandas.api.types.is_numeric_dtype(tracks[name]) and name != TARGET]
    X, y = np.ascontiguousarray(tracks[numeric].to_numpy(float)), tracks[TARGET].to_numpy()
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.2, random_state=42, stratify=y)
    many = np.tile(X_test, (10, 1))
    entries, measured = list(available()), {}
    for _ in range(rounds):
        for group, name, kind, params in entries:
            fit, estimator = seconds(lambda: kind(**params).fit(X, y))
            predict, _ = seconds(lambda: estimator.predict_proba(many))
            area = roc_auc_score(y_test, estimator.predict_proba(X_test)[:, 1])
            measured.setdefault((group, name), []).append((fit, predict, area))
    print(f"{len(X):,} rows to fit, {len(many):,} rows to score, {len(numeric)} features, {TREES} trees, {rounds} rounds\n")
    print("| estimator | package | fit, s | score, s | ROC AUC |\n|---|---|---:|---:|---:|")
    for (group, name), values in measured.items():
        fit, predict, area = (statistics.median(column) for column in zip(*values))
        print(f"| {group} | {name} | {fit:.2f} | {predict:.3f} | {area:.4f} |")


if __name__ == "__main__":
    main()
