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

use super::options::GlobalArgs;
use super::print;
use super::settings::Settings;
use hitflop_core::error::{Error, Fault, Place, Reason};
use hitflop_serve::{
    app, serve as listen_and_serve, watch as watch_files, Config, JsonLines, LogWriter, ServedFiles, ServedModel,
    ServerLimits, Stamps, State, ACCESS,
};

/// The environment variable that holds the token.
const TOKEN: &str = "HITFLOP_TOKEN";

/// Answer over HTTP what a model says of tracks
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop serve --model models/hitflop.model\n  \
    hitflop serve --model models/hitflop.model --addr 127.0.0.1:9000 --allow-origin https://example.org\n  \
    HITFLOP_TOKEN=secret hitflop serve --model models/hitflop.model --addr 0.0.0.0:8000\n\n\
    Ask it:\n  \
    curl localhost:8000/v1/predict -H 'Content-Type: application/json' -d @track.json\n\n\
    track.json holds the audio features by name, as Spotify gives them, and the decade (\"decade\": 2010); /docs has an \
    example. What is missing is taken about as a middle value.\n\n\
    Once it is ready it writes its address on standard output, with --json as JSON beside the model's version.\n\
    /docs tells every route. With HITFLOP_TOKEN set, these need `Authorization: Bearer TOKEN`: /songs, /songs/predict, all \
    under /v1, /v2 and all under /v2/models, /invocations, /version and /metrics. The page at /, /docs and /openapi.json, and \
    the probes (/healthz, /readyz, /ping, /v2/health/live, /v2/health/ready) are open.\n\
    SIGTERM or Ctrl-C lets the requests in flight finish within --grace; a second one does not wait. A server that was told \
    to stop exits with 0, and its log warns if requests were broken off. SIGHUP reads the model again, as a change of its \
    file does; a file that is no good is logged, and the old model is served on.")]
pub struct ServeArgs {
    /// Model that `hitflop run` or `hitflop train` wrote. The known tracks (hitflop.tracks) and the card
    /// (MODEL_CARD.md) are looked for beside it
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Address to listen on, or a host's name, of which the first IPv4 address is taken if it has one; only this machine can
    /// reach the default one. Port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8000", value_parser = address)]
    addr: String,
    /// Name of the model in KServe's protocol [default: that of the file, without its ending]
    #[arg(long, value_name = "NAME")]
    model_name: Option<String>,
    /// Origin whose pages may ask, such as https://example.org, or * for all. May be given many times [default: none]
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Look for a changed model every so many seconds; 0 never looks
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = seconds_or_none)]
    watch: u64,
    /// Which requests are logged, as JSON on standard error
    #[arg(long, value_enum, value_name = "WHICH", default_value = "all")]
    access_log: AccessLog,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Which requests are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AccessLog {
    /// Every one
    All,
    /// None
    Off,
}

