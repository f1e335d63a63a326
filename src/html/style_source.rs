//! Takes the style sheets out of files in other syntaxes than CSS: the indented syntax of Sass, and
//! the `<style>` elements of components; puts the rule for heights into them.

use super::heights::{HEIGHT_RULE, Heights};

/// A kind of file with styles, by its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StyleSource {
    Scss,
    /// The indented syntax of Sass.
    Sass,
    Less,
    Css,
    /// A component with `<style>` elements.
    Astro,
    Vue,
    Svelte,
}

impl StyleSource {
    /// Returns the kind of a file with this extension, in lower case.
    pub fn of(extension: &str) -> Option<Self> {
        Some(match extension {
            "scss" => StyleSource::Scss,
            "sass" => StyleSource::Sass,
            "less" => StyleSource::Less,
            "css" => StyleSource::Css,
            "astro" => StyleSource::Astro,
            "vue" => StyleSource::Vue,
            "svelte" => StyleSource::Svelte,
            _ => return None,
        })
    }

    fn is_component(self) -> bool {
        matches!(
            self,
            StyleSource::Astro | StyleSource::Vue | StyleSource::Svelte
        )
    }

    /// Reads what a file says about the height of images. Styles that are only for the elements of
    /// one component let the height of no other image follow.
    pub fn heights(self, text: &str) -> Heights {
        match self {
            StyleSource::Sass => Heights::of(&scss(text)),
            _ if self.is_component() => {
                let styles = styles(text).into_iter();
                let all = styles.map(|style| style.heights(self, text));
                all.fold(Heights::default(), |all, one| Heights {
                    follow: all.follow || one.follow,
                    are_fixed: all.are_fixed || one.are_fixed,
                })
            }
            _ => Heights::of(text),
        }
    }

    /// Adds [`HEIGHT_RULE`] to the end of a style sheet, or of the last `<style>` that needs it.
    /// `None` if there is no such element.
    pub fn with_rule(self, text: &str) -> Option<String> {
        let newline = match text.contains("\r\n") {
            true => "\r\n",
            false => "\n",
        };
        let (end, is_indented, margin) = if self.is_component() {
            let mut styles = styles(text).into_iter().rev();
            let style = styles.find(|style| style.heights(self, text).are_fixed)?;
            let margin = match style.language {
                Some("sass") => style.margin(text),
                _ => "",
            };
            (style.end, style.language == Some("sass"), margin)
        } else {
            (text.len(), self == StyleSource::Sass, "")
        };
        let (before, after) = text.split_at(end);
        // White space before the end tag stays there.
        let kept = match after {
            "" => before,
            _ => before.trim_end_matches([' ', '\t']),
        };
        let gap = match kept.ends_with('\n') {
            true => "",
            false => newline,
        };
        let rule = match is_indented {
            true => indented_rule(margin, step(text), newline),
            false => HEIGHT_RULE.to_owned(),
        };
        let rest = &text[kept.len()..];
        Some(format!("{kept}{gap}{rule}{newline}{rest}"))
    }
}

/// Returns [`HEIGHT_RULE`] in the indented syntax. LibSass reads a line that starts with a colon as a
/// declaration, so that the selector needs a `*`.
fn indented_rule(margin: &str, step: &str, newline: &str) -> String {
    let (selector, block) = HEIGHT_RULE.split_once('{').unwrap_or_default();
    let declaration = block.trim_end_matches('}').trim();
    let selector = selector.trim();
    format!("{margin}*{selector}{newline}{margin}{step}{declaration}")
}

/// Returns one step of indentation, of the characters that a style sheet uses: Sass allows no
/// others.
fn step(text: &str) -> &'static str {
    let is_by_tabs = text.lines().any(|line| line.starts_with('\t'));
    if is_by_tabs { "\t" } else { "  " }
}

/// The content of a `<style>` element.
struct Style<'t> {
    start: usize,
    end: usize,
    attributes: &'t str,
    /// Value of `lang`.
    language: Option<&'t str>,
}

impl<'t> Style<'t> {
    fn new(start: usize, end: usize, attributes: &'t str) -> Self {
        let language = attributes.split_once("lang=").and_then(|(_, value)| {
            value
                .split(['"', '\'', ' ', '>'])
                .find(|part| !part.is_empty())
        });
        Style {
            start,
            end,
            attributes,
            language,
        }
    }

