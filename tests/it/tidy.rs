//! The house rules that a test can hold: imports run downwards, every file says what it is, nothing is left for later.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn imports_run_downwards() {
    let order = modules();
    for (path, text) in sources() {
        let Some(place) = order.iter().position(|module| *module == module_of(&path)) else { continue };
        for used in used_modules(&text) {
            let used_place = order.iter().position(|module| *module == used);
            let used_place = used_place.unwrap_or_else(|| panic!("{}: crate::{used} is no module", path.display()));
            assert!(used_place >= place, "{} uses crate::{used}, which is declared above it", path.display());
        }
    }
}

#[test]
fn imports_run_downwards_between_the_files_of_a_room() {
    let mut circles = Vec::new();
    for (path, text) in sources() {
        let room = path.parent().unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name == "mod" || room == source_root() || !room.join("mod.rs").exists() {
            continue;
        }
        let order = declared_in(&room.join("mod.rs"));
        let Some(place) = order.iter().position(|file| *file == name) else { continue };
        for used in used_in_room(room, &text) {
            let Some(used_place) = order.iter().position(|file| *file == used) else { continue };
            if used_place < place {
                let room = room.strip_prefix(source_root()).unwrap().display().to_string();
                circles.push(format!("{room}/{name} uses {used}"));
            }
        }
    }
    circles.sort();
    circles.dedup();
    assert_eq!(circles, CIRCLES, "imports that run upwards within a room");
}

#[test]
fn the_tour_names_every_module() {
    let text = fs::read_to_string(source_root().join("lib.rs")).unwrap();
    for module in modules() {
        let named =
            [format!("[`{module}`]"), format!("`{module}`"), format!("[`mod@{module}`]"), format!("[`{module}::")];
        assert!(named.iter().any(|name| text.contains(name.as_str())), "{module}");
    }
}

#[test]
fn every_file_says_what_it_is_in_a_dozen_lines() {
    for (path, text) in sources() {
        let head = text.lines().take_while(|line| line.starts_with("//!")).count();
        assert!(head > 0, "{}: no //! at the top", path.display());
        let prose = text.split("//! ```").next().unwrap_or_default();
        let prose = prose.lines().take_while(|line| line.starts_with("//!")).count();
        assert!(path.ends_with("lib.rs") || prose <= 12, "{}: {prose} lines of //!", path.display());
    }
}

#[test]
fn nothing_is_left_for_later() {
    for (path, text) in sources() {
        for word in
            ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "todo".to_owned() + "!", "unimplemented".to_owned() + "!"]
        {
            assert!(!text.contains(&word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn only_one_file_has_unsafe_code() {
    for (path, text) in sources() {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let is_unsafe = code.into_iter().any(|line| line.contains("unsafe {") || line.contains("unsafe fn"));
        assert!(!is_unsafe || path.ends_with("sys.rs"), "{}", path.display());
    }
}

/// The files that the tour names, in lines of code: neither blank nor comments nor tests.
#[test]
fn a_first_reading_is_no_longer_than_an_evening() {
    let tour = fs::read_to_string(source_root().join("lib.rs")).unwrap();
    let tour = tour.split("# A first reading").nth(1).unwrap();
    let named = tour
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with("//!"))
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    let files: Vec<&str> = named.filter(|name| name.ends_with(".rs")).collect();
    assert!(files.len() > 20, "{files:?}");
    let lines: usize = files.iter().map(|file| lines_of_code(&source_root().join(file))).sum();
    assert!((4000..=5200).contains(&lines), "{lines} lines of code");
}

fn lines_of_code(file: &Path) -> usize {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().lines().map(str::trim);
    code.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

/// Of 64 bits, they are lacking on MIPS, PowerPC and ARMv5.
#[test]
fn atomics_are_no_wider_than_a_word() {
    for (path, text) in sources() {
        for wide in ["AtomicU64", "AtomicI64"] {
            assert!(!text.contains(wide), "{}: {wide}", path.display());
        }
    }
}

/// The modules of `lib.rs`, in their order.
fn modules() -> Vec<String> {
    let modules = declared_in(&source_root().join("lib.rs"));
    assert!(modules.len() > 8, "{modules:?}");
    modules
}

/// The modules that a file declares, in their order.
fn declared_in(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let declared = code.lines().filter_map(|line| {
        ["pub mod ", "pub(crate) mod ", "mod "].iter().find_map(|start| line.strip_prefix(start))?.strip_suffix(';')
    });
    declared.map(str::to_owned).collect()
}

/// The top-level module to which a file belongs.
fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix(source_root()).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.strip_suffix(".rs").unwrap_or(&first).to_owned()
}

/// The top-level modules that the library's code outside tests names as `crate::…`.
fn used_modules(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut used = Vec::new();
    for line in code {
        for rest in line.split("crate::").skip(1) {
            used.push(rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect());
        }
    }
    used
}

/// The files of its own room that a file's code outside tests names, by `super::` or by their whole path.
fn used_in_room(room: &Path, text: &str) -> Vec<String> {
    let inside = room.strip_prefix(source_root()).unwrap().display().to_string().replace('/', "::");
    let whole = format!("crate::{inside}::");
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut used = Vec::new();
    for start in ["super::", whole.as_str()] {
        for rest in code.split(start).skip(1) {
            let names = match rest.strip_prefix('{') {
                Some(names) => names.split('}').next().unwrap_or_default(),
                None => {
                    rest.split(|c: char| !c.is_ascii_lowercase() && c != '_' && !c.is_ascii_digit()).next().unwrap()
                }
            };
            used.extend(names.split([',', ':']).map(|name| name.trim().to_owned()));
        }
    }
    used
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut directories = vec![source_root()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Small circles that are natural.
const CIRCLES: &[&str] = &["format/piece uses brace", "format/piece uses short", "python/stdlib/datetime uses classes"];
