//! Runs jobs one after the other: reads the original, makes the files, stores them, and answers.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use rustix::time::{ClockId, clock_gettime};

use super::{Answer, Fault, JobLine, MadeFile, source};
use crate::finding::{Code, Finding};
use crate::flow::failure;
use crate::original::unusable;
use crate::path::SitePath;
use crate::picture::color::Transforms;
use crate::picture::decoder::Decode;
use crate::picture::info::ImageInfo;
use crate::picture::render::Context;
use crate::plan::{Job, VariantSpec};
use crate::store::{Key, Name, Put, Store};
use crate::variant::{
    Budget, Claim, Place, ProduceError, Written, WrittenVariant, catch, check_memory, make,
};

/// Runs jobs: puts files into a store, and returns answers.
pub struct Worker<'w> {
    pub store: &'w dyn Store,
    pub decoder: &'w dyn Decode,
    /// The threads that encode.
    pub pool: &'w rayon::ThreadPool,
    pub budget: Budget,
    /// Whether to stop as soon as possible.
    pub stop: &'w AtomicBool,
    pub transforms: Transforms,
}

impl Worker<'_> {
    /// Runs the job of a line; `number` is the line's number. Errors are in the answer.
    pub fn answer(&self, number: u64, text: &[u8]) -> Answer {
        let started = cpu_ms();
        let line = match JobLine::read(text) {
            Ok(line) => line,
            Err(fault) => return Answer::unreadable(number, text, fault),
        };
        let mut answer = Answer::new(line.id, line.source.blake3);
        let results = match self.pool.install(|| self.work(&line)) {
            Ok(results) => results,
            Err(fault) => {
                answer.error = Some(fault);
                Vec::new()
            }
        };
        answer.reused = !results.is_empty();
        for result in &results {
            match result {
                Ok(written) => {
                    answer.reused &= written.is_cached;
                    answer.outputs.extend(made_file(written));
                }
                Err(error) => {
                    answer.reused = false;
                    let fault = fault(&line, error);
                    // A fault that can be retried takes precedence.
                    let known = answer.error.as_ref();
                    if known.is_none_or(|known| fault.retry && !known.retry) {
                        answer.error = Some(fault);
                    }
                }
            }
        }
        // Threads end in any order.
        answer.outputs.sort_by_key(|output| output.key);
        answer.cpu_ms = ((cpu_ms() - started) * 10.0).round() / 10.0;
        answer
    }

    fn work(&self, line: &JobLine) -> Result<Vec<WrittenVariant>, Fault> {
        let job = line.job(UNKNOWN)?;
        let place = JobPlace {
            worker: self,
            line,
            known: line.known()?.into_iter().collect(),
        };
        let context = Context {
            transforms: &self.transforms,
            decoder: self.decoder,
            stop: self.stop,
        };
        let made = catch(|| make(&job, &place, context));
        Ok(made.map_or_else(|panicked| vec![Err(panicked)], |made| made.results))
    }
}

/// Stands in for the headers of an original that has not been read.
const UNKNOWN: ImageInfo = ImageInfo::Vector {
    dimensions: crate::picture::units::Dimensions {
        width: 1,
        height: 1,
    },
};

/// Reads the original of one line, and puts its files into the store.
struct JobPlace<'w> {
    worker: &'w Worker<'w>,
    line: &'w JobLine,
    /// Sizes in bytes of files that exist in the site.
    known: BTreeMap<SitePath, u64>,
}

impl Place for JobPlace<'_> {
    fn read(&self, job: &Job) -> Result<(Vec<u8>, ImageInfo), ProduceError> {
        let elsewhere = |finding| ProduceError::Elsewhere(Box::new(finding));
        let Worker { store, decoder, .. } = self.worker;
        let bytes = source::read(self.line, *store).map_err(elsewhere)?;
        let info = decoder.probe(&bytes, &self.line.limits.images);
        let info = info.map_err(|error| elsewhere(unusable(&job.original.path, &error)))?;
        let mut job = job.clone();
        job.original.info = info;
        check_memory(&job, self.worker.budget)?;
        Ok((bytes, info))
    }

    fn size(&self, variant: &SitePath) -> Option<u64> {
        self.known.get(variant).copied()
    }

    /// Takes a variant from the store if an earlier run, or another worker that was faster, has
    /// made it.
    fn claim(&self, _job: &Job, _spec: &VariantSpec, key: Key) -> Claim {
        match self.worker.store.get(Name::Variant(key)) {
            Ok(Some(bytes)) => Claim::Cached(bytes),
            // If the store cannot be used, writing fails with the reason.
            _ => Claim::Make(None),
        }
    }

    fn write(&self, _job: &Job, spec: &VariantSpec, bytes: &[u8]) -> WrittenVariant {
        Ok(Written::new(&spec.path, bytes))
    }

    fn keep(&self, _spec: &VariantSpec, key: Key, bytes: &[u8]) -> Result<(), ProduceError> {
        let finding = match self.worker.store.put_if_absent(Name::Variant(key), bytes) {
            Ok(Put::New | Put::Same) => return Ok(()),
            Ok(Put::Different) => Finding::new(
                Code::DamagedVariant,
                format!("the store contains other bytes under `{key}`"),
            )
            .hint("they were generated by another build of planche: use an empty store"),
            Err(error) => Finding::new(Code::Unwritable, error.to_string())
                .hint("free space, or give the worker access, and run the job again"),
        };
        Err(ProduceError::Elsewhere(Box::new(finding)))
    }
}

fn fault(line: &JobLine, error: &ProduceError) -> Fault {
    let path = SitePath::root().child(&line.source.blake3.to_string());
    let fault = Fault::from(failure(&path, error));
    match error {
        ProduceError::OverMemory { .. } => fault.hint("give the worker more with `--memory`"),
        _ => fault,
    }
}

/// Returns the entry of the answer for a file. The path of the file is its key.
fn made_file(written: &Written) -> Option<MadeFile> {
    let key: Key = written.path.as_str().parse().ok()?;
    Some(MadeFile {
        key: key.into(),
        bytes: written.bytes,
        blake3: written.digest.into(),
    })
}

/// Returns the CPU time of this process in milliseconds.
fn cpu_ms() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.tv_sec as f64 * 1e3 + used.tv_nsec as f64 / 1e6
}
