//! Determines the value of `.` at a place in a Hugo template, within blocks such as `with`.

/// Returns the expression of the `with` around a place, if no other block around it changes `.`.
pub(super) fn with_around(text: &str, offset: usize) -> Option<&str> {
    let blocks = blocks_around(text, offset);
    let mut changes = blocks
        .iter()
        .filter(|(word, _)| matches!(*word, "with" | "range" | "block"));
    match (changes.next(), changes.next()) {
        (Some(("with", expression)), None) => Some(expression),
        _ => None,
    }
}

/// Whether a block of the template itself sets `.` at a place.
pub(super) fn changes_dot(text: &str, offset: usize) -> bool {
    let blocks = blocks_around(text, offset);
    blocks
        .iter()
        .any(|(word, _)| matches!(*word, "with" | "range"))
}

/// Returns the blocks around a place, each with its first word and its expression.
fn blocks_around(text: &str, offset: usize) -> Vec<(&str, &str)> {
    let mut blocks: Vec<(&str, &str)> = Vec::new();
    for output in text[..offset].split("{{").skip(1) {
        let code = output.split("}}").next().unwrap_or_default();
        let code = code.trim_matches(['-', ' ', '\t', '\n']);
        let (word, rest) = code.split_once(' ').unwrap_or((code, ""));
        match word {
            "if" | "with" | "range" | "block" | "define" => blocks.push((word, rest.trim())),
            "end" => {
                blocks.pop();
            }
            // After `else`, `.` is what it was before the block.
            "else" => {
                if let Some(block) = blocks.last_mut() {
                    block.0 = "else";
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
