#!/usr/bin/env python3
"""Says which dependencies the size of a program comes from: the machine code of each group of crates, from the symbols.

usage: packaging/sizes.py [PROGRAM]      default: target/release/hitflop, as built (not stripped); needs binutils
"""
import collections, os, re, subprocess, sys, tempfile

GROUPS = [
    ("Polars and Arrow", r"polars\w*|arrow\w*|parquet\w*|simdutf8|brotli\w*|lz4\w*|snap|zstd\w*"),
    ("object stores and TLS, which Polars' streaming engine asks for", r"object_store|reqwest|rustls\w*|aws_lc\w*|ring|h2|webpki\w*|quick_xml"),
    ("rayon", r"rayon\w*|crossbeam\w*"),
    ("tokio, hyper, axum", r"tokio\w*|hyper\w*|axum\w*|tower\w*|http\w*|utoipa\w*|matchit"),
    ("drawing: plotters, resvg and fonts", r"plotters\w*|resvg|usvg|tiny_skia\w*|skrifa|read_fonts|harfrust|fontdb|png|ttf_parser|ab_glyph\w*|roxmltree"),
    ("command line", r"clap\w*|indicatif|console|textwrap"),
    ("serde", r"serde\w*|toml\w*|csv\w*"),
    ("hitflop", r"hitflop\w*"),
]


def crates(symbol):
    """The crates in a symbol, the one that defines it first; the standard library's generic code belongs to whom it serves."""
    names = re.findall(r"([a-z_][a-z0-9_]*)(?:\[[0-9a-f]+\])?::", symbol)
    return [name for name in names if name not in ("core", "alloc", "std", "hashbrown")]


def group(symbol):
    for name in crates(symbol):
        for title, pattern in GROUPS:
            if re.fullmatch(pattern, name):
                return title
    return "the rest, the standard library included"


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "target/release/hitflop"
    sizes = collections.Counter()
    symbols = subprocess.run(["nm", "-S", "-C", "--defined-only", program], capture_output=True, text=True, check=True)
    for line in symbols.stdout.splitlines():
        found = re.match(r"[0-9a-f]+ ([0-9a-f]+) [tT] (.*)", line)
        if found:
            sizes[group(found[2])] += int(found[1], 16)
    with tempfile.NamedTemporaryFile() as stripped:
        subprocess.run(["strip", "--strip-all", "-o", stripped.name, program], check=True)
        print(f"{os.path.getsize(program) / 1e6:8.1f} MB as built, {os.path.getsize(stripped.name) / 1e6:.1f} MB stripped; machine code:")
    for title, size in sizes.most_common():
        print(f"{size / 1e6:8.1f} MB {title}")


main()
