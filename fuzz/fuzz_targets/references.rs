//! Any text as an article: its references are found without a panic, and lie within it.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzing/panics.rs"]
mod panics;
#[path = "../../tests/fuzzing/references.rs"]
mod references;

fuzz_target!(init: panics::stop_at_own(), |bytes: &[u8]| references::check(bytes));
