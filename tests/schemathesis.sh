#!/usr/bin/env bash
# Validates the OpenAPI document of a server, and tests the server against it with schemathesis: all checks, thousands of requests,
# good and bad, the examples of the document, and requests that follow from the answers to others.
#
# usage: tests/schemathesis.sh HITFLOP MODEL [EXAMPLES]
#        HITFLOP is the program, MODEL a model with its known tracks beside it, EXAMPLES how many an operation (default 100)
# needs: schemathesis and openapi-spec-validator (PyPI) in one directory of the path, or the former in SCHEMATHESIS
set -euo pipefail

hitflop=$(realpath "${1:?usage: tests/schemathesis.sh HITFLOP MODEL [EXAMPLES]}")
model=$(realpath "${2:?usage: tests/schemathesis.sh HITFLOP MODEL [EXAMPLES]}")
examples=${3:-100}
schemathesis=${SCHEMATHESIS:-schemathesis}
tests=$(realpath "$(dirname "$0")")

# schemathesis leaves a cache where it runs.
out=$(mktemp -d)
cd "$out"
# A small limit of rows, which is part of the document, so that a body of one too many is small too.
"$hitflop" serve --model "$model" --addr 127.0.0.1:0 --max-rows 50 --access-log off >"$out/url" 2>"$out/log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$out"' EXIT
for _ in $(seq 100); do
  [ -s "$out/url" ] && break
  sleep 0.1
done
url=$(cat "$out/url")

# The document itself, by the tool beside schemathesis.
curl --silent --fail --output openapi.json "$url/openapi.json"
"$(dirname "$(command -v "$schemathesis")")/openapi-spec-validator" openapi.json

SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH=$tests PYTHONDONTWRITEBYTECODE=1 "$schemathesis" \
  --config-file "$tests/schemathesis.toml" run "$url/openapi.json" \
  --checks all --max-examples "$examples" --generation-deterministic --phases examples,coverage,fuzzing,stateful --workers 1
# Nothing went wrong inside, and it still answers.
if grep -q '"level":"ERROR"' "$out/log"; then
  cat "$out/log" >&2
  exit 1
fi
test "$(curl --silent --fail "$url/readyz")" = '{"status":"ready"}'
