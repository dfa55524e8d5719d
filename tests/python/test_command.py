"""`python -m jackdaws`, and `python -m jackdaws run`."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from conftest import PREAMBLE


def jackdaws(*arguments, **options):
    command = [sys.executable, "-m", "jackdaws"] + list(arguments)
    options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, **options)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def run(body, *options):
    return jackdaws("run", *(list(options) + ["--", sys.executable, "-c", PREAMBLE + body]))


def test_the_module_is_the_program():
    status, printed, _ = jackdaws("--version")
    assert status == 0 and re.match(r"jackdaws \d+\.\d+\.\d+\n$", printed)
    status, _, said = jackdaws("--nonsense")
    assert status == 2 and "--nonsense" in said
    status, _, said = jackdaws("--version", env=dict(os.environ, JACKDAWS_PROGRAM="/nowhere"))
    assert (status, said) == (1, "cannot run /nowhere: No such file or directory\n")


def test_a_command_runs_with_a_receiver_beside_it():
    assert run("log.error('hello'); print('done'); sys.exit(7)") == (7, "done\n", "")
    assert run("log.error('hello')") == (0, "", "")


def test_records_are_shown_on_request():
    status, printed, said = run("log.info('mild'); log.error('severe')", "--show")
    assert (status, printed) == (0, "")
    assert re.search(r" child +INFO     mild\n.* child +ERROR    severe\n$", said)


def test_a_terminal_obeys_no_record():
    _, _, said = run(r"log.error('a\x1b[31mb\x9b\u202e\r\n\tc')", "--show")
    assert said.endswith("ERROR    a\\x1b[31mb\\x9b\\u202e\\x0d\n\tc\n")


def test_it_fails_on_a_level():
    status, _, said = run("log.info('mild'); log.error('severe')", "--fail-on", "ERROR")
    assert status == 4
    assert "severe" in said and "mild" not in said
    assert run("log.warning('mild')", "--fail-on", "ERROR")[0] == 0
    assert run("log.error('severe'); sys.exit(7)", "--fail-on", "ERROR")[0] == 7
    assert run("log.log(41, 'severe')", "--fail-on", "41")[0] == 4
    assert run("log.log(41, 'not enough')", "--fail-on", "42", "--show")[0] == 0


def test_records_of_what_the_command_leaves_behind_count(tmp_path):
    """Of a child that logs after the command has ended, and before it is silent."""
    body = "log.info('first')\nif os.fork() == 0: log.error('of the child'); os._exit(0)\nos.wait()"
    assert run(body, "--fail-on", "ERROR")[0] == 4


def test_how_a_command_ended_is_passed_on():
    assert run("os.kill(os.getpid(), 9)")[0] == 128 + 9
    status, _, said = jackdaws("run", "--", "/nowhere")
    assert (status, said) == (127, "cannot run /nowhere: No such file or directory\n")
    assert jackdaws("run", "--", "/etc")[0] == 126


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_the_commands(number):
    body = "import signal, time; signal.signal(%d, lambda *_: sys.exit(5)); print('ready', flush=True); time.sleep(60)" % number
    command = [sys.executable, "-m", "jackdaws", "run", "--", sys.executable, "-c", body.replace("signal, time", "signal, sys, time")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as wrapper:
        assert wrapper.stdout.readline() == b"ready\n"
        wrapper.send_signal(number)
        assert wrapper.wait(60) == 5


def test_an_interrupt_from_the_terminal_is_the_commands():
    body = "import signal, sys, time\nsignal.signal(2, lambda *_: sys.exit(6))\nprint('ready', flush=True)\ntime.sleep(60)"
    command = [sys.executable, "-m", "jackdaws", "run", "--", sys.executable, "-c", body]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as wrapper:
        assert wrapper.stdout.readline() == b"ready\n"
        os.killpg(wrapper.pid, signal.SIGINT)
        assert wrapper.wait(60) == 6


def test_standard_streams_are_the_commands():
    done = subprocess.run(
        [sys.executable, "-m", "jackdaws", "run", "--", "cat"], input=b"through", stdout=subprocess.PIPE, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, b"through")


def test_what_is_wrong_is_said():
    assert jackdaws("run")[0] == 2
    status, _, said = jackdaws("run", "--fail-on", "LOUD", "--", "true")
    assert status == 2 and "'LOUD'" in said
    status, _, said = jackdaws("run", "--", "true", env=dict(os.environ, JACKDAWS_PROGRAM="/nowhere"))
    assert status == 1 and "cannot run /nowhere" in said
    assert "--fail-on LEVEL" in jackdaws("run", "--help")[1]


def test_refused_records_are_said():
    body = "import socket; s = socket.create_connection((host, port)); s.sendall(bytes([0, 0, 0, 4, 128, 2, 88, 46])); s.close()"
    status, _, said = run(body)
    assert status == 0 and "127.0.0.1:" in said
