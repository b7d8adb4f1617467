#!/usr/bin/env python3
"""Holds what two builds of hitflop compute against each other: every command, on real files and on the simulated sample, and every
route of the service (compare_service.py asks it). It shows that a change of the code's structure changed no result. It needs nothing
but Python 3.11.

usage: tests/compare_builds.py OLD_PROGRAM NEW_PROGRAM [--data DIR] [--quick] [--only CASE ...]

Each program does all of it in a fresh folder, under the same relative paths. Then, file by file:

  charts, Parquet, what else is no text              byte for byte
  models and known tracks                            byte for byte, but for members that only the new one's header has
  tables and predictions (CSV)                       byte for byte, but for columns of seconds
  reports, summaries and answers (JSON)              member by member, texts too, but for seconds and the program's version
  pages, cards, what is printed, openapi.json        the numbers in their order; other words are only counted
  answers of the service                             status, headers and body; of /metrics the names

`--keep DIR` leaves the outputs in DIR/old and DIR/new; `--old-outputs DIR/old` takes such a folder instead of a program, so that a
baseline is made once (`--new-outputs` likewise). Exit codes: 0 nothing differs that must be equal, 1 something does, 2 bad usage.
"""
import argparse, collections, csv, dataclasses, decimal, difflib, fnmatch, functools, hashlib, io, itertools, json, math, os, pathlib, re, shlex, shutil
import struct, subprocess, sys, tempfile, time, zipfile

sys.dont_write_bytecode = True
from compare_service import serve

MODEL = "{}/models/hitflop.model"
OUTPUT = "{data} --processed {here}/tracks.parquet --reports {here}/reports"
LEARNED = OUTPUT + " --models {here}/models"
TRAINED = {
    "tree": "--model tree --features notebook --calibration platt --threshold f1",
    "forest": "--model forest --features notebook --param n_estimators=100 --param min_samples_leaf=2 --param oob_score=true "
              "--calibration isotonic --threshold precision:0.75",
    "weighted": "--model forest --features selected --param n_estimators=30 --param bootstrap=false --param max_features=0.5 "
                "--param max_depth=12 --param class_weight=balanced --threads 1",
    "boosting": "--model boosting --features all --param n_estimators=200 --param num_leaves=63 --param learning_rate=0.05 "
                "--param subsample=0.8 --param colsample_bytree=0.6 --threshold cost:5:1",
    "symmetric": "--model boosting --features all --param symmetric=true --param max_depth=6 --param n_estimators=300 "
                 "--param early_stopping=20 --calibration platt",
    "grouped": "--features all --split grouped --split-seed 7 --duplicates keep --seed 7 --calibration isotonic "
               "--param criterion=friedman_mse --param max_depth=3 --param num_leaves=none",
    "plain": "--calibration none --threshold 0.5 --created 2026-01-31T12:00:00Z --max-correlation 0.6",
}
COMMANDS = ["run", "ingest", "explore", "train", "tune", "evaluate", "predict", "explain", "model show", "serve", "sample", "profile"]
SECONDS = re.compile(r"(^|_)(milli)?seconds(_|$)")
VERSIONS = {"version", "program_version"}
# Members that one of two programs may not know yet: where only the new one has them, they are noted and no difference.
NEW_MEMBERS = {"run_id", "simulated", "label", "model_simulated", "replaced", "provenance", "stages"}
# A model's SHA-256, its first digits and its size follow from its header, which may have new members.
MODEL_SIZE = re.compile(r"(`[\w.-]+\.model`, )[\d.,]+ [kM]?B|(predicted in [\d.]+ s), [\d.]+ MB")
# Times in pages and on the terminal, and what is no result on a page.
PASSED_OVER = re.compile(r'(?:fitted|predicted) in [\d.]+ s|^Time +[\d.]+ s$|<h[1-6]\b|</h[1-6]>|<style>.*?</style>|<script.*?</script>|'
                         r'<td class="number">[\d.,]+ s</td><td class="number">[\d.,]+ µs</td>|^\| Run \|[^\n]*$|^Run +\w+$|'
                         r'^Tracks +(?:real|simulated|unknown)[^\n]*$', re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?:(?<![\w.])[-−])?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
