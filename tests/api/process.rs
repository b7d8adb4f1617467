//! The server as a process: how it starts and ends, takes over a changed model, and stands bad clients.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hitflop_serve::FeatureRow;
use serde_json::{json, Value};

use crate::fixture::{model, models, track, track_with};
use crate::live::{post, Server};

/// A directory with a copy of a model, to be changed.
fn place(name: &str) -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().expect("a temporary directory");
    let file = place.path().join("hitflop.model");
    fs::copy(model(name), &file).expect("a copy");
    (place, file)
}

/// As a program that replaces a file whole does.
fn replace(file: &Path, bytes: &[u8]) {
    let other = file.with_extension("new");
    fs::write(&other, bytes).expect("written");
    fs::rename(other, file).expect("renamed");
}

fn version(server: &Server) -> String {
    let (status, body) = server.get("/v1/model");
    assert_eq!(status, 200);
    serde_json::from_str::<Value>(&body).expect("JSON")["version"].as_str().expect("a version").to_owned()
}

/// Asks until the answer is right, or too long.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_cannot_be_served_is_refused_at_once() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let run = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("hitflop").expect("the program is built");
        let output = command.current_dir(place.path()).args(arguments).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, message) = run(&["serve", "--model", "absent.model", "--addr", "127.0.0.1:0"]);
    assert_eq!(code, Some(2), "{message}");
    assert!(message.contains("error: absent.model: no such file"), "{message}");
    assert!(!message.contains("finishing the requests in flight"), "nothing was: {message}");
    fs::write(place.path().join("bad.model"), "no model").expect("written");
    let (code, message) = run(&["serve", "--model", "bad.model", "--addr", "127.0.0.1:0"]);
    assert_eq!(code, Some(2), "{message}");
    let file = model("boosting");
    let file = file.to_str().expect("text");
    for (flags, rule) in [
        (&["--allow-origin", "https://example.org/page"][..], "expected an origin such as"),
        (&["--max-rows", "0"], "expected a whole number of at least 1"),
        (&["--addr", "localhost"], "expected ADDRESS:PORT"),
        (&["--addr", "no.such.host.invalid:80"], "expected an address or the name of a host"),
    ] {
        let (code, message) = run(&[&["serve", "--model", file], flags].concat());
        assert_eq!(code, Some(2), "{message}");
        assert!(message.contains(rule), "{message}");
    }
    // The port is taken.
    let server = Server::start(&model("boosting"), &[]);
    let (code, message) = run(&["serve", "--model", file, "--addr", &server.addr.to_string()]);
    assert_eq!(code, Some(1), "{message}");
    assert!(message.contains("error: cannot listen on 127.0.0.1:"), "{message}");
    assert!(message.contains("another program listens there"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_signal_lets_what_is_in_flight_finish() {
    let server = Server::start(&model("boosting"), &[]);
    let body = track_with(json!({})).to_string();
    let mut idle = server.connect();
    idle.send(&post("/songs/predict", &body));
    let expected = idle.answer().expect("an answer");
    let mut in_flight = server.connect();
    let request = post("/songs/predict", &body);
    let (first, rest) = request.split_at(request.len() - 10);
    in_flight.send(first);
    // The head has arrived once the server answers another that came after it.
    until("the request is in flight", || server.get("/metrics").1.contains("hitflop_requests_in_flight 2"));
    server.signal("TERM");
    assert_eq!(idle.answer(), None, "an idle connection is closed");
    in_flight.send(rest);
    assert_eq!(in_flight.answer(), Some(expected));
    let (status, log) = server.wait();
    assert!(status.success());
    assert!(log.iter().any(|line| line["message"] == "finishing the requests in flight"), "{log:?}");
}

#[cfg(unix)]
#[test]
fn what_does_not_finish_in_time_is_broken_off() {
    let server = Server::start(&model("boosting"), &["--grace", "1"]);
    let mut in_flight = server.connect();
    in_flight.send("POST /songs/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
    until("the request is in flight", || server.get("/metrics").1.contains("hitflop_requests_in_flight 2"));
    server.signal("TERM");
    let (status, log) = server.wait();
    assert!(status.success());
    let message = "some requests did not finish in time and are aborted";
    assert!(log.iter().any(|line| line["message"] == message), "{log:?}");
}

#[cfg(unix)]
#[test]
fn a_second_signal_does_not_wait() {
    let server = Server::start(&model("boosting"), &[]);
    let mut in_flight = server.connect();
    in_flight.send("POST /songs/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
    until("the request is in flight", || server.get("/metrics").1.contains("hitflop_requests_in_flight 2"));
    let started = Instant::now();
    server.signal("TERM");
    std::thread::sleep(Duration::from_millis(200));
    server.signal("TERM");
    let (status, log) = server.wait();
    assert!(status.success() && started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    let message = "second stop signal: requests in flight are aborted";
    assert!(log.iter().any(|line| line["message"] == message), "{log:?}");
}

#[test]
fn a_host_is_found_by_its_name_and_the_start_says_whether_a_token_is_required() {
    let mut open = Server::start(&model("boosting"), &["--addr", "localhost:0"]);
    assert!(open.addr.ip().is_loopback());
    assert_eq!(open.get("/readyz").0, 200);
    assert_eq!(open.logged("ready")["token"], false);
    let mut closed = Server::start_with(&model("boosting"), &[], &[("HITFLOP_TOKEN", "secret")]);
    assert_eq!(closed.logged("ready")["token"], true);
}

#[test]
fn the_address_is_announced_as_json_if_that_is_requested() {
    let server = Server::start(&model("boosting"), &["--json"]);
    assert_eq!(server.get("/readyz").0, 200);
    assert_eq!(server.announced["command"], "serve");
    assert_eq!(server.announced["version"], version(&server));
}

/// Explanations of thousands of tracks take far longer than the grace time, and nothing breaks off a thread.
#[cfg(unix)]
#[test]
fn work_that_takes_long_does_not_hold_the_end() {
    let server =
        Server::start(&model("forest"), &["--grace", "1", "--max-explained", "10000", "--max-body", "9999999"]);
    let tracks: Vec<Value> = (0..10_000).map(|number| Value::Object(track(number % 800))).collect();
    let mut client = server.connect();
    client.send(&post("/v1/predict?explain=true&what_if=true", &json!({ "audio_features": tracks }).to_string()));
    until("the request is in flight", || server.get("/metrics").1.contains("hitflop_requests_in_flight 2"));
    // It is worked on once its body has been read.
    std::thread::sleep(Duration::from_millis(500));
    server.signal("TERM");
    let started = Instant::now();
    let (status, log) = server.wait();
    assert!(status.success());
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let message = "some requests did not finish in time and are aborted";
    assert!(log.iter().any(|line| line["message"] == message), "{log:?}");
}

#[cfg(unix)]
#[test]
fn a_changed_model_is_taken_over_and_a_bad_one_is_not() {
    let (_place, file) = place("boosting");
    let mut server = Server::start(&file, &["--watch", "0", "--access-log", "off"]);
    let first = version(&server);
    replace(&file, &fs::read(model("forest")).expect("a model"));
    server.signal("HUP");
    server.logged("serving the model");
    let second = version(&server);
    assert_ne!(first, second);
    let body = track_with(json!({})).to_string();
    let answer = server.post("/v1/predict", &body);
    replace(&file, b"no model");
    server.signal("HUP");
    let line = server.logged("the changed model file is invalid; the previous model stays in service");
    assert!(line["error"].as_str().is_some_and(|error| error.contains("expected a model of this program")), "{line}");
    assert_eq!(version(&server), second);
    assert_eq!(server.post("/v1/predict", &body), answer);
    fs::remove_file(&file).expect("removed");
    server.signal("HUP");
    server.logged("the changed model file is invalid; the previous model stays in service");
    assert_eq!(version(&server), second);
    assert!(server.get("/metrics").1.contains("hitflop_model_reloads_total{outcome=\"refused\"} 2"));
}

/// The other model has fewer features, so that clients' requests may mean something else.
#[cfg(unix)]
#[test]
fn a_model_of_another_kind_is_served_only_if_that_is_allowed() {
    for flags in [&["--watch", "0"][..], &["--watch", "0", "--allow-model-change"]] {
        let (_place, file) = place("boosting");
        let mut server = Server::start(&file, flags);
        let first = version(&server);
        replace(&file, &fs::read(model("notebook")).expect("a model"));
        server.signal("HUP");
        let is_allowed = flags.len() == 3;
        let line = match is_allowed {
            true => server.logged("serving the model"),
            false => server.logged("the changed model is of another kind; the previous model stays in service"),
        };
        assert!(line["changes"].as_str().is_some_and(|changes| changes.starts_with("features ")), "{line}");
        let scores = line["scores"].as_str().unwrap_or_default();
        assert!(scores.contains("ROC AUC 0.") && scores.contains(" to 0."), "{line}");
        assert_eq!(line["previous"], first, "{line}");
        assert!(line["run_id"] != line["previous_run_id"] && line["run_id"].is_string(), "{line}");
        assert_eq!(version(&server) != first, is_allowed);
    }
}

#[test]
fn a_changed_file_is_seen_without_a_signal() {
    let (_place, file) = place("boosting");
    let server = Server::start(&file, &["--watch", "1"]);
    let first = version(&server);
    replace(&file, &fs::read(model("forest")).expect("a model"));
    until("the changed model is served", || version(&server) != first);
}

/// Every answer is that of the one model or of the other, whole.
#[cfg(unix)]
#[test]
fn requests_during_a_reload_see_one_model() {
    let (_place, file) = place("boosting");
    let server = Server::start(&file, &["--watch", "0", "--access-log", "off"]);
    let body = track_with(json!({})).to_string();
    let models = [fs::read(model("boosting")).expect("a model"), fs::read(model("forest")).expect("a model")];
    let mut expected = Vec::new();
    for bytes in models.iter().rev() {
        expected.push(server.post("/v1/predict", &body));
        let before = version(&server);
        replace(&file, bytes);
        server.signal("HUP");
        until("the other model is served", || version(&server) != before);
    }
    let mut client = server.connect();
    let mut seen = [0, 0];
    for round in 0..400 {
        if round % 20 == 0 {
            replace(&file, &models[round / 20 % 2]);
            server.signal("HUP");
        }
        client.send(&post("/v1/predict", &body));
        let answer = client.answer().expect("an answer");
        let which = expected.iter().position(|expected| *expected == answer).expect("the answer of one of both");
        seen[which] += 1;
    }
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}

#[test]
fn requests_are_logged_without_their_bodies() {
    let mut server = Server::start(&model("boosting"), &[]);
    server.post("/songs/predict?x=1", &track_with(json!({ "comment": "private" })).to_string());
    let line = server.logged("request");
    assert_eq!(line["method"], "POST");
    assert_eq!(line["path"], "/songs/predict");
    assert_eq!(line["status"], 200);
    assert!(line["milliseconds"].as_f64().is_some_and(|took| took > 0.0), "{line}");
    assert!(line["id"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
    assert!(line["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.1:")), "{line}");
    assert!(!line.to_string().contains("private"));
}

#[test]
fn too_much_at_once_is_reported_to_come_again() {
    let server = Server::start(&model("forest"), &["--max-heavy", "1", "--access-log", "off"]);
    let rows: Vec<Value> = (0..10_000).map(|number| Value::Object(track(number % 800))).collect();
    let batch = post("/v1/predict/batch", &json!(rows).to_string());
    let mut clients: Vec<_> = (0..6).map(|_| server.connect()).collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asking: Vec<_> = clients
            .iter_mut()
            .map(|client| {
                scope.spawn(|| {
                    client.send(&batch);
                    client.answer().expect("an answer").0
                })
            })
            .collect();
        asking.into_iter().map(|asking| asking.join().expect("asked")).collect()
    });
    assert!(statuses.contains(&200) && statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert_eq!(server.post("/v1/predict/batch", "[{\"energy\": 0.5}]").0, 200);
}

/// Many clients that send their heads, or their bodies, drop by drop, and never enough.
#[test]
fn slow_clients_are_given_up_and_hold_no_memory() {
    let flags = ["--header-timeout", "1", "--body-timeout", "1", "--max-connections", "300", "--access-log", "off"];
    let server = Server::start(&model("boosting"), &flags);
    let body = track_with(json!({})).to_string();
    let expected = server.post("/v1/predict", &body);
    let before = server.memory();
    let mut slow: Vec<_> = (0..200).map(|_| server.connect()).collect();
    for (index, client) in slow.iter_mut().enumerate() {
        client.send(match index % 2 {
            0 => "POST /v1/predict HTTP/1.1\r\nHost: x\r\n",
            _ => "POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n",
        });
    }
    for _ in 0..10 {
        for (index, client) in slow.iter_mut().enumerate() {
            client.try_send(if index % 2 == 0 { "X-Slow: 1\r\n" } else { "          " });
        }
        assert_eq!(server.post("/v1/predict", &body), expected, "others are served meanwhile");
        std::thread::sleep(Duration::from_millis(50));
    }
    for client in &mut slow {
        let status = client.answer().map(|(status, _)| status);
        // One that still sends when it is hung up on may lose the answer.
        assert!([None, Some(408)].contains(&status), "{status:?}");
    }
    let mut silent = server.connect();
    silent.send("POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{");
    assert_eq!(silent.answer(), Some((408, r#"{"detail":"The body did not arrive in time"}"#.to_owned())));
    until("all slow connections are closed", || server.get("/metrics").1.contains("hitflop_connections 1\n"));
    assert_eq!(server.post("/v1/predict", &body), expected);
    if let (Some(before), Some(after)) = (before, server.memory()) {
        assert!(after - before < 50.0, "{before} MiB became {after} MiB");
    }
}

/// More clients than connections, each with large bodies, all at once.
#[test]
fn a_flood_is_survived_in_bounded_memory() {
    let flags = ["--max-connections", "32", "--max-bodies", "8388608", "--max-heavy", "2", "--access-log", "off"];
    let server = Server::start(&model("boosting"), &flags);
    let body = track_with(json!({})).to_string();
    let expected = server.post("/v1/predict", &body);
    let before = server.memory();
    let junk = format!("[{}{{\"energy\": \"loud\"}}]", "{\"energy\": [[[]]]},".repeat(9_000));
    let large = post("/v1/predict/batch", &format!("{}{}", " ".repeat(2 << 20), junk));
    let most = std::sync::Mutex::new(0.0_f64);
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let mut client = server.connect();
                    if client.try_send(&large) {
                        if let Some((status, _)) = client.answer() {
                            assert!([200, 503].contains(&status), "{status}");
                        }
                    }
                    let memory = server.memory().unwrap_or_default();
                    let mut most = most.lock().expect("no test has panicked");
                    *most = most.max(memory);
                }
            });
        }
    });
    assert_eq!(server.post("/v1/predict", &body), expected);
    if let Some(before) = before {
        let most = *most.lock().expect("no test has panicked");
        assert!(most - before < 200.0, "{before} MiB became {most} MiB");
    }
}

/// All checks of schemathesis on the server's own document. `SCHEMATHESIS` names the program if it is not on the path.
#[test]
fn the_openapi_document_is_kept_to() {
    let schemathesis = std::env::var("SCHEMATHESIS").unwrap_or_else(|_| "schemathesis".to_owned());
    let is_there = std::process::Command::new(&schemathesis).arg("--version").output().is_ok();
    if !is_there {
        // Past the test harness, which would hide it.
        let _ = writeln!(std::io::stderr(), "the_openapi_document_is_kept_to: skipped, schemathesis is not installed");
        return;
    }
    let run = std::process::Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis.sh"))
        .arg(assert_cmd::cargo::cargo_bin("hitflop"))
        .arg(model("boosting"))
        .output()
        .expect("bash is there");
    let message = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{message}{}", String::from_utf8_lossy(&run.stderr));
}

/// The in-process fixture and the process are served from the same file.
#[test]
fn the_process_answers_as_the_library() {
    let server = Server::start(&model("notebook"), &[]);
    assert!(models().join("notebook/hitflop.tracks").is_file());
    let bytes = fs::read(model("notebook")).expect("a model");
    let loaded = hitflop_serve::ServedModel::from_bytes("model", &bytes).expect("a model");
    for number in 0..20 {
        let track = track(number);
        let mut row: FeatureRow = [f64::NAN; 16];
        for (value, feature) in row.iter_mut().zip(hitflop_core::track::Feature::ALL) {
            *value = track[feature.name()].as_f64().expect("a number");
        }
        let expected = loaded.score(&row).expect("a score");
        let (_, answer) = server.post("/v1/predict", &Value::Object(track).to_string());
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!(answer["probability"].as_f64(), Some(expected.probability));
    }
}
