//! Any text as a settings file, a template or an article of a site: `check` reports on it without a
//! panic.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzing/in_memory.rs"]
mod in_memory;
#[path = "../../tests/fuzzing/panics.rs"]
mod panics;
#[path = "../../tests/fuzzing/sites.rs"]
mod sites;

fuzz_target!(init: panics::stop_at_own(), |bytes: &[u8]| sites::check(bytes));
