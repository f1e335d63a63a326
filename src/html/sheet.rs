//! Parses the rules of a style sheet that may decide the size of images: CSS text goes in, rules
//! come out.

use std::sync::Arc;

use cssparser::{Parser, ParserInput, Token};

use super::declared::{Declared, of_declaration};
use super::index::{Need, Of};
use super::lengths::{Declaration, Property, Value};
use super::link::{Link, imports};
use super::media::Applies;
use super::presence::Tested;
use super::selector::{Selector, Specificity};
use super::slot::Slot;
use super::subject::{Subject, is_of_pseudo_elements, selectors};

/// Ends of the names of at-rules whose blocks do not style elements.
const NO_STYLE: [&str; 9] = [
    "font-face",
    "font-feature-values",
    "font-palette-values",
    "keyframes",
    "counter-style",
    "page",
    "property",
    "position-try",
    "function",
];
/// How deep rules and blocks may nest: the parser is recursive. Style sheets that people write, or
/// their tools, nest less than ten levels deep.
const DEEPEST: usize = 64;
/// Largest number of selectors that a nested list is expanded to.
const MOST_NESTED: usize = 256;
/// Largest total length of such a list and the selectors around it, in bytes.
const LONGEST_NESTED: usize = 16 << 10;
/// A selector for any element. It cannot be parsed, so no rule with it is matched exactly.
const ANYTHING: &str = "&";
/// Specificity of a rule whose selector is not understood: it may win over any other one.
const HIGHEST: Specificity = (u32::MAX, 0, 0);

/// A rule whose subject may be an image.
#[derive(Clone, Debug)]
pub(super) struct SizeRule {
    subject: Subject,
    /// The selector, if the subject is not all of it.
    pub selector: Option<String>,
    /// Whether the rule applies only under a condition, such as that of `@media`.
    pub is_conditional: bool,
    /// Whether the rule is in a cascade layer: rules outside of layers win over it.
    pub is_layered: bool,
    pub declared: Declared,
    pub declarations: Arc<[Declaration]>,
    /// The parsed selector, if it is understood.
    pub parsed: Option<Selector>,
}

/// A rule that sets a font size.
#[derive(Clone, Debug)]
pub(super) struct FontRule {
    /// The parsed selector, if it is understood.
    pub parsed: Option<Selector>,
    pub is_conditional: bool,
    pub is_layered: bool,
    pub declarations: Arc<[Declaration]>,
}

/// What a style sheet declares about the size of images.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub imports: Vec<Link>,
    pub rules: Vec<SizeRule>,
    /// Selectors of elements that may stretch their children; `None` stands for any element.
    pub stretching: Vec<Option<Selector>>,
    /// Selectors of flex and grid containers; `None` stands for any element.
    pub containers: Vec<Option<Selector>>,
    /// Selectors of elements that may be as wide as their content; `None` matches any element.
    pub fitting: Vec<(Option<Selector>, Condition)>,
    /// Selectors of elements that have a width of their own, with its kind.
    pub sized: Vec<(Selector, OwnWidth, Condition)>,
    /// Font sizes of the root.
    pub root: Vec<Value>,
    /// Rules that set the font size of any element.
    pub fonts: Vec<FontRule>,
    /// Whether a rule gives an image a length in `em`.
    pub has_em: bool,
    /// Attributes of images whose presence selectors test.
    pub tested: Vec<Tested>,
    /// Whether rules were skipped because they are nested too deeply.
    pub is_cut: bool,
}

impl SizeRule {
    /// Returns the specificity, which decides which of two rules wins.
    pub fn specificity(&self) -> Specificity {
        let parsed = self.parsed.as_ref();
        parsed.map_or(HIGHEST, |selector| selector.specificity)
    }

    /// Whether the last compound of the selector contains the name `img`.
    pub fn names_images(&self) -> bool {
        self.subject.is_named
    }

