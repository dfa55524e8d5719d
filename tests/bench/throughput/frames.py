"""Frames as a program that logs sends them, and their lines.

    python frames.py               one JSON object a line: frame (hex), line
    python frames.py --size BYTES  one record, whose message has that many bytes

A hundred records of the shapes that programs log: 84 plain ones with and without arguments, 6 with a long message, 5 with a traceback,
5 with many extras. The frames are what `SocketHandler.makePickle` returns, the lines what the document's format makes of them.
"""

import argparse
import binascii
import json
import logging
import logging.handlers
import pickle

FORMAT = "%(relativeCreated)5d %(name)-15s %(levelname)-8s %(message)s"


def main():
    parser = argparse.ArgumentParser(description="Make frames to measure with.")
    parser.add_argument("--size", type=int)
    size = parser.parse_args().size
    handler = Handler("localhost", logging.handlers.DEFAULT_TCP_LOGGING_PORT)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    if size is None:
        for index in range(100):
            log(index)
    else:
        logging.getLogger("app.blob").info("x" * size)


def log(index):
    """One record of a mixture that repeats after a hundred."""
    if index % 20 == 7:
        try:
            {}["session-%d" % index]
        except KeyError:
            logging.getLogger("app.web.session").exception("no such session for request %d", index)
    elif index % 20 == 13:
        extra = {
            "request_id": "5f0c%08x" % index,
            "user": {"id": index, "groups": ["staff", "editors"], "active": True},
            "elapsed": 0.0125 * index,
            "method": "POST",
            "path": "/api/v2/orders/%d/items" % index,
            "status": 201,
            "peer": ("192.0.2.7", 50000 + index),
        }
        logging.getLogger("app.web.access").info("%s %s", extra["method"], extra["path"], extra=extra)
    elif index % 16 == 3:
        columns = ", ".join("column_%02d" % number for number in range(60))
        logging.getLogger("app.sql").debug("SELECT %s FROM orders WHERE id = %d", columns, index)
    elif index % 3 == 0:
        logging.getLogger("app.worker").debug("Jackdaws love my big sphinx of quartz.")
    elif index % 3 == 1:
        logging.getLogger("app.worker.queue").info("job %d of %s took %.3f s", index, "thumbnails", 0.125 * index)
    else:
        logging.getLogger("app.disk").warning("%s is %d %% full", "/var/spool", 90 + index % 10)


class Handler(logging.handlers.SocketHandler):
    """Prints what it would send."""

    def emit(self, record):
        frame = self.makePickle(record)
        sent = logging.makeLogRecord(pickle.loads(frame[4:]))
        line = logging.Formatter(FORMAT).format(sent)
        print(json.dumps({"frame": binascii.hexlify(frame).decode("ascii"), "line": line}))


if __name__ == "__main__":
    main()
