# -*- coding: utf-8 -*-
"""The document's five records to a Unix socket.

    python unix_client.py PATH             a stream, by SocketHandler
    python unix_client.py --datagram PATH  datagrams, by DatagramHandler

Handlers take `port=None` for this since Python 3.4; before, one has to make the socket oneself.
"""

import argparse
import logging
import logging.handlers
import socket
import sys

from document_client import log_five_records


def main():
    parser = argparse.ArgumentParser(description="Five records to a Unix socket.")
    parser.add_argument("--datagram", action="store_true")
    parser.add_argument("path")
    options = parser.parse_args()
    handler = new_handler(options.path, options.datagram)
    root = logging.getLogger("")
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    log_five_records()
    handler.close()


def new_handler(path, datagram):
    if sys.version_info >= (3, 4):
        kind = logging.handlers.DatagramHandler if datagram else logging.handlers.SocketHandler
        return kind(path, None)
    handler = logging.handlers.SocketHandler(path, None)
    kind = socket.SOCK_DGRAM if datagram else socket.SOCK_STREAM
    handler.makeSocket = lambda timeout=1: connected(path, kind)
    return handler


def connected(path, kind):
    made = socket.socket(socket.AF_UNIX, kind)
    made.connect(path)
    return made


if __name__ == "__main__":
    main()
