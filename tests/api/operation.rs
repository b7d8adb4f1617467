//! What an operator sets and sees: settings, hosts, metrics, limits of the system.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use hitflop_serve::{AllowedHost, Config, ServerLimits};
use serde_json::{json, Value};

use crate::fixture::{model, service, track, track_with, Service};
use crate::live::{post, Server};

/// The program without the variables of this process that are settings.
fn hitflop(place: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("hitflop"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HITFLOP_")) {
        command.env_remove(name);
    }
    command.current_dir(place).envs(variables.iter().copied()).args(arguments).output().expect("it runs")
}

/// The settings that the program prints.
fn printed(place: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let output = hitflop(place, variables, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn settings_come_from_flags_then_the_environment_then_the_file() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let file = "threads = 3\n[serve]\naddr = \"0.0.0.0:1\"\nmax-rows = 5\nmax-heavy = 3\nallow-host = [\"a.test\"]\nmodel = \"x\"\n";
    fs::write(place.path().join("hitflop.toml"), file).expect("written");
    let serve = |variables: &[(&str, &str)], flags: &[&str]| {
        printed(place.path(), variables, &[&["serve", "--print-config"], flags].concat())
    };
    let has = |text: &str, line: &str| assert!(text.lines().any(|found| found == line), "no {line} in\n{text}");
    let of_file = serve(&[], &[]);
    for line in [
        "threads = 3",
        "addr = \"0.0.0.0:1\"",
        "max-rows = 5",
        "allow-host = [\"a.test\"]",
        "model = \"x\"",
        "grace = 10",
    ] {
        has(&of_file, line);
    }
    let variables = [
        ("HITFLOP_MAX_ROWS", "7"),
        ("HITFLOP_PORT", "9000"),
        ("HITFLOP_ALLOW_HOST", "b.test,[::1]:8000"),
        ("HITFLOP_THREADS", "2"),
        ("HITFLOP_TOKEN", "topsecret"),
    ];
    let of_environment = serve(&variables, &[]);
    for line in [
        "max-rows = 7",
        "addr = \"0.0.0.0:9000\"",
        "allow-host = [\"b.test\", \"[::1]:8000\"]",
        "threads = 2",
        "max-heavy = 3",
    ] {
        has(&of_environment, line);
    }
    assert!(!of_environment.contains("topsecret"));
    let of_flags =
        serve(&variables, &["--max-rows", "8", "--host", "::1", "--allow-host", "c.test", "--allow-host", "d.test"]);
    for line in ["max-rows = 8", "addr = \"[::1]:9000\"", "allow-host = [\"c.test\", \"d.test\"]"] {
        has(&of_flags, line);
    }
    // The address of a flag is whole, whatever the port of the environment.
    has(&serve(&variables, &["--addr", "127.0.0.1:80"]), "addr = \"127.0.0.1:80\"");
    has(&serve(&variables, &["--addr", "127.0.0.1:80", "--port", "81"]), "addr = \"127.0.0.1:81\"");
    // As Kubernetes sets it.
    has(&serve(&[("HITFLOP_PORT", "tcp://10.0.0.1:80")], &[]), "addr = \"0.0.0.0:1\"");
    let other = place.path().join("other.toml");
    fs::write(&other, "[serve]\nwatch = 9\n").expect("written");
    has(&serve(&[("HITFLOP_CONFIG", other.to_str().expect("text"))], &[]), "watch = 9");
    // What is printed is a file of the same settings.
    fs::write(&other, &of_flags).expect("written");
    assert_eq!(serve(&[("HITFLOP_CONFIG", other.to_str().expect("text"))], &[]), of_flags);
}

#[test]
fn wrong_settings_are_refused_wherever_they_are() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let refused = |variables: &[(&str, &str)], flags: &[&str], rule: &str| {
        let output = hitflop(place.path(), variables, &[&["serve", "--print-config"], flags].concat());
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(rule), "no {rule:?} in {message}");
    };
    refused(&[("HITFLOP_MAX_ROWS", "0")], &[], "--max-rows: expected a whole number of at least 1, found \"0\"");
    refused(&[("HITFLOP_MAX_ROWS", "many")], &[], "invalid value 'many' for '--max-rows <N>'");
    refused(&[], &["--body-timeout", "0"], "--body-timeout: expected a whole number of seconds from 1 to 86400");
    refused(&[], &["--allow-host", "http://a.test"], "--allow-host: expected a host with or without a port");
    refused(&[], &["--port", "70000"], "expected a number from 0 to 65535");
    refused(&[], &["--host", "a.test:80"], "expected an address or the name of a host");
    let file = place.path().join("hitflop.toml");
    for (text, rule) in [
        ("[serve]\nmax-row = 1\n", "unknown field `max-row`"),
        ("[serve]\nmax-rows = \"x\"\n", "invalid type"),
        ("[serve]\nwatch = 100000\n", "--watch: expected a whole number of seconds from 0 to 86400"),
        ("[serve]\naddr = \"localhost\"\n", "expected ADDRESS:PORT"),
        ("[serve]\ntoken = \"secret\"\n", "unknown field `token`"),
        ("max-rows = 1\n", "unknown field `max-rows`"),
    ] {
        fs::write(&file, text).expect("written");
        refused(&[], &[], rule);
    }
    fs::write(&file, "").expect("written");
    let output = hitflop(place.path(), &[], &["serve"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr)
        .contains("--model: is needed, because there is no models/hitflop.model"));
}

