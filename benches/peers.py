#!/usr/bin/env python3
"""Fits, times and scores scikit-learn, LightGBM and CatBoost on the rows that `hitflop train --write-split` wrote.

usage: python peers.py fit   PEER SPLIT.parquet      one fit, one prediction of the test rows
       python peers.py serve PEER SPLIT.parquet      one fit, then: load, one row, test rows, a million rows, sizes
       python peers.py grid  SPLIT.parquet FITS      the notebook's grid, from FITS of its 432 fits, drawn evenly over
                                                     the numbers of trees, depths and ways to draw rows
needs  pandas pyarrow numpy scikit-learn lightgbm, and catboost for its own fit

Prints one JSON object. Seconds are of the call alone.
"""
import gzip, itertools, json, os, pickle, statistics, sys, time
import lightgbm, numpy as np, pandas as pd, sklearn
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

THREADS = os.cpu_count()
PEERS = {
    "forest-500": lambda: RandomForestClassifier(500, min_samples_split=5, min_samples_leaf=2, random_state=1, n_jobs=THREADS),
    "boosting-100x3": lambda: GradientBoostingClassifier(learning_rate=.05, n_estimators=100, random_state=1),
    "lightgbm-100x31": lambda: lightgbm.LGBMClassifier(random_state=1, verbose=-1, n_jobs=THREADS),
    "lightgbm-1000x63": lambda: lightgbm.LGBMClassifier(
        n_estimators=1000, learning_rate=.03, num_leaves=63, subsample=.8, subsample_freq=1, colsample_bytree=.6, reg_lambda=5,
        random_state=1, verbose=-1, n_jobs=THREADS),
    "catboost-1000x7": lambda: catboost().CatBoostClassifier(
        iterations=1000, depth=7, learning_rate=.06, random_state=1, thread_count=THREADS, verbose=0, allow_writing_files=False),
}


def catboost():
    import catboost
    return catboost


def seconds(work, times=1):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - start)
    return result, statistics.median(taken)


def table(path):
    rows = pd.read_parquet(path)
    features = [name for name in rows if name not in ("target", "split")]
    part = lambda name: (rows.loc[rows.split == name, features].to_numpy(float), rows.target[rows.split == name].to_numpy(int))
    return part("train"), part("test")


def fit(peer, path):
    (x, y), (test, truth) = table(path)
    # The threads are started, and the libraries loaded, before the clock runs.
    trees = "iterations" if peer.startswith("catboost") else "n_estimators"
    PEERS[peer]().set_params(**{trees: 2}).fit(x[:1000], y[:1000])
    model, fit_s = seconds(lambda: PEERS[peer]().fit(x, y))
    probability, predict_s = seconds(lambda: model.predict_proba(test)[:, 1])
    return model, test, dict(fit_seconds=fit_s, predict_seconds=predict_s, accuracy=accuracy_score(truth, probability > .5),
                             roc_auc=roc_auc_score(truth, probability))


def serve(peer, path):
    model, test, result = fit(peer, path)
    million = np.tile(test, (1_000_000 // len(test) + 1, 1))[:1_000_000]
    saved = pickle.dumps(model, protocol=5)
    result["load_seconds"] = seconds(lambda: pickle.loads(saved), 3)[1]
    result["row_seconds"] = statistics.median(seconds(lambda: model.predict_proba(test[i:i + 1]))[1] for i in range(30))
    if hasattr(model, "n_jobs") and not peer.startswith("lightgbm"):
        model.n_jobs = 1
        result["row_seconds_one_job"] = statistics.median(seconds(lambda: model.predict_proba(test[i:i + 1]))[1] for i in range(30))
        model.n_jobs = THREADS
    result["test_rows_seconds"] = seconds(lambda: model.predict_proba(test), 3)[1]
    if peer.startswith("lightgbm"):
        result["million_seconds"] = seconds(lambda: model.predict_proba(million), 2)[1]
    result["bytes"] = len(saved)
    result["gzip_bytes"] = len(gzip.compress(saved, 6))
    return result


def grid(path, fits):
    (x, y), _ = table(path)
    points = list(itertools.product([200, 500], ["sqrt", "sqrt"], [5, 10, None], [2, 5], [2, 3, 4], [True, False]))
    folds = list(StratifiedKFold(3, shuffle=True, random_state=42).split(x, y))
    jobs = [(point, fold) for point in points for fold in folds]
    # Drawn within strata of what a fit's time depends on, so that the mean of the sample is that of the grid.
    strata = {}
    for job in jobs:
        (trees, _, depth, _, _, bootstrap), _ = job
        strata.setdefault((trees, depth, bootstrap), []).append(job)
    share = -(-fits // len(strata))
    rng = np.random.default_rng(1)
    chosen = [jobs_of[i] for jobs_of in strata.values() for i in rng.choice(len(jobs_of), min(share, len(jobs_of)), replace=False)]
    taken = 0.0
    for (trees, features, depth, split, leaf, bootstrap), (train, test) in chosen:
        model = RandomForestClassifier(trees, max_features=features, max_depth=depth, min_samples_split=split, min_samples_leaf=leaf,
                                       bootstrap=bootstrap, random_state=1, n_jobs=THREADS)
        _, fit_s = seconds(lambda: model.fit(x[train], y[train]))
        _, score_s = seconds(lambda: model.score(x[test], y[test]))
        taken += fit_s + score_s
    return dict(fits=len(chosen), seconds=taken, whole_grid_seconds=taken / len(chosen) * len(jobs))


command, *arguments = sys.argv[1:]
if command == "fit":
    result = fit(*arguments)[2]
elif command == "serve":
    result = serve(*arguments)
else:
    result = grid(arguments[0], int(arguments[1]))
result["versions"] = f"scikit-learn {sklearn.__version__}, LightGBM {lightgbm.__version__}"
print(json.dumps(result))