STRUCTURED, PROSE = {".json", ".ndjson", ".csv"}, {".html", ".md", ".txt"}
KINDS = {".model": "model", ".svg": "chart", ".png": "chart", ".csv": "table", ".parquet": "Parquet", ".json": "JSON"}


@dataclasses.dataclass(frozen=True)
class Case:
    """One call of the program. What it prints and writes goes to the folder of its name."""
    name: str
    call: str
    printed: str = "json"
    needs: tuple = ()
    code: int = 0
    full: bool = False

    @property
    def group(self):
        return self.name.split("-")[0]


def all_cases():
    yield Case("sample", "sample --out {here}/files --seed 7 --json")
    yield Case("ingest-json", f"ingest {OUTPUT} --json")
    yield Case("ingest-text", f"ingest {OUTPUT} --seed 3", "txt")
    yield Case("ingest-archive", "ingest --data input/archive.zip --processed {here}/tracks.parquet --json")
    for name, more, code in [("ingest-faulty", "", 2), ("ingest-lenient", "--lenient", 0)]:
        yield Case(name, f"ingest --data input/faulty --processed {{here}}/tracks.parquet --reports {{here}} --json {more}", code=code)
    yield Case("profile", "profile --data {files} --out {here}/profile.json --json")
    yield Case("profile-sample", "sample --out {here}/files --profile profile/profile.json", "txt", ("profile",))
    yield Case("explore-text", f"explore {OUTPUT}", "txt")
    yield Case("explore-json", f"explore {OUTPUT} --max-correlation 0.6 --draws 3 --permutations 19 --seed 7 --json")
    yield Case("run", f"run {LEARNED} --json")
    yield Case("run-forest", f"run {LEARNED} --model forest --features notebook --seed 7", "txt", full=True)
    yield Case("run-grid", f"run {LEARNED} --grid notebook", "txt", full=True)
    yield Case("tune", f"tune {LEARNED} --json", full=True)
    for name, flags in TRAINED.items():
        printed = "txt" if name in ("tree", "plain") else "json"
        call = f"train {LEARNED} {flags} --write-split {{here}}/split.parquet"
        yield Case(f"train-{name}", f"{call} --json" if printed == "json" else call, printed)
    yield from cases_of_recipes()
    for name in ["run", "train-tree", "train-forest", "train-boosting", "train-symmetric", "train-plain"]:
        yield from cases_of_model(name, MODEL.format(name))
    yield Case("config-flags", "run --data a b --seed 7 --features all --threshold cost:2:1 --print-config", "txt")
    yield Case("config-file", "train --config input/hitflop.toml --draws 4 --print-config", "txt")
    for name, call in [("parameter", "train --model forest --param trees=5"), ("data", "run --data nowhere"), ("flag", "run --colour"),
                       ("threshold", "train --threshold 1.5"), ("model", "predict --model input/tracks.csv --input input/tracks.csv")]:
        yield Case(f"refused-{name}", call, "txt", code=2)
    for command in COMMANDS:
        yield Case(f"help-{command.replace(' ', '-')}", f"{command} --help", "txt")


def cases_of_recipes():
    model = MODEL.format("train-plain")
    yield Case("evaluate-recipe", f"evaluate {OUTPUT} --model {model} --json", needs=("train-plain",))
    yield Case("evaluate-flags", f"evaluate {OUTPUT} --kind forest --param n_estimators=30 --features notebook "
               "--protocol grouped,forward --repeats 3 --split-seed 5 --duplicates keep", "txt")
    yield Case("evaluate-thorough", f"evaluate {OUTPUT} --model {model} --thorough --json", needs=("train-plain",), full=True)


