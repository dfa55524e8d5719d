"""What the tests of the plugin share: programs to be tested, which log through a SocketHandler."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

# A shell ignores the one for what it starts in the background, nohup the other; the programs under test would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# What a program does to log where the environment says. `port` is None for a Unix socket.
PREAMBLE = """
import logging, logging.handlers, os, sys
host, port = os.environ["JACKDAWS_HOST"], int(os.environ["JACKDAWS_PORT"] or 0) or None
logging.basicConfig(level=logging.DEBUG, handlers=[logging.handlers.SocketHandler(host, port)])
log = logging.getLogger("child")
"""


class Programs:
    """Starts programs, and leaves none behind."""

    def __init__(self):
        self.started = []

    def start(self, receiver, body, **options):
        """A Python program that can log, with its process id in `pid`."""
        command = [sys.executable, "-c", PREAMBLE + textwrap.dedent(body)]
        options.setdefault("env", dict(os.environ, **receiver.env))
        process = subprocess.Popen(command, **options)
        self.started.append(process)
        return process

    def run(self, receiver, body, **options):
        """The same, until it has ended: its exit status."""
        return self.start(receiver, body, **options).wait(60)


@pytest.fixture
def programs():
    programs = Programs()
    yield programs
    for process in programs.started:
        with process:
            process.kill()


@pytest.fixture
def messages():
    def messages(records):
        return [record.getMessage() for record in records]

    return messages
