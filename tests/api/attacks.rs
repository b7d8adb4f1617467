//! One client against the service: memory is bounded by a multiple of the body and the rows, time by a multiple of that of a good
//! body, and both end when the client leaves.

use std::time::{Duration, Instant};

use serde_json::{json, Value};

use crate::fixture::{model, track};
use crate::live::{post, post_as, Server};

/// Memory of a request, as `docs/API.md` states it: a multiple of the body, and so much for each row of a batch.
const BODY_FACTOR: f64 = 12.0;
const BYTES_PER_ROW: f64 = 4096.0;
/// Buffers, stacks of threads and what the allocator keeps.
const SLACK_MIB: f64 = 24.0;
const MIB: f64 = 1024.0 * 1024.0;

const BATCH: &str = "/v1/predict/batch";
const MLFLOW: &str = "/invocations";
const KSERVE: &str = "/v2/models/hitflop/infer";
const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";
const CSV: &str = "text/csv";

/// `count` times `element`, separated by commas.
fn list(element: &str, count: usize) -> String {
    let mut text = format!("{element},").repeat(count);
    text.pop();
    text
}

/// `count` different names of `of`, separated by `between`.
fn names(count: usize, between: &str, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect::<Vec<_>>().join(between)
}

/// Bodies of about 4 MiB that no good client sends, each with its route, its type and the statuses that answer it.
fn hostile_bodies() -> Vec<(&'static str, &'static str, String, &'static [u16])> {
    const REFUSED: &[u16] = &[413, 422];
    const EITHER: &[u16] = &[200, 413, 422];
    let zeros = list("0", 2 << 20);
    let lists = list("[]", 1 << 20);
    let objects = list("{}", 1 << 20);
    let text = format!("\"{}\"", "x".repeat(4 << 20));
    let deep = format!("{}{}", "[".repeat(120), "]".repeat(120));
    let deep = list(&deep, 16_000);
    let many_names = names(300_000, ",", |at| format!("\"name{at}\":0"));
    let mut bodies = Vec::new();
    for (what, statuses) in
        [(&zeros, REFUSED), (&lists, REFUSED), (&objects, REFUSED), (&text, EITHER), (&deep, REFUSED)]
    {
        bodies.push((BATCH, JSON, format!("[{what}]"), EITHER));
        bodies.push((BATCH, JSON, format!("[[{what}]]"), EITHER));
        bodies.push((BATCH, JSON, format!("[{{\"energy\":[{what}]}}]"), EITHER));
        bodies.push((BATCH, JSON, format!("{{\"content\":[{what}]}}"), EITHER));
        bodies.push((BATCH, JSON, format!("{{\"x\":[{what}]}}"), statuses));
        bodies.push((BATCH, LINES, format!("[{what}]"), EITHER));
        bodies.push((BATCH, LINES, format!("{{\"energy\":0.5,\"x\":[{what}]}}"), EITHER));
        for form in ["inputs", "instances", "dataframe_records"] {
            bodies.push((MLFLOW, JSON, format!("{{\"{form}\":[{what}]}}"), statuses));
            bodies.push((MLFLOW, JSON, format!("{{\"{form}\":[[{what}]]}}"), statuses));
            bodies.push((MLFLOW, JSON, format!("{{\"{form}\":[{{\"energy\":[{what}]}}]}}"), statuses));
        }
        bodies.push((MLFLOW, JSON, format!("{{\"inputs\":{{\"energy\":[{what}]}}}}"), statuses));
        bodies.push((MLFLOW, JSON, format!("{{\"dataframe_split\":[{what}]}}"), statuses));
        bodies.push((
            MLFLOW,
            JSON,
            format!("{{\"dataframe_split\":{{\"columns\":[{what}],\"data\":[[1]]}}}}"),
            statuses,
        ));
        for columns in ["\"columns\":[\"energy\"],\"data\":[[WHAT]]", "\"data\":[[WHAT]],\"columns\":[\"energy\"]"] {
            let table = columns.replace("WHAT", what);
            bodies.push((MLFLOW, JSON, format!("{{\"dataframe_split\":{{{table}}}}}"), statuses));
        }
        bodies.push((KSERVE, JSON, format!("{{\"inputs\":[{what}]}}"), statuses));
        bodies.push((KSERVE, JSON, format!("{{\"outputs\":[{what}],\"inputs\":[]}}"), statuses));
        for member in ["shape", "data", "name", "datatype"] {
            bodies.push((KSERVE, JSON, format!("{{\"inputs\":[{{\"{member}\":[{what}]}}]}}"), statuses));
        }
    }
    let record = format!("{{{many_names}}}");
    for (route, body) in [
        (BATCH, format!("[{record}]")),
        (BATCH, record.clone()),
        (MLFLOW, format!("{{\"dataframe_records\":[{record}]}}")),
        (MLFLOW, format!("{{\"inputs\":{record}}}")),
        (MLFLOW, record.clone()),
        (KSERVE, record),
    ] {
        bodies.push((route, JSON, body, REFUSED));
    }
    let columns = names(300_000, ",", |at| format!("\"enrgy{at}\""));
    bodies.push((MLFLOW, JSON, format!("{{\"dataframe_split\":{{\"columns\":[{columns}],\"data\":[]}}}}"), REFUSED));
    for route in [BATCH, MLFLOW] {
        bodies.push((route, CSV, format!("{}\n1\n", list("Energy", 600_000)), REFUSED));
        bodies.push((route, CSV, format!("energy\n0.5{}\n", ",".repeat(4 << 20)), REFUSED));
        bodies.push((route, CSV, format!("energy\n{}\n", "\"a\nb\",".repeat(600_000)), EITHER));
        bodies.push((route, CSV, format!("{}\n", "\"\n".repeat(1 << 20)), REFUSED));
    }
    bodies
}

