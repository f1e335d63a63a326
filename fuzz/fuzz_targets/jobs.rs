//! Any bytes as a job line or a result line: read without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzing/panics.rs"]
mod panics;
#[path = "../../tests/fuzzing/jobs.rs"]
mod jobs;

fuzz_target!(init: panics::stop_at_own(), |bytes: &[u8]| jobs::check(bytes));
