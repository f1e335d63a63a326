//! Any bytes as `planche.yml`, a preset, a table of visitors or a ledger: read without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzing/panics.rs"]
mod panics;
#[path = "../../tests/fuzzing/settings.rs"]
mod settings;

fuzz_target!(init: panics::stop_at_own(), |bytes: &[u8]| settings::check(bytes));