#[test]
fn every_command_prints_its_settings() {
    let place = tempfile::tempdir().expect("a temporary directory");
    fs::write(place.path().join("hitflop.toml"), "seed = 9\n").expect("written");
    let expected = printed(place.path(), &[], &["run", "--print-config"]);
    assert!(expected.contains("seed = 9") && expected.contains("[serve]"), "{expected}");
    let tables = ["--model", "x.model", "--input", "x.csv"];
    for command in [
        &["ingest"][..],
        &["explore"],
        &["train"],
        &["tune"],
        &["evaluate"],
        &["serve"],
        &["sample"],
        &["sample", "--out", "x"],
        &["profile"],
        &["model", "show"],
        &["export"],
        &["completions"],
        &["completions", "bash"],
        &["predict"],
        &["explain"],
        &[&["predict"], &tables[..]].concat(),
        &[&["explain"], &tables[..]].concat(),
    ] {
        assert_eq!(printed(place.path(), &[], &[command, &["--print-config"]].concat()), expected, "{command:?}");
        assert_eq!(fs::read_dir(place.path()).expect("a directory").count(), 1, "{command:?} has written something");
    }
}

#[tokio::test]
async fn a_request_for_another_host_is_refused() {
    let allow_hosts = ["hits.test", "127.0.0.1:8000"].map(|host| AllowedHost::parse(host).expect("a host")).to_vec();
    let service = service("boosting", Config { allow_hosts, token: Some("secret".to_owned()), ..Config::default() });
    let get = |path: &str, host: Option<&str>| {
        let request = host.map_or(Request::get(path), |host| Request::get(path).header("host", host));
        request.body(Body::empty()).expect("a request")
    };
    for host in ["hits.test", "HITS.test:80", "127.0.0.1:8000"] {
        assert_eq!(service.call(get("/healthz", Some(host))).await.status, StatusCode::OK, "{host}");
        assert_eq!(service.call(get("/v1/model", Some(host))).await.status, StatusCode::UNAUTHORIZED, "{host}");
    }
    for host in [Some("evil.test"), Some("127.0.0.1"), Some("hits.test.evil.test"), Some(""), None] {
        for path in
            ["/healthz", "/readyz", "/metrics", "/", "/page/page.js", "/docs/", "/v1/model", "/none", "/openapi.json"]
        {
            let refused = service.call(get(path, host)).await;
            assert_eq!(refused.status, StatusCode::MISDIRECTED_REQUEST, "{path} {host:?}");
            assert_eq!(refused.json(), json!({ "detail": "The host of the request is not served here" }));
        }
        let refused = service.call(get("/v2/health/live", host)).await;
        assert_eq!(refused.status, StatusCode::MISDIRECTED_REQUEST);
        assert_eq!(refused.json()["error"], "The host of the request is not served here");
    }
    let document = service.call(get("/openapi.json", Some("hits.test"))).await.good();
    assert!(document["paths"]["/healthz"]["get"]["responses"]["421"].is_object());
}

