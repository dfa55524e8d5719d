"""What a failing test shows."""

import pytest

SENDING = """
import logging, logging.handlers, os, socket, struct, subprocess, sys, time
import jackdaws as module
import pytest

def send(receiver, *messages):
    handler = logging.handlers.SocketHandler(*receiver.address)
    for message in messages:
        handler.emit(logging.makeLogRecord({"name": "shop", "levelno": 30, "levelname": "WARNING", "msg": message}))
    handler.close()
"""


def failing(pytester, body, *options):
    pytester.makepyfile(SENDING + body)
    return pytester.runpytest_subprocess("-W", "error", *options)


def test_a_failing_test_shows_what_arrived(pytester):
    result = failing(
        pytester,
        """
def test_order(jackdaws):
    send(jackdaws, "one", "two")
    assert 1 == 2
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- jackdaws on tcp:127.0.0.1:* -*", "WARNING  shop: one", "WARNING  shop: two"])


def test_a_terminal_obeys_no_record(pytester):
    result = failing(
        pytester,
        """
def test_order(jackdaws):
    handler = logging.handlers.SocketHandler(*jackdaws.address)
    handler.emit(logging.makeLogRecord({"msg": "one\\x1b[2J", "name": "\\u202ea", "exc_text": "no\\x07", "levelname": "BAD"}))
    handler.close()
    jackdaws.wait_for("one")
    jackdaws.wait_for("two", timeout=0)
""",
    )
    result.assert_outcomes(failed=1)
    line = r"BAD      \u202ea: one\x1b[[]2J | no\x07"
    result.stdout.fnmatch_lines(["E *" + line, "*- jackdaws on tcp:127.0.0.1:* -*", line, r"no\x07"])


def test_a_passing_test_shows_nothing(pytester):
    result = failing(pytester, "def test_order(jackdaws):\n    send(jackdaws, 'one')\n    jackdaws.wait_for('one')\n", "-rA")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*shop: one*")


def test_a_failure_is_shown_at_the_line_of_the_test(pytester):
    result = failing(pytester, "def test_order(jackdaws):\n    jackdaws.wait_for('never', timeout=0.1)\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">*jackdaws.wait_for('never', timeout=0.1)", "E * no record with 'never' in the message came*"])
    result.stdout.no_fnmatch_line("*_receiver.py*")


def test_tracebacks_and_refused_records_are_shown(pytester):
    result = failing(
        pytester,
        """
def test_order(jackdaws):
    handler = logging.handlers.SocketHandler(*jackdaws.address)
    try:
        {}["sold out"]
    except KeyError:
        handler.emit(logging.LogRecord("shop", 40, __file__, 1, "no jackdaws", (), sys.exc_info()))
    handler.close()
    with socket.create_connection(jackdaws.address) as connection:
        connection.sendall(struct.pack(">L", 4) + b"\\x80\\x02X.")
    jackdaws.wait_for("no jackdaws")
    jackdaws._pipes.wait_until(lambda: bool(jackdaws._pipes.remarks()), 30)
    assert 0
""",
    )
    result.stdout.fnmatch_lines(
        [
            "*- jackdaws on *",
            "ERROR    shop: no jackdaws | KeyError: 'sold out'",
            "Traceback (most recent call last):",
            "KeyError: 'sold out'",
            "*127.0.0.1:*",
        ]
    )


def test_every_receiver_has_its_section_however_it_was_made(pytester):
    result = failing(
        pytester,
        """
def test_order(jackdaws, jackdaws_factory):
    send(jackdaws_factory(listen="unix"), "made by the factory")
    with module.Receiver() as receiver:
        send(receiver, "made by hand")
    assert 0
""",
    )
    result.stdout.fnmatch_lines(["*- jackdaws on unix:*", "*made by the factory", "*- jackdaws on tcp:*", "*made by hand"])


def test_one_that_lives_longer_shows_what_came_in_this_test(pytester):
    result = failing(
        pytester,
        """
@pytest.fixture(scope="module")
def shared(jackdaws_factory):
    return jackdaws_factory()

def test_first(shared):
    send(shared, "of the first")
    shared.wait_for("of the first")

def test_second(shared):
    send(shared, "of the second")
    assert 0
""",
        "-p",
        "no:randomly",
        "-p",
        "no:random_order",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*of the second"])
    result.stdout.no_fnmatch_line("*WARNING  shop: of the first*")


def test_of_many_records_the_last_hundred_are_shown(pytester):
    result = failing(
        pytester,
        """
def test_order(jackdaws):
    send(jackdaws, *map(str, range(150)))
    jackdaws.wait_for(count=150)
    assert 0
""",
    )
    result.stdout.fnmatch_lines(["(50 earlier records)", "WARNING  shop: 50", "WARNING  shop: 149"])
    result.stdout.no_fnmatch_line("WARNING  shop: 49")


def test_workers_of_xdist_show_it_too(pytester):
    pytest.importorskip("xdist")
    body = """
@pytest.mark.parametrize("number", range(8))
def test_order(jackdaws, number):
    send(jackdaws, "number %d" % number)
    jackdaws.wait_for("number %d" % number)
    assert len(jackdaws.finish()) == 1
    assert number != 5
"""
    result = failing(pytester, body, "-n", "4")
    result.assert_outcomes(passed=7, failed=1)
    result.stdout.fnmatch_lines(["*- jackdaws on tcp:*", "WARNING  shop: number 5"])
    result.stdout.no_fnmatch_line("WARNING  shop: number 4")


def test_the_plugin_can_be_left_out(pytester):
    pytester.makepyfile("def test_order(jackdaws):\n    pass\n")
    name = "jackdaws.pytest_plugin" if "jackdaws.pytest_plugin" in pytester.plugins else "jackdaws"
    result = pytester.runpytest_subprocess("-p", "no:%s" % name)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'jackdaws' not found*"])


def test_the_fixtures_are_listed_with_what_they_are(pytester):
    result = pytester.runpytest_subprocess("--fixtures")
    result.stdout.fnmatch_lines(["jackdaws*", "*A receiver of logging records, for one test*"])


def test_pytest_may_begin_after_the_module_was_imported(pytester):
    pytester.makepyfile("def test_order(jackdaws):\n    assert jackdaws.records == []\n")
    options = ["-W", "error", "-p", "jackdaws.pytest_plugin"] if "jackdaws.pytest_plugin" in pytester.plugins else ["-W", "error"]
    result = pytester.runpython_c("import jackdaws, pytest, sys; sys.exit(pytest.main(%r))" % options)
    assert result.ret == 0
