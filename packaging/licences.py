"""Writes the licences of all crates that are compiled into the program to standard output: their texts, each once, under the names of
the crates that come with it. Crates without a text of their own are listed with the name of their licence."""

import collections
import pathlib
import re

import sbom

NAMES = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)


def texts(package):
    """The licence files of a package, in its root."""
    root = pathlib.Path(package["manifest_path"]).parent
    for path in sorted(root.iterdir()):
        if path.is_file() and NAMES.match(path.name) and path.suffix not in (".rs", ".html"):
            yield path.read_text(encoding="utf-8", errors="replace").strip()


def main():
    crates, bare = collections.defaultdict(list), []
    for package in sbom.used_packages(sbom.metadata()).values():
        if package["source"] is None:
            continue
        name = f"{package['name']} {package['version']} ({package['license'] or 'see below'})"
        found = list(texts(package))
        for text in found:
            crates[text].append(name)
        if not found:
            bare.append(name)
    print("hitflop contains the following crates. Their source code is at https://crates.io.")
    if bare:
        print("\nWithout a text of their own, under the licence that is named:\n")
        print("\n".join(f"  {name}" for name in bare))
    for text, names in crates.items():
        print(f"\n{'=' * 80}\n")
        print("\n".join(f"  {name}" for name in names))
        print(f"\n{text}")


main()
