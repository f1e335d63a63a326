//! Computes the memory budget from the configured limit, or from the memory of the machine.

use crate::config::MemoryLimit;

/// Bytes assumed if the system reports no limit.
const UNKNOWN: u64 = 2 << 30;

/// How much memory pixels may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The limit for all jobs that run at once, in bytes. A job that needs more runs alone.
    pub in_flight: u64,
    /// The limit for one job, in bytes. A job that needs more is not run.
    pub job: u64,
}

impl Budget {
    /// Returns the budget for a limit. With `auto`, all running jobs together take at most a
    /// quarter of the memory that the process may use, and a job that runs alone takes at most
    /// three quarters.
    pub fn new(limit: MemoryLimit) -> Budget {
        match limit {
            MemoryLimit::Bytes(bytes) => Budget {
                in_flight: bytes.0,
                job: bytes.0,
            },
            MemoryLimit::Auto => {
                let available = available();
                Budget {
                    in_flight: available / 4,
                    job: available / 4 * 3,
                }
            }
        }
    }
}

/// Returns the memory that this process may use, in bytes: the smallest limit of its control
/// groups, or the machine's memory (cgroups(7), proc(5); sysctl(8) on macOS).
fn available() -> u64 {
    if cfg!(target_os = "macos") {
        let sysctl = std::process::Command::new("/usr/sbin/sysctl")
            .args(["-n", "hw.memsize"])
            .output();
        let bytes = sysctl
            .ok()
            .and_then(|output| String::from_utf8(output.stdout).ok());
        return bytes.and_then(number).unwrap_or(UNKNOWN);
    }

    let read = |path: &str| std::fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo").and_then(|text| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim()
            .strip_suffix("kB")?
            .trim()
            .parse::<u64>()
            .ok()
            .map(|kib| kib * 1024)
    });
    let own_group = read("/proc/self/cgroup").unwrap_or_default();
    let group = own_group
        .lines()
        .find_map(|line| line.strip_prefix("0::"))
        .unwrap_or("/");
    let mut limits = vec![read("/sys/fs/cgroup/memory/memory.limit_in_bytes").and_then(number)];
    // The limits of the process's own group and of the groups around it.
    let mut path = group.trim_end_matches('/');
    loop {
        limits.push(read(&format!("/sys/fs/cgroup{path}/memory.max")).and_then(number));
        match path.rsplit_once('/') {
            Some((parent, _)) => path = parent,
            None => break,
        }
    }
    let limits = limits.into_iter().flatten().filter(|limit| *limit > 0);
    limits.chain(machine).min().unwrap_or(UNKNOWN)
}

fn number(text: String) -> Option<u64> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::units::ByteSize;

    #[test]
    fn a_given_limit_is_the_budget() {
        let budget = Budget::new(MemoryLimit::Bytes(ByteSize(1000)));
        assert_eq!(
            budget,
            Budget {
                in_flight: 1000,
                job: 1000
            }
        );
        let auto = Budget::new(MemoryLimit::Auto);
        assert!(
            auto.in_flight > 16 << 20 && auto.job > auto.in_flight,
            "{auto:?}"
        );
    }
}
