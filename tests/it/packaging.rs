//! What is installed beside the program agrees with it: the man page, the completions and the unit name the options of
//! `src/program/usage.txt`, all of them and no others.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// An option as it is written: `-l`, if it has a letter; `--listen`; `ADDRESS`, if it takes a value.
type Described = (Option<String>, String, Option<String>);

#[test]
fn the_man_page_describes_the_options_of_the_help_text() {
    let page = man_page();
    let headings = page.lines().filter(|line| line.starts_with('-'));
    let described: Vec<Described> = headings.filter_map(described).collect();
    assert_eq!(described, options(), "in this order");
}

#[test]
fn the_man_page_speaks_of_no_other_option() {
    assert_eq!(long_options(&man_page()), expected(|(_, long, _)| Some(long)));
}

#[test]
fn the_completion_for_bash_offers_the_options_of_the_help_text() {
    let script = dist("completions/jackdaws.bash");
    let (_, list) = script.split_once("local options='").unwrap();
    let (list, cases) = list.split_once('\'').unwrap();
    let offered: BTreeSet<String> = list.split_whitespace().map(str::to_owned).collect();
    let short = expected(|(short, ..)| short);
    let long = expected(|(_, long, _)| Some(long));
    assert_eq!(offered, &short | &long);
    assert_eq!(long_options(cases), expected(|(_, long, value)| value.map(|_| long)), "after which a value is due");
}

#[test]
fn the_completion_for_zsh_offers_the_options_of_the_help_text() {
    let script = dist("completions/_jackdaws");
    let specifications: Vec<&str> = script.lines().filter(|line| line.starts_with("    '")).collect();
    let all = specifications.join("\n");
    assert_eq!(long_options(&all), expected(|(_, long, _)| Some(long)));
    for (short, long, value) in options() {
        let line = specifications.iter().find(|line| after(line, &long).is_some_and(|next| "=[,}".contains(next)));
        let line = line.unwrap_or_else(|| panic!("{long}"));
        assert_eq!(after(line, &long) == Some('='), value.is_some(), "{line}");
        let with_letter =
            short.map(|letter| if value.is_some() { format!("{{{letter}+,") } else { format!("{{{letter},") });
        assert!(with_letter.is_none_or(|letter| line.contains(&letter)), "{line}");
    }
}

#[test]
fn the_completion_for_fish_offers_the_options_of_the_help_text() {
    let script = dist("completions/jackdaws.fish");
    let offered = script.lines().filter(|line| line.contains(" -l ")).map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let word_after = |flag: &str| words.iter().position(|word| *word == flag).map(|place| words[place + 1]);
        let takes_value = words.contains(&"-x") || words.contains(&"-r");
        (word_after("-s").map(|letter| format!("-{letter}")), format!("--{}", word_after("-l").unwrap()), takes_value)
    });
    let wanted = options().into_iter().map(|(short, long, value)| (short, long, value.is_some()));
    assert_eq!(offered.collect::<Vec<_>>(), wanted.collect::<Vec<_>>(), "in this order");
}

#[test]
fn every_completion_offers_the_words_that_an_option_takes() {
    for (file, style) in [
        ("completions/jackdaws.bash", "% { \\$"),
        ("completions/_jackdaws", "% { $"),
        ("completions/jackdaws.fish", "% \\{ \\$"),
    ] {
        let script = dist(file);
        for words in ["DEBUG INFO WARNING ERROR CRITICAL", "control all none", "auto always never", style] {
            assert!(script.contains(words), "{file}: {words}");
        }
    }
}

#[test]
fn the_unit_starts_the_program_with_options_that_it_has() {
    let unit = dist("jackdaws.service");
    let start = unit.lines().find(|line| line.starts_with("ExecStart=/usr/bin/jackdaws ")).unwrap();
    let used = long_options(start);
    assert!(used.contains("--listen") && used.is_subset(&expected(|(_, long, _)| Some(long))), "{start}");
}

/// The options of the help text, in its order.
fn options() -> Vec<Described> {
    let usage = fs::read_to_string(root().join("src/program/usage.txt")).unwrap();
    let options: Vec<Described> = usage.lines().filter(|line| line.starts_with("  ")).filter_map(described).collect();
    assert!(options.len() > 20, "{options:?}");
    options
}

/// `-l, --listen ADDRESS` and what may follow after two spaces; `None` if it is something else.
fn described(line: &str) -> Option<Described> {
    let line = line.trim_start();
    let (short, rest) = match line.split_once(", --") {
        Some((short, rest)) if short.len() == 2 => (Some(short.to_owned()), rest),
        _ => (None, line.strip_prefix("--")?),
    };
    let heading = rest.split("  ").next()?;
    let (long, value) = match heading.split_once(' ') {
        Some((long, value)) => (long, Some(value.to_owned())),
        None => (heading, None),
    };
    Some((short, format!("--{long}"), value))
}

/// What `choose` takes of each option of the help text.
fn expected(choose: fn(Described) -> Option<String>) -> BTreeSet<String> {
    options().into_iter().filter_map(choose).collect()
}

/// The words of a text that begin with `--`.
fn long_options(text: &str) -> BTreeSet<String> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '-');
    words.filter(|word| word.len() > 2 && word.starts_with("--")).map(str::to_owned).collect()
}

/// The character that follows an option where a line names it last.
fn after(line: &str, option: &str) -> Option<char> {
    let (_, rest) = line.rsplit_once(option)?;
    rest.chars().next()
}

/// The man page without its fonts.
fn man_page() -> String {
    ["\\fB", "\\fI", "\\fR"].iter().fold(dist("jackdaws.1"), |page, font| page.replace(font, "")).replace("\\-", "-")
}

fn dist(name: &str) -> String {
    let path = root().join(".dist").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
