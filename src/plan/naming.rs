//! Names variants: `<stem>-<width>.<digest>.webp`.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::original::Original;
use crate::path::SitePath;
use crate::picture::info::Format;
use crate::picture::units::Dimensions;
use crate::published::{DIGEST_DIGITS, LONGEST_NAME};
use crate::store::Key;

/// Returns the file name of one variant; `asked` is the result of [`asked`](crate::store::asked).
pub(super) fn name(
    original: &Original,
    dimensions: Dimensions,
    format: Format,
    asked: &str,
) -> String {
    let key = Key::new(original.digest, dimensions, asked).to_string();
    let end = format!(
        "-{}.{}.{}",
        dimensions.width,
        &key[..DIGEST_DIGITS],
        format.spec().extensions[0]
    );
    let stem = segment(original.path.stem(), LONGEST_NAME - end.len());
    format!("{stem}{end}")
}

/// Returns the folder below the variants folder, named like the original's folder. The result is
/// empty or ends with `/`.
pub(super) fn folder(folder: &SitePath) -> String {
    let folders = folder
        .as_str()
        .split('/')
        .filter(|segment| !segment.is_empty());
    folders
        .map(|folder| segment(folder, LONGEST_NAME) + "/")
        .collect()
}

/// Joins a folder and a path below it; both consist of safe segments.
pub(super) fn under(folder: &str, below: &str) -> SitePath {
    SitePath::normalise(&format!("{folder}/{below}")).expect("segments are safe and none is `..`")
}

/// Returns a name of characters that need no escapes in a URL, a `srcset` and a file system.
///
/// NFKD without combining marks; each run of other characters than `[A-Za-z0-9._~-]` becomes one
/// `-`; a leading `.`, `_` or `-` gets an `x` before it (generators hide such names); at most
/// `longest` bytes.
fn segment(text: &str, longest: usize) -> String {
    // Decomposing is the most expensive step of a name, and does not change ASCII.
    let mut safe = if text.is_ascii() {
        safe_characters(text.chars())
    } else {
        safe_characters(text.nfkd().filter(|c| !is_combining_mark(*c)))
    };
    if safe.is_empty() || safe.starts_with(['.', '_', '-']) {
        safe.insert(0, 'x');
    }
    safe.truncate(longest);
    safe
}

