# -*- coding: utf-8 -*-
"""What CPython's own tests of SocketHandler and DatagramHandler expect of a receiver, with the program as the receiver.

    JACKDAWS=path/to/jackdaws python socket_handler_cases.py

After SocketHandlerTest, UnixSocketHandlerTest, DatagramHandlerTest and UnixDatagramHandlerTest of Lib/test/test_logging.py: two records
arrive in order, one with a traceback too, a handler closed is opened again, and one without a server drops its records quietly.
Python 2.7 has no handlers for Unix sockets.
"""

import logging
import logging.handlers
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest


class Receiver(object):
    """The program, on an address; `where` is what a handler takes for it."""

    def __init__(self, address, folder):
        command = [os.environ["JACKDAWS"], "--listen", address, "--format", "%(name)s:%(levelname)s:%(message)s"]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.process.stderr.readline()
        listening = self.process.stderr.readline().decode("utf-8").strip()
        kind, where = listening[len("Listening on "):].split(":", 1)
        if kind.startswith("unix"):
            self.where = os.path.join(folder, where.partition(" (mode ")[0]), None
        else:
            host, port = where.rsplit(":", 1)
            self.where = host, int(port)

    def line(self):
        return self.process.stdout.readline().decode("utf-8").rstrip("\n")

    def stop(self):
        """What was not read, once it has ended."""
        if self.process.poll() is None:
            self.process.terminate()
        rest = self.process.stdout.read()
        said = self.process.stderr.read().decode("utf-8")
        self.process.stdout.close()
        self.process.stderr.close()
        if self.process.wait() != 0:
            raise AssertionError(said)
        return rest.decode("utf-8")


class Cases(object):
    """The same for every kind of socket."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.receiver = Receiver(self.address, self.folder)
        self.addCleanup(self.end)
        self.handler = self.handler_class(*self.receiver.where)
        self.logger = logging.getLogger("cases")
        self.logger.setLevel(logging.DEBUG)
        self.logger.propagate = False
        self.logger.addHandler(self.handler)

    def end(self):
        self.logger.removeHandler(self.handler)
        self.handler.close()
        if not self.receiver.process.stdout.closed:
            self.receiver.stop()

    def test_output(self):
        self.logger.error("spam")
        self.assertEqual(self.receiver.line(), "cases:ERROR:spam")
        self.logger.debug("eggs")
        self.assertEqual(self.receiver.line(), "cases:DEBUG:eggs")
        self.assertEqual(self.receiver.stop(), "")

    def test_stops_after_printing_what_was_sent(self):
        for index in range(20):
            self.logger.info("record %d", index)
        printed = self.receiver.stop().splitlines()
        self.assertEqual(printed, ["cases:INFO:record %d" % index for index in range(20)])

    def test_traceback(self):
        try:
            raise KeyError("deliberate")
        except KeyError:
            self.logger.exception(u"caf\xe9")
        printed = self.receiver.stop().splitlines()
        self.assertEqual(printed[0], u"cases:ERROR:caf\xe9")
        self.assertEqual(printed[1], "Traceback (most recent call last):")
        self.assertEqual(printed[-1], "KeyError: 'deliberate'")

    def test_a_closed_handler_opens_itself_again(self):
        self.logger.error("before")
        self.handler.close()
        self.logger.error("after")
        self.assertEqual(sorted([self.receiver.line(), self.receiver.line()]), ["cases:ERROR:after", "cases:ERROR:before"])


class StreamCases(Cases):
    """What only a connection notices."""

    handler_class = logging.handlers.SocketHandler

    def test_noserver(self):
        self.receiver.stop()
        try:
            raise RuntimeError("Deliberate mistake")
        except RuntimeError:
            self.logger.exception("Never sent")
        self.logger.error("Never sent, either")
        before = time.time()
        self.assertGreater(self.handler.retryTime, before)
        self.logger.error("Nor this")
        self.assertIsNone(self.handler.sock)

    def test_a_server_that_comes_back(self):
        self.logger.error("first")
        self.assertEqual(self.receiver.line(), "cases:ERROR:first")
        # The peer closes its connection when it is told to end; the handler notices when it sends.
        self.receiver.stop()
        self.handler.close()
        self.logger.error("nobody hears this")
        kind = self.address.split(":")[0]
        host, port = self.receiver.where
        again = self.address if port is None else "%s:%s:%d" % (kind, host, port)
        self.receiver = Receiver(again, self.folder)
        self.handler.retryTime = 0
        self.logger.error("second")
        self.assertEqual(self.receiver.line(), "cases:ERROR:second")


class SocketHandlerCases(StreamCases, unittest.TestCase):
    address = "tcp:127.0.0.1:0"


class DatagramHandlerCases(Cases, unittest.TestCase):
    address = "udp:127.0.0.1:0"
    handler_class = logging.handlers.DatagramHandler


@unittest.skipIf(sys.version_info < (3, 4), "no handler for Unix sockets")
class UnixSocketHandlerCases(StreamCases, unittest.TestCase):
    address = "unix:stream"


@unittest.skipIf(sys.version_info < (3, 4), "no handler for Unix sockets")
class UnixDatagramHandlerCases(Cases, unittest.TestCase):
    address = "unixgram:datagrams"
    handler_class = logging.handlers.DatagramHandler


if __name__ == "__main__":
    unittest.main()