    /// Whether the rule may apply to the element, by classes and id.
    pub fn may_apply_to(&self, slot: &Slot) -> bool {
        self.subject.may_be(slot)
    }

    /// Returns the id and the classes that an element needs for the rule to apply.
    pub fn needs(&self) -> impl Iterator<Item = (Need<'_>, Of)> {
        self.subject.needs()
    }
}

/// The conditions of a rule, as written, such as those of the `@media` around it; empty if there is
/// none.
pub(super) type Condition = Arc<str>;

/// What encloses a nested rule or block.
#[derive(Clone, Default)]
struct Enclosing {
    /// Selectors of the enclosing rule; empty if there is none.
    parents: Vec<String>,
    is_conditional: bool,
    condition: Condition,
    is_layered: bool,
    /// Number of enclosing blocks.
    depth: usize,
}

impl Sheet {
    /// Parses a style sheet. Skips what is not understood, as browsers do.
    pub fn read(text: &str) -> Self {
        let mut sheet = Sheet {
            imports: imports(text),
            ..Sheet::default()
        };
        let mut input = ParserInput::new(text);
        read(
            &mut Parser::new(&mut input),
            &Enclosing::default(),
            &mut sheet,
        );
        sheet
    }

    /// Adds what a rule declares for the elements of one of its selectors.
    fn add(&mut self, selector: &str, block: &Block, around: &Enclosing) {
        self.add_layout(selector, block, around);
        if !block.fonts.is_empty() {
            self.add_fonts(selector, &block.fonts, around);
        }
        let follows = block.only_follows && has_no_specificity(selector);
        self.tested.extend(Tested::by(selector, follows));
        // An image that planche changes gets a `srcset`, so that the rule will apply to it.
        let selector = match follows {
            true => &selector.replace("[srcset]", ""),
            false => selector,
        };
        let rule = rule(selector, block, around);
        let mut lengths = rule.iter().flat_map(|rule| rule.declarations.iter());
        self.has_em |= lengths.any(|declaration| matches!(declaration.value, Value::Em(_)));
        self.rules.extend(rule);
    }

    /// Adds how the elements of a selector lay out their content. No image is within a
    /// pseudo-element.
    fn add_layout(&mut self, selector: &str, block: &Block, around: &Enclosing) {
        let lays_out = block.stretches || block.is_container || block.fits;
        if !(lays_out || block.width.is_some()) || is_of_pseudo_elements(selector) {
            return;
        }
        let parsed = Selector::parse(selector);
        for (is_one, selectors) in [
            (block.stretches, &mut self.stretching),
            (block.is_container, &mut self.containers),
        ] {
            if is_one {
                selectors.push(parsed.clone());
            }
        }
        let condition = &around.condition;
        if block.fits {
            self.fitting.push((parsed.clone(), condition.clone()));
        }
        let sized = parsed.zip(block.width);
        let sized = sized.map(|(selector, width)| (selector, width, condition.clone()));
        self.sized.extend(sized);
    }

    fn add_fonts(&mut self, selector: &str, fonts: &Arc<[Declaration]>, around: &Enclosing) {
        if is_of_pseudo_elements(selector) {
            return;
        }
        let subject = selector.rsplit([' ', '>']).next().unwrap_or_default();
        if subject.starts_with("html") || subject.starts_with(":root") {
            let sizes = fonts.iter();
            let sizes = sizes.filter(|declaration| declaration.property == Property::FontSize);
            let sizes = sizes.filter(|declaration| declaration.value != Value::Free);
            self.root.extend(sizes.map(|declaration| declaration.value));
        }
        self.fonts.push(FontRule {
            parsed: Selector::parse(selector),
            is_conditional: around.is_conditional,
            is_layered: around.is_layered,
            declarations: fonts.clone(),
        });
    }
}

