//! Renders a sheet as one HTML file without external resources. Its content security policy forbids
//! them.
//!
//! The words of the page are in its script. All data from the site goes through JSON and text
//! nodes, never through HTML.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::Sheet;
use crate::language::Language;

/// The style sheet that the contact sheet shares with the page of `--timings`.
pub const STYLE: &str = include_str!("page/base.css");
const SHEET_STYLE: &str = include_str!("page/sheet.css");
const BODY: &str = include_str!("page/body.html");
/// The scripts in the order in which they run. They are concatenated into one module.
const SCRIPTS: [&str; 7] = [
    include_str!("page/words.js"),
    include_str!("page/dom.js"),
    include_str!("page/state.js"),
    include_str!("page/list.js"),
    include_str!("page/compare.js"),
    include_str!("page/panel.js"),
    include_str!("page/main.js"),
];

/// The source from which the page gets its sheet and its images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode<'r> {
    /// The sheet is embedded in the page. `root` is the relative URL from the page to the root of
    /// the site: empty, or ending with `/`.
    Static { root: &'r str },
    /// The page fetches `sheet.json` and `image/PATH` from the server that sent it, and again after
    /// each event `sheet` of `events`. It also imports `edit.js`. Each request repeats the query of
    /// the page, which contains the token.
    Preview,
}

/// Renders the page. `language` is its language until the reader chooses another one; `None` stands
/// for the one that the browser prefers.
pub fn page(sheet: &Sheet, mode: Mode<'_>, language: Option<Language>) -> String {
    let style = [STYLE, SHEET_STYLE].concat();
    let script = SCRIPTS.concat();
    let (name, root, sources) = match mode {
        Mode::Static { root } => ("static", root, "img-src 'self' data: file:"),
        Mode::Preview => (
            "preview",
            "",
            "img-src 'self' data: blob:; connect-src 'self'",
        ),
    };
    let own = match mode {
        Mode::Static { .. } => "",
        Mode::Preview => "'self' ",
    };
    let policy = format!(
        "default-src 'none'; script-src {own}'{}'; style-src '{}'; {sources}; base-uri 'none'; \
         form-action 'none'",
        hash(&script),
        hash(&style)
    );
    let language = language.map(|language| format!(" data-lang=\"{}\"", language.code()));
    let language = language.unwrap_or_default();
    let data = match mode {
        Mode::Static { .. } => format!(
            "<script type=\"application/json\" id=\"sheet\">{}</script>\n",
            json(sheet)
        ),
        Mode::Preview => String::new(),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\" data-mode=\"{name}\" data-root=\"{}\"{language}>\n<head>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <meta name=\"generator\" content=\"planche {}\">\n\
         <title>Contact sheet</title>\n<style>{style}</style>\n</head>\n{BODY}{data}\
         <script type=\"module\">{script}</script>\n</body>\n</html>\n",
        escaped(root),
        env!("CARGO_PKG_VERSION"),
    )
}

/// Serialises the sheet as JSON that cannot close the `<script>` element around it.
fn json(sheet: &Sheet) -> String {
    let json = serde_json::to_string(sheet).expect("a sheet has no maps with other keys");
    json.replace('<', "\\u003c")
}

/// Escapes a text for an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

/// Returns the hash of an inline script or style as a CSP source expression (CSP 3, section 2.3.1).
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_the_standard() {
        // CSP 3, section 8.3: the example of `alert('Hello, world.');`.
        let expected = "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=";
        assert_eq!(hash("alert('Hello, world.');"), expected);
    }

    #[test]
    fn no_part_of_the_page_ends_its_element() {
        for script in SCRIPTS {
            assert!(!script.contains("</"), "it would end the script");
        }
        assert!(!STYLE.contains("</") && !SHEET_STYLE.contains("</"));
    }
}
