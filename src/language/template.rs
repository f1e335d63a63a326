//! Templates of messages in the syntax of `format!`: words, and holes for arguments.
//!
//! To match a text with a template, the template's words are searched in the text from left to
//! right. Words outside backticks match outside backticks only, and words between backticks only
//! there, so that names and values, which are between backticks, are never mistaken for words. If a
//! name itself contains a backtick, its message may match no template, and then stays in English.

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    pieces: Vec<Piece>,
    /// Total number of characters of the words.
    length: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words {
        text: String,
        /// Whether the words begin between backticks.
        is_quoted: bool,
    },
    Hole {
        name: String,
        is_quoted: bool,
    },
}

/// The text that fills a hole of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Argument<'a> {
    pub name: &'a str,
    pub text: &'a str,
    /// Whether the hole is between backticks.
    pub is_quoted: bool,
}

impl Template {
    /// Parses the template string of a `format!`. A hole without a name is named by its index.
    pub fn parse(template: &str) -> Template {
        let mut parser = Parser::default();
        let mut rest = template;
        while let Some(c) = rest.chars().next() {
            let next = &rest[c.len_utf8()..];
            if (c == '{' || c == '}') && next.starts_with(c) {
                parser.words.push(c);
                rest = &next[1..];
            } else if let ('{', Some((name, after))) = (c, hole(next)) {
                parser.hole(name);
                rest = after;
            } else {
                parser.words.push(c);
                rest = next;
            }
        }
        parser.finish()
    }

    /// Returns the number of characters in the template's words.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Whether the template begins with a hole, so that its first words can match anywhere in a
    /// text.
    pub fn begins_with_hole(&self) -> bool {
        matches!(self.pieces.first(), Some(Piece::Hole { .. }))
    }

    /// Returns the names of the holes.
    pub fn holes(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole { name, .. } => Some(name.as_str()),
            Piece::Words { .. } => None,
        })
    }

    /// Returns the arguments with which the template produces this text; `None` if it cannot
    /// produce it.
    pub fn arguments<'a>(&'a self, text: &'a str) -> Option<Vec<Argument<'a>>> {
        let mut arguments = Vec::new();
        let mut hole: Option<(&str, bool)> = None;
        let mut start = 0;
        for (index, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Hole { name, is_quoted } => hole = Some((name, *is_quoted)),
                Piece::Words { text: words, .. } => {
                    let is_last = index + 1 == self.pieces.len();
                    let found = self.find(piece, words, text, start, hole.is_some(), is_last)?;
                    if let Some((name, is_quoted)) = hole.take() {
                        arguments.push(argument(name, &text[start..found], is_quoted)?);
                    }
                    start = found + words.len();
                }
            }
        }
        match hole {
            Some((name, is_quoted)) => arguments.push(argument(name, &text[start..], is_quoted)?),
            None if start != text.len() => return None,
            None => {}
        }
        Some(arguments)
    }

    /// Finds the words of a piece in `text`, from `start` on. Without a hole before them, they must
    /// be at `start`. After a hole, they may be anywhere; if they end the template, they must end
    /// the text.
    fn find(
        &self,
        piece: &Piece,
        words: &str,
        text: &str,
        start: usize,
        is_after_hole: bool,
        is_last: bool,
    ) -> Option<usize> {
        let is_quoted = matches!(
            piece,
            Piece::Words {
                is_quoted: true,
                ..
            }
        );
        let fits = |at: &usize| is_between_backticks(text, *at) == is_quoted;
        if !is_after_hole {
            return text[start..].starts_with(words).then_some(start);
        }
        if is_last {
            let at = text.len().checked_sub(words.len())?;
            let is_there = at >= start && text.is_char_boundary(at) && text[at..] == *words;
            return is_there.then_some(at).filter(fits);
        }
        let mut found = text[start..].match_indices(words).map(|(at, _)| start + at);
        found.find(fits)
    }

    /// Returns the template with its holes filled.
    pub fn fill<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Words { text, .. } => text.as_str(),
            Piece::Hole { name, .. } => value(name).unwrap_or_default(),
        });
        pieces.collect()
    }

    /// Rewrites the words of the template, for example to typeset them. Text between backticks
    /// stays.
    pub fn map_words(mut self, rewrite: impl Fn(&str) -> String) -> Template {
        for piece in &mut self.pieces {
            if let Piece::Words { text, is_quoted } = piece {
                let parts = text.split('`').enumerate();
                let parts = parts.map(|(index, part)| match (index % 2 == 1) != *is_quoted {
                    true => part.to_owned(),
                    false => rewrite(part),
                });
                *text = parts.collect::<Vec<_>>().join("`");
            }
        }
        self
    }
}

/// Splits a text after an opening brace into the name of the hole and the text after the hole;
/// `None` if the brace is literal text.
fn hole(text: &str) -> Option<(&str, &str)> {
    let (inside, after) = text.split_once('}')?;
    let (name, format) = inside.split_once(':').unwrap_or((inside, ""));
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_name && !format.contains(' ')).then_some((name, after))
}

/// Returns the argument if the text can be one: not empty, unless it is quoted, and with balanced
/// backticks.
fn argument<'a>(name: &'a str, text: &'a str, is_quoted: bool) -> Option<Argument<'a>> {
    let backticks = text.matches('`').count();
    let is_possible = match is_quoted {
        true => backticks == 0,
        // A text that ends with a colon is the start of another message, or a position.
        false => !text.is_empty() && !text.ends_with(':') && backticks.is_multiple_of(2),
    };
    is_possible.then_some(Argument {
        name,
        text,
        is_quoted,
    })
}

fn is_between_backticks(text: &str, at: usize) -> bool {
    text[..at].matches('`').count() % 2 == 1
}

#[derive(Default)]
struct Parser {
    pieces: Vec<Piece>,
    words: String,
    /// Number of backticks before `words`.
    backticks: usize,
    unnamed: usize,
}

impl Parser {
    fn end_words(&mut self) {
        if !self.words.is_empty() {
            let text = std::mem::take(&mut self.words);
            let is_quoted = self.backticks % 2 == 1;
            self.backticks += text.matches('`').count();
            self.pieces.push(Piece::Words { text, is_quoted });
        }
    }

    fn hole(&mut self, name: &str) {
        self.end_words();
        let name = match name {
            "" => {
                self.unnamed += 1;
                (self.unnamed - 1).to_string()
            }
            name => name.to_owned(),
        };
        self.pieces.push(Piece::Hole {
            name,
            is_quoted: self.backticks % 2 == 1,
        });
    }

    fn finish(mut self) -> Template {
        self.end_words();
        let words = self.pieces.iter().map(|piece| match piece {
            Piece::Words { text, .. } => text.chars().count(),
            Piece::Hole { .. } => 0,
        });
        Template {
            length: words.sum(),
            pieces: self.pieces,
        }
    }
}
