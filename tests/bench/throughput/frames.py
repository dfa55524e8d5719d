"""Frames as a program that logs sends them, and their lines.

    python frames.py               one JSON object a line: frame (hex), line
    python frames.py --size BYTES  one record, whose message has that many bytes
    python frames.py --kind KIND   two hundred records of one kind: see KINDS

A hundred records of the shapes that programs log: 84 plain ones with and without arguments, 6 with a long message, 5 with a traceback,
5 with many extras. The frames are what `SocketHandler.makePickle` returns, the lines what the document's format makes of them.
"""

from __future__ import print_function

import argparse
import binascii
import datetime
import json
import logging
import logging.handlers
import pickle
import random
import struct
import threading
import uuid

FORMAT = "%(relativeCreated)5d %(name)-15s %(levelname)-8s %(message)s"


def main():
    parser = argparse.ArgumentParser(description="Make frames to measure with.")
    parser.add_argument("--size", type=int)
    parser.add_argument("--kind", choices=sorted(KINDS))
    options = parser.parse_args()
    handler = Handler("localhost", logging.handlers.DEFAULT_TCP_LOGGING_PORT)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    if options.size is not None:
        logging.getLogger("app.blob").info("x" * options.size)
    elif options.kind is not None:
        handler.protocol = {"protocol 4": 4, "protocol 5": 5}.get(options.kind)
        KINDS[options.kind]()
    else:
        for index in range(100):
            log(index)


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
        job(index)
    else:
        logging.getLogger("app.disk").warning("%s is %d %% full", "/var/spool", 90 + index % 10)


def job(index):
    logging.getLogger("app.worker.queue").info("job %d of %s took %.3f s", index, "thumbnails", 0.125 * index)


def plain():
    """From one place."""
    for index in range(RECORDS):
        job(index)


def document():
    """The document's five, again and again."""
    area1, area2 = logging.getLogger("myapp.area1"), logging.getLogger("myapp.area2")
    for _ in range(RECORDS // 5):
        logging.info("Jackdaws love my big sphinx of quartz.")
        area1.debug("Quick zephyrs blow, vexing daft Jim.")
        area1.info("How quickly daft jumping zebras vex.")
        area2.warning("Jail zesty vixen who grabbed pay from quack.")
        area2.error("The five boxing wizards jump quickly.")


def places():
    """From forty places at random."""
    chosen = random.Random(4)
    for index in range(RECORDS):
        place = chosen.randrange(40)
        code = "%sdef %s(log, index):\n    log.%s('%s %%d', index)\n" % (
            "\n" * (17 * place), "work_on_%s" % ("x" * (place % 7)), ["debug", "info", "warning", "error"][place % 4],
            "something of length %s" % ("z" * place))
        names = {}
        exec(compile(code, "/srv/app/part%d/module_%d.py" % (place % 5, place % 9), "exec"), names)
        names["work_on_" + "x" * (place % 7)](
            logging.getLogger("app.part%d.module%d" % (place % 5, place % 9)), index)


def threads():
    """From eight threads in turn."""
    turns = [threading.Semaphore(0) for _ in range(8)]

    def work(number):
        for index in range(number, RECORDS, len(turns)):
            turns[number].acquire()
            job(index)
            turns[(number + 1) % len(turns)].release()

    started = [threading.Thread(target=work, args=(number,), name="Worker-%d" % number) for number in range(len(turns))]
    for thread in started:
        thread.start()
    turns[0].release()
    for thread in started:
        thread.join()


def web():
    """With a dict and a list in `extra`."""
    for index in range(RECORDS):
        request = {"method": "GET", "path": "/orders/%d" % index, "status": 200, "headers": {"accept": "*/*", "host": "example"}}
        extra = {"request": request, "tags": ["web", "orders", "n%d" % (index % 7)]}
        logging.getLogger("app.web.access").info("%s %s", "GET", request["path"], extra=extra)


def moments():
    """With a datetime and a UUID in `extra`."""
    start = datetime.datetime(2026, 3, 17, 11, 14, 58, 123456)
    for index in range(RECORDS):
        extra = {"due": start + datetime.timedelta(seconds=index), "order": uuid.UUID(int=(1 << 100) + index)}
        logging.getLogger("app.orders").info("order %d is due", index, extra=extra)


def keys():
    """With twenty-five keys, as structlog binds them."""
    for index in range(RECORDS):
        extra = dict(("key_%02d" % key, ["value %d" % index, index * key, 0.5 * key, None, True][key % 5]) for key in range(25))
        logging.getLogger("app.bound").info("event %d", index, extra=extra)


def tracebacks():
    """With a traceback of twelve lines."""

    def fail(depth, index):
        return {}["session-%d" % index] if depth == 0 else fail(depth - 1, index)

    for index in range(RECORDS):
        try:
            fail(3, index)
        except KeyError:
            logging.getLogger("app.web.session").exception("no such session for request %d", index)


def long_messages():
    """Of 10 kB."""
    for index in range(RECORDS):
        logging.getLogger("app.blob").info("%d %s", index, "jackdaws and quartz " * 500)


RECORDS = 200
KINDS = {
    "plain": plain,
    "document": document,
    "places": places,
    "threads": threads,
    "web": web,
    "moments": moments,
    "keys": keys,
    "tracebacks": tracebacks,
    "long": long_messages,
    "protocol 4": plain,
    "protocol 5": plain,
}


class Handler(logging.handlers.SocketHandler):
    """Prints what it would send."""

    protocol = None

    def emit(self, record):
        frame = self.makePickle(record)
        attributes = pickle.loads(frame[4:])
        if self.protocol is not None:
            pickled = pickle.dumps(attributes, self.protocol)
            frame = struct.pack(">L", len(pickled)) + pickled
        line = logging.Formatter(FORMAT).format(logging.makeLogRecord(attributes))
        print(json.dumps({"frame": binascii.hexlify(frame).decode("ascii"), "line": line}))


if __name__ == "__main__":
    main()
