//! Any text as an article: its references are found without a panic, and lie within it.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzing/references.rs"]
mod references;

fuzz_target!(|bytes: &[u8]| references::check(bytes));
