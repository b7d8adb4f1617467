#!/usr/bin/env bash
# Times hitflop's models against scikit-learn's, LightGBM's and CatBoost's on the same rows, in turn, and prints ratios of medians.
#
# usage: benches/compare_models.sh DATA_DIR [ROUNDS] [GRID_FITS]
#        GRID_FITS of the grid's 432 fits are timed by scikit-learn, and scaled up (default 24; 432 takes most of an hour)
# needs: python3 with venv, GNU time (Debian: time); installs the Python peers into .venv, which git ignores
set -euo pipefail

data=$(realpath "${1:?usage: benches/compare_models.sh DATA_DIR [ROUNDS] [GRID_FITS]}")
rounds=${2:-5}
grid_fits=${3:-24}
cd "$(dirname "$0")/.."

if [ ! -x .venv/bin/python ]; then
  python3 -m venv .venv
fi
.venv/bin/python -c 'import catboost, lightgbm, pyarrow' 2>/dev/null ||
  .venv/bin/pip install --quiet pandas pyarrow numpy scipy scikit-learn matplotlib seaborn lightgbm catboost
cargo build --release --quiet
cargo bench --quiet --bench serving --no-run
hitflop=${CARGO_TARGET_DIR:-target}/release/hitflop
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# Without calibration and with a threshold by hand nothing is cross-validated, so that the memory is that of one fit, as the peer's.
train() { # train NAME FEATURES MODEL PARAM...
  local name=$1 features=$2 model=$3 flags=()
  shift 3
  for param in "$@"; do flags+=(--param "$param"); done
  /usr/bin/time --append --output="$out/$name.memory" --format=%M "$hitflop" train --data "$data" --model "$model" --features "$features" \
    "${flags[@]}" --calibration none --threshold 0.5 --processed "$out/tracks.parquet" --reports "$out/reports" --output "$out/$name/hitflop.model" --write-split "$out/$name.parquet" --json \
    >>"$out/$name.ours"
}
peer() { # peer NAME COMMAND PEER
  /usr/bin/time --append --output="$out/$1.$2-memory" --format=%M .venv/bin/python benches/peers.py "$2" "$3" "$out/$1.parquet" >>"$out/$1.$2"
}
serve() { # serve NAME
  cargo bench --quiet --bench serving -- "$out/$1/hitflop.model" "$out/$1.parquet" >>"$out/$1.serving"
}

small=(n_estimators=100 learning_rate=0.05 max_depth=3 num_leaves=none min_samples_leaf=1 min_child_weight=0 criterion=friedman_mse)
large=(n_estimators=1000 learning_rate=0.03 num_leaves=63 subsample=0.8 colsample_bytree=0.6 l2_regularization=5)
symmetric=(n_estimators=1000 learning_rate=0.06 symmetric=true max_depth=7)
for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  train forest notebook forest n_estimators=500 min_samples_split=5 min_samples_leaf=2
  peer forest fit forest-500
  peer forest serve forest-500
  serve forest
  train small notebook boosting "${small[@]}"
  peer small fit boosting-100x3
  train leaves all boosting
  peer leaves serve lightgbm-100x31
  serve leaves
  train large all boosting "${large[@]}"
  peer large fit lightgbm-1000x63
  train symmetric all boosting "${symmetric[@]}"
  peer symmetric fit catboost-1000x7
  "$hitflop" tune --data "$data" --processed "$out/tracks.parquet" --reports "$out/reports" --models "$out/tuned" \
    --calibration none --threshold 0.5 --json >>"$out/grid.ours"
done
echo "the grid by scikit-learn, $grid_fits of its 432 fits" >&2
.venv/bin/python benches/peers.py grid "$out/forest.parquet" "$grid_fits" >"$out/grid.peer"

.venv/bin/python - "$out" "$rounds" <<'PYTHON'
import json, pathlib, statistics, sys
out, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
def documents(name):
    decoder, text, found = json.JSONDecoder(), (out / name).read_text().strip(), []
    while text:
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:].strip()
    return found
