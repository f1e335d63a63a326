//! Reads literals in a configuration that is a program. The program is parsed, never run.
//!
//! The text of a JavaScript or TypeScript module, or of JSON with comments, goes in. Out come the
//! values of its properties and of the arguments of its calls, as far as they are literals,
//! constants that are bound to literals, concatenations of them, or elements of a literal list that
//! a loop iterates over.

mod masked;
mod token;

use std::cell::Cell;
use std::collections::HashMap;

use super::config::Value;
pub(super) use masked::{without_comments, without_texts};
use token::{Piece, Token, tokens};

/// How deep literals may be nested.
const DEPTH_LIMIT: usize = 32;

/// Maximum number of tokens to visit, counting each visit of a token: a hundred times what the
/// largest configurations need.
const WORK_LIMIT: usize = 4_000_000;

/// A program's tokens and the names that are bound to literals.
pub(super) struct Script<'t> {
    tokens: Vec<Token<'t>>,
    /// Values that a name can have: one for a constant, several for the variable of a loop.
    bound: HashMap<&'t str, Vec<Value>>,
    /// Number of tokens that may still be visited.
    work: Cell<usize>,
}

impl<'t> Script<'t> {
    pub fn new(text: &'t str) -> Self {
        let mut script = Script {
            tokens: tokens(text),
            bound: HashMap::new(),
            work: Cell::new(WORK_LIMIT),
        };
        script.bind_constants();
        script.bind_loops();
        script
    }

    /// Returns the values of all properties `name: …` that are literals, in the order of the text.
    pub fn properties(&self, name: &str) -> Vec<Value> {
        let starts = (0..self.tokens.len()).filter(|at| {
            self.name_at(*at).is_some_and(|found| found == name) && self.is_mark(at + 1, ':')
        });
        starts
            .filter_map(|at| Some(self.value(at + 2, 0)?.0))
            .collect()
    }

    /// Returns the text of the first property `name: "…"`.
    pub fn text(&self, name: &str) -> Option<String> {
        let texts = self.properties(name).into_iter();
        texts
            .filter_map(|value| match value {
                Value::Text(text) => Some(text),
                _ => None,
            })
            .next()
    }

    /// Returns the first argument of every call `name(…)`, as far as it is a literal.
    pub fn arguments(&self, name: &str) -> Vec<Value> {
        let calls = (0..self.tokens.len())
            .filter(|at| self.is_word(*at, name) && self.is_mark(at + 1, '('));
        calls.flat_map(|at| self.alternatives(at + 2)).collect()
    }

    /// Whether the first argument of every call `name(…)` is a literal.
    pub fn reads_all(&self, name: &str) -> bool {
        let mut calls = (0..self.tokens.len())
            .filter(|at| self.is_word(*at, name) && self.is_mark(at + 1, '('));
        calls.all(|at| !self.alternatives(at + 2).is_empty())
    }

    /// Whether the program contains the call `name(word)`.
    pub fn calls(&self, name: &str, word: &str) -> bool {
        (0..self.tokens.len()).any(|at| {
            self.is_word(at, name) && self.is_mark(at + 1, '(') && self.is_word(at + 2, word)
        })
    }

    /// Whether an object literal has this key, with any value: `name: …`, or `name` alone.
    pub fn has_key(&self, name: &str) -> bool {
        let is_named = |at: usize| self.name_at(at).is_some_and(|found| found == name);
        let mut places = 0..self.tokens.len();
        places.any(|at| is_named(at) && self.is_mark(at + 1, ':')) || self.has_key_alone(name)
    }

    /// Whether an object literal has this key without a value.
    fn has_key_alone(&self, name: &str) -> bool {
        let is_alone = |at: usize| {
            let starts = at > 0 && (self.is_mark(at - 1, '{') || self.is_mark(at - 1, ','));
            starts && (self.is_mark(at + 1, '}') || self.is_mark(at + 1, ','))
        };
        (0..self.tokens.len()).any(|at| self.is_word(at, name) && is_alone(at))
    }

    /// Whether an object literal has this key with another value than a text.
    pub fn has_key_other_than(&self, name: &str, text: &str) -> bool {
        let is_text = |value: Value| matches!(value, Value::Text(own) if own == text);
        let starts = (0..self.tokens.len()).filter(|at| {
            self.name_at(*at).is_some_and(|found| found == name) && self.is_mark(at + 1, ':')
        });
        let mut values = starts.map(|at| self.value(at + 2, 0));
        let is_listed = values.any(|value| !value.is_some_and(|(value, _)| is_text(value)));
        is_listed || self.has_key_alone(name)
    }

