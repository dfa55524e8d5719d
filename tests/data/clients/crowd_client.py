# -*- coding: utf-8 -*-
"""Many SocketHandlers, each with one record on a connection of its own, all open at once until the end.

    python crowd_client.py HOST PORT HANDLERS
"""

import logging
import logging.handlers
import sys


def main():
    host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    handlers = [Handler(host, port) for _ in range(count)]
    for index, handler in enumerate(handlers):
        record = logging.LogRecord("crowd", logging.INFO, __file__, 1, "client %d", (index,), None)
        handler.handle(record)
    for handler in handlers:
        handler.close()


class Handler(logging.handlers.SocketHandler):
    def handleError(self, record):
        """A client that could not send fails, instead of saying nothing."""
        raise  # the exception being handled


if __name__ == "__main__":
    main()
