//! Reads the files that findings are about, each at most once, and returns single lines of them;
//! locates the site in its repository.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::DisplayPaths;
use crate::config;
use crate::finding::{Finding, Position};
use crate::path::SitePath;
use crate::project::Site;
use crate::site::{Root, TEXT_LIMIT};

/// A function that reads a file of the site, given its path from the root of the site.
type Read<'s> = Box<dyn Fn(&str) -> Option<Vec<u8>> + 's>;

/// The source of the lines that reports show, and of the paths that they print.
pub struct Sources<'s> {
    read: Read<'s>,
    texts: RefCell<BTreeMap<String, Option<Rc<str>>>>,
    /// Path from the root of the repository to the root of the site: empty, or ending with `/`.
    prefix: String,
    pages: Option<Pages>,
    here: DisplayPaths,
}

/// The pages folder, in the two forms in which paths of pages begin.
struct Pages {
    /// As the user has named it, ending with `/`; findings about pages begin with it.
    named: String,
    /// From the root of the repository: empty, or ending with `/`.
    prefix: String,
}

impl<'s> Sources<'s> {
    /// Reads the files of a site.
    pub fn of(site: &'s Site) -> Self {
        let mut sources = Sources::new(|file| {
            let path = SitePath::normalise(file)?;
            let (bytes, _) = site.root.read(&path, TEXT_LIMIT).ok()?;
            Some(bytes)
        });
        sources.prefix = repository_of(&site.root).unwrap_or_default();
        sources.here = DisplayPaths::to(site);
        sources
    }

    /// Reads the files of the folder of a site that cannot be opened. `settings` is the file that
    /// the user has named instead of `planche.yml`.
    pub fn of_root(root: &'s Root, settings: Option<&str>) -> Self {
        let mut sources = Sources::new(|file| {
            let path = SitePath::normalise(file)?;
            let (bytes, _) = root.read(&path, TEXT_LIMIT).ok()?;
            Some(bytes)
        });
        sources.prefix = repository_of(root).unwrap_or_default();
        sources.here = DisplayPaths::to_folder(root.path());
        if let Some(settings) = settings {
            sources.here = sources.here.keeping(settings);
        }
        sources
    }

    /// Reads the files of a pages folder, and of the site that they were built from. Without a
    /// repository, paths begin at the root of that site.
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
        sources.here = DisplayPaths::to(source.unwrap_or(published)).keeping(&named);
        sources.pages = Some(Pages {
            named,
            prefix: prefix.unwrap_or_default(),
        });
        sources
    }

    /// Reads files with a function.
    pub fn new(read: impl Fn(&str) -> Option<Vec<u8>> + 's) -> Self {
        Sources {
            read: Box::new(read),
            texts: RefCell::default(),
            prefix: String::new(),
            pages: None,
            here: DisplayPaths::default(),
        }
    }

    /// Reads no files: reports have no excerpts.
    pub fn none() -> Self {
        Sources::new(|_| None)
    }

    /// Returns the line at a position, without its line break. The byte order mark is not part of
    /// the first line.
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

    /// Returns the conversion of paths to paths from the working directory.
    pub(super) fn here(&self) -> &DisplayPaths {
        &self.here
    }

    /// Returns the path of a finding's file from the root of the repository, as code forges expect
    /// it. A finding without a file is attributed to the configuration.
    pub fn path_in_repository(&self, finding: &Finding) -> String {
        let file = finding.file.as_deref().unwrap_or(config::FILE);
        let page = self.pages.as_ref().and_then(|pages| {
            let page = file.strip_prefix(&pages.named)?;
            Some(format!("{}{page}", pages.prefix))
        });
        page.unwrap_or_else(|| format!("{}{file}", self.prefix))
    }
}

/// Returns the prefix of the paths of built pages in findings: their folder as the user has named
/// it, ending with `/`.
pub fn named(published: &Site) -> String {
    let folder = published.root.path().display().to_string();
    format!("{}/", folder.trim_end_matches('/'))
}

/// Returns the path from the nearest folder that contains `.git`, at or above `root`, to `root`.
fn repository_of(root: &Root) -> Option<String> {
    let folder = root.path().canonicalize().ok()?;
    let repository = folder
        .ancestors()
        .find(|folder| folder.join(".git").exists())?;
    below(repository, root)
}

/// Returns the path from `folder` to `root`, which is in it or equal: empty, or ending with `/`.
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

/// Returns the byte offset of a column in its line. Columns count characters from 1.
pub(super) fn offset_of(line: &str, column: u32) -> usize {
    let before = usize::try_from(column)
        .unwrap_or(usize::MAX)
        .saturating_sub(1);
    line.char_indices()
        .nth(before)
        .map_or(line.len(), |(offset, _)| offset)
}

/// Returns the column of a byte offset in UTF-16 code units, from 1.
pub(super) fn utf16_column(line: &str, offset: usize) -> usize {
    line[..offset].encode_utf16().count() + 1
}

/// Returns the end of the token that starts at a byte offset: a Markdown image, a tag, a quoted
/// text, or a word.
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
    // A plain scalar of YAML may have spaces, except within brackets.
    let before = line[..start].trim_end();
    let is_scalar = before.ends_with([':', '-']) && !before.contains(['[', '{']);
    if is_scalar && !is_quote && !matches!(first, '[' | '{') {
        let ends = [" #", ", "].into_iter().filter_map(|end| rest.find(end));
        let end = ends.min().unwrap_or(rest.len());
        return start + rest[..end].trim_end().len();
    }
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
    // If the quoted text continues on the next line, only its opening quote is marked.
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
            ("image: /a b.png", 7, "/a b.png"),
            ("- image: /a b.png # c", 9, "/a b.png"),
            ("- { image: /a b.png, c: d }", 11, "/a"),
            ("images: [/a.png, /b.png]", 8, "[/a.png"),
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
