"""Records of other processes for pytest's `caplog`."""

import logging
import os

from ._records import levelno_of


def handle_by_caplog(record: logging.LogRecord) -> None:
    """Hands a record of another process to what pytest captures this process's with, which stands at the root logger.

    To it alone: were the record handled by this process's loggers, a SocketHandler among their handlers would send it again,
    round and round.
    """
    if record.process == os.getpid():
        return
    for handler in logging.getLogger().handlers[:]:
        if type(handler).__name__ == "LogCaptureHandler" and levelno_of(record) >= handler.level:
            handler.handle(record)
