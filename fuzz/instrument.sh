#!/usr/bin/env bash
# The compiler for the workspace's own crates while fuzzing: coverage for libFuzzer, checks of arithmetic, debug assertions.
# Cargo calls it for members of the workspace only, so that what lies below (Polars) is not built again.
exec "$@" --cfg fuzzing -Coverflow-checks=on -Cdebug-assertions=on -Cpasses=sancov-module \
  -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
