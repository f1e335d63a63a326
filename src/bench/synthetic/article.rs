//! Generates the articles of synthetic sites.

use std::fmt::Write;

use super::image_path;
use super::random::Random;

const WORDS: [&str; 16] = [
    "river", "bridge", "market", "summer", "the", "of", "a", "council", "meets", "under", "old",
    "harbour", "with", "letters", "from", "nowhere",
];

/// Writes front matter and a body with one to six references, in forms that real sites use.
pub(super) fn write_article(text: &mut String, number: u32, random: &mut Random, images: u32) {
    let image = |random: &mut Random| format!("/{}", image_path(random.below(images)));
    let quote = ["\"", "'", ""][random.below(3) as usize];
    let _ = writeln!(text, "---\nlayout: post\ntitle: \"Article {number}\"");
    let _ = writeln!(text, "image: {quote}{}{quote}", image(random));
    if random.below(2) == 0 {
        let _ = writeln!(text, "tags: [one, two]");
    }
    match random.below(4) {
        0 => {
            let _ = writeln!(text, "gallery:");
            for _ in 0..2 {
                let _ = writeln!(text, "- image: {}\n  legend: A picture", image(random));
            }
        }
        1 => {
            let _ = writeln!(text, "pictures:\n  - {}", image(random));
        }
        2 => {
            let _ = writeln!(text, "hero: {{ src: \"{}\", alt: x }}", image(random));
        }
        _ => {}
    }
    let _ = writeln!(text, "---\n");
    for paragraph in 0..3 + random.below(4) {
        write_words(text, random);
        if paragraph == 1 {
            match random.below(4) {
                0 => {
                    let _ = writeln!(text, "![A picture]({})\n", image(random));
                }
                1 => {
                    let _ = writeln!(text, "<img src=\"{}\" alt=\"\">\n", image(random));
                }
                2 => {
                    let image = image(random);
                    let _ = writeln!(text, "![Two ways][ref]\n\n[ref]: {image} \"Title\"\n");
                }
                _ => {}
            }
        }
    }
}

fn write_words(text: &mut String, random: &mut Random) {
    for _ in 0..20 + random.below(60) {
        text.push_str(WORDS[random.below(16) as usize]);
        text.push(' ');
    }
    text.push_str("\n\n");
}
