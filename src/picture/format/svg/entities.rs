//! Expands the entities that a document type declaration defines (XML 1.0, section 4.2).

use std::collections::HashMap;

/// Maximum length of an expanded value in bytes.
const LONGEST: usize = 1_000;
/// Maximum number of characters of an unknown entity's name that a message shows.
const MOST_SHOWN: usize = 40;

/// The internal entities of a document, by name.
pub(super) struct Entities<'t> {
    texts: HashMap<&'t str, &'t str>,
    /// Whether the declaration gives elements a default size, which the text does not show.
    pub declare_size: bool,
}

impl<'t> Entities<'t> {
    /// Reads a document type declaration. External entities are ignored.
    pub fn read(doctype: &'t str) -> Self {
        let mut entities = Entities {
            texts: HashMap::new(),
            declare_size: false,
        };
        let mut rest = doctype;
        while let Some(at) = rest.find(['<', '"', '\'']) {
            rest = &rest[at..];
            if let Some(quote) = rest.chars().next().filter(|c| *c != '<') {
                rest = rest[1..].split_once(quote).map_or("", |(_, after)| after);
            } else if rest.starts_with("<!--") {
                rest = rest.split_once("-->").map_or("", |(_, after)| after);
            } else if let Some(declared) = rest.strip_prefix("<!ENTITY") {
                if let Some((name, text)) = entity(declared) {
                    // The first declaration counts.
                    entities.texts.entry(name).or_insert(text);
                }
                rest = declared;
            } else if let Some(declared) = rest.strip_prefix("<!ATTLIST") {
                let end = declared.find('>');
                let attributes = &declared[..end.unwrap_or(declared.len())];
                let is_size = |name: &str| matches!(name, "width" | "height" | "viewBox");
                entities.declare_size |= attributes.split_whitespace().any(is_size);
                // Without `>`, no later declaration has one either: the rest is not searched again.
                rest = end.map_or("", |_| declared);
            } else {
                rest = &rest[1..];
            }
        }
        entities
    }

    /// Replaces all references in an attribute's value. A reference to an entity within an entity
    /// is rejected, since not all browsers replace it.
    pub fn expand(&self, value: &str) -> Result<String, String> {
        let entity = |name: &str| {
            let text = self.texts.get(name)?;
            replaced(text, &character).ok()
        };
        replaced(value, &|name| character(name).or_else(|| entity(name)))
    }
}

/// Replaces the references in a text. `meaning` returns the replacement for a name.
fn replaced(text: &str, meaning: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        expanded.push_str(before);
        let Some((name, after)) = reference.split_once(';') else {
            return Err("its size contains a `&` that does not start an entity".to_owned());
        };
        match meaning(name) {
            Some(text) if expanded.len() + text.len() <= LONGEST => expanded.push_str(&text),
            _ => {
                let name: String = name.chars().take(MOST_SHOWN).collect();
                return Err(format!("its size contains the unknown entity `&{name};`"));
            }
        }
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// Returns the name and the text of a general entity, from what follows `<!ENTITY`.
fn entity(declared: &str) -> Option<(&str, &str)> {
    let declared = declared.strip_prefix(char::is_whitespace)?.trim_start();
    let (name, rest) = declared.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (text, _) = rest[1..].split_once(quote)?;
    Some((name, text))
}

/// Returns the character of a numeric or a predefined reference.
fn character(name: &str) -> Option<String> {
    let number = name.strip_prefix('#');
    let code = number.and_then(|number| match number.strip_prefix('x') {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
        None => number.parse().ok(),
    });
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => char::from_u32(code?)?,
    };
    Some(character.to_string())
}
