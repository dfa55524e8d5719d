"""When the receiver ends: with the test, with the process, and never before."""

import gc
import logging
import logging.handlers
import os
import signal
import subprocess
import sys
import time
import warnings

import pytest

import jackdaws as module


def is_running(pid):
    """Whether it runs; what has ended and waits for its parent does not."""
    try:
        with open("/proc/%d/stat" % pid) as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        # The second, if it was there when the file was opened.
        return False


def wait_until_gone(pid):
    deadline = time.monotonic() + 30
    while is_running(pid):
        assert time.monotonic() < deadline, "process %d still runs" % pid
        time.sleep(0.01)


def program_of(receiver):
    return receiver._process.pid


OWNER = """
import jackdaws, os, sys, time
receiver = jackdaws.Receiver()
"""


def start_owner(rest):
    """A process with a receiver, which says its program's id."""
    body = OWNER + "print(receiver._process.pid, flush=True)\n" + rest
    owner = subprocess.Popen([sys.executable, "-c", body], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    return owner, int(owner.stdout.readline())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_the_process_of_the_test_whatever_kills_that(number):
    owner, program = start_owner("time.sleep(600)")
    with owner:
        assert is_running(program)
        owner.send_signal(number)
    wait_until_gone(program)


def test_it_ends_with_a_process_that_just_ends():
    """At once: the threads that read are not waited for when they can run no more."""
    owner, program = start_owner("")
    with owner:
        assert owner.wait(10) == 0
    wait_until_gone(program)


def test_a_process_that_just_ends_leaves_whole_what_else_was_asked_for(tmp_path):
    whole = tmp_path / "records"
    body = """
import jackdaws, logging, logging.handlers
receiver = jackdaws.Receiver(args=["--output", %r])
handler = logging.handlers.SocketHandler(*receiver.address)
for number in range(1000): handler.emit(logging.makeLogRecord({"msg": "x" * 1000}))
handler.close()
""" % str(whole)
    assert subprocess.call([sys.executable, "-W", "error", "-c", body]) == 0
    assert whole.read_text().count("\n") == 1000


def test_a_forked_child_that_lives_on_does_not_keep_it_running():
    owner, program = start_owner("if os.fork() == 0: time.sleep(600)\nelse: os._exit(0)\n".replace("time.sleep(600)", "sys.stdin.read()"))
    owner.wait(30)
    wait_until_gone(program)
    owner.stdin.close()
    owner.stdout.close()


def test_interrupting_the_tests_leaves_it_alone(jackdaws):
    """Ctrl-C goes to the process group of the terminal, which is not the receiver's."""
    assert os.getpgid(program_of(jackdaws)) == program_of(jackdaws)
    assert os.getsid(program_of(jackdaws)) != os.getsid(0)


def test_a_forked_child_has_no_part_in_it(jackdaws):
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            with jackdaws:
                jackdaws.wait_for("anything")
        except RuntimeError as error:
            os.write(writes, str(error).encode())
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as pipe:
        assert "belongs to process %d, from which this one was forked" % os.getpid() in pipe.read()
    os.waitpid(pid, 0)
    assert is_running(program_of(jackdaws))
    handler = logging.handlers.SocketHandler(*jackdaws.address)
    handler.emit(logging.makeLogRecord({"msg": "as before"}))
    handler.close()
    assert len(jackdaws.finish()) == 1


def test_what_came_stays_after_a_with_block():
    with module.Receiver() as receiver:
        pid = program_of(receiver)
        handler = logging.handlers.SocketHandler(*receiver.address)
        handler.emit(logging.makeLogRecord({"msg": "kept"}))
        handler.close()
    assert not is_running(pid)
    assert [record.msg for record in receiver.records] == ["kept"]
    assert "1 record " in receiver.diagnostics[-1]
    assert repr(receiver) == "<Receiver on tcp:127.0.0.1:%d, finished, 1 record>" % receiver.port


def test_closing_twice_is_closing():
    receiver = module.Receiver()
    receiver.close()
    receiver.close()
    assert receiver.records == []


def test_nothing_is_left_open():
    before = sorted(os.listdir("/proc/self/fd"))
    for listen in ["tcp", "udp", "unix", "unixgram"]:
        with module.Receiver(listen=listen) as receiver:
            host = receiver.host
        assert not os.path.exists(host)
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_one_that_is_forgotten_is_said_and_ended():
    receiver = module.Receiver()
    pid = program_of(receiver)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        del receiver
        gc.collect()
    assert [warning.category for warning in said] == [ResourceWarning]
    assert "unclosed <Receiver on tcp:127.0.0.1:" in str(said[0].message)
    assert not is_running(pid)


def test_one_that_is_forgotten_is_ended_where_warnings_are_errors_too():
    script = "import jackdaws; receiver = jackdaws.Receiver(); print(receiver._process.pid, flush=True); del receiver; input()"
    command = [sys.executable, "-W", "error", "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as forgetful:
        pid = int(forgetful.stdout.readline())
        wait_until_gone(pid)
        assert b"ResourceWarning: unclosed" in forgetful.communicate(b"\n")[1]


@pytest.fixture(scope="module")
def of_the_module(jackdaws_factory):
    return jackdaws_factory(name="child")


@pytest.mark.parametrize("turn", [1, 2])
def test_one_of_a_module_goes_on_from_test_to_test(of_the_module, programs, turn):
    programs.run(of_the_module, "log.info('turn')")
    of_the_module.wait_for("turn")
    assert is_running(program_of(of_the_module))


def test_one_made_in_a_test_ends_with_it(pytester):
    pytester.makepyfile(
        """
        import os

        def test_first(jackdaws_factory):
            global receiver, pid
            receiver = jackdaws_factory()
            pid = receiver._process.pid
            os.kill(pid, 0)

        def test_second():
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                pass
            else:
                raise AssertionError("it still runs")
        """
    )
    pytester.runpytest_subprocess("-W", "error", "-p", "no:randomly", "-p", "no:random_order").assert_outcomes(passed=2)


def test_one_made_in_a_fixture_lives_as_long(pytester):
    pytester.makepyfile(
        """
        import logging, logging.handlers, os, pytest

        @pytest.fixture(scope="module")
        def shared(jackdaws_factory):
            receiver = jackdaws_factory()
            yield receiver
            # The receiver ends after the fixture's own teardown.
            assert len(receiver.finish()) == 2

        @pytest.fixture(scope="session")
        def for_all(jackdaws_factory):
            yield jackdaws_factory(listen="unix")

        @pytest.mark.parametrize("number", [1, 2])
        def test_both(shared, for_all, jackdaws, number):
            assert len({shared.address, for_all.address, jackdaws.address}) == 3
            handler = logging.handlers.SocketHandler(*shared.address)
            handler.emit(logging.makeLogRecord({"msg": "number %d" % number}))
            handler.close()
            shared.wait_for(count=number)
            assert jackdaws.records == []
        """
    )
    pytester.runpytest_subprocess("-W", "error", "-p", "no:randomly").assert_outcomes(passed=2)