def cases_of_model(name, model):
    short, needs = name.split("-")[-1], (name,)
    asks = f"--model {model} --input input"
    yield Case(f"model-{short}-json", f"model show {model} --json", needs=needs)
    yield Case(f"model-{short}-text", f"model show {model}", "txt", needs)
    for table, more in [("tracks", ""), ("labelled", ""), ("holes", "--allow-missing"), ("narrow", "--allow-missing")]:
        yield Case(f"predict-{short}-{table}", f"predict {asks}/{table}.csv {more}", "csv", needs)
    yield Case(f"predict-{short}-file", f"predict {asks}/tracks.csv --output {{here}}/scored.csv --json", needs=needs)
    yield Case(f"predict-{short}-refused", f"predict {asks}/holes.csv", "txt", needs, code=2)
    yield Case(f"evaluate-{short}-table", f"evaluate {asks}/labelled.csv", "txt", needs)
    yield Case(f"evaluate-{short}-holes", f"evaluate {asks}/holes.csv --allow-missing --seed 9 --json", needs=needs)
    if name != "run":
        yield Case(f"evaluate-{short}-split", f"evaluate --model {model} --input {name}/split.parquet --json", needs=needs)
    yield Case(f"explain-{short}-row", f"explain {asks}/tracks.csv --row 3 --reports {{here}} --json", needs=needs)
    yield Case(f"explain-{short}-words", f"explain {asks}/holes.csv --allow-missing --row 8 --chart {{here}}/why.svg", "txt", needs)
    yield Case(f"explain-{short}-table", f"explain {asks}/few.csv", "csv", needs)
    if short in ("run", "forest", "tree"):
        yield Case(f"serve-{short}", f"serve --model {model}", "service", needs)
    if short == "boosting":
        limits = "--allow-origin https://example.org --max-rows 50 --max-explained 2 --max-body 9000 --model-name other"
        yield Case("serve-bounded", f"serve --model {model} {limits}", "service", needs)


# What the commands read.

def write_table(path, rows, columns):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def make_inputs(place, files):
    """Tables of tracks, an archive, and faulty decade files, made from the decade files."""
    folder = place / "input"
    (folder / "faulty").mkdir(parents=True)
    tracks = []
    for path in sorted((place / files).glob("dataset-of-*.csv")):
        tag = int(path.stem[-3:-1])
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        tracks += [{**row, "decade": 1900 + tag if tag >= 30 else 2000 + tag} for row in rows[::100]]
    columns = list(tracks[0])
    features = [name for name in columns if name not in ("track", "artist", "uri", "target")]
    hole = lambda row, index: (7 * row + 3 * index) % 11 < 3
    holes = [{**track, **{name: "" for index, name in enumerate(features) if hole(row, index)}} for row, track in enumerate(tracks)]
    unlabelled = [name for name in columns if name != "target"]
    write_table(folder / "labelled.csv", tracks, columns)
    write_table(folder / "tracks.csv", tracks, unlabelled)
    write_table(folder / "few.csv", tracks[::12], unlabelled)
    write_table(folder / "holes.csv", holes, columns)
    write_table(folder / "narrow.csv", tracks, [name for name in unlabelled if name not in ("chorus_hit", "sections", "decade")])
    (folder / "hitflop.toml").write_text('seed = 5\ndraws = 3\ndata = ["in"]\nmax-correlation = 0.6\nthreshold = "f1"\n')
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        for path in sorted((place / files).glob("dataset-of-*.csv")):
            archive.writestr(zipfile.ZipInfo(path.name, (2020, 1, 1, 0, 0, 0)), path.read_bytes(), zipfile.ZIP_DEFLATED)
    for path in sorted((place / files).glob("dataset-of-[67]0s.csv")):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        lines[17] = re.sub(r"(spotify:track:\w+),[^,]*", r"\1,loud", lines[17])
        lines[40] = re.sub(r"(spotify:track:\w+),[^,]*,[^,]*", r"\1,,NaN", lines[40])
        lines[99] = lines[99].rstrip("\n")[:-1] + "2\n"
        (folder / "faulty" / path.name).write_text("".join(lines), encoding="utf-8")


# What a program makes.

