//! Whether a text is an SVG, by its root element.

/// Whether the first tag of a text is one of `tags`, which are lower case. Declarations and comments
/// may precede it.
pub(in crate::format) fn starts_with_tag(bytes: &[u8], tags: &[&str]) -> bool {
    const SEARCHED: usize = 16 << 10;
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(SEARCHED)]).to_ascii_lowercase();
    let mut rest = start.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if rest.starts_with("<!--") {
            rest.find("-->").map(|at| at + 3)
        } else if rest.starts_with("<?") {
            rest.find("?>").map(|at| at + 2)
        } else if rest.starts_with("<!doctype") && !rest.starts_with("<!doctype html") {
            let has_subset = rest
                .find('[')
                .is_some_and(|open| rest.find('>').is_some_and(|close| open < close));
            if has_subset {
                rest.find("]>").map(|at| at + 2)
            } else {
                rest.find('>').map(|at| at + 1)
            }
        } else {
            None
        };
        match end {
            Some(end) => rest = rest[end..].trim_start(),
            None => return tags.iter().any(|tag| rest.starts_with(tag)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn svg_is_found_after_declarations_and_comments() {
        for text in [
            "<svg/>",
            "\u{feff}<?xml version='1.0'?>\n<!-- a > b --><svg>",
            "<!DOCTYPE svg PUBLIC \"-//W3C\" \"x.dtd\"><svg>",
            "<!DOCTYPE svg [<!ENTITY a \"b\">]>\n<svg>",
            "<!DOCTYPE lolz [<!ENTITY a \"b\">\n]>\n<svg>",
        ] {
            assert!(starts_with_tag(text.as_bytes(), &["<svg"]), "{text}");
        }
        for text in ["<p><svg></p>", "svg", "<!-- <svg> "] {
            assert!(!starts_with_tag(text.as_bytes(), &["<svg"]), "{text}");
        }
    }
}
