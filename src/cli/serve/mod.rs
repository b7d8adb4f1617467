//! `hitflop serve`: a model as a REST service.

mod address;
pub mod options;
mod resources;
mod signals;
mod variables;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{watch, Notify};
use tracing::{info, warn, Level};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt, Layer};

use self::address::{ListenAddress, ListenFlags};
use self::options::{AccessLog, LimitArgs, ServeOptions, ServiceArgs};
use self::signals::Signals;
use super::flags::{usual_model, Flags};
use super::print;
use super::settings::{invalid, GlobalArgs, ProgramOptions, Settings};
use hitflop_core::error::{Error, Fault, Place, Reason};
use hitflop_serve::{
    app, serve as listen_and_serve, watch as watch_files, Config, JsonLines, LogWriter, ServedFiles, ServedModel,
    Stamps, State, ACCESS,
};

/// The environment variable that holds the token.
const TOKEN: &str = "HITFLOP_TOKEN";

/// Serve the predictions of a model over HTTP
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop serve\n  \
    hitflop serve --model models/hitflop.model --port 9000 --allow-origin https://example.org\n  \
    HITFLOP_TOKEN=secret hitflop serve --model models/hitflop.model --host 0.0.0.0 --allow-host example.org\n\n\
    Every flag can also be set by a variable of the environment, such as HITFLOP_MODEL and HITFLOP_MAX_BODY, or in the section \
    [serve] of hitflop.toml, as model and max-body. Flags take precedence over the environment, and the environment over the file. \
    --print-config prints the settings that are used. The token is set by HITFLOP_TOKEN only.\n\n\
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
    #[command(flatten)]
    service: ServiceArgs,
    #[command(flatten)]
    listen: ListenFlags,
    #[command(flatten)]
    limits: LimitArgs,
}

impl Flags for ServeArgs {
    fn apply(&self, settings: &mut Settings) {
        let groups: [&dyn Flags; 3] = [&self.service, &self.listen, &self.limits];
        groups.iter().for_each(|group| group.apply(settings));
    }
}

pub fn execute(global: GlobalArgs, args: ServeArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[&args])? else { return Ok(()) };
    let model = &settings.serve.model.clone().map_or_else(|| usual_model(&settings), Ok)?;
    let Settings { program, serve: options, .. } = &settings;
    let config = config(options, model)?;
    resources::check(program, model)?;
    let log = log(program, options.access_log)?;
    let runtime = resources::runtime(program, options.max_heavy)?;
    let served = runtime.block_on(serve(options, model, config, program.json));
    // What is still being worked on had its time; to drop the runtime would wait for it.
    runtime.shutdown_background();
    drop(log);
    served
}

fn config(options: &ServeOptions, model: &Path) -> Result<Config> {
    Ok(Config {
        limits: options.limits(),
        model_name: match &options.model_name {
            Some(name) => name.clone(),
            None => model.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        },
        token: token()?,
        allow_model_change: options.allow_model_change,
        allow_origins: options.origins()?,
        allow_hosts: options.hosts()?,
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

/// JSON lines on standard error.
fn log(program: &ProgramOptions, access: AccessLog) -> Result<LogWriter> {
    let (lines, writing) = hitflop_serve::LogLineMaker::start(io::stderr())?;
    let level = if program.quiet { LevelFilter::ERROR } else { LevelFilter::INFO };
    let access = if access == AccessLog::All && !program.quiet { LevelFilter::INFO } else { LevelFilter::OFF };
    let targets = Targets::new().with_default(Level::WARN).with_target("hitflop", level).with_target(ACCESS, access);
    let layer = fmt::layer().event_format(JsonLines).with_writer(lines).with_filter(targets);
    tracing_subscriber::registry().with(layer).init();
    Ok(writing)
}

/// The address that is listened on: of several the first of version 4, as most clients take `localhost`.
async fn resolve(addr: &ListenAddress) -> Result<SocketAddr> {
    let refused = |rule: String| invalid("addr", rule, Some(addr.to_string()));
    let found = tokio::net::lookup_host((addr.host.as_str(), addr.port)).await;
    let found = found.map_err(|error| refused(format!("expected an address or the name of a host ({error})")))?;
    // Of equals the first is taken.
    found
        .min_by_key(SocketAddr::is_ipv6)
        .ok_or_else(|| refused("expected the name of a host with an address".to_owned()))
}

async fn listen(addr: &ListenAddress) -> Result<TcpListener> {
    let addr = resolve(addr).await?;
    TcpListener::bind(addr).await.map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "; another program listens there: stop it, or set another port with --port (0: a free port)"
            }
            io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
            io::ErrorKind::PermissionDenied => "; ports below 1024 need more rights",
            _ => "",
        };
        anyhow::Error::from(error).context(format!("cannot listen on {addr}{hint}"))
    })
}

async fn serve(options: &ServeOptions, model: &Path, config: Config, as_json: bool) -> Result<()> {
    let mut signals = Signals::new()?;
    let listener = listen(&options.listen).await?;
    let addr = listener.local_addr()?;
    let has_token = config.token.is_some();
    if !addr.ip().is_loopback() && !has_token {
        warn!("anyone who reaches {addr} can use the service; set {TOKEN} to require a token");
    }
    variables::warn_of_unknown();
    resources::warn_of_few_files(options.max_connections);
    let state = State::new(config);
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(listen_and_serve(listener, app(Arc::clone(&state)), Arc::clone(&state), stopped));
    // Probes are answered while the model is read.
    let files = ServedFiles::beside(model);
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
    let interval = (options.watch > 0).then(|| Duration::from_secs(options.watch));
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
