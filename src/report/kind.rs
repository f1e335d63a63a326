//! Kinds of findings: those with the same code about the same key, shortcode or folder. Many of one
//! kind have one cause, and are shown as one.

use crate::finding::{Code, Finding};

/// From this number on, findings of one kind are shown as one.
pub(super) const MANY: usize = 10;

/// What findings of one kind have in common: the code, and the message with paths shortened to
/// their folders and list positions left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    code: Code,
    pattern: String,
}

impl Kind {
    pub fn of(finding: &Finding) -> Kind {
        Kind::by(finding, general)
    }

    /// The kind of a finding about a path if only the first folder of a URL counts; no folder of a
    /// relative path does. Shortcodes and texts name many folders, and have one cause too.
    pub fn by_first_folder(finding: &Finding) -> Kind {
        Kind::by(finding, |literal| match literal.strip_prefix('/') {
            Some(path) => match path.split_once('/') {
                Some((first, _)) => format!("/{first}/…"),
                None => "/".to_owned(),
            },
            None if literal.contains('/') => "…".to_owned(),
            None => general(literal),
        })
    }

    fn by(finding: &Finding, general: impl Fn(&str) -> String) -> Kind {
        let mut pattern = String::new();
        for (index, part) in finding.message.split('`').enumerate() {
            // Literals are between backticks.
            match index % 2 {
                0 => pattern.push_str(part),
                _ => pattern.push_str(&general(part)),
            }
        }
        // Without a literal, the folder of the file distinguishes findings.
        if !finding.message.contains('`') {
            pattern.push_str(folder(finding.file.as_deref().unwrap_or_default()));
        }
        Kind {
            code: finding.code,
            pattern,
        }
    }
}

/// A literal without what differs between findings of one kind: the name of a file, the position
/// in a list.
fn general(literal: &str) -> String {
    if literal.contains('/') {
        return folder(literal).to_owned();
    }
    let mut general = String::new();
    let mut is_index = false;
    for c in literal.chars() {
        is_index = (is_index && c != ']') || c == '[';
        if !(is_index && c.is_ascii_digit()) {
            general.push(c);
        }
    }
    general
}

pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_of_one_key_shortcode_or_folder_are_one_kind() {
        let kind = |file: &str, message: &str| {
            Kind::of(&Finding::new(Code::SkippedReference, message).in_file(file))
        };
        for (one, other, is_one_kind) in [
            (
                ("a.md", "missing upload `/u/1.png`"),
                ("b.md", "missing upload `/u/2.png`"),
                true,
            ),
            (
                ("a.md", "missing upload `/u/1.png`"),
                ("a.md", "missing upload `/v/1.png`"),
                false,
            ),
            (
                ("a.md", "`a[3].b` gets none"),
                ("b.md", "`a[12].b` gets none"),
                true,
            ),
            (
                ("a.md", "`a[3].b` gets none"),
                ("b.md", "`a[3].c` gets none"),
                false,
            ),
            (
                ("a.md", "shortcode `x` …"),
                ("a.md", "shortcode `y` …"),
                false,
            ),
            (("d/a.md", "starts with"), ("d/b.md", "starts with"), true),
            (("d/a.md", "starts with"), ("e/b.md", "starts with"), false),
        ] {
            assert_eq!(
                kind(one.0, one.1) == kind(other.0, other.1),
                is_one_kind,
                "{one:?}"
            );
        }
    }
}
