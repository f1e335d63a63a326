//! Template syntax in a body: Liquid, Nunjucks, Tera and Hugo shortcodes.
//!
//! A Markdown or HTML parser must not see it: `![a]({{ site.baseurl }}/a.png)` is not an image in
//! CommonMark. [`mask`] replaces every expression with a token of the same length, so that offsets
//! stay valid, and blanks out text that is not rendered. [`Masked::restore`] puts the expressions
//! back into a value that a parser has found.

mod arguments;
mod tokens;

use std::ops::Range;

use super::image::Image;
use crate::generator::Templates;
use tokens::{Kind, Tokens, end_of_raw};

/// First private-use character of plane 15. A token starts with such a character, which takes four
/// bytes in UTF-8.
const FIRST_TOKEN: u32 = 0xf_0000;
const MAX_TOKENS: usize = 0xfffd;
/// Character that pads a token to its length. It has no meaning in Markdown or HTML.
const FILLER: char = '~';

/// A text with its template expressions masked.
#[derive(Debug)]
pub(super) struct Masked<'t> {
    original: &'t str,
    templates: Templates,
    text: String,
    expressions: Vec<Expression>,
}

#[derive(Clone, Debug)]
struct Expression {
    range: Range<usize>,
    /// Whether it is in an image, a link or code, so that its arguments name no image.
    is_used: bool,
}

/// Masks the expressions of a text. The result has the same length in bytes.
pub(super) fn mask(text: &str, templates: Templates) -> Masked<'_> {
    let mut masked = Masked {
        original: text,
        templates,
        text: String::with_capacity(text.len()),
        expressions: Vec::new(),
    };
    let has_tokens = has_expression(text);
    if templates == Templates::Plain
        || has_tokens
        || !text.contains("{{") && !text.contains("{%") && !text.contains("{#")
    {
        text.clone_into(&mut masked.text);
        return masked;
    }
    let tokens = Tokens::new(text, templates);
    let mut unclosed: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.next(at) {
        masked.text.push_str(&text[at..token.range.start]);
        at = token.range.end;
        let name = text[token.inner.clone()]
            .trim_matches(['-', ' ', '\t', '\n', '\r', '<', '>', '%', '='])
            .split_whitespace()
            .next()
            .unwrap_or_default();
        let may_close = !unclosed.contains(&name);
        match (token.kind, name) {
            (Kind::Comment, _) => masked.blank(token.range),
            // The content of these blocks is never rendered as an image.
            (_, "comment" | "highlight" | "codeblock" | "schema") => {
                let end = may_close.then(|| tokens.end_of_block(at, name)).flatten();
                if end.is_none() {
                    unclosed.push(name);
                }
                at = end.unwrap_or(at);
                masked.blank(token.range.start..at);
            }
            // The content is text, braces included. Only the two tags are removed.
            (Kind::Tag, "raw" | "verbatim") => {
                masked.blank(token.range);
                match may_close.then(|| end_of_raw(text, at, name)).flatten() {
                    Some(end) => {
                        masked.text.push_str(&text[at..end.start]);
                        at = end.end;
                        masked.blank(end);
                    }
                    None => unclosed.push(name),
                }
            }
            _ => masked.token(token.range),
        }
    }
    masked.text.push_str(&text[at..]);
    debug_assert_eq!(masked.text.len(), text.len());
    masked
}

/// Whether a masked text contains the token of an expression.
pub(super) fn has_expression(text: &str) -> bool {
    text.chars().any(|c| u32::from(c) >= FIRST_TOKEN)
}