median = lambda name, pick: statistics.median(pick(document) for document in documents(name))
fit = lambda document: document["model"]["fit_seconds"]
memory = lambda name: max(int(line) for line in (out / name).read_text().split()) / 1024
def unit(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} µs"
def row(work, peer_name, peer, ours, show=unit):
    print(f"| {work} | {peer_name} {show(peer)} | {show(ours)} | {peer / ours:.1f}x |")
print(f"medians of {rounds} rounds, in turn; {documents('forest.fit')[0]['versions']}; the grid by scikit-learn scaled up from "
      f"{documents('grid.peer')[0]['fits']} of 432 fits\n")
print("| work on 32,884 training rows | peer | hitflop | ratio |\n|---|---|---|---|")
row("fit a forest of 500 trees, notebook's best parameters, 14 features", "scikit-learn", median("forest.fit", lambda d: d["fit_seconds"]), median("forest.ours", fit))
grid_seconds = lambda d: next(s["seconds"] for s in d["stages"] if s["stage"] == "search the notebook's grid")
row("search the whole grid, 144 points x 3 folds, scores included", "scikit-learn (scaled)", documents("grid.peer")[0]["whole_grid_seconds"], median("grid.ours", grid_seconds))
row("fit a boosting of 100 trees of depth 3, 14 features", "scikit-learn", median("small.fit", lambda d: d["fit_seconds"]), median("small.ours", fit))
row("fit a boosting of 100 x 31 leaves, 16 features", "LightGBM", median("leaves.serve", lambda d: d["fit_seconds"]), median("leaves.ours", fit))
row("fit a boosting of 1000 x 63 leaves, subsample 0.8, columns 0.6, 16 features", "LightGBM", median("large.fit", lambda d: d["fit_seconds"]), median("large.ours", fit))
row("fit a boosting of 1000 symmetric trees of depth 7, 16 features", "CatBoost", median("symmetric.fit", lambda d: d["fit_seconds"]), median("symmetric.ours", fit))
row("probabilities of 1 million rows, 100 x 31", "LightGBM", median("leaves.serve", lambda d: d["million_seconds"]), median("leaves.serving", lambda d: d["million_seconds"]))
row("probabilities of 8,222 rows, 500 full trees", "scikit-learn", median("forest.serve", lambda d: d["test_rows_seconds"]), median("forest.serving", lambda d: d["test_rows_seconds"]))
row("probability of one row, 500 full trees", "scikit-learn, n_jobs of all cores", median("forest.serve", lambda d: d["row_seconds"]), median("forest.serving", lambda d: d["row_seconds"]))
row("the same", "scikit-learn, n_jobs of one", median("forest.serve", lambda d: d["row_seconds_one_job"]), median("forest.serving", lambda d: d["row_seconds"]))
megabytes = lambda bytes: f"{bytes / 1e6:.1f} MB"
row("file of the 500-tree forest", "pickle", median("forest.serve", lambda d: d["bytes"]), median("forest.ours", lambda d: d["model"]["bytes"]), megabytes)
row("the same, compressed", "pickle, gzip", median("forest.serve", lambda d: d["gzip_bytes"]), median("forest.ours", lambda d: d["model"]["bytes"]), megabytes)
row("load it", "pickle", median("forest.serve", lambda d: d["load_seconds"]), median("forest.serving", lambda d: d["load_seconds"]))
print(f"\npeak memory of training the 500-tree forest: {memory('forest.memory'):.0f} MiB, of scikit-learn's process {memory('forest.fit-memory'):.0f} MiB\n")
print("| scores on the same 8,222 test rows | peer's accuracy, ROC AUC | hitflop's |\n|---|---|---|")
for title, name, peer in (("forest, 500 trees, 14 features", "forest", "serve"), ("boosting, 100 x depth 3, 14 features", "small", "fit"),
                          ("boosting, 100 x 31 leaves, 16 features", "leaves", "serve"), ("boosting, 1000 x 63 leaves, 16 features", "large", "fit"), ("boosting, 1000 symmetric trees, 16 features", "symmetric", "fit")):
    theirs, ours = documents(f"{name}.{peer}")[0], documents(f"{name}.ours")[0]["model"]["scores"]
    print(f"| {title} | {theirs['accuracy']:.4f}, {theirs['roc_auc']:.4f} | {ours['accuracy']:.4f}, {ours['roc_auc']:.4f} |")
PYTHON