#[test]
fn a_server_without_the_host_of_a_request_refuses_it() {
    let server = Server::start(&model("boosting"), &["--allow-host", "x", "--access-log", "off"]);
    assert_eq!(server.get("/readyz").0, 200);
    for head in ["Host: y\r\n", "", "Host: x\r\nHost: x\r\n", "Host: x y\r\n"] {
        let mut client = server.connect();
        client.send(&format!("GET /readyz HTTP/1.1\r\n{head}\r\n"));
        let status = client.answer().map(|(status, _)| status);
        assert!([Some(421), Some(400)].contains(&status), "{head:?}: {status:?}");
    }
    let mut client = server.connect();
    client.send("GET http://y/readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.answer().map(|(status, _)| status), Some(421));
}

/// The value of a metric.
fn value(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in\n{text}")).parse().expect("a number")
}

async fn metrics(service: &Service) -> String {
    let answer = service.get("/metrics").await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.text
}

#[tokio::test]
async fn predictions_by_every_route_are_measured() {
    let service = service("boosting", Config::default());
    let text = metrics(&service).await;
    assert_eq!(value(&text, "hitflop_predicted_probability_count"), 0.0);
    assert_eq!(value(&text, "hitflop_window_tracks"), 0.0);
    // Two values are missing and one is in percent in each.
    let odd = track_with(json!({ "energy": 73.5, "tempo": null, "valence": null }));
    for path in ["/v1/predict", "/v1/predict/batch", "/invocations"] {
        let body = match path {
            "/v1/predict" => odd.clone(),
            "/v1/predict/batch" => json!([odd]),
            _ => json!({ "instances": [odd] }),
        };
        service.post_json(path, &body).await.good();
    }
    service.post_json("/songs/predict", &track_with(json!({ "energy": 73.5 }))).await.good();
    let one = |name: &str, value: Value| json!({ "name": name, "shape": [1], "datatype": "FP64", "data": [value] });
    let tensors = json!({ "inputs": [one("energy", json!(73.5)), one("decade", json!(1950))] });
    service.post_json("/v2/models/hitflop/infer", &tensors).await.good();
    let text = metrics(&service).await;
    assert_eq!(value(&text, "hitflop_predicted_probability_count"), 5.0);
    let labelled =
        ["hit", "flop"].map(|label| value(&text, &format!("hitflop_predictions_total{{label=\"{label}\"}}")));
    assert_eq!(labelled.iter().sum::<f64>(), 5.0);
    let missing = |feature: &str| value(&text, &format!("hitflop_missing_values_total{{feature=\"{feature}\"}}"));
    assert_eq!(["tempo", "valence", "key", "energy"].map(missing), [4.0, 4.0, 1.0, 0.0]);
    let outside = |feature: &str, range: &str| {
        value(&text, &format!("hitflop_out_of_range_values_total{{feature=\"{feature}\",range=\"{range}\"}}"))
    };
    // A value outside both ranges counts for the documented one.
    assert_eq!(["training", "documented"].map(|range| outside("energy", range)), [0.0, 5.0]);
    assert_eq!(["training", "documented"].map(|range| outside("decade", range)), [1.0, 0.0]);
    assert_eq!(outside("danceability", "training"), 0.0);
}

#[tokio::test]
async fn the_last_tracks_are_compared_with_training() {
    let of_training: Vec<Value> = (0..800).map(|number| Value::Object(track(number))).collect();
    let louder = |track: &Value| {
        let mut track = track.clone();
        track["energy"] = json!(track["energy"].as_f64().expect("a number") / 100.0);
        track
    };
    let changed: Vec<Value> = of_training.iter().map(louder).collect();
    for (tracks, level_of_energy) in [(&of_training, 0.0), (&changed, 2.0)] {
        let service = service("boosting", Config::default());
        let hits = service.post_json("/v1/predict/batch", &json!(tracks)).await.good();
        let hits = hits.as_array().expect("answers").iter().filter(|answer| answer["label"] == "hit").count();
        let text = metrics(&service).await;
        let of = |metric: &str, feature: &str| value(&text, &format!("hitflop_{metric}{{feature=\"{feature}\"}}"));
        assert_eq!(value(&text, "hitflop_window_tracks"), 800.0);
        assert_eq!(value(&text, "hitflop_window_hit_ratio"), hits as f64 / 800.0);
        assert!((0.4..0.6).contains(&value(&text, "hitflop_training_hit_ratio")));
        assert_eq!(of("drift_level", "energy"), level_of_energy);
        assert_eq!(of("drift_psi", "energy") > 0.25, level_of_energy > 0.0);
        assert_eq!(of("drift_level", "danceability"), 0.0);
        assert!(of("drift_psi", "danceability") < 0.1);
    }
}

#[test]
fn a_process_measures_itself_and_its_watcher() {
    let server = Server::start(&model("boosting"), &["--access-log", "off"]);
    let text = server.get("/metrics").1;
    let resident = value(&text, "process_resident_memory_bytes");
    let expected = server.memory().expect("a system with /proc") * 1024.0 * 1024.0;
    assert!((resident / expected - 1.0).abs() < 0.5, "{resident}, {expected}");
    assert!(value(&text, "process_cpu_seconds_total") >= 0.0);
    assert!(value(&text, "process_open_fds") >= 5.0 && value(&text, "process_threads") >= 3.0);
    assert_eq!(value(&text, "hitflop_model_watcher_up"), 1.0);
    assert_eq!(value(&text, "hitflop_model_reloads_total{outcome=\"refused\"}"), 0.0);
    let described: Value = serde_json::from_str(&server.get("/v1/model").1).expect("JSON");
    assert_eq!(described["watched"], true);
}

/// As root no limit of processes holds, so another user tries it.
#[cfg(unix)]
#[test]
fn limits_of_the_system_that_are_too_low_are_errors() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let place = tempfile::tempdir().expect("a temporary directory");
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("set");
    let file = place.path().join("hitflop.model");
    fs::copy(model("boosting"), &file).expect("a copy");
    let program = place.path().join("hitflop");
    fs::hard_link(assert_cmd::cargo::cargo_bin("hitflop"), &program)
        .or_else(|_| fs::copy(assert_cmd::cargo::cargo_bin("hitflop"), &program).map(drop))
        .expect("a copy");
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    for (limit, rule) in [
        ("ulimit -u 3", "raise the limit of processes (ulimit -u"),
        ("ulimit -u 9", "raise the limit of processes (ulimit -u"),
        ("ulimit -n 16", "raise the limit of open files (ulimit -n)"),
        ("ulimit -v 150000", "ulimit -v"),
    ] {
        let mut command = Command::new("bash");
        command
            .args(["-c", &format!("{limit} && exec \"$0\" serve --threads 4 --port 0 --model \"$1\"")])
            .args([&program, &file])
            .current_dir(place.path());
        if is_root {
            command.uid(65534).gid(65534);
        }
        let started = Instant::now();
        let output = command.output().expect("bash is there");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{limit}: {:?} {message}", output.status);
        assert!(message.contains("error: ") && message.contains(rule), "{limit}: {message}");
        assert!(!message.contains("panicked"), "{limit}: {message}");
        assert!(started.elapsed() < Duration::from_secs(20), "{limit}: {:?}", started.elapsed());
    }
}

