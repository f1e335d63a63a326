//! Made-up sites: a Jekyll site of any number of articles and pictures, to see how time and memory
//! grow with them. The same numbers and seed give the same bytes on every machine.

use std::fmt::Write;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use jpeg_encoder::{ColorType, Encoder};
use rayon::prelude::*;

/// How large a made-up site is, written as `articles=1000,images=200,seed=7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synthetic {
    pub articles: u32,
    pub images: u32,
    pub seed: u64,
}

/// What does not say how large a site is to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; write it like `articles=1000,images=200` or `articles=1000,images=200,seed=7`")]
pub struct NotASize {
    reason: String,
}

/// A file of a made-up site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeUp {
    /// From the site's root, `/`-separated.
    pub path: String,
    pub bytes: Vec<u8>,
}

/// Articles and pictures at most: a site of a million articles is one of the largest there are.
const MAX: u32 = 1_000_000;
/// Files of one folder: a folder of a hundred thousand is slow for other reasons than its size.
const IN_FOLDER: u32 = 1_000;
/// Small, so that a great number of them is drawn and encoded in a minute.
const WIDTH: u16 = 240;
const HEIGHT: u16 = 160;
/// Two small rungs: how many files stand matters, what is in them does not.
const PRESET: &str = "widths: [80, 160]\nsizes: 100vw\nquality: 70\neffort: 0\nlossless: never\n";
/// A template that shows records, so that there is nothing to tell.
const LAYOUT: &str = "<img src=\"{{ page.image_responsive.src }}\" srcset=\"{{ page.image_responsive.srcset }}\">\n\
    {% for record in page.responsive_images %}{{ record.srcset }}{% endfor %}{{ content }}\n";
const WORDS: [&str; 16] = [
    "river", "bridge", "market", "summer", "the", "of", "a", "council", "meets", "under", "old",
    "harbour", "with", "letters", "from", "nowhere",
];

impl FromStr for Synthetic {
    type Err = NotASize;

    fn from_str(text: &str) -> Result<Self, NotASize> {
        let wrong = |reason: String| NotASize { reason };
        let mut synthetic = Synthetic {
            articles: 0,
            images: 0,
            seed: 1,
        };
        for part in text.split(',') {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| wrong(format!("`{part}` is no `key=number`")))?;
            let count = || {
                let count = value.parse().ok().filter(|count| (1..=MAX).contains(count));
                count.ok_or_else(|| wrong(format!("`{value}` is no number from 1 to {MAX}")))
            };
            match key {
                "articles" => synthetic.articles = count()?,
                "images" => synthetic.images = count()?,
                "seed" => {
                    let seed = value.parse();
                    synthetic.seed = seed.map_err(|_| wrong(format!("`{value}` is no seed")))?;
                }
                _ => return Err(wrong(format!("`{key}` is not known"))),
            }
        }
        if synthetic.articles == 0 || synthetic.images == 0 {
            return Err(wrong(
                "numbers of articles and of images are missing".to_owned(),
            ));
        }
        Ok(synthetic)
    }
}

impl Synthetic {
    /// The configuration, the presets and the template.
    pub fn settings(&self) -> Vec<MadeUp> {
        let text = |path: &str, text: &str| MadeUp {
            path: path.to_owned(),
            bytes: text.into(),
        };
        vec![
            text("_config.yml", "title: A made-up site\n"),
            text("_layouts/post.html", LAYOUT),
            text("presets/article.yml", PRESET),
            text("presets/card.yml", PRESET),
        ]
    }

    /// One article, by its number.
    pub fn article(&self, number: u32) -> MadeUp {
        let mut random = Random::of(self.seed, u64::from(number));
        let mut text = String::new();
        write_article(&mut text, number, &mut random, self.images);
        let day = number % 28 + 1;
        let month = number / 28 % 12 + 1;
        let folder = number / IN_FOLDER;
        MadeUp {
            path: format!("_posts/{folder:04}/2024-{month:02}-{day:02}-article-{number}.md"),
            bytes: text.into_bytes(),
        }
    }

