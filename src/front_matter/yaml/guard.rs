//! The guard: checks a new YAML text with two independent parsers before it is written.

use std::borrow::Cow;

use libyaml_safer::{EventData, MappingStyle, Parser, ScalarStyle, SequenceStyle};

use crate::article::Refusal;
use crate::picture::contained::contain;
use crate::tree::yaml::{self, Event, Properties};
use crate::tree::{Layout, Style, Tree, words};

use super::super::splice::Splice;

/// Checks that both parsers agree on the old text, and that the new text differs from it by exactly
/// the events of the splice: text, style, tag and anchor of every node, in order. Returns the tree
/// of the new text.
pub(in crate::front_matter) fn guard<'n>(
    text: &str,
    tree: &Tree<'_>,
    splice: &Splice,
    new_text: &'n str,
) -> Result<Tree<'n>, Refusal> {
    // Jekyll's Psych uses libyaml: what libyaml refuses, Jekyll cannot read either.
    if !libyaml_reads(text, &tree.events)? {
        return Err(Refusal::ParsersDisagree);
    }
    let expected = splice.apply_to_events(&tree.events);
    // For nearly every text, one pass reads its events and shows that it is valid YAML 1.2.
    let standard = yaml::parse_standard(new_text).filter(|tree| tree.events == expected);
    let is_standard = standard.is_some();
    let new_tree = match standard {
        Some(tree) => tree,
        None => yaml::parse(new_text).map_err(|_| Refusal::Guard("the new text does not parse"))?,
    };
    if !is_standard && new_tree.events != expected {
        return Err(Refusal::Guard("a value outside our keys changed"));
    }
    if !libyaml_reads(new_text, &expected).unwrap_or(false) {
        return Err(Refusal::Guard("the second parser reads it differently"));
    }
    if !is_standard && yaml::is_standard(text) && !yaml::is_standard(new_text) {
        return Err(Refusal::Guard("it would no longer be valid YAML 1.2"));
    }
    Ok(new_tree)
}

/// Whether libyaml reads exactly these events in `text`, which must be one document.
fn libyaml_reads(text: &str, expected: &[Event<'_>]) -> Result<bool, Refusal> {
    let mut expected = expected.iter();
    let mut are_equal = true;
    libyaml_events(text, &mut |event| {
        are_equal &= expected.next() == Some(&event)
    })?;
    Ok(are_equal && expected.next().is_none())
}

/// Calls `take` for each event that libyaml reads in `text`, which must be one document.
fn libyaml_events(text: &str, take: &mut dyn FnMut(Event<'static>)) -> Result<(), Refusal> {
    // The Rust port panics in a few places where libyaml itself goes on, such as at `[!tag, x]`.
    match contain(|| read_events(text, take)) {
        Ok(read) => read.map_err(Refusal::Unread),
        Err(_) => Err(Refusal::ParsersDisagree),
    }
}

fn read_events(text: &str, take: &mut dyn FnMut(Event<'static>)) -> Result<(), String> {
    // The port also panics on a block scalar whose last line has no line break. One is added here,
    // and removed from the value below. If the last line ends with a blank, it is not removed, so
    // that the parsers may disagree.
    let ended = if text.ends_with('\n') {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{text}\n"))
    };
    let last_line_has_text = !text.ends_with(['\n', ' ', '\t']);
    let mut input = ended.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut input);
    let mut documents = 0;
    loop {
        let event = parser.parse().map_err(|error| {
            format!(
                "libyaml, and so Jekyll, cannot read it: {}",
                words::of_yaml(error.problem())
            )
        })?;
        match event.data {
            EventData::StreamEnd => return Ok(()),
            EventData::DocumentStart { .. } => {
                documents += 1;
                if documents > 1 {
                    return Err("more than one YAML document".to_owned());
                }
            }
            EventData::Alias { anchor } => take(Event::Alias(anchor.into())),
            EventData::Scalar {
                anchor,
                tag,
                mut value,
                style,
                ..
            } => {
                let style = scalar_style(style);
                let is_block = matches!(style, Style::Literal | Style::Folded);
                let reaches_the_end = event.end_mark.index > text.len() as u64;
                if is_block && reaches_the_end && last_line_has_text && value.ends_with('\n') {
                    value.pop();
                }
                take(Event::Scalar {
                    text: value.into(),
                    style,
                    properties: properties(anchor, tag),
                });
            }
            EventData::SequenceStart {
                anchor, tag, style, ..
            } => take(Event::SequenceStart {
                layout: match style {
                    SequenceStyle::Flow => Layout::Flow,
                    _ => Layout::Block,
                },
                properties: properties(anchor, tag),
            }),
            EventData::SequenceEnd => take(Event::SequenceEnd),
            EventData::MappingStart {
                anchor, tag, style, ..
            } => take(Event::MappingStart {
                layout: match style {
                    MappingStyle::Flow => Layout::Flow,
                    _ => Layout::Block,
                },
                properties: properties(anchor, tag),
            }),
            EventData::MappingEnd => take(Event::MappingEnd),
            EventData::StreamStart { .. } | EventData::DocumentEnd { .. } => {}
        }
    }
}

fn properties(anchor: Option<String>, tag: Option<String>) -> Properties<'static> {
    Properties {
        anchor: anchor.map(Into::into),
        tag: tag.map(Into::into),
    }
}

fn scalar_style(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
        _ => Style::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn libyaml_events(text: &str) -> Result<Vec<Event<'static>>, Refusal> {
        let mut events = Vec::new();
        super::libyaml_events(text, &mut |event| events.push(event))?;
        Ok(events)
    }

    #[test]
    fn a_panic_of_the_second_parser_refuses_the_text() {
        let outcome = libyaml_events("a: [!t, x]\n");
        assert_eq!(outcome, Err(Refusal::ParsersDisagree));
    }

    #[test]
    fn both_parsers_give_the_same_events() {
        for text in [
            "a: 1\nb:\n- x\n- y: z\n",
            "a: &x !!str \"é\"\nb: *x\nc: !foo {d: [e, f: g]}\n",
            "a: |+\n  x\n\n\nb: >-\n  y\n  z\n",
            "a: |\n  x",
            "a: |+\n  x",
            "a: |-\n  x",
            "- >\n  é\n  y",
            "a: |\n  x\n# c",
            "a: |\n  x\n ",
            "a: 'x'\nb: y # c",
            "a:\nb: ~\nc: ''\n- d\n",
            "a: \"x\ny\"\n",
            "",
            "# only a comment\n",
            "a: !<tag:example.com,2000:x> y\n",
            "%TAG !e! tag:example.com,2000:\n---\na: !e!x y\n",
        ] {
            match (yaml::parse(text), libyaml_events(text)) {
                (Ok(tree), Ok(events)) => {
                    assert_eq!(tree.events, events, "{text:?}");
                    assert_eq!(libyaml_reads(text, &events), Ok(true), "{text:?}");
                    let fewer = &events[..events.len().saturating_sub(1)];
                    let are_fewer = fewer.len() < events.len();
                    assert_eq!(libyaml_reads(text, fewer), Ok(!are_fewer), "{text:?}");
                }
                (Err(_), Err(_)) => {}
                (granit, libyaml) => panic!("{text:?}: {:?} {libyaml:?}", granit.err()),
            }
        }
    }
}
