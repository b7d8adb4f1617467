#!/usr/bin/env python3
"""Loads `hitflop serve` with ten times of what it can do, with clients that read and write slowly and with idle connections, and
checks that it stays small, says no at once, answers the others, and recovers. It needs nothing but Python 3.11.

usage: tests/load.py PROGRAM MODEL [--short] [--json]

  ten times the work    80 clients send batches without a pause, of which 8 are worked on at a time
  slow readers          clients send batches and read none of the answers
  slow writers          200 clients send the beginning of a head and 600 that of a body, and then a byte now and then
  1,000 idle            twice as many connections as are allowed, which send nothing
  10 x connections      ten times as many clients as connections, each a request at a time (not with --short)

During each, other clients send single tracks and small batches, on new connections and on kept ones, and measure. Bounds:

  memory    the highest resident memory of the server so far: at most 300 MB (286 MiB)
  503       time from the last byte of a request to its refusal: 99 % within 100 ms
  p99       time of the single tracks that are answered, connecting included: the figure in the table, at most
  recovery  time from the end of the load to an answer to a track and to a batch on new connections: at most 1 s

The limits of the service are its defaults. The load comes from this machine too, which the bounds allow for. Where other programs
take a part of the processors, times may be longer by what that part is, which is measured first and printed. `--short` takes less
than 40 s. Exit codes: 0 no bound was broken, 1 one was, 2 bad usage.
"""
import argparse, asyncio, dataclasses, json, multiprocessing, os, pathlib, random, re, subprocess, sys, time

MEMORY_MIB = 286  # 300 MB
REFUSAL_MS = 100
RECOVERY_S = 1.0
CAPACITY = 8  # --max-heavy
CONNECTIONS = 512  # --max-connections
NAMES = ["danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness", "liveness", "valence"]


def track(draw):
    values = {name: round(draw.random(), 4) for name in NAMES}
    return values | {"loudness": round(-20 * draw.random(), 3), "tempo": round(60 + 120 * draw.random(), 3), "key": draw.randrange(12),
                     "mode": draw.randrange(2), "duration_ms": draw.randrange(90_000, 400_000), "time_signature": 4}


def post(path, body):
    text = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


DRAW = random.Random(7)
ONE = post("/v1/predict", track(DRAW))
SMALL_BATCH = post("/v1/predict/batch", [track(DRAW) for _ in range(4)])
BATCH = post("/v1/predict/batch", [track(DRAW) for _ in range(2_000)])
LARGE_BATCH = post("/v1/predict/batch", [track(DRAW) for _ in range(10_000)])


class Broken(Exception):
    """The server has closed the connection."""


async def connect(address, **options):
    try:
        return await asyncio.open_connection(*address, **options)
    except OSError as error:
        raise Broken from error


