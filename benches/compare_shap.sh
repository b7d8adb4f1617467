#!/usr/bin/env bash
# Times hitflop's Shapley values against the Python package shap on the same rows, in turn, and prints ratios of medians. Each
# explains a model of its own of the same size: a forest of 500 trees by the notebook's best parameters, a boosting of 1000 x 31.
#
# usage: benches/compare_shap.sh DATA_DIR [ROUNDS] [ROWS]
#        ROWS test rows are explained (default 40; shap takes seconds a row for the forest)
# needs: python3 with venv; installs the Python peers into .venv, which git ignores
set -euo pipefail

data=$(realpath "${1:?usage: benches/compare_shap.sh DATA_DIR [ROUNDS] [ROWS]}")
rounds=${2:-3}
rows=${3:-40}
cd "$(dirname "$0")/.."

python=${PYTHON:-.venv/bin/python}
if [ ! -x "$python" ]; then
  python3 -m venv .venv
fi
"$python" -c 'import lightgbm, pyarrow, shap' 2>/dev/null ||
  .venv/bin/pip install --quiet pandas pyarrow numpy scikit-learn lightgbm shap
cargo build --release --quiet
cargo bench --quiet --bench explaining --no-run
hitflop=${CARGO_TARGET_DIR:-target}/release/hitflop
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

train() { # train NAME FEATURES MODEL PARAM...
  local name=$1 features=$2 model=$3 flags=()
  shift 3
  for param in "$@"; do flags+=(--param "$param"); done
  "$hitflop" train --data "$data" --model "$model" --features "$features" "${flags[@]}" --processed "$out/tracks.parquet" \
    --reports "$out/reports" --output "$out/$name/hitflop.model" --write-split "$out/$name.parquet" --quiet
}
train forest notebook forest n_estimators=500 min_samples_split=5 min_samples_leaf=2
train leaves all boosting n_estimators=1000 learning_rate=0.03 num_leaves=31
for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  for pair in forest:forest-500 leaves:lightgbm-1000x31; do
    name=${pair%%:*}
    cargo bench --quiet --bench explaining -- "$out/$name/hitflop.model" "$out/$name.parquet" "$rows" >>"$out/$name.ours"
    "$python" benches/peers_shap.py "${pair##*:}" "$out/$name.parquet" "$rows" >>"$out/$name.peer"
  done
done

"$python" - "$out" "$rounds" <<'PYTHON'
import json, pathlib, statistics, sys
out, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
documents = lambda name: [json.loads(line) for line in (out / name).read_text().splitlines() if line.strip()]
median = lambda name, key: statistics.median(document[key] for document in documents(name))
def unit(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} µs"
print(f"medians of {rounds} rounds, in turn; {documents('forest.peer')[0]['versions']}\n")
print("| Shapley values | shap | hitflop | ratio |\n|---|---|---|---|")
for name, title in (("forest", "forest of 500 full trees, 14 features"), ("leaves", "boosting of 1000 x 31 leaves, 16 features")):
    for key, what in (("rows_seconds", f"{documents(name + '.ours')[0]['rows']} rows"), ("row_seconds", "one row"), ("prepare_seconds", "preparing")):
        peer, ours = median(name + ".peer", key), median(name + ".ours", key)
        print(f"| {title}: {what} | {unit(peer)} | {unit(ours)} | {peer / ours:.1f}x |")
    theirs, own = documents(name + ".peer")[0]["mean_absolute"], documents(name + ".ours")[0]["mean_absolute"]
    print(f"mean absolute contributions, greatest difference of the two models: {max(abs(a - b) for a, b in zip(theirs, own)):.4f}", file=sys.stderr)
PYTHON
