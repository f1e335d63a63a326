//! Determines the value of `.` at a place in a Hugo template, within blocks such as `with`.

use super::code::codes;

/// Returns the expression of the `with` around a place, if no other block around it changes `.`.
pub(super) fn with_around(text: &str, offset: usize) -> Option<&str> {
    let blocks = blocks_around(text, offset);
    let mut changes = blocks
        .iter()
        .filter(|block| matches!(block.word, "with" | "range" | "block"));
    match (changes.next(), changes.next()) {
        (Some(block), None) if block.word == "with" => Some(block.expression),
        _ => None,
    }
}

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
    /// Offset of its opening tag.
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
                }
            }
            _ => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_with_alone_is_known() {
        for (text, expected) in [
            ("{{ with .Params.image }}", Some(".Params.image")),
            ("{{ if .a }}{{- with .b -}}", Some(".b")),
            ("{{ with .b }}{{ end }}", None),
            ("{{ range .a }}{{ with .b }}", None),
            ("{{ with .a }}{{ else }}", None),
            ("{{ end }}", None),
        ] {
            assert_eq!(with_around(text, text.len()), expected, "{text}");
        }
    }
}
