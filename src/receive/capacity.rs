//! How many connections this process can serve, and how much memory it may take: [`connections`], [`memory`].
//!
//! In: the limits of the system. Past its number of memory maps, Rust's library ends the whole process when it sets up a
//! thread; past the others, accepting only pauses. What cannot be found out does not limit.

use crate::base::digits;
use std::fs;
use std::path::Path;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::base::limits::{LISTEN_BACKLOG, STACK_BYTES};

/// How many connections can be served, and what allows no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Connections at once; at least one.
    pub connections: usize,
    /// What limits them; `None` if it is only what was asked for.
    pub limited_by: Option<&'static str>,
    /// File descriptors that are left when there are so many.
    pub more_descriptors: usize,
}

/// Raises the limit on file descriptors as far as it goes, and says how many of the `wanted` connections can be served.
pub fn connections(wanted: usize) -> Capacity {
    let descriptors = file_descriptors();
    let limits = [
        ("file descriptors", descriptors),
        ("memory maps", memory_maps()),
        // Elsewhere threads are no processes.
        #[cfg(target_os = "linux")]
        ("processes of this user", processes_of_this_user()),
        (
            "threads of this system",
            number_in("/proc/sys/kernel/threads-max").map(|all| all.saturating_sub(RESERVED_THREADS)),
        ),
        ("tasks of this control group", control_group_tasks()),
        ("address space", address_space()),
    ];
    let (connections, limited_by) = least(wanted, &limits);
    let more_descriptors = descriptors.map_or(usize::MAX, |descriptors| descriptors.saturating_sub(connections));
    Capacity { connections, limited_by, more_descriptors }
}

/// What peers may make the receiver hold where nobody chose: `wanted` ([`crate::base::limits::MAX_MEMORY_BYTES`]), but at most
/// half of what the control group or the limit on the address space allow, and a quarter of what the machine has.
pub fn memory(wanted: usize) -> usize {
    let limits = [
        control_group("memory", memory_of_a_group).map(|limit| limit / 2),
        soft_limit(Resource::RLIMIT_AS).map(|limit| limit / 2),
        memory_of_the_machine().map(|all| all / 4),
    ];
    limits.into_iter().flatten().fold(wanted, usize::min)
}

/// MemTotal of `/proc/meminfo`.
fn memory_of_the_machine() -> Option<usize> {
    let table = fs::read_to_string("/proc/meminfo").ok()?;
    let line = table.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    digits::parse::<usize>(line.trim_ascii().strip_suffix("kB")?.trim_ascii_end())?.checked_mul(1 << 10)
}

/// How many may have connected to one listener without being accepted. The kernel completes one more than was asked for.
pub fn listen_backlog() -> usize {
    let ours = usize::try_from(LISTEN_BACKLOG).unwrap_or(0);
    // Whoever hands sockets over may have asked for as many as the system allows.
    number_in("/proc/sys/net/core/somaxconn").unwrap_or(0).max(ours).saturating_add(1)
}

fn least(wanted: usize, limits: &[(&'static str, Option<usize>)]) -> (usize, Option<&'static str>) {
    let mut least = (wanted.max(1), None);
    for (name, limit) in limits {
        let limit = limit.unwrap_or(usize::MAX).max(1);
        if limit < least.0 {
            least = (limit, Some(*name));
        }
    }
    least
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

/// The limit does not bind root.
#[cfg(target_os = "linux")]
fn processes_of_this_user() -> Option<usize> {
    let limit = soft_limit(Resource::RLIMIT_NPROC).filter(|_| !nix::unistd::geteuid().is_root())?;
    Some(limit.saturating_sub(RESERVED_THREADS))
}

fn address_space() -> Option<usize> {
    let limit = soft_limit(Resource::RLIMIT_AS);
    let limit =
        if cfg!(target_pointer_width = "64") { limit? } else { limit.unwrap_or(usize::MAX).min(SMALL_ADDRESS_SPACE) };
    (limit / 2).saturating_sub(OTHER_ADDRESS_SPACE).checked_div(ADDRESS_SPACE_A_THREAD)
}

/// `None` if there is none.
fn soft_limit(resource: Resource) -> Option<usize> {
    let (soft, _) = getrlimit(resource).ok()?;
    if soft == nix::sys::resource::RLIM_INFINITY { None } else { usize::try_from(soft).ok() }
}

/// How many more tasks the control group may have.
fn control_group_tasks() -> Option<usize> {
    let left_in = |group: &Path| {
        let used = number_in(group.join("pids.current")).unwrap_or(0);
        Some(number_in(group.join("pids.max"))?.saturating_sub(used))
    };
    Some(control_group("pids", left_in)?.saturating_sub(RESERVED_TASKS))
}

fn memory_of_a_group(group: &Path) -> Option<usize> {
    // Version 2, and 1.
    ["memory.max", "memory.limit_in_bytes"].into_iter().find_map(|file| number_in(group.join(file)))
}

/// The least that `limit` gives for the control group, version 2 or 1, and for those around it. (Inside a container its own group is
/// the outermost that can be seen, whatever its path.)
fn control_group(controller: &str, limit: fn(&Path) -> Option<usize>) -> Option<usize> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let mut least = None;
    for line in groups.lines() {
        let Some((controllers, path)) = line.split_once(':').and_then(|(_, rest)| rest.split_once(':')) else {
            continue;
        };
        let mount = match controllers {
            "" => "/sys/fs/cgroup".to_owned(),
            _ if controllers.split(',').any(|name| name == controller) => format!("/sys/fs/cgroup/{controllers}"),
            _ => continue,
        };
        for group in Path::new(path).ancestors() {
            let folder = Path::new(&mount).join(group.strip_prefix("/").unwrap_or(group));
            if let Some(number) = limit(&folder) {
                least = Some(least.map_or(number, |least: usize| least.min(number)));
            }
        }
    }
    least
}

/// `None` too if the file says `max`.
fn number_in(file: impl AsRef<Path>) -> Option<usize> {
    digits::parse(fs::read_to_string(file).ok()?.trim_ascii())
}

/// For the output and its rotation, the wake-ups, and what a library's user opens meanwhile.
const RESERVED_FDS: usize = 16;

/// For what is mapped later: libraries, allocations, other threads.
const RESERVED_MAPS: usize = 1024;

/// A stack and its guard page, and the same of the signal stack that each thread has where Rust's library starts the program.
const MAPS_A_THREAD: usize = 4;

/// For what else the user or the system runs.
const RESERVED_THREADS: usize = 64;

/// For this program's other threads.
const RESERVED_TASKS: usize = 8;

/// Of 4 GiB, half belongs to the system on some, and the rest is fragmented.
const SMALL_ADDRESS_SPACE: usize = 1 << 30;

/// For the program itself and its other threads; the other half is for what peers send.
const OTHER_ADDRESS_SPACE: usize = 8 << 20;

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
            assert_eq!(least(wanted, &limits), (connections, limited_by));
        }
        assert_eq!(least(7, &[("a", Some(0))]), (1, Some("a")));
        assert_eq!(least(0, &[]), (1, None));
    }

    #[test]
    fn finds_out_what_this_system_allows() {
        let two = connections(2);
        assert_eq!((two.connections, two.limited_by), (2, None));
        let most = connections(usize::MAX);
        assert!(two.more_descriptors > most.more_descriptors, "{two:?}, {most:?}");
        assert!(most.limited_by.is_some() && most.connections < usize::MAX, "{most:?}");
        assert!(memory_maps().is_none_or(|maps| maps < 1 << 24));
    }
}
