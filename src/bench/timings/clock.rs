//! CPU time and memory of this process, as reported by the system.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The CPU time that a clock has counted.
pub(super) fn cpu_time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// Peak resident memory of this process in bytes, or `None` where the system does not report it.
///
/// Linux only (proc(5)). `getrusage` would not do: it includes the peak of the parent process
/// before `exec`.
pub(super) fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
