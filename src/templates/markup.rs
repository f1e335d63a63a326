//! Finds the `<img>` tags and outputs of a template, leaving out comments, raw text, code and the
//! values of attributes.

use std::ops::Range;

use super::tag::{self, Tag, Value};
use crate::generator::Templates;

/// Elements whose content is text to a browser.
const RAW: [&str; 8] = [
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
];

/// Blocks of template code whose content is not run, or is shown as text.
const VERBATIM: [&str; 5] = ["raw", "verbatim", "comment", "highlight", "doc"];

/// Maximum number of tags without an end that are skipped: each may have been read to the end.
const UNCLOSED_LIMIT: usize = 64;

/// Images and outputs of a template.
#[derive(Debug, Default)]
pub(super) struct Markup<'t> {
    /// The `<img>` tags.
    pub images: Vec<Tag<'t>>,
    /// The `<source>` tags of pictures.
    pub sources: Vec<Tag<'t>>,
    /// Byte ranges of the `<picture>` elements with a `<source>`, in order.
    pictures: Vec<Range<usize>>,
    /// Byte ranges of the outputs `{{ … }}` between tags.
    pub outputs: Vec<Range<usize>>,
    /// Attributes `style` and elements `<style>` with a URL, with the byte range of their tag.
    pub styles: Vec<(Range<usize>, &'t str)>,
}

impl<'t> Markup<'t> {
    /// Returns the `<picture>` with a `<source>` that contains a tag.
    pub fn picture_around(&self, tag: &Tag<'_>) -> Option<&Range<usize>> {
        let start = tag.span.start;
        let after = self
            .pictures
            .partition_point(|picture| picture.start <= start);
        let last = self.pictures[..after].last()?;
        last.contains(&start).then_some(last)
    }

    fn add_picture(&mut self, text: &str, start: usize) {
        let is_nested = self
            .pictures
            .last()
            .is_some_and(|last| last.contains(&start));
        if !is_nested {
            let end = start + until(&text[start..], "</picture>");
            self.pictures.push(start..end);
        }
    }

    fn add_style(&mut self, tag: &Tag<'t>, style: &'t str) {
        if style.contains("url(") && style.contains('{') {
            self.styles.push((tag.span.clone(), style));
        }
    }
}

/// Parses a template. Takes time in proportion to the text.
pub(super) fn read(text: &str, language: Templates) -> Markup<'_> {
    let mut markup = Markup::default();
    let mut unclosed = 0;
    let mut at = front_matter(text);
    while let Some(start) = text[at..].find(['<', '{']).map(|next| at + next) {
        let rest = &text[start..];
        if let Some(length) = code(rest, language) {
            if rest.starts_with("{{") && is_output(&rest[..length]) {
                markup.outputs.push(start..start + length);
            }
            at = start + length;
        } else if rest.starts_with("<!--") {
            at = start + until(rest, "-->");
        } else if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) || rest.starts_with('{')
        {
            at = start + 1;
        } else if let Some(tag) = tag::tag(text, start) {
            at = tag.span.end;
            let name = tag.name.to_ascii_lowercase();
            if let Some(Value::Text(style) | Value::Expression(style)) = tag.get("style") {
                markup.add_style(&tag, style);
            }
            if RAW.contains(&name.as_str()) {
                let length = raw_text(&text[at..], &name);
                if name == "style" {
                    markup.add_style(&tag, &text[at..at + length]);
                }
                at += length;
            }
            match name.as_str() {
                "img" => markup.images.push(tag),
                "picture" => markup.add_picture(text, start),
                "source" => markup.sources.push(tag),
                _ => {}
            }
        } else {
            unclosed += 1;
            if unclosed > UNCLOSED_LIMIT {
                break;
            }
            at = start + 1;
        }
    }
    let sources = &markup.sources;
    markup.pictures.retain(|picture| {
        let first = sources.partition_point(|source| source.span.start < picture.start);
        let first = sources.get(first);
        first.is_some_and(|source| picture.contains(&source.span.start))
    });
    markup
}

