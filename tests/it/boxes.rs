//! Small boxes: a root without /dev, /proc and /etc, one that is read-only, a megabyte of memory for files, no time zones, no clock.
//!
//! Each is a folder to which the program is confined, in namespaces that end with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::frames::{framed, record};
use crate::program::{EXECUTABLE, Launch, Program, say_skipped, wait_until};

#[test]
fn needs_nothing_but_itself() {
    let Some(chroot) = Chroot::new() else { return };
    let program = chroot.launch(&["--format", "%(asctime)s %(name)s %(message)s"]).start();
    program.send(&record("alone"));
    assert_eq!(printed_by(program), "2024-03-17 11:14:58,968 app.db alone\n");
    let left: Vec<_> = fs::read_dir(chroot.run()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name == "port"), "{left:?}");
}

#[test]
fn names_the_file_that_cannot_be_on_this_root() {
    let Some(chroot) = Chroot::new() else { return };
    let read_only = "mount --bind . . && cd \"$PWD\" && mount --bind run run && mount -o remount,ro,bind .";
    for (output, why) in [
        ("/records.log", "Read-only file system"),
        ("/var/log/records.log", "No such file or directory"),
        ("/dev/stderr/records.log", "No such file or directory"),
        ("/run", "Is a directory"),
    ] {
        let finished = chroot.launch_after(read_only, &["--output", output]).start_without_waiting().wait();
        finished.expect_status(1);
        let named = finished.stderr.lines().any(|line| line.contains(output) && line.contains(why));
        assert!(named, "{output}: {}", finished.stderr);
    }
    let program = chroot.launch_after(read_only, &["--format", "%(message)s", "--output", "records.log"]).start();
    program.send(&record("where it may write"));
    program.stop().expect_status(0);
    assert_eq!(fs::read_to_string(chroot.run().join("records.log")).unwrap(), "where it may write\n");
}

/// However few there are, a line says for what they did not suffice.
#[test]
fn names_what_it_has_no_file_descriptor_for() {
    let statuses: Vec<_> = (6..20)
        .map(|descriptors| {
            let limited = format!("ulimit -n {descriptors}");
            let finished = Launch::new(&["--timeout", "0"]).after(&limited).start_without_waiting().wait();
            let last = finished.stderr.lines().last().unwrap_or_default();
            let is_named = last.starts_with("cannot ") && last.ends_with("Too many open files (os error 24)");
            assert_eq!(finished.status.code(), Some(is_named.into()), "{descriptors}: {}", finished.stderr);
            is_named
        })
        .collect();
    assert!(statuses.is_sorted_by(|fewer, more| fewer >= more) && statuses[0] && !statuses[13], "{statuses:?}");
}

#[test]
fn keeps_the_newest_records_in_a_megabyte() {
    let Some(chroot) = Chroot::new() else { return };
    let arguments = ["--format", "%(message)s", "--output", "log/a", "--max-bytes", "300k", "--backup-count", "2"];
    let program = chroot.launch_after(A_MEGABYTE, &arguments).start();
    let line = "x".repeat(999);
    let frames: Vec<u8> = (0..5000).flat_map(|number| record(&format!("{number} {line}"))).collect();
    program.send(&frames);
    program.send(&record("the last"));
    let log = inside(&program, "run/log");
    let newest = format!("4999 {line}\nthe last\n");
    wait_until("the newest records are there", || {
        fs::read_to_string(log.join("a")).is_ok_and(|text| text.ends_with(&newest))
    });
    let kept: usize =
        ["a", "a.1", "a.2"].iter().map(|name| fs::read_to_string(log.join(name)).unwrap().lines().count()).sum();
    assert!((600..=900).contains(&kept), "{kept} records");
    program.stop().expect_status(0);
}

/// Without rotation it says so, keeps what came in memory, and writes it once there is room.
#[test]
fn waits_for_room_where_a_megabyte_is_full() {
    let Some(chroot) = Chroot::new() else { return };
    let program = chroot.launch_after(A_MEGABYTE, &["--format", "%(message)s", "--output", "log/a"]).start();
    let log = inside(&program, "run/log");
    fs::write(log.join("other"), vec![0; 600_000]).unwrap();
    let line = "x".repeat(999);
    let frames: Vec<u8> = (0..900).flat_map(|_| record(&line)).collect();
    program.send(&frames);
    program.take_diagnostics_through("No space left on device");
    let text = || fs::read_to_string(log.join("a")).unwrap();
    let full = text().len();
    assert!((300_000..=450_000).contains(&full), "{full} bytes");
    fs::remove_file(log.join("other")).unwrap();
    // A record that was torn where the file was full goes on.
    wait_until("the rest is written", || text().len() == 900_000);
    assert!(text().lines().all(|written| written == line));
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().ends_with(" 0 lost"), "{}", finished.totals());
}

