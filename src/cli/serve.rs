//! `hitflop serve`: a model as a REST service.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::http::HeaderValue;
use clap::{Args, ValueEnum};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{watch, Notify};
use tracing::{info, warn, Level};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt, Layer};

use super::print;
use super::settings::{invalid, GlobalArgs, ProgramOptions, Settings};
use hitflop_core::error::{Error, Fault, Place, Reason};
use hitflop_serve::{
    app, serve as listen_and_serve, watch as watch_files, Config, JsonLines, LogWriter, ServedFiles, ServedModel,
    ServerLimits, Stamps, State, ACCESS,
};

/// The environment variable that holds the token.
const TOKEN: &str = "HITFLOP_TOKEN";

/// Serve the predictions of a model over HTTP
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop serve --model models/hitflop.model\n  \
    hitflop serve --model models/hitflop.model --addr 127.0.0.1:9000 --allow-origin https://example.org\n  \
    HITFLOP_TOKEN=secret hitflop serve --model models/hitflop.model --addr 0.0.0.0:8000\n\n\
    A request:\n  \
    curl localhost:8000/v1/predict -H 'Content-Type: application/json' -d @track.json\n\n\
    track.json holds the audio features by name, as in Spotify's objects, and the decade (\"decade\": 2010); /docs has an \
    example. Any feature may be missing; the answer says how good the model is without it.\n\n\
    When the server is ready it prints its address to standard output; with --json, as JSON with the model's version.\n\
    /docs describes every route. If HITFLOP_TOKEN is set, these routes need `Authorization: Bearer TOKEN`: /songs, \
    /songs/predict, all under /v1, /v2 and all under /v2/models, /invocations, /version and /metrics. The page at /, /docs, \
    /openapi.json, and the probes (/healthz, /readyz, /ping, /v2/health/live, /v2/health/ready) are open.\n\
    After SIGTERM or Ctrl-C, requests in flight have the time of --grace to finish; a second signal ends them at once. The \
    exit code is 0, and the log warns of requests that were aborted. SIGHUP reloads the model, as a change of its file does; \
    an invalid file, or a model of another kind without --allow-model-change, is logged, and the previous model stays in service.")]
pub struct ServeArgs {
    /// Model file of `hitflop run` or `hitflop train`. The known tracks (hitflop.tracks) and the model card (MODEL_CARD.md) are
    /// read from the same directory, if they exist
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Address to listen on, or the name of a host, of which the first IPv4 address is preferred. The default is reachable from
    /// this machine only. Port 0 selects a free port
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8000", value_parser = address)]
    addr: String,
    /// Name of the model in KServe's protocol [default: the name of the file without its ending]
    #[arg(long, value_name = "NAME")]
    model_name: Option<String>,
    /// Origin whose pages may send requests, such as https://example.org, or * for all. Can be repeated [default: none]
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Load a changed model file although its model has other features, another label, or learned from simulated tracks instead of
    /// real ones. Without it, such a file is logged, and the previous model stays in service
    #[arg(long)]
    allow_model_change: bool,
    /// Interval of checks for a changed model file; 0 disables them
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = seconds_or_none)]
    watch: u64,
    /// Requests to log, as JSON lines on standard error
    #[arg(long, value_enum, value_name = "WHICH", default_value = "all")]
    access_log: AccessLog,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Which requests are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AccessLog {
    /// All requests
    All,
    /// No requests
    Off,
}

