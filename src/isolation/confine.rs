//! Confines a worker process, which needs only to read requests, compute, and answer.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Drops the rights that decoding does not need. Errors are ignored: even with these rights, the
/// worker is a separate process.
pub(super) fn confine() {
    // Before the limits, because a set of rules needs a file descriptor.
    #[cfg(target_os = "linux")]
    let _ = deny_by_landlock();
    let none = || Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = setrlimit(Resource::Core, none());
    let _ = setrlimit(Resource::Fsize, none());
    let _ = setrlimit(Resource::Nofile, none());
}

/// Denies all that Landlock can (`landlock(7)`): files, TCP, abstract sockets of other processes,
/// and signals to them. An older kernel denies what it knows, down to nothing before Linux 5.13.
#[cfg(target_os = "linux")]
fn deny_by_landlock() -> Result<(), landlock::RulesetError> {
    use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, Scope};

    // The newest version whose rights are known here; those that the kernel lacks are left out.
    const KNOWN: ABI = ABI::V6;
    Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .restrict_self()?;
    Ok(())
}
