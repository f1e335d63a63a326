//! The ledger: the facts that the last run read, so that the next run need not read them again.
//!
//! It is only a cache: an entry is valid while the file's stamp is unchanged and settled, and a
//! ledger that cannot be read, or belongs to another configuration, counts as empty.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use tracing::field::Empty;
use tracing::trace_span;

use crate::finding::{Code, Finding};
use crate::original::Original;
use crate::path::{PathMap, SitePath, sharing};
use crate::picture::appearance::Appearance;
use crate::picture::info::Digest;
use crate::project::Site;
use crate::reference::{PageUrl, Reference};
use crate::site::{Moment, SiteError, Stamp};

/// Changes with the layout of the file.
const MAGIC: &[u8; 16] = b"planche ledger 9";
const LIMIT: u64 = 1 << 30;
/// Name of the file in the state folder.
const FILE: &str = "ledger";

/// The facts that the last run has read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    #[serde(deserialize_with = "entries")]
    originals: BTreeMap<SitePath, (Stamp, Original)>,
    /// Shared with the run that uses them, which saves memory and makes unchanged entries cheap to
    /// compare.
    #[serde(deserialize_with = "entries")]
    articles: BTreeMap<SitePath, (Stamp, Arc<ArticleFacts>)>,
    #[serde(deserialize_with = "entries")]
    variants: PathMap<SitePath, Stamp>,
    #[serde(deserialize_with = "entries")]
    appearances: BTreeMap<SitePath, KnownAppearance>,
    /// Why the last build could not decode originals, by the digests of their bytes. A build tries
    /// again; a run that only reads does not decode them to find out.
    undecodable: BTreeMap<Digest, String>,
}

/// The appearance of a variant that was decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAppearance {
    /// `None` if the file must be read again; the entry is still valid if the digest is the same.
    pub stamp: Option<Stamp>,
    pub digest: Digest,
    /// `None` if the variant could not be decoded.
    pub appearance: Option<Appearance>,
}

/// The facts in an article's bytes, independent of other files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleFacts {
    /// `None` if the file is not edited: opted out, refused, or not an article.
    pub references: Option<Arc<[Reference]>>,
    pub findings: Vec<Finding>,
    /// Indices of the rules whose places exist in the article.
    pub rules: Vec<u32>,
    /// Whether the author opted out for the article.
    pub is_opted_out: bool,
    /// The URL that the front matter of the page gives to it.
    pub page_url: Option<PageUrl>,
    /// The digest of the records that the article contained when it was last up to date.
    pub up_to_date_records: Option<[u8; 32]>,
}

impl ArticleFacts {
    /// The references; none if the file is not edited.
    pub fn references(&self) -> &[Reference] {
        self.references.as_deref().unwrap_or_default()
    }
}

/// Reads a map by collecting all its entries at once. They come in order, and searching for the
/// place of each would cost more than reading it.
fn entries<'d, D, M, K, V>(deserializer: D) -> Result<M, D::Error>
where
    D: Deserializer<'d>,
    M: FromIterator<(K, V)>,
    K: Deserialize<'d>,
    V: Deserialize<'d>,
{
    struct Entries<M, K, V>(PhantomData<(M, K, V)>);

    impl<'d, M, K, V> Visitor<'d> for Entries<M, K, V>
    where
        M: FromIterator<(K, V)>,
        K: Deserialize<'d>,
        V: Deserialize<'d>,
    {
        type Value = M;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'d>>(self, mut map: A) -> Result<M, A::Error> {
            std::iter::from_fn(|| map.next_entry().transpose()).collect()
        }
    }

    deserializer.deserialize_map(Entries(PhantomData))
}

impl Ledger {
    /// Reads the ledger of a site. Returns an empty one if there is no valid one.
    pub fn load(site: &Site) -> Ledger {
        let span = trace_span!("ledger", bytes = Empty).entered();
        let Some(bytes) = site.root.read_state(FILE, LIMIT) else {
            return Ledger::default();
        };
        span.record("bytes", bytes.len() as u64);
        let header = header(site, &[]).len();
        let Some((found, payload)) = bytes.split_at_checked(header) else {
            return Ledger::default();
        };
        if *found != *self::header(site, payload) {
            return Ledger::default();
        }
        sharing(|| postcard::from_bytes(payload)).unwrap_or_default()
    }

    /// Drops the entries of files that may have changed after `run_start` without a change of their
    /// stamps.
    #[must_use]
    pub fn settled(mut self, run_start: Moment) -> Ledger {
        self.originals
            .retain(|_, (stamp, _)| stamp.is_settled(run_start));
        self.articles
            .retain(|_, (stamp, _)| stamp.is_settled(run_start));
        self.variants.retain(|_, stamp| stamp.is_settled(run_start));
        for known in self.appearances.values_mut() {
            known.stamp = known.stamp.filter(|stamp| stamp.is_settled(run_start));
        }
        self
    }

    /// Writes the ledger.
    pub fn save(&self, site: &Site) -> Result<(), SiteError> {
        let _span = trace_span!("ledger").entered();
        // Ordered, so that the same state is written as the same bytes.
        let variants: BTreeMap<&SitePath, &Stamp> = self.variants.iter().collect();
        let payload = postcard::to_stdvec(&(
            &self.originals,
            &self.articles,
            &variants,
            &self.appearances,
            &self.undecodable,
        ))
        .expect("a ledger is plain data, written to memory");
        let mut bytes = header(site, &payload);
        bytes.extend_from_slice(&payload);
        site.root.write_state(FILE, &bytes)
    }

