//! Kinds of findings: findings with the same code that are about the same key, shortcode or folder.
//! Many findings of one kind usually have one cause, so reports merge them into one entry.

use crate::finding::{Code, Finding};

/// Minimum number of findings of one kind that are merged into one entry.
pub(super) const MANY: usize = 10;

/// What the findings of one kind share: the code, and the message with paths shortened to their
/// folders and without list indices.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    code: Code,
    pattern: String,
}

impl Kind {
    pub fn of(finding: &Finding) -> Kind {
        Kind::by(finding, general)
    }

    /// Returns a coarser kind: only the first folder of an absolute URL path counts, and no folder
    /// of a relative path. Findings about shortcodes and texts can name many folders, and still
    /// have one cause.
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
            // Parts with odd indices are literals: they were between backticks.
            match index % 2 {
                0 => pattern.push_str(part),
                _ => pattern.push_str(&general(part)),
            }
        }
        // Without a literal in the message, the folder of the file distinguishes findings.
        if !finding.message.contains('`') {
            pattern.push_str(folder(finding.file.as_deref().unwrap_or_default()));
        }
        Kind {
            code: finding.code,
            pattern,
        }
    }
}

/// Removes from a literal what differs between findings of one kind: the file name of a path, and
/// list indices.
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
