//! Selects the front-matter keys of the site that appear in the template code printed by `init`.

use std::cmp::Reverse;

use planche::internal::generator::UsedKey;
use planche::internal::inventory::{ImageKey, Inventory};

/// Returns the image keys outside lists, the most frequent one first; `image` if there are none.
pub(super) fn used(inventory: &Inventory) -> Vec<UsedKey> {
    let mut keys: Vec<&ImageKey> = inventory.keys.iter().collect();
    // The sort is stable: equally frequent keys keep the order of the inventory.
    keys.sort_by_key(|key| Reverse(key.places));
    let mut used: Vec<UsedKey> = keys.into_iter().filter_map(used_key).collect();
    if used.is_empty() {
        used.push(UsedKey::top("image"));
    }
    used
}

/// Converts a key; `None` if it is within a list or its path needs quotes.
fn used_key(key: &ImageKey) -> Option<UsedKey> {
    if key.at.contains(['[', '"', '*']) {
        return None;
    }
    let image = key.key.as_deref()?;
    let parents = key.at.strip_suffix(image)?;
    let parents = parents.split('.').filter(|name| !name.is_empty());
    let alt = key.alt.clone();
    Some(UsedKey {
        parents: parents.map(str::to_owned).collect(),
        alt: alt.unwrap_or_else(|| UsedKey::top(image).alt),
        image: image.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_key_outside_lists_comes_first() {
        let key = |at: &str, places: usize, alt: Option<&str>| ImageKey {
            at: at.to_owned(),
            key: at.rsplit('.').next().map(str::to_owned),
            places,
            articles: places,
            median_width: None,
            preset: "card".to_owned(),
            alt: alt.map(str::to_owned),
            caption: None,
        };
        let inventory = |keys: Vec<ImageKey>| Inventory {
            keys,
            ..Inventory::default()
        };
        let found = used(&inventory(vec![
            key("author.avatar", 2, None),
            key("cover", 7, Some("cover_text")),
            key("gallery[].image", 90, None),
        ]));
        let found: Vec<String> = found
            .iter()
            .map(|key| format!("{:?} {} {}", key.parents, key.image, key.alt))
            .collect();
        let expected = ["[] cover cover_text", "[\"author\"] avatar avatar_alt"];
        assert_eq!(found, expected);
        assert_eq!(used(&inventory(Vec::new())), [UsedKey::top("image")]);
    }
}
