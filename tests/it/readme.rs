//! The README, word for word: its commands run, its output is what comes out. Its Rust is run by rustdoc.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::pythons::newest;

#[test]
fn the_documents_client_gives_the_output_that_the_readme_shows() {
    if newest().is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    // As a reader would: the default port, which nothing else in these tests uses.
    let script = format!(
        "jackdaws --count 5 --timeout 60 >out 2>err & until [ -s err ]; do sleep 0.01; done\n{}\nwait",
        block_with("python3 - <<'END'")
    );
    let status = shell(&script, directory.path()).status().unwrap();
    assert!(status.success());
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    let printed: Vec<String> = read("out").lines().map(without_time).collect();
    let shown = block_with("About to start TCP server...");
    let (diagnostics, records): (Vec<&str>, Vec<&str>) = shown.lines().partition(|line| !line.starts_with(' '));
    assert_eq!(printed, records.iter().map(|line| without_time(line)).collect::<Vec<_>>());
    let said = read("err");
    assert!(diagnostics.iter().take(1).all(|line| said.contains(line)), "{said}");
    assert!(said.contains("Listening on tcp:127.0.0.1:9020"), "{said}");
    assert!(said.contains("5 records ("), "{said}");
}

#[test]
fn the_shells_fixture_works_as_written() {
    let Some(python) = newest() else { return };
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("my_program.py"), MY_PROGRAM).unwrap();
    let script = block_with("--port-file port --count 5").replace("python3", &python.path.to_string_lossy());
    let output = shell(&script, directory.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let records = fs::read_to_string(directory.path().join("records.json")).unwrap();
    assert_eq!(records.lines().count(), 5);
}

#[test]
fn every_command_line_is_one_that_the_program_takes() {
    let lines = block_with("jackdaws --help");
    assert!(lines.lines().count() >= 4);
    for line in lines.lines() {
        let status = shell(&format!("{line} --help"), Path::new("/")).stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "{line}");
    }
}

#[test]
fn the_map_names_every_file() {
    let text = readme();
    let map = text.split("## Map of the source").nth(1).unwrap();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let named = !name.contains('.') || name == "lib.rs" || map.contains(&format!("`{name}`"));
        assert!(named, "{name}");
    }
}

/// A line without its first word, the milliseconds.
fn without_time(line: &str) -> String {
    line.trim_start().split_once(' ').unwrap().1.to_owned()
}

/// The fenced block that holds `text`.
fn block_with(text: &str) -> String {
    let readme = readme();
    let mut blocks = readme.split("\n```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap_or_default().1);
    blocks.find(|block| block.contains(text)).unwrap_or_else(|| panic!("no block with {text}")).to_owned()
}

fn shell(script: &str, directory: &Path) -> Command {
    let mut path = OsString::from(Path::new(env!("CARGO_BIN_EXE_jackdaws")).parent().unwrap());
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command.args(["-c", script]).env("PATH", path).current_dir(directory).stdin(Stdio::null());
    command
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

const MY_PROGRAM: &str = r#"
import logging, logging.handlers, sys
log = logging.getLogger("mine")
log.setLevel(logging.DEBUG)
log.addHandler(logging.handlers.SocketHandler("127.0.0.1", int(sys.argv[2])))
for message in ["one", "two", "ready", "four", "five"]:
    log.info(message)
"#;