/// Each body on a server of its own, since the system knows only the highest peak of a process.
#[test]
fn no_body_takes_more_memory_than_a_multiple_of_its_size() {
    let mut bodies = hostile_bodies().into_iter();
    // Two at a time, as starting a server takes longer than most bodies.
    let bodies = std::sync::Mutex::new(&mut bodies);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| loop {
                let next = bodies.lock().expect("no test has panicked").next();
                let Some((route, media, body, statuses)) = next else { return };
                let server = Server::start(&model("boosting"), &["--access-log", "off"]);
                let Some(before) = server.peak_memory() else { return };
                let started = Instant::now();
                let mut client = server.connect();
                client.send(&post_as(route, media, &body));
                let (status, answer) = client.answer().expect("an answer");
                let took = started.elapsed();
                let what = format!("{route} {media} {}…", &body[..60]);
                assert!(statuses.contains(&status), "{status} for {what}: {}", &answer[..answer.len().min(300)]);
                let peak = server.peak_memory().expect("it was told before") - before;
                let most = BODY_FACTOR * body.len() as f64 / MIB + SLACK_MIB;
                assert!(peak < most, "{peak} MiB, at most {most} MiB for {what}");
                assert!(took < Duration::from_secs(5), "{took:?} for {what}");
                assert!(answer.len() < 8 << 20, "{} bytes for {what}", answer.len());
            });
        }
    });
}

/// Rows whose answers are much longer than themselves, and rows with as many faults as there are features.
#[test]
fn no_row_takes_more_memory_than_is_stated() {
    let nothing_known = list("{\"key\":1}", 10_000);
    let misspelt = names(10_000, ",", |_| {
        format!("{{\"key\":1,{}}}", names(16, ",", |at| format!("\"enrgy{}\":1", "y".repeat(at % 3))))
    });
    let faulty = names(10_000, ",", |_| {
        let fields: Vec<String> = track(7).keys().map(|name| format!("\"{name}\":[]")).collect();
        format!("{{{}}}", fields.join(","))
    });
    let unknown = names(10_000, ",", |_| format!("{{\"key\":1,{}}}", names(64, ",", |at| format!("\"n{at}\":1"))));
    for rows in [nothing_known, misspelt, faulty, unknown] {
        for (media, body) in [(JSON, format!("[{rows}]")), (LINES, rows.replace("},{", "}\n{"))] {
            let server = Server::start(&model("boosting"), &["--access-log", "off"]);
            let Some(before) = server.peak_memory() else { return };
            let mut client = server.connect();
            client.send(&post_as(BATCH, media, &body));
            let (status, _) = client.answer().expect("an answer");
            assert_eq!(status, 200, "{}…", &body[..60]);
            let peak = server.peak_memory().expect("it was told before") - before;
            let most = (BODY_FACTOR * body.len() as f64 + BYTES_PER_ROW * 10_000.0) / MIB + SLACK_MIB;
            assert!(peak < most, "{peak} MiB, at most {most} MiB for {}…", &body[..60]);
        }
    }
}

