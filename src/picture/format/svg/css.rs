//! Checks which CSS selectors `resvg` reads as browsers do.

/// Whether `resvg` reads a selector: types, classes, ids, attributes, some pseudo-classes, and the
/// combinators for descendants, children and next siblings.
pub(super) fn is_known(selector: &str) -> bool {
    let mut rest = selector;
    loop {
        let Some(after) = compound(rest) else {
            return false;
        };
        let next = after.trim_start();
        if next.is_empty() {
            return true;
        }
        rest = match next.strip_prefix(['>', '+']) {
            Some(after) => after.trim_start(),
            None if next.len() < after.len() => next,
            None => return false,
        };
    }
}

/// Returns what follows the selector for one element at the start of `selector`. Returns `None` if
/// `resvg` does not read it.
fn compound(selector: &str) -> Option<&str> {
    // States that a still image never has match nothing in browsers either.
    const PSEUDO: [&str; 9] = [
        "first-child",
        "hover",
        "active",
        "focus",
        "focus-visible",
        "focus-within",
        "visited",
        "target",
        "link",
    ];
    let mut rest = selector
        .strip_prefix('*')
        .or_else(|| Some(name(selector)?.1))
        .unwrap_or(selector);
    loop {
        rest = if let Some(after) = rest.strip_prefix(['.', '#']) {
            name(after)?.1
        } else if let Some(after) = rest.strip_prefix(':') {
            let (pseudo, after) = name(after)?;
            PSEUDO.contains(&pseudo).then_some(after)?
        } else if let Some(after) = rest.strip_prefix('[') {
            attribute(after)?
        } else {
            return (rest.len() < selector.len()).then_some(rest);
        };
    }
}

/// Returns what follows an attribute selector, whose opening bracket was removed.
fn attribute(selector: &str) -> Option<&str> {
    let (name, after) = name(selector)?;
    // `resvg` gives it the specificity of `#id`.
    if name == "id" {
        return None;
    }
    if let Some(after) = after.strip_prefix(']') {
        return Some(after);
    }
    let value = ["=", "~=", "|="];
    let value = value
        .iter()
        .find_map(|operator| after.strip_prefix(operator))?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (text, after) = value[1..].split_once(quote)?;
    let is_plain = !text.is_empty() && !text.contains(['\\', ' ']);
    after.strip_prefix(']').filter(|_| is_plain)
}

/// Splits off a name without escapes. Returns it and what follows.
fn name(text: &str) -> Option<(&str, &str)> {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    let start = text.strip_prefix('-').unwrap_or(text);
    if !start.starts_with(starts) {
        return None;
    }
    let goes_on = |c: char| starts(c) || c.is_ascii_digit() || c == '-';
    let end = text.find(|c| !goes_on(c)).unwrap_or(text.len());
    Some(text.split_at(end))
}

pub(super) fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_those_of_the_parser() {
        for (selector, expected) in [
            ("rect", true),
            ("*", true),
            (".a.b#c", true),
            ("g > .a rect + path:first-child", true),
            ("[fill]", true),
            ("rect[fill='red']", true),
            ("[class~=\"a\"]", true),
            ("a:hover", true),
            ("[class^='a']", false),
            ("[class*=\"a\"]", false),
            ("[fill='RED' i]", false),
            ("[fill=red]", false),
            ("[id='a']", false),
            (".\\61", false),
            ("#a\\:b", false),
            ("g ~ rect", false),
            ("rect:nth-child(2)", false),
            ("rect:not(.a)", false),
            ("rect::before", false),
            ("svg|rect", false),
            ("> rect", false),
            ("", false),
            ("&.a", false),
        ] {
            assert_eq!(is_known(selector), expected, "{selector}");
        }
    }
}
