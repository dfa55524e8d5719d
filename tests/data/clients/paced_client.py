# -*- coding: utf-8 -*-
"""So many records a second, for some seconds, through a SocketHandler.

    python paced_client.py HOST PORT RECORDS_A_SECOND SECONDS

Messages are `record I`, followed by 500 `x`.
"""

import logging
import logging.handlers
import sys
import time


def main():
    host, port, rate, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    logger = logging.getLogger("paced")
    logger.setLevel(logging.INFO)
    logger.addHandler(Handler(host, port))
    start = time.time()
    for index in range(rate * seconds):
        early = start + float(index) / rate - time.time()
        if early > 0:
            time.sleep(early)
        logger.info("record %d %s", index, "x" * 500)
    logging.shutdown()


class Handler(logging.handlers.SocketHandler):
    def handleError(self, record):
        """A client that could not send fails, instead of saying nothing."""
        raise  # the exception being handled


if __name__ == "__main__":
    main()