/// Bounds of the server.
#[derive(Args, Debug)]
#[command(next_help_heading = "Limits")]
struct LimitArgs {
    /// Most bytes of the body of a request for one track or a few
    #[arg(long, value_name = "BYTES", default_value_t = ServerLimits::default().body_bytes, value_parser = at_least_one)]
    max_body: usize,
    /// Most bytes of the body of a batch
    #[arg(long, value_name = "BYTES", default_value_t = ServerLimits::default().batch_bytes, value_parser = at_least_one)]
    max_batch_body: usize,
    /// Most bytes of all large bodies at a time
    #[arg(long, value_name = "BYTES", default_value_t = ServerLimits::default().bodies_bytes, value_parser = at_least_one)]
    max_bodies: usize,
    /// Most rows of a batch
    #[arg(long, value_name = "N", default_value_t = ServerLimits::default().rows, value_parser = at_least_one)]
    max_rows: usize,
    /// Most tracks of an envelope that are explained at a time, or told what would change the answer
    #[arg(long, value_name = "N", default_value_t = ServerLimits::default().explained, value_parser = at_least_one)]
    max_explained: usize,
    /// Most connections at a time; further ones wait
    #[arg(long, value_name = "N", default_value_t = ServerLimits::default().connections, value_parser = at_least_one)]
    max_connections: usize,
    /// Most batches, explanations and searches for neighbours at a time; more are answered by 503 and Retry-After
    #[arg(long, value_name = "N", default_value_t = ServerLimits::default().heavy, value_parser = at_least_one)]
    max_heavy: usize,
    /// Time in which the head of a request must have arrived, and that a connection may be idle
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = seconds)]
    header_timeout: u64,
    /// Time in which a body must have arrived
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = seconds)]
    body_timeout: u64,
    /// Time in which a client must take some of an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = seconds)]
    write_timeout: u64,
    /// Time that requests in flight get to finish once the server is told to stop
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = seconds_or_none)]
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
    let Some(settings) = Settings::resolve(&global, false, &[])? else { return Ok(()) };
    let config = config(&args)?;
    let log = log(&settings, args.access_log);
    let runtime = runtime(&settings)?;
    let served = runtime.block_on(serve(args, config, settings.json));
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
            let fault = Fault::new(Place::setting("allow-origin"), Reason::Setting, rule).found(text);
            Err(Error::input(fault).into())
        }
    }
}

/// JSON lines on standard error.
fn log(settings: &Settings, access: AccessLog) -> LogWriter {
    let (lines, writing) = hitflop_serve::LogLineMaker::start(io::stderr());
    let level = if settings.quiet { LevelFilter::ERROR } else { LevelFilter::INFO };
    let access = if access == AccessLog::All && !settings.quiet { LevelFilter::INFO } else { LevelFilter::OFF };
    let targets = Targets::new().with_default(Level::WARN).with_target("hitflop", level).with_target(ACCESS, access);
    let layer = fmt::layer().event_format(JsonLines).with_writer(lines).with_filter(targets);
    tracing_subscriber::registry().with(layer).init();
    writing
}

fn runtime(settings: &Settings) -> Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    if settings.threads > 0 {
        builder.worker_threads(settings.threads);
    }
    Ok(builder.enable_all().thread_name("hitflop-serve").build()?)
}

/// The address that is listened on: of several the first of version 4, as most clients take `localhost`.
async fn resolve(addr: &str) -> Result<SocketAddr> {
    let refused = |rule: String| {
        let fault = Fault::new(Place::setting("addr"), Reason::Setting, rule).found(addr);
        anyhow::Error::from(Error::input(fault))
    };
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
                "; another program listens there: stop it, or take another port with --addr (0: a free one)"
            }
            io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
            io::ErrorKind::PermissionDenied => "; ports below 1024 take more rights",
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
        warn!("anyone who reaches {addr} can use the service; set {TOKEN} to ask for a token");
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
    info!(%addr, version = loaded.version, known_tracks, token = has_token, "ready");
    let announced = match as_json {
        true => json!({ "command": "serve", "url": format!("http://{addr}"), "version": loaded.version }).to_string(),
        false => format!("http://{addr}"),
    };
    state.serve_model(loaded);
    print::text(&(announced + "\n"))?;
    let asked = Arc::new(Notify::new());
    let interval = (args.watch > 0).then(|| Duration::from_secs(args.watch));
    let watching = tokio::spawn(watch_files(Arc::clone(&state), files, seen, interval, Arc::clone(&asked)));
    signals.until_stopped(&asked).await;
    stop.send_replace(true);
    tokio::select! {
        finished = serving => finished?,
        () = signals.until_stopped(&asked) => warn!("told to stop again: what is in flight is broken off"),
    }
    watching.abort();
    Ok(())
}

/// The signals that the server obeys.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
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

    /// Waits for one to stop, and passes on those to read the model again.
    async fn until_stopped(&mut self, asked: &Notify) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => asked.notify_one(),
            }
        }
    }
}

/// The signals that the server obeys: Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Result<Signals> {
        Ok(Signals)
    }

    async fn until_stopped(&mut self, _: &Notify) {
        // Without a handler the system's own ends the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