async def answer(reader):
    """The status of an answer, which is read to its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length.group(1)) if length else 0)
        return int(head.split(b" ", 2)[1])
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise Broken from error


async def send(writer, bytes_):
    try:
        writer.write(bytes_)
        await writer.drain()
    except OSError as error:
        raise Broken from error


async def once(address, request):
    """Status and seconds of a request on a connection of its own, and the seconds from its last byte."""
    started = time.perf_counter()
    reader, writer = await connect(address)
    try:
        await send(writer, request)
        sent = time.perf_counter()
        status = await answer(reader)
        return status, time.perf_counter() - started, time.perf_counter() - sent
    finally:
        writer.close()


# The load, which runs in a process of its own so that its work does not delay the clients that measure.

async def forever(work):
    """A client that begins again whenever its connection is closed."""
    while True:
        try:
            await work()
        except Broken:
            await asyncio.sleep(0.05)


async def batches(address, counts):
    reader, writer = await connect(address)
    try:
        while True:
            await send(writer, BATCH)
            status = await answer(reader)
            counts[status] = counts.get(status, 0) + 1
            # As long as a client that has to come again would wait at least.
            await asyncio.sleep(0.01 if status == 503 else 0)
    finally:
        writer.close()


async def singles(address, counts):
    reader, writer = await connect(address)
    try:
        await send(writer, ONE)
        status = await answer(reader)
        counts[status] = counts.get(status, 0) + 1
    finally:
        writer.close()


async def slow_reader(address):
    reader, writer = await connect(address, limit=1024)
    try:
        await send(writer, LARGE_BATCH)
        await asyncio.sleep(3600)
    finally:
        writer.transport.abort()


async def slow_writer(address, part):
    _, writer = await connect(address)
    try:
        await send(writer, part)
        while True:
            await asyncio.sleep(0.2)
            await send(writer, b"X" if part.endswith(b"\n") else b" ")
    finally:
        writer.transport.abort()


async def idle(address):
    reader, writer = await connect(address)
    try:
        await reader.read()
        raise Broken
    finally:
        writer.close()


def clients(kind, address, counts):
    if kind == "ten times the work":
        return [lambda: batches(address, counts)] * (10 * CAPACITY)
    if kind == "slow readers":
        return [lambda: slow_reader(address)] * 150
    if kind == "slow writers":
        head, body = ONE.split(b"\r\n\r\n")
        parts = [head[:40] + b"\r\n", head + b"\r\n\r\n" + body[:20]]
        return [lambda: slow_writer(address, parts[0])] * 200 + [lambda: slow_writer(address, parts[1])] * 600
    if kind == "1,000 idle":
        return [lambda: idle(address)] * 1_000
    return [lambda: singles(address, counts)] * (10 * CONNECTIONS)


async def run_load(kind, address, counts, is_over):
    tasks = []
    for work in clients(kind, address, counts):
        tasks.append(asyncio.create_task(forever(work)))
        if len(tasks) % 50 == 0:
            await asyncio.sleep(0.02)
    while not is_over.is_set():
        await asyncio.sleep(0.02)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def load(kind, address, is_over, outcome):
    counts = {}
    asyncio.run(run_load(kind, address, counts, is_over))
    outcome.put(counts)


# The clients that measure.

@dataclasses.dataclass
class Measured:
    served: list = dataclasses.field(default_factory=list)
    refused: list = dataclasses.field(default_factory=list)
    statuses: dict = dataclasses.field(default_factory=dict)

    def add(self, status, took, after_sent):
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == 503:
            self.refused.append(after_sent)
        elif status == 200:
            self.served.append(took)


async def measure(address, seconds):
    tracks, small = Measured(), Measured()
    end = time.perf_counter() + seconds

    async def probe(request, measured):
        while time.perf_counter() < end:
            try:
                measured.add(*await once(address, request))
            except Broken:
                measured.statuses["closed"] = measured.statuses.get("closed", 0) + 1
            await asyncio.sleep(0.01)

    async def kept(request, measured):
        reader = writer = None
        while time.perf_counter() < end:
            try:
                if writer is None:
                    reader, writer = await connect(address)
                sent = time.perf_counter()
                await send(writer, request)
                status = await answer(reader)
                measured.add(status, time.perf_counter() - sent, time.perf_counter() - sent)
            except Broken:
                measured.statuses["closed"] = measured.statuses.get("closed", 0) + 1
                writer = None
            await asyncio.sleep(0.01)

    await asyncio.gather(*(probe(ONE, tracks) for _ in range(4)), *(kept(ONE, tracks) for _ in range(4)),
                         *(probe(SMALL_BATCH, small) for _ in range(4)))
    return tracks, small


async def recovery(address):
    """Seconds until a track and a batch are answered on new connections."""
    started = time.perf_counter()
    for request in (ONE, SMALL_BATCH):
        while True:
            try:
                if (await asyncio.wait_for(once(address, request), 5))[0] == 200:
                    break
            except (Broken, TimeoutError):
                pass
            if time.perf_counter() - started > 30:
                return time.perf_counter() - started
            await asyncio.sleep(0.01)
    return time.perf_counter() - started


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def processor_share(seconds, shares):
    wall, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() - wall < seconds:
        pass
    shares.put((time.process_time() - cpu) / (time.perf_counter() - wall))


def slowdown(seconds=1.0):
    """How much longer work on all processors takes here because of other programs: 1 on a machine that is otherwise idle."""
    shares = multiprocessing.Queue()
    busy = [multiprocessing.Process(target=processor_share, args=(seconds, shares)) for _ in range(len(os.sched_getaffinity(0)))]
    for process in busy:
        process.start()
    found = [shares.get(timeout=60) for _ in busy]
    for process in busy:
        process.join()
    return max(1.0, len(found) / sum(found))


class Server:
    def __init__(self, program, model):
        self.process = subprocess.Popen([program, "serve", "--model", model, "--addr", "127.0.0.1:0", "--access-log", "off"],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        url = self.process.stdout.readline().strip()
        if not url:
            raise SystemExit(self.process.stderr.read())
        host, port = url.removeprefix("http://").rsplit(":", 1)
        self.address = (host, int(port))

    def peak(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024

    def stop(self):
        self.process.terminate()
        _, log = self.process.communicate(timeout=60)
        return self.process.returncode, [line for line in log.splitlines() if '"level":"ERROR"' in line]


def scenario(server, kind, seconds, p99_bound, slower):
    is_over, outcome = multiprocessing.Event(), multiprocessing.Queue()
    loading = multiprocessing.Process(target=load, args=(kind, server.address, is_over, outcome), daemon=True)
    loading.start()
    time.sleep(1.0)
    tracks, small = asyncio.run(measure(server.address, seconds))
    is_over.set()
    counts = outcome.get(timeout=60)
    recovered = asyncio.run(recovery(server.address))
    loading.join(timeout=60)
    refused = tracks.refused + small.refused
    row = {
        "load": kind, "answered": counts.get(200, 0), "refused": counts.get(503, 0),
        "tracks": len(tracks.served), "p50_ms": quantile(tracks.served, 0.5) * 1e3, "p99_ms": quantile(tracks.served, 0.99) * 1e3,
        "p99_bound_ms": p99_bound * slower, "refusals": len(refused),
        "refusal_p99_ms": quantile(refused, 0.99) * 1e3 if refused else None,
        "recovery_s": recovered, "peak_mib": server.peak(), "statuses": {**tracks.statuses},
    }
    broken = []
    if not tracks.served or row["p99_ms"] > p99_bound * slower:
        broken.append(f"p99 of {len(tracks.served)} tracks {row['p99_ms']:.0f} ms, at most {p99_bound * slower:.0f} ms")
    if refused and row["refusal_p99_ms"] > REFUSAL_MS * slower:
        broken.append(f"503 after {row['refusal_p99_ms']:.0f} ms, at most {REFUSAL_MS * slower:.0f} ms")
    if kind == "ten times the work" and not counts.get(503):
        broken.append("nothing was refused: it was no load")
    if set(tracks.statuses) - {200, 503}:
        broken.append(f"tracks were answered by {tracks.statuses}")
    if recovered > RECOVERY_S * slower:
        broken.append(f"recovery in {recovered:.1f} s, at most {RECOVERY_S * slower:.1f} s")
    if row["peak_mib"] > MEMORY_MIB:
        broken.append(f"memory {row['peak_mib']:.0f} MiB, at most {MEMORY_MIB} MiB")
    return row, [f"{kind}: {what}" for what in broken]


def main():
    parser = argparse.ArgumentParser(description="Loads `hitflop serve` beyond what it can do and checks bounds.")
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--short", action="store_true", help="less than 40 s")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    if not options.program.is_file() or not options.model.is_file():
        parser.error("expected a program and a model file")
    seconds = 3 if options.short else 10
    kinds = [("ten times the work", 500), ("slow readers", 500), ("slow writers", 1_000), ("1,000 idle", 250)]
    if not options.short:
        kinds.append(("10 x connections", 2_000))
    server = Server(options.program, options.model)
    rows, broken = [], []
    try:
        for kind, bound in kinds:
            slower = slowdown()
            row, faults = scenario(server, kind, seconds, bound, slower)
            row["slower"] = slower
            rows.append(row)
            broken += faults
    finally:
        code, errors = server.stop()
    if code != 0 or errors:
        broken.append(f"the server ended with {code} and logged {len(errors)} errors: {errors[:1]}")
    if options.json:
        print(json.dumps({"rows": rows, "broken": broken}))
    else:
        print(f"{'load':<20}{'answered':>9}{'refused':>9}{'tracks':>8}{'p50 ms':>8}{'p99 ms':>8}{'bound':>7}{'503s':>7}{'503 p99 ms':>11}"
              f"{'recovery s':>11}{'peak MiB':>9}{'slower':>8}")
        for row in rows:
            refusal = "-" if row["refusal_p99_ms"] is None else f"{row['refusal_p99_ms']:.1f}"
            print(f"{row['load']:<20}{row['answered']:>9}{row['refused']:>9}{row['tracks']:>8}{row['p50_ms']:>8.1f}{row['p99_ms']:>8.1f}"
                  f"{row['p99_bound_ms']:>7.0f}{row['refusals']:>7}{refusal:>11}{row['recovery_s']:>11.2f}{row['peak_mib']:>9.0f}{row['slower']:>7.1f}x")
        print("\n".join(broken) or "No bound is broken.")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
