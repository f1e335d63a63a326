//! CSS selectors of rules: text in, a checked selector out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
        match text.parse::<lol_html::Selector>() {
            Ok(_) => Ok(PageSelector(text)),
            Err(error) => Err(format!(
                "`{text}` is not a selector that planche knows: {error}"
            )),
        }
    }
}

impl From<PageSelector> for String {
    fn from(selector: PageSelector) -> String {
        selector.0
    }
}
