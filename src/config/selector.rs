//! CSS selectors of rules: text in, a checked selector out.

use lol_html::errors::SelectorError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Maximum nesting depth of parentheses in a selector.
const DEEPEST: usize = 16;

/// A CSS selector for elements of built pages: types, classes, ids, attributes, `>` and descendants,
/// `:not()`, `:nth-child()` and lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct PageSelector(#[schemars(length(min = 1))] String);

impl PageSelector {
    /// Returns the selector as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the selector for the tokenizer of pages.
    pub fn compile(&self) -> lol_html::Selector {
        self.0
            .parse()
            .expect("the selector was checked when it was read")
    }
}

impl TryFrom<String> for PageSelector {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        // The parser is recursive, and rejects nested selectors only after parsing all of them, so
        // the depth is checked first.
        let parsed = match depth(&text) > DEEPEST {
            true => Err(SelectorError::NestedNegation),
            false => text.parse::<lol_html::Selector>(),
        };
        match parsed {
            Ok(_) => Ok(PageSelector(text)),
            Err(error) => Err(format!(
                "`{text}` is not a selector that planche knows: {}",
                reason(error)
            )),
        }
    }
}

/// Returns the nesting depth of the parentheses in a text.
fn depth(text: &str) -> usize {
    let mut depth = 0usize;
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Returns the reason why the tokenizer rejects a selector.
fn reason(error: SelectorError) -> &'static str {
    match error {
        SelectorError::EmptySelector => "it is empty",
        SelectorError::UnexpectedEnd => "it ends too early",
        SelectorError::DanglingCombinator => "nothing follows its last `>` or space",
        SelectorError::MissingAttributeName => "an attribute has no name",
        SelectorError::UnexpectedTokenInAttribute => "what is between `[` and `]` is not valid",
        SelectorError::InvalidClassName => "what follows a `.` is not a class name",
        SelectorError::UnsupportedPseudoClassOrElement => {
            "of the pseudo-classes, only `:not()`, `:nth-child()`, `:first-child`, `:nth-of-type()` \
             and `:first-of-type` are known"
        }
        SelectorError::NestedNegation => "a `:not()` is within another one",
        SelectorError::NamespacedSelector => "namespaces (`|`) are not known",
        SelectorError::UnsupportedCombinator(_) => {
            "of the combinators, only `>` and the space are known"
        }
        _ => "its syntax is not known",
    }
}

impl From<PageSelector> for String {
    fn from(selector: PageSelector) -> String {
        selector.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deeply_nested_selector_overflows_no_stack() {
        let nested = format!("{}img{}", ":not(".repeat(100_000), ")".repeat(100_000));
        let refused = PageSelector::try_from(nested).unwrap_err();
        assert!(refused.ends_with("a `:not()` is within another one"));
        assert!(PageSelector::try_from(format!("img{}", ":not(.a)".repeat(40))).is_ok());
    }

    #[test]
    fn a_selector_that_is_refused_says_why() {
        for (text, reason) in [
            ("", "it is empty"),
            ("figure >", "nothing follows its last `>` or space"),
            (
                "figure + img",
                "of the combinators, only `>` and the space are known",
            ),
            ("svg|a", "namespaces (`|`) are not known"),
        ] {
            let error = PageSelector::try_from(text.to_owned()).unwrap_err();
            let expected = format!("`{text}` is not a selector that planche knows: {reason}");
            assert_eq!(error, expected);
        }
        let hover = PageSelector::try_from("a:hover".to_owned()).unwrap_err();
        assert!(
            hover.contains(": of the pseudo-classes, only `:not()`"),
            "{hover}"
        );
    }
}
