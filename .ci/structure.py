#!/usr/bin/env python3
"""Measures the structure of the workspace, and holds its limits.

usage: .ci/structure.py [ROOT] [--report]

Code is what is left of a Rust file without blank lines, comments, and test modules. Limits: no function over 60 lines of text, no
file over 300 lines of code, no type name defined twice. `--report` prints the figures and exits with 0; without it, every place
over a limit is listed and the exit code is 1 if there is one. Only Python's standard library is needed.
"""
import collections, pathlib, re, sys

MAX_FUNCTION_LINES, MAX_FILE_LINES = 60, 300
TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|(?:b|c)?r(#*)".*?"\1|(?:b|c)?"(?:\\.|[^"\\])*"|b?\'(?:\\(?:u\{[^}]*\}|x..|.)|[^\'\\])\'', re.S)
FUNCTION = re.compile(r"^[ \t]*(?:pub(?:\([a-z: ]+\))? )?(?:const |async |unsafe )*fn (\w+)", re.M)
TYPE = re.compile(r"^[ \t]*(?:pub(?:\([a-z: ]+\))? )?(?:struct|enum|trait|union) (\w+)", re.M)
PUBLIC = re.compile(r"^[ \t]*pub (?:const |async |unsafe )*(?:fn|struct|enum|trait|type|const|static|mod|use|macro) ", re.M)
TEST_MODULE = re.compile(r"^#\[cfg\(test\)\]\s*mod \w+ \{", re.M)


def without_text(source):
    """The source with comments and literals blanked out, so that braces and words in them do not count."""
    return TOKEN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), source)


def closing(text, opening):
    """The position behind the brace that closes the one at `opening`."""
    depth = 0
    for position in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position + 1
    return len(text)


def without_tests(text):
    while found := TEST_MODULE.search(text):
        end = closing(text, found.end() - 1)
        text = text[: found.start()] + text[end:]
    return text


def is_test(path):
    return any(part in ("tests", "fixtures") for part in path.parts[:-1]) or bool(
        re.search(r"(^|_)tests?$|^fixtures?$", path.stem))


def functions(text):
    """Name, line and lines of text of each function with a body."""
    for found in FUNCTION.finditer(text):
        body = re.compile(r"[{;]").search(text, signature_end(text, found.end()))
        if body and body.group() == "{":
            end = closing(text, body.start())
            yield found.group(1), text.count("\n", 0, found.start()) + 1, text.count("\n", found.start(), end) + 1


def signature_end(text, position):
    """The position behind the parameters."""
    depth = 0
    for position in range(text.index("(", position), len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position + 1
    return position


def crate_of(path):
    return path.parts[1] if path.parts[0] == "crates" else path.parts[0]


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--report"]
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent)
    paths = sorted(path.relative_to(root) for folder in ("src", "crates") for path in (root / folder).rglob("*.rs"))
    paths = [path for path in paths if "target" not in path.parts]
    figures = collections.defaultdict(collections.Counter)
    places, types, public = [], collections.defaultdict(list), 0
    for path in paths:
        source = (root / path).read_text(encoding="utf-8")
        blanked = without_text(source)
        code = blanked if is_test(path) else without_tests(blanked)
        lines = sum(bool(line.strip()) for line in code.splitlines())
        kind = "tests" if is_test(path) else "code"
        figures[crate_of(path)][kind] += lines
        figures[crate_of(path)]["tests"] += sum(bool(line.strip()) for line in blanked.splitlines()) - lines
        if kind == "code":
            figures[crate_of(path)]["public"] += len(PUBLIC.findall(code))
            if lines > MAX_FILE_LINES:
                places.append(f"{path}: {lines} lines of code, at most {MAX_FILE_LINES}")
        for name, line, length in functions(blanked):
            if length > MAX_FUNCTION_LINES:
                places.append(f"{path}:{line}: {name} has {length} lines, at most {MAX_FUNCTION_LINES}")
        for found in TYPE.finditer(blanked):
            types[found.group(1)].append(str(path))
    places += [f"type {name} is defined {len(where)} times: {', '.join(where)}" for name, where in types.items() if len(where) > 1]
    if "--report" not in sys.argv:
        print("\n".join(places) or "Structure: no limit is exceeded.")
        return 1 if places else 0
    print(f"{'crate':<10}{'code':>8}{'tests':>8}{'public':>8}")
    for crate, of in sorted(figures.items()):
        print(f"{crate:<10}{of['code']:>8}{of['tests']:>8}{of['public']:>8}")
    total = sum(figures.values(), collections.Counter())
    print(f"{'all':<10}{total['code']:>8}{total['tests']:>8}{total['public']:>8}")
    print(f"functions over {MAX_FUNCTION_LINES} lines: {sum(' lines, at most' in place for place in places)}; "
          f"files over {MAX_FILE_LINES} lines of code: {sum('lines of code' in place for place in places)}; "
          f"type names defined twice: {sum(place.startswith('type ') for place in places)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
