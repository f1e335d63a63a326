//! Checks that a drawing is well-formed XML: browsers show no part of one that is not.

use resvg::usvg::roxmltree::{Document, Error, ParsingOptions};

use super::text::doctype;
use super::work;
use crate::reason::{Part, in_words};

/// Maximum size in bytes of a text that is parsed. Larger ones count as well-formed: the check is
/// not worth the memory, about ten times their size.
const MOST_BYTES: usize = 4 << 20;

/// Checks a text.
///
/// # Errors
///
/// The first error that also stops a browser. Texts that take the parser long, and errors that may
/// come from an unusual document type, which browsers read differently, are accepted.
pub(super) fn check(text: &str) -> Result<(), String> {
    if text.len() > MOST_BYTES || work::check_text(text).is_err() {
        return Ok(());
    }
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let Err(error) = Document::parse_with_options(text, options) else {
        return Ok(());
    };
    let is_certain = match error {
        Error::NodesLimitReached
        | Error::AttributesLimitReached
        | Error::NamespacesLimitReached
        | Error::EntityReferenceLoop(_) => false,
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream | Error::UnexpectedCloseTag(..) => {
            true
        }
        _ => doctype(text).is_empty(),
    };
    match is_certain {
        true => Err(in_words(&error, Part::Headers).into_owned()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Chromium 150 loads them in an `<img>`.
    #[test]
    fn what_browsers_load_is_well_formed() {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\">";
        for (rest, expected) in [
            ("</svg>\n<!-- a -->\n", true),
            ("<g/></svg><?a?>", true),
            ("<g>&lt;</g></svg>", true),
            ("<g/>", false),
            ("</svg>text", false),
            ("<g></svg>", false),
            ("</svg>\0", false),
            ("<g a='1' a='2'/></svg>", false),
            ("<g a=1/></svg>", false),
            ("<use xlink:href='#a'/></svg>", false),
            ("&nbsp;</svg>", false),
        ] {
            let checked = check(&format!("{svg}{rest}"));
            assert_eq!(checked.is_ok(), expected, "{rest}: {checked:?}");
        }
        let entity =
            "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg xmlns='http://www.w3.org/2000/svg'>&a;</svg>";
        assert_eq!(check(entity), Ok(()));
        assert!(check(&"<".repeat(MOST_BYTES + 1)).is_ok());
    }
}
