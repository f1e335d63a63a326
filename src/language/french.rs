//! French typography by the rules of the Imprimerie nationale: non-breaking spaces, numbers and
//! units.

/// No-break space, as wide as a word space.
const NO_BREAK: char = '\u{a0}';
/// Narrow no-break space, used before tall punctuation and between groups of digits.
const NARROW: char = '\u{202f}';

/// Replaces ordinary spaces, with which catalogues are written, by the spaces of French typography.
pub(super) fn typeset(text: &str) -> String {
    let mut set = String::with_capacity(text.len() + 8);
    let characters: Vec<char> = text.chars().collect();
    for (index, &c) in characters.iter().enumerate() {
        let next = characters.get(index + 1);
        let previous = index.checked_sub(1).map(|index| characters[index]);
        set.push(match (c, next) {
            (' ', Some(';' | '?' | '!')) => NARROW,
            (' ', Some(':' | '»' | '%' | '×' | '–')) => NO_BREAK,
            (' ', _) if matches!(previous, Some('«' | '×')) => NO_BREAK,
            _ => c,
        });
    }
    set
}

/// Converts a whole number, decimal, percentage, size or duration to French; `None` for anything
/// else.
pub(super) fn quantity(english: &str) -> Option<String> {
    let (sign, rest) = match english.strip_prefix(['−', '+', '±']) {
        Some(rest) => (english.chars().next(), rest),
        None => (None, english),
    };
    let (number, unit) = match (rest.strip_suffix('%'), rest.split_once(' ')) {
        (Some(number), _) => (number, Some("%")),
        (None, Some((number, unit))) => (number, Some(unit)),
        (None, None) => (rest, None),
    };
    let unit = match unit {
        None => String::new(),
        Some("B") => format!("{NO_BREAK}o"),
        Some("KiB") => format!("{NO_BREAK}Kio"),
        Some("MiB") => format!("{NO_BREAK}Mio"),
        Some("GiB") => format!("{NO_BREAK}Gio"),
        Some(same @ ("%" | "s" | "ms")) => format!("{NO_BREAK}{same}"),
        Some(_) => return None,
    };
    let (whole, decimals) = match number.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (number, None),
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !decimals.is_none_or(is_digits) {
        return None;
    }
    let sign = sign.map(String::from).unwrap_or_default();
    let decimals = decimals.map(|digits| format!(",{digits}"));
    let decimals = decimals.unwrap_or_default();
    Some(format!("{sign}{}{decimals}{unit}", grouped(whole)))
}

/// Groups digits in threes.
fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(NARROW);
        }
        grouped.push(digit);
    }
    grouped
}

/// Whether a number takes the plural form. In French, 0 and 1 are singular.
pub(super) fn is_plural(number: &str) -> bool {
    !matches!(number, "0" | "1")
}
