//! Resolves the URLs on a page: a URL goes in; a file of the published folder comes out, with the
//! prefix for URLs of other files on the same page.

use crate::generator::Conventions;
use crate::path::{Lookup, SitePath, decode_percent, trim_url};

/// The file that a URL leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    pub file: SitePath,
    /// Prefix that turns a path in the published folder into a URL on this page, such as `/`,
    /// `/blog/`, `https://example.org/` or `../../`.
    pub prefix: String,
}

/// Context for resolving URLs.
pub(super) struct Resolver<'r> {
    pub conventions: &'r Conventions,
    pub look_up: &'r (dyn Fn(&SitePath) -> Lookup + Sync),
}

impl Resolver<'_> {
    /// Resolves a URL on `page`, where `base` is the value of `<base href>`. Returns `None` for
    /// other hosts, data URLs, and files that do not exist.
    pub fn resolve(&self, url: &str, page: &SitePath, base: Option<&str>) -> Option<Resolved> {
        let resolved = self.resolve_any(trim_url(url), page, base)?;
        // The prefix is written into attributes, `srcset` and CSS.
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "/.:_~%-".contains(c);
        resolved.prefix.chars().all(is_safe).then_some(resolved)
    }

    fn resolve_any(&self, url: &str, page: &SitePath, base: Option<&str>) -> Option<Resolved> {
        let bare = url.split(['?', '#']).next().unwrap_or(url);
        // A URL that ends with a slash names a folder. In `<img src=a.jpg/>`, the slash belongs to
        // it.
        if bare.is_empty() || bare.contains('\\') || bare.ends_with('/') {
            return None;
        }
        if let Some((origin, path)) = self.split_origin(bare) {
            return self.below_root(origin?, path);
        }
        if bare.starts_with('/') {
            // A base on another host applies to root-relative URLs as well.
            if let Some((origin, _)) = base.and_then(|base| self.split_origin(base)) {
                origin?;
            }
            return self.below_root("", bare);
        }
        match base.map(str::trim).filter(|base| !base.is_empty()) {
            None => self.beside(bare, &page.parent()),
            Some(base) => {
                let (origin, path) = match self.split_origin(base) {
                    Some((origin, path)) => (origin?, path),
                    None => ("", base),
                };
                // A dot segment at the end names a folder, even without a slash behind it.
                let folder = match path.rsplit('/').next() {
                    Some("." | "..") => path,
                    _ => path.rsplit_once('/').map_or("", |(folder, _)| folder),
                };
                if path.starts_with('/') {
                    // With a base from the root, the page's own folder does not matter.
                    self.below_root(origin, &format!("{folder}/{bare}"))
                } else {
                    let folder = format!("{}/{folder}", page.parent());
                    self.beside(bare, &SitePath::normalise(folder.trim_matches('/'))?)
                }
            }
        }
    }

    /// Splits an absolute URL into origin and path. The origin is `None` if it is not that of this
    /// site.
    fn split_origin<'u>(&self, url: &'u str) -> Option<(Option<&'u str>, &'u str)> {
        let (scheme, rest) = match url.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest),
            _ if url.starts_with("//") => ("", url),
            _ => return None,
        };
        let is_web = matches!(scheme.to_ascii_lowercase().as_str(), "" | "http" | "https");
        let Some(after) = rest.strip_prefix("//").filter(|_| is_web) else {
            return Some((None, ""));
        };
        let host_end = after.find('/').unwrap_or(after.len());
        let (host, path) = after.split_at(host_end);
        let hosts = self.conventions.hosts.iter();
        let is_own = hosts.into_iter().any(|own| own.eq_ignore_ascii_case(host));
        let origin = &url[..url.len() - path.len()];
        Some((
            is_own.then_some(origin),
            if path.is_empty() { "/" } else { path },
        ))
    }

    /// Resolves a path from the root of the host, with or without the path that the site is
    /// published under.
    fn below_root(&self, origin: &str, path: &str) -> Option<Resolved> {
        let base = self.conventions.base_path.as_str();
        let without = path.strip_prefix(base).filter(|rest| rest.starts_with('/'));
        // Without a configured base path, the first folder may be the site's.
        let guessed = path[1..].find('/').map(|end| path.split_at(end + 1));
        let tries = [
            without.map(|rest| (base, rest)),
            Some(("", path)),
            guessed.filter(|_| base.is_empty()),
        ];
        tries.into_iter().flatten().find_map(|(base, rest)| {
            let file = self.file(rest.trim_start_matches('/'))?;
            Some(Resolved {
                file,
                prefix: format!("{origin}{base}/"),
            })
        })
    }

    /// Resolves a path relative to a folder.
    fn beside(&self, path: &str, folder: &SitePath) -> Option<Resolved> {
        let depth = folder
            .as_str()
            .split('/')
            .filter(|name| !name.is_empty())
            .count();
        let full = format!("{folder}/{path}");
        let file = self.file(full.trim_start_matches('/'))?;
        Some(Resolved {
            file,
            prefix: if depth == 0 {
                "./".to_owned()
            } else {
                "../".repeat(depth)
            },
        })
    }

    /// Looks up a path: percent-decoded, as servers do, or else as written.
    fn file(&self, path: &str) -> Option<SitePath> {
        let decoded = decode_percent(path);
        [decoded.as_deref(), Some(path)]
            .into_iter()
            .flatten()
            .find_map(|form| match (self.look_up)(&SitePath::normalise(form)?) {
                Lookup::File(file) => Some(file),
                _ => None,
            })
    }
}

