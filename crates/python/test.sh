#!/usr/bin/env bash
# Builds the wheel, installs it in a fresh virtual environment, and runs the tests there; the tests of ONNX also on an older
# version of ONNX Runtime, without scikit-learn.
#
# HITFLOP_PROGRAM is the program (a release build by default), HITFLOP_DATA the real decade files (a simulated sample by default).
set -euo pipefail
cd "$(dirname "$0")"

target="${CARGO_TARGET_DIR:-$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')}"
mkdir -p "$target"
target="$(cd "$target" && pwd)"
# Runtimes whose threads wait actively slow each other down on a busy machine.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
export HITFLOP_PROGRAM="${HITFLOP_PROGRAM:-$target/release/hitflop}"
[ -x "$HITFLOP_PROGRAM" ] || { echo "no program at $HITFLOP_PROGRAM; build it, or set HITFLOP_PROGRAM" >&2; exit 1; }

# What builds and checks outlives a run; what is tested is made afresh.
tools="$target/python-tools"
[ -x "$tools/bin/maturin" ] || { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet "maturin>=1.9,<2"; }
cargo fmt --check
cargo clippy --release --locked -- -D warnings
rm -rf "$target/python-wheels"
"$tools/bin/maturin" build --release --locked --quiet --out "$target/python-wheels"
wheel="$(ls "$target"/python-wheels/*.whl)"
bytes="$(stat -c %s "$wheel")"
echo "$(basename "$wheel"): $bytes bytes"
[ "$bytes" -lt 5000000 ] || { echo "expected a wheel under 5,000,000 bytes" >&2; exit 1; }

fresh="$target/python-fresh"
python3 -m venv --clear "$fresh"
"$fresh/bin/pip" install --quiet "$wheel" -r tests/requirements.txt
"$fresh/bin/python" -m pytest -q "$@"

# Some tests were named: these only.
[ $# -eq 0 ] || exit 0

older="$target/python-older"
python3 -m venv --clear "$older"
"$older/bin/pip" install --quiet "$wheel" -r tests/requirements-older.txt
"$older/bin/python" -m pytest -q tests/test_onnx.py
