//! Flags of `serve`. Each is also a variable of the environment (`HITFLOP_MAX_BODY`) and a setting of the section `[serve]` of
//! `hitflop.toml` (`max-body`).

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use axum::http::HeaderValue;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::address::{host, ListenAddress, ListenPort};
use crate::cli::flags::{flags, Flags};
use crate::cli::settings::{invalid, Settings};
use hitflop_serve::{AllowedHost, ServerLimits};

/// Which requests are logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessLog {
    /// All requests
    #[default]
    All,
    /// No requests
    Off,
}

/// Settings of `serve`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ServeOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<PathBuf>,
    #[serde(rename = "addr")]
    pub listen: ListenAddress,
    /// What one source says of the address, until [`ServeOptions::use_address`].
    #[serde(skip)]
    pub addr: Option<ListenAddress>,
    #[serde(skip)]
    pub host: Option<String>,
    #[serde(skip)]
    pub port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_name: Option<String>,
    pub allow_origin: Vec<String>,
    pub allow_host: Vec<String>,
    pub allow_model_change: bool,
    pub watch: u64,
    pub access_log: AccessLog,
    pub max_body: usize,
    pub max_batch_body: usize,
    pub max_bodies: usize,
    pub max_answers: usize,
    pub max_rows: usize,
    pub max_explained: usize,
    pub max_connections: usize,
    pub max_heavy: usize,
    pub header_timeout: u64,
    pub body_timeout: u64,
    pub write_timeout: u64,
    pub grace: u64,
}

impl Default for ServeOptions {
    fn default() -> ServeOptions {
        let limits = ServerLimits::default();
        ServeOptions {
            model: None,
            listen: ListenAddress::default(),
            addr: None,
            host: None,
            port: None,
            model_name: None,
            allow_origin: Vec::new(),
            allow_host: Vec::new(),
            allow_model_change: false,
            watch: 2,
            access_log: AccessLog::default(),
            max_body: limits.body_bytes,
            max_batch_body: limits.batch_bytes,
            max_bodies: limits.bodies_bytes,
            max_answers: limits.answers_bytes,
            max_rows: limits.rows,
            max_explained: limits.explained,
            max_connections: limits.connections,
            max_heavy: limits.heavy,
            header_timeout: limits.header_timeout.as_secs(),
            body_timeout: limits.body_timeout.as_secs(),
            write_timeout: limits.write_timeout.as_secs(),
            grace: limits.grace.as_secs(),
        }
    }
}

impl ServeOptions {
    /// Uses what one source says of the address: the whole, then its parts.
    pub fn use_address(&mut self) {
        self.listen = self.addr.take().unwrap_or(std::mem::take(&mut self.listen));
        self.listen.host = self.host.take().unwrap_or(std::mem::take(&mut self.listen.host));
        self.listen.port = self.port.take().unwrap_or(self.listen.port);
    }

    /// Checks every value.
    ///
    /// # Errors
    /// A value is outside its range.
    pub fn check(&self) -> Result<()> {
        for (name, number) in [
            ("max-body", self.max_body),
            ("max-batch-body", self.max_batch_body),
            ("max-bodies", self.max_bodies),
            ("max-answers", self.max_answers),
            ("max-rows", self.max_rows),
            ("max-explained", self.max_explained),
            ("max-connections", self.max_connections),
            ("max-heavy", self.max_heavy),
        ] {
            // What a semaphore can count.
            if !(1..=tokio::sync::Semaphore::MAX_PERMITS).contains(&number) {
                return Err(invalid(name, "expected a whole number of at least 1", Some(number.to_string())));
            }
        }
        for (name, seconds, least) in [
            ("watch", self.watch, 0),
            ("header-timeout", self.header_timeout, 1),
            ("body-timeout", self.body_timeout, 1),
            ("write-timeout", self.write_timeout, 1),
            ("grace", self.grace, 0),
        ] {
            if !(least..=86_400).contains(&seconds) {
                let rule = format!("expected a whole number of seconds from {least} to 86400");
                return Err(invalid(name, rule, Some(seconds.to_string())));
            }
        }
        self.origins()?;
        self.hosts().map(drop)
    }

    pub fn limits(&self) -> ServerLimits {
        ServerLimits {
            body_bytes: self.max_body,
            batch_bytes: self.max_batch_body,
            bodies_bytes: self.max_bodies,
            answers_bytes: self.max_answers,
            rows: self.max_rows,
            explained: self.max_explained,
            header_timeout: Duration::from_secs(self.header_timeout),
            body_timeout: Duration::from_secs(self.body_timeout),
            write_timeout: Duration::from_secs(self.write_timeout),
            connections: self.max_connections,
            heavy: self.max_heavy,
            grace: Duration::from_secs(self.grace),
        }
    }

    /// The origins whose pages may send requests.
    pub fn origins(&self) -> Result<Vec<HeaderValue>> {
        self.allow_origin.iter().map(|text| origin(text)).collect()
    }

