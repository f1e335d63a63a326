//! Template syntax around and inside references: Liquid, Nunjucks, Tera, Go templates.
//!
//! Markdown and HTML parsers must not see it: `![a]({{ site.baseurl }}/a.png)` is no image to
//! them. [`mask`] puts a token of the same length into the place of every expression, so that
//! offsets stay true, and blanks what is not rendered; [`Masked::restore`] puts the expressions
//! back into a value that a parser has found.

use std::ops::Range;

use super::{Certainty, Image, is_local, looks_like_picture};
use crate::site::Templates;

fn has_hash_comments(templates: Templates) -> bool {
    matches!(templates, Templates::Nunjucks | Templates::Tera)
}

/// First of the private-use characters of plane 15, which tokens begin with; four bytes each.
const FIRST_TOKEN: u32 = 0xf_0000;
const MAX_TOKENS: usize = 0xfffd;
/// What fills a token up: means nothing to a parser in any place.
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
    is_shown: bool,
}

/// What kind of thing begins at a brace.
struct Token {
    range: Range<usize>,
    /// The words between the delimiters.
    inner: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `{{ … }}`, `{{< … >}}`: gives text.
    Output,
    /// `{% … %}`: controls.
    Tag,
    Comment,
}

/// Masks the expressions of a text. The result has the same length in bytes.
pub(super) fn mask(text: &str, templates: Templates) -> Masked<'_> {
    let mut masked = Masked {
        original: text,
        templates,
        text: String::with_capacity(text.len()),
        expressions: Vec::new(),
    };
    let has_tokens = text.chars().any(|c| u32::from(c) >= FIRST_TOKEN);
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
        let words = text[token.inner.clone()]
            .trim_matches(['-', ' ', '\t', '\n', '\r', '<', '>', '%', '=']);
        let name = words.split_whitespace().next().unwrap_or_default();
        let region_end = match (token.kind, name) {
            (Kind::Comment, _) => Some(token.range.end),
            // What these hold is never rendered as an image.
            (_, "comment" | "highlight" | "codeblock" | "schema") => {
                let end = if unclosed.contains(&name) {
                    None
                } else {
                    tokens.end_of_block(token.range.end, name)
                };
                if end.is_none() {
                    unclosed.push(name);
                }
                Some(end.unwrap_or(token.range.end))
            }
            _ => None,
        };
        match region_end {
            Some(end) => {
                masked.blank(token.range.start..end);
                at = end;
            }
            // Its content is text, braces included; only the two tags go.
            None if token.kind == Kind::Tag && matches!(name, "raw" | "verbatim") => {
                masked.blank(token.range.clone());
                let end = if unclosed.contains(&name) {
                    None
                } else {
                    end_of_raw(text, at, name)
                };
                match end {
                    Some(end) => {
                        masked.text.push_str(&text[at..end.start]);
                        masked.blank(end.clone());
                        at = end.end;
                    }
                    None => unclosed.push(name),
                }
            }
            None => masked.token(token.range.clone()),
        }
    }
    masked.text.push_str(&text[at..]);
    debug_assert_eq!(masked.text.len(), text.len());
    masked
}

/// The delimiters that close a token.
const CLOSINGS: [&str; 6] = ["}}", "%}", "#}", "*/}}", ">}}", "%}}"];

/// The tokens of a text.
struct Tokens<'t> {
    text: &'t str,
    templates: Templates,
    /// Where each of [`CLOSINGS`] stands last: behind it, none is looked for to the text's end
    /// again and again.
    last: [Option<usize>; CLOSINGS.len()],
}

impl<'t> Tokens<'t> {
    fn new(text: &'t str, templates: Templates) -> Self {
        Tokens {
            text,
            templates,
            last: CLOSINGS.map(|closing| text.rfind(closing)),
        }
    }

    /// Where `closing` stands first at or behind `from`.
    fn find(&self, closing: &str, from: usize) -> Option<usize> {
        let known = CLOSINGS.iter().position(|known| *known == closing)?;
        if self.last[known]? < from {
            return None;
        }
        self.text[from..].find(closing).map(|at| from + at)
    }

    /// The next token at or behind `from`.
    fn next(&self, from: usize) -> Option<Token> {
        let (text, templates) = (self.text, self.templates);
        let mut at = from;
        loop {
            let open = at + text[at..].find('{')?;
            let rest = &text[open..];
            let (kind, opening, closing) = if rest.starts_with("{{/*") {
                (Kind::Comment, 4, "*/}}")
            } else if templates == Templates::Go && rest.starts_with("{{<") {
                (Kind::Output, 3, ">}}")
            } else if templates == Templates::Go && rest.starts_with("{{%") {
                (Kind::Output, 3, "%}}")
            } else if rest.starts_with("{{") && templates != Templates::Go {
                (Kind::Output, 2, "}}")
            } else if rest.starts_with("{%") && templates != Templates::Go {
                (Kind::Tag, 2, "%}")
            } else if has_hash_comments(templates)
                && rest.starts_with("{#")
                && !rest[2..].starts_with(|c: char| c.is_alphanumeric())
            {
                (Kind::Comment, 2, "#}")
            } else {
                at = open + 1;
                continue;
            };
            let Some(end) = self.find(closing, open + opening) else {
                at = open + 1;
                continue;
            };
            let inner = open + opening..end;
            // `{{</* … */>}}` shows a shortcode without calling it.
            let kind =
                if text[inner.clone()].starts_with("/*") && text[inner.clone()].ends_with("*/") {
                    Kind::Comment
                } else {
                    kind
                };
            return Some(Token {
                range: open..inner.end + closing.len(),
                inner,
                kind,
            });
        }
    }