    /// Returns the values of an expression: one, or one for each value of a loop's variable in it.
    fn alternatives(&self, at: usize) -> Vec<Value> {
        if let Some((value, _)) = self.value(at, 0) {
            return vec![value];
        }
        let variable = self.tokens[at..self.skip(at)]
            .iter()
            .flat_map(|token| match token {
                Token::Word(word) => vec![*word],
                Token::Text(pieces) => pieces
                    .iter()
                    .filter_map(|piece| match piece {
                        Piece::Inserted(name) => Some(*name),
                        Piece::Plain(_) => None,
                    })
                    .collect(),
                _ => Vec::new(),
            })
            .find_map(|word| Some((word, self.bound.get(word).filter(|all| all.len() > 1)?)));
        let Some((name, values)) = variable else {
            return Vec::new();
        };
        let mut script = Script {
            tokens: self.tokens[at..self.skip(at)].to_vec(),
            bound: self.bound.clone(),
            work: self.work.clone(),
        };
        let mut found = Vec::new();
        for value in values {
            script.bound.insert(name, vec![value.clone()]);
            found.extend(script.value(0, 0).map(|(value, _)| value));
        }
        self.work.set(script.work.get());
        found
    }

    fn is_mark(&self, at: usize, mark: char) -> bool {
        self.tokens.get(at) == Some(&Token::Mark(mark))
    }

