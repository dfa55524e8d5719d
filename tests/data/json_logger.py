"""Lines of python-json-logger for records: makes json_logger.jsonl, or says whether it is still so.

    python3.13 json_logger.py make       in an environment that has python-json-logger 4.2
    python3.13 json_logger.py check

The first row has `pickles` (hex), of dictionaries as SocketHandler would send them. Each other has `formatter`, as a configuration
names it (a text, in which the order counts), and `lines`, what logging.config.dictConfig and the package made of those in UTC.
"""

import collections
import datetime
import decimal
import io
import json
import logging
import logging.config
import os
import pathlib
import pickle
import sys
import time
import uuid
import warnings

import sample_classes

FILE = pathlib.Path(__file__).with_suffix(".jsonl")
NAME = "pythonjsonlogger.json.JsonFormatter"
OLD_NAME = "pythonjsonlogger.jsonlogger.JsonFormatter"

FORMATTERS = [
    {"()": NAME},
    {"class": NAME},
    {"class": OLD_NAME, "format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    {"()": OLD_NAME, "fmt": "%(asctime)s %(levelname)-8s [%(filename)s:%(lineno)d] %(message)s", "datefmt": "%Y-%m-%dT%H:%M:%SZ"},
    {"()": NAME, "format": "{levelname} {message} {asctime:10} {absent}", "style": "{"},
    {"()": NAME, "format": "$$ $levelname ${message} $user", "style": "$"},
    {"()": NAME, "format": "levelname, message,process ,", "style": ","},
    {"()": NAME, "format": ["message", "levelname", "user"]},
    {"()": NAME, "format": "no field", "validate": False},
    {"class": NAME, "format": "%(message)s", "rename_fields": {"message": "ignored"}, "static_fields": {"ignored": 1}},
    {"()": NAME, "format": "%(levelname)s %(message)s", "rename_fields": {"levelname": "level", "message": "msg", "user": "who", "exc_info": "error", "absent": "x"}},
    {"()": NAME, "format": "%(message)s", "static_fields": {"service": "shop", "user": "static", "z": [1, {"b": None, "a": 1.5}, []], "é": "€", "a": {}}},
    {"()": NAME, "format": "%(message)s", "static_fields": {"message": "overwritten"}},
    {"()": NAME, "format": "%(message)s", "timestamp": True},
    {"()": NAME, "format": "%(message)s", "timestamp": "@timestamp", "rename_fields": {"@timestamp": "when"}},
    {"()": NAME, "format": "%(message)s", "timestamp": False},
    {"()": NAME, "format": "%(message)s %(user)s", "timestamp": "user"},
    {"()": NAME, "format": "%(message)s %(exc_info)s %(stack_info)s %(args)s %(msg)s %(taskName)s"},
    {"class": NAME, "format": "%(message)s %(user)s", "defaults": {"user": "nobody", "env": "test"}},
    {"()": NAME, "format": "%(message)s", "json_ensure_ascii": False},
    {"()": NAME, "format": "%(created)f %(msecs)d %(levelno)s %(relativeCreated)d %(thread)d %(threadName)s %(message)s"},
]



def records():
    base = {
        "name": "shop.till", "msg": "Jackdaws love my big sphinx", "args": None, "levelname": "INFO", "levelno": 20,
        "pathname": "/srv/shop/till.py", "filename": "till.py", "module": "till", "exc_info": None, "exc_text": None,
        "stack_info": None, "lineno": 42, "funcName": "sell", "created": 1700000000.25, "msecs": 250.0,
        "relativeCreated": 1234.5, "thread": 140000000000001, "threadName": "MainThread", "processName": "MainProcess",
        "process": 4242, "taskName": None,
    }
    yield base
    yield dict(base, user="ada", _hidden=1, asctime="left over", order_id=7, share=0.1, big=1e22, small=1e-7, ok=True, none=None)
    yield dict(base, msg='q"\\/\n\t\r\b\f\x00\x1f\x7f é € \U0001f600 \u2028', user="a\u0301")
    yield dict(base, levelname="ERROR", levelno=40, exc_text="Traceback (most recent call last):\nValueError: no", stack_info="Stack (most recent call last):\n  x")
    yield dict(base, items=[1, (2, 3), {"k": {"deep": []}}], mapping={1: "a", None: "b", True: "c", 2.5: "d"}, empty={}, nothing=[])
    yield dict(base, huge=2 ** 70, negative=-1, nan=float("nan"), inf=float("inf"), ninf=float("-inf"), zero=-0.0, whole=3.0)
    yield dict(base, data=b"\x00\xff~~~>>", array=bytearray(b"abcd"), one={1})
    yield dict(base, at=datetime.datetime(2024, 7, 1, 12, 30), aware=datetime.datetime(2024, 7, 1, 12, 30, 1, 5, tzinfo=datetime.timezone.utc),
               day=datetime.date(2024, 7, 1), hour=datetime.time(3, 4), span=datetime.timedelta(1, 2), price=decimal.Decimal("1.10"),
               key=uuid.UUID(int=1), path=pathlib.PurePosixPath("/a b"))
    yield dict(base, error=ValueError("no", 1), plain=KeyError("k"), none_given=OSError(),
               nested=sample_classes.Outer.Error("n"), deep=sample_classes.Outer.Deep.Error("d"))
    yield dict(base, kind=int, model=collections.OrderedDict, outer=sample_classes.Outer, function=len)
    yield dict(base, ordered=collections.OrderedDict(b=1, a=2), counts=collections.Counter("aab"))
    yield dict(base, msg={"event": "sold", "user": "from the message", "message": "inner"}, user="from extra")
    yield dict(base, msg="%s and %d", args=("merged", 5))
    for created in (1700000000.0, 1700000000.9999999, 1700000000.123456, 0.5, 951782400.000001):
        yield dict(base, created=created, msecs=int(created % 1 * 1000) + 0.0)


def rows():
    pickles = [pickle.dumps(record, 1) for record in records()]
    yield {"pickles": [pickled.hex() for pickled in pickles]}
    for formatter in FORMATTERS:
        out = io.StringIO()
        logging.config.dictConfig({
            "version": 1, "formatters": {"f": json.loads(json.dumps(formatter))},
            "handlers": {"h": {"class": "logging.StreamHandler", "stream": out, "formatter": "f"}}, "root": {"handlers": ["h"]},
        })
        lines = []
        for pickled in pickles:
            out.seek(0)
            out.truncate()
            logging.getLogger().handle(logging.makeLogRecord(pickle.loads(pickled)))
            lines.append(out.getvalue()[:-1])
        yield {"formatter": json.dumps(formatter), "lines": lines}


def main(command="check"):
    os.environ["TZ"] = "UTC"
    time.tzset()
    warnings.simplefilter("ignore")
    text = "".join(json.dumps(row) + "\n" for row in rows())
    if command == "make":
        FILE.write_text(text)
    elif FILE.read_text() != text:
        sys.exit("python-json-logger prints something else than is in json_logger.jsonl")


main(*sys.argv[1:])
