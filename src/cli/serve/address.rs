//! The address to listen on: a host and a port, together or apart.

use std::fmt;
use std::str::FromStr;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde::{Deserialize, Serialize};

use super::options::ListenArgs;
use crate::cli::flags::Flags;
use crate::cli::settings::Settings;

/// Host and port; which host that is shows when it is listened on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ListenAddress {
    /// An address, without the brackets of one of version 6, or the name of a host.
    pub host: String,
    pub port: u16,
}

impl Default for ListenAddress {
    fn default() -> ListenAddress {
        ListenAddress { host: "127.0.0.1".to_owned(), port: 8000 }
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<ListenAddress, String> {
        let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host_name(host)?, port.parse().ok()?)));
        match parts {
            Some((host, port)) => Ok(ListenAddress { host, port }),
            None => Err("expected ADDRESS:PORT, such as 127.0.0.1:8000, [::1]:8000 or localhost:8000".to_owned()),
        }
    }
}

impl TryFrom<String> for ListenAddress {
    type Error = String;

    fn try_from(text: String) -> Result<ListenAddress, String> {
        text.parse()
    }
}

impl From<ListenAddress> for String {
    fn from(address: ListenAddress) -> String {
        address.to_string()
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// A host without the brackets of an address of version 6; none if it is empty or has more in it.
fn host_name(text: &str) -> Option<String> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let host = inner.unwrap_or(text);
    let is_good = !host.is_empty() && !host.contains(['[', ']', '/', ' ']);
    // A colon without brackets is one of an address of version 6, which a port would follow.
    (is_good && (inner.is_some() || !host.contains(':'))).then(|| host.to_owned())
}

/// The host alone.
///
/// # Errors
/// It is empty, or has a port.
pub fn host(text: &str) -> Result<String, String> {
    let is_v6 = text.parse::<std::net::Ipv6Addr>().is_ok();
    let host = if is_v6 { Some(text.to_owned()) } else { host_name(text) };
    host.ok_or_else(|| "expected an address or the name of a host, such as 0.0.0.0, ::1 or localhost".to_owned())
}

/// The port alone; none if a variable of the environment has none.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(from = "u16")]
pub struct ListenPort(Option<u16>);

impl From<u16> for ListenPort {
    fn from(port: u16) -> ListenPort {
        ListenPort(Some(port))
    }
}

impl From<ListenPort> for Option<u16> {
    fn from(port: ListenPort) -> Option<u16> {
        port.0
    }
}

impl FromStr for ListenPort {
    type Err = String;

    fn from_str(text: &str) -> Result<ListenPort, String> {
        // Kubernetes sets HITFLOP_PORT to such an address in every container beside a Service of the name `hitflop`.
        if text.starts_with("tcp://") {
            return Ok(ListenPort(None));
        }
        text.parse().map(|port| ListenPort(Some(port))).map_err(|_| "expected a number from 0 to 65535".to_owned())
    }
}

/// [`ListenArgs`], of which host and port of the environment do not change the address of a flag.
#[derive(Debug)]
pub struct ListenFlags(ListenArgs);

impl Flags for ListenFlags {
    fn apply(&self, settings: &mut Settings) {
        self.0.apply(settings);
    }
}

impl Args for ListenFlags {
    fn augment_args(command: Command) -> Command {
        ListenArgs::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        ListenArgs::augment_args_for_update(command)
    }
}

impl FromArgMatches for ListenFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<ListenFlags, clap::Error> {
        let mut args = ListenArgs::from_arg_matches(matches)?;
        let is_flag = |name: &str| matches.value_source(name) == Some(ValueSource::CommandLine);
        if is_flag("addr") {
            args.host = args.host.filter(|_| is_flag("host"));
            args.port = args.port.filter(|_| is_flag("port"));
        }
        Ok(ListenFlags(args))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = ListenFlags::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for (text, host, port) in [
            ("127.0.0.1:8000", "127.0.0.1", 8000),
            ("[::1]:80", "::1", 80),
            ("localhost:0", "localhost", 0),
            ("[fe80::1%eth0]:9", "fe80::1%eth0", 9),
        ] {
            let address: ListenAddress = text.parse().expect("an address");
            assert_eq!((address.host.as_str(), address.port), (host, port));
            assert_eq!(address.to_string(), text);
        }
        for text in ["", ":80", "localhost", "::1:80", "[::1]", "a:65536", "a:-1", "http://a:80", "[]:80"] {
            assert!(text.parse::<ListenAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_host_and_a_port_stand_alone() {
        assert_eq!(host("::1"), Ok("::1".to_owned()));
        assert_eq!(host("[::1]"), Ok("::1".to_owned()));
        assert_eq!(host("0.0.0.0"), Ok("0.0.0.0".to_owned()));
        assert!(host("localhost:80").is_err() && host("").is_err());
        let port = |text: &str| text.parse::<ListenPort>().map(Option::<u16>::from);
        assert_eq!(port("80"), Ok(Some(80)));
        assert_eq!(port("tcp://10.0.0.1:8000"), Ok(None));
        assert!(port("http").is_err() && port("70000").is_err());
    }
}
