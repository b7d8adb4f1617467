#!/usr/bin/env python3
"""Fits a model on the rows that `hitflop train --write-split` wrote, and times `shap.TreeExplainer` on its test rows.

usage: python peers_shap.py PEER SPLIT.parquet ROWS      (PEER: forest-500 or lightgbm-1000x31)
needs  pandas pyarrow numpy scikit-learn lightgbm shap

Prints one JSON object. Seconds are of the call alone; the additivity check is left out, and path-dependent values are requested.
"""
import json, statistics, sys, time, warnings
import lightgbm, numpy as np, pandas as pd, shap, sklearn
from sklearn.ensemble import RandomForestClassifier

PEERS = {
    "forest-500": lambda: RandomForestClassifier(500, min_samples_split=5, min_samples_leaf=2, random_state=1, n_jobs=-1),
    "lightgbm-1000x31": lambda: lightgbm.LGBMClassifier(n_estimators=1000, learning_rate=.03, num_leaves=31, random_state=1, verbose=-1),
}
warnings.filterwarnings("ignore")


def seconds(work):
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


peer, path, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
table = pd.read_parquet(path)
features = [name for name in table if name not in ("target", "split")]
train, test = table[table.split == "train"], table[table.split == "test"]
model = PEERS[peer]().fit(train[features].to_numpy(float), train.target.to_numpy(int))
records = test[features].to_numpy(float)[:rows]
explainer, prepare_s = seconds(lambda: shap.TreeExplainer(model, feature_perturbation="tree_path_dependent"))
explain = lambda records: np.asarray(explainer.shap_values(records, check_additivity=False))
explain(records[:1])
values, rows_s = seconds(lambda: explain(records))
values = values[..., 1] if values.ndim == 3 else values
print(json.dumps({
    "rows": len(records),
    "prepare_seconds": prepare_s,
    "rows_seconds": rows_s,
    "row_seconds": statistics.median(seconds(lambda: explain(records[i:i + 1]))[1] for i in range(3)),
    "mean_absolute": np.abs(values).mean(0).tolist(),
    "versions": f"shap {shap.__version__}, scikit-learn {sklearn.__version__}, LightGBM {lightgbm.__version__}",
}))
