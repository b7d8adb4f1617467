"""The program ``hitflop``, called from Python. It is not part of the package."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
from typing import Any

from ._hitflop import HitflopError

Path = str | os.PathLike[str]


def command(name: str, *arguments: str | os.PathLike[str], program: Path | None = None) -> dict[str, Any]:
    """Calls ``hitflop NAME --json`` and returns the summary that it prints.

    :param name: the command: ``"train"``, ``"predict"``, ``"sample"``.
    :param arguments: further arguments, as on the command line.
    :param program: the program; by default the variable ``HITFLOP_PROGRAM``, or ``hitflop`` in the search path.
    :raises HitflopError: the program is not found, or it reports an error.
    """
    requested = os.fspath(program or os.environ.get("HITFLOP_PROGRAM") or "hitflop")
    executable = shutil.which(requested)
    if executable is None:
        rule = "expected the program hitflop; install it, or give its path as program"
        raise HitflopError(f'program: {rule}, found "{requested}"')
    line = [executable, name, "--json", *map(os.fspath, arguments)]
    done = subprocess.run(line, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        raise HitflopError(done.stderr.strip() or f"hitflop {name} ended with the exit code {done.returncode}")
    return json.loads(done.stdout)


def run(
    *arguments: str,
    data: Path | None = None,
    reports: Path | None = None,
    models: Path | None = None,
    program: Path | None = None,
) -> dict[str, Any]:
    """Calls ``hitflop run``: read the data, explore, compare models, fit, and write the report and the model.

    :param arguments: further arguments, as on the command line: ``"--seed", "7"``.
    :param data: directory, file or archive of the data; by default the program's own.
    :param reports: directory of the report.
    :param models: directory of the model.
    :returns: the summary that the command prints.
    :raises HitflopError: as :func:`command`.
    """
    paths = {"--data": data, "--reports": reports, "--models": models}
    return command("run", *_flags(paths), *arguments, program=program)


def explore(
    *arguments: str, data: Path | None = None, reports: Path | None = None, program: Path | None = None
) -> dict[str, Any]:
    """Calls ``hitflop explore`` and returns its findings as :func:`findings` does.

    :param reports: directory of the report; by default ``reports``.
    :raises HitflopError: as :func:`command`.
    """
    reports = reports or "reports"
    command("explore", *_flags({"--data": data, "--reports": reports}), *arguments, program=program)
    return findings(reports)


def findings(reports: Path = "reports") -> dict[str, Any]:
    """The tables of a report as data frames by name: ``counts``, ``describe``, ``means``, ``effects``, ``pearson``,
    ``mutual_information``, and after ``hitflop run`` also ``leaderboard`` and others.

    :raises HitflopError: there is no report in the directory.
    """
    import pandas

    tables = sorted(pathlib.Path(reports, "tables").glob("*.csv"))
    if not tables:
        raise HitflopError(f"{os.fspath(reports)}: expected the directory of a report, with tables in it")
    return {table.stem: pandas.read_csv(table) for table in tables}


def _flags(paths: dict[str, Path | None]) -> list[str]:
    return [text for flag, path in paths.items() if path is not None for text in (flag, os.fspath(path))]
