//! Untrusted images. A panic of a dependency is not a find: a build turns it into a finding of that
//! image. A panic of our own code, a hang, excessive memory and an abort are.

#![no_main]

use std::panic::catch_unwind;

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzing/panics.rs"]
mod panics;
#[path = "../../tests/fuzzing/picture.rs"]
mod picture;

fuzz_target!(init: {
    // The fuzzer's own hook aborts before a panic can be caught.
    std::panic::set_hook(Box::new(|panic| {
        if !panics::is_of_dependency(panic) {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
}, |bytes: &[u8]| {
    let _ = catch_unwind(|| picture::check(bytes));
});
