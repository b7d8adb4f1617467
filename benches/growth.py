#!/usr/bin/env python3
"""How the stages of `run`, and `train` of its final recipe, grow with the number of tracks.

usage: growth.py PROGRAM DATA_DIR [--sizes 1,10] [--train 100] [--keep DIR]
needs: Python 3.9, Linux (memory is the maximum resident set of the child process)

Makes copies of the six decade files: each copy of a row has a URI and an artist of its own (artists of one copy stay together),
and its numbers are moved a little, by up to half a percent of the feature's standard deviation; whole numbers stay whole. Prints
one Markdown table of seconds by stage and size, with the ratio of the last size to the first, and one of `train`.
"""
import argparse, csv, json, os, pathlib, random, statistics, subprocess, sys, tempfile

TAGS = ["60", "70", "80", "90", "00", "10"]
TEXTS = {"track", "artist", "uri"}
WHOLE = {"key", "mode", "time_signature", "duration_ms", "sections", "target"}
FIXED = {"key", "mode", "time_signature", "sections", "target"}
BOUNDED = {"danceability", "energy", "speechiness", "acousticness", "instrumentalness", "liveness", "valence"}
RECIPE = ["symmetric=true", "num_leaves=none", "n_estimators=950", "max_depth=7", "learning_rate=0.06",
          "colsample_bytree=0.7", "l2_regularization=3"]


def moved(name, text, spread, rng):
    """The value with a little noise; categories, labels and small counts stay."""
    if name in FIXED:
        return text
    value = float(text) + rng.uniform(-0.005, 0.005) * spread
    if name in BOUNDED:
        value = min(max(value, 0.0), 1.0)
    return str(round(value)) if name in WHOLE else repr(round(value, 6))


def copies(source, target, number):
    """Writes the decade files with `number` copies of each row; the first copy is the row itself."""
    target.mkdir(parents=True, exist_ok=True)
    for tag in TAGS:
        name = f"dataset-of-{tag}s.csv"
        with open(source / name, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        numbers = [column for column in rows[0] if column not in TEXTS]
        spread = {column: statistics.pstdev(float(row[column]) for row in rows) for column in numbers}
        rng = random.Random(f"growth {tag}")
        with open(target / name, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
            for copy in range(1, number):
                for row in rows:
                    changed = {column: moved(column, row[column], spread[column], rng) for column in numbers}
                    texts = {"track": row["track"], "artist": f"{row['artist']} ({copy})", "uri": f"{row['uri']}{copy:03}"}
                    writer.writerow({**row, **changed, **texts})


def run(command, directory):
    """Summary of the command and its maximum resident memory in MB."""
    with open(directory / "stdout.json", "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, cwd=directory)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))}: {errors.decode()}")
    return json.loads((directory / "stdout.json").read_text()), usage.ru_maxrss / 1000.0


def stages(summary):
    return {stage["stage"]: stage["seconds"] for stage in summary["stages"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--sizes", default="1,10", help="copies of each row for `run`")
    parser.add_argument("--train", default="", help="copies of each row for `train`, such as 1,10,100")
    parser.add_argument("--keep", type=pathlib.Path, help="directory of the copies, which are made again otherwise")
    options = parser.parse_args()
    program, source = options.program.resolve(), options.data.resolve()
    parts = lambda text: [int(part) for part in text.split(",") if part]
    sizes, train = parts(options.sizes), parts(options.train)
    with tempfile.TemporaryDirectory() as temporary:
        root = options.keep or pathlib.Path(temporary)
        data = {}
        for size in sorted(set(sizes + train)):
            data[size] = (root / f"copies-{size}").resolve()
            if not data[size].is_dir():
                copies(source, data[size], size)
        found = {}
        for size in sizes:
            work = pathlib.Path(temporary) / f"run-{size}"
            work.mkdir()
            found[size] = run([program, "--json", "run", "--data", data[size]], work)
        if found:
            print_stages(found)
        if train:
            print("| copies | seconds of `train` | memory, MB |\n|---|---|---|")
        for size in train:
            work = pathlib.Path(temporary) / f"train-{size}"
            work.mkdir()
            recipe = [part for value in RECIPE for part in ("--param", value)]
            command = [program, "--json", "train", "--data", data[size], "--features", "all", *recipe]
            summary, memory = run(command, work)
            print(f"| {size} | {sum(stages(summary).values()):.1f} | {memory:.0f} |", flush=True)


def print_stages(found):
    sizes = list(found)
    times = {size: stages(summary) for size, (summary, _) in found.items()}
    print("| stage | " + " | ".join(f"{size} x, s" for size in sizes) + " | ratio |")
    print("|---|" + "---|" * (len(sizes) + 1))
    lines = [(stage, [times[size].get(stage, 0.0) for size in sizes]) for stage in times[sizes[0]]]
    lines.append(("all", [sum(times[size].values()) for size in sizes]))
    lines.append(("memory, MB", [memory for _, memory in found.values()]))
    for name, values in lines:
        ratio = f"{values[-1] / values[0]:.1f}" if values[0] > 0.005 else ""
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in values) + f" | {ratio} |")


if __name__ == "__main__":
    main()
