# -*- coding: utf-8 -*-
"""The client of the Python documentation's "Sending and receiving logging events across a network": five records.

    python document_client.py HOST PORT
"""

import logging
import logging.handlers
import sys


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    root = logging.getLogger("")
    root.setLevel(logging.DEBUG)
    # A handler for the network does not bother with a formatter: the event goes out as a pickle.
    handler = logging.handlers.SocketHandler(host, port)
    root.addHandler(handler)
    log_five_records()
    handler.close()


def log_five_records():
    area1 = logging.getLogger("myapp.area1")
    area2 = logging.getLogger("myapp.area2")
    logging.info("Jackdaws love my big sphinx of quartz.")
    area1.debug("Quick zephyrs blow, daft Jim.")
    area1.info("How quickly daft jumping zebras vex.")
    area2.warning("Jail zesty vixen who grabbed pay from quack.")
    area2.error("The five boxing wizards jump quickly.")


if __name__ == "__main__":
    main()
