#!/usr/bin/env bash
# Makes a release for this machine's platform in dist/: an archive with the stripped program, manual pages, completions, documentation,
# licences (its own and those of all crates in it), the systemd unit and a bill of materials (CycloneDX, made from Cargo.lock), and a
# file of SHA-256 checksums.
#
#   packaging/release.sh [OUTPUT_DIR]
set -euo pipefail
cd "$(dirname "$0")/.."

output="${1:-dist}"
version="$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(next(p["version"] for p in json.load(sys.stdin)["packages"] if p["name"] == "hitflop"))')"
platform="$(rustc -vV | sed -n 's/^host: //p')"
name="hitflop-$version-$platform"
target="$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')"

cargo build --release --locked
staging="$(mktemp -d)"
trap 'rm -rf "$staging"' EXIT
root="$staging/$name"
mkdir -p "$root/completions" "$root/docs" "$root/man" "$root/systemd"
strip --strip-all -o "$root/hitflop" "$target/release/hitflop"
for shell in bash elvish fish powershell zsh; do
  "$root/hitflop" completions "$shell" > "$root/completions/hitflop.$shell"
done
"$root/hitflop" completions man --output "$root/man"
cp LICENSE-APACHE LICENSE-MIT README.md CHANGELOG.md "$root/"
cp docs/*.md docs/*.png "$root/docs/"
cp packaging/hitflop.service "$root/systemd/"
python3 packaging/sbom.py > "$root/sbom.cdx.json"
python3 packaging/licences.py > "$root/THIRD-PARTY-LICENCES.txt"
# The oldest C library that the program runs with.
objdump -T "$root/hitflop" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -1 > "$root/GLIBC"

mkdir -p "$output"
# The same bytes for the same program: names in order, one owner, the time of the commit.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" -C "$staging" -c "$name" | gzip -9n > "$output/$name.tar.gz"
(cd "$output" && sha256sum "$name.tar.gz" > SHA256SUMS)
printf '%s\n' "$output/$name.tar.gz: $(stat -c %s "$output/$name.tar.gz") bytes, program $(stat -c %s "$root/hitflop") bytes, needs $(cat "$root/GLIBC")"
