//! Lines of the files that findings are about, read once each; and where the site is in its
//! repository.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::FromHere;
use crate::config;
use crate::finding::{Finding, Position};
use crate::path::SitePath;
use crate::project::Site;
use crate::site::{Root, TEXT_LIMIT};

/// Reads a file of the site, by its path from the site's root.
type Read<'s> = Box<dyn Fn(&str) -> Option<Vec<u8>> + 's>;

/// Where reports get the lines of files from.
pub struct Sources<'s> {
    read: Read<'s>,
    texts: RefCell<BTreeMap<String, Option<Rc<str>>>>,
    /// The path from the root of the repository to the site's root: empty, or ending with `/`.
    prefix: String,
    pages: Option<Pages>,
    here: FromHere,
}

/// The folder of built pages, as files in findings about pages begin.
struct Pages {
    /// As the user has named it, ending with `/`.
    named: String,
    /// From the root of the repository: empty, or ending with `/`.
    prefix: String,
}

impl<'s> Sources<'s> {
    /// The files of a site.
    pub fn of(site: &'s Site) -> Self {
        let mut sources = Sources::new(|file| {
            let path = SitePath::normalise(file)?;
            let (bytes, _) = site.root.read(&path, TEXT_LIMIT).ok()?;
            Some(bytes)
        });
        sources.prefix = repository_of(&site.root).unwrap_or_default();
        sources.here = FromHere::to(site);
        sources
    }

    /// The files of a folder of built pages, and of the site that they were built from. Without a
    /// repository, paths begin at the site.
    pub fn of_pages(published: &'s Site, source: Option<&'s Site>) -> Self {
        let named = named(published);
        let begins = named.clone();
        let mut sources = Sources::new(move |file| {
            let (site, file) = match file.strip_prefix(&begins) {
                Some(page) => (published, page),
                None => (source?, file),
            };
            let (bytes, _) = site
                .root
                .read(&SitePath::normalise(file)?, TEXT_LIMIT)
                .ok()?;
            Some(bytes)
        });
        let root = source.unwrap_or(published).root.path();
        sources.prefix = source
            .and_then(|source| repository_of(&source.root))
            .unwrap_or_default();
        let prefix = repository_of(&published.root).or_else(|| below(root, &published.root));
        sources.here = FromHere::to(source.unwrap_or(published)).but_for(&named);
        sources.pages = Some(Pages {
            named,
            prefix: prefix.unwrap_or_default(),
        });
        sources
    }

    /// Files that a function reads.
    pub fn new(read: impl Fn(&str) -> Option<Vec<u8>> + 's) -> Self {
        Sources {
            read: Box::new(read),
            texts: RefCell::default(),
            prefix: String::new(),
            pages: None,
            here: FromHere::default(),
        }
    }

    /// No files: reports without lines.
    pub fn none() -> Self {
        Sources::new(|_| None)
    }

    /// The line that a position is in, without its line break; the byte order mark is not part of
    /// the first one.
    pub fn line(&self, file: &str, position: Position) -> Option<String> {
        let text = self.text(file)?;
        let index = usize::try_from(position.line).ok()?.checked_sub(1)?;
        let line = text.split('\n').nth(index)?;
        Some(line.strip_suffix('\r').unwrap_or(line).to_owned())
    }

    fn text(&self, file: &str) -> Option<Rc<str>> {
        let mut texts = self.texts.borrow_mut();
        let text = texts.entry(file.to_owned()).or_insert_with(|| {
            let bytes = (self.read)(file)?;
            let text = String::from_utf8_lossy(&bytes);
            Some(Rc::from(text.strip_prefix('\u{feff}').unwrap_or(&text)))
        });
        text.clone()
    }

    /// Where files are from the working directory.
    pub(super) fn here(&self) -> &FromHere {
        &self.here
    }

    /// A finding's file as a code forge names it: from the root of the repository. A finding about
    /// the run as a whole is about the configuration.
    pub fn path_in_repository(&self, finding: &Finding) -> String {
        let file = finding.file.as_deref().unwrap_or(config::FILE);
        let page = self.pages.as_ref().and_then(|pages| {
            let page = file.strip_prefix(&pages.named)?;
            Some(format!("{}{page}", pages.prefix))
        });
        page.unwrap_or_else(|| format!("{}{file}", self.prefix))
    }
}