def make_outputs(program, folder, cases, data, side):
    """Lets a program do the cases in a folder, on the real files, if there are any, and on the simulated sample."""
    for place, source in [("real", data), ("sample", None)]:
        if place == "real" and not source:
            continue
        (folder / place).mkdir(parents=True)
        words = {"data": "--data in" if source else "", "files": "in" if source else "sample/files"}
        if source:
            (folder / place / "in").mkdir()
            for path in sorted(source.glob("dataset-of-*.csv")):
                shutil.copyfile(path, folder / place / "in" / path.name)
        for case in cases:
            started = time.monotonic()
            do(program, folder / place, case, words)
            if (took := time.monotonic() - started) >= 1:
                print(f"{side}  {place:<8}{case.name:<28}{took:8.1f} s", file=sys.stderr)
            if case.name == "sample":
                make_inputs(folder / place, words["files"])
        for name in ["in", "input"]:
            shutil.rmtree(folder / place / name, ignore_errors=True)


@functools.cache
def knows(program, flag):
    """Whether `train` of a program has a flag."""
    return flag in subprocess.run([program, "train", "--help"], capture_output=True, text=True).stdout


def adapted(program, arguments, here):
    """The arguments as a newer program needs them: its `train` and `tune` have a name of their own for the model, and only `run` and
    `explore` fall back to the simulated sample."""
    command, more = arguments[0], []
    if {"--help", "--print-config"} & set(arguments):
        return arguments
    if command in ("train", "tune") and "--models" in arguments and knows(program, "--output"):
        more += ["--output", f"{here}/models/hitflop.model"]
    if command in ("ingest", "train", "tune", "evaluate") and not {"--data", "--input"} & set(arguments) and knows(program, "--simulated"):
        more += ["--simulated"]
    return arguments + more


def do(program, place, case, words):
    here = place / case.name
    here.mkdir()
    called = shlex.split(case.call.format(here=case.name, **words))
    arguments = adapted(program, called, case.name)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HITFLOP_")}
    if case.printed == "service":
        code = serve(program, arguments, environment, place, here)
    else:
        done = subprocess.run([program, *arguments], cwd=place, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
        (here / f"stdout.{case.printed}").write_bytes(done.stdout)
        (here / "stderr.txt").write_bytes(done.stderr)
        code = done.returncode
    (here / "call.json").write_text(json.dumps({"arguments": called, "exit_code": code}))


# The comparison.

@dataclasses.dataclass
class Found:
    """What the comparison of a file found."""
    file: str
    problems: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)
    texts: int = 0
    relative: float = 0.0
    may_differ: bool = False

    @property
    def kind(self):
        path = pathlib.PurePath(self.file)
        return "answer" if "/serve-" in self.file else KINDS.get(path.suffix, "text" if path.suffix in PROSE else "other")


@functools.cache
def model_names(side):
    """What names the models of one side: the SHA-256 of each and its first digits, by a word for its place."""
    names = {}
    for number, path in enumerate(sorted(side.rglob("*.model"))):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        word = "".join(chr(ord("g") + int(digit)) for digit in str(number))
        names.setdefault(digest, f"sha-of-model-{word}")
        names.setdefault(digest[:12], f"version-of-model-{word}")
    return names


def text_of(path, side):
    """The text of a file, with words instead of what follows from the bytes of a model."""
    text = path.read_text(encoding="utf-8")
    for digest, word in model_names(side).items():
        text = text.replace(digest, word)
    return text


def sections(path):
    """What a model or a file of known tracks has beside the header: its trees and reference, or its columns. And the header."""
    content = path.read_bytes()[:-32]
    if path.suffix == ".model":
        header, trees, _ = struct.unpack_from("<IQI", content, 12)
        return json.loads(content[28:28 + header], parse_float=decimal.Decimal), content[28 + header:]
    _, _, held = struct.unpack_from("<BQQ", content, 12)
    return {}, content[12 + 17 + held:]