/// Bounds of the server.
#[derive(Args, Debug)]
#[command(next_help_heading = "Limits")]
struct LimitArgs {
    /// Maximum size of the body of a request for one or a few tracks
    #[arg(long, value_name = "BYTES", default_value_t = ServerLimits::default().body_bytes, value_parser = at_least_one)]
    max_body: usize,
    /// Maximum size of the body of a batch
    #[arg(long, value_name = "BYTES", default_value_t = ServerLimits::default().batch_bytes, value_parser = at_least_one)]
    max_batch_body: usize,
    /// Maximum total size of all large bodies at a time
    #[arg(long, value_name = "BYTES", default_value_t = ServerLimits::default().bodies_bytes, value_parser = at_least_one)]
    max_bodies: usize,
    /// Maximum total size of all large responses that are not sent yet; further ones get 503 and Retry-After
    #[arg(long, value_name = "BYTES", default_value_t = ServerLimits::default().answers_bytes, value_parser = at_least_one)]
    max_answers: usize,
    /// Maximum number of rows of a batch
    #[arg(long, value_name = "N", default_value_t = ServerLimits::default().rows, value_parser = at_least_one)]
    max_rows: usize,
    /// Maximum number of tracks of a request that are explained, or have alternatives computed
    #[arg(long, value_name = "N", default_value_t = ServerLimits::default().explained, value_parser = at_least_one)]
    max_explained: usize,
    /// Maximum number of connections; further ones wait
    #[arg(long, value_name = "N", default_value_t = ServerLimits::default().connections, value_parser = at_least_one)]
    max_connections: usize,
    /// Maximum number of batches, explanations and neighbour searches at a time; further ones get 503 and Retry-After
    #[arg(long, value_name = "N", default_value_t = ServerLimits::default().heavy, value_parser = at_least_one)]
    max_heavy: usize,
    /// Time limit for the arrival of a request's head, and for an idle connection
    #[arg(long, value_name = "SECONDS", default_value_t = ServerLimits::default().header_timeout.as_secs(), value_parser = seconds)]
    header_timeout: u64,
    /// Time limit for the arrival of a body
    #[arg(long, value_name = "SECONDS", default_value_t = ServerLimits::default().body_timeout.as_secs(), value_parser = seconds)]
    body_timeout: u64,
    /// Time that a client may fall behind in reading a response, at 32 KiB a second
    #[arg(long, value_name = "SECONDS", default_value_t = ServerLimits::default().write_timeout.as_secs(), value_parser = seconds)]
    write_timeout: u64,
    /// Time for requests in flight to finish after a stop signal
    #[arg(long, value_name = "SECONDS", default_value_t = ServerLimits::default().grace.as_secs(), value_parser = seconds_or_none)]
    grace: u64,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        // What a semaphore can count.
        Ok(number) if (1..=tokio::sync::Semaphore::MAX_PERMITS).contains(&number) => Ok(number),
        _ => Err("expected a whole number of at least 1".to_owned()),
    }
}

/// A time to wait.
fn seconds(text: &str) -> Result<u64, String> {
    in_seconds(text, 1)
}

/// A time to wait, or 0 for not at all.
fn seconds_or_none(text: &str) -> Result<u64, String> {
    in_seconds(text, 0)
}

fn in_seconds(text: &str, least: u64) -> Result<u64, String> {
    match text.parse() {
        Ok(seconds) if (least..=86_400).contains(&seconds) => Ok(seconds),
        _ => Err(format!("expected a whole number of seconds from {least} to 86400")),
    }
}

impl From<&LimitArgs> for ServerLimits {
    fn from(args: &LimitArgs) -> ServerLimits {
        ServerLimits {
            body_bytes: args.max_body,
            batch_bytes: args.max_batch_body,
            bodies_bytes: args.max_bodies,
            answers_bytes: args.max_answers,
            rows: args.max_rows,
            explained: args.max_explained,
            header_timeout: Duration::from_secs(args.header_timeout),
            body_timeout: Duration::from_secs(args.body_timeout),
            write_timeout: Duration::from_secs(args.write_timeout),
            connections: args.max_connections,
            heavy: args.max_heavy,
            grace: Duration::from_secs(args.grace),
        }
    }
}

/// A host and a port; which host that is shows when it is listened on.
fn address(text: &str) -> Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(text.to_owned()),
        _ => Err("expected ADDRESS:PORT, such as 127.0.0.1:8000, [::1]:8000 or localhost:8000".to_owned()),
    }
}

pub fn execute(global: GlobalArgs, args: ServeArgs) -> Result<()> {
    let Settings { program, .. } = Settings::resolve(global, &[])?;
    let config = config(&args)?;
    let log = log(&program, args.access_log);
    let runtime = runtime(&program)?;
    let served = runtime.block_on(serve(args, config, program.json));
    // What is still being worked on had its time; to drop the runtime would wait for it.
    runtime.shutdown_background();
    drop(log);
    served
}

fn config(args: &ServeArgs) -> Result<Config> {
    Ok(Config {
        limits: ServerLimits::from(&args.limits),
        model_name: match &args.model_name {
            Some(name) => name.clone(),
            None => args.model.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        },
        token: token()?,
        allow_model_change: args.allow_model_change,
        allow_origins: args.allow_origin.iter().map(|origin| self::origin(origin)).collect::<Result<_>>()?,
    })
}

fn token() -> Result<Option<String>> {
    match std::env::var(TOKEN) {
        Ok(token) if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            let rule = "expected at least one character, and none but printable ASCII without spaces";
            Err(Error::input(Fault::new(Place::Variable(TOKEN.to_owned()), Reason::Setting, rule)).into())
        }
        Ok(token) => Ok(Some(token)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Error::input(Fault::new(
            Place::Variable(TOKEN.to_owned()),
            Reason::Setting,
            "expected printable ASCII",
        ))
        .into()),
    }
}

/// As a browser sends it: scheme and host, no path.
fn origin(text: &str) -> Result<HeaderValue> {
    let host = text.strip_prefix("https://").or(text.strip_prefix("http://"));
    let is_good = text == "*" || host.is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', '*']));
    match HeaderValue::from_str(text) {
        Ok(value) if is_good => Ok(value),
        _ => {
            let rule = "expected an origin such as https://example.org, without a path, or *";
            Err(invalid("allow-origin", rule, Some(text.to_owned())))
        }
    }
}

