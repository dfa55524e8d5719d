"""Processes of every kind log, and end in every way."""

import logging
import logging.handlers
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap

import pytest


def work(address, number):
    """What a worker of `multiprocessing` does: in this process's copy, or in a new interpreter."""
    log = logging.getLogger("worker.%d" % number)
    handler = logging.handlers.SocketHandler(*address)
    log.addHandler(handler)
    try:
        log.warning("worker %d", number, extra={"number": number})
    finally:
        log.removeHandler(handler)
        handler.close()
    return os.getpid()


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_a_pool_log_each_under_its_process(jackdaws, method):
    with multiprocessing.get_context(method).Pool(3) as pool:
        pids = pool.starmap(work, [(jackdaws.address, number) for number in range(12)])
    records = jackdaws.wait_for(name="worker", count=12)
    assert sorted(record.number for record in records) == list(range(12))
    assert {record.number: record.process for record in records} == dict(enumerate(pids))
    assert len(jackdaws.finish()) == 12


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_worker_that_goes_on_does_not_keep_the_test_from_its_end(jackdaws, method):
    context = multiprocessing.get_context(method)
    leave = context.Event()
    worker = context.Process(target=log_and_wait, args=(jackdaws.address, leave))
    worker.start()
    try:
        jackdaws.wait_for("here I am")
        assert len(jackdaws.finish()) == 1
    finally:
        leave.set()
        worker.join()


def log_and_wait(address, leave):
    handler = logging.handlers.SocketHandler(*address)
    handler.emit(logging.makeLogRecord({"msg": "here I am"}))
    leave.wait(60)
    handler.close()


def test_a_program_finds_the_receiver_by_its_environment(jackdaws, programs):
    assert programs.run(jackdaws, 'log.info("%s ordered %d jackdaws", "Ann", 3, extra={"customer": 7})') == 0
    record = jackdaws.wait_for("ordered 3 jackdaws")
    assert isinstance(record, logging.LogRecord)
    assert (record.name, record.levelname, record.levelno, record.customer) == ("child", "INFO", 20, 7)
    assert record.getMessage() == "Ann ordered 3 jackdaws"
    assert record.process == programs.started[0].pid
    assert record.args is None and record.exc_info is None
    assert logging.Formatter("%(name)s %(message)s").format(record) == "child Ann ordered 3 jackdaws"


CRASHES = {
    "by SIGKILL": ("import signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    "by a segmentation fault": ("os.kill(os.getpid(), 0); import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
    "by os._exit": ("os._exit(3)", 3),
    "by abort": ("os.abort()", -signal.SIGABRT),
}


@pytest.mark.parametrize("how", sorted(CRASHES))
def test_what_was_logged_right_before_a_crash_is_there(jackdaws, programs, messages, how):
    crash, status = CRASHES[how]
    body = "for number in range(50): log.info('step %%d', number)\nlog.critical('about to crash')\n%s" % crash
    assert programs.run(jackdaws, body) == status
    assert jackdaws.wait_for(level="CRITICAL").getMessage() == "about to crash"
    assert messages(jackdaws.finish()) == ["step %d" % number for number in range(50)] + ["about to crash"]


def test_an_exception_comes_with_its_traceback(jackdaws, programs):
    programs.run(jackdaws, "try: {}['sold out']\nexcept KeyError: log.exception('no jackdaws')")
    record = jackdaws.wait_for("no jackdaws", level="ERROR")
    assert "Traceback (most recent call last)" in record.exc_text
    assert record.exc_text.endswith("KeyError: 'sold out'")
    assert logging.Formatter().format(record).endswith("KeyError: 'sold out'")


def test_two_programs_are_told_apart_by_two_receivers(jackdaws, jackdaws_factory, programs, messages):
    other = jackdaws_factory()
    assert other.port != jackdaws.port
    programs.run(jackdaws, "log.info('of the one')")
    programs.run(other, "log.info('of the other')")
    assert messages(jackdaws.finish()) == ["of the one"]
    assert messages(other.finish()) == ["of the other"]


def test_a_grandchild_that_outlives_its_parent_is_heard(jackdaws, programs):
    body = """
        if os.fork() == 0:
            log.info("from the grandchild")
            os._exit(0)
        """
    assert programs.run(jackdaws, body) == 0
    assert jackdaws.wait_for("from the grandchild").process != programs.started[0].pid


def test_threads_of_one_process_are_heard_each(jackdaws, programs):
    body = """
        import threading
        threads = [threading.Thread(target=log.info, args=("thread %d", number)) for number in range(20)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """
    programs.run(jackdaws, body)
    records = jackdaws.wait_for("thread", count=20)
    assert {record.getMessage() for record in records} == {"thread %d" % number for number in range(20)}


def test_a_program_that_finds_its_receiver_anew_is_heard_by_both(jackdaws_factory, programs):
    """Restarted in the middle, on the same port: the sender has to connect again, and does."""
    first = jackdaws_factory()
    body = """
        import time
        log.info("before")
        sys.stdin.readline()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            # The first after an end is lost without the sender knowing it.
            log.info("after")
            time.sleep(0.05)
        """
    program = programs.start(first, body, stdin=-1)
    first.wait_for("before")
    assert len(first.finish()) == 1
    second = jackdaws_factory(listen="tcp:127.0.0.1:%d" % first.port)
    assert second.address == first.address
    program.stdin.write(b"\n")
    program.stdin.close()
    assert second.wait_for("after").process == program.pid
    second.assert_none("before")


def test_one_in_whose_process_gevent_stands_for_threads_receives():
    body = """
        import gevent.monkey
        gevent.monkey.patch_all()
        import jackdaws, logging, logging.handlers
        with jackdaws.Receiver() as receiver:
            handler = logging.handlers.SocketHandler(*receiver.address)
            handler.emit(logging.makeLogRecord({"msg": "from a greenlet"}))
            handler.close()
            assert receiver.wait_for("from a greenlet")
        """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(body)], timeout=60).returncode == 0


def test_arguments_that_were_sent_unmerged_are_merged(jackdaws):
    """As other handlers than CPython's send them."""
    import pickle
    import socket
    import struct

    with socket.create_connection(jackdaws.address) as connection:
        for msg, args in [("%s and %d", ("one", 2)), ("%(a)s", {"a": "three"}), ("as is", None), ("%s", ([4],))]:
            pickled = pickle.dumps({"msg": msg, "args": args, "name": "raw", "levelno": 20, "levelname": "INFO"}, 1)
            connection.sendall(struct.pack(">L", len(pickled)) + pickled)
    records = jackdaws.wait_for(name="raw", count=4)
    assert [record.getMessage() for record in records] == ["one and 2", "three", "as is", "[4]"]