def leaves(path, side):
    """Every value of a structured file by the names and places that lead to it."""
    text = text_of(path, side)
    if path.suffix == ".csv":
        rows = list(csv.reader(io.StringIO(text)))
        head = rows[0] + [""] * max(map(len, rows)) if rows else []
        return {(row, column, head[column]): value for row, fields in enumerate(rows) for column, value in enumerate(fields)
                if not SECONDS.search(head[column])}
    lines = [line for line in text.split("\n") if line] if path.suffix == ".ndjson" else [text]
    # Decimal numbers, so that no digit is lost.
    documents = [json.loads(line, parse_float=decimal.Decimal) for line in lines]
    return leaves_of(documents, path.suffix == ".ndjson")


def leaves_of(documents, are_lines):
    found = {}

    def walk(value, place):
        members = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
        for key, member in members:
            is_size = key == "bytes" and place[-1:] == ("model",)
            if not SECONDS.search(str(key)) and not (key in VERSIONS and isinstance(member, str)) and not is_size:
                walk(member, (*place, key))
        if not members:
            found[place] = value

    for index, document in enumerate(documents):
        walk(document, (index,) if are_lines else ())
    return found


def as_number(value):
    """A finite number, also one that a table has as text."""
    try:
        return None if isinstance(value, bool) or not math.isfinite(float(value)) else float(value)
    except (TypeError, ValueError):
        return None


def compare_leaves(found, old, new, options):
    """Counts what was added, removed and changed, numbers apart from texts."""
    counts = collections.Counter()
    loose = options.texts_may_differ or found.file.endswith("/openapi.json")
    for place in {**old, **new}:
        values = [side[place] for side in (old, new) if place in side]
        if len(values) == 2 and values[0] == values[1] and len({type(value) is bool for value in values}) == 1:
            continue
        what = "changed" if len(values) == 2 else "added" if place in new else "removed"
        numbers = [as_number(value) for value in values]
        if what == "changed" and None not in numbers:
            largest = max(map(abs, numbers))
            relative = abs(numbers[0] - numbers[1]) / largest if largest else 0.0
            found.relative = max(found.relative, relative)
            if relative <= options.relative and options.under & set(map(str, place)):
                counts["numbers", "within the tolerance"] += 1
                continue
        is_text = all(isinstance(value, str) and number is None for value, number in zip(values, numbers))
        counts["texts" if is_text else "numbers", what] += 1
        line = f"{'.'.join(map(str, place)) or 'all'} {what}: {' -> '.join(map(short, values))}"
        is_new = what == "added" and NEW_MEMBERS & set(map(str, place)) or place[-1:] == ("run_id",) or "stages" in place
        (found.notes if is_new or is_text and loose else found.problems).append(line)
    found.texts += sum(count for (kind, _), count in counts.items() if kind == "texts")
    if counts:
        line = ", ".join(f"{kind} {what}: {count}" for (kind, what), count in sorted(counts.items()))
        (found.problems or found.notes).insert(0, line)


def compare_prose(found, old, new):
    """The numbers in their order; lines of other words are counted."""
    def parts(text):
        lines = PASSED_OVER.sub("", MODEL_SIZE.sub(r"\1\2", text)).splitlines()
        numbers = [(number, line) for line in lines for number in NUMBER.findall(line)]
        return numbers, [NUMBER.sub("#", line) for line in lines]

    (old_numbers, old_lines), (new_numbers, new_lines) = parts(old), parts(new)
    pairs = itertools.zip_longest(old_numbers, new_numbers, fillvalue=("none", "the end"))
    if differ := [(was, now) for was, now in pairs if was[0] != now[0]]:
        (was, line), (now, _) = differ[0]
        found.problems += [f"{len(differ)} of {len(old_numbers)} numbers differ; the first: {was} -> {now}", f"in the line: {line.strip()}"]
    was, now = collections.Counter(old_lines), collections.Counter(new_lines)
    found.texts += (was - now).total() + (now - was).total()
    if was != now:
        found.notes += [line for line in difflib.unified_diff(old_lines, new_lines, lineterm="", n=0) if line[:2] not in ("--", "++", "@@")]


