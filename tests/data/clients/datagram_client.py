# -*- coding: utf-8 -*-
"""The document's five records as datagrams.

    python datagram_client.py HOST PORT
"""

import logging
import logging.handlers
import sys

from document_client import log_five_records


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    root = logging.getLogger("")
    root.setLevel(logging.DEBUG)
    handler = logging.handlers.DatagramHandler(host, port)
    root.addHandler(handler)
    log_five_records()
    handler.close()


if __name__ == "__main__":
    main()
