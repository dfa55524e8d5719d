# -*- coding: utf-8 -*-
"""The same records through a SocketHandler and into a RotatingFileHandler.

    python rotating_client.py HOST PORT FILE MAX_BYTES BACKUP_COUNT
"""

import logging
import logging.handlers
import sys


def main():
    host, port, path, max_bytes, backup_count = sys.argv[1:]
    logger = logging.getLogger("rotating")
    logger.setLevel(logging.INFO)
    sender = logging.handlers.SocketHandler(host, int(port))
    writer = logging.handlers.RotatingFileHandler(
        path, maxBytes=int(max_bytes), backupCount=int(backup_count), encoding="utf-8"
    )
    writer.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(sender)
    logger.addHandler(writer)
    # Short at first: before 3.13, an empty file was rotated too.
    logger.info(u"begin")
    for index in range(300):
        logger.info(u"%d %s", index, u"jackdaw" * (index * index % 29))
        if index % 50 == 0:
            logger.info(u"caf\xe9 \u65e5\u672c\u8a9e \U0001f426\nand a second line")
            try:
                raise KeyError(index)
            except KeyError:
                logger.exception(u"with a traceback")
    logging.shutdown()


if __name__ == "__main__":
    main()
