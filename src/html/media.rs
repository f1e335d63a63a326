//! Decides whether a style sheet or a block of rules is for screens: a media query list goes in,
//! whether it applies comes out ([Media Queries 4, section
//! 2](https://www.w3.org/TR/mediaqueries-4/#media-query)).

use cssparser::{Parser, ParserInput, Token};

use super::subject::selectors;

/// When a style sheet, a rule or a declaration applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Applies {
    /// On no screen, such as what is for print.
    Never,
    /// On some screens, such as those of a certain width, or to some elements.
    Sometimes,
    /// On every screen.
    Always,
}

impl Applies {
    /// Returns where a media query list applies. An empty list applies everywhere.
    pub fn of(list: &str) -> Self {
        let mut input = ParserInput::new(list);
        if Parser::new(&mut input).is_exhausted() {
            return Applies::Always;
        }
        let queries = selectors(list).map(query);
        queries.max().unwrap_or(Applies::Always)
    }

    fn not(self) -> Self {
        match self {
            Applies::Never => Applies::Always,
            Applies::Sometimes => Applies::Sometimes,
            Applies::Always => Applies::Never,
        }
    }
}

/// Returns where a media query applies. The media features in it are not evaluated.
fn query(query: &str) -> Applies {
    let mut input = ParserInput::new(query);
    let mut parser = Parser::new(&mut input);
    let mut is_negated = false;
    while let Ok(token) = parser.next() {
        let Token::Ident(word) = token else {
            // A condition without a media type.
            return Applies::Sometimes;
        };
        match word.to_ascii_lowercase().as_str() {
            "not" => is_negated = true,
            "only" => {}
            word => {
                let is_screen = matches!(word, "all" | "screen");
                let has_condition = parser.next().is_ok();
                let applies = match (is_screen, has_condition) {
                    (false, _) => Applies::Never,
                    (true, true) => Applies::Sometimes,
                    (true, false) => Applies::Always,
                };
                return if is_negated { applies.not() } else { applies };
            }
        }
    }
    // Not a query: it matches nothing, but what it is meant for is not known.
    Applies::Sometimes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Chromium applies a `<link>` with these media.
    #[test]
    fn what_is_not_for_screens_never_applies() {
        use Applies::{Always, Never, Sometimes};
        for (list, expected) in [
            ("", Always),
            (" /* x */ ", Always),
            ("all", Always),
            (" Screen", Always),
            ("only screen", Always),
            ("print,screen", Always),
            ("not print", Always),
            ("not print and (min-width: 1px)", Always),
            ("print", Never),
            ("PRINT/**/", Never),
            ("only print and (color)", Never),
            ("print, speech", Never),
            ("not all", Never),
            ("not screen", Never),
            ("foo", Never),
            ("(max-width:600px)", Sometimes),
            ("not (hover)", Sometimes),
            ("screen and (max-width: 600px)", Sometimes),
            ("not all and (monochrome)", Sometimes),
            ("print, (max-width: 600px)", Sometimes),
            ("not", Sometimes),
        ] {
            assert_eq!(Applies::of(list), expected, "{list}");
        }
    }
}
