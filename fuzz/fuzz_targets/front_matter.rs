//! Any text as an article: it is edited within the invariants, or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/editing.rs"]
#[allow(dead_code, reason = "the target uses a part")]
mod editing;
#[path = "../../tests/fuzzing/panics.rs"]
mod panics;
#[path = "../../tests/fuzzing/front_matter.rs"]
mod front_matter;

fuzz_target!(init: panics::stop_at_own(), |bytes: &[u8]| front_matter::check(bytes));
