//! Chooses the preset of an image in front matter that no rule matches, by its key.

/// Preset of images in the text.
pub const DEFAULT_BODY: &str = "article";
/// Preset of front-matter images whose key is in none of the tables below.
pub const DEFAULT_FRONT_MATTER: &str = "card";
/// Preset of front-matter images that layouts show large.
pub const DEFAULT_LARGE: &str = "carousel";

/// Keys of images that layouts show as wide as the page or the text: these get
/// [`DEFAULT_LARGE`].
pub const LARGE_KEYS: [&str; 10] = [
    "background",
    "banner",
    "bigimg",
    "cover",
    "header",
    "hero",
    "jumbotron",
    "masthead",
    "overlay",
    "splash",
];

/// Keys of images that only link previews show. They get no record: social networks load one file,
/// and many of them read neither `srcset` nor WebP.
pub const SOCIAL_KEYS: [&str; 13] = [
    "facebook",
    "linkedin",
    "meta",
    "og",
    "open_graph",
    "opengraph",
    "seo",
    "share",
    "sharing",
    "social",
    "social_card",
    "social_media_card",
    "twitter",
];

/// Keys that have no meaning of their own within a key for link previews, as in `meta: [{ property:
/// og:image, content: … }]` and `social: { cards: … }`.
const PARTS_OF_SOCIAL: [&str; 3] = ["card", "cards", "content"];

/// Words that only say that the value is an image. `hero_image` counts as `hero`, and so does `src`
/// in `hero: { src: … }`.
pub const GENERIC_WORDS: [&str; 11] = [
    "file", "href", "image", "images", "img", "path", "photo", "picture", "source", "src", "url",
];

/// Returns the preset of an image in front matter, or `None` if the image gets no record. `keys`
/// are the keys on the path to the image, the innermost first.
///
/// The first key that does not consist of a generic word alone decides. Only letters and digits
/// count, and case is ignored: `overlay_image`, `overlay-image` and `overlayImage` are the same
/// key. `article_header` counts as `header`, but `og_header` does not.
pub fn of_front_matter<'k>(keys: impl IntoIterator<Item = &'k str>) -> Option<&'static str> {
    let mut keys = keys.into_iter().filter_map(|written| {
        let bare = without_generic_word(&plain(written)).to_owned();
        (!bare.is_empty()).then_some((bare, written))
    });
    let (key, written) = keys.next().unwrap_or_default();
    let is_in = |table: &[&str], key: &str| table.iter().any(|name| is_plain(name, key));
    let is_part = PARTS_OF_SOCIAL.contains(&key.as_str());
    let is_social = is_in(&SOCIAL_KEYS, &key)
        || is_part
            && keys
                .next()
                .is_some_and(|(outer, _)| is_in(&SOCIAL_KEYS, &outer));
    let words = words(written).into_iter().rev();
    let mut words = words.skip_while(|word| is_in(&GENERIC_WORDS, word));
    let ends_large = words.next().is_some_and(|last| is_in(&LARGE_KEYS, &last))
        && !words.any(|word| is_in(&SOCIAL_KEYS, &word));
    if is_social {
        None
    } else if is_in(&LARGE_KEYS, &key) || ends_large {
        Some(DEFAULT_LARGE)
    } else {
        Some(DEFAULT_FRONT_MATTER)
    }
}

/// Removes the characters in which spellings of a key differ, and lowercases the others.
fn plain(key: &str) -> String {
    let letters = key.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether a key that [`plain`] has returned is this name of a table. The names are lower case, in
/// ASCII. Every key of every article is compared with all names, so nothing is allocated.
fn is_plain(name: &str, key: &str) -> bool {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    letters.eq(key.bytes())
}

/// Splits a key into its words, in lower case: at `_`, `-` and the like, and before capitals.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_after_small = false;
    for c in key.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && is_after_small {
            words.push(String::new());
        }
        is_after_small = c.is_lowercase();
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Removes a generic word at the end or the start of a key returned by `plain`.
fn without_generic_word(key: &str) -> &str {
    let mut words = GENERIC_WORDS.iter();
    let bare = words.find_map(|word| key.strip_suffix(word).or(key.strip_prefix(word)));
    bare.unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_key_that_says_something_decides() {
        for (keys, expected) in [
            // Minimal Mistakes, Beautiful Jekyll, Astro's blog, PaperMod, Clean Blog.
            (&["overlay_image", "header"][..], Some("carousel")),
            (&["teaser", "header"], Some("card")),
            (&["og_image", "header"], None),
            (&["cover-img"], Some("carousel")),
            (&["share-img"], None),
            (&["heroImage"], Some("carousel")),
            (&["image", "cover"], Some("carousel")),
            (&["background"], Some("carousel")),
            (&["social_media_card"], None),
            (&["twitter_image"], None),
            (&["twitter:image"], None),
            (&["content", "meta"], None),
            (&["cards", "social"], None),
            (&["image", "cards", "social"], None),
            (&["content"], Some("card")),
            (&["cards", "hero"], Some("card")),
            (&["image"], Some("card")),
            (&["src", "image", "hero"], Some("carousel")),
            (&["image", "une-ou-diaporama"], Some("card")),
            (&["hero_image_mobile"], Some("card")),
            // TeXt.
            (&["src", "image", "article_header"], Some("carousel")),
            (&["pageHeaderImage"], Some("carousel")),
            (&["image-page-banner"], Some("carousel")),
            (&["subheader"], Some("card")),
            (&["header_logo"], Some("card")),
            (&["og_header"], Some("card")),
            (&["imageHero"], Some("carousel")),
            (&[], Some("card")),
        ] {
            assert_eq!(of_front_matter(keys.iter().copied()), expected, "{keys:?}");
        }
    }

    #[test]
    fn the_tables_are_sorted_and_have_no_key_twice() {
        let tables: [&[&str]; 3] = [&LARGE_KEYS, &SOCIAL_KEYS, &GENERIC_WORDS];
        for table in tables {
            assert!(table.is_sorted_by(|a, b| a < b), "{table:?}");
        }
        assert!(LARGE_KEYS.iter().all(|key| !SOCIAL_KEYS.contains(key)));
    }
}