    fn heights(&self, source: StyleSource, text: &str) -> Heights {
        let content = &text[self.start..self.end];
        let heights = match self.language {
            Some("sass") => Heights::of(&scss(content)),
            None | Some("css" | "scss" | "less" | "postcss") => Heights::of(content),
            Some(_) => Heights::default(),
        };
        let has = |name: &str| {
            let mut words = self.attributes.split_whitespace();
            words.any(|word| word.split('=').next() == Some(name))
        };
        let is_global = match source {
            StyleSource::Astro => has("is:global") || has("is:inline"),
            StyleSource::Vue => !has("scoped"),
            StyleSource::Svelte => has("global"),
            _ => true,
        };
        // Within the component, its own rule is enough.
        Heights {
            follow: heights.follow && is_global,
            are_fixed: heights.are_fixed && (is_global || !heights.follow),
        }
    }

    /// The white space before the first line with content.
    fn margin<'s>(&self, text: &'s str) -> &'s str {
        let mut lines = text[self.start..self.end].lines();
        let line = lines
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default();
        &line[..line.len() - line.trim_start().len()]
    }
}

/// Returns the `<style>` elements of a component, in order.
fn styles(text: &str) -> Vec<Style<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find('<').map(|next| at + next) {
        let rest = &text[next..];
        at = next + 1;
        if let Some(comment) = rest.strip_prefix("<!--") {
            let Some(length) = comment.find("-->") else {
                break;
            };
            at = next + "<!--".len() + length;
            continue;
        }
        let Some(tag) = rest.strip_prefix("<style") else {
            continue;
        };
        if !tag.starts_with(|c: char| c.is_whitespace() || c == '>') {
            continue;
        }
        let (Some(open), Some(close)) = (tag.find('>'), tag.find("</style")) else {
            break;
        };
        let tag_start = next + "<style".len();
        if open < close {
            let attributes = &tag[..open];
            found.push(Style::new(
                tag_start + open + 1,
                tag_start + close,
                attributes,
            ));
        }
        at = tag_start + close;
    }
    found
}

/// Returns a style sheet in the indented syntax of Sass as SCSS. Takes time in proportion to the
/// text.
fn scss(source: &str) -> String {
    let source = super::heights::body(source);
    let mut text = String::with_capacity(source.len() + source.len() / 8);
    // The indentations of the open blocks.
    let mut open: Vec<usize> = Vec::new();
    // The line before, which may open a block, and its indentation.
    let mut last: Option<(usize, &str)> = None;
    // The indentation of a comment, which lines that are indented deeper belong to.
    let mut comment: Option<usize> = None;
    for line in source.lines() {
        let content = line.trim();
        let indentation = line.len() - line.trim_start().len();
        if content.is_empty() || comment.is_some_and(|outer| indentation > outer) {
            continue;
        }
        comment = (content.starts_with("//") || content.starts_with("/*")).then_some(indentation);
        if comment.is_some() {
            continue;
        }
        if let Some((before, line)) = last.take() {
            add(&mut text, line, indentation > before);
            if indentation > before {
                open.push(before);
            }
        }
        while open.pop_if(|outer| indentation <= *outer).is_some() {
            text.push_str("}\n");
        }
        if content.ends_with(',') {
            // The list of selectors continues on the next line.
            text.push_str(content);
            text.push('\n');
        } else {
            last = Some((indentation, content));
        }
    }
    if let Some((_, line)) = last {
        add(&mut text, line, false);
    }
    text.extend(open.iter().map(|_| "}\n"));
    text
}

