#!/usr/bin/env bash
# Coverage-guided fuzzing with the stable compiler: fuzz/run.sh SECONDS [TARGET ...]
#
# Builds the targets (all, if none is named), replays their seeds and what was found before (fuzz/seeds/TARGET), and fuzzes each for
# SECONDS, 0 for the replay alone. New inputs that reach new code are kept in fuzz/corpus/TARGET, inputs that fail in
# fuzz/artifacts/TARGET; git ignores both. A fault that is mended goes to fuzz/seeds/TARGET, where each run replays it.
# Prints executions a target. FUZZ_SEED (default 1) draws the mutations, so that a short run on another machine tries the same. `cargo fuzz run TARGET` works too, with a nightly compiler and a build of its own.
set -euo pipefail
cd "$(dirname "$0")"
seconds="${1:?usage: fuzz/run.sh SECONDS [TARGET ...]}"
shift
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for file in fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi

(cd .. && RUSTC_WORKSPACE_WRAPPER="$PWD/fuzz/instrument.sh" cargo build --release --locked -p hitflop-fuzz)
bin="${CARGO_TARGET_DIR:-$(cd .. && cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')}/release"

failed=0
for target in "${targets[@]}"; do
  mkdir -p "corpus/$target" "artifacts/$target" "seeds/$target"
  dictionary=()
  [ -f "dictionaries/$target.dict" ] && dictionary=("-dict=dictionaries/$target.dict")
  log="artifacts/$target/log"
  # The seeds without mutation first: a seed that fails is a fault that came back.
  if ! "$bin/$target" -runs=0 -timeout=20 -rss_limit_mb=2048 -close_fd_mask=3 "seeds/$target" >"$log" 2>&1; then
    echo "$target: a seed fails" && tail -n 30 "$log"; failed=1; continue
  fi
  if [ "$seconds" -gt 0 ] && ! "$bin/$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -close_fd_mask=1 \
    -print_final_stats=1 -seed="${FUZZ_SEED:-1}" -artifact_prefix="artifacts/$target/" "${dictionary[@]}" "corpus/$target" "seeds/$target" >"$log" 2>&1; then
    echo "$target: an input fails" && tail -n 30 "$log"; failed=1; continue
  fi
  runs="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  echo "$target: $(find "seeds/$target" -type f | wc -l) seeds replayed, ${runs:-0} executions"
done
exit "$failed"