/// The declarations of a rule, or of a part of one.
struct Block {
    declared: Declared,
    /// Those that decide the size of an image.
    sizes: Arc<[Declaration]>,
    /// Those that decide the font size.
    fonts: Arc<[Declaration]>,
    /// Whether the element may stretch its children.
    stretches: bool,
    /// Whether the element may be a flex or grid container.
    is_container: bool,
    /// Whether the element may be as wide as its content.
    fits: bool,
    /// The kind of width that the element has of its own.
    width: Option<OwnWidth>,
    /// Whether `height: auto` is all that is declared.
    only_follows: bool,
}

impl Block {
    fn new(declared: Declared, declarations: &[Declaration], only_follows: bool) -> Self {
        let has = |property: Property| {
            let mut declarations = declarations.iter();
            declarations.any(|declaration| {
                declaration.property == property && declaration.value != Value::Free
            })
        };
        let of = |is_one: fn(Property) -> bool| {
            let declarations = declarations.iter();
            let own = declarations.filter(|declaration| is_one(declaration.property));
            own.copied().collect()
        };
        let is_of_image = |property: Property| {
            let of_others = [
                Property::FontSize,
                Property::Stretch,
                Property::Display,
                Property::Float,
            ];
            !of_others.contains(&property)
        };
        Block {
            declared,
            sizes: of(is_of_image),
            fonts: of(|property| matches!(property, Property::FontSize | Property::All)),
            stretches: has(Property::Stretch),
            is_container: declarations.iter().any(|declaration| {
                declaration.property == Property::Display && declaration.value == Value::Unknown
            }),
            fits: may_fit(declarations),
            width: OwnWidth::of(declarations),
            only_follows,
        }
    }
}

/// The kind of width that an element has of its own. Without one, a block is as wide as the element
/// around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OwnWidth {
    Length,
    /// Such as a percentage of the element around it.
    Relative,
}

impl OwnWidth {
    /// Returns the kind that the last declaration of a width sets.
    pub fn of(declarations: &[Declaration]) -> Option<Self> {
        let mut widths = declarations.iter().rev();
        let last = widths.find(|declaration| declaration.property == Property::Width)?;
        match last.value {
            Value::Pixels(_) | Value::Rem(_) | Value::Em(_) => Some(OwnWidth::Length),
            Value::Free | Value::Natural => None,
            _ => Some(OwnWidth::Relative),
        }
    }
}

/// Whether declarations may make an element as wide as its content.
pub(super) fn may_fit(declarations: &[Declaration]) -> bool {
    let mut declarations = declarations.iter();
    declarations.any(|declaration| match declaration.property {
        Property::Display | Property::Width => declaration.value == Value::Natural,
        Property::Float => declaration.value == Value::Unknown,
        _ => false,
    })
}

/// Parses a style sheet or a block: its rules, and its declarations for the enclosing rule.
fn read(sheet: &mut Parser<'_, '_>, around: &Enclosing, found: &mut Sheet) {
    let mut declared = Declared::default();
    let mut declarations = Vec::new();
    let mut only_follows = true;
    while !sheet.is_exhausted() {
        let start = sheet.state();
        if !reaches_block(sheet) {
            sheet.reset(&start);
            let (next, declaration) = of_declaration(sheet);
            only_follows &= next.height_auto;
            declared = declared.with(next);
            declarations.extend(declaration);
            continue;
        }
        let prelude = sheet.slice_from(start.position());
        let prelude = prelude.trim_end_matches('{').trim().to_owned();
        let _ = sheet.parse_nested_block(|block| {
            read_block(block, &prelude, around, found);
            Ok::<_, cssparser::ParseError<'_, ()>>(())
        });
    }
    let block = Block::new(
        declared,
        &declarations,
        only_follows && declared.height_auto,
    );
    for parent in &around.parents {
        found.add(parent, &block, around);
    }
}

