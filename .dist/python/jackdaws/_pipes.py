"""Both pipes of the program, read in a thread each, so that neither the program nor who sends to it ever waits for a test.

A third thread makes records of the lines, which takes a hundred times as long as to read them.
"""

import fcntl
import logging
import os
import queue
import select
import threading
import time
from typing import Callable, List, Optional, Set, Tuple

from ._records import record_of, shown_last, shown_whole

Listener = Callable[[logging.LogRecord], None]


class Pipes:
    """What came through them: records and diagnostics. `changed` is held to look at them, and notified when there are more."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.records: List[logging.LogRecord] = []
        self.diagnostics: List[str] = []
        #: What the program says it listens on, as soon as it does.
        self.listening: Optional[str] = None
        #: The first of these addresses; the port is None for a Unix socket.
        self.address: Optional[Tuple[str, Optional[int]]] = None
        #: Why a line cannot be read, if there was such a line.
        self.unreadable: Optional[str] = None
        self.has_ended = False
        self._cleared = 0
        self._keeps = True
        self._listeners: List[Listener] = []
        #: What was read and is no record yet; at the end, no lines.
        self._lines: "queue.Queue[List[bytes]]" = queue.Queue(MOST_PIECES)
        self._threads: List[threading.Thread] = []
        self._ours: List[int] = []
        self._childs: List[int] = []
        self._open: Set[int] = set()

    # The descriptors

    def open(self) -> List[int]:
        """The child's standard input, output and error. Call `close_childs_ends` when it has them."""
        for is_input in (True, False, False):
            reads, writes = os.pipe()
            self._open.update((reads, writes))
            self._childs.append(reads if is_input else writes)
            self._ours.append(writes if is_input else reads)
        try:
            # As much as may be: a test that computes gives the thread that reads only a turn now and then.
            fcntl.fcntl(self._ours[1], F_SETPIPE_SZ, PIPE_BYTES)
        except OSError:
            pass
        return self._childs

    def close_childs_ends(self) -> None:
        for descriptor in self._childs:
            self._close(descriptor)

    def close_input(self) -> None:
        """The program ends, if it has not."""
        if self._ours:
            self._close(self._ours[0])

    def close_all(self) -> None:
        """For where there are no threads that read: a process that was forked, or where nothing was started."""
        for descriptor in list(self._open):
            self._close(descriptor)

    def _close(self, descriptor: int) -> None:
        # It is taken out first: a process that is forked just now must not close another one of the same number.
        if descriptor in self._open:
            self._open.discard(descriptor)
            os.close(descriptor)

    # The threads

    def read(self) -> None:
        """Starts to read."""
        for name, run in (
            ("output", lambda: self._read(self._ours[1], self._lines.put)),
            ("diagnostics", lambda: self._read(self._ours[2], self._take_diagnostics)),
            ("records", self._make_records),
        ):
            thread = threading.Thread(name="jackdaws %s" % name, target=run, daemon=True)
            thread.start()
            self._threads.append(thread)

    def join(self, timeout: float) -> None:
        """Waits until all was read that an ended program has written, at most `timeout` seconds for each pipe, and made into records."""
        for thread in self._threads[:2]:
            thread.join(timeout)
        for making in self._threads[2:]:
            making.join(timeout if self._threads[0].is_alive() else None)

    def _read(self, descriptor: int, take: Callable[[List[bytes]], None]) -> None:
        begun: List[bytes] = []
        more_to_read = select.poll()
        more_to_read.register(descriptor, select.POLLIN)
        while True:
            # Where gevent has put something of its own in place of threads, it knows of this wait, and of no read.
            more_to_read.poll()
            piece = os.read(descriptor, PIPE_BYTES)
            if not piece:
                break
            first, *more = piece.split(b"\n")
            begun.append(first)
            if more:
                lines = [b"".join(begun)] + more[:-1]
                begun = [more[-1]]
                take(lines)
        self._close(descriptor)
        take([])

    def _make_records(self) -> None:
        for lines in iter(self._lines.get, []):
            self._take_records(lines)
        with self.changed:
            self.has_ended = True
            self.changed.notify_all()

    def _take_records(self, lines: List[bytes]) -> None:
        records = []
        for line in lines:
            try:
                records.append(record_of(line))
            except Exception as error:
                self.unreadable = "%s: %s: %r" % (type(error).__name__, error, line[:200])
        with self.changed:
            for listener in self._listeners:
                for record in records:
                    self._tell(listener, record)
            if self._keeps:
                self.records += records
            self.changed.notify_all()

    def _take_diagnostics(self, lines: List[bytes]) -> None:
        with self.changed:
            for line in lines:
                text = line.decode("utf-8", "backslashreplace")
                self.diagnostics.append(text)
                if self.listening is None and text.startswith(LISTENING):
                    self.listening = text[len(LISTENING) :]
                    if self.address is None:
                        self.address = address_of(self.listening)
            self.changed.notify_all()

    # What came

    def wait_until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Whether it holds, which is waited for unless the program has ended."""
        with self.changed:
            self.changed.wait_for(lambda: holds() or self.has_ended, timeout)
            return holds()

    def since(self, position: int) -> Tuple[int, List[logging.LogRecord]]:
        """The records from the one on that came as number `position`, and the number of the next to come."""
        with self.changed:
            records = self.records[max(0, position - self._cleared) :]
            return self.position(), records

    def position(self) -> int:
        """The number of the next record to come. Those that were cleared had numbers too."""
        return self._cleared + len(self.records)

    def clear(self) -> None:
        with self.changed:
            self._cleared += len(self.records)
            self.records = []

    def remarks(self) -> List[str]:
        """The diagnostics without what is always said: where it listens."""
        with self.changed:
            return [line for line in self.diagnostics if not line.startswith((STARTING, LISTENING))]

    def report(self, position: int) -> str:
        """What came from there on, and what the program had to say; empty if nothing. What is under way is waited for."""
        latest = time.monotonic() + LONGEST_SETTLING
        seen = self.position()
        while self.wait_until(lambda: self.position() > seen, SETTLED_WHEN_SILENT_FOR) and time.monotonic() < latest:
            seen = self.position()
        return "\n".join(shown_last(self.since(position)[1], MOST_REPORTED, shown_whole) + self.remarks())

    def listen_with(self, listener: Listener, keeps: bool = True) -> None:
        """Calls it for each record, those that have come and those to come; they are no longer kept if they need not be."""
        with self.changed:
            if listener not in self._listeners:
                for record in self.records:
                    self._tell(listener, record)
                self._listeners.append(listener)
            self._keeps = keeps

    def _tell(self, listener: Listener, record: logging.LogRecord) -> None:
        try:
            listener(record)
        except Exception as error:
            self.diagnostics.append("%s: %s: %s" % (listener.__name__, type(error).__name__, error))


def address_of(listening: str) -> Tuple[str, Optional[int]]:
    """Where to send to, of `tcp:127.0.0.1:9020, tcp:[::1]:9020`: the first, and this machine if it is every address."""
    kind, _, where = listening.split(", ")[0].partition(":")
    if kind in ("unix", "unixgram"):
        return where, None
    host, _, port = where.rpartition(":")
    host = host.strip("[]")
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), int(port)


STARTING = "About to start TCP server..."
LISTENING = "Listening on "

#: `fcntl.F_SETPIPE_SZ` has a name from Python 3.10 on, and the size is the most that Linux lets everyone have.
F_SETPIPE_SZ = 1031
PIPE_BYTES = 1 << 20
#: What waits to become records: at most so many times `PIPE_BYTES`.
MOST_PIECES = 256
MOST_REPORTED = 100

# Seconds.
SETTLED_WHEN_SILENT_FOR = 0.2
LONGEST_SETTLING = 2.0
