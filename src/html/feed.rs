//! Finds the HTML within RSS and Atom feeds: the text of a feed goes in, pieces of HTML come out,
//! with the places of their bytes in the feed.

use std::ops::Range;

use crate::path::SitePath;

/// Largest feed that is read, in bytes: unlike a page, it is kept in memory.
pub(super) const LARGEST: u64 = 32 << 20;

/// Length of the longest character reference that is decoded, in bytes.
const LONGEST: usize = 12;

/// The elements of RSS 2.0, its module `content`, and Atom that contain HTML.
const ELEMENTS: [&str; 4] = ["description", "content:encoded", "content", "summary"];

/// Whether a file may be a feed.
pub(super) fn may_be_feed(path: &SitePath) -> bool {
    matches!(path.extension().as_str(), "xml" | "rss" | "atom")
}

/// A piece of HTML in a feed.
#[derive(Debug)]
pub(super) struct Piece {
    /// The HTML, with character references of XML decoded.
    pub html: String,
    /// Base of its relative URLs, from `xml:base` of the elements around it.
    pub base: Option<String>,
    /// Whether text that is inserted must be escaped for XML.
    is_escaped: bool,
    start: usize,
    /// For each decoded character reference: the byte offset in `html` behind its character, and by
    /// how many bytes the references up to there are longer than their characters.
    shifts: Vec<(usize, usize)>,
}

impl Piece {
    /// Converts a byte offset in the HTML into one in the feed.
    pub fn offset(&self, at: usize) -> usize {
        let before = self.shifts.partition_point(|(behind, _)| *behind <= at);
        let shift = before.checked_sub(1).map_or(0, |last| self.shifts[last].1);
        self.start + at + shift
    }

    /// Escapes HTML as the feed requires it.
    pub fn written(&self, html: &str) -> String {
        if self.is_escaped {
            html.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
        } else {
            html.to_owned()
        }
    }
}

/// Whether a text is a feed.
pub(super) fn is_feed(text: &str) -> bool {
    let mut roots = ["<rss", "<feed", "<rdf:RDF"].into_iter();
    roots.any(|root| text.contains(root))
}

/// Type of an element's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    /// Text, or something other than HTML.
    Other,
    /// HTML, escaped as text.
    Html,
    /// XHTML elements.
    Xhtml,
}

impl Type {
    /// Returns the type of the content of an Atom element with this start tag ([RFC 4287, 3.1.1 and
    /// 4.1.3.3](https://www.rfc-editor.org/rfc/rfc4287)).
    fn of_atom(tag: &str) -> Self {
        let value = attribute(tag, "type").unwrap_or_default();
        match value.trim().to_ascii_lowercase().as_str() {
            "html" | "text/html" => Type::Html,
            "xhtml" | "application/xhtml+xml" => Type::Xhtml,
            _ => Type::Other,
        }
    }
}

