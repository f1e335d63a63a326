//! Records the digests of variants as they were written, in `.planche/variants.b3`, in the format
//! of `b3sum`.
//!
//! Only `verify` and `build --repair` compare variants with it. Unlike the ledger, it is not a
//! cache: an entry stays until the variant is written again or is gone.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::project::Site;
use crate::site::SiteError;

/// Name of the file in the state folder.
const FILE: &str = "variants.b3";
const LIMIT: u64 = 1 << 30;

/// The recorded digests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digests(BTreeMap<SitePath, Digest>);

impl Digests {
    /// Reads the recorded digests. Lines that are damaged are left out: a variant without a digest
    /// is verified by decoding it.
    pub fn load(site: &Site) -> Self {
        let bytes = site.root.read_state(FILE, LIMIT).unwrap_or_default();
        Digests::parse(&String::from_utf8_lossy(&bytes))
    }

    fn parse(text: &str) -> Self {
        let entry = |line: &str| {
            let (digest, name) = line.split_once("  ")?;
            let digest = blake3::Hash::from_hex(digest).ok()?;
            let path = SitePath::normalise(name).filter(|path| path.as_str() == name)?;
            Some((path, Digest(*digest.as_bytes())))
        };
        Digests(text.lines().filter_map(entry).collect())
    }

    pub fn get(&self, variant: &SitePath) -> Option<Digest> {
        self.0.get(variant).copied()
    }

    /// The variants with a recorded digest, in the order of their paths.
    pub fn paths(&self) -> impl Iterator<Item = &SitePath> {
        self.0.keys()
    }

    /// Records the digests of variants that were written, and drops the digests of variants that
    /// are gone.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn record(
        site: &Site,
        written: &BTreeMap<SitePath, Digest>,
        exists: &dyn Fn(&SitePath) -> bool,
    ) -> Result<(), SiteError> {
        let recorded = Digests::load(site);
        let mut digests = recorded.clone();
        digests.0.retain(|path, _| exists(path));
        digests
            .0
            .extend(written.iter().map(|(path, digest)| (path.clone(), *digest)));
        if digests == recorded {
            return Ok(());
        }
        site.root.write_state(FILE, digests.text().as_bytes())
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (path, digest) in &self.0 {
            // A name with a line break or a backslash is escaped by `b3sum`; no variant has one.
            if !path.as_str().contains(['\n', '\r', '\\']) {
                let digest = blake3::Hash::from_bytes(digest.0).to_hex();
                let _ = writeln!(text, "{digest}  {path}");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_that_of_b3sum_and_damaged_lines_are_left_out() {
        // BLAKE3 of no bytes, from the reference implementation's test vectors.
        let empty = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
        let path = SitePath::normalise("uploads/variants/a b-80.webp").unwrap();
        let digests = Digests([(path.clone(), Digest::of(b""))].into());
        let text = format!("{empty}  uploads/variants/a b-80.webp\n");
        assert_eq!(digests.text(), text);
        let damaged = format!(
            "{text}{empty} x\n{empty}  ../x\nff  x\n\u{0}\n{}",
            &text[..70]
        );
        let parsed = Digests::parse(&damaged);
        assert_eq!(parsed.get(&path), Some(Digest::of(b"")));
        assert!(parsed.0.len() <= 2, "{parsed:?}");
    }
}
