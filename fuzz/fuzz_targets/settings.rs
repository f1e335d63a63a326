//! Any bytes as `planche.yml`, a preset, a table of visitors or a ledger: read without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzing/settings.rs"]
mod settings;

fuzz_target!(|bytes: &[u8]| settings::check(bytes));