def compare_file(name, old, new, sides, options):
    found = Found(name, may_differ=any(fnmatch.fnmatchcase(name, glob) for glob in options.may_differ))
    if not old.exists() or not new.exists():
        found.problems.append("missing in the " + ("old" if new.exists() else "new") + " outputs")
        return found
    was, now = old.read_bytes(), new.read_bytes()
    if was == now:
        return found
    try:
        if old.suffix in STRUCTURED:
            compare_leaves(found, leaves(old, sides[0]), leaves(new, sides[1]), options)
            if old.suffix == ".csv" and not found.problems and not found.notes and not SECONDS.search(was.decode().splitlines()[0]):
                found.problems.append("the same values in other bytes")
            return found
        if old.suffix in PROSE:
            compare_prose(found, text_of(old, sides[0]), text_of(new, sides[1]))
            return found
        if old.suffix in (".model", ".tracks"):
            (old_header, old_rest), (new_header, new_rest) = sections(old), sections(new)
            compare_leaves(found, leaves_of([old_header], False), leaves_of([new_header], False), options)
            if old_rest == new_rest:
                return found
    except (ValueError, struct.error) as error:
        found.problems.append(f"not readable as {old.suffix[1:]}: {error}")
    first = next((place for place, (a, b) in enumerate(zip(was, now)) if a != b), min(len(was), len(now)))
    found.problems.append(f"{len(was):,} and {len(now):,} bytes, which differ from byte {first:,} on")
    return found


def compare_case(place, case, sides, options):
    """All files of a case."""
    files = {path.relative_to(side).as_posix() for side in sides for path in (side / place / case.name).rglob("*") if path.is_file()}
    found = [compare_file(name, *(side / name for side in sides), sides, options) for name in sorted(files)]
    for side, path in zip(("old", "new"), (side / place / case.name / "call.json" for side in sides)):
        code = json.loads(path.read_text())["exit_code"] if path.exists() else "none"
        if code != case.code:
            found.append(Found(f"{place}/{case.name}/", [f"the {side} program's exit code is {code} instead of {case.code}"]))
    return found


# Output.

def short(value):
    text = str(value) if isinstance(value, decimal.Decimal) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 24 else text[:23] + "…"


def tell(words, indent=0):
    line = " " * indent + words
    print(line if len(line) <= 80 else line[:79] + "…")


def tell_group(place, group, found, verbose):
    differing = [it for it in found if it.problems]
    wrong, allowed = [it for it in differing if not it.may_differ], [it for it in differing if it.may_differ]
    texts = sum(it.texts for it in found if not it.problems)
    verdict = f"{len(wrong)} DIFFER" if wrong else "equal"
    verdict += f", {len(allowed)} may differ and do" if allowed else ""
    tell(f"{place:<8}{group:<12}{len(found):>5} files  {verdict}" + (f", {texts} texts changed" if texts else ""))
    for it in found:
        if it.problems or it.relative or it.notes and verbose:
            tell(it.file + (" (may differ)" if it.may_differ else ""), 2)
            relative = [f"greatest relative difference: {it.relative:.3g}"] if it.relative else []
            for line in relative + (it.problems + it.notes if verbose else it.problems[:4]):
                tell(line, 6)


def tell_table(found):
    tell("")
    tell(f"{'kind':<9}{'files':>7}{'equal':>7}{'differ':>8}{'may differ':>12}{'texts':>7}{'greatest relative':>20}")
    for kind in [*dict.fromkeys(KINDS.values()), "text", "answer", "other", "all"]:
        of = [it for it in found if kind in (it.kind, "all")]
        wrong, allowed = (sum(bool(it.problems) and it.may_differ is may for it in of) for may in (False, True))
        relative = f"{max((it.relative for it in of), default=0.0):.3g}"
        counts = f"{len(of):>7}{len(of) - wrong - allowed:>7}{wrong:>8}{allowed:>12}{sum(it.texts for it in of):>7}{relative:>20}"
        if of:
            tell(f"{kind:<9}{counts}")


