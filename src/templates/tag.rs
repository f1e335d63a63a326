//! Parses the tags of a template, with template code in and between their attributes.

use std::ops::Range;

/// A start tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag<'t> {
    /// Byte range of the tag in the template.
    pub span: Range<usize>,
    pub name: &'t str,
    pub attributes: Vec<Attribute<'t>>,
    /// Whether there is template code between the attributes, such as a condition.
    pub is_computed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute<'t> {
    pub name: &'t str,
    pub value: Value<'t>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'t> {
    /// Text, which may contain template code.
    Text(&'t str),
    /// The expression of `name={expression}`.
    Expression(&'t str),
}

impl<'t> Tag<'t> {
    pub fn get(&self, name: &str) -> Option<Value<'t>> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|attribute| attribute.name.eq_ignore_ascii_case(name));
        found.map(|attribute| attribute.value)
    }
}

/// Parses the tag at `start`; `None` if it has no end.
pub(super) fn tag(text: &str, start: usize) -> Option<Tag<'_>> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '>' | '/' | '{');
    let mut at = start + text[start..].find(is_end)?;
    let mut tag = Tag {
        span: start..start,
        name: &text[start + 1..at],
        attributes: Vec::new(),
        is_computed: false,
    };
    loop {
        let rest = &text[at..];
        let first = rest.chars().next()?;
        match first {
            '>' => {
                tag.span.end = at + 1;
                return Some(tag);
            }
            '{' => {
                tag.is_computed = true;
                at += code_end(rest)?;
            }
            _ if first.is_whitespace() || first == '/' => at += first.len_utf8(),
            _ => {
                let is_end = |c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/' | '{');
                let length = rest.find(is_end)?.max(first.len_utf8());
                let name = &rest[..length];
                at += length;
                let Some(after) = text[at..].trim_start().strip_prefix('=') else {
                    let value = Value::Text("");
                    tag.attributes.push(Attribute { name, value });
                    continue;
                };
                let after = after.trim_start();
                at = text.len() - after.len();
                let (value, length) = value(after)?;
                at += length;
                tag.attributes.push(Attribute { name, value });
            }
        }
    }
}

/// Parses the value at the start of a text. Returns its length with its quotes as well.
fn value(text: &str) -> Option<(Value<'_>, usize)> {
    let quote = text.chars().next()?;
    if matches!(quote, '"' | '\'') {
        let mut at = 1;
        // After code without an end, further code is ignored: each search would read all the rest.
        let mut has_code = true;
        loop {
            let rest = &text[at..];
            let next = rest.find([quote, '{'])?;
            at += next;
            if rest[next..].starts_with(quote) {
                return Some((Value::Text(&text[1..at]), at + 1));
            }
            // Code may contain the quote.
            let code = (has_code && is_code(&text[at..])).then(|| code_end(&text[at..]));
            has_code &= code != Some(None);
            at += code.flatten().unwrap_or(1);
        }
    }
    if quote == '{' && !is_code(text) {
        let length = code_end(text)?;
        return Some((Value::Expression(&text[1..length - 1]), length));
    }
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        if next.is_whitespace() || next == '>' {
            break;
        }
        at += if is_code(&text[at..]) {
            code_end(&text[at..])?
        } else {
            next.len_utf8()
        };
    }
    Some((Value::Text(&text[..at]), at))
}

fn is_code(text: &str) -> bool {
    text.starts_with("{{") || text.starts_with("{%")
}

/// Returns the length of the template code at the start of a text: `{{ … }}`, `{% … %}` or `{ … }`.
fn code_end(text: &str) -> Option<usize> {
    for (open, close) in [("{{", "}}"), ("{%", "%}")] {
        if text.starts_with(open) {
            return text.find(close).map(|end| end + close.len());
        }
    }
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_may_hold_code_with_quotes() {
        for (text, expected) in [
            (
                r#"a <img src="{{ "/a>b" | url }}" ALT='x' data-y/> b"#,
                vec![
                    ("src", Value::Text(r#"{{ "/a>b" | url }}"#)),
                    ("ALT", Value::Text("x")),
                    ("data-y", Value::Text("")),
                ],
            ),
            (
                "<img src={data.image} alt={ `a ${b}` } />",
                vec![
                    ("src", Value::Expression("data.image")),
                    ("alt", Value::Expression(" `a ${b}` ")),
                ],
            ),
            (
                "<img\nsrc = {{ a }}/b.png alt>",
                vec![
                    ("src", Value::Text("{{ a }}/b.png")),
                    ("alt", Value::Text("")),
                ],
            ),
            (
                r#"<img {% if a %}class="b"{% endif %} src="{a}">"#,
                vec![("class", Value::Text("b")), ("src", Value::Text("{a}"))],
            ),
        ] {
            let start = text.find('<').unwrap();
            let found = tag(text, start).unwrap();
            let attributes = found.attributes.iter();
            let attributes: Vec<_> = attributes.map(|own| (own.name, own.value)).collect();
            assert_eq!((found.name, attributes), ("img", expected), "{text}");
        }
    }
}