/// Whether a block starts before the next semicolon. Advances to its start.
fn reaches_block(sheet: &mut Parser<'_, '_>) -> bool {
    let mut is_property = false;
    let mut is_first = true;
    while let Ok(token) = sheet.next() {
        match token {
            Token::Semicolon => return false,
            // The value of a custom property may be a block.
            Token::CurlyBracketBlock => return !is_property,
            Token::Ident(name) if is_first => is_property = name.starts_with("--"),
            _ => {}
        }
        is_first = false;
    }
    false
}

fn read_block(block: &mut Parser<'_, '_>, prelude: &str, around: &Enclosing, found: &mut Sheet) {
    let depth = around.depth + 1;
    if depth > DEEPEST {
        found.is_cut = true;
        return;
    }
    let Some(at_rule) = prelude.strip_prefix('@') else {
        let around = Enclosing {
            parents: nested(&around.parents, prelude),
            depth,
            condition: around.condition.clone(),
            ..*around
        };
        return read(block, &around, found);
    };
    let name = at_rule
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | '/'))
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_met = match name.as_str() {
        "media" => match Applies::of(at_rule[name.len()..].trim()) {
            Applies::Never => return,
            applies => applies == Applies::Always,
        },
        "layer" => true,
        _ if NO_STYLE.iter().any(|end| name.ends_with(end)) => return,
        _ => false,
    };
    let around = Enclosing {
        parents: around.parents.clone(),
        is_conditional: around.is_conditional || !is_met,
        condition: match is_met {
            true => around.condition.clone(),
            false => format!("{}{prelude}\n", around.condition).into(),
        },
        is_layered: around.is_layered || name == "layer",
        depth,
    };
    read(block, &around, found);
}

/// Expands a list of selectors that is nested in a rule with the selectors `parents`. Returns at
/// most [`MOST_NESTED`] selectors; if there were more, one for any element.
fn nested(parents: &[String], list: &str) -> Vec<String> {
    let own: Vec<&str> = selectors(list).collect();
    if parents.is_empty() {
        return own.into_iter().map(str::to_owned).collect();
    }
    let length = list.len() + parents.iter().map(String::len).sum::<usize>();
    if parents.len() * own.len() > MOST_NESTED || length > LONGEST_NESTED {
        return vec![ANYTHING.to_owned()];
    }
    let all = own.iter().flat_map(|own| {
        let parents = parents.iter();
        parents.map(move |parent| match own.contains('&') {
            true => with_parent(own, parent),
            false => format!("{parent} {own}"),
        })
    });
    all.collect()
}

/// Replaces each `&` in a selector with `parent`. If a name touches a `&`, returns a selector for
/// any element.
fn with_parent(selector: &str, parent: &str) -> String {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\\' | '*' | '|');
    let mut parts = selector.split('&');
    let first = parts.next().unwrap_or_default();
    if first.ends_with(is_name) || parts.any(|part| part.starts_with(is_name)) {
        return ANYTHING.to_owned();
    }
    selector.replace('&', parent)
}

/// Whether every other rule wins over one with this selector, as for `:where(img)`.
fn has_no_specificity(selector: &str) -> bool {
    Selector::parse(selector).is_some_and(|selector| selector.specificity == (0, 0, 0))
}

/// Returns the rule of one selector, if it may select an image and is about its size.
fn rule(selector: &str, block: &Block, around: &Enclosing) -> Option<SizeRule> {
    let subject = Subject::of(selector)?;
    let declared = Declared {
        must_stay_child: subject.must_stay_child,
        ..block.declared
    };
    let is_about_size = !declared.is_empty() || !block.sizes.is_empty();
    is_about_size.then(|| SizeRule {
        selector: (!subject.is_all).then(|| selector.to_owned()),
        subject,
        is_conditional: around.is_conditional,
        is_layered: around.is_layered,
        declared,
        declarations: block.sizes.clone(),
        parsed: Selector::parse(selector),
    })
}

#[cfg(test)]
mod tests;
