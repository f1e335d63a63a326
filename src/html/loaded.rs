//! Finds the variants that a page loads: the bytes of a page go in, variant names in attributes,
//! styles and scripts come out. Names that the text only mentions are left out.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, Read};

use lol_html::{HtmlRewriter, MemorySettings, Settings, element, text};

use super::feed::{self, may_be_feed};
use super::named::NameReader;
use super::scan_error::{LARGEST_MEMORY, ScanError};
use crate::path::SitePath;

/// Attributes whose values are texts for readers.
const TEXTS: [&str; 8] = [
    "alt",
    "aria-description",
    "aria-label",
    "label",
    "placeholder",
    "summary",
    "title",
    "value",
];

/// Number of bytes that are read at once.
const CHUNK: usize = 64 << 10;

/// Returns the names of the variants that a page or feed loads.
pub(super) fn loaded(path: &SitePath, page: &mut dyn Read) -> Result<BTreeSet<String>, ScanError> {
    if !may_be_feed(path) {
        return of_html(page);
    }
    let mut bytes = Vec::new();
    page.take(feed::LARGEST).read_to_end(&mut bytes)?;
    let mut names = of_html(&mut bytes.as_slice())?;
    for piece in feed::pieces(&String::from_utf8_lossy(&bytes)) {
        names.extend(of_html(&mut piece.html.as_bytes())?);
    }
    Ok(names)
}

fn of_html(page: &mut dyn Read) -> Result<BTreeSet<String>, ScanError> {
    let names = RefCell::new(BTreeSet::new());
    let code = RefCell::new(String::new());
    let note = |text: &str| {
        let found = NameReader::new(text.as_bytes()).names();
        names.borrow_mut().extend(found.unwrap_or_default());
    };
    let settings = Settings::new()
        .with_strict(false)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(LARGEST_MEMORY))
        .append_element_content_handler(element!("*", |element| {
            for attribute in element.attributes() {
                if !TEXTS.contains(&attribute.name().as_str()) {
                    note(&attribute.value());
                }
            }
            Ok(())
        }))
        // The content of these elements is code or markup, not text for readers.
        .append_element_content_handler(text!("script, style, noscript", |text| {
            let mut code = code.borrow_mut();
            code.push_str(text.as_str());
            if text.last_in_text_node() || code.len() > LARGEST_MEMORY {
                note(&std::mem::take(&mut *code));
            }
            Ok(())
        }));
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    let mut chunk = vec![0; CHUNK];
    loop {
        match page.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => rewriter.write(&chunk[..length])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    rewriter.end()?;
    Ok(names.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(file: &str, page: &str) -> usize {
        let path = SitePath::normalise(file).unwrap();
        let page = page.replace('#', "/v/a-320.0123456789.webp");
        loaded(&path, &mut page.as_bytes()).unwrap().len()
    }

    #[test]
    fn what_is_loaded_is_told_from_what_is_mentioned() {
        for (page, count) in [
            ("<img src=#>", 1),
            ("<img src=a.png srcset='# 320w'>", 1),
            ("<p style='background:url(#)'>", 1),
            ("<meta property=og:image content=#>", 1),
            ("<div data-background=#></div>", 1),
            ("<script>const a = '#';</script>", 1),
            ("<style>p{background:url(#)}</style>", 1),
            ("<noscript><img src=#></noscript>", 1),
            ("<p>#</p><code>&lt;img src=#&gt;</code>", 0),
            ("<img src=a.png alt='#' title=#>", 0),
            ("<!-- <img src=#> --><title>#</title>", 0),
        ] {
            assert_eq!(names("a.html", page), count, "{page}");
        }
        let item =
            |html: &str| format!("<rss><item><description>{html}</description></item></rss>");
        for (html, count) in [
            ("&lt;img src=&quot;#&quot;&gt;", 1),
            ("<![CDATA[<img src=#>]]>", 1),
            ("&lt;p&gt;#&lt;/p&gt;", 0),
        ] {
            assert_eq!(names("feed.xml", &item(html)), count, "{html}");
        }
        assert_eq!(names("feed.xml", "<rss><enclosure url='#'/></rss>"), 1);
    }
}
