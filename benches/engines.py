#!/usr/bin/env python3
"""Times hitflop-trees and other libraries for tree ensembles on the same rows, in turn, and prints a table in Markdown.

usage: python benches/engines.py DATA_DIR [ROUNDS] [NAME...]     only rows of the table whose names contain one of the NAMEs
needs: cargo; numpy, pandas, scikit-learn and, of scikit-learn-intelex, lightgbm, xgboost, catboost, ydf, perpetual and hessboost,
       those that are to be in the table (others are left out)

The rows are those of the six decade files, 16 features, 80 % for training (scikit-learn's train_test_split, seed 42). In each round
(default 3) every model is fitted and timed in a process of its own, ours right before each peer's. Cells are medians over the
rounds; ratios are the peer's median by ours. Columns: seconds to fit, ROC AUC, milliseconds for the 8,222 test rows,
seconds for a million rows, microseconds for one row, milliseconds to load (a pickle of the peer). Two threads; one for one row.
"""
import json, os, pathlib, pickle, statistics, subprocess, sys, tempfile, time

here = pathlib.Path(__file__).resolve().parent
THREADS = 2
FOREST = dict(min_samples_split=5, min_samples_leaf=2, max_features="sqrt", random_state=0)
LARGE = dict(n_estimators=1000, num_leaves=63, learning_rate=.03, subsample=.8, subsample_freq=1, colsample_bytree=.6, reg_lambda=5)


def scikit(module, name, **params):
    def fit(x, y, threads=THREADS):
        estimator = getattr(__import__(module, fromlist=["ensemble"]), name)
        return estimator(500, n_jobs=threads, **params).fit(x, y)
    def one(model):
        model.n_jobs = 1
        return lambda row: model.predict_proba(row)
    return fit, lambda model, rows: model.predict_proba(rows)[:, 1], one


def lightgbm(**params):
    def fit(x, y):
        import lightgbm
        return lightgbm.LGBMClassifier(n_jobs=THREADS, verbose=-1, **params).fit(x, y)
    return fit, lambda model, rows: model.predict_proba(rows)[:, 1], lambda model: lambda row: model.booster_.predict(row, num_threads=1)


def catboost(**params):
    def fit(x, y):
        import catboost
        return catboost.CatBoostClassifier(thread_count=THREADS, verbose=0, allow_writing_files=False, **params).fit(x, y)
    return (fit, lambda model, rows: model.predict_proba(rows, thread_count=THREADS)[:, 1],
            lambda model: lambda row: model.predict_proba(row, thread_count=1))


def xgboost(x, y):
    import xgboost
    options = dict(objective="binary:logistic", max_depth=6, eta=.1, tree_method="hist", nthread=THREADS)
    return xgboost.train(options, xgboost.DMatrix(x, y), 100)


def hessboost(x, y):
    import hessboost, numpy as np
    rows = hessboost.DMatrix(x.astype(np.float32), label=y.astype(np.float32))
    return hessboost.train({"objective": "binary:logistic", "max_depth": 6, "eta": .1, "nthread": THREADS}, rows, 100)


def hessboost_probabilities(model, rows):
    import hessboost, numpy as np
    return np.asarray(model.predict(hessboost.DMatrix(rows.astype(np.float32))))


def ydf(x, y):
    import ydf, numpy as np
    ydf.verbose(0)
    rows = {str(i): x[:, i].astype(np.float32) for i in range(x.shape[1])} | {"y": y}
    learner = ydf.RandomForestLearner(label="y", num_trees=500, max_depth=-1, min_examples=2, winner_take_all=False,
                                      compute_oob_performances=False, num_threads=THREADS)
    return learner.train(rows)


def ydf_probabilities(model, rows):
    import numpy as np
    return model.predict({str(i): rows[:, i].astype(np.float32) for i in range(rows.shape[1])}, num_threads=THREADS)


same = lambda probabilities: lambda model: lambda row: probabilities(model, row)
# A row of the table: its name, our model, and peers by name: fit, probabilities of rows, what predicts one row.
TABLE = [
    ("forest of 500 trees", "forest-500", {
        "scikit-learn": scikit("sklearn.ensemble", "RandomForestClassifier", **FOREST),
        "scikit-learn-intelex": scikit("sklearnex.ensemble", "RandomForestClassifier", **FOREST),
        "YDF": (ydf, ydf_probabilities, same(ydf_probabilities)),
    }),
    ("500 extremely randomised trees", "extra-trees-500", {
        "scikit-learn": scikit("sklearn.ensemble", "ExtraTreesClassifier", min_samples_leaf=2, random_state=0),
    }),
    ("boosting of 100 trees of 31 leaves", "boosting-100x31", {"LightGBM": lightgbm()}),
    ("boosting of 100 trees of depth 6", "boosting-100-depth-6", {
        "XGBoost": (xgboost, lambda model, rows: model.inplace_predict(rows), same(lambda model, row: model.inplace_predict(row))),
        "hessboost": (hessboost, hessboost_probabilities, same(hessboost_probabilities)),
    }),
    ("boosting of 1000 trees of 63 leaves", "boosting-1000x63", {"LightGBM": lightgbm(**LARGE)}),
    ("boosting of 100 symmetric trees of depth 6", "symmetric-100-depth-6", {
        "CatBoost": catboost(iterations=100, depth=6, learning_rate=.1)}),
    ("boosting of 1000 symmetric trees of depth 7", "symmetric-1000-depth-7", {
        "CatBoost": catboost(iterations=1000, depth=7, learning_rate=.06)}),
]