/// The time of the fastest of three.
fn fastest(server: &Server, route: &str, media: &str, body: &str) -> Duration {
    let request = post_as(route, media, body);
    let once = |_| {
        let mut client = server.connect();
        let started = Instant::now();
        client.send(&request);
        client.answer().expect("an answer");
        started.elapsed()
    };
    (0..3).map(once).min().expect("three")
}

#[test]
fn no_names_take_longer_than_a_good_body_of_their_size() {
    let server = Server::start(&model("boosting"), &["--access-log", "off"]);
    let good: Vec<Value> = (0..10_000).map(|number| Value::Object(track(number % 800))).collect();
    let good = json!(good).to_string();
    // What takes time that grows with the square takes minutes; a short bound would only measure what else the machine does.
    let normal = fastest(&server, BATCH, JSON, &good).max(Duration::from_millis(150));
    let rows = |fields: &str| list(&format!("{{\"energy\":0.5,{fields}}}"), 10_000);
    let unknown = names(64, ",", |at| format!("\"column {at} energi\":1"));
    let header = names(100_000, ",", |at| format!("energi{at}"));
    let columns = names(200_000, ",", |at| format!("\"energi{at}\""));
    let energy = |number: usize| -> String {
        let letter = |(at, it): (usize, char)| if number >> at & 1 == 1 { it } else { it.to_ascii_uppercase() };
        "energy".chars().enumerate().map(letter).collect()
    };
    let alike = names(60, ",", energy);
    let table = names(1_000, ",", |at| format!("energi{at}"));
    for (route, media, body) in [
        (BATCH, JSON, format!("[{}]", rows(&unknown))),
        (BATCH, LINES, rows(&unknown).replace("},{", "}\n{")),
        (MLFLOW, JSON, format!("{{\"dataframe_records\":[{}]}}", rows(&unknown))),
        (BATCH, CSV, format!("energy,{table}\n{}", format!("0.5,{}\n", ",".repeat(999)).repeat(2_000))),
        // Every column may be the same feature.
        (BATCH, CSV, format!("{alike}\n{}", format!("{}0.5\n", "0.5,".repeat(59)).repeat(10_000))),
        (BATCH, JSON, format!("[{}]", rows(&names(60, ",", |at| format!("\"{}\":0.5", energy(at)))))),
        (BATCH, CSV, format!("{header}\n")),
        (MLFLOW, CSV, format!("{header}\n")),
        (MLFLOW, JSON, format!("{{\"dataframe_split\":{{\"columns\":[{columns}],\"data\":[]}}}}")),
        (
            KSERVE,
            JSON,
            format!("{{\"inputs\":[{}]}}", names(100_000, ",", |at| format!("{{\"name\":\"energi{at}\"}}"))),
        ),
    ] {
        let took = fastest(&server, route, media, &body);
        let most = normal.mul_f64(10.0 * (body.len() as f64 / good.len() as f64).max(1.0));
        assert!(took < most, "{took:?}, at most {most:?} for {route} {media} {}…", &body[..60]);
    }
}

#[test]
fn an_output_is_answered_once_however_often_it_is_requested() {
    let server = Server::start(&model("boosting"), &["--access-log", "off"]);
    let input = json!({ "name": "energy", "shape": [1000], "datatype": "FP64", "data": vec![0.5; 1000] });
    let body = |outputs: Value| json!({ "inputs": [input], "outputs": outputs }).to_string();
    let once = server.post(KSERVE, &body(json!([{ "name": "predict_proba" }])));
    let often = server.post(KSERVE, &body(json!(vec![json!({ "name": "predict_proba" }); 4_000])));
    assert_eq!(often, once);
    let both =
        server.post(KSERVE, &body(json!([{ "name": "predict" }, { "name": "predict_proba" }, { "name": "predict" }])));
    let answer: Value = serde_json::from_str(&both.1).expect("JSON");
    let names: Vec<&Value> =
        answer["outputs"].as_array().expect("outputs").iter().map(|output| &output["name"]).collect();
    assert_eq!(names, ["predict", "predict_proba"]);
}