/// What the paths of built pages begin with in findings: their folder as the user has named it.
pub fn named(published: &Site) -> String {
    let folder = published.root.path().display().to_string();
    format!("{}/", folder.trim_end_matches('/'))
}

/// The path from the nearest folder with `.git`, at or above a folder, to the folder.
fn repository_of(root: &Root) -> Option<String> {
    let folder = root.path().canonicalize().ok()?;
    let repository = folder
        .ancestors()
        .find(|folder| folder.join(".git").exists())?;
    below(repository, root)
}

/// The path from a folder to one below it: empty, or ending with `/`.
fn below(folder: &Path, root: &Root) -> Option<String> {
    let (folder, root) = (
        folder.canonicalize().ok()?,
        root.path().canonicalize().ok()?,
    );
    Some(match root.strip_prefix(folder).ok()?.to_str()? {
        "" => String::new(),
        below => format!("{below}/"),
    })
}

/// The byte offset of a column in its line: columns count characters from 1.
pub(super) fn offset_of(line: &str, column: u32) -> usize {
    let before = usize::try_from(column)
        .unwrap_or(usize::MAX)
        .saturating_sub(1);
    line.char_indices()
        .nth(before)
        .map_or(line.len(), |(offset, _)| offset)
}

/// The column in UTF-16 code units, from 1.
pub(super) fn utf16_column(line: &str, offset: usize) -> usize {
    line[..offset].encode_utf16().count() + 1
}

/// The end of what starts at a byte of a line: of a Markdown image, a tag, a quoted text, or a word.
pub(super) fn end_of_value(line: &str, start: usize) -> usize {
    let rest = &line[start..];
    let mut characters = rest.char_indices();
    let Some((_, first)) = characters.next() else {
        return start;
    };
    let whole = match first {
        '!' if rest.starts_with("![") => rest.find(')'),
        '<' => rest.find('>'),
        _ => None,
    };
    if let Some(end) = whole {
        return start + end + 1;
    }
    let is_quote = matches!(first, '"' | '\'');
    let end = match is_quote {
        true => characters
            .find(|(_, c)| *c == first)
            .map(|(end, quote)| end + quote.len_utf8()),
        false => characters
            .find(|(_, c)| {
                c.is_whitespace() || matches!(c, '"' | '\'' | ')' | ']' | '}' | '>' | ',')
            })
            .map(|(end, _)| end),
    };
    // A quoted text that continues on the next line is marked at its quote.
    start + end.unwrap_or(if is_quote { 1 } else { rest.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_neither_line_breaks_nor_a_byte_order_mark() {
        let sources = Sources::new(|_| Some("\u{feff}---\r\nimage: é\r\nlast".into()));
        let line = |line| sources.line("a.md", Position { line, column: 1 });
        assert_eq!(line(1).as_deref(), Some("---"));
        assert_eq!(line(2).as_deref(), Some("image: é"));
        assert_eq!(line(3).as_deref(), Some("last"));
        assert_eq!((line(0), line(4)), (None, None));
    }

    #[test]
    fn columns_are_converted_to_bytes_and_utf_16() {
        // `é` has two bytes and one unit, `𝄞` four bytes and two units.
        let line = "é\t𝄞x";
        for (column, offset, utf16) in [(1, 0, 1), (2, 2, 2), (3, 3, 3), (4, 7, 5), (9, 8, 6)] {
            assert_eq!(offset_of(line, column), offset);
            assert_eq!(utf16_column(line, offset), utf16);
        }
    }

    #[test]
    fn a_value_ends_with_its_quote_or_word() {
        for (line, start, value) in [
            ("image: /a b.png", 7, "/a"),
            ("image: \"/a b.png\" # c", 7, "\"/a b.png\""),
            ("![](/a.png) b", 4, "/a.png"),
            ("![a b](/a.png) b", 0, "![a b](/a.png)"),
            ("![a b][c] d", 0, "![a"),
            ("<img src=\"/a.png\"> b", 0, "<img src=\"/a.png\">"),
            ("title: \"Sans fin", 7, "\""),
            ("- /é.png", 2, "/é.png"),
            ("", 0, ""),
        ] {
            assert_eq!(&line[start..end_of_value(line, start)], value, "{line}");
        }
    }
}
