# -*- coding: utf-8 -*-
"""Many records over many connections.

    python flood_client.py HOST PORT [--records N] [--connections M] [--mode each|blast] [--size BYTES]

Each connection sends N records. `each` logs one after the other, as a program does; `blast` pickles its records first and then hands the
kernel as much at once as it takes, so that the receiver is the slower. Messages are `record I of connection J`, followed by as many
`x` as `--size` asks for. Prints the seconds it took, from the first byte to the last connection's end.
"""

from __future__ import print_function

import argparse
import logging
import logging.handlers
import socket
import threading
import time


def main():
    parser = argparse.ArgumentParser(description="Send many records.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--records", type=int, default=1000, help="on each connection")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--mode", choices=("each", "blast"), default="each")
    parser.add_argument("--size", type=int, default=0, help="bytes to add to each message")
    options = parser.parse_args()
    work = blast if options.mode == "blast" else each
    jobs = [work(options, number) for number in range(options.connections)]
    threads = [threading.Thread(target=job) for job in jobs]
    start = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("%.6f" % (time.time() - start))


def each(options, number):
    logger = logging.getLogger("flood.%d" % number)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    handler = Handler(options.host, options.port)
    logger.addHandler(handler)

    def job():
        for index in range(options.records):
            logger.info("record %d of connection %d%s", index, number, "x" * options.size)
        handler.close()

    return job


def blast(options, number):
    handler = logging.handlers.SocketHandler(options.host, options.port)
    name = "flood.%d" % number
    chunks = []
    for index in range(options.records):
        args = index, number, "x" * options.size
        record = logging.LogRecord(name, logging.INFO, "flood.py", 1, "record %d of connection %d%s", args, None, "blast")
        chunks.append(handler.makePickle(record))
    content = b"".join(chunks)

    def job():
        connection = socket.create_connection((options.host, options.port))
        connection.sendall(content)
        # The receiver closes when it has read everything: the time includes its work.
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
        connection.close()

    return job


class Handler(logging.handlers.SocketHandler):
    def handleError(self, record):
        """A client that could not send fails, instead of saying nothing."""
        raise  # the exception being handled


if __name__ == "__main__":
    main()