/// Adds a line of the indented syntax, which opens a block or not.
fn add(text: &mut String, line: &str, opens: bool) {
    let line = line.split(" //").next().unwrap_or(line).trim_end();
    match (line.strip_prefix('='), line.strip_prefix('+')) {
        (Some(mixin), _) => {
            text.push_str("@mixin ");
            text.push_str(mixin);
        }
        // In a block, `+ a` is a selector.
        (_, Some(include)) if !include.starts_with(' ') => {
            text.push_str("@include ");
            text.push_str(include);
        }
        _ => text.push_str(line),
    }
    text.push_str(if opens { " {\n" } else { ";\n" });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heights(follow: bool, are_fixed: bool) -> Heights {
        Heights { follow, are_fixed }
    }

    #[test]
    fn the_indented_syntax_is_read() {
        for (source, expected) in [
            ("img\n  max-width: 100%\n", heights(false, true)),
            (
                "img\n  max-width: 100%\n  height: auto\n",
                heights(true, false),
            ),
            (
                "---\n---\n\nimg\r\n\theight: auto\r\n",
                heights(true, false),
            ),
            (
                ".post\n  color: red\n\n  img\n    width: 100%\n.a\n  top: 0",
                heights(false, true),
            ),
            ("svg,\nimg\n  height: auto\n", heights(true, false)),
            (
                "// a comment\n    img\n      height: auto\nimg\n  width: 100% // fit\n",
                heights(false, true),
            ),
            (
                "/* a\n   img\n     height: auto */\n",
                heights(false, false),
            ),
            ("=fit\n  img\n    height: auto\n", heights(false, false)),
            (
                ".a\n  +fit\n  img\n    max-width: $wide\n",
                heights(false, true),
            ),
            (
                "@media print\n  img\n    max-width: 100%\nimg\n  height: auto",
                heights(true, false),
            ),
            (
                "@media (max-width: 40em)\n  img\n    height: auto\n",
                heights(false, false),
            ),
            ("", heights(false, false)),
            ("    \n  img", heights(false, false)),
        ] {
            let found = StyleSource::Sass.heights(source);
            assert_eq!(found, expected, "{source}\n{}", scss(source));
        }
    }

    #[test]
    fn the_styles_of_components_are_read() {
        use StyleSource::{Astro, Svelte, Vue};
        let fit = "img { max-width: 100% }";
        let auto = "img { height: auto }";
        for (source, text, expected) in [
            (Astro, format!("<style>{fit}</style>"), heights(false, true)),
            (
                Astro,
                format!("---\nconst a = 1 < 2;\n---\n<p>\n<style is:global>{auto}</style>"),
                heights(true, false),
            ),
            // Only for images of the component.
            (
                Astro,
                format!("<style>{auto}</style>"),
                heights(false, false),
            ),
            (
                Svelte,
                format!("<style>{auto}</style>"),
                heights(false, false),
            ),
            (
                Vue,
                format!("<style scoped>{auto}</style>"),
                heights(false, false),
            ),
            (Vue, format!("<style>{auto}</style>"), heights(true, false)),
            (
                Vue,
                format!("<style scoped>{fit}</style>\n<style>{auto}</style>"),
                heights(true, true),
            ),
            (
                Vue,
                "<style lang=\"sass\">\n  img\n    height: auto\n</style>".to_owned(),
                heights(true, false),
            ),
            (
                Vue,
                "<style lang='scss'>.a { img { width: 50% } }</style>".to_owned(),
                heights(false, true),
            ),
            // Another language is not read.
            (
                Vue,
                format!("<style lang=stylus>{auto}</style>"),
                heights(false, false),
            ),
            (
                Astro,
                format!("<!-- <style is:global>{auto}</style> --><styled>{fit}</styled>"),
                heights(false, false),
            ),
            (Astro, format!("<style>{fit}"), heights(false, false)),
            (Astro, format!("{fit} <!-- <style>"), heights(false, false)),
        ] {
            assert_eq!(source.heights(&text), expected, "{text}");
        }
    }

    #[test]
    fn the_rule_goes_where_it_counts() {
        use StyleSource::{Astro, Css, Sass, Vue};
        let rule = ":where(img[srcset]) { height: auto }";
        let indented = "*:where(img[srcset])\n  height: auto";
        for (source, text, expected) in [
            (Css, "img{width:9em}", format!("img{{width:9em}}\n{rule}\n")),
            (
                Css,
                "a{}\r\nimg{width:9em}\r\n",
                format!("a{{}}\r\nimg{{width:9em}}\r\n{rule}\r\n"),
            ),
            (
                Sass,
                "img\n  width: 9em\n",
                format!("img\n  width: 9em\n{indented}\n"),
            ),
            (
                Sass,
                "img\n\twidth: 9em\n",
                "img\n\twidth: 9em\n*:where(img[srcset])\n\theight: auto\n".to_owned(),
            ),
            (
                Astro,
                "<p>\n<style>\n  img { width: 9em }\n  </style>\n<style>a {}</style>\n",
                format!("<p>\n<style>\n  img {{ width: 9em }}\n{rule}\n  </style>\n<style>a {{}}</style>\n"),
            ),
            (
                Vue,
                "<style lang=\"sass\">\n  img\n    width: 9em\n</style>\n",
                "<style lang=\"sass\">\n  img\n    width: 9em\n  *:where(img[srcset])\n    height: auto\n</style>\n".to_owned(),
            ),
        ] {
            let edited = source.with_rule(text).unwrap();
            assert_eq!(edited, expected, "{text}");
            // Nothing more is needed.
            let heights = source.heights(&edited);
            assert!(heights.follow || !heights.are_fixed, "{edited}");
        }
        assert_eq!(Astro.with_rule("<p>"), None);
    }

    #[test]
    fn hostile_sources_end() {
        let deep: String = (0..2000).map(|depth| " ".repeat(depth) + "a\n").collect();
        for text in [deep, "<style".repeat(50_000), "<style><".repeat(50_000)] {
            StyleSource::Sass.heights(&text);
            StyleSource::Astro.heights(&text);
        }
    }
}
