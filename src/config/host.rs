//! A host in `hosts:`, as it is in URLs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::with_hint;

/// A host as URLs name it, such as `www.example.org` or `localhost:8080`, in lower case. A scheme
/// before it and slashes after it are removed: they change nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Host(String);

impl Host {
    /// Returns the host, with its port if it has one.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Host {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let lower = text.trim().to_ascii_lowercase();
        let (scheme, host) = match lower.split_once("//") {
            Some((scheme, host)) if scheme.is_empty() || scheme.ends_with(':') => (scheme, host),
            _ => ("", lower.as_str()),
        };
        let is_of_pages = matches!(scheme, "" | "https:" | "http:");
        let host = host.trim_end_matches('/');
        let instead = |host: &str| match host.is_empty() {
            true => "write a host, such as `www.example.org`".to_owned(),
            false => format!("write `{host}`"),
        };
        let end = host.find(['/', '\\', '?', '#']).unwrap_or(host.len());
        if end < host.len() || !is_of_pages {
            let host = &host[..end];
            let message = format!("`{text}` is more than a host");
            return Err(with_hint(&message, &instead(host)));
        }
        if host.contains('*') {
            let message = format!("`{text}` matches no host: `hosts` are not patterns");
            let hint = "write each host, such as `www.example.org`, on its own";
            return Err(with_hint(&message, hint));
        }
        if let Some((_, host)) = host.rsplit_once('@') {
            let message = format!("`{text}` has a user name, which is not part of a host");
            return Err(with_hint(&message, &instead(host)));
        }
        if let Some(bare) = host.strip_suffix(":443").or(host.strip_suffix(":80")) {
            let message = format!("`{text}` matches no URL: URLs do not contain the usual port");
            return Err(with_hint(&message, &instead(bare)));
        }
        let is_wrong = |c: char| c.is_whitespace() || c.is_control() || "\"'<>,;`".contains(c);
        let is_port = |port: &str| port.parse::<u16>().is_ok();
        let has_colons = match host.rsplit_once(':') {
            // An IPv6 address is in brackets.
            Some(_) if host.ends_with(']') => false,
            Some((name, port)) => {
                let has_more = !name.ends_with(']') && name.contains(':');
                name.is_empty() || has_more || !is_port(port)
            }
            None => false,
        };
        if host.is_empty() || host.contains(is_wrong) || has_colons {
            let message = format!("`{text}` is not a host");
            return Err(with_hint(&message, &instead("")));
        }
        Ok(Host(host.to_owned()))
    }
}

impl From<Host> for String {
    fn from(host: Host) -> String {
        host.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_what_stands_between_the_slashes_of_a_url() {
        for (text, host) in [
            ("www.example.org", "www.example.org"),
            ("WWW.Example.org", "www.example.org"),
            ("https://cdn.example.org", "cdn.example.org"),
            ("http://cdn.example.org/", "cdn.example.org"),
            ("//cdn.example.org", "cdn.example.org"),
            ("cdn.example.org/", "cdn.example.org"),
            ("localhost:8080", "localhost:8080"),
            ("[::1]:4000", "[::1]:4000"),
            ("[::1]", "[::1]"),
            ("bücher.example", "bücher.example"),
        ] {
            assert_eq!(Host::try_from(text.to_owned()).unwrap().as_str(), host);
        }
    }

    #[test]
    fn what_never_matches_is_refused_with_what_to_write() {
        for (text, hint) in [
            ("cdn.example.org/uploads", "write `cdn.example.org`"),
            ("https://cdn.example.org/a?b", "write `cdn.example.org`"),
            ("*.example.org", "write each host"),
            ("cdn.example.org:443", "write `cdn.example.org`"),
            ("http://cdn.example.org:80/", "write `cdn.example.org`"),
            ("me@cdn.example.org", "write `cdn.example.org`"),
            ("", "write a host"),
            ("https://", "write a host"),
            ("a b", "write a host"),
            ("ftp://a.org", "write `a.org`"),
            ("a.org:port", "write a host"),
            ("::1", "write a host"),
        ] {
            let error = Host::try_from(text.to_owned()).unwrap_err();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
