"""What goes wrong is said, with the program's own words, and never looks like silence."""

import logging
import logging.handlers
import os
import signal
import socket
import struct

import pytest

import jackdaws as module


def test_a_receiver_that_was_killed_is_said_in_every_call():
    receiver = module.Receiver()
    receiver._process.send_signal(signal.SIGKILL)
    with pytest.raises(module.ReceiverFailed, match="ended by itself with SIGKILL; it said:\n    About to start") as raised:
        receiver.wait_for("anything", timeout=60)
    assert raised.value.status == -signal.SIGKILL
    assert any(line.startswith("Listening on ") for line in raised.value.diagnostics)
    for call in [
        lambda: receiver.records,
        receiver.wait_for,
        receiver.assert_none,
        receiver.clear,
        receiver.finish,
        receiver.to_caplog,
    ]:
        with pytest.raises(module.ReceiverFailed, match="ended by itself with SIGKILL"):
            call()
    receiver.close()


def test_a_receiver_whose_time_is_over_is_not_taken_for_silence():
    with pytest.raises(module.ReceiverFailed, match="ended by itself with status 0"):
        with module.Receiver(args=["--timeout", "0.2"]) as receiver:
            receiver.assert_none(within=60)


def test_a_with_block_says_it_if_nothing_else_did():
    with pytest.raises(module.ReceiverFailed, match="SIGKILL"):
        with module.Receiver() as receiver:
            receiver._process.kill()
            receiver._process.wait()
            receiver._pipes.join(10)
    with pytest.raises(ZeroDivisionError):
        with module.Receiver() as receiver:
            receiver._process.kill()
            receiver._process.wait()
            1 / 0


def test_the_fixture_says_it_if_nothing_else_did(pytester):
    pytester.makepyfile(
        """
        import pytest

        def test_unaware(jackdaws):
            jackdaws._process.kill()
            jackdaws._process.wait()
            jackdaws._pipes.join(10)

        def test_aware(jackdaws):
            jackdaws._process.kill()
            with pytest.raises(jackdaws.ReceiverFailed):
                jackdaws.wait_for()
        """
    )
    result = pytester.runpytest_subprocess("-W", "error")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_unaware*", "*ReceiverFailed: the receiver * ended by itself*"])


def test_a_port_in_use_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(module.ReceiverFailed, match="did not start, and ended with status 1; it said:\n.*127.0.0.1:%d.*in use" % port):
            module.Receiver(listen="tcp:127.0.0.1:%d" % port)


def test_a_wrong_option_is_said_with_the_version_that_refuses_it():
    with pytest.raises(module.ReceiverFailed, match=r"did not start, and ended with status 2 \(it is jackdaws \d.*; it said:\n.*unknown option '?--nonsense") as raised:
        module.Receiver(args=["--nonsense"])
    assert raised.value.status == 2


def test_an_old_version_is_said(tmp_path):
    old = script(tmp_path, 'case "$1" in --version) echo jackdaws 0.1.0;; *) echo "jackdaws: unknown option --until-eof" >&2; exit 2;; esac')
    with pytest.raises(module.ReceiverFailed, match=r"\(it is jackdaws 0.1.0\); it said:\n    jackdaws: unknown option --until-eof"):
        module.Receiver(program=old)


def test_no_program_is_said(tmp_path, monkeypatch):
    with pytest.raises(module.ReceiverFailed, match="cannot run .*/nowhere: No such file"):
        module.Receiver(program=tmp_path / "nowhere")
    monkeypatch.setenv("JACKDAWS_PROGRAM", str(tmp_path / "elsewhere"))
    with pytest.raises(module.ReceiverFailed, match="elsewhere"):
        module.Receiver()
    monkeypatch.delenv("JACKDAWS_PROGRAM")
    monkeypatch.setattr("jackdaws._receiver.find_program", lambda: None)
    with pytest.raises(module.ReceiverFailed, match="the program jackdaws was found neither"):
        module.Receiver()


def test_a_program_that_is_none_is_said(tmp_path):
    (tmp_path / "text").write_text("text")
    with pytest.raises(module.ReceiverFailed, match="cannot run .*/text: Permission denied"):
        module.Receiver(program=tmp_path / "text")
    with pytest.raises(module.ReceiverFailed, match="did not start, and ended with status 1; it said:\n    what do you want"):
        module.Receiver(program=script(tmp_path, "echo what do you want >&2; exit 1"))


def test_a_program_that_never_says_where_it_listens_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("jackdaws._receiver.START_TIMEOUT", 0.3)
    with pytest.raises(module.ReceiverFailed, match="has not said within 0 s|has not said within 0.3 s"):
        module.Receiver(program=script(tmp_path, "exec sleep 600"))


def test_a_program_that_does_not_stop_is_killed(tmp_path):
    stubborn = script(tmp_path, "trap '' TERM; echo 'Listening on tcp:127.0.0.1:1' >&2; while :; do sleep 0.1; done")
    receiver = module.Receiver(program=stubborn)
    with pytest.raises(module.ReceiverFailed, match="did not stop within 0.3 s, and was killed"):
        receiver.finish(timeout=0.3)


def test_lost_records_are_said(tmp_path):
    losing = script(
        tmp_path,
        """
        trap 'echo "2 records (99 bytes) from 1 connection, 0 rejected, 1 lost" >&2; exit 1' TERM
        echo 'Listening on tcp:127.0.0.1:1' >&2
        while :; do sleep 0.05; done
        """,
    )
    receiver = module.Receiver(program=losing)
    with pytest.raises(module.ReceiverFailed, match="ended with status 1; it said:\n(.*\n)*.* 1 lost"):
        receiver.finish()


def test_a_line_that_is_no_record_is_said(tmp_path):
    talking = script(tmp_path, "echo 'Listening on tcp:127.0.0.1:1' >&2; echo hello; exec cat")
    receiver = module.Receiver(program=talking)
    with pytest.raises(module.ReceiverFailed, match="printed a line that is no record: .*hello"):
        receiver.wait_for("anything")
    receiver.close()


def test_a_refused_record_is_said_where_another_was_waited_for(jackdaws):
    with socket.create_connection(jackdaws.address) as connection:
        connection.sendall(struct.pack(">L", 4) + b"\x80\x02X.")
    assert jackdaws._pipes.wait_until(lambda: bool(jackdaws._pipes.remarks()), 30)
    with pytest.raises(module.NotReceived, match="none came at all\nthe receiver said:\n    .*127.0.0.1:"):
        jackdaws.wait_for("the good one", timeout=0.1)


def test_a_record_beyond_the_limit_is_said(jackdaws_factory):
    receiver = jackdaws_factory(args=["--max-frame", "64k"])
    handler = logging.handlers.SocketHandler(*receiver.address)
    handler.emit(logging.makeLogRecord({"msg": "x" * 100000}))
    handler.emit(logging.makeLogRecord({"msg": "short"}))
    handler.close()
    receiver.wait_for("short")
    assert len(receiver.finish()) == 1
    assert any("65536" in line for line in receiver.diagnostics)


@pytest.mark.parametrize(
    "wrong, error",
    [({"args": "--utc"}, TypeError), ({"args": ["--quiet"]}, ValueError), ({"level": "LOUD"}, ValueError)],
)
def test_what_cannot_be_is_refused_before_anything_starts(wrong, error):
    with pytest.raises(error):
        module.Receiver(**wrong)


def script(folder, body):
    """A shell script in the program's place."""
    path = folder / "script"
    path.write_text("#!/bin/sh\n" + body + "\n")
    os.chmod(str(path), 0o755)
    return str(path)
