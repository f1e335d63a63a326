//! Events of YAML parsers, in a form that two parsers share.

use std::borrow::Cow;

use crate::tree::{Layout, Style};

/// An event of a parser, without its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    Scalar {
        text: Cow<'a, str>,
        style: Style,
        properties: Properties<'a>,
    },
    SequenceStart {
        layout: Layout,
        properties: Properties<'a>,
    },
    SequenceEnd,
    MappingStart {
        layout: Layout,
        properties: Properties<'a>,
    },
    MappingEnd,
    Alias(Cow<'a, str>),
}

/// The anchor and the resolved tag of a node, if it has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties<'a> {
    pub anchor: Option<Cow<'a, str>>,
    pub tag: Option<Cow<'a, str>>,
}