/// JSON lines on standard error.
fn log(program: &ProgramOptions, access: AccessLog) -> LogWriter {
    let (lines, writing) = hitflop_serve::LogLineMaker::start(io::stderr());
    let level = if program.quiet { LevelFilter::ERROR } else { LevelFilter::INFO };
    let access = if access == AccessLog::All && !program.quiet { LevelFilter::INFO } else { LevelFilter::OFF };
    let targets = Targets::new().with_default(Level::WARN).with_target("hitflop", level).with_target(ACCESS, access);
    let layer = fmt::layer().event_format(JsonLines).with_writer(lines).with_filter(targets);
    tracing_subscriber::registry().with(layer).init();
    writing
}

fn runtime(program: &ProgramOptions) -> Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    if program.threads > 0 {
        builder.worker_threads(program.threads);
    }
    Ok(builder.enable_all().thread_name("hitflop-serve").build()?)
}

/// The address that is listened on: of several the first of version 4, as most clients take `localhost`.
async fn resolve(addr: &str) -> Result<SocketAddr> {
    let refused = |rule: String| invalid("addr", rule, Some(addr.to_owned()));
    let found = tokio::net::lookup_host(addr).await;
    let found = found.map_err(|error| refused(format!("expected an address or the name of a host ({error})")))?;
    // Of equals the first is taken.
    found
        .min_by_key(SocketAddr::is_ipv6)
        .ok_or_else(|| refused("expected the name of a host with an address".to_owned()))
}

async fn listen(addr: &str) -> Result<TcpListener> {
    let addr = resolve(addr).await?;
    TcpListener::bind(addr).await.map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "; another program listens there: stop it, or set another port with --addr (0: a free port)"
            }
            io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
            io::ErrorKind::PermissionDenied => "; ports below 1024 need more rights",
            _ => "",
        };
        anyhow::Error::from(error).context(format!("cannot listen on {addr}{hint}"))
    })
}

async fn serve(args: ServeArgs, config: Config, as_json: bool) -> Result<()> {
    let mut signals = Signals::new()?;
    let listener = listen(&args.addr).await?;
    let addr = listener.local_addr()?;
    let has_token = config.token.is_some();
    if !addr.ip().is_loopback() && !has_token {
        warn!("anyone who reaches {addr} can use the service; set {TOKEN} to require a token");
    }
    let state = State::new(config);
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(listen_and_serve(listener, app(Arc::clone(&state)), Arc::clone(&state), stopped));
    // Probes are answered while the model is read.
    let files = ServedFiles::beside(&args.model);
    let seen = Stamps::of(&files);
    let loaded = {
        let files = files.clone();
        tokio::task::spawn_blocking(move || ServedModel::read(&files)).await?
    };
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            // Nothing was served yet that would have to finish.
            serving.abort();
            return Err(error.into());
        }
    };
    let known_tracks = loaded.neighbours.as_ref().map(|it| it.len());
    let (run_id, simulated) = (loaded.run_id(), loaded.simulated());
    info!(%addr, version = loaded.version, run_id, simulated, known_tracks, token = has_token, "ready");
    if let Some(notice) = loaded.notice() {
        warn!(version = loaded.version, notice, "the model learned from simulated tracks");
    }
    let announced = match as_json {
        true => json!({ "command": "serve", "url": format!("http://{addr}"), "version": loaded.version, "model_simulated": simulated }).to_string(),
        false => format!("http://{addr}"),
    };
    state.serve_model(loaded);
    print::text((announced + "\n").as_bytes())?;
    let reload_signal = Arc::new(Notify::new());
    let interval = (args.watch > 0).then(|| Duration::from_secs(args.watch));
    let watching = tokio::spawn(watch_files(Arc::clone(&state), files, seen, interval, Arc::clone(&reload_signal)));
    signals.until_stopped(&reload_signal).await;
    stop.send_replace(true);
    tokio::select! {
        finished = serving => finished?,
        () = signals.until_stopped(&reload_signal) => warn!("second stop signal: requests in flight are aborted"),
    }
    watching.abort();
    Ok(())
}

/// The signals that the server obeys; where there are no others, Ctrl-C.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on they are caught.
    fn new() -> Result<Signals> {
        use tokio::signal::unix::{signal, SignalKind};
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for a signal to stop, and passes on those to reload the model.
    async fn until_stopped(&mut self, reload: &Notify) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => reload.notify_one(),
            }
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn new() -> Result<Signals> {
        Ok(Signals {})
    }

    async fn until_stopped(&mut self, _: &Notify) {
        // Without a handler the system's own ends the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
