# -*- coding: utf-8 -*-
"""Records with all that a program may put into them: tracebacks, extra, Unicode, stack_info, values of many kinds.

    python rich_client.py HOST PORT                               sends them
    python rich_client.py HOST PORT --print [--style S] [--format F] [--datefmt D]
                                                                  and prints what this Python's Formatter gives for each
    python rich_client.py HOST PORT --frames                      and prints each frame in hex, for the Formatter of another

Printed is what the document's receiver would print, had it this Python: each frame is unpickled, made a record and formatted. Lone
surrogates are printed as on standard error, as `\\udcff`. Times are in local time: run both ends with one TZ.
"""

from __future__ import print_function

import argparse
import binascii
import collections
import datetime
import decimal
import logging
import logging.handlers
import os
import pickle
import sys
import uuid

PYTHON_3 = sys.version_info[0] > 2
# Every record has `user` and `session`, so that a format may show them.
FORMAT = "%(asctime)s %(levelname)-8s [%(name)s] %(threadName)s %(funcName)s:%(lineno)d %(user)r %(session)s %(message)s"


def main():
    parser = argparse.ArgumentParser(description="Send rich records.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--print", dest="show", action="store_true")
    parser.add_argument("--frames", action="store_true")
    parser.add_argument("--style", default="%")
    parser.add_argument("--format", default=FORMAT)
    parser.add_argument("--datefmt")
    options = parser.parse_args()
    handler = Handler(options.host, options.port)
    logger = logging.getLogger("shop.orders")
    logger.setLevel(1)
    logger.addHandler(handler)
    logger.propagate = False
    log_everything(logger)
    handler.close()
    if options.frames:
        for frame in handler.frames:
            print(binascii.hexlify(frame).decode("ascii"))
    if options.show:
        show(handler.frames, new_formatter(options.style, options.format, options.datefmt))


class Handler(logging.handlers.SocketHandler):
    """Keeps what it sends."""

    def __init__(self, host, port):
        logging.handlers.SocketHandler.__init__(self, host, port)
        self.frames = []

    def makePickle(self, record):
        frame = logging.handlers.SocketHandler.makePickle(self, record)
        self.frames.append(frame)
        return frame

    def handleError(self, record):
        """A client that could not send fails, instead of saying nothing."""
        raise  # the exception being handled


def log_everything(logger):
    def log(level, msg, *args, **kwargs):
        extra = dict({"user": u"ann", "session": 7}, **kwargs.pop("extra", {}))
        logger.log(level, msg, *args, extra=extra, **kwargs)

    log(logging.INFO, "plain, 100%")
    log(logging.DEBUG, "merged: %s %d %.2f %r", "bob", 3, 99.5, [1, None, True])
    log(logging.WARNING, "%(who)s did it", {"who": "mapping"})
    log(25, "a level of no name")
    log(logging.INFO, "")
    log(logging.INFO, "two\nlines\n")
    log(logging.INFO, u"Unicode: caf\xe9, \u65e5\u672c\u8a9e, \U0001f426")
    log(logging.INFO, "controls: \t\x1b[31m\x07\x7f")
    for value in values():
        log(logging.INFO, u"a value", extra={"user": value, "session": value})
        log(logging.INFO, u"%s and %r", value, value)
    log_tracebacks(log)
    if PYTHON_3:
        log(logging.ERROR, "with a stack", stack_info=True)
        log(logging.INFO, "surrogate \udcff", extra={"user": "\ud800"})
    log_from_elsewhere()


def log_tracebacks(log):
    try:
        fail(3)
    except ValueError:
        log(logging.ERROR, "it failed", exc_info=True)
        log(logging.ERROR, "", exc_info=True)
    try:
        try:
            fail(0)
        except ValueError:
            raise KeyError(u"caf\xe9")
    except KeyError:
        log(logging.CRITICAL, "chained, where this Python chains", exc_info=True)
    log(logging.ERROR, "no exception", exc_info=True)


def fail(depth):
    if depth:
        fail(depth - 1)
    raise ValueError("multi\nline %d" % depth)


def log_from_elsewhere():
    """Loggers of other names, below the one that has the handler."""
    extra = {"user": None, "session": None}
    logging.getLogger("shop.orders.%s.{braces}").info("odd names", extra=extra)
    # A logger's name on Python 2 is a str; there a unicode one must be ASCII.
    name = u"shop.orders.d\xe9p\xf4t" if PYTHON_3 else "shop.orders.depot"
    logging.getLogger(name).info(u"Unicode names", extra=dict(extra, user=u"Zo\xeb"))


def values():
    shared = [1]
    cycle = []
    cycle.append(cycle)
    yield 2**31
    yield -(2**100)
    yield 0.1
    yield 1e16
    yield float("-inf")
    yield bytearray(b"\x00'~")
    yield u"it's \"quoted\" \\ \n"
    yield [shared, shared, (1,), ()]
    yield {"k": {"n": [None]}}
    yield cycle
    yield set([3])
    yield frozenset()
    yield datetime.datetime(2024, 3, 17, 12, 14, 58, 7)
    yield datetime.date(1999, 12, 31)
    yield datetime.timedelta(-1, 5)
    yield decimal.Decimal("12.50")
    yield uuid.UUID("12345678-1234-5678-1234-567812345678")
    yield collections.deque([1, 2])
    if PYTHON_3:
        yield b"bytes \xff"
        yield b""
        yield datetime.datetime(2024, 3, 17, tzinfo=datetime.timezone.utc)


def new_formatter(style, format, datefmt):
    return logging.Formatter(format, datefmt, style) if PYTHON_3 else logging.Formatter(format, datefmt)


def show(frames, formatter):
    out = os.fdopen(sys.stdout.fileno(), "wb")
    for frame in frames:
        text = formatter.format(logging.makeLogRecord(pickle.loads(frame[4:])))
        if not isinstance(text, bytes):
            text = text.encode("utf-8", "backslashreplace")
        out.write(text + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
