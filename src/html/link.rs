//! Links to style sheets: CSS text goes in, the style sheets that it imports come out.

use cssparser::{Parser, ParserInput, Token};

use super::media::Applies;

/// Names of packages and files whose style sheets only declare icons or formulas.
const ICONS: [&str; 8] = [
    "font-awesome",
    "fontawesome",
    "fontawesome-free",
    "fortawesome",
    "academicons",
    "bootstrap-icons",
    "material-icons",
    "katex",
];

/// Link of a page, or of a style sheet, to a style sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub href: String,
    /// Never [`Applies::Never`].
    pub applies: Applies,
}

impl Link {
    /// Whether the style sheet only declares fonts, judging by its host, so that it does not affect
    /// images.
    pub fn is_of_fonts(&self) -> bool {
        let host = self.href.split_once("//").map_or("", |(_, rest)| rest);
        let host = host.split('/').next().unwrap_or_default();
        host.starts_with("fonts.") || host == "use.typekit.net"
    }

    /// Whether a style sheet that planche cannot read only declares icons or formulas, judging by a
    /// name in its URL. A bundle has several.
    pub fn is_of_icons(&self) -> bool {
        let is_bundle = self.href.contains([',', '+']) || self.href.contains("/combine/");
        let is_named = |part: &str| {
            let mut names = ICONS.iter();
            names.any(|name| {
                let rest = part.strip_prefix(name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['@', '.']))
            })
        };
        !is_bundle && self.href.split('/').any(is_named)
    }
}

/// Returns the style sheets that a style sheet imports for screens, in order. One for a cascade
/// layer, or under a condition, applies sometimes.
///
/// Browsers ignore an `@import` after a rule other than `@charset` and `@layer NAME;`
/// ([CSS Cascading and Inheritance 5, section 2](https://www.w3.org/TR/css-cascade-5/#at-import)).
pub(super) fn imports(css: &str) -> Vec<Link> {
    let mut input = ParserInput::new(css);
    let mut css = Parser::new(&mut input);
    let mut found = Vec::new();
    loop {
        let name = match css.next() {
            Ok(Token::AtKeyword(name)) => name.to_ascii_lowercase(),
            // The marks of HTML comments are no rules.
            Ok(Token::CDO | Token::CDC) => continue,
            _ => return found,
        };
        match name.as_str() {
            "import" => found.extend(import(&mut css)),
            "charset" | "layer" if ends_without_block(&mut css) => {}
            _ => return found,
        }
    }
}

/// Reads the rest of an `@import`.
fn import(css: &mut Parser<'_, '_>) -> Option<Link> {
    let href = css.expect_url_or_string().map(|href| href.to_string());
    let start = css.position();
    ends_without_block(css);
    let condition = css.slice_from(start).trim_end_matches(';').trim();
    // `supports(…)` and `layer` look like functions and media types that do not exist.
    let first = condition.split(|c: char| !c.is_alphanumeric()).next();
    let applies = match first.map(str::to_ascii_lowercase).as_deref() {
        Some("layer" | "supports") => Applies::Sometimes,
        _ => Applies::of(condition),
    };
    let href = href.ok().filter(|_| applies != Applies::Never)?;
    Some(Link { href, applies })
}

/// Advances past the end of a rule. Returns whether a semicolon ends it, not a block.
fn ends_without_block(css: &mut Parser<'_, '_>) -> bool {
    while let Ok(token) = css.next() {
        match token {
            Token::Semicolon => return true,
            Token::CurlyBracketBlock => return false,
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Chromium loads them, and lists them as `CSSImportRule`.
    #[test]
    fn imports_are_before_all_other_rules() {
        use Applies::{Always, Sometimes};
        for (css, expected) in [
            ("", &[][..]),
            ("@import 'a.css';img{}", &[("a.css", Always)]),
            (
                "/* @import 'b.css'; */ @IMPORT url(a.css)",
                &[("a.css", Always)],
            ),
            (
                "@charset \"utf-8\";@import url( 'a.css?x=1;2' );@import \"b\\2e css\" screen;",
                &[("a.css?x=1;2", Always), ("b.css", Always)],
            ),
            (
                "@layer x, y;@import 'a.css' layer(x);",
                &[("a.css", Sometimes)],
            ),
            (
                "@import 'a.css' supports(display: grid) screen;",
                &[("a.css", Sometimes)],
            ),
            (
                "@import 'a.css' (min-width: 40em);",
                &[("a.css", Sometimes)],
            ),
            (
                "@import 'a.css' print;@import 'b.css';",
                &[("b.css", Always)],
            ),
            ("@import a.css;@import 'b.css';", &[("b.css", Always)]),
            ("<!-- @import 'a.css'; -->", &[("a.css", Always)]),
            ("img{}@import 'a.css';", &[]),
            ("@layer x{img{}}@import 'a.css';", &[]),
            ("@media screen{img{}}@import 'a.css';", &[]),
            (".x{background:url('@import a.css')}", &[]),
        ] {
            let found = imports(css);
            let found: Vec<(&str, Applies)> = found
                .iter()
                .map(|link| (link.href.as_str(), link.applies))
                .collect();
            assert_eq!(found, expected, "{css}");
        }
    }
}
