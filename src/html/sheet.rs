//! The rules of a style sheet that may decide the size of images: CSS text in, rules out.

use cssparser::{Parser, ParserInput, Token};

use super::declared::{Declared, of_block};
use super::slot::Slot;

/// A rule whose subject may be an image.
#[derive(Clone, Debug)]
pub(super) struct SizeRule {
    /// The last compound of the selector.
    subject: Subject,
    /// The selector, if the subject does not say everything.
    pub selector: Option<String>,
    /// Whether it applies under a condition only, such as that of `@media`.
    pub is_conditional: bool,
    pub declared: Declared,
}

/// An element by its name, class and id.
#[derive(Clone, Debug, Default)]
struct Subject {
    classes: Vec<String>,
    id: Option<String>,
}

impl SizeRule {
    /// Whether the rule may apply to the element.
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

/// Reads a style sheet; what is not understood is skipped, as browsers do.
pub(super) fn rules(text: &str) -> Vec<SizeRule> {
    let mut found = Vec::new();
    let mut input = ParserInput::new(text);
    read(&mut Parser::new(&mut input), false, &mut found);
    found
}

fn read(sheet: &mut Parser<'_, '_>, is_conditional: bool, found: &mut Vec<SizeRule>) {
    loop {
        sheet.skip_whitespace();
        let start = sheet.position();
        let prelude = loop {
            match sheet.next() {
                Err(_) => return,
                Ok(Token::CurlyBracketBlock) => {
                    break Some(
                        sheet
                            .slice_from(start)
                            .trim_end_matches('{')
                            .trim()
                            .to_owned(),
                    );
                }
                Ok(Token::Semicolon) => break None,
                Ok(_) => {}
            }
        };
        let Some(prelude) = prelude else {
            continue;
        };
        let _ = sheet.parse_nested_block(|block| {
            read_block(block, &prelude, is_conditional, found);
            Ok::<_, cssparser::ParseError<'_, ()>>(())
        });
    }
}

fn read_block(
    block: &mut Parser<'_, '_>,
    prelude: &str,
    is_conditional: bool,
    found: &mut Vec<SizeRule>,
) {
    let Some(at_rule) = prelude.strip_prefix('@') else {
        let (declared, _) = of_block(block);
        let is_child = |selector: &str| {
            let parent = selector.trim_end_matches(|c: char| !c.is_whitespace() && c != '>');
            parent.trim_end().ends_with('>')
        };
        if !declared.is_empty() || prelude.contains('>') {
            found.extend(selectors(prelude).filter_map(|selector| {
                let (subject, is_all) = subject(selector)?;
                let declared = Declared {
                    is_child: is_child(selector),
                    ..declared
                };
                (!declared.is_empty()).then_some(())?;
                Some(SizeRule {
                    subject,
                    selector: (!is_all).then(|| selector.to_owned()),
                    is_conditional,
                    declared,
                })
            }));
        }
        return;
    };
    let (name, condition) = at_rule
        .split_once(|c: char| c.is_whitespace() || c == '(')
        .unwrap_or((at_rule, ""));
    let condition = condition.trim().to_ascii_lowercase();
    match name.to_ascii_lowercase().as_str() {
        "media" if condition == "print" => {}
        "media" if matches!(condition.as_str(), "screen" | "all" | "only screen") => {
            read(block, is_conditional, found);
        }
        "layer" => read(block, is_conditional, found),
        "media" | "supports" | "container" | "scope" => read(block, true, found),
        _ => {}
    }
}

/// The selectors of a list.
fn selectors(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = list.split(move |c: char| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim)
}

/// The last compound of a selector, and whether the selector consists of its name, class and id
/// alone. Returns `None` if it is not an image.
fn subject(selector: &str) -> Option<(Subject, bool)> {
    let end = selector.rfind(|c: char| c.is_whitespace() || matches!(c, '>' | '+' | '~'));
    let (compound, mut is_all) = match end {
        // In brackets or parentheses, which are not distinguished here: an element of any kind.
        Some(_) if selector.contains(['[', '(']) => ("", false),
        Some(end) => (&selector[end + 1..], false),
        None => (selector, true),
    };
    let name_end = compound
        .find(['.', '#', ':', '['])
        .unwrap_or(compound.len());
    let (name, mut rest) = compound.split_at(name_end);
    if !matches!(name.to_ascii_lowercase().as_str(), "" | "*" | "img") {
        return None;
    }
    let mut subject = Subject::default();
    while let Some(kind) = rest.chars().next() {
        let after = &rest[1..];
        let end = after.find(['.', '#', ':', '[']).unwrap_or(after.len());
        match kind {
            '.' => subject.classes.push(after[..end].to_owned()),
            '#' => subject.id = Some(after[..end].to_owned()),
            // A pseudo-element is not an image.
            ':' if after.starts_with(':') => return None,
            ':' | '[' => is_all = false,
            _ => {}
        }
        rest = &after[end..];
    }
    Some((subject, is_all))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The selector, whether it is conditional, and whether it sets `height: auto`.
    fn read_rules(text: &str) -> Vec<(Vec<String>, Option<String>, bool, bool)> {
        let rules = rules(text).into_iter();
        rules
            .map(|rule| {
                let SizeRule {
                    subject,
                    selector,
                    is_conditional,
                    declared,
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
            .map(|rule| (rule.selector.unwrap(), rule.declared.is_child))
            .collect();
        let expected = [
            ("a>img", true),
            (".x > img.y", true),
            ("a > b img", false),
            ("p > :first-child", true),
        ];
        assert_eq!(
            found,
            expected.map(|(selector, is_child)| (selector.to_owned(), is_child))
        );
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
        ] {
            let _ = rules(text);
        }
        assert_eq!(read_rules("img{height:auto").len(), 1);
    }
}