impl Masked<'_> {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Blanks out a range: appends spaces of the same length, and keeps line breaks. If text
    /// follows on the line and nothing precedes it, appends letters: spaces would turn it into
    /// indented code.
    fn blank(&mut self, range: Range<usize>) {
        let bytes = self.original[range.clone()].bytes();
        self.text
            .extend(bytes.map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        let mut rest = self.original[range.end..].bytes();
        let next = rest.find(|byte| !matches!(byte, b' ' | b'\t'));
        if next.is_none_or(|byte| matches!(byte, b'\r' | b'\n')) {
            return;
        }
        let before = self.original[..range.start].trim_end_matches([' ', '\t']);
        let start = match self.original[range.clone()].rfind('\n') {
            Some(feed) => range.start + feed + 1,
            None if before.is_empty() || before.ends_with('\n') => range.start,
            None => return,
        };
        self.text.truncate(start);
        self.text
            .extend(std::iter::repeat_n('x', range.end - start));
    }

    fn token(&mut self, range: Range<usize>) {
        let index = self.expressions.len();
        let token = u32::try_from(index)
            .ok()
            .filter(|_| index < MAX_TOKENS)
            .and_then(|index| char::from_u32(FIRST_TOKEN + index));
        match token {
            Some(token) => {
                self.text.push(token);
                self.text
                    .extend(std::iter::repeat_n(FILLER, range.len() - token.len_utf8()));
                self.expressions.push(Expression {
                    range,
                    is_used: false,
                });
            }
            None => self.blank(range),
        }
    }

    /// Puts the expressions back into a value that was found in the masked text.
    pub fn restore(&mut self, value: &str) -> String {
        let mut restored = String::with_capacity(value.len());
        let mut chars = value.chars();
        while let Some(c) = chars.next() {
            let index = u32::from(c)
                .checked_sub(FIRST_TOKEN)
                .map(|index| index as usize);
            match index.and_then(|index| self.expressions.get_mut(index)) {
                Some(expression) => {
                    expression.is_used = true;
                    let range = expression.range.clone();
                    let fillers = range.len() - c.len_utf8();
                    restored.push_str(&self.original[range]);
                    chars.by_ref().take(fillers).for_each(drop);
                }
                None => restored.push(c),
            }
        }
        restored
    }

    /// Marks the expressions within these ranges, which are code, as used. The ranges are in order.
    pub fn forget(&mut self, ranges: &[Range<usize>]) {
        for expression in &mut self.expressions {
            let start = expression.range.start;
            let after = ranges.partition_point(|range| range.start <= start);
            if after > 0 && start < ranges[after - 1].end {
                expression.is_used = true;
            }
        }
    }

    /// Replaces each of these ranges with a token. The ranges are in order and at least four bytes
    /// long.
    pub fn hide(&mut self, ranges: Vec<Range<usize>>) {
        let text = std::mem::take(&mut self.text);
        let mut at = 0;
        for range in ranges {
            self.text.push_str(&text[at..range.start]);
            at = range.end;
            self.token(range);
        }
        self.text.push_str(&text[at..]);
    }

    /// Blanks out these ranges, which are in order and do not overlap.
    pub fn erase(&mut self, ranges: &[Range<usize>]) {
        if ranges.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let mut at = 0;
        for range in ranges {
            self.text.push_str(&text[at..range.start]);
            self.blank(range.clone());
            at = range.end;
        }
        self.text.push_str(&text[at..]);
        self.forget(ranges);
    }

    /// Replaces the text with one that has the same length and the same tokens.
    pub fn replace(&mut self, text: String) {
        debug_assert_eq!(text.len(), self.text.len());
        self.text = text;
    }

    /// Returns the images named by arguments of the expressions that are not in an image, a link or
    /// code.
    pub fn arguments(&self) -> impl Iterator<Item = Image> {
        self.expressions
            .iter()
            .filter(|expression| !expression.is_used)
            .flat_map(|expression| {
                let text = &self.original[expression.range.clone()];
                arguments::images_in(text, expression.range.start, self.templates)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Certainty;
    use super::*;

    #[test]
    fn masks_keep_the_length_and_can_be_undone() {
        for text in [
            "a {{ b }} c {% d %} é {{}} {{",
            "{% raw %}{{ not an expression }}{% endraw %}{{ x }}",
            "{% comment %}![a](/b.png) {{ c }}{% endcomment %}d",
            "{#id} {# comment #}",
        ] {
            for templates in [
                Templates::Liquid,
                Templates::Nunjucks,
                Templates::Tera,
                Templates::Go,
                Templates::Plain,
            ] {
                let mut masked = mask(text, templates);
                assert_eq!(masked.text.len(), text.len(), "{text} {templates:?}");
                let copy = masked.text.clone();
                let restored = masked.restore(&copy);
                assert_eq!(restored.len(), text.len());
            }
        }
        let mut masked = mask("![a]({{ site.baseurl }}/b.png)", Templates::Liquid);
        assert!(!masked.text().contains('{'));
        let value = masked.text()[5..masked.text().len() - 1].to_owned();
        assert_eq!(masked.restore(&value), "{{ site.baseurl }}/b.png");
    }

    #[test]
    fn text_that_is_not_rendered_is_blank() {
        let text = "{% comment %}![a](/b.png){% endcomment %}";
        assert!(mask(text, Templates::Liquid).text().trim().is_empty());
        let text = "{{< highlight html >}}<img src=\"/b.png\">{{< /highlight >}}\nx";
        assert_eq!(mask(text, Templates::Go).text().trim(), "x");
        let raw = mask("{% raw %}![a](/b.png){% endraw %}", Templates::Liquid);
        assert_eq!(raw.text().trim(), "xxxxxxxxx![a](/b.png)", "no indent");
        let raw = mask("x {% raw %}![a](/b.png){% endraw %}", Templates::Liquid);
        assert_eq!(raw.text().trim(), "x          ![a](/b.png)");
    }

    #[test]
    fn arguments_name_images() {
        let masked = mask(
            "{% include card.html image_path=\"/a.png\" alt='x' %}",
            Templates::Liquid,
        );
        let values: Vec<String> = masked.arguments().map(|image| image.value).collect();
        assert_eq!(values, ["/a.png"]);
        // Files whose text is put there.
        for text in [
            "{% include \"icons/rss.svg\" %}",
            "{%- include 'rss.svg' ignore missing %}",
            "{% import \"a.svg\" as a %}",
            "{% render \"a.svg\", size: 2 %}",
        ] {
            let masked = mask(text, Templates::Nunjucks);
            assert_eq!(masked.arguments().count(), 0, "{text}");
        }
        for (text, expected) in [
            ("{{ '/a.svg' | contents | safe }}", Certainty::Guessed),
            ("{{ '/a.svg' | url }}", Certainty::PathLike),
            (
                "{% include \"a.njk\", image='/a.svg' %}",
                Certainty::PathLike,
            ),
        ] {
            let masked = mask(text, Templates::Nunjucks);
            let found: Vec<Certainty> = masked.arguments().map(|image| image.certainty).collect();
            assert_eq!(found, [expected], "{text}");
        }
        // Link targets and texts, as found on real sites.
        for text in [
            r#"{{< link href="/a.svg" content="Download" download="b.svg" >}}"#,
            r#"{{< figure link=/a.png alt="a.png" title='b.png' >}}"#,
        ] {
            let masked = mask(text, Templates::Go);
            assert_eq!(masked.arguments().count(), 0, "{text}");
        }
        let masked = mask(
            r#"{{< figure link="/a.png" src="/b.png" >}}"#,
            Templates::Go,
        );
        let values: Vec<String> = masked.arguments().map(|image| image.value).collect();
        assert_eq!(values, ["/b.png"]);
    }
}
