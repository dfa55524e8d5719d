"""The receiver: the program as a child process."""

import atexit
import logging
import math
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import warnings
import weakref
from types import TracebackType
from typing import Any, Callable, Dict, List, NoReturn, Optional, Sequence, Tuple, Type, Union, overload

from ._caplog import handle_by_caplog
from ._pipes import Pipes
from ._program import find_program
from ._records import Level, Match, Wanted, counted_records, indented, level_number, shown, shown_last


class NotReceived(AssertionError):
    """What was waited for did not come in time. The message says what that was, and lists what came."""


class ReceiverFailed(Exception):
    """The receiver did not start, or ended by itself, or lost records. The message has the program's own words.

    `status` is its exit status, negative for a signal, and None if it did not run or had to be killed; `diagnostics` is what
    it said, and `records` what had come.
    """

    def __init__(
        self,
        message: str,
        status: Optional[int] = None,
        diagnostics: Sequence[str] = (),
        records: Sequence[logging.LogRecord] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.diagnostics = list(diagnostics)
        self.records = list(records)


class Receiver:
    """Receives the records of any number of processes, from now on until it is finished or closed.

    `listen` is "tcp", "udp", "unix" (a stream) or "unixgram", each on a port or path that nobody else has; or an address as
    the program's --listen takes it. `level` and `name` (or several) leave out what is less severe, or of other loggers.
    `args` are further options of the program, and `program` is its path. ReceiverFailed is raised if it cannot be started.

    It is a context manager, at whose end it is finished; what came stays. Otherwise call `close()`. Should neither be done,
    it ends with this process, however that ends. A process that is forked from this one has no part in it.
    """

    NotReceived = NotReceived
    ReceiverFailed = ReceiverFailed

    def __init__(
        self,
        *,
        listen: str = "tcp",
        level: Optional[Level] = None,
        name: Union[str, Sequence[str], None] = None,
        args: Sequence[str] = (),
        program: Union[str, "os.PathLike[str]", None] = None
    ) -> None:
        __tracebackhide__ = True
        if isinstance(args, str):
            raise TypeError("args takes a list of options, not %r" % args)
        if "-q" in args or "--quiet" in args:
            raise ValueError("args takes no --quiet: where the program listens is known from what it says")
        options = ["--json", "--until-eof", "--drain-timeout", str(DRAIN_TIMEOUT)]
        if level is not None:
            options += ["--level", str(level_number(level))]
        for logger in [name] if isinstance(name, str) else name or []:
            options += ["--name", logger]
        if any(arg.startswith(("-o", "--output")) for arg in args):
            # Records come here as well as there.
            options += ["--output", "-"]
        found = program or find_program()
        if found is None:
            raise ReceiverFailed(
                "the program jackdaws was found neither where this module was installed nor on the PATH; "
                "Receiver(program=...) or the environment variable JACKDAWS_PROGRAM names it"
            )
        self._program = os.fspath(found)
        self._has_args = bool(args)
        self._owner = os.getpid()
        self._pipes = Pipes()
        self._process: Optional["subprocess.Popen[bytes]"] = None
        self._folder: Optional[str] = None
        self._starts_in: Optional[int] = None
        self._is_asked_to_stop = False
        self._is_over = False
        self._failure: Optional[Tuple[str, Optional[int]]] = None
        try:
            self._start(options + list(args), self._place(listen))
        except BaseException:
            self._discard()
            raise
        for observe in observers[-1:]:
            observe(self)

    # Where it is

    @property
    def host(self) -> str:
        """The host to send to; the path of a Unix socket."""
        return self.address[0]

    @property
    def port(self) -> Optional[int]:
        """The port to send to; None for a Unix socket, as `SocketHandler` wants it then."""
        return self.address[1]

    @property
    def address(self) -> Tuple[str, Optional[int]]:
        """`(host, port)`, for `logging.handlers.SocketHandler(*receiver.address)`."""
        assert self._pipes.address is not None, "it is known before the constructor returns"
        return self._pipes.address

    @property
    def env(self) -> Dict[str, str]:
        """JACKDAWS_HOST and JACKDAWS_PORT, for the environment of a child process. A Unix socket's port is empty."""
        return {"JACKDAWS_HOST": self.host, "JACKDAWS_PORT": "" if self.port is None else str(self.port)}

    # What came

    @property
    def records(self) -> List[logging.LogRecord]:
        """The records that have come by now, in their order, without those that were cleared."""
        __tracebackhide__ = True
        self._check()
        return self._pipes.since(0)[1]

    @property
    def diagnostics(self) -> List[str]:
        """What the program has said by now, line by line: where it listens, what it refused and why, and totals at the end."""
        with self._pipes.changed:
            return list(self._pipes.diagnostics)

    @overload
    def wait_for(
        self,
        match: Optional[Match] = ...,
        *,
        name: Optional[str] = ...,
        level: Optional[Level] = ...,
        timeout: Optional[float] = ...
    ) -> logging.LogRecord:
        ...

    @overload
    def wait_for(
        self,
        match: Optional[Match] = ...,
        *,
        name: Optional[str] = ...,
        level: Optional[Level] = ...,
        count: int,
        timeout: Optional[float] = ...
    ) -> Any:
        ...

    def wait_for(
        self,
        match: Optional[Match] = None,
        *,
        name: Optional[str] = None,
        level: Optional[Level] = None,
        count: int = 1,
        timeout: Optional[float] = 10.0
    ) -> Any:
        """The first record that is wanted, as soon as it has come; a list of the first `count`, if that is above 1.

        `match` is a part of the message, a compiled pattern to be searched for in it, or a function of the record; `name` a
        logger, with those below it; `level` the least level. What had come before counts too, and nothing is used up: the
        next call begins with the first record again. After `timeout` seconds, or at once if the receiver is finished,
        NotReceived is raised; with None it waits for as long as it takes.
        """
        __tracebackhide__ = True
        if count < 1:
            raise ValueError("count takes a number of records from 1 on, not %r" % count)
        wanted = Wanted(match, name, level)
        timeout = math.inf if timeout is None else timeout
        found = self._search(wanted, count, timeout)
        if len(found) < count:
            raise NotReceived(self._in_vain(wanted, len(found), count, timeout))
        return found[0] if count == 1 else found

    def assert_none(
        self,
        match: Optional[Match] = None,
        *,
        name: Optional[str] = None,
        level: Optional[Level] = None,
        within: float = 0.0
    ) -> None:
        """Raises AssertionError if such a record has come, or comes `within` so many seconds.

        To be sure of all that processes have sent which have ended, call `finish()` first.
        """
        __tracebackhide__ = True
        wanted = Wanted(match, name, level)
        found = self._search(wanted, 1, within)
        if found:
            which = " ".join(filter(None, ["a record", str(wanted)]))
            raise AssertionError("%s came:%s" % (which, indented([shown(found[0])])))

    def clear(self) -> None:
        """Forgets the records that have come by now."""
        __tracebackhide__ = True
        self._check()
        self._pipes.clear()

    def to_caplog(self) -> None:
        """Lets records of other processes appear in pytest's `caplog`, those that have come and those to come.

        Those of this process are there already. A level set by `caplog.set_level` or `caplog.at_level` holds for them.
        """
        __tracebackhide__ = True
        self._check()
        self._pipes.listen_with(handle_by_caplog)

    # Its end

    def finish(self, timeout: Optional[float] = 60.0) -> List[logging.LogRecord]:
        """Stops it, and gives every record in order: all that was sent by those who have closed their connections, or are
        silent for a tenth of a second. ReceiverFailed is raised if records were lost, or it does not stop within `timeout`
        seconds.
        """
        __tracebackhide__ = True
        self._check()
        if not self._is_over:
            self._is_asked_to_stop = True
            assert self._process is not None
            self._process.terminate()
            status = self._reap(timeout)
            self._discard()
            if status is None:
                self._fail("did not stop within %s s, and was killed" % timeout, None)
            if status != 0:
                self._fail("ended with %s" % _status(status), status)
        return self._pipes.since(0)[1]

    def close(self) -> None:
        """Finishes it, unless that has been done."""
        __tracebackhide__ = True
        if not self._is_over:
            self.finish()

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        __tracebackhide__ = True
        try:
            self.close()
        except ReceiverFailed:
            # What went wrong first is what has to be seen.
            if kind is None:
                raise

    def __repr__(self) -> str:
        state = "finished" if self._is_over else "running"
        count = counted_records(len(self._pipes.records))
        return "<%s on %s, %s, %s>" % (type(self).__name__, self._pipes.listening, state, count)

    def __del__(self) -> None:
        # An attribute is missing where the constructor refused its arguments.
        if not getattr(self, "_is_over", True):
            what = repr(self)
            # First, since the warning may be turned into an error.
            self._discard()
            warnings.warn("unclosed %s" % what, ResourceWarning, source=self)

    # For the plugin

    def _end(self) -> None:
        """Ends it where nobody can ask for anything any more. Raises if it had ended by itself, and nobody knows yet."""
        __tracebackhide__ = True
        if self._is_over:
            return
        self._check()
        if self._has_args:
            # They may ask for more than records: a file with all of them, say.
            self.finish()
        else:
            self._discard()

    # How

    def _place(self, listen: str) -> str:
        """The address to listen on."""
        if listen in ("tcp", "udp"):
            return listen + ":127.0.0.1:0"
        if listen in ("unix", "unixgram"):
            self._folder = _folder_with_a_short_path()
            listen = "%s:%s/log" % (listen, self._folder)
        if listen.startswith(("unix:", "unixgram:")):
            self._pipes.address = (listen.partition(":")[2], None)
        return listen

    def _start(self, options: List[str], place: str) -> None:
        __tracebackhide__ = True
        command = [self._program, "--listen", place] + options
        running.add(self)
        childs = self._pipes.open()
        self._starts_in = threading.get_ident()
        try:
            # In a session of its own: Ctrl-C in the terminal of the tests is for them.
            self._process = subprocess.Popen(
                command, stdin=childs[0], stdout=childs[1], stderr=childs[2], start_new_session=True
            )
        except OSError as error:
            raise ReceiverFailed("cannot run %s: %s" % (self._program, os.strerror(error.errno or 0))) from error
        finally:
            self._starts_in = None
            self._pipes.close_childs_ends()
        self._pipes.read()
        if self._pipes.wait_until(lambda: self._pipes.listening is not None, START_TIMEOUT):
            return
        status = self._reap(0 if not self._pipes.has_ended else STOP_TIMEOUT)
        self._discard()
        if status is None:
            self._fail("has not said within %d s where it listens, with %s" % (START_TIMEOUT, command[1:]), status)
        self._fail("did not start, and ended with %s%s" % (_status(status), _version(self._program, status)), status)

    def _search(self, wanted: Wanted, count: int, timeout: float) -> List[logging.LogRecord]:
        """Up to `count` wanted records, waiting for them."""
        __tracebackhide__ = True
        deadline = time.monotonic() + timeout
        found: List[logging.LogRecord] = []
        position = 0
        while True:
            self._check()
            is_last_look = self._is_over or time.monotonic() >= deadline
            position, records = self._pipes.since(position)
            for record in records:
                if wanted(record):
                    found.append(record)
                    if len(found) == count:
                        return found
            if is_last_look:
                return found
            # The time may be infinite, for which a lock has no room.
            self._pipes.wait_until(
                lambda: self._pipes.position() > position, min(deadline - time.monotonic(), LONGEST_WAIT)
            )

    def _check(self) -> None:
        """Raises if it is another process's, or has failed, or has ended without being asked to."""
        __tracebackhide__ = True
        if self._owner != os.getpid():
            raise RuntimeError("this receiver belongs to process %d, from which this one was forked" % self._owner)
        if self._failure is not None:
            self._fail(*self._failure)
        if self._pipes.unreadable is not None:
            self._discard()
            self._fail("printed a line that is no record: %s" % self._pipes.unreadable, None)
        if self._pipes.has_ended and not self._is_asked_to_stop:
            status = self._reap(STOP_TIMEOUT)
            self._discard()
            self._fail("ended by itself with %s" % _status(status), status)

    def _fail(self, what: str, status: Optional[int]) -> NoReturn:
        __tracebackhide__ = True
        with self._pipes.changed:
            said, records = list(self._pipes.diagnostics), list(self._pipes.records)
        message = "the receiver %s %s" % (self._program, what)
        message += "; it said:" + indented(said[-MOST_SHOWN:]) if said else ""
        self._failure = (what, status)
        raise ReceiverFailed(message, status, said, records)

    def _reap(self, timeout: Optional[float]) -> Optional[int]:
        """Its exit status, when all is read that it wrote; None if it does not end in time."""
        assert self._process is not None
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        self._pipes.join(STOP_TIMEOUT)
        return status

    def _discard(self) -> None:
        """Leaves nothing of it but what came."""
        self._is_asked_to_stop = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._pipes.join(STOP_TIMEOUT)
            self._pipes.close_input()
        else:
            self._pipes.close_all()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._is_over = True
        running.discard(self)

    def _leave_to_parent(self) -> None:
        """In a process that was just forked. Its descriptors are closed, so that the receiver ends with its parent."""
        self._is_over = True
        if self._starts_in != threading.get_ident():
            self._pipes.close_all()
        # Else it is the program to be, which needs its own: gevent's subprocess forks as everybody does.
        if self._process is not None and self._process.returncode is None:
            # It is no child of this process, and its object would warn that it is still running.
            self._process.returncode = 0

    def _in_vain(self, wanted: Wanted, found: int, count: int, timeout: float) -> str:
        """Why a wait was in vain: what was wanted, how long, what came, and what the program had to say."""
        what = "no record" if count == 1 else "%d of %d records" % (found, count)
        when = "before it was finished" if self._is_over else "within %g s" % timeout
        records, remarks = self._pipes.since(0)[1], self._pipes.remarks()
        text = "%s came %s; " % (" ".join(filter(None, [what, str(wanted)])), when)
        if records:
            text += "%s came:%s" % (counted_records(len(records)), indented(shown_last(records, MOST_SHOWN, shown)))
        else:
            text += "none came at all"
        if remarks:
            text += "\nthe receiver said:" + indented(remarks[-MOST_SHOWN:])
        return text


def _status(status: Optional[int]) -> str:
    if status is not None and status < 0:
        try:
            return signal.Signals(-status).name
        except ValueError:
            return "signal %d" % -status
    return "status %s" % status


def _version(program: str, status: int) -> str:
    """Which version refused the options, if it was for these."""
    if status != WRONG_COMMAND_LINE:
        return ""
    try:
        said = subprocess.run([program, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=STOP_TIMEOUT)
    except (OSError, subprocess.SubprocessError):
        return ""
    return " (it is %s)" % said.stdout.decode("utf-8", "backslashreplace").strip()


def _folder_with_a_short_path() -> str:
    """A new folder. The path of a Unix socket has at most 107 bytes, and the folder for temporary files may be deep."""
    folder = tempfile.mkdtemp(prefix="jackdaws-")
    if len(os.fsencode(folder)) > 90:
        os.rmdir(folder)
        folder = tempfile.mkdtemp(prefix="jackdaws-", dir="/tmp")
    return folder


def _leave_all_to_parent() -> None:
    for receiver in list(running):
        receiver._leave_to_parent()
    running.clear()


def _end_all() -> None:
    """When this process ends by itself: as long as the threads that read still run."""
    for receiver in list(running):
        try:
            receiver._end()
        except ReceiverFailed:
            # Nobody asked it for anything since, and nobody will.
            pass


#: Those that run, or are about to.
running: "weakref.WeakSet[Receiver]" = weakref.WeakSet()
os.register_at_fork(after_in_child=_leave_all_to_parent)
atexit.register(_end_all)

#: The last is told of each receiver that has started: pytest's plugin, which reports what came when a test fails.
observers: List[Callable[[Receiver], None]] = []

WRONG_COMMAND_LINE = 2
MOST_SHOWN = 20

# Seconds. A machine that is busy with many tests may need long to read what a program has sent.
START_TIMEOUT = 30
DRAIN_TIMEOUT = 30
STOP_TIMEOUT = 10
LONGEST_WAIT = 3600.0
