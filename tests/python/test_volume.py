"""Nobody waits for anybody, however much there is."""

import logging
import logging.handlers
import socket
import struct
import threading
import time

from jackdaws._records import record_of


def test_a_hundred_thousand_records_come_whole_and_in_order(jackdaws, programs):
    program = programs.start(jackdaws, "for number in range(100000): log.info('%d', number, extra={'number': number})")
    records = jackdaws.wait_for(count=100000, timeout=120)
    assert program.wait(60) == 0
    assert [record.number for record in records] == list(range(100000))
    assert len(jackdaws.finish()) == 100000


def test_nobody_has_to_read_for_a_program_to_go_on(jackdaws, programs):
    """32 megabytes: far more than pipes and sockets hold."""
    body = "for number in range(500): log.info('%d ' + 'x' * 65536, number)"
    assert programs.run(jackdaws, body) == 0
    records = jackdaws.finish()
    assert [int(record.getMessage().split()[0]) for record in records] == list(range(500))


def test_nobody_waits_for_records_to_be_made_of_what_came(jackdaws, programs, monkeypatch):
    """However long a busy machine takes for that: a sender gives up after a second."""
    may_go_on = threading.Event()

    def waits(line):
        assert may_go_on.wait(60)
        return record_of(line)

    monkeypatch.setattr("jackdaws._pipes.record_of", waits)
    body = "for number in range(500): log.info('%d ' + 'x' * 65536, number)"
    assert programs.run(jackdaws, body) == 0
    may_go_on.set()
    records = jackdaws.finish()
    assert [int(record.getMessage().split()[0]) for record in records] == list(range(500))


def test_no_number_of_diagnostics_stops_the_receiver(jackdaws):
    for number in range(3000):
        with socket.create_connection(jackdaws.address) as connection:
            connection.sendall(struct.pack(">L", 4) + b"\x80\x02X.")
    handler = logging.handlers.SocketHandler(*jackdaws.address)
    handler.emit(logging.makeLogRecord({"msg": "still here"}))
    handler.close()
    jackdaws.wait_for("still here")
    jackdaws.finish()
    assert "3000 rejected" in jackdaws.diagnostics[-1]


def test_waiting_looks_at_each_record_once(jackdaws, programs):
    looked_at = []

    def is_last(record):
        looked_at.append(record)
        return record.getMessage() == "last"

    programs.start(jackdaws, "for number in range(5000): log.info('%d', number)\nlog.info('last')")
    jackdaws.wait_for(is_last, timeout=60)
    assert len(looked_at) == 5001


def test_a_record_comes_while_it_is_waited_for(jackdaws, programs):
    program = programs.start(jackdaws, "log.info('first'); sys.stdin.readline(); log.info('second')", stdin=-1)
    jackdaws.wait_for("first")
    jackdaws.assert_none("second")
    program.stdin.write(b"\n")
    program.stdin.close()
    began = time.monotonic()
    assert jackdaws.wait_for("second", timeout=60).getMessage() == "second"
    assert time.monotonic() - began < 30