    /// The hosts that requests may name; none are all.
    pub fn hosts(&self) -> Result<Vec<AllowedHost>> {
        let host = |text: &String| {
            AllowedHost::parse(text).ok_or_else(|| {
                let rule = "expected a host with or without a port, such as example.org, 10.0.0.7:8000 or [::1]";
                invalid("allow-host", rule, Some(text.clone()))
            })
        };
        self.allow_host.iter().map(host).collect()
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

flags! {
    /// The section `[serve]`.
    struct ServeSection {}

    struct ListenArgs => serve {
        /// Address to listen on, or the name of a host, of which the first IPv4 address is preferred. The default is reachable from
        /// this machine only. Port 0 selects a free port [default: 127.0.0.1:8000]
        #[arg(long, env = "HITFLOP_ADDR", hide_env = true, value_name = "ADDRESS:PORT")]
        addr: ListenAddress,
        /// Host part of `--addr`: an address, or the name of a host [default: that of --addr]
        #[arg(long, env = "HITFLOP_HOST", hide_env = true, value_name = "ADDRESS", value_parser = host)]
        host: String,
        /// Port part of `--addr` [default: that of --addr]
        #[arg(long, env = "HITFLOP_PORT", hide_env = true, value_name = "PORT")]
        port: ListenPort,
    }

    struct ServiceArgs => serve {
        /// Model file of `hitflop run` or `hitflop train`. The known tracks (hitflop.tracks) and the model card (MODEL_CARD.md) are
        /// read from the same directory, if they exist [default: hitflop.model in the directory of models]
        #[arg(long, env = "HITFLOP_MODEL", hide_env = true, value_name = "FILE")]
        model: PathBuf,
        /// Name of the model in KServe's protocol [default: the name of the file without its ending]
        #[arg(long, env = "HITFLOP_MODEL_NAME", hide_env = true, value_name = "NAME")]
        model_name: String,
        /// Origin whose pages may send requests, such as https://example.org, or * for all. Can be repeated, or several separated by
        /// commas [default: none]
        #[arg(long, env = "HITFLOP_ALLOW_ORIGIN", hide_env = true, value_name = "ORIGIN", value_delimiter = ',')]
        allow_origin: Vec<String>,
        /// Host that requests may name (`Host`), with a port or, without one, of any port. Other requests are refused with 421, health
        /// probes included. Can be repeated, or several separated by commas [default: all]
        #[arg(long, env = "HITFLOP_ALLOW_HOST", hide_env = true, value_name = "HOST[:PORT]", value_delimiter = ',')]
        allow_host: Vec<String>,
        /// Load a changed model file although its model has other features, another label, or learned from simulated tracks instead of
        /// real ones. Without it, such a file is logged, and the previous model stays in service
        #[arg(long, env = "HITFLOP_ALLOW_MODEL_CHANGE", hide_env = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
        allow_model_change: bool,
        /// Interval of checks for a changed model file; 0 disables them [default: 2]
        #[arg(long, env = "HITFLOP_WATCH", hide_env = true, value_name = "SECONDS")]
        watch: u64,
        /// Requests to log, as JSON lines on standard error [default: all]
        #[arg(long, env = "HITFLOP_ACCESS_LOG", hide_env = true, value_enum, value_name = "WHICH")]
        access_log: AccessLog,
    }

    #[command(next_help_heading = "Limits")]
    struct LimitArgs => serve {
        /// Maximum size of the body of a request for one or a few tracks [default: 262144]
        #[arg(long, env = "HITFLOP_MAX_BODY", hide_env = true, value_name = "BYTES")]
        max_body: usize,
        /// Maximum size of the body of a batch [default: 16777216]
        #[arg(long, env = "HITFLOP_MAX_BATCH_BODY", hide_env = true, value_name = "BYTES")]
        max_batch_body: usize,
        /// Maximum total size of all large bodies at the same time [default: 50331648]
        #[arg(long, env = "HITFLOP_MAX_BODIES", hide_env = true, value_name = "BYTES")]
        max_bodies: usize,
        /// Maximum total size of all large responses that are not sent yet; further requests get 503 and Retry-After [default: 50331648]
        #[arg(long, env = "HITFLOP_MAX_ANSWERS", hide_env = true, value_name = "BYTES")]
        max_answers: usize,
        /// Maximum number of rows of a batch [default: 10000]
        #[arg(long, env = "HITFLOP_MAX_ROWS", hide_env = true, value_name = "N")]
        max_rows: usize,
        /// Maximum number of tracks with explanations or alternatives in a request [default: 20]
        #[arg(long, env = "HITFLOP_MAX_EXPLAINED", hide_env = true, value_name = "N")]
        max_explained: usize,
        /// Maximum number of connections; at the maximum, a connection whose client has sent no request, or only part of one, is closed
        /// for a new one [default: 512]
        #[arg(long, env = "HITFLOP_MAX_CONNECTIONS", hide_env = true, value_name = "N")]
        max_connections: usize,
        /// Maximum number of concurrent batches, explanations and searches; further requests get 503 and Retry-After [default: 8]
        #[arg(long, env = "HITFLOP_MAX_HEAVY", hide_env = true, value_name = "N")]
        max_heavy: usize,
        /// Time limit for the arrival of a request's head, and for an idle connection [default: 10]
        #[arg(long, env = "HITFLOP_HEADER_TIMEOUT", hide_env = true, value_name = "SECONDS")]
        header_timeout: u64,
        /// Time limit for the arrival of a body [default: 10]
        #[arg(long, env = "HITFLOP_BODY_TIMEOUT", hide_env = true, value_name = "SECONDS")]
        body_timeout: u64,
        /// Time that a client may fall behind in reading a response, at 32 KiB a second [default: 30]
        #[arg(long, env = "HITFLOP_WRITE_TIMEOUT", hide_env = true, value_name = "SECONDS")]
        write_timeout: u64,
        /// Time for requests in flight to finish after a stop signal [default: 10]
        #[arg(long, env = "HITFLOP_GRACE", hide_env = true, value_name = "SECONDS")]
        grace: u64,
    }
}
