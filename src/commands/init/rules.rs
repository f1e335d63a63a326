//! Generates the rules for the front-matter keys of a site's images, which `init` writes into a new
//! `planche.yml`.

use planche::internal::config::{Config, FILE};
use planche::internal::inventory::{ImageKey, Inventory};
use planche::internal::report::plural;

/// Words in the names of keys whose images layouts usually show small.
const SMALL: [&str; 8] = [
    "avatar",
    "icon",
    "icone",
    "logo",
    "portrait",
    "thumb",
    "thumbnail",
    "vignette",
];
/// Words in the names of keys whose images layouts usually show in a row of slides, each as wide as
/// the page.
const LARGE: [&str; 8] = [
    "carousel",
    "carrousel",
    "diaporama",
    "galerie",
    "gallery",
    "slider",
    "slides",
    "slideshow",
];

/// Returns the entries of `rules:`, one rule with a comment per key; empty if there are no keys.
pub(super) fn rules(inventory: &Inventory) -> String {
    let rules = inventory
        .keys
        .iter()
        .map(|key| format!("# {}\n- {}\n", counts(key), rule(key)));
    rules.collect()
}

/// Formats the rule for a key, with the sibling keys of its alt text and caption.
pub(super) fn rule(key: &ImageKey) -> String {
    let at = serde_json::Value::from(key.at.as_str());
    let texts = [("alt", &key.alt), ("caption", &key.caption)];
    let texts = texts.iter().filter_map(|(name, value)| {
        let value = scalar(value.as_ref()?);
        Some(format!(", {name}: {value}"))
    });
    let texts: String = texts.collect();
    format!("{{ at: {at}, preset: {}{texts} }}", scalar(preset(key)))
}

/// Returns the rules for those keys that no rule of a configuration covers.
pub(super) fn missing(config: &Config, inventory: &Inventory) -> Vec<String> {
    let rules = inventory.keys.iter().map(rule);
    let is_missing = |rule: &String| {
        let read = Config::read(FILE, &["rules:\n- ", rule, "\n"].concat());
        let read = read.ok().and_then(|read| read.rules.into_iter().next());
        read.is_some_and(|new| !config.rules.iter().any(|own| own.covers(&new)))
    };
    rules.filter(is_missing).collect()
}

/// Formats how often a key names an image, and the median width of these images.
pub(super) fn counts(key: &ImageKey) -> String {
    let width = key
        .median_width
        .map_or_else(String::new, |width| format!(", {width} px wide (median)"));
    format!(
        "{} in {}{width}",
        plural(key.places, "image"),
        plural(key.articles, "article")
    )
}

/// Chooses a preset by the words of the key's path; by default, the one that its images have so
/// far.
fn preset(key: &ImageKey) -> &str {
    let path = key.at.to_lowercase();
    let words: Vec<&str> = path.split(|c: char| !c.is_alphanumeric()).collect();
    let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
    if has(&LARGE) {
        "carousel"
    } else if has(&SMALL) {
        "thumbnail"
    } else {
        &key.preset
    }
}

/// Formats a text as a YAML scalar in flow style.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        && ![
            "true", "false", "null", "yes", "no", "on", "off", "none", "y", "n",
        ]
        .contains(&text.to_ascii_lowercase().as_str());
    if is_plain {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_names_a_fitting_preset() {
        let key = |at: &str| ImageKey {
            at: at.to_owned(),
            key: None,
            places: 1,
            articles: 1,
            median_width: Some(800),
            preset: "card".to_owned(),
            alt: Some("alt text".to_owned()),
            caption: Some("legende".to_owned()),
        };
        for (at, preset) in [
            ("une-ou-diaporama[].image", "carousel"),
            ("author.avatar", "thumbnail"),
            ("image", "card"),
        ] {
            assert_eq!(
                rule(&key(at)),
                format!(
                    "{{ at: \"{at}\", preset: {preset}, alt: \"alt text\", caption: legende }}"
                )
            );
        }
        assert_eq!(
            counts(&key("a")),
            "1 image in 1 article, 800 px wide (median)"
        );
    }
}