/// Returns the length of the front matter, which a layout may have as well; in Astro, it is a
/// program.
fn front_matter(text: &str) -> usize {
    let start = text.len() - text.trim_start_matches('\u{feff}').trim_start().len();
    let rest = &text[start..];
    match rest.strip_prefix("---").and_then(|rest| rest.find("\n---")) {
        Some(end) => start + "---".len() + end + "\n---".len(),
        None => 0,
    }
}

/// Returns the length of the template code at the start of a text, including the content of a block
/// that is not markup. `None` if there is no code.
fn code(text: &str, language: Templates) -> Option<usize> {
    if language == Templates::Plain {
        // A comment in Astro: `{/* … */}`.
        let comment = text.strip_prefix('{')?.trim_start().starts_with("/*");
        return comment.then(|| until(text, "*/"));
    }
    if text.starts_with("{#") && matches!(language, Templates::Nunjucks | Templates::Tera) {
        return Some(until(text, "#}"));
    }
    if let Some(inner) = text.strip_prefix("{{") {
        let inner = inner.trim_start_matches(['-', ' ', '<', '%']);
        let is_comment = language == Templates::Go && inner.starts_with("/*");
        return Some(match is_comment {
            true => go_comment(text),
            false => code_end(text, "}}", language),
        });
    }
    if !text.starts_with("{%") || language == Templates::Go {
        return None;
    }
    let end = code_end(text, "%}", language);
    let word = word(&text["{%".len()..end]);
    let is_verbatim = VERBATIM.contains(&word);
    let is_verbatim = is_verbatim && !(language == Templates::Tera && word != "raw");
    Some(
        end + if is_verbatim {
            block(&text[end..], word)
        } else {
            0
        },
    )
}

/// Returns the length of a comment of Go's templates: `{{/* … */}}` or `{{- /* … */ -}}`.
fn go_comment(text: &str) -> usize {
    let end = until(text, "*/");
    end + until(&text[end..], "}}")
}

/// Returns the length of code, including its closing delimiter. Strings of Go, Nunjucks and Tera
/// may contain the delimiter.
fn code_end(text: &str, close: &str, language: Templates) -> usize {
    let first = until(text, close);
    if language == Templates::Liquid {
        return first;
    }
    let mut quote = None;
    for (at, c) in text.char_indices().skip(2).take(1 << 12) {
        match (quote, c) {
            (None, '"' | '\'' | '`') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            (None, _) if text[at..].starts_with(close) => return at + close.len(),
            _ => {}
        }
    }
    // A quote without an end was an apostrophe.
    first
}

/// Returns the first word of code, without its opening delimiter, such as `- raw -%}`.
fn word(code: &str) -> &str {
    let inner = code.trim_start_matches(['-', '+', '~', ' ', '\t', '\r', '\n']);
    let end = inner.find(|c: char| !c.is_alphanumeric() && c != '_');
    &inner[..end.unwrap_or(inner.len())]
}

/// Returns the length of the content of a block, including its end tag. Comments may be nested.
fn block(text: &str, name: &str) -> usize {
    let mut depth = 1;
    let mut at = 0;
    while let Some(start) = text[at..].find("{%").map(|next| at + next) {
        at = start + "{%".len();
        let word = word(&text[at..]);
        if word.strip_prefix("end") == Some(name) {
            depth -= 1;
        } else if word == name && name == "comment" {
            depth += 1;
        }
        if depth == 0 {
            return start + until(&text[start..], "%}");
        }
    }
    text.len()
}

/// Returns the length of the content of an element of raw text.
fn raw_text(text: &str, name: &str) -> usize {
    let mut at = 0;
    while let Some(start) = text[at..].find("</").map(|next| at + next) {
        let rest = &text.as_bytes()[start + 2..];
        let is_name = rest
            .get(..name.len())
            .is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()));
        let after = rest.get(name.len());
        if is_name
            && after.is_none_or(|byte| matches!(byte, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n'))
        {
            return start;
        }
        at = start + 2;
    }
    text.len()
}

/// Returns the length of a text up to and including a mark; that of the whole text without one.
fn until(text: &str, mark: &str) -> usize {
    text.find(mark).map_or(text.len(), |at| at + mark.len())
}

