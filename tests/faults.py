#!/usr/bin/env python3
"""Kills, starves and disturbs `hitflop run` over existing outputs, and checks each time that the set of outputs is whole: all of the
former run or all of the new one. It needs nothing but Python 3.11; the tracks are made up from `hitflop sample`.

usage: tests/faults.py PROGRAM [--kills N] [--short] [--keep]

  kill            SIGKILL at random moments of the run (200, or N; a fifth of them as soon as the commit begins)
  signal          SIGTERM, SIGINT, SIGHUP: exit code, and nothing temporary is left
  full disk       13 sizes of a small file system (root), and 13 limits of file sizes (`ulimit -f`)
  read-only       places that cannot be written to are reported before the work
  two at once     `run` beside `ingest` of other tracks; two searches of one grid

`--short` does 20 kills and fewer of the others, in about a minute. After each disturbance one command reads the model, as the next
start would. Exit codes: 0 every set was whole, 1 one was not, 2 bad usage.
"""
import argparse, collections, dataclasses, hashlib, json, os, pathlib, random, re, resource, shutil, signal, subprocess, sys, tempfile, time

ROWS = 120
OUTPUTS = ["--reports", "reports", "--models", "models", "--processed", "union/tracks.parquet"]
SETS = ["reports", "models", "union"]
MODEL = pathlib.Path("models/hitflop.model")
JOURNAL = "reports/.hitflop.journal"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files(place):
    """Every file of the sets, hidden ones too."""
    return sorted(path.relative_to(place) for name in SETS for path in (place / name).rglob("*") if path.is_file())


@dataclasses.dataclass
class Outputs:
    """What a whole set of outputs is like."""
    names: list
    digests: dict
    run_id: str

    @staticmethod
    def of(place):
        names = files(place)
        report = json.loads((place / "reports/report.json").read_text())
        return Outputs(names, {name: digest(place / name) for name in names}, report["provenance"]["run_id"])