    /// Replaces the entries of some articles, and of the uploads that they use.
    pub fn renew(&mut self, articles: &BTreeSet<SitePath>, seen: Ledger) {
        self.articles.retain(|path, _| !articles.contains(path));
        self.articles.extend(seen.articles);
        self.originals.extend(seen.originals);
        self.variants.extend(seen.variants);
        self.appearances.extend(seen.appearances);
        self.undecodable.extend(seen.undecodable);
    }

    pub fn has_article(&self, path: &SitePath) -> bool {
        self.articles.contains_key(path)
    }

    /// The known facts about an upload with this stamp.
    pub fn original(&self, path: &SitePath, stamp: &Stamp) -> Option<&Original> {
        let (known, original) = self.originals.get(path)?;
        (known == stamp).then_some(original)
    }

    /// The known facts about an article with this stamp. A failure to read it is not stored:
    /// the next run may have other permissions.
    pub fn article(&self, path: &SitePath, stamp: &Stamp) -> Option<&ArticleFacts> {
        known(self.articles.get(path)?, stamp).map(Arc::as_ref)
    }

    /// The known facts about articles in the order of their paths, each with the ledger's own
    /// path: one pass over the ledger for all of them.
    pub fn articles<'a>(
        &self,
        articles: impl IntoIterator<Item = (&'a SitePath, &'a Stamp)>,
    ) -> Vec<Option<(&SitePath, &Arc<ArticleFacts>)>> {
        let mut entries = self.articles.iter().peekable();
        let one = |(path, stamp): (&SitePath, &Stamp)| {
            while entries.next_if(|(entry, _)| *entry < path).is_some() {}
            let (own, entry) = entries.next_if(|(entry, _)| *entry == path)?;
            Some((own, known(entry, stamp)?))
        };
        articles.into_iter().map(one).collect()
    }

    /// The variants that were found complete.
    pub fn variants(&self) -> &PathMap<SitePath, Stamp> {
        &self.variants
    }

    /// The known appearance of a variant, which may have changed since.
    pub fn appearance(&self, path: &SitePath) -> Option<&KnownAppearance> {
        self.appearances.get(path)
    }

    /// Why the last build could not decode originals, by the digests of their bytes.
    pub fn undecodable(&self) -> &BTreeMap<Digest, String> {
        &self.undecodable
    }

    /// Replaces all originals.
    pub fn put_originals(&mut self, originals: Vec<(Stamp, Original)>) {
        let entries = originals.into_iter();
        self.originals = entries
            .map(|(stamp, original)| (original.path.clone(), (stamp, original)))
            .collect();
    }

    pub fn put_article(&mut self, path: SitePath, stamp: Stamp, facts: ArticleFacts) {
        self.articles.insert(path, (stamp, Arc::new(facts)));
    }

    /// Replaces all articles.
    pub fn put_articles(&mut self, articles: Vec<(SitePath, (Stamp, Arc<ArticleFacts>))>) {
        self.articles = articles.into_iter().collect();
    }

    pub fn put_variants(&mut self, variants: PathMap<SitePath, Stamp>) {
        self.variants = variants;
    }

    pub fn put_appearances(&mut self, appearances: BTreeMap<SitePath, KnownAppearance>) {
        self.appearances = appearances;
    }

    pub fn put_undecodable(&mut self, undecodable: BTreeMap<Digest, String>) {
        self.undecodable = undecodable;
    }

    /// Records that an article contains the records with this digest.
    pub fn put_records(&mut self, path: &SitePath, digest: [u8; 32]) {
        if let Some((_, facts)) = self.articles.get_mut(path) {
            Arc::make_mut(facts).up_to_date_records = Some(digest);
        }
    }
}

fn known<'l>(
    entry: &'l (Stamp, Arc<ArticleFacts>),
    stamp: &Stamp,
) -> Option<&'l Arc<ArticleFacts>> {
    let (known, facts) = entry;
    let unreadable = |finding: &Finding| finding.code == Code::Unreadable;
    (known == stamp && !facts.findings.iter().any(unreadable)).then_some(facts)
}

/// Returns the bytes before the payload: the layout, the configuration for which the ledger was
/// written, and a checksum.
fn header(site: &Site, payload: &[u8]) -> Vec<u8> {
    let mut settings = blake3::Hasher::new();
    settings.update(env!("CARGO_PKG_VERSION").as_bytes());
    settings.update(site.conventions.generator.name().as_bytes());
    settings.update(format!("{:?}", site.conventions.dialect).as_bytes());
    let config = serde_json::to_vec(&site.config).expect("a configuration is plain data");
    settings.update(&config);
    let mut header = MAGIC.to_vec();
    header.extend_from_slice(settings.finalize().as_bytes());
    header.extend_from_slice(blake3::hash(payload).as_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Root;

    #[test]
    fn that_an_article_could_not_be_read_is_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.md"), "text").unwrap();
        let path = SitePath::root().child("a.md");
        let stamp = Root::open(folder.path()).unwrap().stamp(&path).unwrap();
        for (code, is_known) in [(Code::ArticleRefused, true), (Code::Unreadable, false)] {
            let mut ledger = Ledger::default();
            let facts = ArticleFacts {
                findings: vec![Finding::new(code, "x")],
                ..ArticleFacts::default()
            };
            ledger.put_article(path.clone(), stamp, facts);
            assert_eq!(ledger.article(&path, &stamp).is_some(), is_known, "{code}");
        }
    }
}