/// Whether code is an output, not a comment.
fn is_output(code: &str) -> bool {
    code.ends_with("}}") && !code.trim_start_matches(['{', '-', ' ']).starts_with("/*")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str, language: Templates) -> (usize, usize) {
        let markup = read(text, language);
        (markup.images.len(), markup.outputs.len())
    }

    #[test]
    fn images_outside_markup_are_not_found() {
        const IMG: &str = "<img src=\"{{ page.image }}\">{{ content }}";
        use Templates::{Go, Liquid, Nunjucks, Plain, Tera};
        for (before, after, language) in [
            ("{% raw %}", "{% endraw %}", Liquid),
            ("{%- raw -%}", "{%- endraw -%}", Nunjucks),
            ("{% raw %}", "{% endraw %}", Tera),
            ("{% verbatim %}", "{% endverbatim %}", Nunjucks),
            ("{% comment %}", "{% endcomment %}", Liquid),
            (
                "{% comment %}{% comment %}{% endcomment %}",
                "{% endcomment %}",
                Liquid,
            ),
            ("{% highlight html %}", "{% endhighlight %}", Liquid),
            ("{#", "#}", Nunjucks),
            ("{#-", "-#}", Tera),
            ("{{/*", "*/}}", Go),
            ("{{- /*", "*/ -}}", Go),
            ("<!--", "-->", Liquid),
            ("<script>'", "'</script>", Liquid),
            (
                "<SCRIPT type=text/template>",
                "</scripts></Script >",
                Nunjucks,
            ),
            ("<style>", "</style>", Liquid),
            ("<textarea>", "</textarea>", Liquid),
            ("<title>", "</title>", Liquid),
            ("<p data-x='", "'>", Liquid),
            ("<p data-x='", "'>", Go),
            ("---\na: '", "'\n---\n", Liquid),
        ] {
            let text = format!("{before}{IMG}{after}");
            assert_eq!(count(&text, language), (0, 0), "{text}");
            assert_eq!(count(&(text.clone() + IMG), language), (1, 1), "{text}");
        }
        let astro = "---\nconst a = '<img src={a} />';\n---\n{/* <img src={a} /> */}";
        assert_eq!(count(astro, Plain).0, 0);
        assert_eq!(
            count(&format!("{astro}{{a && <img src={{a}} />}}"), Plain).0,
            1
        );
    }

    #[test]
    fn code_may_contain_tags_in_strings() {
        for (text, language) in [
            (
                "{% assign a = '<img src=\"{{ b }}\">' %}",
                Templates::Liquid,
            ),
            ("{{ \"}}<img src='a'>\" }}", Templates::Go),
            ("{% set a = \"%}<img src='a'>\" %}", Templates::Nunjucks),
        ] {
            assert_eq!(count(text, language).0, 0, "{text}");
        }
        // An apostrophe in a comment of Hugo, or in a text, opens no string.
        let text = "{{ if a }}it's{{ end }}<img src='a'>'";
        assert_eq!(count(text, Templates::Go).0, 1);
    }

    #[test]
    fn images_in_pictures_with_sources_are_marked() {
        let text = "<picture><img a></picture><picture><source b><img c></picture>\
            <img d><picture><source e><picture><img f></picture><img g>";
        let markup = read(text, Templates::Liquid);
        let inside = markup.images.iter();
        let inside: Vec<bool> = inside
            .map(|image| markup.picture_around(image).is_some())
            .collect();
        assert_eq!(inside, [false, true, false, true, false]);
        assert_eq!(markup.sources.len(), 2);
    }

    #[test]
    fn unclosed_parts_end() {
        for text in [
            "<img src=\"a",
            "<img {% if",
            "<imgs>",
            "<img",
            "<!-- <img src=a>",
            "<é",
            "{{",
            "{%",
            "<script><img src=a>",
            "{% raw %}<img src=a>",
            "{% raw %}{% endraw",
        ] {
            assert_eq!(count(text, Templates::Liquid).0, 0, "{text}");
        }
        for unclosed in ["<p title=\"", "<picture><source><img>"] {
            let text = unclosed.repeat(100_000);
            let found = count(&text, Templates::Liquid).0;
            assert_eq!(found, unclosed.matches("<img>").count() * 100_000);
        }
    }
}
