#!/usr/bin/env bash
# Times hitflop against the notebook's Python on the same files, in turn, and prints ratios of medians.
#
# usage: benches/compare.sh DATA_DIR [ROUNDS]
# needs: python3 with venv, GNU time (Debian: time); installs the Python peers into .venv, which git ignores
set -euo pipefail

data=$(realpath "${1:?usage: benches/compare.sh DATA_DIR [ROUNDS]}")
rounds=${2:-5}
cd "$(dirname "$0")/.."

if [ ! -x .venv/bin/python ]; then
  python3 -m venv .venv
  .venv/bin/pip install --quiet pandas numpy scipy scikit-learn matplotlib seaborn
fi
cargo build --release --quiet
hitflop=${CARGO_TARGET_DIR:-target}/release/hitflop
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# seconds LOG COMMAND...: appends the wall-clock seconds and the peak resident KiB of the command to LOG
seconds() {
  local log=$1
  shift
  /usr/bin/time --append --output="$log" --format='%e %M' "$@"
}

places=(--processed "$out/tracks.parquet" --reports "$out/reports" --models "$out/models")
explore=("$hitflop" explore --data "$data" --processed "$out/tracks.parquet" --reports "$out/reports" --json)
for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  seconds "$out/notebook" .venv/bin/python benches/notebook.py "$data" "$out/notebook-out" >>"$out/peer-mi"
  seconds "$out/explore" "${explore[@]}" >"$out/explore-$round.json"
  seconds "$out/once" "${explore[@]}" --draws 1 --permutations 19 >"$out/once-$round.json"
  seconds "$out/run" "$hitflop" run --data "$data" "${places[@]}" --json >"$out/run-$round.json"
done

# A hundred copies of every file, each with URIs, artists and contents of its own.
copies() {
  local times=$1 target=$2 file tag
  mkdir -p "$target"
  for file in "$data"/dataset-of-*s.csv; do
    head -n 1 "$file" >"$target/$(basename "$file")"
    for tag in $(seq "$times"); do
      tail -n +2 "$file" | sed "s/spotify:track:/spotify:track:$tag-/"
    done >>"$target/$(basename "$file")"
  done
}
for times in 1 10 100; do
  copies "$times" "$out/copies-$times"
  seconds "$out/ingest-$times" "$hitflop" ingest --data "$out/copies-$times" --processed "$out/copies.parquet" \
    --reports "$out/reports" --json >"$out/ingest-$times.json"
  rm -r "$out/copies-$times"
done

.venv/bin/python - "$out" "$rounds" <<'PYTHON'
import json, pathlib, statistics, sys
out, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
column = lambda name, index: [float(line.split()[index]) for line in (out / name).read_text().splitlines()]
median = statistics.median
def stage(name, stage):
    reports = [json.loads((out / f"{name}-{i + 1}.json").read_text()) for i in range(rounds)]
    return median(s["seconds"] for r in reports for s in r["stages"] if s["stage"] == stage)
notebook, explore, run = median(column("notebook", 0)), median(column("explore", 0)), median(column("run", 0))
peer = median(float(line.split()[-1]) for line in (out / "peer-mi").read_text().splitlines())
once, whole = stage("once", "estimate mutual information"), stage("explore", "estimate mutual information")
print(f"medians of {rounds} rounds, in turn\n")
print("| work | Python | hitflop | ratio |\n|---|---|---|---|")
print(f"| exploration: read, describe, densities, mutual information, heatmap, means; ours with report, SVG and PNG | {notebook:.2f} s | {explore:.2f} s | {notebook / explore:.1f}x |")
print(f"| mutual information of 16 features, one draw (ours: both variants and nineteen permutations) | {peer:.3f} s | {once:.3f} s | {peer / once:.0f}x |")
print(f"| the same, ours with all draws and permutations | {peer:.3f} s | {whole:.3f} s | {peer / whole:.0f}x |")
print(f"| whole run, model included | | {run:.2f} s | |")
print(f"\npeak memory of run: {max(column('run', 1)) / 1024:.0f} MiB\n")
print("| ingest and aggregates | rows | seconds | peak memory |\n|---|---|---|---|")
for times in (1, 10, 100):
    rows = json.loads((out / f"ingest-{times}.json").read_text())["rows"]
    print(f"| {times}-fold copy | {rows:,} | {column(f'ingest-{times}', 0)[0]:.2f} | {column(f'ingest-{times}', 1)[0] / 1024:.0f} MiB |")
PYTHON
