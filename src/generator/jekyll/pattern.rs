//! Patterns of `exclude:` and `include:`, matched as Jekyll does it: with Ruby's `File.fnmatch?`
//! without flags, where `*` also matches `/`, or as the start of a path.

/// A pattern, relative to the source folder.
pub(super) struct Pattern(Vec<char>);

impl Pattern {
    /// Parses the patterns of a list.
    pub fn all(patterns: &[String]) -> Vec<Pattern> {
        let patterns = patterns.iter();
        let patterns = patterns.map(|pattern| pattern.trim_start_matches('/').chars().collect());
        patterns.map(Pattern).collect()
    }

    /// Whether the pattern matches a file or a folder, given its path from the source folder.
    pub fn matches(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        path.starts_with(&self.0) || fnmatch(&self.0, &path)
    }

    /// Whether the pattern is this path with a slash at its end.
    pub fn is_folder(&self, path: &str) -> bool {
        let without_slash = self.0.strip_suffix(&['/']);
        without_slash.is_some_and(|name| path.chars().eq(name.iter().copied()))
    }
}

/// Matches a whole text. Takes time in proportion to the product of the lengths, at most.
fn fnmatch(pattern: &[char], text: &[char]) -> bool {
    let (mut at, mut of) = (0, 0);
    // Position of the last `*` in the pattern, and the end of what it has matched in the text.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        if pattern.get(of) == Some(&'*') {
            star = Some((of, at));
            of += 1;
        } else if let Some(length) = one(&pattern[of..], text[at]) {
            of += length;
            at += 1;
        } else if let Some((asterisk, taken)) = star {
            star = Some((asterisk, taken + 1));
            of = asterisk + 1;
            at = taken + 1;
        } else {
            return false;
        }
    }
    pattern[of..].iter().all(|c| *c == '*')
}

/// Returns the length of the first element of a pattern, if it matches the character.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['\\', escaped, ..] => (*escaped == c).then_some(2),
        ['[', ..] => {
            let end = pattern.iter().skip(2).position(|c| *c == ']')? + 2;
            let set = &pattern[1..end];
            let (is_negated, set) = match set {
                ['!' | '^', rest @ ..] => (true, rest),
                _ => (false, set),
            };
            (in_set(set, c) != is_negated).then_some(end + 1)
        }
        [first, ..] => (*first == c).then_some(1),
        [] => None,
    }
}

fn in_set(mut set: &[char], c: char) -> bool {
    loop {
        match set {
            [first, '-', last, rest @ ..] => {
                if (*first..=*last).contains(&c) {
                    return true;
                }
                set = rest;
            }
            [first, rest @ ..] => {
                if *first == c {
                    return true;
                }
                set = rest;
            }
            [] => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: Ruby 3.1's `File.fnmatch?("/s/" + pattern, "/s/" + path)` or `start_with?`.
    #[test]
    fn patterns_match_as_in_ruby() {
        for (pattern, path, expected) in [
            ("*.md", "a/b.md", true),
            ("a/*", "a/b/c", true),
            ("a", "ab/c", true),
            ("a?c", "a/c", true),
            ("**/b.md", "a/b.md", true),
            ("**/b.md", "b.md", false),
            ("a/0[12]*", "a/02-x", true),
            ("a/0[!12]*", "a/02-x", false),
            ("a/0[a-c]", "a/0b", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("*a*b*c", "xxaxxbxx", false),
            ("{a,b}", "a", false),
            ("b", "a/b", false),
            ("[", "[", true),
        ] {
            let pattern = Pattern::all(&[pattern.to_owned()]);
            assert_eq!(pattern[0].matches(path), expected, "{path}");
        }
    }
}
