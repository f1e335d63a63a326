//! Produces the variants of a plan: runs the jobs, and turns failures into findings.

use std::collections::BTreeMap;

use super::making::make_missing;
use super::planned::Planned;
use super::sweep::sweep;
use super::{Context, RunError};
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::picture::error::Lack;
use crate::picture::info::Digest;
use crate::variant::ProduceError;

/// A plan whose variants exist, except those of originals that failed.
pub(super) struct Produced<'s> {
    planned: Planned<'s>,
    /// Number of variants that were written.
    variants: usize,
    cached: usize,
    bytes: u64,
    failed: usize,
    /// Why originals could not be decoded, by the digests of their bytes.
    undecodable: BTreeMap<Digest, String>,
    findings: Vec<Finding>,
}

impl<'s> Produced<'s> {
    /// Writes the missing variants, after removing the temporary files of an interrupted run. The
    /// caller must hold the lock.
    pub fn new(mut planned: Planned<'s>, run: &Context<'_>) -> Result<Self, RunError> {
        let (site, options) = (run.site, run.options);
        let leftovers = planned.survey().leftovers().iter();
        let mut findings = sweep(site, leftovers.chain(planned.index().leftovers()));
        let (mut produced, of_cache) = make_missing(&mut planned, site, options, run.pool)?;
        options.check_stop()?;
        findings.extend(of_cache);
        match planned.leave_out() {
            Ok(left_out) => produced.subtract(&left_out),
            Err(error) => {
                let finding = Finding::new(Code::Unwritable, error.full());
                findings.push(finding.in_file(site.output_folder().as_str()));
            }
        }
        findings.extend(run.pool.install(|| planned.decode_variants(run)));
        options.check_stop()?;
        let failures = produced.failures.iter();
        findings.extend(failures.map(|(original, error)| failure(original, error)));
        if let Some(made) = options.made {
            findings.extend(made.not_planned(&mut planned.keys()));
        }
        let originals = planned.survey().originals();
        let undecodable = produced.failures.iter().filter_map(|(path, error)| {
            let original = originals.get(path).filter(|_| error.is_of_bytes())?;
            Some((original.digest, error.to_string()))
        });
        Ok(Produced {
            undecodable: undecodable.collect(),
            planned,
            variants: produced.variants,
            cached: produced.cached,
            bytes: produced.bytes,
            failed: produced.failures.len(),
            findings,
        })
    }

    pub fn planned(&self) -> &Planned<'s> {
        &self.planned
    }

    pub fn into_planned(self) -> Planned<'s> {
        self.planned
    }

    /// Number of variants that were written.
    pub fn variants(&self) -> usize {
        self.variants
    }

    /// Number of written variants that came from the cache.
    pub fn cached(&self) -> usize {
        self.cached
    }

    /// Total size of the written variants, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Number of originals that have no variants because of an error.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// Why originals could not be decoded, by the digests of their bytes.
    pub fn undecodable(&self) -> &BTreeMap<Digest, String> {
        &self.undecodable
    }

    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// Returns the finding about an original whose variants could not be produced.
pub fn failure(original: &SitePath, error: &ProduceError) -> Finding {
    let (code, hint) = match error {
        ProduceError::Elsewhere(finding) => return (**finding).clone().in_file(original.as_str()),
        ProduceError::OverMemory { .. } => (
            Code::OverLimit,
            Some("raise `--max-memory`, or `limits: { memory: … }` in planche.yml"),
        ),
        ProduceError::Site(error) if error.is_of_writing() => (
            Code::Unwritable,
            Some("make the variants folder writable, or free disk space"),
        ),
        ProduceError::Site(_) => (Code::Unreadable, None),
        ProduceError::Changed => (Code::UndecodableUpload, Some("run planche again")),
        ProduceError::Image(error) => (Code::UndecodableUpload, error.lack().map(Lack::hint)),
        _ => (Code::UndecodableUpload, None),
    };
    let finding = Finding::new(code, error.to_string()).in_file(original.as_str());
    match hint {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::error::{EncodeError, ImageError};
    use crate::picture::units::Dimensions;

    #[test]
    fn an_encoder_without_memory_is_no_fault_of_the_image() {
        let size = Dimensions {
            width: 640,
            height: 480,
        };
        let hint = |error: ImageError| {
            let original = SitePath::normalise("uploads/a.jpg").unwrap();
            failure(&original, &error.into()).hint.unwrap()
        };
        let of_memory = hint(EncodeError::OutOfMemory.for_variant(size));
        assert!(of_memory.starts_with("free memory"), "{of_memory}");
        let of_file = hint(EncodeError::Refused.for_variant(size));
        assert!(of_file.starts_with("export the image again"), "{of_file}");
    }
}