/// A POSIX zone needs no database; the name of one that is not there means UTC, as everywhere in the C library.
#[test]
fn knows_zones_without_a_database() {
    let Some(chroot) = Chroot::new() else { return };
    let utc = "11:14:58";
    for (zone, time) in [
        ("<+0545>-5:45", "16:59:58"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "12:14:58"),
        ("Nowhere/City", utc),
        ("", utc),
        (":", utc),
    ] {
        let program = chroot.launch(&["--datefmt", "%H:%M:%S", "--format", "%(asctime)s"]).with("TZ", zone).start();
        program.send(&record("hi"));
        assert_eq!(printed_by(program), format!("{time}\n"), "TZ={zone}");
    }
}

/// A box without a clock of its own starts in 1970, and jumps when it has asked somebody: here, it stays there.
#[test]
fn works_in_1970() {
    let Some(chroot) = Chroot::new() else { return };
    let preload = chroot.root().join("clock.so");
    let source = chroot.root().join("clock.c");
    fs::write(&source, CLOCK).unwrap();
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&preload, &source]).status();
    assert!(compiled.is_ok_and(|status| status.success()), "Rust's own linker compiles no C");
    let arguments = ["--format", "%(asctime)s %(message)s", "--timeout", "3600"];
    let program = chroot.launch_after("export LD_PRELOAD=/clock.so", &arguments).start();
    program.send(&record("sent by a box with a clock"));
    program.send(&framed(b"}X\x03\x00\x00\x00msgX\x0d\x00\x00\x00without times\x73."));
    let printed = printed_by(program);
    assert_eq!(printed, "2024-03-17 11:14:58,968 sent by a box with a clock\n1970-01-01 00:00:07,000 without times\n");
}

const A_MEGABYTE: &str = "mkdir -p run/log && mount -t tmpfs -o size=1m log run/log";

/// The time of day stands still in 1970; other clocks go on.
const CLOCK: &str = r"
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *now) {
    if (clock == CLOCK_REALTIME) {
        now->tv_sec = 7;
        now->tv_nsec = 0;
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, clock, now);
}
";

/// The root of a box: the program, the libraries that it was linked with, and a folder to work in.
struct Chroot {
    root: TempDir,
}

impl Chroot {
    fn new() -> Option<Chroot> {
        let mount = [ALONE, &["mount", "-t", "tmpfs", "none", "/mnt"]].concat();
        let works = Command::new(mount[0]).args(&mount[1..]).stderr(Stdio::null()).status();
        if !works.is_ok_and(|status| status.success()) {
            say_skipped("no namespace can be made: the program is not confined to the root of a small box");
            return None;
        }
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("run")).unwrap();
        fs::copy(EXECUTABLE, root.path().join("jackdaws")).unwrap();
        let libraries = Command::new("ldd").arg(EXECUTABLE).output().unwrap().stdout;
        for library in String::from_utf8(libraries).unwrap().split_whitespace().filter(|word| word.starts_with('/')) {
            let copy = root.path().join(&library[1..]);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(library, copy).unwrap();
        }
        Some(Chroot { root })
    }

    fn root(&self) -> &Path {
        self.root.path()
    }

    fn run(&self) -> PathBuf {
        self.root().join("run")
    }

    fn launch(&self, arguments: &[&str]) -> Launch {
        self.launch_after("true", arguments)
    }

    /// After commands that prepare the root, where they are run.
    fn launch_after(&self, commands: &str, arguments: &[&str]) -> Launch {
        let root = self.root().to_str().unwrap();
        let script = format!("cd {root} && {commands} && exec unshare --root=. --wd=/run /jackdaws \"$@\"");
        Launch::new(arguments).in_directory(&self.run()).under(&[ALONE, &["sh", "-c", &script]].concat())
    }
}

const ALONE: &[&str] = &["unshare", "-rm"];

/// A path as the confined program sees it.
fn inside(program: &Program, path: &str) -> PathBuf {
    Path::new("/proc").join(program.id().to_string()).join("root").join(path)
}

/// What it printed, stopped.
fn printed_by(program: Program) -> String {
    let finished = program.stop();
    finished.expect_status(0);
    finished.text().to_owned()
}