    fn word(&self, at: usize) -> Option<&'t str> {
        match self.tokens.get(at)? {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    fn is_word(&self, at: usize, word: &str) -> bool {
        self.word(at) == Some(word)
    }

    /// Returns the name of a property, which is a word or a string.
    fn name_at(&self, at: usize) -> Option<String> {
        match self.tokens.get(at)? {
            Token::Word(word) => Some((*word).to_owned()),
            Token::Text(_) => match self.value(at, DEPTH_LIMIT)?.0 {
                Value::Text(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// Binds constants: `const name = …`, with or without a type.
    fn bind_constants(&mut self) {
        for at in 0..self.tokens.len() {
            if !["const", "let", "var"]
                .iter()
                .any(|word| self.is_word(at, word))
            {
                continue;
            }
            let Some(name) = self.word(at + 1) else {
                continue;
            };
            let Some(equals) = (at + 2..at + 8).find(|at| self.is_mark(*at, '=')) else {
                continue;
            };
            if equals > at + 2 && !self.is_mark(at + 2, ':') {
                continue;
            }
            if let Some((value, _)) = self.value(equals + 1, 0) {
                self.bound.insert(name, vec![value]);
            }
        }
    }

    /// Binds the variables of loops: `list.forEach((name) => …)` and `for (const name of list)`.
    fn bind_loops(&mut self) {
        for at in 0..self.tokens.len() {
            let (name, list) = if self.is_word(at, "of") && at > 0 {
                (self.word(at - 1), self.value(at + 1, 0))
            } else if matches!(self.word(at), Some("forEach" | "map")) && at > 1 {
                let mut parameter = at + 2;
                if self.is_word(parameter, "function") {
                    parameter += 1;
                }
                if self.is_mark(parameter, '(') {
                    parameter += 1;
                }
                (self.word(parameter), self.list_before(at - 1))
            } else {
                continue;
            };
            if let (Some(name), Some((Value::List(values), _))) = (name, list) {
                self.bound.insert(name, values);
            }
        }
    }

    /// Returns the list before a token, which is a constant or a literal, and its end.
    fn list_before(&self, at: usize) -> Option<(Value, usize)> {
        match self.word(at - 1) {
            Some(name) => Some((self.constant(name)?.clone(), at)),
            None => self.value(self.start_of_list(at - 1), 0),
        }
    }

    /// Returns the index of the token where the list that ends at a token starts.
    fn start_of_list(&self, end: usize) -> usize {
        let mut depth = 0_usize;
        for at in (0..=end).rev() {
            if !self.may_go_on() {
                break;
            }
            if self.is_mark(at, ']') {
                depth += 1;
            } else if self.is_mark(at, '[') {
                depth = depth.saturating_sub(1);
            }
            if depth == 0 {
                return at;
            }
        }
        end
    }

    /// Counts one visit of a token. Returns `false` once the limit is reached.
    fn may_go_on(&self) -> bool {
        let left = self.work.get();
        self.work.set(left.saturating_sub(1));
        left > 0
    }

    /// Returns the end of the expression at a token: the next comma or closing bracket outside of
    /// brackets.
    fn skip(&self, start: usize) -> usize {
        let mut depth = 0_usize;
        for at in start..self.tokens.len() {
            if !self.may_go_on() {
                break;
            }
            match self.tokens[at] {
                Token::Mark('(' | '[' | '{') => depth += 1,
                Token::Mark(')' | ']' | '}') if depth == 0 => return at,
                Token::Mark(')' | ']' | '}') => depth -= 1,
                Token::Mark(',') if depth == 0 => return at,
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// Returns the value of the expression at a token, and its end.
    fn value(&self, at: usize, depth: usize) -> Option<(Value, usize)> {
        let (mut value, mut end) = self.operand(at, depth)?;
        while self.is_mark(end, '+') {
            let (more, after) = self.operand(end + 1, depth)?;
            match (&mut value, more) {
                (Value::Text(text), Value::Text(more)) => text.push_str(&more),
                _ => return None,
            }
            end = after;
        }
        Some((value, end))
    }

    fn operand(&self, at: usize, depth: usize) -> Option<(Value, usize)> {
        if !self.may_go_on() {
            return None;
        }
        match self.tokens.get(at)? {
            Token::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Plain(plain) => text.push_str(plain),
                        Piece::Inserted(name) => match self.constant(name)? {
                            Value::Text(value) => text.push_str(value),
                            _ => return None,
                        },
                    }
                }
                Some((Value::Text(text), at + 1))
            }
            Token::Mark(_) if depth >= DEPTH_LIMIT => None,
            Token::Mark('(') => {
                let (value, end) = self.value(at + 1, depth + 1)?;
                self.is_mark(end, ')').then_some((value, end + 1))
            }
            Token::Mark('[') => Some(self.list(at + 1, depth + 1)),
            Token::Mark('{') => Some(self.map(at + 1, depth + 1)),
            // The base URL is ignored: the module, `import.meta.url`, is in the folder of the site.
            Token::Word("fileURLToPath") if self.is_mark(at + 1, '(') => {
                let (value, end) = self.value(at + 2, depth + 1)?;
                self.is_mark(end, ')').then_some((value, end + 1))
            }
            Token::Word("new") if self.is_word(at + 1, "URL") && self.is_mark(at + 2, '(') => {
                let (Value::List(parts), end) = self.list(at + 3, depth + 1) else {
                    return None;
                };
                let is_path = self.is_mark(end, '.') && self.is_word(end + 1, "pathname");
                let path = parts.into_iter().next()?;
                Some((path, if is_path { end + 2 } else { end }))
            }
            Token::Word("path")
                if (self.is_word(at + 2, "join") || self.is_word(at + 2, "resolve"))
                    && self.is_mark(at + 3, '(') =>
            {
                let (Value::List(parts), end) = self.list(at + 4, depth + 1) else {
                    return None;
                };
                let mut texts = Vec::new();
                for part in parts {
                    match part {
                        Value::Text(text) => texts.push(text),
                        _ => return None,
                    }
                }
                Some((Value::Text(texts.join("/")), end))
            }
            Token::Word(name) => {
                let mut value = self.constant(name)?;
                let mut end = at + 1;
                while self.is_mark(end, '.') {
                    value = value.get(&[self.word(end + 1)?])?;
                    end += 2;
                }
                // The result of a call is not known.
                (!self.is_mark(end, '(')).then(|| (value.clone(), end))
            }
            _ => None,
        }
    }

    fn constant(&self, name: &str) -> Option<&Value> {
        match self.bound.get(name)?.as_slice() {
            [value] => Some(value),
            _ => None,
        }
    }

    /// Returns the literals up to a closing bracket, and the end of the list.
    fn list(&self, mut at: usize, depth: usize) -> (Value, usize) {
        let mut items = Vec::new();
        while at < self.tokens.len() {
            match self.tokens[at] {
                Token::Mark(',') => at += 1,
                Token::Mark(']' | ')' | '}') => {
                    at += 1;
                    break;
                }
                _ => {
                    let end = self.skip(at);
                    let value = self.value(at, depth).filter(|(_, after)| *after == end);
                    items.extend(value.map(|(value, _)| value));
                    at = end;
                }
            }
        }
        (Value::List(items), at)
    }

    /// Returns the properties up to a closing brace whose values are literals, and the end of the
    /// map.
    fn map(&self, mut at: usize, depth: usize) -> (Value, usize) {
        let mut entries = Vec::new();
        while at < self.tokens.len() {
            match self.tokens[at] {
                Token::Mark(',') => at += 1,
                Token::Mark(']' | ')' | '}') => {
                    at += 1;
                    break;
                }
                _ => {
                    let end = self.skip(at);
                    if let Some(name) = self.name_at(at) {
                        let value = if self.is_mark(at + 1, ':') {
                            self.value(at + 2, depth).filter(|(_, after)| *after == end)
                        } else if at + 1 == end {
                            self.constant(&name).map(|value| (value.clone(), end))
                        } else {
                            None
                        };
                        entries.extend(value.map(|(value, _)| (name, value)));
                    }
                    at = end;
                }
            }
        }
        (Value::Map(entries), at)
    }
}

#[cfg(test)]
mod tests;
