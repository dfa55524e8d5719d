"""`python -m jackdaws run`: a command with a receiver beside it."""

import argparse
import logging
import os
import signal
import subprocess
import sys
from types import FrameType
from typing import Callable, List, Optional

from ._receiver import Receiver, ReceiverFailed
from ._records import level_number, levelno_of, visible


def run(arguments: List[str]) -> int:
    """Runs the command of the arguments; gives its exit status, as a shell would, or 4 if that was 0 and such a record came."""
    options = _parser().parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        _parser().error("a COMMAND is needed")
    shows = _shows(options.fail_on, options.show)
    try:
        # Only what is shown has to come here.
        receiver = Receiver(
            level=None if options.show else options.fail_on,
            args=[] if options.fail_on is None else ["--fail-on", str(options.fail_on)],
        )
        receiver._pipes.listen_with(shows, keeps=False)
        status = _run(command, dict(os.environ, **receiver.env))
    except ReceiverFailed as error:
        _say("%s" % error)
        return CANNOT_GO_ON
    try:
        receiver.finish()
    except ReceiverFailed as error:
        if error.status != SUCH_A_RECORD_CAME:
            _say("%s" % error)
            return status or CANNOT_GO_ON
        return status or SUCH_A_RECORD_CAME
    finally:
        for remark in receiver._pipes.remarks()[:-1]:
            # All but the totals.
            _say(remark)
    return status


def _run(command: List[str], environment: "dict[str, str]") -> int:
    """Runs it with our standard streams. Signals that ask us to stop are for it to obey."""
    child: "Optional[subprocess.Popen[bytes]]" = None

    def pass_on(number: int, frame: Optional[FrameType]) -> None:
        if child is not None:
            child.send_signal(number)

    def leave_to_child(number: int, frame: Optional[FrameType]) -> None:
        """The terminal has sent it to both."""

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        # What is ignored here, as by nohup, is to be ignored there.
        if signal.getsignal(number) != signal.SIG_IGN:
            is_from_terminal = number in (signal.SIGINT, signal.SIGQUIT)
            signal.signal(number, leave_to_child if is_from_terminal else pass_on)
    try:
        child = subprocess.Popen(command, env=environment)
    except OSError as error:
        _say("cannot run %s: %s" % (command[0], os.strerror(error.errno or 0)))
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
    status = child.wait()
    return status if status >= 0 else KILLED - status


def _shows(fail_on: Optional[float], all_of_them: bool) -> Callable[[logging.LogRecord], None]:
    """What shows a record on standard error: all, or those that are severe enough to fail."""
    formatter = logging.Formatter("%(asctime)s %(process)s %(name)-15s %(levelname)-8s %(message)s")

    def show(record: logging.LogRecord) -> None:
        if all_of_them or (fail_on is not None and levelno_of(record) >= fail_on):
            _say(visible(formatter.format(record)))

    return show


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m jackdaws run",
        usage="%(prog)s [--fail-on LEVEL] [--show] -- COMMAND",
        description="Runs COMMAND with a receiver of logging records beside it, which listens where the environment "
        "variables JACKDAWS_HOST and JACKDAWS_PORT of COMMAND say.",
        epilog="Exit status: COMMAND's own (128 and the number of the signal that ended it; 127 if it was not found); "
        "4 if COMMAND succeeded and a record of --fail-on came; 1 if the receiver failed.",
    )
    parser.add_argument("--fail-on", metavar="LEVEL", type=_level, help="fail if a record at least this severe comes")
    parser.add_argument("--show", action="store_true", help="show the records on standard error")
    parser.add_argument("command", metavar="COMMAND", nargs=argparse.REMAINDER, help="the command and its arguments")
    return parser


def _level(text: str) -> float:
    try:
        return level_number(int(text) if text.lstrip("-").isdigit() else text)
    except ValueError:
        raise argparse.ArgumentTypeError("takes the name of a level, such as WARNING, or a number, not %r" % text) from None


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


SUCH_A_RECORD_CAME = 4
CANNOT_GO_ON = 1
NOT_EXECUTABLE = 126
NOT_FOUND = 127
KILLED = 128
