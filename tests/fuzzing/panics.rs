//! Distinguishes panics: a panic in a decoder that we depend on becomes a finding about its image,
//! one in our own code is a fault.

use std::panic::PanicHookInfo;

/// Whether the panic started in the source of a dependency.
pub fn is_of_dependency(panic: &PanicHookInfo<'_>) -> bool {
    panic
        .location()
        .is_some_and(|location| location.file().contains("/registry/src/"))
}
