//! Verifies variants: compares each one with the digest that was recorded when it was written or,
//! if none is recorded, decodes all of it.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::clean::{Orphans, orphans};
use super::rewrite::Rewritten;
use super::{Context, Options, RunError, inspect};
use crate::finding::{Code, Finding};
use crate::ledger::Ledger;
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::picture::verify::check_all;
use crate::project::Site;
use crate::report::{JsonFinding, schema_of, serialize_findings};
use crate::variant::{Digests, VariantIndex};

/// The result of `verify`.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// Variants whose bytes have the recorded digest.
    pub by_digest: usize,
    /// Variants without a recorded digest that could be decoded to their end.
    pub by_decoding: usize,
    /// Variants that exist and are damaged, in the order of their paths.
    pub damaged: Vec<DamagedVariant>,
    /// Variants with a recorded digest that no longer exist, in the order of their paths.
    pub missing: Vec<SitePath>,
}

/// The result of `verify`, for programs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VerifyReport {
    /// The version of this layout.
    schema: u8,
    /// Variants with the recorded digest.
    by_digest: usize,
    /// Variants without a recorded digest that can be decoded.
    by_decoding: usize,
    /// Number of damaged variants: one finding each.
    damaged: usize,
    /// Number of variants that have a recorded digest and no longer exist: one finding each.
    missing: usize,
    #[serde(serialize_with = "serialize_findings")]
    #[schemars(with = "Vec<JsonFinding>")]
    findings: Vec<Finding>,
}

impl VerifyReport {
    pub fn new(verification: &Verification) -> Self {
        VerifyReport {
            schema: 1,
            by_digest: verification.by_digest,
            by_decoding: verification.by_decoding,
            damaged: verification.damaged.len(),
            missing: verification.missing.len(),
            findings: verification.findings().collect(),
        }
    }

    /// Returns the report of a run that did nothing, because the configuration cannot be read.
    pub fn refused(finding: Finding) -> Self {
        VerifyReport {
            findings: vec![finding],
            ..VerifyReport::new(&Verification::default())
        }
    }

    /// The JSON Schema of the report.
    pub fn schema() -> Value {
        schema_of::<VerifyReport>()
    }
}

impl Verification {
    /// A finding for each damaged or missing variant.
    pub fn findings(&self) -> impl Iterator<Item = Finding> {
        let damaged = self.damaged.iter().map(DamagedVariant::finding);
        damaged.chain(self.missing.iter().map(missing))
    }
}

/// The finding about a variant that was written, and no longer exists.
fn missing(path: &SitePath) -> Finding {
    let message = "planche wrote this variant, and it no longer exists";
    Finding::new(Code::DamagedVariant, message)
        .in_file(path.as_str())
        .hint("run `planche build --repair`: it generates the variants that articles need")
}

/// A variant whose bytes are not those that were written, or that cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DamagedVariant {
    pub path: SitePath,
    pub reason: String,
}

impl DamagedVariant {
    pub fn finding(&self) -> Finding {
        let message = format!("this variant is damaged: {}", self.reason);
        Finding::new(Code::DamagedVariant, message).in_file(self.path.as_str())
    }
}

/// Verifies all files of the variants folder that have a variant's name, and all variants with a
/// recorded digest. Writes nothing.
///
/// The digests are in `.planche/variants.b3`, which belongs to a working copy. In a fresh clone
/// variants are decoded, which notices a file that is cut or cannot be decoded, but not one whose
/// pixels merely differ.
///
/// # Errors
///
/// If the variants folder cannot be listed, or the run is stopped.
pub fn verify(site: &Site, options: &Options<'_>) -> Result<Verification, RunError> {
    let pool = options.pool()?;
    let run = Context {
        site,
        ledger: &Ledger::default(),
        options,
        pool: &pool,
    };
    pool.install(|| {
        let index = inspect(&run)?;
        verified(&index, &run)
    })
}

/// Verifies all variants, and marks damaged ones as missing, so that the run makes them again.
pub(super) fn repair(
    index: &mut VariantIndex,
    run: &Context<'_>,
) -> Result<Vec<DamagedVariant>, RunError> {
    let damaged = verified(index, run)?.damaged;
    for variant in &damaged {
        index.forget(&variant.path);
    }
    Ok(damaged)
}

/// Returns findings about the damaged variants that a run has not written again: nothing uses them,
/// or their originals are missing.
pub(super) fn not_repaired(
    damaged: Vec<DamagedVariant>,
    rewritten: &Rewritten<'_>,
    run: &Context<'_>,
) -> Result<Vec<Finding>, RunError> {
    let planned = rewritten.produced().planned();
    let written = planned.index().digests();
    let mut left = damaged;
    left.retain(|variant| !written.contains_key(&variant.path));
    if left.is_empty() {
        return Ok(Vec::new());
    }
    // Records of missing originals stay as they are. Their variants are in no plan, but `clean`
    // keeps them.
    let unused: HashSet<SitePath> = match orphans(planned, run)? {
        Orphans::Known(orphans) => orphans.into_iter().map(|(path, _)| path).collect(),
        Orphans::Unknown { .. } => HashSet::new(),
    };
    let findings = left.iter().map(|variant| {
        let hint = match unused.contains(&variant.path) {
            true => "nothing uses it: run `planche clean`",
            false => "restore its original, then run `planche build --repair` again",
        };
        variant.finding().hint(hint)
    });
    Ok(findings.collect())
}

fn verified(index: &VariantIndex, run: &Context<'_>) -> Result<Verification, RunError> {
    let digests = Digests::load(run.site);
    let mut paths: Vec<&SitePath> = index.files().map(|(path, _)| path).collect();
    paths.sort_unstable();
    let results: Vec<Option<(&SitePath, Result<Evidence, String>)>> = paths
        .into_par_iter()
        .map(|path| {
            let is_stopped = run.options.stop.load(Ordering::Relaxed);
            (!is_stopped).then(|| (path, verify_one(path, digests.get(path), index, run)))
        })
        .collect();
    run.options.check_stop()?;
    let gone = digests.paths().filter(|path| !index.has_file(path));
    let mut verification = Verification {
        missing: gone.cloned().collect(),
        ..Verification::default()
    };
    for (path, result) in results.into_iter().flatten() {
        match result {
            Ok(Evidence::Digest) => verification.by_digest += 1,
            Ok(Evidence::Decoding) => verification.by_decoding += 1,
            Err(reason) => verification.damaged.push(DamagedVariant {
                path: path.clone(),
                reason,
            }),
        }
    }
    Ok(verification)
}

/// How a variant was verified.
enum Evidence {
    Digest,
    Decoding,
}

fn verify_one(
    path: &SitePath,
    recorded: Option<Digest>,
    index: &VariantIndex,
    run: &Context<'_>,
) -> Result<Evidence, String> {
    let read = run.site.root.read(path, u64::MAX);
    let (bytes, _) = read.map_err(|error| error.full())?;
    match recorded {
        Some(digest) if digest == Digest::of(&bytes) => Ok(Evidence::Digest),
        Some(_) => Err("its bytes are not those that were written".to_owned()),
        None if index.is_incomplete(path) => {
            Err("it is shorter or longer than its header says".to_owned())
        }
        None => {
            let limits = run.site.config.limits.for_images();
            check_all(&bytes, &limits, run.options.decoder)?;
            Ok(Evidence::Decoding)
        }
    }
}