class Faults:
    def __init__(self, program, options):
        self.program, self.options = program.resolve(), options
        self.rows, self.problems = [], []
        self.random = random.Random(7)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="faults-"))
        self.temporary = self.root / "tmp"
        self.temporary.mkdir()
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("HITFLOP_")}
        self.environment["TMPDIR"] = str(self.temporary)

    def command(self, *arguments):
        return [str(self.program), *map(str, arguments)]

    def call(self, place, *arguments, **more):
        return subprocess.run(self.command(*arguments), cwd=place, env=self.environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, **more)

    def start(self, place, *arguments):
        return subprocess.Popen(self.command(*arguments), cwd=place, env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def run_of(self, which):
        return ["run", "--data", self.root / which, "--seed", {"old": 1, "new": 2}[which], "--model", "tree", "--quiet", *OUTPUTS]

    def prepare(self):
        """Two small sets of tracks, the outputs of each, and which of their files hold seconds."""
        self.call(self.root, "sample", "--out", "sample").check_returncode()
        for which, first in [("old", 0), ("new", ROWS)]:
            (self.root / which).mkdir()
            for path in sorted((self.root / "sample").glob("*.csv"))[:2]:
                head, *rows = path.read_text().replace("Simulated", "Made-up").splitlines(keepends=True)
                step = len(rows) // (2 * ROWS)
                (self.root / which / path.name).write_text(head + "".join(rows[step * first::step][:ROWS]))
        shutil.rmtree(self.root / "sample")
        self.outputs, timed = {}, set()
        for which in ["old", "new"]:
            again = {}
            for name in ["", "-again"]:
                place = self.root / f"outputs-{which}{name}"
                place.mkdir()
                started = time.monotonic()
                done = self.call(place, *self.run_of(which))
                self.seconds = time.monotonic() - started
                if done.returncode:
                    sys.exit(f"the run failed: {done.stderr}")
                again[name] = Outputs.of(place)
            self.outputs[which] = again[""]
            timed |= {name for name, value in again[""].digests.items() if again["-again"].digests.get(name) != value}
            shutil.rmtree(self.root / f"outputs-{which}-again")
        self.timed = timed
        if not timed <= {pathlib.Path(name) for name in ["reports/report.html", "reports/report.json", "reports/tables/costs.csv"]}:
            sys.exit(f"equal runs gave other files: {sorted(map(str, timed))}")

    def fresh(self, parent=None):
        """A place with the outputs of the old run."""
        place = pathlib.Path(tempfile.mkdtemp(dir=parent or self.root))
        for name in SETS:
            shutil.copytree(self.root / "outputs-old" / name, place / name)
        return place

    def state(self, place, sets=SETS):
        """`old`, `new` or what is mixed, after the next start."""
        shown = self.call(place, "model", "show", "models/hitflop.model", "--json")
        if shown.returncode:
            return f"no model: {shown.stderr.strip()}"
        # What a killed process had staged, its lock files, and what led to its journal are removed by the next command that writes.
        found = [name for name in files(place) if not any(part.startswith(".hitflop") for part in name.parts)]
        # A search that was killed is resumed from its checkpoint.
        found = [name for name in found if name.parts[0] in sets and ".checkpoint" not in name.name]
        # The model that was replaced is kept under a name of its own.
        kept = [name for name in found if name.match("models/hitflop-*")]
        found = [name for name in found if name not in kept]
        for which, whole in self.outputs.items():
            names = [name for name in whole.names if name.parts[0] in sets]
            same = [name for name in names if name in self.timed or name in found and digest(place / name) == whole.digests[name]]
            if found != names or same != names:
                continue
            report = json.loads((place / "reports/report.json").read_text()) if "reports" in sets else None
            ids = {json.loads(shown.stdout)["run_id"], json.loads((place / "models/metrics.json").read_text())["run_id"]}
            ids |= {report["provenance"]["run_id"]} if report else set()
            models = [digest(place / name) for name in kept if name.suffix == ".model"]
            is_kept = models == ([self.outputs["old"].digests[MODEL]] if which == "new" else [])
            if whole.run_id in (place / "models/MODEL_CARD.md").read_text() and ids == {whole.run_id} and is_kept:
                return which
        known = [which for which, whole in self.outputs.items() for name in found if whole.digests.get(name) == digest(place / name)]
        return f"mixed: {len(found)} files, {dict(collections.Counter(known))}"

    def left(self, place):
        """Temporary files and journals that are still there."""
        hidden = [path for path in place.rglob(".hitflop*")]
        return [str(path) for path in [*hidden, *self.temporary.iterdir()]]

    def note(self, case, states, wrong=()):
        counts = collections.Counter(states)
        mixed = sum(count for state, count in counts.items() if state not in ("old", "new"))
        wrong = list(wrong) + [f"{state} ({count}x)" for state, count in counts.items() if state not in ("old", "new")]
        self.rows.append((case, len(states), counts["old"], counts["new"], mixed, len(wrong)))
        self.problems += [f"{case}: {problem}" for problem in wrong]
        print(f"{case:<28}{len(states):>7}{counts['old']:>7}{counts['new']:>7}{mixed:>7}{len(wrong):>8}", flush=True)

    def kills(self, count, at_commit):
        states = []
        for _ in range(count):
            place = self.fresh()
            process = self.start(place, *self.run_of("new"))
            if at_commit:
                journal = place / JOURNAL
                while process.poll() is None and not journal.exists():
                    pass
                time.sleep(self.random.uniform(0, 0.003))
            else:
                time.sleep(self.random.uniform(0, 1.1 * self.seconds))
            process.kill()
            process.communicate()
            states.append(self.state(place))
            shutil.rmtree(place)
        # The next command that writes removes what the killed ones had staged.
        place = self.fresh()
        self.call(place, *self.run_of("new"))
        self.note("kill in the commit" if at_commit else "kill", states, [f"left over: {path}" for path in self.left(place)[:3]])
        shutil.rmtree(place)

    def signals(self, count):
        states, wrong = [], []
        for number in [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]:
            for _ in range(count):
                place = self.fresh()
                process = self.start(place, *self.run_of("new"))
                time.sleep(self.random.uniform(0.1, 1.0) * self.seconds)
                process.send_signal(number)
                process.communicate()
                if process.returncode not in (0, 128 + number, -number):
                    wrong.append(f"{number.name}: exit code {process.returncode}")
                if left := self.left(place):
                    wrong.append(f"{number.name}: left over: {left[0]}")
                states.append(self.state(place))
                shutil.rmtree(place)
        self.note("signal", states, wrong)

    def expect_full(self, done, state, wrong):
        if done.returncode == 0 and state != "new" or done.returncode != 0 and state != "old":
            wrong.append(f"exit code {done.returncode}, and the set is {state}")
        if done.returncode and not re.search(r"No space left|File too large|quota", done.stderr):
            wrong.append(f"the message does not say that the disk is full: {done.stderr.strip()[:200]}")
        if done.returncode not in (0, 1):
            wrong.append(f"exit code {done.returncode} instead of 1")

    def full_disk(self, levels):
        disk = self.root / "disk"
        disk.mkdir()
        mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk],
                                                       capture_output=True).returncode == 0
        if not mounted:
            print("full disk                   skipped: a small file system needs root and the right to mount")
        else:
            states, wrong = [], []
            try:
                size = sum(path.stat().st_size for path in (self.root / "outputs-old").rglob("*") if path.is_file())
                for level in range(levels):
                    place = self.fresh(disk)
                    room = int(1.15 * size + 2.0 * size * level / (levels - 1))
                    subprocess.run(["mount", "-o", f"remount,size={room}", disk], check=True)
                    done = self.call(place, *self.run_of("new"))
                    subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
                    states.append(self.state(place))
                    self.expect_full(done, states[-1], wrong)
                    shutil.rmtree(place)
            finally:
                subprocess.run(["umount", disk], check=True)
            self.note("full disk", states, wrong)
        largest = max(path.stat().st_size for path in (self.root / "outputs-old").rglob("*") if path.is_file())
        states, wrong = [], []
        for level in range(levels):
            place = self.fresh()
            limit = int(1000 + 1.5 * largest * level / (levels - 1))

            def restrict():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

            done = self.call(place, *self.run_of("new"), preexec_fn=restrict)
            states.append(self.state(place))
            self.expect_full(done, states[-1], wrong)
            shutil.rmtree(place)
        self.note("limit of file sizes", states, wrong)

    def read_only(self):
        if os.geteuid() == 0:
            print("read-only                   skipped: root may write everywhere")
            return
        states, wrong = [], []
        for name in SETS:
            place = self.fresh()
            (place / name).chmod(0o555)
            started = time.monotonic()
            done = self.call(place, *self.run_of("new"))
            if done.returncode == 0 or name not in done.stderr or time.monotonic() - started > self.seconds / 2:
                wrong.append(f"{name}: exit code {done.returncode} after {time.monotonic() - started:.1f} s: {done.stderr.strip()}")
            states.append(self.state(place))
            (place / name).chmod(0o755)
            shutil.rmtree(place)
        self.note("read-only", states, wrong)

    def two_at_once(self, count):
        states, wrong = [], []
        for _ in range(count):
            place = self.fresh()
            process = self.start(place, *self.run_of("new"))
            while process.poll() is None:
                self.call(place, "ingest", "--data", self.root / "old", "--quiet", "--processed", "union/tracks.parquet",
                          "--reports", "reports").check_returncode()
            process.communicate()
            states.append(self.state(place, ["reports", "models"]))
            union = digest(place / "union/tracks.parquet")
            if union not in [outputs.digests[pathlib.Path("union/tracks.parquet")] for outputs in self.outputs.values()]:
                wrong.append("the union is that of neither command")
            shutil.rmtree(place)
        self.note("run beside ingest", states, wrong)
        place = self.fresh()
        tune = ["tune", "--data", self.root / "old", "--quiet", *OUTPUTS]
        first = self.start(place, *tune)
        while first.poll() is None and not list(place.glob("reports/*.checkpoint")):
            time.sleep(0.001)
        second = self.call(place, *tune)
        first.kill()
        first.communicate()
        told = second.returncode == 1 and f"another hitflop (pid {first.pid}, since " in second.stderr
        self.note("two searches", [self.state(place)], [] if told else [f"the second said: {second.stderr.strip()}"])
        shutil.rmtree(place)

    def all(self):
        short = self.options.short
        kills = self.options.kills or (20 if short else 200)
        self.prepare()
        print(f"{len(self.outputs['new'].names)} files a run, {self.seconds:.2f} s\n")
        print(f"{'disturbance':<28}{'tries':>7}{'old':>7}{'new':>7}{'mixed':>7}{'faults':>8}")
        self.kills(kills - kills // 5, at_commit=False)
        self.kills(kills // 5, at_commit=True)
        self.signals(1 if short else 5)
        self.full_disk(3 if short else 13)
        self.read_only()
        self.two_at_once(1 if short else 5)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--kills", type=int, help="kills at random moments [default: 200, with --short 20]")
    parser.add_argument("--short", action="store_true", help="a form of about a minute")
    parser.add_argument("--keep", action="store_true", help="leave the folder of the outputs")
    options = parser.parse_args()
    if not os.access(options.program, os.X_OK) or options.program.is_dir():
        parser.error(f"no program: {options.program}")
    faults = Faults(options.program, options)
    try:
        faults.all()
    finally:
        if not options.keep:
            shutil.rmtree(faults.root, ignore_errors=True)
    print()
    print("\n".join(faults.problems) or "every set was whole")
    return 1 if faults.problems else 0


if __name__ == "__main__":
    sys.exit(main())
