//! Finds template tokens in a text: expressions, tags and comments, with their byte ranges.

use std::ops::Range;

use crate::generator::Templates;

/// An expression, a tag or a comment.
pub(super) struct Token {
    pub range: Range<usize>,
    /// The text between the delimiters.
    pub inner: Range<usize>,
    pub kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `{{ … }}`, `{{< … >}}`: renders text.
    Output,
    /// `{% … %}`: a control statement.
    Tag,
    Comment,
}

/// The delimiters that close a token.
const CLOSINGS: [&str; 6] = ["}}", "%}", "#}", "*/}}", ">}}", "%}}"];

/// Finds the tokens of a text.
pub(super) struct Tokens<'t> {
    text: &'t str,
    templates: Templates,
    /// Last position of each of [`CLOSINGS`]. Behind it, a search would scan to the end of the text
    /// for every token.
    last: [Option<usize>; CLOSINGS.len()],
}

impl<'t> Tokens<'t> {
    pub fn new(text: &'t str, templates: Templates) -> Self {
        Tokens {
            text,
            templates,
            last: CLOSINGS.map(|closing| text.rfind(closing)),
        }
    }

    /// Returns the position of the first `closing` at or after `from`.
    fn find(&self, closing: &str, from: usize) -> Option<usize> {
        let known = CLOSINGS.iter().position(|known| *known == closing)?;
        if self.last[known]? < from {
            return None;
        }
        self.text[from..].find(closing).map(|at| from + at)
    }

    /// Returns the first token at or after `from`.
    pub fn next(&self, from: usize) -> Option<Token> {
        let mut at = from;
        loop {
            let open = at + self.text[at..].find('{')?;
            at = open + 1;
            let Some((kind, opening, closing)) = self.opening(&self.text[open..]) else {
                continue;
            };
            let Some(end) = self.find(closing, open + opening) else {
                continue;
            };
            let inner = open + opening..end;
            let content = &self.text[inner.clone()];
            // `{{</* … */>}}` shows a shortcode without calling it.
            let is_escaped = content.starts_with("/*") && content.ends_with("*/");
            return Some(Token {
                range: open..end + closing.len(),
                inner,
                kind: if is_escaped { Kind::Comment } else { kind },
            });
        }
    }

    /// Returns the kind of the token at the start of a text, the length of its opening delimiter,
    /// and its closing delimiter.
    fn opening(&self, text: &str) -> Option<(Kind, usize, &'static str)> {
        let is_go = self.templates == Templates::Go;
        let has_hash_comments = matches!(self.templates, Templates::Nunjucks | Templates::Tera);
        if text.starts_with("{{/*") {
            Some((Kind::Comment, 4, "*/}}"))
        } else if is_go && text.starts_with("{{<") {
            Some((Kind::Output, 3, ">}}"))
        } else if is_go && text.starts_with("{{%") {
            Some((Kind::Output, 3, "%}}"))
        } else if text.starts_with("{{") && !is_go {
            Some((Kind::Output, 2, "}}"))
        } else if text.starts_with("{%") && !is_go {
            Some((Kind::Tag, 2, "%}"))
        } else if has_hash_comments
            && text.starts_with("{#")
            && !text[2..].starts_with(|c: char| c.is_alphanumeric())
        {
            Some((Kind::Comment, 2, "#}"))
        } else {
            None
        }
    }

    /// Returns the end of `{% name %} … {% endname %}` (Go: `{{< /name >}}`), where `from` is the
    /// end of its first tag.
    pub fn end_of_block(&self, from: usize, name: &str) -> Option<usize> {
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

/// Returns the range of the first `{% endraw %}` after `from`. Nothing before it is a token. `name`
/// is `raw` or `verbatim`.
pub(super) fn end_of_raw(text: &str, from: usize, name: &str) -> Option<Range<usize>> {
    text[from..].match_indices("{%").find_map(|(at, _)| {
        let open = from + at;
        let rest = text[open + 2..].trim_start_matches(['-', ' ', '\t', '\n', '\r']);
        let rest = rest.strip_prefix("end")?.strip_prefix(name)?;
        let rest = rest.trim_start_matches(['-', ' ', '\t', '\n', '\r']);
        let rest = rest.strip_prefix("%}")?;
        Some(open..text.len() - rest.len())
    })
}