def clock(call, times):
    taken = []
    for number in range(times):
        start = time.perf_counter()
        result = call(number)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), result


def peer(csv, ours, name):
    """Times one peer, in this process."""
    import numpy as np, pandas as pd
    from sklearn.metrics import roc_auc_score
    rows = pd.read_csv(csv)
    features, test = list(rows.columns[:16]), rows.random_42 == 1
    part = lambda which: (rows.loc[which, features].to_numpy(float), rows.target[which].to_numpy(int))
    (x, y), (tests, truth) = part(~test), part(test)
    fit, probabilities, one = next(peers for _, model, peers in TABLE if model == ours)[name]
    fit(x[:2000], y[:2000])
    seconds, model = clock(lambda _: fit(x, y), 1)
    test_seconds, found = clock(lambda _: probabilities(model, tests), 9)
    million = np.tile(tests, (1_000_000 // len(tests) + 1, 1))[:1_000_000]
    result = dict(fit_s=seconds, roc_auc=roc_auc_score(truth, found), test_ms=test_seconds * 1e3)
    if not name.startswith(("scikit-learn", "YDF")):
        result["million_s"] = clock(lambda _: probabilities(model, million), 1)[0]
    try:
        pickled = pickle.dumps(model, protocol=5)
        result["load_ms"] = clock(lambda _: pickle.loads(pickled), 3)[0] * 1e3
    except Exception:
        pass
    predict = one(model)
    predict(tests[:1])
    result["one_us"] = clock(lambda number: predict(tests[number:number + 1]), 100)[0] * 1e6
    return result


def run(command, quiet=False):
    done = subprocess.run(command, cwd=here.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE if quiet else None, text=True,
                          env=os.environ | {"RAYON_NUM_THREADS": str(THREADS), "OMP_NUM_THREADS": str(THREADS)})
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def main(data, rounds, only):
    with tempfile.TemporaryDirectory() as folder:
        csv = str(pathlib.Path(folder) / "rows.csv")
        subprocess.run([sys.executable, "crates/trees/benches/make_splits.py", data, csv], cwd=here.parent, check=True, stdout=sys.stderr)
        ours_of = lambda model: run(["cargo", "bench", "--quiet", "-p", "hitflop-trees", "--bench", "engines", "--", csv, "random_42", model])
        found = {}
        for number in range(rounds):
            for title, model, peers in TABLE:
                if only and not any(part in title or part in model for part in only):
                    continue
                for name in peers:
                    print(f"round {number + 1} of {rounds}: {title}, {name}", file=sys.stderr)
                    theirs = run([sys.executable, str(pathlib.Path(__file__).resolve()), "--peer", csv, model, name], quiet=True)
                    if theirs:
                        found.setdefault((title, model, name), []).append((ours_of(model), theirs))
    show(found, rounds)


COLUMNS = [("fit_s", "fit, s", "{:.3g}"), ("test_ms", "8,222 rows, ms", "{:.3g}"), ("million_s", "1 million rows, s", "{:.3g}"),
           ("one_us", "one row, µs", "{:.3g}"), ("load_ms", "load, ms", "{:.3g}")]


def show(found, rounds):
    print(f"Medians of {rounds} rounds: hitflop-trees / peer (ratio).\n")
    print("| model | peer | " + " | ".join(title for _, title, _ in COLUMNS) + " | ROC AUC |")
    print("|---|---|" + "---|" * (len(COLUMNS) + 1))
    for (title, _, name), pairs in found.items():
        def median(side, column):
            values = [pair[side][column] for pair in pairs if column in pair[side]]
            return statistics.median(values) if values else None
        cells = []
        for column, _, form in COLUMNS:
            ours, theirs = median(0, column), median(1, column)
            cells.append(f"{form.format(ours)} / {form.format(theirs)} ({theirs / ours:.1f}x)" if theirs else form.format(ours))
        print(f"| {title} | {name} | {' | '.join(cells)} | {median(0, 'roc_auc'):.4f} / {median(1, 'roc_auc'):.4f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        print(json.dumps(peer(*sys.argv[2:])))
    elif len(sys.argv) < 2:
        sys.exit(__doc__)
    else:
        arguments = sys.argv[2:]
        rounds = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else 3
        main(os.path.abspath(sys.argv[1]), rounds, arguments)
