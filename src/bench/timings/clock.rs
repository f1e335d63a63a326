//! Reads the CPU time and memory of this process from the system.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Returns the CPU time that a clock has measured.
pub(super) fn cpu_time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// Returns the peak resident memory of this process in bytes; `None` where the system does not
/// report it.
///
/// Linux only (proc(5)). `getrusage` is not suitable, because its value includes the peak of the
/// parent process before `exec`.
pub(super) fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
