//! Distinguishes panics: a panic in a decoder that we depend on becomes a finding about its image,
//! one in our own code is a fault.

use std::panic::PanicHookInfo;

/// Whether the panic started in the source of a dependency.
pub fn is_of_dependency(panic: &PanicHookInfo<'_>) -> bool {
    panic
        .location()
        .is_some_and(|location| location.file().contains("/registry/src/"))
}

/// Makes a fuzzer stop at panics of our own code only. Those of dependencies are caught where they
/// are called, and become findings; one that is not caught still stops the fuzzer.
#[allow(dead_code, reason = "for the fuzz targets")]
pub fn stop_at_own() {
    // The fuzzer's own hook aborts before a panic can be caught.
    std::panic::set_hook(Box::new(|panic| {
        if !is_of_dependency(panic) {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
}
