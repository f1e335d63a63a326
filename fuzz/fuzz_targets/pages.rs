//! Any text as a page, a style sheet or a feed: `html` rewrites it without a panic, loses nothing, and
//! has nothing to do the second time.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzing/in_memory.rs"]
mod in_memory;
#[path = "../../tests/fuzzing/panics.rs"]
mod panics;
#[path = "../../tests/fuzzing/pages.rs"]
mod pages;

fuzz_target!(init: panics::stop_at_own(), |bytes: &[u8]| pages::check(bytes));