def chosen_cases(options):
    """The cases to compare, and with those that they need, in order."""
    cases = [case for case in all_cases() if not (options.quick and case.full)]
    wanted = [case for case in cases if not options.only or any(fnmatch.fnmatchcase(case.name, glob) for glob in options.only)]
    needed = {"sample", *(name for case in wanted for name in (case.name, *case.needs))}
    needed |= {name for case in cases if case.name in needed for name in case.needs}
    return wanted, [case for case in cases if case.name in needed]


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    parser.add_argument("programs", nargs="*", type=pathlib.Path, metavar="PROGRAM", help="the old one and the new one")
    parser.add_argument("--data", type=pathlib.Path, metavar="DIR", default=os.environ.get("HITFLOP_DATA"),
                        help="the real decade files [default: $HITFLOP_DATA]; without them only the simulated sample is used")
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes: grids and thorough evaluations")
    parser.add_argument("--only", nargs="+", default=[], metavar="CASE", help="names of cases or patterns, such as 'train-*'")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR", help="leave the outputs here")
    for side in ["old", "new"]:
        parser.add_argument(f"--{side}-outputs", type=pathlib.Path, metavar="DIR", help=f"kept outputs instead of the {side} program")
    parser.add_argument("--may-differ", action="append", default=[], metavar="GLOB",
                        help="files that may differ, such as '*/hitflop.tracks'")
    parser.add_argument("--relative", type=float, default=0.0, metavar="X", help="numbers below --under may differ relatively by so much")
    parser.add_argument("--under", nargs="+", default=[], metavar="MEMBER", help="names of JSON members or CSV columns")
    parser.add_argument("--texts-may-differ", action="store_true", help="only count changed texts in JSON and CSV")
    parser.add_argument("--verbose", action="store_true", help="tell every difference, those of texts too")
    options = parser.parse_args()
    options.under = set(options.under)
    if len(options.programs) + bool(options.old_outputs) + bool(options.new_outputs) != 2:
        parser.error("expected an old and a new program, or kept outputs in the place of either")
    if missing := [path for path in options.programs if not os.access(path, os.X_OK) or path.is_dir()]:
        parser.error(f"no program: {missing[0]}")
    if missing := [path for path in [options.old_outputs, options.new_outputs] if path and not path.is_dir()]:
        parser.error(f"no outputs: {missing[0]}")
    if options.data and not list(pathlib.Path(options.data).glob("dataset-of-*.csv")):
        parser.error(f"no decade files in {options.data}")
    kept = [path for path in [options.old_outputs, options.new_outputs] if path and (path / "real").exists()]
    if kept and options.programs and not options.data:
        parser.error(f"{kept[0]} has outputs of real files: give --data")
    if bool(options.relative) != bool(options.under):
        parser.error("--relative and --under go together")
    if options.keep and any((options.keep / side).exists() for side in ("old", "new")):
        parser.error(f"there are kept outputs in {options.keep}")
    if not chosen_cases(options)[0]:
        parser.error("no case of that name")
    return options


def main():
    options = read_options()
    data = pathlib.Path(options.data).resolve() if options.data else None
    wanted, needed = chosen_cases(options)
    with tempfile.TemporaryDirectory() as scratch:
        programs, sides = [path.resolve() for path in options.programs], []
        for side, kept in [("old", options.old_outputs), ("new", options.new_outputs)]:
            sides.append(kept or (options.keep or pathlib.Path(scratch)) / side)
            if not kept:
                make_outputs(programs.pop(0), sides[-1], needed, data, side)
        found = []
        places = [place for place in ("real", "sample") if any((side / place).exists() for side in sides)]
        for place in places:
            for group, cases in itertools.groupby(sorted(wanted, key=lambda case: case.group), lambda case: case.group):
                of_group = [it for case in cases for it in compare_case(place, case, sides, options)]
                tell_group(place, group, of_group, options.verbose)
                found += of_group
    tell_table(found)
    if "real" not in places:
        tell("There were no real decade files: only the simulated sample was compared.")
    if options.quick:
        tell("Left out by --quick: " + ", ".join(case.name for case in all_cases() if case.full))
    if any(it.problems and not it.may_differ for it in found):
        tell("Something differs that must be equal.")
        return 1
    tell("Nothing differs that must be equal.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
