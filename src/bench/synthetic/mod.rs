//! Generates synthetic sites: Jekyll sites with any number of articles and images, to measure how
//! time and memory grow. The same size and seed produce the same bytes on every machine.

mod article;
mod image;
mod random;

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use rayon::prelude::*;

use random::Random;

/// The size of a synthetic site, written as `articles=1000,images=200,seed=7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synthetic {
    pub articles: u32,
    pub images: u32,
    pub seed: u64,
}

/// Error: a text does not describe the size of a synthetic site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; expected `articles=1000,images=200` or `articles=1000,images=200,seed=7`")]
pub struct InvalidSize {
    reason: String,
}

/// A file of a synthetic site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Path from the root of the site, with `/` as separator.
    pub path: String,
    pub bytes: Vec<u8>,
}

/// Maximum number of articles and of images: the largest sites have about a million articles.
const MAX: u32 = 1_000_000;
/// Files per folder. Folders of a hundred thousand files are slow for reasons unrelated to planche.
const FILES_PER_FOLDER: u32 = 1_000;
/// The preset has two small widths: the number of variants matters here, not their content.
const PRESET: &str = "widths: [80, 160]\nsizes: 100vw\nquality: 70\neffort: 0\nlossless: never\n";
/// A template that prints the records and no originals, so that a build has no findings.
const LAYOUT: &str = "<img src=\"{{ page.image_responsive.src }}\" srcset=\"{{ page.image_responsive.srcset }}\">\n\
    {% for record in page.responsive_images %}{{ record.srcset }}{% endfor %}\n";

impl FromStr for Synthetic {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<Self, InvalidSize> {
        let mut synthetic = Synthetic {
            articles: 0,
            images: 0,
            seed: 1,
        };
        for part in text.split(',') {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| invalid(format!("`{part}` is not `key=number`")))?;
            match key {
                "articles" => synthetic.articles = count(value)?,
                "images" => synthetic.images = count(value)?,
                "seed" => {
                    synthetic.seed = value
                        .parse()
                        .map_err(|_| invalid(format!("`{value}` is not a seed")))?;
                }
                _ => return Err(invalid(format!("unknown key `{key}`"))),
            }
        }
        if synthetic.articles == 0 || synthetic.images == 0 {
            return Err(invalid("`articles` or `images` is missing".to_owned()));
        }
        Ok(synthetic)
    }
}

fn invalid(reason: String) -> InvalidSize {
    InvalidSize { reason }
}

fn count(text: &str) -> Result<u32, InvalidSize> {
    text.parse()
        .ok()
        .filter(|count| (1..=MAX).contains(count))
        .ok_or_else(|| invalid(format!("`{text}` is not a number from 1 to {MAX}")))
}

impl fmt::Display for Synthetic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "articles={},images={},seed={}",
            self.articles, self.images, self.seed
        )
    }
}

impl Synthetic {
    /// Returns the settings, the presets and the template.
    pub fn settings(&self) -> Vec<GeneratedFile> {
        [
            ("_config.yml", "title: A synthetic site\n"),
            ("_layouts/post.html", LAYOUT),
            ("presets/article.yml", PRESET),
            ("presets/card.yml", PRESET),
        ]
        .map(|(path, text)| GeneratedFile {
            path: path.to_owned(),
            bytes: text.into(),
        })
        .into()
    }

    /// Returns the article with a number, counted from 0.
    pub fn article(&self, number: u32) -> GeneratedFile {
        let mut random = Random::new(self.seed, u64::from(number));
        let mut text = String::new();
        article::write_article(&mut text, number, &mut random, self.images);
        let day = number % 28 + 1;
        let month = number / 28 % 12 + 1;
        let folder = number / FILES_PER_FOLDER;
        GeneratedFile {
            path: format!("_posts/{folder:04}/2024-{month:02}-{day:02}-article-{number}.md"),
            bytes: text.into_bytes(),
        }
    }

    /// Returns the image with a number, counted from 0: a JPEG of 240 × 160 pixels.
    pub fn image(&self, number: u32) -> GeneratedFile {
        let mut random = Random::new(self.seed, u64::from(number) | 1 << 32);
        GeneratedFile {
            path: image_path(number),
            bytes: image::jpeg(&mut random, number),
        }
    }

    /// Writes the whole site into a folder.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        self.settings()
            .iter()
            .try_for_each(|file| write(folder, file))?;
        self.write_articles(folder)?;
        in_parallel(0..self.images, |number| write(folder, &self.image(number)))
    }

    /// Writes the articles, replacing existing ones.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn write_articles(&self, folder: &Path) -> io::Result<()> {
        in_parallel(0..self.articles, |number| {
            write(folder, &self.article(number))
        })
    }
}

/// Calls `work` for each number, on all threads. The ranges are large, so that a thread mostly
/// writes into the same folder.
fn in_parallel(
    numbers: Range<u32>,
    work: impl Fn(u32) -> io::Result<()> + Send + Sync,
) -> io::Result<()> {
    numbers
        .into_par_iter()
        .with_min_len(FILES_PER_FOLDER as usize / 4)
        .try_for_each(work)
}

/// Writes a file, and creates its folder only if it is missing.
fn write(folder: &Path, file: &GeneratedFile) -> io::Result<()> {
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
    format!(
        "uploads/{:04}/picture-{number}.jpg",
        number / FILES_PER_FOLDER
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_or_refused() {
        let size = Synthetic {
            articles: 10,
            images: 2,
            seed: 7,
        };
        assert_eq!("articles=10,images=2,seed=7".parse(), Ok(size));
        assert_eq!(size.to_string().parse(), Ok(size));
        for (text, part) in [
            ("articles=10", "missing"),
            ("articles=0,images=1", "not a number from 1"),
            ("articles=1,images=2,colour=3", "`colour`"),
            ("lots", "`lots`"),
            ("articles=1,images=1,seed=-1", "not a seed"),
        ] {
            let error = text.parse::<Synthetic>().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
