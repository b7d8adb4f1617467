//! The hosts that requests may name.

use std::net::Ipv6Addr;

/// A host that requests may name, with a port or of any port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost {
    /// In lower case, an address of version 6 in its short form and without brackets.
    host: String,
    port: Option<u16>,
}

impl AllowedHost {
    /// A host as `Host` has it: `example.org`, `10.0.0.7:8000`, `[::1]:8000`; an address of version 6 may also lack its brackets.
    /// Case and a full stop at the end do not matter. `None` if it is none.
    pub fn parse(text: &str) -> Option<AllowedHost> {
        let (host, port) = match text.rsplit_once(':') {
            _ if text.parse::<Ipv6Addr>().is_ok() || text.ends_with(']') => (text, None),
            None => (text, None),
            // An empty port is the usual one of the scheme.
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port)),
        };
        let port = match port {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
            Some(_) => return None,
            None => None,
        };
        let brackets = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        if let Ok(address) = brackets.unwrap_or(host).parse::<Ipv6Addr>() {
            return Some(AllowedHost { host: address.to_string(), port });
        }
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        (!name.is_empty() && name.bytes().all(is_name)).then_some(AllowedHost { host: name, port })
    }

    /// Whether a host that a request names is this one.
    pub(crate) fn allows(&self, named: &AllowedHost) -> bool {
        self.host == named.host && (self.port.is_none() || self.port == named.port)
    }
}