fn safe_characters(text: impl Iterator<Item = char>) -> String {
    let mut safe = String::with_capacity(text.size_hint().0);
    let mut is_after_other = false;
    for c in text {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-') {
            safe.push(c);
            is_after_other = false;
        } else if !is_after_other {
            safe.push('-');
            is_after_other = true;
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::framing::{Background, Focus};
    use crate::picture::info::Format;
    use crate::picture::info::{Digest, ImageInfo};
    use crate::picture::quality::{EffortSpec, QualitySpec, Target};
    use crate::picture::recipe::Scale;
    use crate::picture::recipe::{Color, Lossless, Resize};
    use crate::picture::recipe::{Framing, Recipe};
    use crate::picture::units::{Effort, Quality, Score};
    use crate::published::is_variant_name;
    use crate::store::asked;

    fn original(path: &str, bytes: &[u8]) -> Original {
        Original {
            path: SitePath::normalise(path).unwrap(),
            digest: Digest::of(bytes),
            bytes: bytes.len() as u64,
            info: ImageInfo::Vector {
                dimensions: Dimensions {
                    width: 1,
                    height: 1,
                },
            },
        }
    }

    fn recipe(quality: f32, effort: u8, lossless: Lossless) -> Recipe {
        Recipe {
            quality: Quality::new(quality).unwrap().into(),
            effort: Effort::new(effort).unwrap().into(),
            lossless,
            ..Recipe::plain(Format::WEBP)
        }
    }

    fn target(score: f32) -> QualitySpec {
        QualitySpec::Target(Target {
            ssimulacra2: Score::new(score).unwrap(),
        })
    }

    #[test]
    fn a_fixed_quality_and_effort_are_spelled_as_numbers() {
        // The variant names on existing sites depend on this spelling.
        assert_eq!(
            recipe(80.0, 4, Lossless::Auto).to_string(),
            "webp quality=80 effort=4 lossless=auto resize=srgb color=srgb"
        );
        let asked = Recipe {
            quality: target(75.5),
            effort: EffortSpec::Auto,
            scale: Scale::Quarter,
            is_sharp: true,
            ..recipe(80.0, 4, Lossless::Never)
        };
        assert_eq!(
            asked.to_string(),
            "webp quality=ssimulacra2:75.5 effort=auto lossless=never resize=srgb color=srgb scale=2/8 sharp"
        );
    }

    fn name(
        original: &Original,
        dimensions: Dimensions,
        framing: Framing,
        recipe: &Recipe,
    ) -> String {
        super::name(original, dimensions, recipe.format, &asked(framing, recipe))
    }

    const SIZE: Dimensions = Dimensions {
        width: 320,
        height: 200,
    };

    #[test]
    fn segments_are_safe_everywhere() {
        for (text, expected) in [
            (
                "Réseau de chaleur_Île-de-France",
                "Reseau-de-chaleur_Ile-de-France",
            ),
            ("e\u{301}te\u{301}", "ete"),
            (
                "2018-10-02 10_39_24-Teaser «x» (1)",
                "2018-10-02-10_39_24-Teaser-x-1-",
            ),
            (".hidden", "x.hidden"),
            ("_draft", "x_draft"),
            ("-dash", "x-dash"),
            ("..", "x.."),
            ("", "x"),
            ("日本語", "x-"),
            ("½ﬁ", "1-2fi"),
            ("a--b", "a--b"),
            ("a~b.c", "a~b.c"),
        ] {
            assert_eq!(segment(text, 80), expected, "{text}");
        }
        assert_eq!(segment(&"é".repeat(300), 80).len(), 80);
    }

    #[test]
    fn a_name_changes_with_everything_that_changes_the_bytes() {
        let base = recipe(80.0, 4, Lossless::Auto);
        let name_of = |bytes: &[u8], size, recipe: &Recipe| {
            let original = original("uploads/a.png", bytes);
            name(&original, size, Framing::Whole, recipe)
        };
        let first = name_of(b"1", SIZE, &base);
        assert!(
            first.starts_with("a-320.") && is_variant_name(&first),
            "{first}"
        );
        assert_eq!(first, name_of(b"1", SIZE, &base));
        let window = Dimensions {
            width: 400,
            height: 250,
        };
        let framed = |framing| name(&original("uploads/a.png", b"1"), SIZE, framing, &base);
        let cover = |focus: &str| {
            let focus = Focus::try_from(focus.to_owned()).unwrap();
            framed(Framing::Cover { window, focus })
        };
        let contain = |background| framed(Framing::Contain { background });
        let with = |recipe| name_of(b"1", SIZE, &recipe);
        let others = [
            cover("center"),
            cover("0.3 0.6"),
            cover("auto"),
            framed(Framing::Cover {
                window: Dimensions {
                    height: 251,
                    ..window
                },
                focus: Focus::default(),
            }),
            contain(Background::WHITE),
            contain(Background::TRANSPARENT),
            with(Recipe {
                format: Format::AVIF,
                ..base
            }),
            with(Recipe {
                resize: Resize::Linear,
                ..base
            }),
            with(Recipe {
                color: Color::Keep,
                ..base
            }),
            with(Recipe {
                background: Some(Background::WHITE),
                ..base
            }),
            with(Recipe {
                scale: Scale::Half,
                ..base
            }),
            with(Recipe {
                scale: Scale::Quarter,
                ..base
            }),
            with(Recipe {
                is_sharp: true,
                ..base
            }),
            with(Recipe {
                is_animated: true,
                ..base
            }),
            with(Recipe {
                quality: target(75.0),
                ..base
            }),
            with(Recipe {
                quality: target(80.0),
                ..base
            }),
            with(Recipe {
                effort: EffortSpec::Auto,
                ..base
            }),
            name_of(b"2", SIZE, &base),
            name_of(
                b"1",
                Dimensions {
                    height: 201,
                    ..SIZE
                },
                &base,
            ),
            name_of(b"1", SIZE, &recipe(80.5, 4, Lossless::Auto)),
            name_of(b"1", SIZE, &recipe(80.0, 5, Lossless::Auto)),
            name_of(b"1", SIZE, &recipe(80.0, 4, Lossless::Never)),
        ];
        let mut all: Vec<&String> = others.iter().chain([&first]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), others.len() + 1, "{others:?}");
        let long = name(
            &original(&format!("uploads/{}.png", "x".repeat(250)), b"1"),
            SIZE,
            Framing::Whole,
            &base,
        );
        assert_eq!(long.len(), LONGEST_NAME);
        assert!(is_variant_name(&long));
    }

    #[test]
    fn only_names_of_our_form_are_variants() {
        for name in [
            "a-320.0123456789.webp",
            "x--1.abcdef0123.webp",
            "a.b-16383.0123456789.webp",
            "a-320.0123456789.avif",
            "a-320.0123456789.jpg",
            "a-320.0123456789.png",
        ] {
            assert!(is_variant_name(name), "{name}");
        }
        for name in [
            "a-320.webp",
            "a-320.012345678.webp",
            "a-320.012345678G.webp",
            "a-0320.0123456789.webp",
            "-320.0123456789.webp",
            "a-.0123456789.webp",
            "a-320.0123456789.jpeg",
            "a-320.0123456789.webp.bak",
        ] {
            assert!(!is_variant_name(name), "{name}");
        }
    }
}
