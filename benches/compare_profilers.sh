#!/usr/bin/env bash
# Times `hitflop explore` against the profiling reports of other libraries on the same files, in turn: seconds, peak memory, and size of
# the page. Prints a Markdown table of medians.
#
# usage: benches/compare_profilers.sh DATA_DIR [ROUNDS]
# needs: python3 with venv, GNU time (Debian: time); installs the libraries into .venv-profilers, which git ignores
set -euo pipefail

data=$(realpath "${1:?usage: benches/compare_profilers.sh DATA_DIR [ROUNDS]}")
rounds=${2:-3}
cd "$(dirname "$0")/.."

if [ ! -x .venv-profilers/bin/python ]; then
  python3 -m venv .venv-profilers
  .venv-profilers/bin/pip install --quiet fg-data-profiling sweetviz
fi
cargo build --release --quiet
hitflop=${CARGO_TARGET_DIR:-target}/release/hitflop
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# measured NAME PAGE COMMAND...: appends seconds, peak resident KiB of the command and bytes of the page to NAME's log
measured() {
  local log=$out/$1.log page=$2
  shift 2
  /usr/bin/time --output="$out/time" --format='%e %M' "$@" >"$out/messages" 2>&1 || { cat "$out/messages" >&2; exit 1; }
  echo "$(cat "$out/time") $(stat --format=%s "$page")" >>"$log"
}

for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  measured hitflop "$out/reports/report.html" \
    "$hitflop" explore --data "$data" --processed "$out/tracks.parquet" --reports "$out/reports"
  for library in fg-data-profiling sweetviz; do
    measured "$library" "$out/$library.html" .venv-profilers/bin/python benches/profilers.py "$library" "$data" "$out/$library.html"
  done
done
.venv-profilers/bin/pip list 2>/dev/null | grep -E '^(fg-data-profiling|sweetviz|pandas) ' >&2
python3 - "$out" <<'PYTHON'
import pathlib, statistics, sys

print("| report of the six files | time | peak memory | page |\n|---|---|---|---|")
for name in ["hitflop", "fg-data-profiling", "sweetviz"]:
    lines = (pathlib.Path(sys.argv[1]) / f"{name}.log").read_text().splitlines()
    seconds, memory, page = (statistics.median(map(float, column)) for column in zip(*map(str.split, lines)))
    title = "`hitflop explore`, with charts and tables as files" if name == "hitflop" else name
    print(f"| {title} | {seconds:.1f} s | {memory / 1024:.0f} MiB | {page / 1e6:.1f} MB |")
PYTHON
