#!/usr/bin/env bash
# Times `hitflop serve` against the notebook's FastAPI service with a peer's model, and against an axum handler that only parses
# the body: wrk, 16 connections, in turn. Prints ratios of medians.
#
# usage: benches/serve.sh DATA_DIR [ROUNDS] [SECONDS]
# needs: wrk, curl, python3 with venv (Debian: wrk, curl, python3-venv); installs the Python peers into .venv, which git ignores
set -euo pipefail

data=$(realpath "${1:?usage: benches/serve.sh DATA_DIR [ROUNDS] [SECONDS]}")
rounds=${2:-3}
seconds=${3:-5}
cd "$(dirname "$0")/.."

python=${PYTHON:-.venv/bin/python}
if [ ! -x "$python" ]; then
  python3 -m venv .venv
fi
"$python" -c 'import fastapi, lightgbm, pyarrow, sklearn, uvicorn' 2>/dev/null ||
  "$python" -m pip install --quiet fastapi uvicorn pandas pyarrow numpy scikit-learn lightgbm
cargo build --release --quiet
hitflop=${CARGO_TARGET_DIR:-target}/release/hitflop
plain=$(cargo bench --bench plain_axum --no-run 2>&1 | sed -n 's/.*plain_axum.rs (\(.*\))/\1/p')
out=$(mktemp -d)
servers=()
trap 'for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done; wait; rm -rf "$out"' EXIT

train() { # train NAME MODEL FEATURES PARAM...
  local name=$1 model=$2 features=$3 flags=()
  shift 3
  for param in "$@"; do flags+=(--param "$param"); done
  "$hitflop" train --data "$data" --model "$model" --features "$features" "${flags[@]}" --processed "$out/tracks.parquet" \
    --reports "$out/reports" --output "$out/$name/hitflop.model" --write-split "$out/$name.parquet" --quiet
}
train forest forest notebook n_estimators=500 min_samples_split=5 min_samples_leaf=2
train leaves boosting notebook
train symmetric boosting all symmetric=true n_estimators=1000 max_depth=7 learning_rate=0.05

"$python" - "$out" <<'PYTHON'
import json, pathlib, sys
import pandas as pd
out = pathlib.Path(sys.argv[1])
tracks = pd.read_parquet(out / "symmetric.parquet")
records = tracks[tracks["split"] == "test"].drop(columns=["split", "target"]).to_dict("records")
(out / "bodies").write_text("".join(json.dumps(record) + "\n" for record in records[:4000]))
(out / "batch").write_text(json.dumps((records * 2)[:10_000]))
PYTHON
export BODIES=$out/bodies

start() { # start NAME PORT COMMAND...
  local name=$1 port=$2
  shift 2
  "$@" >"$out/$name.log" 2>&1 &
  servers+=($!)
  eval "pid_$name=$!"
  until curl --silent --output /dev/null "http://127.0.0.1:$port/"; do sleep 0.05; done
}
serve() { # serve NAME PORT MODEL FLAG...
  start "$1" "$2" "$hitflop" serve --addr "127.0.0.1:$2" --model "$out/$3/hitflop.model" "${@:4}"
}
peer() { # peer NAME PORT
  PEER=$1 SPLIT=$out/forest.parquet start "$1" "$2" "$python" -m uvicorn --app-dir benches/serve_peers service:app \
    --port "$2" --no-access-log --log-level warning
}
start plain 18800 "$plain" 127.0.0.1:18800
serve ours_forest 18801 forest
serve ours_leaves 18802 leaves
serve ours_symmetric 18803 symmetric
serve ours_silent 18804 symmetric --access-log off
peer forest 18805
peer lightgbm 18806

load() { # load NAME PORT CONNECTIONS
  wrk --threads 1 --connections "$3" --duration "$seconds" --timeout 10 --script benches/serve_peers/post.lua \
    "http://127.0.0.1:$2/songs/predict" | tail -1 >>"$out/$1.wrk"
}
for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  load plain 18800 16
  load ours_symmetric 18803 16
  load ours_silent 18804 16
  load lightgbm 18806 16
  load ours_leaves 18802 16
  load forest 18805 16
  load ours_forest 18801 16
  load ours_symmetric_alone 18803 1
  load ours_forest_alone 18801 1
  for name in symmetric:18803 forest:18801; do
    curl --silent --output /dev/null --write-out '%{time_total}\n' --header 'Content-Type: application/json' \
      --data-binary "@$out/batch" "http://127.0.0.1:${name#*:}/v1/predict/batch" >>"$out/${name%:*}.batch"
  done