/// Returns the pieces of HTML in a feed, in order. Empty if the text is not a feed.
pub(super) fn pieces(feed: &str) -> Vec<Piece> {
    if !is_feed(feed) {
        return Vec::new();
    }
    let is_atom = !feed.contains("<rss") && !feed.contains("<rdf:RDF");
    let mut found = Vec::new();
    let mut bases = Bases::default();
    let mut at = 0;
    while let Some(open) = feed[at..].find('<').map(|open| at + open) {
        let rest = &feed[open..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        if let Some((_, end)) = skipped.iter().find(|(start, _)| rest.starts_with(start)) {
            at = rest
                .find(end)
                .map_or(feed.len(), |length| open + length + end.len());
            continue;
        }
        let Some(tag) = rest.find('>').map(|end| open + 1..open + end) else {
            break;
        };
        at = tag.end + 1;
        let name = feed[tag.clone()]
            .split([' ', '\t', '\r', '\n'])
            .next()
            .unwrap_or_default();
        bases.note(name, &feed[tag.clone()]);
        if !ELEMENTS.contains(&name) || feed[tag.clone()].ends_with('/') {
            continue;
        }
        let content = match is_atom.then(|| Type::of_atom(&feed[tag])) {
            Some(Type::Other) => None,
            Some(Type::Xhtml) => markup(feed, at, name),
            Some(Type::Html) | None => content(feed, at),
        };
        if let Some(content) = content {
            at = content.range.end;
            let is_rebased = !content.is_escaped && feed[content.range.clone()].contains(BASE);
            let piece = piece(feed, content).filter(|_| !is_rebased);
            found.extend(piece.map(|piece| Piece {
                base: bases.innermost(),
                ..piece
            }));
        }
    }
    found
}

/// Name of the attribute with the base of relative URLs.
const BASE: &str = "xml:base";

/// The open elements with `xml:base` ([XML Base](https://www.w3.org/TR/xmlbase/)).
#[derive(Default)]
struct Bases(Vec<Based>);

/// An open element with `xml:base`.
struct Based {
    name: String,
    /// Number of elements of the same name that are open in it, with itself.
    open: usize,
    /// Its base, resolved by those around it.
    base: String,
}

impl Bases {
    /// Records a tag.
    fn note(&mut self, name: &str, tag: &str) {
        let closed = name.strip_prefix('/');
        let innermost = self.0.last_mut();
        if let Some(innermost) = innermost.filter(|of| of.name == closed.unwrap_or(name)) {
            match closed {
                Some(_) => innermost.open -= 1,
                None if tag.ends_with('/') => {}
                None => innermost.open += 1,
            }
        }
        self.0.pop_if(|innermost| innermost.open == 0);
        if closed.is_some() || tag.ends_with('/') {
            return;
        }
        if let Some(base) = attribute(tag, BASE) {
            let base = htmlize::unescape_attribute(base);
            let outer = self.0.last().map_or("", |outer| &outer.base);
            let base = joined(outer, base.trim());
            if let Some(known) = self.0.last_mut().filter(|known| known.name == name) {
                // The new element counts for itself.
                known.open -= 1;
            }
            self.0.push(Based {
                name: name.to_owned(),
                open: 1,
                base,
            });
        }
    }

    fn innermost(&self) -> Option<String> {
        let base = self.0.last().map(|innermost| innermost.base.clone());
        base.filter(|base| !base.is_empty())
    }
}

/// Resolves a base by the one around it. Both may be relative.
fn joined(outer: &str, inner: &str) -> String {
    let inner = inner.split(['?', '#']).next().unwrap_or_default();
    let origin_end = |url: &str| match url.find("//") {
        Some(slashes) => url[slashes + 2..]
            .find('/')
            .map_or(url.len(), |end| slashes + 2 + end),
        None => 0,
    };
    let is_absolute = inner.starts_with("//")
        || inner
            .split_once(':')
            .is_some_and(|(scheme, _)| !scheme.contains('/'));
    let (origin, path) = outer.split_at(origin_end(outer));
    if inner.is_empty() {
        outer.to_owned()
    } else if is_absolute {
        inner.to_owned()
    } else if inner.starts_with('/') {
        format!("{origin}{inner}")
    } else if path.is_empty() && origin.is_empty() {
        inner.to_owned()
    } else {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        match (folder, path.starts_with('/') || !origin.is_empty()) {
            ("", true) => format!("{origin}/{inner}"),
            ("", false) => inner.to_owned(),
            _ => format!("{origin}{folder}/{inner}"),
        }
    }
}

/// Returns the value of an attribute of an XML tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag.split_once(|c: char| c.is_ascii_whitespace())?.1;
    loop {
        let (found, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = after[1..].split_once(quote)?;
        if found.trim() == name {
            return Some(value);
        }
        rest = after;
    }
}

/// Returns the content of the element `name`, from the byte `start` to its end tag.
fn markup(feed: &str, start: usize, name: &str) -> Option<Content> {
    let end = start + feed[start..].find(&format!("</{name}"))?;
    Some(Content {
        range: start..end,
        is_escaped: false,
    })
}

/// Byte range of an element's content, and whether the content is escaped.
struct Content {
    range: Range<usize>,
    is_escaped: bool,
}

/// Returns the text from the byte `start` to the next tag, or the inside of a CDATA section.
fn content(feed: &str, start: usize) -> Option<Content> {
    const OPEN: &str = "<![CDATA[";
    let blank = feed[start..].len() - feed[start..].trim_start().len();
    if feed[start + blank..].starts_with(OPEN) {
        let start = start + blank + OPEN.len();
        let end = start + feed[start..].find("]]>")?;
        return Some(Content {
            range: start..end,
            is_escaped: false,
        });
    }
    let end = start + feed[start..].find('<')?;
    Some(Content {
        range: start..end,
        is_escaped: true,
    })
}

fn piece(feed: &str, content: Content) -> Option<Piece> {
    let Content { range, is_escaped } = content;
    let text = &feed[range.clone()];
    let mut piece = Piece {
        html: String::with_capacity(text.len()),
        base: None,
        is_escaped,
        start: range.start,
        shifts: Vec::new(),
    };
    if !is_escaped {
        piece.html.push_str(text);
        return Some(piece);
    }
    let mut shift = 0;
    let mut rest = text;
    while let Some(reference) = rest.find('&') {
        piece.html.push_str(&rest[..reference]);
        rest = &rest[reference..];
        let end = rest.bytes().take(LONGEST).position(|byte| byte == b';');
        let length = end.map_or(1, |end| end + 1);
        let known = character(&rest[..length]);
        let taken = if known.is_some() { length } else { 1 };
        let c = known.unwrap_or('&');
        piece.html.push(c);
        shift += taken - c.len_utf8();
        piece.shifts.push((piece.html.len(), shift));
        rest = &rest[taken..];
    }
    piece.html.push_str(rest);
    Some(piece)
}

/// Decodes a character reference of XML.
fn character(reference: &str) -> Option<char> {
    let name = reference.strip_prefix('&')?.strip_suffix(';')?;
    let number = match name {
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "amp" => return Some('&'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        name => name.strip_prefix('#')?,
    };
    let code = match number.strip_prefix('x') {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => number.parse(),
    };
    // A reference is never shorter than its character in UTF-8, so the shift cannot underflow.
    char::from_u32(code.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_found_with_its_place() {
        let feed = "<?xml version=\"1.0\"?><rss><title>&lt;img&gt;</title><!-- <description>x</description> -->\
            <description>&lt;p&gt;a &amp;amp; b&#60;img src=&quot;/a.png&quot;&gt;</description>\
            <content:encoded> <![CDATA[<p><img src='/b.png'>]]></content:encoded><description/></rss>";
        let found = pieces(feed);
        let html: Vec<&str> = found.iter().map(|piece| piece.html.as_str()).collect();
        assert_eq!(
            html,
            ["<p>a &amp; b<img src=\"/a.png\">", "<p><img src='/b.png'>"]
        );
        for (piece, behind) in found.iter().zip(["&#60;img", "<![CDATA[<p><img"]) {
            let at = piece.html.find("<img").unwrap() + 4;
            assert_eq!(piece.offset(at), feed.find(behind).unwrap() + behind.len());
        }
        assert_eq!(found[0].written("<a b=\"&\">"), "&lt;a b=\"&amp;\"&gt;");
    }

    #[test]
    fn the_content_of_atom_is_what_its_type_says() {
        let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><img src=\"/a.png\"/></div>";
        let text = "&lt;img src='/a.png'>";
        for (attributes, content, expected) in [
            ("", text, None),
            (" type=\"text\"", text, None),
            (" src='x' type = 'text/plain'", text, None),
            (" xml:type=\"html\"", text, None),
            (" type=\"html\"", text, Some("<img src='/a.png'>")),
            (
                " xml:lang='a=b'\ntype='text/HTML'",
                text,
                Some("<img src='/a.png'>"),
            ),
            (" type='xhtml'", div, Some(div)),
        ] {
            for name in ["content", "summary"] {
                let feed = format!("<feed><{name}{attributes}>{content}</{name}></feed>");
                let found = pieces(&feed).pop();
                let html = found.as_ref().map(|piece| piece.html.as_str());
                assert_eq!(html, expected, "{feed}");
            }
        }
    }

    /// Expected values by RFC 3986 and XML Base.
    #[test]
    fn bases_are_resolved_by_the_elements_around_them() {
        let img = "&lt;img src='a.png'>";
        for (feed, entry, content, expected) in [
            ("", "", "", None),
            ("", "", "https://a.example/b/", Some("https://a.example/b/")),
            (
                "https://a.example/b/c",
                "",
                "",
                Some("https://a.example/b/c"),
            ),
            ("https://a.example", "", "b/", Some("https://a.example/b/")),
            (
                "https://a.example/b/c",
                "d/e",
                "f",
                Some("https://a.example/b/d/f"),
            ),
            (
                "https://a.example/b/",
                "/d/",
                "",
                Some("https://a.example/d/"),
            ),
            (
                "https://a.example/",
                "//b.example/c/",
                "d/",
                Some("//b.example/c/d/"),
            ),
            ("", "b/", "c/", Some("b/c/")),
            ("/a?x=/y#z", "", "b", Some("/b")),
            ("/a&amp;b/", "", "", Some("/a&b/")),
            ("mailto:a", "", "", Some("mailto:a")),
        ] {
            let base = |value: &str| match value {
                "" => String::new(),
                _ => format!(" xml:base='{value}'"),
            };
            // The bases of elements that are closed do not count.
            let text = format!(
                "<feed{}><entry xml:base='/other/'><x xml:base='y'/></entry><entry{}>\
                <link xml:base='/z/'><link/></link><content type='html'{}>{img}</content></entry>\
                </feed>",
                base(feed),
                base(entry),
                base(content)
            );
            let found = pieces(&text);
            let bases: Vec<_> = found.iter().map(|piece| piece.base.as_deref()).collect();
            assert_eq!(bases, [expected], "{text}");
        }
        let div = "<div xml:base='b/'><img src='a.png'/></div>";
        let text = format!("<feed><content type='xhtml'>{div}</content></feed>");
        assert!(pieces(&text).is_empty());
    }

    #[test]
    fn other_and_broken_texts_have_none_or_end() {
        assert!(pieces("<urlset><description>&lt;img&gt;</description></urlset>").is_empty());
        for feed in [
            "<rss><description>",
            "<rss><description>&",
            "<rss",
            "<rss><content><![CDATA[",
            "<rss><!--",
        ] {
            assert!(pieces(feed).is_empty(), "{feed}");
        }
        assert_eq!(
            pieces("<rss><summary>&x;&#x110000;&lt</summary>")[0].html,
            "&x;&#x110000;&lt"
        );
    }
}
