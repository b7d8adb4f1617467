"""Asks a server of hitflop everything that its routes answer, for compare_builds.py, and keeps the answers as files."""
import csv, http.client, json, re, subprocess, urllib.parse


def serve(program, arguments, environment, place, here):
    """Starts a server on a free port, asks it everything, and ends it."""
    command = [program, *arguments, "--addr", "127.0.0.1:0", "--watch", "0", "--access-log", "off", "--json"]
    token = {"HITFLOP_TOKEN": "secret"} if "--model-name" in arguments else {}
    with open(here / "log", "wb") as log:
        server = subprocess.Popen(command, cwd=place, env=environment | token, stdout=subprocess.PIPE, stderr=log)
    try:
        announced = server.stdout.readline()
        if announced:
            asking = Asking(json.loads(announced)["url"], here, "Bearer secret" if token else None)
            ask_all(asking, list(csv.DictReader(open(place / "input/tracks.csv", encoding="utf-8"))), "other" if token else "hitflop")
            asking.finish()
    finally:
        server.terminate()
        try:
            code = server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            code = server.wait()
        server.stdout.close()
    if announced:
        (here / "log").unlink()
    return code


class Asking:
    """Questions to a server, and its answers as files."""
    ENDINGS = {"application/json": "json", "application/x-ndjson": "ndjson", "text/csv": "csv", "text/html": "html", "text/css": "css",
               "text/javascript": "js", "image/svg+xml": "svg"}
    VARYING = {"date", "x-request-id", "content-length"}

    def __init__(self, url, folder, authorization):
        self.address, self.folder, self.answers = urllib.parse.urlsplit(url).netloc, folder, {}
        self.headers = {"Authorization": authorization} if authorization else {}

    def ask(self, name, path, body=None, media="application/json", method=None, **headers):
        """Asks, by POST if there is a body, and gives the answer's text."""
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        headers = self.headers | {"X-Request-Id": "1"} | headers | ({"Content-Type": media} if body is not None else {})
        connection = http.client.HTTPConnection(self.address, timeout=120)
        connection.request(method or ("GET" if body is None else "POST"), path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        headers = {key.lower(): value for key, value in answer.getheaders() if key.lower() not in self.VARYING}
        self.answers[name] = {"status": answer.status, "headers": headers}
        if name == "metrics":
            content = b"\n".join(sorted({line.rsplit(b" ", 1)[0] for line in content.splitlines()}))
        ending = "names" if name == "metrics" else self.ENDINGS.get(headers.get("content-type", "").split(";")[0], "txt")
        (self.folder / f"{name}.{ending}").write_bytes(content)
        return content.decode("utf-8", "replace")

    def finish(self):
        (self.folder / "answers.json").write_text(json.dumps(self.answers))


def ask_all(asking, rows, model):
    """Every route, with good bodies and with bad ones."""
    ask = asking.ask
    numbers = [{name: json.loads(row[name]) for name in row if name not in ("track", "artist", "uri")} for row in rows]
    one, four = numbers[7], numbers[7:300:80]
    described = json.loads(ask("kserve-model", f"/v2/models/{model}"))
    names, version = [tensor["name"] for tensor in described.get("inputs", [])], described.get("versions", ["none"])[0]
    ask_what_is_there(ask, model, version)
    for index, track in enumerate(numbers[::50]):
        ask(f"songs-{index}", "/songs/predict", track)
        ask(f"predict-{index}", "/v1/predict", track)
        ask(f"explained-{index}", "/v1/predict?explain=true&what_if=true", track)
        ask(f"neighbours-{index}", f"/v1/neighbours?count=3&same_decade={'true' if index % 2 else 'false'}", track)
    ask_of_several(ask, numbers, four, one)
    ask_by_protocols(ask, four, names, f"/v2/models/{model}", version)
    ask_in_vain(ask, one, f"/v2/models/{model}/infer")
    ask("metrics", "/metrics")


def ask_what_is_there(ask, model, version):
    paths = ["songs", "songs/", "v1/model", "v1/features", "v2", "v2/health/live", "v2/health/ready", "version", "ping", "healthz",
             "readyz", "openapi.json", "docs", "docs/", "docs/swagger-initializer.js", "nowhere", "page/absent.js",
             "songs/predict", "v1/predict"]
    of_model = [f"v2/models/{model}/ready", f"v2/models/{model}/versions/{version}", f"v2/models/{model}/versions/{version}/ready",
                f"v2/models/{model}/versions/1", "v2/models/absent"]
    for path in paths + of_model:
        name = path.removesuffix(".json").replace(version, "VERSION").replace("/", "_")
        ask(name, f"/{path}")
    ask("unauthorized", "/v1/model", Authorization="Bearer wrong")
    ask("cors", "/v1/model", Origin="https://example.org")
    ask("options", "/v1/predict", method="OPTIONS", Origin="https://example.org", **{"Access-Control-Request-Method": "POST"})
    linked, seen = re.compile(r"""["'](?:\./|/page/|page/)([\w.-]+\.(?:js|css|svg))["']"""), set()
    found = set(linked.findall(ask("page", "/")))
    while found - seen:
        file = min(found - seen)
        seen.add(file)
        found |= set(linked.findall(ask(f"page_{file.rsplit('.', 1)[0]}", f"/page/{file}")))


def ask_of_several(ask, numbers, four, one):
    batch = "/v1/predict/batch"
    mixed = [one, {"energy": "loud"}, None, {}, {"decade": 1980}, {**one, "key": -1}, {"energy": 0.5, "dancability": 0.9}, 7]
    for name, tracks in [("all", numbers), ("mixed", mixed), ("none", [])]:
        ask(f"batch-{name}-json", batch, tracks)
        ask(f"batch-{name}-lines", batch, "".join(json.dumps(track) + "\n" for track in tracks), "application/x-ndjson")
    lines = [",".join(["title", *one]), *(",".join(["x", *map(str, track.values())]) for track in numbers)]
    ask("batch-all-table", batch, "\n".join(lines), "text/csv")
    ask("batch-faulty-table", batch, "energy,tempo,label\n0.5,,x\nloud,fast,y\n0.5\n1,2,z,0.9\n", "text/csv")
    ask("batch-broken-lines", batch, '{"energy": 0.5}\n{\n{"energy": NaN}\n{"tempo": 120}\n', "application/x-ndjson")
    ask("envelope", "/v1/predict", {"audio_features": [*four, None, {"energy": "x"}]})
    ask("envelope-explained", "/v1/predict?explain=true&what_if=true", {"content": four})
    ask("envelope-large", "/v1/predict?explain=true", {"content": numbers[:30]})


def ask_by_protocols(ask, four, names, infer, version):
    rows = [[track[name] for name in names] for track in four]
    tensor = lambda name, shape, data, datatype="FP64": {"name": name, "shape": shape, "datatype": datatype, "data": data}
    matrix = {"id": "42", "inputs": [tensor("x", [len(rows), len(names)], rows)]}
    columns = [tensor(name, [len(rows), 1], [row[index] for row in rows], "FP32") for index, name in enumerate(names)]
    ask("infer-matrix", f"{infer}/infer", matrix)
    ask("infer-version", f"{infer}/versions/{version}/infer", matrix)
    ask("infer-columns", f"{infer}/infer", {"inputs": columns, "outputs": [{"name": "predict_proba"}]})
    records = [dict(zip(names, row)) for row in rows]
    forms = {"split": {"dataframe_split": {"columns": names, "data": rows}}, "records": {"dataframe_records": records},
             "instances": {"instances": records}, "inputs": {"inputs": rows},
             "columns": {"inputs": {name: [row[index] for row in rows] for index, name in enumerate(names)}},
             "misspelt": {"dataframe_records": [{"energy": 0.5, "dancability": 1}]}, "faulty": {"dataframe_records": [{"energy": "x"}]},
             "two": {"inputs": [], "instances": []}, "none": {}}
    for name, form in forms.items():
        ask(f"invocations-{name}", "/invocations", form)
    ask("invocations-table", "/invocations", "\n".join(",".join(map(str, row)) for row in [names, *rows]), "text/csv")


def ask_in_vain(ask, one, infer):
    """Bodies that are refused, doubtful or unusual."""
    bodies = {"list": [], "number": 7, "empty": {}, "holes": {"energy": 0.5, "decade": 1990}, "decade": {"decade": 1990},
              "texts": {name: str(value) for name, value in one.items()}, "nan": {**one, "energy": "nan", "tempo": "-inf"},
              "faulty": {**one, "energy": "loud", "key": 3.5, "mode": True, "decade": 1985},
              "beyond": {**one, "tempo": 1e6, "loudness": 99},
              "misspelt": {"enrgy": 0.5, **{name: one[name] for name in one if name != "energy"}}, "broken": '{"energy": 0.5,}',
              "python": '{"energy": NaN}', "utf8": b'{"energy": "\xff"}', "nothing": "", "large": " " * 300_000 + "{}"}
    routes = {"songs": "/songs/predict", "predict": "/v1/predict", "batch": "/v1/predict/batch",
              "near": "/v1/neighbours?count=2", "infer": infer, "mlflow": "/invocations"}
    for name, body in bodies.items():
        for route, path in routes.items():
            query = "?explain=maybe" if (name, route) == ("faulty", "predict") else ""
            ask(f"unusual-{name}-{route}", path + query, body)
    ask("media", "/v1/predict", json.dumps(one), "text/plain")
    ask("media-batch", "/v1/predict/batch", "<x/>", "application/xml")
    ask("query", "/v1/predict?explan=true&limit=5", one)
    ask("query-batch", "/v1/predict/batch?explain=true", [one])
    ask("query-near", "/v1/neighbours?count=0&same_decade=7", one)
    ask("method", "/v1/model", {})