fn is_scheme(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::Generator;
    use crate::site::Root;

    /// Returns file and prefix of a URL on the page `deep/er/index.html` of a folder with
    /// `a b.png`, `deep/c.png` and `blog/d.png`. `site` is its base path and its hosts.
    fn resolved(site: (&str, &[&str]), url: &str, base: Option<&str>) -> Option<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let (mut conventions, _) = Generator::NONE.conventions(&root, usize::MAX);
        conventions.base_path = site.0.to_owned();
        conventions.hosts = site.1.iter().map(|host| (*host).to_owned()).collect();
        let look_up = |path: &SitePath| match path.as_str() {
            "a b.png" | "deep/c.png" | "blog/d.png" => Lookup::File(path.clone()),
            _ => Lookup::Missing { near: None },
        };
        let resolver = Resolver {
            conventions: &conventions,
            look_up: &look_up,
        };
        let page = SitePath::normalise("deep/er/index.html").unwrap();
        let resolved = resolver.resolve(url, &page, base)?;
        Some((resolved.file.to_string(), resolved.prefix))
    }

    #[test]
    fn urls_lead_to_files_and_say_what_others_begin_with() {
        let (none, blog) = (("", &[][..]), ("/blog", &["example.org"][..]));
        for (site, url, base, expected) in [
            (none, "/a%20b.png", None, Some(("a b.png", "/"))),
            (
                none,
                " ../c.png?v=1#x ",
                None,
                Some(("deep/c.png", "../../")),
            ),
            // Without a configuration, the first folder may be the site's, or one within it.
            (
                none,
                "/somewhere/deep/c.png",
                None,
                Some(("deep/c.png", "/somewhere/")),
            ),
            (none, "/blog/d.png", None, Some(("blog/d.png", "/"))),
            (
                blog,
                "/blog/deep/c.png",
                None,
                Some(("deep/c.png", "/blog/")),
            ),
            (blog, "/deep/c.png", None, Some(("deep/c.png", "/"))),
            (
                blog,
                "https://EXAMPLE.org/blog/deep/c.png",
                None,
                Some(("deep/c.png", "https://EXAMPLE.org/blog/")),
            ),
            (
                blog,
                "//example.org/deep/c.png",
                None,
                Some(("deep/c.png", "//example.org/")),
            ),
            (
                none,
                "c.png",
                Some("/deep/x.html"),
                Some(("deep/c.png", "/")),
            ),
            (none, "c.png", Some("../"), Some(("deep/c.png", "../"))),
            // Dot segments without a slash, as in RFC 3986, 5.2.4.
            (none, "c.png", Some(".."), Some(("deep/c.png", "../"))),
            (none, "../c.png", Some("."), Some(("deep/c.png", "../../"))),
            (
                none,
                "deep/c.png",
                Some("../.."),
                Some(("deep/c.png", "./")),
            ),
            (
                none,
                "c.png",
                Some("/deep/er/.."),
                Some(("deep/c.png", "/")),
            ),
            (none, "c.png", Some(" "), None),
            (
                blog,
                "c.png",
                Some("https://example.org/blog/deep/"),
                Some(("deep/c.png", "https://example.org/blog/")),
            ),
            (
                blog,
                "/deep/c.png",
                Some("https://elsewhere.example/"),
                None,
            ),
            (none, "https://example.org/deep/c.png", None, None),
            (none, "data:image/png;base64,AA", None, None),
            (none, "mailto:a@example.org", None, None),
            (none, "", None, None),
            (none, "?x", None, None),
            (none, "..\\c.png", None, None),
            (none, "../c.png/", None, None),
            (none, "../../../c.png", None, None),
            (none, "/missing.png", None, None),
            // Prefixes that would end an attribute or an entry of a `srcset`.
            (none, "/so\"me/deep/c.png", None, None),
            (none, "/so,me/deep/c.png", None, None),
        ] {
            let found = resolved(site, url, base);
            let expected = expected.map(|(file, prefix)| (file.to_owned(), prefix.to_owned()));
            assert_eq!(found, expected, "{site:?} {url} {base:?}");
        }
    }
}