/// Many connections that ask for long answers and read none of them.
#[test]
fn answers_that_nobody_reads_are_bounded() {
    const ROOM: usize = 16 << 20;
    let flags = ["--max-answers", "16777216", "--write-timeout", "8", "--access-log", "off"];
    let server = Server::start(&model("boosting"), &flags);
    let Some(before) = server.peak_memory() else { return };
    // An answer of 12 MB: the operating system takes a third of it at most.
    let batch = post(BATCH, &format!("[{}]", list("{\"key\":1}", 5_500)));
    let good = json!(track(7)).to_string();
    let expected = server.post("/v1/predict", &good);
    let mut unread: Vec<_> = (0..100).map(|_| server.connect()).collect();
    for client in &mut unread {
        client.send(&batch);
    }
    // The room is used up: others are told so at once, and small answers need none.
    let started = Instant::now();
    let mut is_refused = false;
    while !is_refused && started.elapsed() < Duration::from_secs(60) {
        let mut client = server.connect();
        client.send(&batch);
        is_refused = client.status().expect("an answer") == 503;
        unread.push(client);
        assert_eq!(server.post("/v1/predict", &good), expected);
    }
    assert!(is_refused, "there was always room");
    let peak = server.peak_memory().expect("it was told before") - before;
    let most = 3.0 * ROOM as f64 / MIB + 2.0 * SLACK_MIB;
    assert!(peak < most, "{peak} MiB, at most {most} MiB");
    // They are closed, and there is room again.
    let started = Instant::now();
    while server.post(BATCH, &format!("[{}]", list("{\"key\":1}", 5_500))).0 != 200 {
        assert!(started.elapsed() < Duration::from_secs(30), "no room again");
        std::thread::sleep(Duration::from_millis(100));
    }
    while !server.get("/metrics").1.contains("hitflop_connections 1\n") {
        assert!(started.elapsed() < Duration::from_secs(30), "slow readers are not closed");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// An answer that has no room whatever the others do is refused as such.
#[test]
fn an_answer_that_is_too_large_is_refused() {
    let server = Server::start(&model("boosting"), &["--max-answers", "100000", "--access-log", "off"]);
    let (status, message) = server.post(BATCH, &format!("[{}]", list("{\"key\":1}", 2_000)));
    assert_eq!(status, 413, "{message}");
    assert!(
        message.contains("The answer is too large, at most 100000 bytes are allowed; send fewer rows"),
        "{message}"
    );
    assert_eq!(server.post(BATCH, &format!("[{}]", list("{\"key\":1}", 20))).0, 200);
}

/// Explanations of many tracks take minutes; when the client has left there is room for others at once.
#[test]
fn work_ends_when_the_client_leaves() {
    let flags = ["--max-heavy", "1", "--max-explained", "10000", "--max-body", "9999999", "--access-log", "off"];
    let server = Server::start(&model("forest"), &flags);
    let tracks: Vec<Value> = (0..10_000).map(|number| Value::Object(track(number % 800))).collect();
    let long = post("/v1/predict?explain=true&what_if=true", &json!({ "audio_features": tracks }).to_string());
    let short = "[{\"energy\": 0.5}]";
    let mut client = server.connect();
    client.send(&long);
    let started = Instant::now();
    while !server.get("/metrics").1.contains("hitflop_requests_in_flight 2") {
        assert!(started.elapsed() < Duration::from_secs(30), "the request never began");
    }
    // It is worked on once its body has been read; a short one in between would take its place.
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(server.post(BATCH, short).0, 503);
    drop(client);
    let started = Instant::now();
    while server.post(BATCH, short).0 != 200 {
        assert!(started.elapsed() < Duration::from_secs(5), "the work goes on");
        std::thread::sleep(Duration::from_millis(10));
    }
}
