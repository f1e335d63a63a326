//! Settings files: YAML text into a checked type, errors into findings with line and column.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment as PathSegment;

use crate::finding::{Code, Finding, Position, nearest};
use crate::tree::path::{KeyPath, Segment};
use crate::tree::yaml;

/// Reads `text`, the content of `file`, which may be empty.
///
/// An unknown key, an unknown value and a value out of range become a finding at its line, with
/// the nearest known name as the hint.
pub fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Finding> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let empty = text
        .lines()
        .map(str::trim)
        .all(|line| line.is_empty() || line.starts_with('#') || line == "---");
    let deserializer = serde_yaml::Deserializer::from_str(if empty { "{}" } else { text });
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = key_path(error.path());
        let error = error.into_inner();
        let message = bare_message(&error.to_string());
        // An unknown key is not at a path yet; a value that a type refused has no place of its own.
        let position = match path {
            Some(path) if !message.starts_with("unknown field") => position_of(text, &path),
            _ => None,
        };
        let finding = Finding::new(Code::Configuration, &message)
            .in_file(file)
            .at(position.or_else(|| {
                let location = error.location()?;
                Some(Position {
                    line: u32::try_from(location.line()).ok()?,
                    column: u32::try_from(location.column()).ok()?,
                })
            }));
        match suggestion(&message) {
            Some(hint) => finding.hint(hint),
            None => finding,
        }
    })
}

fn key_path(path: &serde_path_to_error::Path) -> Option<KeyPath> {
    path.iter()
        .map(|segment| match segment {
            PathSegment::Seq { index } => Some(Segment::index(*index)),
            PathSegment::Map { key } => Some(Segment::key(key, 0)),
            PathSegment::Enum { .. } | PathSegment::Unknown => None,
        })
        .collect()
}

/// The message without the path before it and the ` at line 3 column 7` behind it, which the
/// position says already.
fn bare_message(message: &str) -> String {
    let message = match message.rfind(" at line ") {
        Some(at) => &message[..at],
        None => message,
    };
    let is_path = |text: &str| !text.contains([' ', '`']);
    match message.split_once(": ") {
        Some((path, rest)) if is_path(path) => rest.to_owned(),
        _ => message.to_owned(),
    }
}

/// serde names the unknown word first and then the known ones, all in backticks.
fn suggestion(message: &str) -> Option<String> {
    let mut words = message.split('`').skip(1).step_by(2);
    let given = words.next()?;
    if !message.contains("unknown field") && !message.contains("unknown variant") {
        return None;
    }
    let known: Vec<&str> = words.collect();
    match nearest(given, known.iter().copied()) {
        Some(name) => Some(format!("did you mean `{name}`?")),
        None if known.is_empty() => None,
        None => Some(format!("known here: {}", known.join(", "))),
    }
}

/// The position of the node at `path` of keys and indices in a YAML text, for checks that come
/// after reading.
pub fn position_of(text: &str, path: &KeyPath) -> Option<Position> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tree = yaml::parse(bare).ok()?;
    let node = tree.find(path)?;
    Some(Position::of(bare.as_bytes(), tree.node(node).span.start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[serde(default)]
        quality: Option<crate::units::Quality>,
        #[serde(default)]
        lossless: Option<Choice>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Choice {
        Always,
        Never,
    }

    fn error(text: &str) -> String {
        read::<Sample>("presets/x.yml", text)
            .expect_err(text)
            .to_string()
    }

    #[test]
    fn errors_have_a_place_and_a_suggestion() {
        assert_eq!(
            error("# a preset\nlossless: always\nqualty: 80\n"),
            "presets/x.yml:3:1: unknown field `qualty`, expected `quality` or `lossless` \
             – hint: did you mean `quality`?"
        );
        assert_eq!(
            error("lossless: alway\n"),
            "presets/x.yml:1:11: unknown variant `alway`, expected `always` or `never` \
             – hint: did you mean `always`?"
        );
        assert_eq!(
            error("quality: 101\n"),
            "presets/x.yml:1:10: quality `101` is not 0 to 100"
        );
        assert!(error("quality: .nan\n").starts_with("presets/x.yml:1:10: "));
        assert!(error("quality: 80\nlossless: 'x\n").starts_with("presets/x.yml:"));
    }

    #[test]
    fn an_empty_file_is_all_defaults() {
        for text in ["", "\n", "# only a comment\n", "\u{feff}", "---\n"] {
            let sample: Sample = read("x", text).expect("defaults");
            assert_eq!(
                sample,
                Sample {
                    quality: None,
                    lossless: None
                }
            );
        }
    }
}
