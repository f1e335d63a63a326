//! Formats a record in YAML: as text, and as the events that a parser must read from it.

use crate::record::{Content, Field};
use crate::tree::yaml::{Event, Properties};
use crate::tree::{Layout, Style};

use super::super::inline::{self, Notation, double_quoted, is_plain_key};

/// Whether the keys of a flow record are quoted, as those around it are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    Plain,
    Quoted,
}

impl Quoting {
    fn notation(self) -> Notation {
        match self {
            Quoting::Plain => Notation::Yaml,
            Quoting::Quoted => Notation::Json,
        }
    }
}

pub(super) fn scalar(text: impl Into<String>, style: Style) -> Event<'static> {
    Event::Scalar {
        text: text.into().into(),
        style,
        properties: Properties::default(),
    }
}

pub(super) fn mapping(layout: Layout, inner: Vec<Event<'static>>) -> Vec<Event<'static>> {
    let properties = Properties::default();
    let mut events = vec![Event::MappingStart { layout, properties }];
    events.extend(inner);
    events.push(Event::MappingEnd);
    events
}

fn sequence(layout: Layout, items: Vec<Vec<Event<'static>>>) -> Vec<Event<'static>> {
    let properties = Properties::default();
    let mut events = vec![Event::SequenceStart { layout, properties }];
    events.extend(items.into_iter().flatten());
    events.push(Event::SequenceEnd);
    events
}

/// Formats a record in block style: the first line without indentation, the others at `indent`, no
/// line break after the last.
pub(super) fn block_record(
    content: &Content,
    indent: &str,
    eol: &str,
) -> (String, Vec<Event<'static>>) {
    block_mapping(&content.fields(), indent, eol)
}

fn block_mapping(
    fields: &[(&str, Field<'_>)],
    indent: &str,
    eol: &str,
) -> (String, Vec<Event<'static>>) {
    let mut lines: Vec<String> = Vec::new();
    let mut events = Vec::new();
    for (name, field) in fields {
        let (key, style) = block_key(name);
        events.push(scalar(*name, style));
        match field {
            Field::Text(text) if *name == "src" && is_plain_url(text) => {
                lines.push(format!("{key}: {text}"));
                events.push(scalar(text.clone(), Style::Plain));
            }
            Field::Text(text) => {
                lines.push(format!("{key}: {}", double_quoted(text)));
                events.push(scalar(text.clone(), Style::DoubleQuoted));
            }
            Field::Candidates(candidates) => {
                lines.push(format!("{key}: >-"));
                let last = candidates.len() - 1;
                lines.extend(candidates.iter().enumerate().map(|(index, candidate)| {
                    let comma = if index < last { "," } else { "" };
                    format!("  {candidate}{comma}")
                }));
                events.push(scalar(candidates.join(", "), Style::Folded));
            }
            Field::Number(number) => {
                lines.push(format!("{key}: {number}"));
                events.push(scalar(number.to_string(), Style::Plain));
            }
            Field::Sources(sources) => {
                let within = format!("{indent}  ");
                let items = sources
                    .iter()
                    .map(|source| block_mapping(&source.fields(), &format!("{within}  "), eol));
                let (text, list) = block_sequence(items, &within, eol);
                lines.push(format!("{key}:{eol}{within}{text}"));
                events.extend(list);
            }
            Field::Mapping(fields) => {
                let within = format!("{indent}  ");
                let (text, inner) = block_mapping(fields, &within, eol);
                lines.push(format!("{key}:{eol}{within}{text}"));
                events.extend(inner);
            }
        }
    }
    (
        lines.join(&format!("{eol}{indent}")),
        mapping(Layout::Block, events),
    )
}

/// Formats a key of a block mapping. Returns its text and its style.
fn block_key(name: &str) -> (String, Style) {
    if is_plain_key(name) {
        (name.to_owned(), Style::Plain)
    } else {
        (double_quoted(name), Style::DoubleQuoted)
    }
}

/// Formats items in block style, with their dashes at `indent`, except the first one, which has no
/// indentation.
fn block_sequence(
    items: impl Iterator<Item = (String, Vec<Event<'static>>)>,
    indent: &str,
    eol: &str,
) -> (String, Vec<Event<'static>>) {
    let (items, events): (Vec<String>, Vec<_>) = items
        .map(|(item, events)| (format!("- {item}"), events))
        .unzip();
    (
        items.join(&format!("{eol}{indent}")),
        sequence(Layout::Block, events),
    )
}

/// Formats a list of records in block style, with its dashes at `indent`.
pub(super) fn block_list(
    contents: &[Content],
    indent: &str,
    eol: &str,
) -> (String, Vec<Event<'static>>) {
    let inner = format!("{indent}  ");
    let items = contents
        .iter()
        .map(|content| block_record(content, &inner, eol));
    block_sequence(items, indent, eol)
}

/// Formats a record in flow style, on one line.
pub(super) fn flow_record(content: &Content, quoting: Quoting) -> (String, Vec<Event<'static>>) {
    (
        inline::record(content, quoting.notation()),
        flow_record_events(content, quoting),
    )
}

/// Formats a list of records in flow style.
pub(super) fn flow_list(contents: &[Content], quoting: Quoting) -> (String, Vec<Event<'static>>) {
    let events = contents
        .iter()
        .map(|content| flow_record_events(content, quoting))
        .collect();
    (
        inline::list(contents, quoting.notation()),
        sequence(Layout::Flow, events),
    )
}

fn flow_record_events(content: &Content, quoting: Quoting) -> Vec<Event<'static>> {
    flow_mapping(&content.fields(), quoting)
}

fn flow_mapping(fields: &[(&str, Field<'_>)], quoting: Quoting) -> Vec<Event<'static>> {
    let key_style = |name: &str| match quoting {
        Quoting::Plain if is_plain_key(name) => Style::Plain,
        _ => Style::DoubleQuoted,
    };
    let mut pairs = Vec::new();
    for (key, field) in fields {
        pairs.push(scalar(*key, key_style(key)));
        match field {
            Field::Text(text) => pairs.push(scalar(text.clone(), Style::DoubleQuoted)),
            Field::Candidates(candidates) => {
                pairs.push(scalar(candidates.join(", "), Style::DoubleQuoted));
            }
            Field::Number(number) => pairs.push(scalar(number.to_string(), Style::Plain)),
            Field::Sources(sources) => {
                let items = sources
                    .iter()
                    .map(|source| flow_mapping(&source.fields(), quoting));
                pairs.extend(sequence(Layout::Flow, items.collect()));
            }
            Field::Mapping(fields) => pairs.extend(flow_mapping(fields, quoting)),
        }
    }
    mapping(Layout::Flow, pairs)
}

/// Whether a text is a URL that is read as itself without quotes, in YAML 1.1 and 1.2.
fn is_plain_url(text: &str) -> bool {
    let begins =
        text.starts_with('/') || text.starts_with("http://") || text.starts_with("https://");
    begins
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._~-:%".contains(c))
        && !text.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::placeholder::Placeholders;
    use crate::picture::units::Dimensions;
    use crate::record::{Also, Source};
    use crate::tree::yaml;

    fn content(original: &str) -> Content {
        Content {
            original: original.to_owned(),
            src: "/v/a-640.0123456789.webp".to_owned(),
            srcset: vec![
                "/v/a-320.0123456789.webp 320w".to_owned(),
                "/v/a-640.0123456789.webp 640w".to_owned(),
            ],
            sizes: Some("(min-width: 62em) 62em, 100vw".to_owned()),
            dimensions: Dimensions {
                width: 640,
                height: 400,
            },
            placeholders: Placeholders::default(),
            sources: Vec::new(),
            also: Vec::new(),
        }
    }

    /// Adds a source with a media condition and a format, and one with only a format.
    fn with_sources(content: Content) -> Content {
        let source = |media: Option<&str>, sizes: Option<&str>| Source {
            media: media.map(str::to_owned),
            mime: "image/avif".to_owned(),
            srcset: vec![
                "/v/a-320.0123456789.avif 320w".to_owned(),
                "/v/a-640.0123456789.avif 640w".to_owned(),
            ],
            sizes: sizes.map(str::to_owned),
            dimensions: Dimensions {
                width: 640,
                height: 640,
            },
        };
        Content {
            sources: vec![
                source(Some("(max-width: 40em)"), Some("100vw")),
                source(None, None),
            ],
            ..content
        }
    }

    /// Adds the records of three more presets. The names of two of them need quotes.
    fn with_also(content: Content) -> Content {
        let also = |preset: &str| Also {
            preset: preset.to_owned(),
            content: content.clone(),
        };
        Content {
            also: vec![also("social"), also("on"), also("é: #1")],
            ..content.clone()
        }
    }

    #[test]
    fn a_parser_reads_the_written_values_back() {
        for original in [
            "/a.png",
            "/c'est: \"#1\".png",
            "a\tb\u{85}c\u{2028}\u{feff}\u{1}\\é🏔️",
            "",
        ] {
            let plain = content(original);
            let marked = Content {
                placeholders: Placeholders {
                    color: Some("#336699".to_owned()),
                    thumbhash: Some("1QcSHQRnh493V4dIh4eXh1h4kJUI".to_owned()),
                    blur: Some("data:image/webp;base64,UklGRg==".to_owned()),
                },
                ..with_sources(plain.clone())
            };
            let several = with_also(marked.clone());
            for content in [with_sources(plain.clone()), plain, marked, several] {
                for (text, events) in [
                    block_record(&content, "", "\n"),
                    block_record(&content, "", "\r\n"),
                    block_list(&[content.clone(), content.clone()], "", "\n"),
                    flow_record(&content, Quoting::Plain),
                    flow_record(&content, Quoting::Quoted),
                    flow_list(std::slice::from_ref(&content), Quoting::Plain),
                ] {
                    let tree = yaml::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                    assert_eq!(tree.events, events, "{text}");
                }
                let (text, _) = block_record(&content, "", "\n");
                let tree = yaml::parse(&text).unwrap();
                let root = tree.root().unwrap();
                assert!(content.equals(&tree, root), "{text}");
                assert_eq!(Content::read(&tree, root).as_ref(), Some(&content));
            }
        }
    }

    #[test]
    fn a_block_record_reads_as_the_design_shows_it() {
        let (text, _) = block_record(&content("/a.png"), "    ", "\n");
        assert_eq!(
            text,
            "original: \"/a.png\"
    src: /v/a-640.0123456789.webp
    srcset: >-
      /v/a-320.0123456789.webp 320w,
      /v/a-640.0123456789.webp 640w
    sizes: \"(min-width: 62em) 62em, 100vw\"
    width: 640
    height: 400"
        );
        let as_is = Content {
            srcset: Vec::new(),
            sizes: None,
            ..content("/a.png")
        };
        let (text, _) = block_record(&with_also(as_is), "    ", "\n");
        assert_eq!(
            text,
            "original: \"/a.png\"
    src: /v/a-640.0123456789.webp
    width: 640
    height: 400
    also:
      social:
        src: /v/a-640.0123456789.webp
        width: 640
        height: 400
      \"on\":
        src: /v/a-640.0123456789.webp
        width: 640
        height: 400
      \"é: #1\":
        src: /v/a-640.0123456789.webp
        width: 640
        height: 400"
        );
        let (text, _) = block_record(&with_sources(content("/a.png")), "    ", "\n");
        let sources = text.split_once("height: 400\n").map(|(_, sources)| sources);
        assert_eq!(
            sources,
            Some(
                "    sources:
      - media: \"(max-width: 40em)\"
        type: \"image/avif\"
        srcset: >-
          /v/a-320.0123456789.avif 320w,
          /v/a-640.0123456789.avif 640w
        sizes: \"100vw\"
        width: 640
        height: 640
      - type: \"image/avif\"
        srcset: >-
          /v/a-320.0123456789.avif 320w,
          /v/a-640.0123456789.avif 640w
        width: 640
        height: 640"
            )
        );
    }
}