    /// The end of `{% name %} … {% endname %}` (Go: `{{< /name >}}`), from behind its first tag.
    fn end_of_block(&self, from: usize, name: &str) -> Option<usize> {
        let closing = if self.templates == Templates::Go {
            format!("/{name}")
        } else {
            format!("end{name}")
        };
        let mut at = from;
        while let Some(token) = self.next(at) {
            let words = self.text[token.inner.clone()].trim_matches(['-', ' ', '\t', '\n', '\r']);
            if words.replace(' ', "") == closing || words == "end" {
                return Some(token.range.end);
            }
            at = token.range.end;
        }
        None
    }
}

/// The `{% endraw %}` behind `from`. What stands before it is no token, whatever it looks like.
fn end_of_raw(text: &str, from: usize, name: &str) -> Option<Range<usize>> {
    text[from..].match_indices("{%").find_map(|(at, _)| {
        let open = from + at;
        let rest = text[open + 2..].trim_start_matches(['-', ' ', '\t', '\n', '\r']);
        let rest = rest.strip_prefix("end")?.strip_prefix(name)?;
        let rest = rest.trim_start_matches(['-', ' ', '\t', '\n', '\r']);
        let rest = rest.strip_prefix("%}")?;
        Some(open..text.len() - rest.len())
    })
}

