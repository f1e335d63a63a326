//! Parses the rules of a style sheet that may decide the size of images: CSS text goes in, rules
//! come out.

use cssparser::{Parser, ParserInput, Token};

use super::declared::{Declared, of_declaration};
use super::lengths::{Declaration, Property, Value};
use super::selector::{Selector, Specificity};
use super::slot::Slot;
use super::subject::{Subject, selectors};

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
    pub declarations: Vec<Declaration>,
    /// The parsed selector, if it is understood.
    pub parsed: Option<Selector>,
}

/// What a style sheet declares about the size of images.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub rules: Vec<SizeRule>,
    /// Selectors of elements that may stretch their children; `None` stands for any element.
    pub stretching: Vec<Option<Selector>>,
    /// Selectors of flex and grid containers; `None` stands for any element.
    pub containers: Vec<Option<Selector>>,
    /// Font sizes of the root, in CSS pixels if they are known.
    pub root: Vec<Value>,
}

impl SizeRule {
    /// Returns the specificity, which decides which of two rules wins.
    pub fn specificity(&self) -> Specificity {
        let parsed = self.parsed.as_ref();
        parsed.map_or(HIGHEST, |selector| selector.specificity)
    }

    /// Whether the rule may apply to the element, by classes and id.
    pub fn may_take(&self, slot: &Slot) -> bool {
        let classes = || {
            slot.class
                .iter()
                .flat_map(|class| class.split_ascii_whitespace())
        };
        let has_class = |class: &String| classes().any(|own| own == class);
        self.subject.classes.iter().all(has_class)
            && self
                .subject
                .id
                .as_ref()
                .is_none_or(|id| slot.id.as_ref() == Some(id))
    }
}

/// What encloses a nested rule or block.
#[derive(Clone, Default)]
struct Enclosing {
    /// Selectors of the enclosing rule; empty if there is none.
    parents: Vec<String>,
    is_conditional: bool,
    is_layered: bool,
}

impl Sheet {
    /// Parses a style sheet. Skips what is not understood, as browsers do.
    pub fn read(text: &str) -> Self {
        let mut sheet = Sheet::default();
        let mut input = ParserInput::new(text);
        read(
            &mut Parser::new(&mut input),
            &Enclosing::default(),
            &mut sheet,
        );
        sheet
    }

    /// Adds what a rule declares for the elements of one of its selectors.
    fn add(
        &mut self,
        selector: &str,
        declared: Declared,
        declarations: &[Declaration],
        around: &Enclosing,
    ) {
        let has = |property: Property| {
            let mut declarations = declarations.iter();
            declarations.any(|declaration| {
                declaration.property == property && declaration.value != Value::Free
            })
        };
        if has(Property::Stretch) {
            self.stretching.push(Selector::parse(selector));
        }
        if has(Property::Display) {
            self.containers.push(Selector::parse(selector));
        }
        let subject = selector.rsplit([' ', '>']).next().unwrap_or_default();
        let is_root = subject.starts_with("html") || subject.starts_with(":root");
        if is_root && has(Property::FontSize) {
            let sizes = declarations.iter();
            let sizes = sizes.filter(|declaration| declaration.property == Property::FontSize);
            self.root.extend(sizes.map(|declaration| declaration.value));
        }
        self.rules
            .extend(rule(selector, declared, declarations, around));
    }
}

