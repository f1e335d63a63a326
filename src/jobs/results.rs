//! Reads the result lines of workers, and returns the verified files to a build.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, Read};
use std::sync::{Mutex, PoisonError};

use super::VERSION;
use super::answer::{Answer, Fault};
use super::serve::LONGEST_LINE;
use crate::finding::{Code, Finding};
use crate::original::Original;
use crate::picture::decoder::Decode;
use crate::picture::format;
use crate::picture::info::Digest;
use crate::picture::limits::Limits;
use crate::plan::VariantSpec;
use crate::report::plural;
use crate::store::{Key, Name, Store};
use crate::variant::Made;

/// The results of workers, and the store with the files.
pub struct Results<'r> {
    store: &'r dyn Store,
    decoder: &'r dyn Decode,
    made: HashMap<Key, Digest>,
    /// The faults, by the digest of the original.
    faults: HashMap<Digest, Fault>,
    /// Originals with a requested variant that no worker has made.
    asked: Mutex<HashSet<Digest>>,
    /// Numbers of the lines that are not results, from 1.
    unreadable: Vec<u64>,
}

impl<'r> Results<'r> {
    /// Reads result lines in any order. A job that failed once and succeeded later has succeeded.
    ///
    /// # Errors
    ///
    /// If the input cannot be read. An invalid line becomes a finding.
    pub fn read(
        input: &mut impl BufRead,
        store: &'r dyn Store,
        decoder: &'r dyn Decode,
    ) -> io::Result<Self> {
        let mut results = Results {
            store,
            decoder,
            made: HashMap::new(),
            faults: HashMap::new(),
            asked: Mutex::default(),
            unreadable: Vec::new(),
        };
        let mut line = Vec::new();
        let mut number = 0;
        loop {
            line.clear();
            number += 1;
            if input.take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(results);
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice(&line) {
                Ok(answer) => results.add(number, answer),
                Err(_) => results.unreadable.push(number),
            }
        }
    }

    fn add(&mut self, number: u64, answer: Answer) {
        if answer.v != VERSION {
            self.unreadable.push(number);
            return;
        }
        for file in answer.outputs {
            self.made.insert(Key(file.key.0), Digest(file.blake3.0));
        }
        if let (Some(source), Some(fault)) = (answer.source, answer.error) {
            self.faults.insert(Digest(source.0), fault);
        }
    }

    /// Checks that a file of the store matches its result and the plan.
    fn check(&self, key: Key, bytes: &[u8], spec: &VariantSpec) -> Result<(), String> {
        if self.made.get(&key) != Some(&Digest::of(bytes)) {
            return Err(format!(
                "the file `{key}` in the store does not match its result"
            ));
        }
        let wanted = spec.rendition.recipe.format;
        if format::of(bytes).map(|spec| spec.format) != Some(wanted) {
            let title = wanted.spec().title;
            return Err(format!(
                "the file `{key}` in the store is not a valid {title} file"
            ));
        }
        let info = self.decoder.probe(bytes, &Limits::NONE);
        let info =
            info.map_err(|error| format!("the file `{key}` in the store is damaged: {error}"))?;
        let (own, planned) = (info.dimensions(), spec.rendition.dimensions);
        if own != planned {
            return Err(format!(
                "the file `{key}` in the store has {own} pixels instead of {planned}"
            ));
        }
        Ok(())
    }
}

impl Made for Results<'_> {
    fn file(&self, original: &Original, spec: &VariantSpec) -> Result<Vec<u8>, Finding> {
        let key = Key::of(original.digest, &spec.rendition);
        let not_made = |message: String| Finding::new(Code::NotMade, message);
        if !self.made.contains_key(&key) {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.insert(original.digest);
            let fault = self.faults.get(&original.digest);
            let fault = fault.map(Fault::finding);
            return Err(
                fault.unwrap_or_else(|| not_made("there is no result for its variants".to_owned()))
            );
        }
        let found = self.store.get(Name::Variant(key));
        let found = found.map_err(|error| Finding::new(Code::Unreadable, error.to_string()))?;
        let bytes =
            found.ok_or_else(|| not_made(format!("the file `{key}` in the store is missing")))?;
        self.check(key, &bytes, spec).map_err(not_made)?;
        Ok(bytes)
    }

    fn not_planned(&self, planned: &mut dyn Iterator<Item = Key>) -> Vec<Finding> {
        let mut rest: HashSet<Key> = self.made.keys().copied().collect();
        for key in planned {
            rest.remove(&key);
        }
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = self.faults.keys().filter(|digest| !asked.contains(*digest));
        let failed = failed.count();
        drop(asked);
        let mut findings = Vec::new();
        let unused = |message: String| Finding::new(Code::UnusedResult, message);
        if let Some(first) = rest.iter().min() {
            findings.push(unused(match rest.len() {
                1 => {
                    format!("the results contain a variant that this site does not need: `{first}`")
                }
                _ => format!(
                    "the results contain {} that this site does not need, such as `{first}`",
                    plural(rest.len(), "variant")
                ),
            }));
        }
        if failed > 0 {
            let failures = plural(failed, "failure");
            findings.push(unused(format!(
                "the results contain {failures} for originals whose variants all exist"
            )));
        }
        if let Some(first) = self.unreadable.first() {
            findings.push(unused(match self.unreadable.len() {
                1 => format!("line {first} of the results cannot be read"),
                count => {
                    format!("{count} result lines cannot be read; the first is line {first}")
                }
            }));
        }
        findings
    }
}
