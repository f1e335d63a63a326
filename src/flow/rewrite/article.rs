//! Edits one article: reads it again, changes it in memory, then writes it or returns a diff.

use std::collections::HashMap;
use std::fmt::Write;

use tracing::trace_span;

use crate::article::{Article, Refused};
use crate::finding::{Code, Finding, OffsetMap, Relation};
use crate::front_matter::{Outcome, Written};
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::plan::{ArticlePlan, PerImage, PlannedRecord};
use crate::project::Site;
use crate::record::Content;
use crate::site::{ArticleFile, Lost, Replaced, Rewriter, SiteError, TEXT_LIMIT, Undone};
use crate::survey;
use crate::tree::Tree;
use crate::tree::path::KeyPath;

/// The result of editing one article.
#[derive(Default)]
pub(in crate::flow) struct Done {
    /// If the article was written, the digest of its new bytes, and the map from old to new byte
    /// offsets.
    pub written: Option<(Digest, OffsetMap)>,
    pub is_refused: bool,
    pub findings: Vec<Finding>,
    /// The digest of the records that the article now contains; `None` if the next run has to read
    /// the article again.
    pub records: Option<[u8; 32]>,
}

impl Done {
    /// Returns the result for an article that was left unchanged because of a finding.
    pub fn failed(finding: Finding) -> Self {
        Done {
            is_refused: finding.code == Code::ArticleRefused,
            findings: vec![finding],
            ..Done::default()
        }
    }

    /// Notes that the rewrite of the article was undone.
    pub fn undo(&mut self, undone: Undone) {
        self.records = None;
        match undone.reason {
            Ok(reason) => self.leave(&undone.path, reason),
            Err(error) => {
                self.written = None;
                let finding = Finding::new(Code::Unwritable, error.full());
                self.findings.push(finding.in_file(undone.path.as_str()));
            }
        }
    }

    /// Notes that the article was not written.
    fn leave(&mut self, path: &SitePath, reason: Replaced) {
        self.written = None;
        let finding = remark(path, reason);
        let is_refusal = |finding: &Finding| finding.code == Code::ArticleRefused;
        self.is_refused |= finding.as_ref().is_some_and(is_refusal);
        self.findings.extend(finding);
    }
}

/// Returns the rewrites that were undone, by article.
pub(in crate::flow) fn by_path(undone: Vec<Undone>) -> HashMap<SitePath, Undone> {
    let undone = undone.into_iter();
    undone.map(|undone| (undone.path.clone(), undone)).collect()
}

/// Returns a finding if an article was not written, or lost its group.
fn remark(path: &SitePath, reason: Replaced) -> Option<Finding> {
    let refused = |message: &str| Finding::new(Code::ArticleRefused, message);
    let finding = match reason {
        Replaced::Written => return None,
        Replaced::WrittenWithoutGroup => Finding::new(
            Code::GroupChanged,
            "its group could not be kept: the article now has the group of the user that runs planche, \
             and this group has only the permissions of others",
        ),
        Replaced::ChangedMeanwhile => return Some(changed(path)),
        Replaced::OpenForWriting => Finding::new(
            Code::ArticleChanged,
            "another program has the article open for writing, so it was left unchanged",
        )
        .hint("run planche again when that program has saved and closed it"),
        Replaced::HasOtherLinks => refused(
            "left unchanged: the file has hard links outside the articles, which a rewrite would \
             separate",
        )
        .hint("replace the hard links by symbolic links or by copies"),
        Replaced::CannotKeep(Lost::Owner) => {
            refused("left unchanged: its owner and group cannot be kept")
                .hint("run planche as the file's owner")
        }
        Replaced::CannotKeep(Lost::Extended) => refused(
            "left unchanged: its access control list and extended attributes cannot be kept",
        )
        .hint("run planche as the file's owner"),
    };
    Some(finding.in_file(path.as_str()))
}

/// A function that makes the new text of an article, or refuses to.
pub(in crate::flow) type Change<'e, S> =
    dyn Fn(&Article, &Tree<'_>) -> Result<Outcome<S>, Refused> + Sync + 'e;

/// A function that is called before each article is written.
pub(in crate::flow) type BeforeWrite<'e> = dyn Fn() -> Result<(), SiteError> + Sync + 'e;

/// An article's text before and after an edit in memory.
struct Edited {
    findings: Vec<Finding>,
    old: Vec<u8>,
    /// `None` if nothing would change.
    new: Option<(Vec<u8>, OffsetMap)>,
}

/// Reads an article again and edits it in memory.
fn edited<S>(
    site: &Site,
    file: &ArticleFile,
    change: &Change<'_, S>,
) -> Result<Edited, Box<Finding>> {
    let path = &file.path;
    let refused = |refused: Refused| Box::new(survey::refusal(path, &refused));
    let unreadable = |error: SiteError| {
        Box::new(match error.is_missing() {
            true => changed(path),
            false => Finding::new(Code::Unreadable, error.full()).in_file(path.as_str()),
        })
    };
    let (bytes, stamp) = site.root.read(path, TEXT_LIMIT).map_err(unreadable)?;
    if stamp != file.stamp {
        return Err(Box::new(changed(path)));
    }
    let article = survey::open_article(site, path, file.is_data, bytes).map_err(refused)?;
    let tree = article.tree().map_err(refused)?;
    let outcome = change(&article, &tree).map_err(refused)?;
    let findings = outcome.skips.iter().map(|skip| {
        let message = format!("`{}` gets no record: {}", skip.at, skip.reason);
        let finding = Finding::new(Code::SkippedReference, message)
            .in_file(path.as_str())
            .at_offset(skip.offset);
        match skip.twin {
            Some(first) => finding
                .related(Relation::Conflict, path.as_str(), first)
                .hint("remove one of the two"),
            None => finding,
        }
    });
    Ok(Edited {
        findings: findings.collect(),
        old: article.bytes().to_vec(),
        new: outcome
            .rewrite
            .map(|rewrite| (rewrite.bytes, rewrite.offsets)),
    })
}

fn changed(path: &SitePath) -> Finding {
    let message = "the article changed while planche was running; your edit was kept";
    Finding::new(Code::ArticleChanged, message).in_file(path.as_str())
}

/// The rewrite of one article.
#[derive(Clone, Copy)]
pub(in crate::flow) struct Rewrite<'r> {
    pub site: &'r Site,
    pub rewriter: &'r Rewriter<'r>,
    pub file: &'r ArticleFile,
}

