//! Python's side of it: the cases of CPython's own tests, and the fixture that tests written in Python use.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::program::{EXECUTABLE, say_skipped};
use crate::pythons::{Python, data, newest, pythons};

#[test]
fn the_cases_of_cpythons_socket_and_datagram_handlers_pass_on_every_python() {
    for python in pythons() {
        let mut cases = python.script("clients/socket_handler_cases.py");
        let said = succeed(cases.env("JACKDAWS", EXECUTABLE), &python);
        let unix = if python.version >= (3, 4) { "\nOK\n" } else { "\nOK (skipped=10)\n" };
        assert!(said.contains("Ran 20 tests") && said.ends_with(unix), "{:?}: {said}", python.version);
    }
}

#[test]
fn the_fixture_works_with_the_unittest_of_every_python_3() {
    for python in pythons().into_iter().filter(|python| python.version >= (3, 6)) {
        let said = succeed(in_fixture(&python.path).args(["-m", "unittest", "test_with_unittest"]), &python);
        assert!(said.contains("Ran 2 tests") && said.ends_with("\nOK\n"), "{:?}: {said}", python.version);
    }
}

#[test]
fn the_fixture_works_with_pytest() {
    let Some(python) = newest() else { return };
    let Some(with_pytest) = virtual_environment(&python) else {
        return say_skipped("pip cannot install pytest");
    };
    let arguments = ["-m", "pytest", "-p", "no:cacheprovider", "test_with_pytest.py"];
    let output = in_fixture(&with_pytest).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("2 passed"), "{said}");
}

/// A Python with pytest: kept between runs.
fn virtual_environment(python: &Python) -> Option<PathBuf> {
    let (major, minor) = python.version;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pytest-{major}.{minor}"));
    let with_pytest = folder.join("bin/python");
    let works = |command: &mut Command| {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let has_pytest = || works(Command::new(&with_pytest).args(["-m", "pytest", "--version"]));
    let install = ["-m", "pip", "install", "--quiet", "--retries", "0", "--timeout", "5", "pytest"];
    let found = has_pytest()
        || works(Command::new(&python.path).args(["-m", "venv", "--clear"]).arg(&folder))
            && works(Command::new(&with_pytest).args(install))
            && has_pytest();
    found.then_some(with_pytest)
}

/// Python in the folder of the fixture, with the program on its path.
fn in_fixture(python: &Path) -> Command {
    let program = Path::new(EXECUTABLE).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([program].into_iter().chain(env::split_paths(&path))).unwrap();
    let mut command = Command::new(python);
    command.current_dir(data("fixture")).env("PATH", path).env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
    command
}

/// What it said on standard error.
fn succeed(command: &mut Command, python: &Python) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{:?}: {said}", python.version);
    said
}
