//! The CPythons of this machine: senders, and oracles.
//!
//! In: `$PYENV_ROOT` (else `~/.pyenv`), and `python3` on the path. Out: one interpreter for each version, oldest first.
//! Where there is none, the tests that need one say SKIPPED on standard error.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// A CPython.
#[derive(Clone, Debug)]
pub struct Python {
    /// The interpreter.
    pub path: PathBuf,
    /// Major and minor.
    pub version: (u32, u32),
}

impl Python {
    /// A command that runs a script of `tests/data`.
    pub fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.path);
        command.arg(data(name)).env("PYTHONDONTWRITEBYTECODE", "1").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        command
    }

    /// A command that runs this program text.
    pub fn command_of(&self, program: &str) -> Command {
        let mut command = Command::new(&self.path);
        command.args(["-c", program]).stdin(Stdio::null());
        command
    }

    /// Runs a script of `tests/data` that must succeed; what it printed.
    pub fn run(&self, name: &str, arguments: &[&str], zone: &str) -> Vec<u8> {
        let output = self.script(name).args(arguments).env("TZ", zone).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name} on {:?}: {said}", self.version);
        output.stdout
    }

    /// Runs a script of `tests/data` that reads standard input; what it printed.
    pub fn ask(&self, name: &str, input: Vec<u8>) -> Vec<u8> {
        self.ask_with(name, &[], input)
    }

    /// The same with arguments.
    pub fn ask_with(&self, name: &str, arguments: &[&str], input: Vec<u8>) -> Vec<u8> {
        let mut child = self.script(name).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{name} on {:?}", self.version);
        writer.join().unwrap();
        output.stdout
    }
}

/// One for each version, oldest first; empty, and said so, where there is none.
pub fn pythons() -> Vec<Python> {
    static FOUND: OnceLock<Vec<Python>> = OnceLock::new();
    let found = FOUND.get_or_init(find).clone();
    if found.is_empty() {
        // Not by a macro, which the test harness would capture.
        let _ = writeln!(std::io::stderr(), "SKIPPED: no Python was found");
    }
    found
}

/// The newest Python 3: the oracle.
pub fn newest() -> Option<Python> {
    pythons().into_iter().next_back().filter(|python| python.version >= (3, 8))
}

/// A file of `tests/data`.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// What a script printed, a JSON value a line.
pub fn json_lines(printed: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(printed).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `binascii.unhexlify`
pub fn unhexlified(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn find() -> Vec<Python> {
    let root = env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".pyenv")));
    let versions = root.and_then(|root| fs::read_dir(root.join("versions")).ok());
    let installed = versions.into_iter().flatten().flatten();
    let candidates = installed.map(|version| version.path().join("bin/python"));
    let mut found = BTreeMap::new();
    for path in candidates.chain([PathBuf::from("python3")]) {
        if let Some(version) = version_of(path.as_os_str()) {
            found.entry(version).or_insert(Python { path, version });
        }
    }
    found.into_values().collect()
}

fn version_of(python: &OsStr) -> Option<(u32, u32)> {
    let print = "import sys; print('%d %d' % sys.version_info[:2])";
    let output = Command::new(python).args(["-c", print]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
