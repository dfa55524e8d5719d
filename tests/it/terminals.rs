//! What a terminal sees: colours where it wants them, and no control character that a peer has sent.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;

use nix::pty::openpty;

use crate::corpus;
use crate::frames::{dict, framed, integer, record, text};
use crate::program::{Launch, Program};

#[test]
fn colours_the_level_name_of_a_terminal_unless_its_user_asks_for_none() {
    for (arguments, no_color, coloured) in [
        (&[][..], None, true),
        (&["--color", "auto"], None, true),
        (&[], Some("1"), false),
        (&[], Some(""), true),
        (&["--color", "always"], Some("1"), true),
        (&["--color", "never"], None, false),
        (&["--output", "/dev/stdout"], None, true),
        (&["--output", "-"], None, true),
    ] {
        let terminal = openpty(None, None).unwrap();
        let arguments = [&["--format", "%(levelname)-8s|%(message)s"], arguments].concat();
        let mut launch = Launch::new(&arguments).printing_to(terminal.slave);
        if let Some(value) = no_color {
            launch = launch.with("NO_COLOR", value);
        }
        let program = launch.start();
        program.send(&record("hi"));
        let expected = if coloured { "\u{1b}[32mINFO\u{1b}[0m    |hi" } else { "INFO    |hi" };
        assert_eq!(first_line(terminal.master), expected, "{arguments:?} {no_color:?}");
        program.stop().expect_status(0);
    }
}

#[test]
fn colours_what_is_no_terminal_only_when_told_to() {
    for (color, printed) in
        [("always", "\u{1b}[1;31mDISASTER\u{1b}[0m hi\n"), ("auto", "DISASTER hi\n"), ("never", "DISASTER hi\n")]
    {
        let program = Program::start(&["--format", "%(levelname)s %(message)s", "--color", color]);
        program.send(&framed(&dict(&[("levelname", text("DISASTER")), ("levelno", integer(60)), ("msg", text("hi"))])));
        assert_eq!(program.stop().text(), printed, "{color}");
    }
}

#[test]
fn each_level_has_its_colour() {
    let program = Program::start(&["--format", "%(levelname)s", "--color", "always"]);
    let frames: Vec<u8> = [("DEBUG", 10), ("INFO", 20), ("WARNING", 30), ("ERROR", 40), ("CRITICAL", 50)]
        .iter()
        .flat_map(|&(name, number)| framed(&dict(&[("levelname", text(name)), ("levelno", integer(number))])))
        .collect();
    program.send(&frames);
    assert_eq!(
        program.stop().text(),
        "\u{1b}[34mDEBUG\u{1b}[0m\n\u{1b}[32mINFO\u{1b}[0m\n\u{1b}[33mWARNING\u{1b}[0m\n\u{1b}[31mERROR\u{1b}[0m\n\
         \u{1b}[1;31mCRITICAL\u{1b}[0m\n"
    );
}

/// Attempts on a terminal: by `--escape control` and `all`, and as JSON, none of their control characters arrives.
#[test]
fn shows_what_would_move_a_terminal() {
    let attempts: Vec<_> = corpus::hostile().into_iter().filter(|input| input.name.starts_with("inject--")).collect();
    assert!(attempts.len() >= 11);
    let sent: Vec<u8> = attempts.iter().flat_map(|attempt| attempt.bytes.clone()).collect();
    let dangerous = |printed: &str| printed.chars().filter(|&c| is_dangerous(c)).count();
    let printed = |arguments: &[&str]| {
        let program = Program::start(&[&["--format", "%(name)s %(levelname)s %(message)s"][..], arguments].concat());
        program.send(&sent);
        program.stop().text().to_owned()
    };
    assert!(dangerous(&printed(&["--escape", "none"])) >= attempts.len() - 1, "as Python prints it");
    for escaping in [&[][..], &["--escape", "control"], &["--escape", "all"], &["--color", "never"]] {
        let printed = printed(escaping);
        assert_eq!(dangerous(&printed), 0, "{escaping:?}: {printed:?}");
        for shown in ["\\x1b", "\\x07", "\\x08", "\\x0b", "\\x0c", "\\x0d", "\\u202e"] {
            assert!(printed.contains(shown), "{escaping:?}: {shown} in {printed}");
        }
    }
    assert!(printed(&[]).lines().count() > attempts.len(), "a newline is a newline");
    assert_eq!(printed(&["--escape", "all"]).lines().count(), attempts.len(), "each record is one line");
    let program = Program::start(&["--json"]);
    program.send(&sent);
    let finished = program.stop();
    assert_eq!(dangerous(finished.text()), 0);
    assert_eq!(finished.text().lines().count(), attempts.len());
}

/// A peer cannot forge a diagnostic line, nor move the terminal on which diagnostics appear.
#[test]
fn diagnostics_hold_nothing_that_a_peer_has_sent_unescaped() {
    let program = Program::start(&["--verbose"]);
    let class = b"cos\x1b[2J\nsystem\n(tR.";
    for input in [&framed(class)[..], b"GET / HTTP/1.1\r\nHost: \x1b[2J\r\n\r\n", b"\x1b[2J\x07\n0 records (0 bytes)\n"]
    {
        program.send(input);
    }
    let said = program.stop().stderr;
    assert!(said.lines().all(|line| !line.chars().any(is_dangerous)), "{said:?}");
    assert_eq!(said.lines().filter(|line| line.starts_with("0 records (")).count(), 1, "{said}");
}

fn is_dangerous(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What a terminal was given, up to its first newline, which it has made `\r\n`.
fn first_line(master: OwnedFd) -> String {
    let mut line = String::new();
    BufReader::new(File::from(master)).read_line(&mut line).unwrap();
    line.trim_end_matches("\r\n").to_owned()
}
