//! Determines the blocks around a place in a template, and with them the value of `.` in Hugo's.

use super::code::{codes, words};
use crate::generator::Templates;

/// Blocks of Liquid, Nunjucks and Tera.
const BLOCKS: [&str; 11] = [
    "if", "unless", "for", "case", "capture", "tablerow", "block", "macro", "call", "filter",
    "switch",
];

/// Maximum number of open blocks that are known: each end tag may be compared with all of them.
const MOST_OPEN: usize = 200;

/// Whether a block of the template itself sets `.` at a place.
pub(super) fn changes_dot(text: &str, offset: usize) -> bool {
    let blocks = blocks_around(text, offset);
    blocks
        .iter()
        .any(|block| matches!(block.word, "with" | "range"))
}

/// A block of a template that is not closed before a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block<'t> {
    /// Offset of its opening tag; of its last `else`, if it has one before the place.
    pub start: usize,
    /// `if`, `with`, `range`, `block` or `define`; `else` after that part has begun.
    pub word: &'t str,
    pub expression: &'t str,
}

/// Returns the blocks around a place, the outermost first.
pub(super) fn blocks_around(text: &str, offset: usize) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for (start, code) in codes(&text[..offset], "{{", "}}") {
        let (word, rest) = code.split_once(' ').unwrap_or((code, ""));
        match word {
            "if" | "with" | "range" | "block" | "define" => blocks.push(Block {
                start,
                word,
                expression: rest.trim(),
            }),
            "end" => {
                blocks.pop();
            }
            // After `else`, `.` is what it was before the block.
            "else" => {
                if let Some(block) = blocks.last_mut() {
                    block.word = "else";
                    block.start = start;
                }
            }
            _ => {}
        }
    }
    blocks
}

/// Returns the blocks of Liquid, Nunjucks or Tera around a place, the outermost first.
pub(super) fn tags_around(text: &str, offset: usize) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for (start, code) in codes(&text[..offset], "{%", "%}") {
        let word = words(code).next().unwrap_or_default();
        match word {
            "else" | "elsif" | "elif" | "elseif" | "when" => {
                if let Some(block) = blocks.last_mut() {
                    block.start = start;
                }
            }
            _ if BLOCKS.contains(&word) => {
                if blocks.len() < MOST_OPEN {
                    blocks.push(Block {
                        start,
                        word,
                        expression: code.split_once(' ').map_or("", |(_, rest)| rest.trim()),
                    });
                }
            }
            _ => {
                let is_open = |block: &Block<'_>| word.strip_prefix("end") == Some(block.word);
                if let Some(closed) = blocks.iter().rposition(is_open) {
                    blocks.truncate(closed);
                }
            }
        }
    }
    blocks
}

/// Returns the blocks around a place, the outermost first; none for Astro, which has no tags.
pub(super) fn around(text: &str, offset: usize, language: Templates) -> Vec<Block<'_>> {
    match language {
        Templates::Go => blocks_around(text, offset),
        Templates::Plain => Vec::new(),
        _ => tags_around(text, offset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_at_their_end_tags_and_branches_are_told_apart() {
        let words = |text: &str| -> Vec<(usize, String)> {
            let blocks = tags_around(text, text.len()).into_iter();
            blocks
                .map(|block| (block.start, block.word.to_owned()))
                .collect()
        };
        let is = |start: usize, word: &str| (start, word.to_owned());
        assert_eq!(words("{% if a %}{%- for b in c -%}").len(), 2);
        assert_eq!(words("{% if a %}{% assign b = c %}"), [is(0, "if")]);
        assert_eq!(words("{% if a %}{% else %}"), [is(10, "if")]);
        assert_eq!(words("{% for a in b %}{% if a %}{% endfor %}"), []);
        assert_eq!(words("{% endif %}{% if a %}{% endif %}"), []);
    }
}
