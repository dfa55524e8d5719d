//! How many connections this process can serve: [`connections`], never more than descriptors, threads and memory allow.
//!
//! In: the limits of the system. Past its number of memory maps, Rust's library ends the whole process when it sets up a
//! thread; past the others, accepting only pauses. What cannot be found out does not limit.

use std::fs;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::base::limits::{LISTEN_BACKLOG, STACK_BYTES};

/// How many connections can be served, and what allows no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Connections at once; at least one.
    pub connections: usize,
    /// What limits them; `None` if it is only what was asked for.
    pub limited_by: Option<&'static str>,
}

/// Raises the limit on file descriptors as far as it goes, and says how many of the `wanted` connections can be served.
pub fn connections(wanted: usize) -> Capacity {
    let limits = [
        ("file descriptors", file_descriptors()),
        ("memory maps", memory_maps()),
        // Elsewhere threads are no processes.
        #[cfg(target_os = "linux")]
        (
            "processes of this user",
            soft_limit(Resource::RLIMIT_NPROC).map(|limit| limit.saturating_sub(RESERVED_THREADS)),
        ),
        (
            "threads of this system",
            number_in("/proc/sys/kernel/threads-max").map(|all| all.saturating_sub(RESERVED_THREADS)),
        ),
        ("tasks of this control group", control_group_tasks()),
        ("address space", address_space()),
    ];
    least(wanted, &limits)
}

/// How many may have connected to one listener without being accepted. The kernel completes one more than was asked for.
pub fn listen_backlog() -> usize {
    let ours = usize::try_from(LISTEN_BACKLOG).unwrap_or(0);
    // Whoever hands sockets over may have asked for as many as the system allows.
    number_in("/proc/sys/net/core/somaxconn").unwrap_or(0).max(ours).saturating_add(1)
}

fn least(wanted: usize, limits: &[(&'static str, Option<usize>)]) -> Capacity {
    let mut capacity = Capacity { connections: wanted.max(1), limited_by: None };
    for (name, limit) in limits {
        let limit = limit.unwrap_or(usize::MAX).max(1);
        if limit < capacity.connections {
            capacity = Capacity { connections: limit, limited_by: Some(name) };
        }
    }
    capacity
}

fn file_descriptors() -> Option<usize> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    // Refused, the soft limit is what there is.
    let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    let limit = soft_limit(Resource::RLIMIT_NOFILE).or(usize::try_from(soft).ok())?;
    let open = fs::read_dir("/proc/self/fd").map_or(RESERVED_FDS, Iterator::count);
    Some(limit.saturating_sub(open).saturating_sub(RESERVED_FDS))
}

fn memory_maps() -> Option<usize> {
    let most = number_in("/proc/sys/vm/max_map_count")?;
    let used = fs::read_to_string("/proc/self/maps").map_or(0, |maps| maps.lines().count());
    most.saturating_sub(used).saturating_sub(RESERVED_MAPS).checked_div(MAPS_A_THREAD)
}

fn address_space() -> Option<usize> {
    let limit = soft_limit(Resource::RLIMIT_AS);
    let limit =
        if cfg!(target_pointer_width = "64") { limit? } else { limit.unwrap_or(usize::MAX).min(SMALL_ADDRESS_SPACE) };
    limit.checked_div(2)?.checked_div(ADDRESS_SPACE_A_THREAD)
}

/// `None` if there is none.
fn soft_limit(resource: Resource) -> Option<usize> {
    let (soft, _) = getrlimit(resource).ok()?;
    if soft == nix::sys::resource::RLIM_INFINITY { None } else { usize::try_from(soft).ok() }
}

/// `pids.max` of the control group, version 2 or 1.
fn control_group_tasks() -> Option<usize> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    groups
        .lines()
        .filter_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            let mount = match controllers {
                "" => "/sys/fs/cgroup",
                "pids" => "/sys/fs/cgroup/pids",
                _ => return None,
            };
            let used = number_in(&format!("{mount}/{path}/pids.current")).unwrap_or(0);
            Some(number_in(&format!("{mount}/{path}/pids.max"))?.saturating_sub(used).saturating_sub(RESERVED_TASKS))
        })
        .min()
}

/// `None` too if the file says `max`.
fn number_in(file: &str) -> Option<usize> {
    fs::read_to_string(file).ok()?.trim_ascii().parse().ok()
}

/// For the output and its rotation, the wake-ups, and what a library's user opens meanwhile.
const RESERVED_FDS: usize = 16;

/// For what is mapped later: libraries, allocations, other threads.
const RESERVED_MAPS: usize = 1024;

/// A stack and its guard page, and the same of the signal stack that Rust gives each thread.
const MAPS_A_THREAD: usize = 4;

/// For what else the user or the system runs.
const RESERVED_THREADS: usize = 64;

/// For this program's other threads.
const RESERVED_TASKS: usize = 8;

/// Of 4 GiB, half belongs to the system on some, and the rest is fragmented.
const SMALL_ADDRESS_SPACE: usize = 1 << 30;

const ADDRESS_SPACE_A_THREAD: usize = STACK_BYTES + (64 << 10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_least_of_all_limits() {
        let limits = [("a", Some(100)), ("b", None), ("c", Some(50))];
        for (wanted, connections, limited_by) in
            [(49, 49, None), (50, 50, None), (51, 50, Some("c")), (1000, 50, Some("c"))]
        {
            assert_eq!(least(wanted, &limits), Capacity { connections, limited_by });
        }
        assert_eq!(least(7, &[("a", Some(0))]), Capacity { connections: 1, limited_by: Some("a") });
        assert_eq!(least(0, &[]), Capacity { connections: 1, limited_by: None });
    }

    #[test]
    fn finds_out_what_this_system_allows() {
        assert_eq!(connections(2), Capacity { connections: 2, limited_by: None });
        let most = connections(usize::MAX);
        assert!(most.limited_by.is_some() && most.connections < usize::MAX, "{most:?}");
        assert!(memory_maps().is_none_or(|maps| maps < 1 << 24));
    }
}
