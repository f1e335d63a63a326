//! Stores the sizes of the variants that no record needs, in `left-out.txt` in the variants folder.
//!
//! Sizes decide which widths a `srcset` lists. With this file, a fresh clone and `check` know the
//! sizes of widths that are left out and have no file. Like the variants, it is part of the site.
//! It is sorted, with one variant per line, so that the lines of two branches can be merged in any
//! order. An entry without a variant of its name in the plan has no effect, and a width that a
//! record needs later is made despite its entry. Without the file, the variants are made again
//! once, with the same records.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write;

use crate::path::{PathMap, SitePath};
use crate::project::Site;
use crate::published::is_variant_name;
use crate::site::{Existing, SiteError};

/// Name of the file in the variants folder.
pub const FILE: &str = "left-out.txt";
const LIMIT: u64 = 64 << 20;
/// The largest size that an entry may have: no file of an image format is larger.
const LARGEST: u64 = 1 << 40;
/// How the file begins; another file of this name is not ours.
const MARK: &str = "# planche:";
const HEAD: &str = "# planche: variants that no srcset lists, and their sizes in bytes. \
     Keep this file with the variants; without it, they are made again.";

/// Variants without a file, with the sizes in bytes that their files had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut(BTreeMap<SitePath, u64>);

impl LeftOut {
    /// Reads the entries of a site. Ignores invalid lines, variants with two sizes, and the whole
    /// file if it is not ours: these variants are made again.
    ///
    /// # Errors
    ///
    /// If the file exists and cannot be read. Without this error, the next write would lose its
    /// entries.
    pub fn load(site: &Site) -> Result<Self, SiteError> {
        let text = held(site)?.filter(|text| text.starts_with(MARK));
        let folder = site.output_folder();
        Ok(text.map_or_else(LeftOut::default, |text| LeftOut::parse(&text, &folder)))
    }

    fn parse(text: &str, folder: &SitePath) -> Self {
        let mut entries: BTreeMap<SitePath, Option<u64>> = BTreeMap::new();
        for line in text.lines() {
            let Some((path, bytes)) = entry(line, folder) else {
                continue;
            };
            match entries.entry(path) {
                Entry::Vacant(new) => {
                    new.insert(Some(bytes));
                }
                Entry::Occupied(mut known) if *known.get() != Some(bytes) => {
                    known.insert(None);
                }
                Entry::Occupied(_) => {}
            }
        }
        let entries = entries.into_iter();
        entries
            .filter_map(|(path, bytes)| Some((path, bytes?)))
            .collect()
    }

    /// Returns the sizes in bytes, by path.
    pub fn sizes(&self) -> PathMap<SitePath, u64> {
        self.0
            .iter()
            .map(|(path, bytes)| (path.clone(), *bytes))
            .collect()
    }

    /// Adds entries, which replace entries of the same path.
    pub fn extend(&mut self, entries: impl IntoIterator<Item = (SitePath, u64)>) {
        self.0.extend(entries);
    }

    /// Keeps the entries that `is_kept` returns true for.
    pub fn retain(&mut self, is_kept: impl Fn(&SitePath) -> bool) {
        self.0.retain(|path, _| is_kept(path));
    }

    /// Writes the entries, if the file has others. Removes the file if there are no entries.
    ///
    /// # Errors
    ///
    /// If the file cannot be written, or is not ours.
    pub fn save(&self, site: &Site) -> Result<(), SiteError> {
        let folder = site.output_folder();
        let path = folder.child(FILE);
        let held = held(site)?;
        if held.as_ref().is_some_and(|text| !text.starts_with(MARK)) {
            let found = "a text without planche's first line";
            return Err(SiteError::NotOurs { path, found });
        }
        let text = self.text(&folder);
        match held {
            Some(_) if self.0.is_empty() => site.root.remove(&path),
            None if self.0.is_empty() => Ok(()),
            Some(held) if held == text => Ok(()),
            Some(_) => site.root.create(&path, text.as_bytes(), Existing::Replace),
            None => site.root.create(&path, text.as_bytes(), Existing::Keep),
        }
    }