impl Rewrite<'_> {
    /// Edits the article, calls `before_write`, and writes the article. The bound on `S` excludes
    /// forecast records, whose variants may not exist.
    pub fn edit<S: Written>(self, change: &Change<'_, S>, before_write: &BeforeWrite<'_>) -> Done {
        self.try_edit(change, before_write)
            .unwrap_or_else(|finding| Done::failed(*finding))
    }

    /// Like [`Rewrite::edit`], for a change after which the article contains the records with the
    /// digest `records`. If there is a finding, the digest is not kept, so that the next run reads
    /// the article again.
    pub fn write<S: Written>(
        self,
        change: &Change<'_, S>,
        before_write: &BeforeWrite<'_>,
        records: [u8; 32],
    ) -> Done {
        let done = self.edit(change, before_write);
        Done {
            records: done.findings.is_empty().then_some(records),
            ..done
        }
    }

    fn try_edit<S: Written>(
        self,
        change: &Change<'_, S>,
        before_write: &BeforeWrite<'_>,
    ) -> Result<Done, Box<Finding>> {
        let file = self.file;
        let Edited {
            findings, old, new, ..
        } = edited(self.site, file, change)?;
        let mut done = Done {
            findings,
            ..Done::default()
        };
        let Some((new, offsets)) = new else {
            return Ok(done);
        };
        let replace = || {
            let _span = trace_span!("write", bytes = new.len() as u64).entered();
            self.rewriter.replace(&file.path, &file.links, &old, &new)
        };
        match before_write().and_then(|()| replace()) {
            Ok(replaced) if replaced.is_written() => {
                done.written = Some((Digest::of(&new), offsets));
                done.findings.extend(remark(&file.path, replaced));
            }
            Ok(reason) => done.leave(&file.path, reason),
            Err(error) => {
                let finding = Finding::new(Code::Unwritable, error.full());
                let finding = finding.in_file(file.path.as_str());
                return Err(Box::new(finding.hint(
                    "make the article and its folder writable, or free disk space",
                )));
            }
        }
        Ok(done)
    }
}

/// The result of editing an article in memory.
pub(in crate::flow) struct Preview {
    pub findings: Vec<Finding>,
    /// The unified diff, if the article would change.
    pub diff: Option<String>,
}

/// Edits an article in memory, and returns the diff.
pub(in crate::flow) fn preview<S>(
    site: &Site,
    file: &ArticleFile,
    change: &Change<'_, S>,
) -> Result<Preview, Box<Finding>> {
    let Edited { findings, old, new } = edited(site, file, change)?;
    let diff = new.map(|(new, _)| {
        let (old, new) = (String::from_utf8_lossy(&old), String::from_utf8_lossy(&new));
        unified_diff(&file.path, &old, &new)
    });
    Ok(Preview { findings, diff })
}

/// Returns the unified diff of a file.
pub fn unified_diff(path: &SitePath, old: &str, new: &str) -> String {
    similar::TextDiff::from_lines(old, new)
        .unified_diff()
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}

/// Returns the BLAKE3 digest of a record's content.
pub(in crate::flow) fn content_digest(content: &Content) -> [u8; 32] {
    let content = postcard::to_stdvec(content).expect("a record is plain data, written to memory");
    *blake3::hash(&content).as_bytes()
}

/// Returns the BLAKE3 digest of all records of an article: of their places, their values, and the
/// digests in `records`. Where variants are missing, a marker replaces these digests.
pub(in crate::flow) fn records_digest(
    plan: &ArticlePlan<'_>,
    records: &PerImage<Option<[u8; 32]>>,
) -> [u8; 32] {
    let mut said = Vec::with_capacity(512);
    let mut place = String::new();
    let mut add = |at: Option<&KeyPath>, planned: &PlannedRecord<'_>| {
        place.clear();
        if let Some(at) = at {
            write!(place, "{at}").expect("a String takes all that is written");
        }
        for text in [place.as_str(), planned.value()] {
            said.extend_from_slice(&(text.len() as u64).to_le_bytes());
            said.extend_from_slice(text.as_bytes());
        }
        let first = planned.images.as_ref().map(|images| ("", images.first));
        let all = first.into_iter().chain(planned.others());
        let digests = all.map(|(preset, image)| Some((preset, (*records.get(image))?)));
        match digests.collect::<Option<Vec<_>>>() {
            Some(digests) if !digests.is_empty() => {
                for (preset, digest) in digests {
                    said.extend_from_slice(preset.as_bytes());
                    said.extend_from_slice(&digest);
                }
            }
            _ => said.extend_from_slice(b"keep"),
        }
    };
    for planned in &plan.beside {
        add(planned.beside(), planned);
    }
    for planned in &plan.list {
        add(None, planned);
    }
    *blake3::hash(&said).as_bytes()
}