/// Parses a style sheet or a block: its rules, and its declarations for the enclosing rule.
fn read(sheet: &mut Parser<'_, '_>, around: &Enclosing, found: &mut Sheet) {
    let mut declared = Declared::default();
    let mut declarations = Vec::new();
    while !sheet.is_exhausted() {
        let start = sheet.state();
        if !reaches_block(sheet) {
            sheet.reset(&start);
            let (next, declaration) = of_declaration(sheet);
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
    for parent in &around.parents {
        found.add(parent, declared, &declarations, around);
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
    let Some(at_rule) = prelude.strip_prefix('@') else {
        let around = Enclosing {
            parents: nested(&around.parents, prelude),
            ..*around
        };
        return read(block, &around, found);
    };
    let (name, condition) = at_rule
        .split_once(|c: char| c.is_whitespace() || matches!(c, '(' | '/'))
        .unwrap_or((at_rule, ""));
    let name = name.to_ascii_lowercase();
    let condition = condition.trim().to_ascii_lowercase();
    let is_met = match name.as_str() {
        "media" if condition == "print" => return,
        "media" => matches!(condition.as_str(), "screen" | "all" | "only screen"),
        "layer" => true,
        _ if NO_STYLE.iter().any(|end| name.ends_with(end)) => return,
        _ => false,
    };
    let around = Enclosing {
        parents: around.parents.clone(),
        is_conditional: around.is_conditional || !is_met,
        is_layered: around.is_layered || name == "layer",
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

/// Returns the rule of one selector, if it may select an image and is about its size.
fn rule(
    selector: &str,
    declared: Declared,
    declarations: &[Declaration],
    around: &Enclosing,
) -> Option<SizeRule> {
    let subject = Subject::of(selector)?;
    let declared = Declared {
        must_stay_child: subject.must_stay_child,
        ..declared
    };
    let is_of_image = |of: &&Declaration| {
        let of_others = [Property::FontSize, Property::Stretch, Property::Display];
        !of_others.contains(&of.property)
    };
    let declarations: Vec<Declaration> = declarations.iter().filter(is_of_image).copied().collect();
    let is_about_size = !declared.is_empty() || !declarations.is_empty();
    is_about_size.then(|| SizeRule {
        selector: (!subject.is_all).then(|| selector.to_owned()),
        subject,
        is_conditional: around.is_conditional,
        is_layered: around.is_layered,
        declared,
        declarations,
        parsed: Selector::parse(selector),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<SizeRule> {
        Sheet::read(text).rules
    }

    /// Returns the classes and the selector of each rule, whether it is conditional, and whether it
    /// sets `height: auto`.
    fn read_rules(text: &str) -> Vec<(Vec<String>, Option<String>, bool, bool)> {
        let rules = rules(text).into_iter();
        rules
            .map(|rule| {
                let SizeRule {
                    subject,
                    selector,
                    is_conditional,
                    declared,
                    ..
                } = rule;
                (
                    subject.classes,
                    selector,
                    is_conditional,
                    declared.height_auto,
                )
            })
            .collect()
    }

    #[test]
    fn rules_about_the_size_of_images_are_found() {
        let css = "@charset \"utf-8\"; /* img { */\n\
            video, img{max-width:100%;height:auto}\n\
            p { width: 1px } .post img { height: auto } a::before { height: 1px }\n\
            @media (min-width: 40em) { .thumb.small { width: 80px } }\n\
            @layer base { img#logo { height: auto } } @font-face { width: 1px }\n\
            @media print { img { width: 1px } } img:not(.a, .b) { height: auto }";
        let owned = |text: &str| Some(text.to_owned());
        assert_eq!(
            read_rules(css),
            [
                (vec![], None, false, true),
                (vec![], owned(".post img"), false, true),
                (
                    vec!["thumb".to_owned(), "small".to_owned()],
                    None,
                    true,
                    false
                ),
                (vec![], None, false, true),
                (vec![], owned("img:not(.a, .b)"), false, true),
            ]
        );
    }

    #[test]
    fn rules_about_children_are_told_apart() {
        let css = "a>img{border:0} .x > img.y , b img{color:red} a > b img{width:1px} i > b{width:1px} \
            @media (width > 1px) { p > :first-child {color:red} }";
        let found = rules(css).into_iter();
        let found: Vec<(String, bool)> = found
            .map(|rule| (rule.selector.unwrap(), rule.declared.must_stay_child))
            .collect();
        let expected = [
            ("a>img", true),
            (".x > img.y", true),
            ("a > b img", false),
            ("p > :first-child", true),
        ];
        assert_eq!(
            found,
            expected.map(|(selector, must_stay_child)| (selector.to_owned(), must_stay_child))
        );
    }

    /// Whether a rule limits the width of `<img class="w-1/2 a">`.
    fn limits(css: &str) -> bool {
        let slot = crate::html::scan::first("<img src=a.png class='w-1/2 a'>");
        let rules = rules(css).into_iter();
        let mut rules = rules.filter(|rule| rule.may_take(&slot));
        rules.any(|rule| rule.declared.limits_width)
    }

    #[test]
    fn nested_rules_are_read() {
        for css in [
            "main{img{max-width:100%}}",
            ".w{& img{max-width:100%}}",
            ".w{color:red;img &,img{max-width:100%}}",
            "body{> p{> img{max-width:100%}}}",
            "img{color:red;a{color:red}max-width:100%}",
            "img{@media (width > 1px){max-width:100%}}",
            "img{&:hover{color:red}&:not(.x){max-width:100%}}",
            ".x{.y{&img{max-width:100%}}}",
            ".x{@media (width > 1px){@layer a{img{max-width:100%}}}}",
            ".x{--y:{a:b};img{max-width:100%}}",
            ".x{a:hover img{max-width:100%}}",
            "@document url(){img{max-width:100%}}",
        ] {
            assert!(limits(css), "{css}");
        }
        for css in [
            "img{p{max-width:100%}}",
            "img{&::before{max-width:100%}}",
            "p{max-width:100%;img{color:red}}",
            "p{@media (width > 1px){max-width:100%}}",
            "img{--x:{max-width:100%}}",
            "@keyframes x{from{max-width:100%}}",
            "@-webkit-keyframes x{img{max-width:100%}}",
        ] {
            assert!(!limits(css), "{css}");
        }
        let found = rules("main,.b{img{height:auto}>p img{height:auto}&.c>img{height:auto}}");
        let found = found.into_iter().map(|rule| rule.selector);
        let found: Vec<String> = found.map(|selector| selector.unwrap()).collect();
        let expected = [
            "main img",
            ".b img",
            "main >p img",
            ".b >p img",
            "main.c>img",
            ".b.c>img",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn selectors_are_read_as_tokens() {
        for css in [
            ".w-1\\/2{width:50%}",
            ".w-1\\2f 2{width:50%}",
            "/**/ /* img */img/**/{max-width/**/:100%}",
            ".x/**/ /**/img{width:1px}",
            "*|img{width:1px}",
            "|img{width:1px}",
            "x|img{width:1px}",
            "I\\4d G{width:1px}",
            "p img:not(p > a){width:1px}",
            "[alt='a,b']{width:1px}",
            "p,/* ,p */.a{width:1px}",
            "p >img{width:1px}",
        ] {
            assert!(limits(css), "{css}");
        }
        for css in [
            ".w-1{width:50%}",
            ".sm\\:w{width:50%}",
            "img p{width:1px}",
            "img>p{width:1px}",
            "img:before{width:1px}",
            "p:not(img){width:1px}",
            "x|p{width:1px}",
            ".img{width:1px}",
            "img .w{width:1px}",
        ] {
            assert!(!limits(css), "{css}");
        }
        let certain = rules("*|img{height:auto}").pop().unwrap();
        assert!(certain.selector.is_none());
    }

    #[test]
    fn broken_style_sheets_end() {
        for text in [
            "",
            "}",
            "img{",
            "img{height:auto",
            "@media{",
            "a,,{width:1px}",
            "@",
            "\u{0}{",
            "a{b{c{",
            "a{,{&{width:1px",
        ] {
            let _ = rules(text);
        }
        assert_eq!(read_rules("img{height:auto").len(), 1);
    }
}