done

# Memory with the large forest: at first, and after each quarter of a million requests.
memory() { awk '/VmRSS/ { print $2 / 1024 }' "/proc/$pid_ours_forest/status" >>"$out/memory"; }
memory
rate=$(sed -n 's/.*"requests": \([0-9]*\), "seconds": \([0-9.]*\).*/\1 \2/p' "$out/ours_forest.wrk" | awk '{ r = $1 / $2 } END { print int(r) }')
for _ in 1 2 3 4; do
  wrk --threads 1 --connections 16 --duration "$((250000 / rate + 1))" --script benches/serve_peers/post.lua \
    http://127.0.0.1:18801/songs/predict | tail -1 >>"$out/million.wrk"
  memory
done

# From the start of the process to the first good answer of /readyz.
"$python" - "$hitflop" "$out" >"$out/ready" <<'PYTHON'
import json, pathlib, statistics, subprocess, sys, time, urllib.request
hitflop, out = sys.argv[1], pathlib.Path(sys.argv[2])
def ready(model):
    started = time.perf_counter()
    server = subprocess.Popen([hitflop, "serve", "--addr", "127.0.0.1:18810", "--model", out / model / "hitflop.model"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen("http://127.0.0.1:18810/readyz").read()
                return time.perf_counter() - started
            except OSError:
                time.sleep(0.001)
    finally:
        server.kill()
        server.wait()
print(json.dumps({model: statistics.median(ready(model) for _ in range(9)) for model in ("forest", "symmetric")}))
PYTHON

"$python" - "$out" "$rounds" "$seconds" <<'PYTHON'
import json, pathlib, statistics, sys
out, rounds, seconds = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
runs = lambda name: [json.loads(line) for line in (out / f"{name}.wrk").read_text().splitlines()]
rate = lambda name: statistics.median(run["requests"] / run["seconds"] for run in runs(name))
p99 = lambda name: statistics.median(run["p99_ms"] for run in runs(name))
bad = [name for name in ("plain", "ours_forest", "ours_leaves", "ours_symmetric", "ours_silent") if any(r["errors"] for r in runs(name))]
print(f"medians of {rounds} rounds of {seconds} s in turn, wrk, 16 connections; errors: {', '.join(bad) or 'none'}\n")
print("| POST /songs/predict | peer: requests/s, p99 | hitflop: requests/s, p99 | ratio |\n|---|---|---|---|")
def row(work, peer_name, peer, ours):
    print(f"| {work} | {peer_name} {rate(peer):,.0f}, {p99(peer):.1f} ms | {rate(ours):,.0f}, {p99(ours):.1f} ms | {rate(ours) / rate(peer):.2f}x |")
row("forest, 500 trees", "FastAPI, scikit-learn", "forest", "ours_forest")
row("boosting, 100 x 31 leaves", "FastAPI, LightGBM", "lightgbm", "ours_leaves")
row("boosting, 1000 symmetric trees of depth 7", "FastAPI, LightGBM 100 x 31", "lightgbm", "ours_symmetric")
row("boosting, 100 x 31 leaves", "axum, parses only", "plain", "ours_leaves")
row("boosting, 1000 symmetric trees of depth 7", "axum, parses only", "plain", "ours_symmetric")
row("the same without the log of requests", "axum, parses only", "plain", "ours_silent")
print("\n| batch of 10,000 rows, JSON | rows/s | single requests/s, 16 connections | ratio | one connection | ratio |\n|---|---|---|---|---|---|")
for name in ("symmetric", "forest"):
    batch = 10_000 / statistics.median(float(line) for line in (out / f"{name}.batch").read_text().split())
    single, alone = rate(f"ours_{name}"), rate(f"ours_{name}_alone")
    print(f"| {name} | {batch:,.0f} | {single:,.0f} | {batch / single:.1f}x | {alone:,.0f} | {batch / alone:.1f}x |")
memory = [float(line) for line in (out / "memory").read_text().split()]
requests = sum(run["requests"] for run in runs("million"))
print(f"\nmemory with the forest, in MiB: {', '.join(f'{m:.1f}' for m in memory)} (at first, then over {requests:,} requests)")
ready = json.loads((out / "ready").read_text())
print(f"start to ready: {', '.join(f'{name} {s * 1e3:.0f} ms' for name, s in ready.items())}")
PYTHON
