//! Python's side of it: the cases of CPython's own tests, and the module for tests that are written in Python.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::EXECUTABLE;
use crate::pythons::{Python, pythons};

#[test]
fn the_cases_of_cpythons_socket_and_datagram_handlers_pass_on_every_python() {
    for python in pythons() {
        let mut cases = python.script("clients/socket_handler_cases.py");
        let said = succeed(cases.env("JACKDAWS", EXECUTABLE), &python);
        let unix = if python.version >= (3, 4) { "\nOK\n" } else { "\nOK (skipped=10)\n" };
        assert!(said.contains("Ran 20 tests") && said.ends_with(unix), "{:?}: {said}", python.version);
    }
}

/// The tests that need pytest are in `tests/python`; this one, of the module's own document, needs the standard library only.
#[test]
fn the_module_works_with_the_unittest_of_every_python_from_3_7_on() {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join(".dist/python");
    let document = fs::read_to_string(module.join("README.md")).unwrap();
    let (_, from_there) = document.split_once("```python\n# test_with_unittest.py\n").unwrap();
    let (test, _) = from_there.split_once("```").unwrap();
    for python in pythons().into_iter().filter(|python| python.version >= (3, 7)) {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("test_with_unittest.py"), test).unwrap();
        let mut command = Command::new(&python.path);
        command.args(["-W", "error", "-m", "unittest", "test_with_unittest"]).current_dir(directory.path());
        command.env("PYTHONPATH", &module).env("PYTHONDONTWRITEBYTECODE", "1").env("JACKDAWS_PROGRAM", EXECUTABLE);
        let said = succeed(&mut command, &python);
        assert!(said.contains("Ran 1 test") && said.ends_with("\nOK\n"), "{:?}: {said}", python.version);
    }
}

/// What it said on standard error.
fn succeed(command: &mut Command, python: &Python) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{:?}: {said}", python.version);
    said
}