    fn text(&self, folder: &SitePath) -> String {
        let mut text = format!("{HEAD}\n");
        for (path, bytes) in &self.0 {
            if let Some(name) = path.below(folder.as_str()) {
                let _ = writeln!(text, "{name} {bytes}");
            }
        }
        text
    }
}

impl FromIterator<(SitePath, u64)> for LeftOut {
    fn from_iter<I: IntoIterator<Item = (SitePath, u64)>>(entries: I) -> Self {
        LeftOut(entries.into_iter().collect())
    }
}

/// Reads the text of the file; returns `None` if it does not exist.
fn held(site: &Site) -> Result<Option<String>, SiteError> {
    match site.root.read(&site.output_folder().child(FILE), LIMIT) {
        Ok((bytes, _)) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Parses one line: the path of a variant below the folder, and its size in bytes.
fn entry(line: &str, folder: &SitePath) -> Option<(SitePath, u64)> {
    let (name, bytes) = line.split_once(' ')?;
    let is_number = bytes.bytes().all(|byte| byte.is_ascii_digit());
    let bytes: u64 = bytes.parse().ok().filter(|_| is_number)?;
    let below = SitePath::normalise(name).filter(|below| below.as_str() == name)?;
    let is_sound = is_variant_name(below.name()) && (1..=LARGEST).contains(&bytes);
    let path = SitePath::normalise(&format!("{folder}/{below}"))?;
    is_sound.then_some((path, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "a-80.0123456789.webp";
    const B: &str = "b/c-160.abcdef0123.avif";

    fn path(below: &str) -> SitePath {
        SitePath::normalise(&format!("uploads/variants/{below}")).unwrap()
    }

    fn parse(lines: &[&str]) -> LeftOut {
        let text = format!("{HEAD}\n{}\n", lines.join("\n"));
        LeftOut::parse(&text, &SitePath::normalise("uploads/variants").unwrap())
    }

    fn entries<const N: usize>(entries: [(&str, u64); N]) -> LeftOut {
        entries
            .into_iter()
            .map(|(name, bytes)| (path(name), bytes))
            .collect()
    }

    #[test]
    fn the_lines_of_two_branches_can_be_joined_in_any_way() {
        let (a, b) = (format!("{A} 12"), format!("{B} 345"));
        let both = entries([(A, 12), (B, 345)]);
        for joined in [
            vec![a.as_str(), &b],
            vec![&b, &a],
            vec![&a, &b, &a],
            vec!["<<<<<<< HEAD", &a, "=======", &b, ">>>>>>> other"],
        ] {
            assert_eq!(parse(&joined), both, "{joined:?}");
        }
        let text = both.text(&SitePath::normalise("uploads/variants").unwrap());
        assert_eq!(text, format!("{HEAD}\n{A} 12\n{B} 345\n"));
    }

    #[test]
    fn lines_that_make_no_sense_have_no_effect() {
        let good = format!("{A} 12");
        for bad in [
            format!("{B} 0"),
            format!("{B} -1"),
            format!("{B} +1"),
            format!("{B} 1 "),
            B.to_owned(),
            format!("{B} 99999999999999999999999"),
            format!("{B} {}", LARGEST + 1),
            format!("../{A} 5"),
            format!("/{A} 5"),
            format!("x/../{B} 5"),
            "photo.webp 5".to_owned(),
            "\u{0} 5".to_owned(),
        ] {
            assert_eq!(parse(&[&good, &bad]), entries([(A, 12)]), "{bad}");
        }
        assert_eq!(
            parse(&[&good, &format!("{A} 13")]),
            entries([]),
            "two sizes"
        );
        assert_eq!(parse(&[&good, &format!("{A} 13"), &good]), entries([]));
    }
}