impl Masked<'_> {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Spaces of the same length; line ends stay. Before the first word of a line, where spaces
    /// would make code of it, a word.
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
        let token = (index < MAX_TOKENS)
            .then(|| {
                u32::try_from(index)
                    .ok()
                    .and_then(|index| char::from_u32(FIRST_TOKEN + index))
            })
            .flatten();
        match token {
            Some(token) => {
                self.text.push(token);
                self.text
                    .extend(std::iter::repeat_n(FILLER, range.len() - token.len_utf8()));
                self.expressions.push(Expression {
                    range,
                    is_shown: false,
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
                    expression.is_shown = true;
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

    /// Forgets the expressions within these ranges, which are in order: they are code.
    pub fn forget(&mut self, ranges: &[Range<usize>]) {
        for expression in &mut self.expressions {
            let start = expression.range.start;
            let behind = ranges.partition_point(|range| range.start <= start);
            if behind > 0 && start < ranges[behind - 1].end {
                expression.is_shown = true;
            }
        }
    }

    /// Puts a token into the place of each of these ranges, which are in order and four bytes
    /// long at least.
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

    /// Pictures named by quoted arguments of the expressions that no image has shown:
    /// `{% include card.html image_path="/a.png" %}`, `{{< figure src="a.png" >}}`.
    pub fn arguments(&self) -> Vec<Image> {
        let mut found = Vec::new();
        for expression in self
            .expressions
            .iter()
            .filter(|expression| !expression.is_shown)
        {
            let text = &self.original[expression.range.clone()];
            let mut values = quoted(text);
            if self.templates == Templates::Go {
                values.extend(bare_words(text));
            }
            for (start, value) in values {
                // A shortcode may leave the extension to the file that is there.
                let certainty = if looks_like_picture(value) {
                    Certainty::PathLike
                } else if self.templates == Templates::Go && is_source(&text[..start], value) {
                    Certainty::Guessed
                } else {
                    continue;
                };
                if is_local(value) {
                    found.push(Image {
                        value: value.to_owned(),
                        offset: expression.range.start + start,
                        certainty,
                        wants_record: true,
                    });
                }
            }
        }
        found
    }
}

/// Whether a value without an extension is that of a shortcode's `src`, by what stands before it.
fn is_source(before: &str, value: &str) -> bool {
    let name = value.rsplit('/').next().unwrap_or(value);
    let before = before.trim_end_matches(['"', '`']);
    let key = before.strip_suffix("src=").unwrap_or_default();
    !name.is_empty() && !name.contains('.') && key.ends_with([' ', '\t', '\n', '\r'])
}

/// The quoted strings of a text: offset of the content, and the content.
fn quoted(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find(['"', '\'', '`']) {
        let start = at + open + 1;
        let quote = char::from(text.as_bytes()[start - 1]);
        let Some(length) = text[start..].find(quote) else {
            break;
        };
        found.push((start, &text[start..start + length]));
        at = start + length + 1;
    }
    found
}

/// The words of a text outside its quotes: offset, and word. Hugo's arguments need no quotes.
fn bare_words(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    let ends = quoted(text)
        .into_iter()
        .map(|(start, value)| (start - 1, start + value.len() + 1));
    for (end, next) in ends.chain([(text.len(), text.len())]) {
        let words = text[at..end].split(|c: char| c.is_whitespace() || c == '=');
        found.extend(words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word)));
        at = next;
    }
    found
}

/// The path that a value with template expressions comes to, where that is clear from the
/// expressions alone; the value itself where it has none.
///
/// `{{ site.baseurl }}/a.png` and `{{ '/a.png' | relative_url }}` come to `/a.png`: output URLs
/// are without `baseurl`. A variable that is not known is taken for such a prefix where a path
/// with a leading slash follows; the second part of the answer is then false.
pub fn plain_value(value: &str) -> Option<(String, bool)> {
    if !value.contains("{{") {
        return (!value.contains("{%")).then(|| (value.to_owned(), true));
    }
    let mut path = String::new();
    let mut is_sure = true;
    let mut rest = value.trim();
    while let Some(open) = rest.find("{{") {
        path.push_str(&rest[..open]);
        let close = rest[open..].find("}}")? + open;
        let expression = rest[open + 2..close].trim_matches(['-', ' ', '\t', '\n', '\r']);
        rest = &rest[close + 2..];
        match quoted(expression).first() {
            Some((_, literal)) if is_literal(expression) => path.push_str(literal),
            _ if is_base(expression) && path.is_empty() => {}
            _ if is_name(expression) && path.is_empty() && rest.starts_with('/') => is_sure = false,
            _ => return None,
        }
    }
    path.push_str(rest);
    (!path.contains("{%")).then_some((path, is_sure))
}

/// A string and filters, or a function of a path: `'/a.png' | url`, `get_url(path="/a.png")`.
fn is_literal(expression: &str) -> bool {
    expression.starts_with(['"', '\'']) && {
        let filters = expression.split('|').skip(1).map(|filter| filter.trim());
        filters.into_iter().all(|filter| {
            let name = filter.split([':', '(', ' ']).next().unwrap_or_default();
            matches!(
                name,
                "relative_url"
                    | "absolute_url"
                    | "url"
                    | "prepend"
                    | "relURL"
                    | "absURL"
                    | "asset_path"
                    | "escape"
                    | "uri_escape"
                    | "safe"
                    | "prefix"
                    | "strip"
                    | "absoluteUrl"
            )
        })
    } || expression.starts_with("get_url(") && !expression.contains(" ~ ")
}

/// A variable for the site's base, empty in a path without `baseurl`.
fn is_base(expression: &str) -> bool {
    let bare = expression.split('|').next().unwrap_or_default().trim();
    matches!(
        bare,
        "site.baseurl"
            | "site.url"
            | "site.github.url"
            | "baseurl"
            | "base"
            | "base_url"
            | "config.base_url"
            | "site.root"
            | "root"
            | "site.url | append: site.baseurl"
            | "pathPrefix"
            | ".Site.BaseURL"
            | "site.baseUrl"
            | "site_url"
            | "siteurl"
            | "SITEURL"
            | "get_url(path=\"\")"
    )
}

fn is_name(expression: &str) -> bool {
    expression
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '$'))
        && !expression.starts_with("page.")
        && !expression.is_empty()
}

#[cfg(test)]
mod tests {
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
    fn what_is_not_rendered_is_blank() {
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
    fn values_come_to_paths() {
        for (value, expected) in [
            ("/a.png", Some(("/a.png", true))),
            ("{{ site.baseurl }}/a.png", Some(("/a.png", true))),
            (
                "{{site.url}}{{ site.baseurl }}/a.png",
                Some(("/a.png", true)),
            ),
            ("{{ '/a.png' | relative_url }}", Some(("/a.png", true))),
            (
                "{{ \"/a.png\" | prepend: site.baseurl }}",
                Some(("/a.png", true)),
            ),
            ("{{ get_url(path=\"a.png\") }}", Some(("a.png", true))),
            ("{{ prefix }}/a.png", Some(("/a.png", false))),
            ("{{ page.image }}", None),
            ("{{ page.dir }}/a.png", None),
            ("/b/{{ name }}.png", None),
            ("{% link _posts/a.md %}", None),
            ("{{ 'a.png' | append: 'b' }}", None),
        ] {
            let shown = plain_value(value);
            let shown = shown.as_ref().map(|(path, sure)| (path.as_str(), *sure));
            assert_eq!(shown, expected, "{value}");
        }
    }

    #[test]
    fn arguments_name_pictures() {
        let masked = mask(
            "{% include card.html image_path=\"/a.png\" alt='x' %}",
            Templates::Liquid,
        );
        let values: Vec<String> = masked
            .arguments()
            .into_iter()
            .map(|image| image.value)
            .collect();
        assert_eq!(values, ["/a.png"]);
    }
}
