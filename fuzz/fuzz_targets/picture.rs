//! Untrusted images; of one format only if `PLANCHE_FUZZ_FORMAT` names it. A panic of a dependency is
//! not a find: a build turns it into a finding of that image. A panic of our own code, a hang,
//! excessive memory and an abort are.

#![no_main]

use std::panic::catch_unwind;
use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use planche::internal::picture::format;

#[path = "../../tests/fuzzing/panics.rs"]
mod panics;
#[path = "../../tests/fuzzing/picture.rs"]
mod picture;

static FORMAT: LazyLock<Option<String>> =
    LazyLock::new(|| std::env::var("PLANCHE_FUZZ_FORMAT").ok());

fuzz_target!(init: panics::stop_at_own(), |bytes: &[u8]| -> Corpus {
    let name = format::of(bytes).map(|spec| spec.name);
    if FORMAT.is_some() && name != FORMAT.as_deref() {
        return Corpus::Reject;
    }
    let _ = catch_unwind(|| picture::check(bytes));
    Corpus::Keep
});