/// At the maximum, connections without a request make room, and those with one do not.
#[test]
fn idle_connections_keep_no_client_out() {
    let server = Server::start(&model("boosting"), &["--max-connections", "8", "--access-log", "off"]);
    let body = track_with(json!({})).to_string();
    let request = post("/v1/predict", &body);
    let (first, rest) = request.split_at(request.len() - 10);
    let mut busy: Vec<_> = (0..4).map(|_| server.connect()).collect();
    busy.iter_mut().for_each(|client| client.send(first));
    let mut idle: Vec<_> = (0..12).map(|_| server.connect()).collect();
    // Of half of them there is the beginning of a head.
    idle.iter_mut().step_by(2).for_each(|client| client.send("GET /readyz HTTP/1.1\r\nHo"));
    let started = Instant::now();
    let expected = server.post("/v1/predict", &body);
    assert_eq!(expected.0, 200);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    for client in &mut busy {
        client.send(rest);
        assert_eq!(client.answer().as_ref(), Some(&expected), "a request in flight is answered");
    }
    assert!(value(&server.get("/metrics").1, "hitflop_connections_evicted_total") >= 1.0);
}

/// More bodies that do not come than connections are allowed.
#[test]
fn slow_bodies_keep_no_client_out() {
    let server = Server::start(&model("boosting"), &["--max-connections", "4", "--access-log", "off"]);
    let body = track_with(json!({})).to_string();
    let request = post("/v1/predict", &body);
    let beginning = &request[..request.len() - 10];
    let mut slow: Vec<_> = (0..4).map(|_| server.connect()).collect();
    slow.iter_mut().for_each(|client| client.send(beginning));
    // A body has ten seconds to arrive; two if others wait.
    let started = Instant::now();
    assert_eq!(server.post("/v1/predict", &body).0, 200);
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    assert!(value(&server.get("/metrics").1, "hitflop_connections_evicted_total") >= 1.0);
}

/// A small body that is large once it is inflated is refused as the large one.
#[tokio::test]
async fn limits_of_a_compressed_body_are_those_of_the_body() {
    use std::io::Write;
    let limits = ServerLimits { batch_bytes: 10_000, ..ServerLimits::default() };
    let service = service("boosting", Config { limits, ..Config::default() });
    let gzip = |text: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    };
    let body = json!({ "inputs": [{ "name": "energy", "shape": [1], "datatype": "FP64", "data": [0.5] }] }).to_string();
    let infer = |coding: &str, bytes: Vec<u8>| {
        let request = Request::post("/v2/models/hitflop/infer").header("content-encoding", coding);
        service.call(request.body(Body::from(bytes)).expect("a request"))
    };
    let plain = service.post("/v2/models/hitflop/infer", "application/json", body.clone()).await.good();
    assert_eq!(infer("gzip", gzip(body.as_bytes())).await.good(), plain);
    let bomb = format!("{}{body}", " ".repeat(1 << 20));
    assert_eq!(infer("gzip", gzip(bomb.as_bytes())).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(infer("gzip", body.clone().into_bytes()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = infer("br", body.into_bytes()).await;
    assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(refused.headers["accept-encoding"], "gzip, deflate, identity");
}
