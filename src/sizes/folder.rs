//! Answers a browser's requests from the pages folder: a URL goes in, bytes come out.

use std::borrow::Cow;

use crate::path::{SitePath, decode_percent};
use crate::project::Site;

/// Largest file that is handed to the browser, in bytes.
const LARGEST: u64 = 64 << 20;

/// Host of the pages of a site that has none: this name never exists (RFC 2606).
const NO_HOST: &str = "planche.invalid";

/// Answer to a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    File {
        bytes: Vec<u8>,
        mime: &'static str,
    },
    Missing,
    /// The browser requests the file from the network.
    Network,
    Blocked,
}

/// Pages folder, served under the URL at which it is published.
pub(super) struct Folder<'s> {
    site: &'s Site,
}

impl<'s> Folder<'s> {
    pub fn new(site: &'s Site) -> Self {
        Folder { site }
    }

    fn host(&self) -> &str {
        let hosts = &self.site.conventions.hosts;
        hosts.first().map_or(NO_HOST, String::as_str)
    }

    /// Returns the URL of a page.
    pub fn url(&self, page: &SitePath) -> String {
        let base = self.site.conventions.base_path.as_str();
        let path = crate::path::encode_path(page.as_str());
        format!("https://{}{base}/{path}", self.host())
    }

    /// Answers a request. `kind` is the type of the resource in the words of the protocol. From
    /// other hosts, only style sheets and fonts are loaded, which decide the layout: no visit is
    /// counted anywhere.
    pub fn answer(&self, url: &str, kind: &str) -> Answer {
        let Some(path) = self.path(url) else {
            return match kind {
                "Stylesheet" | "Font" => Answer::Network,
                _ => Answer::Blocked,
            };
        };
        let base = self.site.conventions.base_path.as_str();
        let below = path.strip_prefix(base).filter(|rest| rest.starts_with('/'));
        let tries = [below, Some(path)];
        let file = tries.into_iter().flatten().find_map(|path| self.file(path));
        file.unwrap_or(Answer::Missing)
    }

    /// Returns the path of a URL of this site; `None` for any other URL.
    fn path<'u>(&self, url: &'u str) -> Option<&'u str> {
        let (scheme, rest) = url.split_once("://")?;
        let (host, _) = rest.split_at(rest.find('/')?);
        let mut hosts = self.site.conventions.hosts.iter().map(String::as_str);
        let is_own = host == self.host() || hosts.any(|own| own.eq_ignore_ascii_case(host));
        let path = &rest[host.len()..];
        let path = path.split(['?', '#']).next().unwrap_or(path);
        (is_own && matches!(scheme, "http" | "https")).then_some(path)
    }

    /// Returns the file at a path from the root, the index of a folder, or else the file with
    /// `.html` appended.
    fn file(&self, path: &str) -> Option<Answer> {
        let decoded = decode_percent(path).map_or(Cow::Borrowed(path), Cow::Owned);
        let path = SitePath::normalise(decoded.trim_start_matches('/'))?;
        let root = &self.site.root;
        let tries = [path.clone(), path.child("index.html")];
        let page = (!path.is_root()).then(|| SitePath::normalise(&format!("{path}.html")));
        let tries = tries.into_iter().chain(page.flatten());
        tries.filter(|path| !path.is_root()).find_map(|path| {
            let (bytes, _) = root.read(&path, LARGEST).ok()?;
            let mime = mime(&path);
            Some(Answer::File { bytes, mime })
        })
    }
}

/// Returns the MIME type of a file, by its extension.
fn mime(path: &SitePath) -> &'static str {
    match path.extension().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "xhtml" => "application/xhtml+xml",
        "css" => "text/css",
        "js" | "mjs" => "text/javascript",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn requests_are_answered_from_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        for (name, text) in [
            ("_config.yml", "url: https://example.org\nbaseurl: /blog\n"),
            ("_site/index.html", "home"),
            ("_site/a/index.html", "a"),
            ("_site/b.html", "b"),
            ("_site/été.css", "css"),
        ] {
            let path = site.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        let source = Site::open(Some(&site), None).unwrap();
        let published = |source| Site::published(Path::new(&site.join("_site")), source).unwrap();
        let published_site = published(Some(&source));
        let served = Folder::new(&published_site);
        let page = SitePath::normalise("a/index.html").unwrap();
        assert_eq!(served.url(&page), "https://example.org/blog/a/index.html");
        let text = |url: &str| match served.answer(url, "Document") {
            Answer::File { bytes, mime } => (String::from_utf8(bytes).unwrap(), mime),
            other => (format!("{other:?}"), ""),
        };
        let html = "text/html; charset=utf-8";
        for (url, answer) in [
            ("https://example.org/blog/", ("home", html)),
            ("https://example.org/blog/a?x#y", ("a", html)),
            ("http://example.org/blog/b", ("b", html)),
            ("https://example.org/b.html", ("b", html)),
            (
                "https://example.org/blog/%C3%A9t%C3%A9.css",
                ("css", "text/css"),
            ),
            ("https://example.org/blog/missing", ("Missing", "")),
            ("https://example.org/blog/../../secret", ("Missing", "")),
            (
                "https://example.org/blog/%2e%2e/%2e%2e/secret",
                ("Missing", ""),
            ),
            ("https://elsewhere.example/a.js", ("Blocked", "")),
            ("data:,", ("Blocked", "")),
        ] {
            assert_eq!(text(url), (answer.0.to_owned(), answer.1), "{url}");
        }
        let sheet = served.answer("https://elsewhere.example/a.css", "Stylesheet");
        assert_eq!(sheet, Answer::Network);
        let alone = published(None);
        let url = Folder::new(&alone).url(&page);
        assert_eq!(url, "https://planche.invalid/a/index.html");
        assert!(matches!(
            Folder::new(&alone).answer(&url, "Document"),
            Answer::File { .. }
        ));
    }
}