    /// One picture, by its number: a JPEG of 240 × 160 pixels.
    pub fn image(&self, number: u32) -> MadeUp {
        MadeUp {
            path: image_path(number),
            bytes: draw(
                &mut Random::of(self.seed, u64::from(number) | 1 << 32),
                number,
            ),
        }
    }

    /// Writes the whole site into a folder.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        self.settings()
            .iter()
            .try_for_each(|file| write(folder, file))?;
        self.write_articles(folder)?;
        each(0..self.images, |number| write(folder, &self.image(number)))
    }

    /// Writes the articles, over those that are there.
    pub fn write_articles(&self, folder: &Path) -> io::Result<()> {
        each(0..self.articles, |number| {
            write(folder, &self.article(number))
        })
    }
}

/// Does `work` for every number, on all threads, in stretches of one folder.
fn each(numbers: Range<u32>, work: impl Fn(u32) -> io::Result<()> + Send + Sync) -> io::Result<()> {
    numbers
        .into_par_iter()
        .with_min_len(IN_FOLDER as usize / 4)
        .try_for_each(work)
}

fn write(folder: &Path, file: &MadeUp) -> io::Result<()> {
    let path = folder.join(&file.path);
    match std::fs::write(&path, &file.bytes) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::write(&path, &file.bytes)
        }
        written => written,
    }
}

fn image_path(number: u32) -> String {
    format!("uploads/{:04}/picture-{number}.jpg", number / IN_FOLDER)
}

/// Front matter and text, with one to six references in the ways that people write them.
fn write_article(text: &mut String, number: u32, random: &mut Random, images: u32) {
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

/// A gradient with some coarse blocks, and the picture's number in its first pixels, so that no two
/// are the same.
fn draw(random: &mut Random, number: u32) -> Vec<u8> {
    let (from, to) = (random.next(), random.next());
    let blocks: Vec<u64> = (0..24).map(|_| random.next()).collect();
    let mut samples = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let block = blocks[usize::from(y / 40) * 6 + usize::from(x / 40)];
            for channel in 0..3 {
                let byte = |word: u64| (word >> (8 * channel) & 0xff) as u16;
                let shade = byte(from) * (WIDTH - x) / WIDTH + byte(to) * x / WIDTH;
                let shade = (shade + byte(block)) / 2;
                samples.push(u8::try_from(shade.min(255)).unwrap_or(u8::MAX));
            }
        }
    }
    // A block of 8 × 8 pixels for each bit: what a JPEG keeps.
    for bit in 0..20 {
        if number >> bit & 1 == 1 {
            for y in 0..8 {
                let row = (y * usize::from(WIDTH) + bit * 8) * 3;
                samples[row..row + 24].fill(255);
            }
        }
    }
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, 80)
        .encode(&samples, WIDTH, HEIGHT, ColorType::Rgb)
        .expect("the samples are as many as the size says");
    bytes
}

/// Numbers that look random (splitmix64, Steele, Lea and Flood, 2014), by integer arithmetic alone.
struct Random(u64);

impl Random {
    fn of(seed: u64, stream: u64) -> Self {
        let mut random = Random(seed ^ stream.wrapping_mul(0xd1b5_4a32_d192_ed03));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `limit`, which is not 0.
    fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(((self.next() >> 32) * u64::from(limit)) >> 32).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_splitmix64() {
        // The first numbers of the reference implementation for the seed 1234567.
        let mut random = Random(1_234_567);
        let numbers = [random.next(), random.next(), random.next()];
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn a_size_is_read_or_refused() {
        let size = "articles=10,images=2,seed=7".parse();
        assert_eq!(
            size,
            Ok(Synthetic {
                articles: 10,
                images: 2,
                seed: 7
            })
        );
        for (text, part) in [
            ("articles=10", "missing"),
            ("articles=0,images=1", "no number from 1"),
            ("articles=1,images=2,colour=3", "`colour`"),
            ("lots", "`lots`"),
            ("articles=1,images=1,seed=-1", "no seed"),
        ] {
            let error = text.parse::<Synthetic>().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
