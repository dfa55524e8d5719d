# -*- coding: utf-8 -*-
"""What the Python that runs this prints for frames and formats: the oracle of the tests.

Standard input has a JSON object a line: `frame` (hex, with its length) or `file` (a path), `style`, `format`, `datefmt`, `utc`, `tz`, all
but the frame optional. Standard output has, for each, the object `id` (where the row had one) and exactly one of

    text            what `logging.Formatter` gives for `logging.makeLogRecord(pickle.loads(frame))`
    wtf8            the same as WTF-8 in hex, where it holds lone surrogates
    error           the kind and message of what `format` raised
    format_error    the same, of what `Formatter` raised when it was made
    load_error      the same, of what unpickling raised

Differences from the document's receiver, all meant: a Python 2 `str` is UTF-8 where it is valid UTF-8, else Latin-1; a frame without a
key that the receiving process would fill in gets a constant; a `taskName` that was not sent is None.
"""

from __future__ import print_function

import binascii
import codecs
import io
import json
import logging
import os
import pickle
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sample_classes  # noqa: F401, so that unpickling finds it

PYTHON_3 = sys.version_info[0] > 2
STYLES = PYTHON_3
VALIDATES = sys.version_info >= (3, 8)
RECEIVER = {
    "created": 1700000000.25,
    "msecs": 250.0,
    "relativeCreated": 3000.0,
    "thread": 1,
    "threadName": "MainThread",
    "process": 4242,
    "processName": "MainProcess",
    "taskName": None,
}


def main():
    zone = None
    source = io.open(sys.stdin.fileno(), encoding="utf-8")
    for line in source:
        row = json.loads(line)
        if row.get("tz", zone) != zone:
            zone = row["tz"]
            os.environ["TZ"] = str(zone)
            time.tzset()
        answer = answered(row)
        if "id" in row:
            answer["id"] = row["id"]
        print(json.dumps(answer))


def answered(row):
    if "file" in row:
        with open(row["file"], "rb") as file:
            frame = file.read()
    else:
        frame = binascii.unhexlify(row["frame"])
    style, format, datefmt = row.get("style", "%"), row.get("format"), row.get("datefmt")
    return printed(frame, style, format, datefmt, row.get("utc", False))


def printed(frame, style, format, datefmt, utc):
    """The answer for one frame: shared with random_formats.py."""
    formatter, refusal = formatter_of(style, format, datefmt, utc)
    if refusal:
        return {"format_error": refusal}
    try:
        attributes = loads(frame[4:])
    except Exception as error:
        return {"load_error": described(error)}
    try:
        text = formatter.format(made(attributes))
    except Exception as error:
        return {"error": described(error)}
    return shown(text)


def loads(payload):
    if PYTHON_3:
        return pickle.loads(payload, encoding="python2-str")
    return pickle.loads(payload)


def made(attributes):
    attributes = dict(attributes)
    for name, value in RECEIVER.items():
        attributes.setdefault(name, value)
    return logging.makeLogRecord(attributes)


def shown(text):
    if isinstance(text, bytes):  # Python 2, nothing of it unicode
        text = decoded(text)[0]
    try:
        # The one of Python 2 takes surrogates for granted.
        text.encode("utf-8")
        if PYTHON_3 or not any(0xD800 <= ord(char) < 0xE000 for char in text):
            return {"text": text}
    except UnicodeEncodeError:
        pass
    return {"wtf8": binascii.hexlify(text.encode("utf-8", "surrogatepass" if PYTHON_3 else "strict")).decode("ascii")}


def formatter_of(style, format, datefmt, utc):
    """The formatter, or why there is none; each is made once."""
    key = style, format, datefmt, utc
    if key not in FORMATTERS:
        if len(FORMATTERS) > 1000:
            FORMATTERS.clear()
        try:
            FORMATTERS[key] = new_formatter(style, format, datefmt, utc), None
        except Exception as error:
            FORMATTERS[key] = None, described(error)
    return FORMATTERS[key]


FORMATTERS = {}


def new_formatter(style, format, datefmt, utc):
    if VALIDATES:
        formatter = logging.Formatter(format, datefmt, style, validate=True)
    elif STYLES:
        formatter = logging.Formatter(format, datefmt, style)
    elif style == "%":
        formatter = logging.Formatter(format, datefmt)
    else:
        raise ValueError("this Python knows only the style %")
    if utc:
        formatter.converter = time.gmtime
    return formatter


def described(error):
    return "%s: %s" % (type(error).__name__, message_of(error))


def message_of(error):
    try:
        return u"%s" % error if PYTHON_3 else str(error).decode("latin-1")
    except Exception:
        return "?"


def decoded(data, errors="strict"):
    """Python 2 `str` as text: no byte is lost."""
    data = bytes(data)
    try:
        return data.decode("utf-8"), len(data)
    except UnicodeDecodeError:
        return data.decode("latin-1"), len(data)


def python2_str(name):
    if name.replace("_", "-") == "python2-str":
        return codecs.CodecInfo(name=name, encode=codecs.latin_1_encode, decode=decoded)
    return None


codecs.register(python2_str)

if __name__ == "__main__":
    main()
