# -*- coding: utf-8 -*-
"""Seeded random configurations, with what the Python that runs this writes by each.

    python random_policies.py [--count 200] [--seed 1]

One JSON object a line: `config`, the text of what `logging.config.dictConfig` takes; `frames`, of some records (hex); `before`, the files that
are there already; and `files`, what is in each of them after the last record, with `stdout` and `stderr`. Times are in UTC. Left
out is what depends on time, and where CPython loses records: queues, encodings that fail, a `WatchedFileHandler` that empties its
file for its second record, attributes that are missing.
"""

import argparse
import binascii
import json
import logging
import logging.config
import logging.handlers
import os
import random
import shutil
import sys
import tempfile
import time

LOGGERS = ("", "root", "a", "a.b", "a.b.c", "a.", ".a", "ab", "b", "b.c", "shop", "shop.cart", "shopping", u"\xe9.x", "x" * 30)
LEVELS = (10, 20, 30, 40, 50, 0, 5, 25, 45, 60, -5, 100)
LEVEL_NAMES = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "NOTSET", "WARN", "FATAL", 10, 25, 0, 45)
MESSAGES = (
    ("plain", ()), ("%s and %d", ("x", 3)), (u"caf\xe9 \u2603 %s", (u"\xfc",)), ("two\nlines", ()), ("%(k)s!", {"k": 1}),
    ("tab\tq\"\\", ()), ("long " + "y" * 150, ()), ("", ()), (42, ()), (None, ()),
)
FIELDS = {
    "%": ("%(message)s", "%(levelname)-8.3s", "%(name)s", "%(levelno)5d", "%(asctime)s", "%(msecs)03d", "%%", "%(user)r"),
    "{": ("{message}", "{levelname:<8}", "{name!r}", "{levelno:05d}", "{asctime}", "{created:.2f}", "{{}}", "{user}"),
    "$": ("$message", "${levelname}", "$name", "$asctime", "$levelno", "$$", "${module}$lineno", "$user"),
}
DATES = ("%H:%M:%S", "%Y/%m/%d", "%d.%m.%y %I:%M %p", "", "%A %B %j %U", "%%x%", u"\xe9%Y", "%T %Z %z")
TRACEBACK = u"Traceback (most recent call last):\n  File \"x\", line 3\nZeroDivisionError: \xe9"
ERRORS = ("replace", "backslashreplace", "ignore", "xmlcharrefreplace")
# Older ones have no `errors`.
ENCODINGS = ("utf-8", "utf8", "U8", None) + (("ascii",) if sys.version_info >= (3, 9) else ())


def frame(source, number):
    level = source.choice(LEVELS)
    msg, args = source.choice(MESSAGES)
    values = dict(
        name=source.choice(LOGGERS), msg=msg, args=args, levelno=level, levelname=logging.getLevelName(level), lineno=number,
        pathname="/srv/app/m.py", filename="m.py", module="m", funcName="work", exc_info=None, exc_text=None, stack_info=None,
        created=1767323045.25 + number * 0.37, msecs=250.0, relativeCreated=1000.0 * number, thread=1, threadName="MainThread",
        processName="MainProcess", process=4242, user=source.choice(["bob", 7, None, 1.5, ["l", 1], {"k": "v"}, True]),
    )
    if source.random() < 0.15:
        values["exc_text"] = TRACEBACK
    if source.random() < 0.1:
        values["stack_info"] = "Stack (most recent call last):\n  here"
    return logging.handlers.SocketHandler("", 1).makePickle(logging.makeLogRecord(values))


def some(source, names, most):
    return [source.choice(names) for _ in range(source.randrange(most + 1))] if names else []


def perhaps(source, chance, into, key, *values):
    if source.random() < chance:
        into[key] = source.choice(values)


def formatter(source):
    style = source.choice("%%{$")
    made = {"style": style}
    text = source.choice([" ", "|", ": ", "\n", ""]).join(source.sample(FIELDS[style], source.randrange(1, 5)))
    # Without a field there is no format; the dollar's takes one in any case.
    made["format"] = text + {"%": " %(name)s", "{": " {name}", "$": " $name"}[style]
    perhaps(source, 0.3, made, "datefmt", *DATES)
    perhaps(source, 0.2, made, "validate", True, False)
    if source.random() < 0.2:
        made["()"], made["fmt"] = "logging.Formatter", made.pop("format")
    return made


def handler(source, number, formatters, filters, others):
    kind = source.choice(["Stream", "Stream", "File", "File", "Rotating", "Rotating", "Watched", "Null", "Memory"])
    made = {"class": "logging.%sHandler" % kind}
    if kind == "Stream":
        perhaps(source, 0.9, made, "stream", "ext://sys.stdout", "ext://sys.stdout", "ext://sys.stderr")
    elif kind == "Memory":
        made.update({"class": "logging.handlers.MemoryHandler", "capacity": source.choice([1, 2, 5, 100, 0, -1])})
        perhaps(source, 0.5, made, "flushLevel", 10, 40, 50)
        perhaps(source, 0.9 if others else 0, made, "target", *others)
        perhaps(source, 0.3, made, "flushOnClose", True, False)
    elif kind != "Null":
        made["filename"] = "%d.log" % number
        perhaps(source, 0.4 if kind != "Watched" else 0, made, "mode", "w", "a", "a+", "w+", "at")
        perhaps(source, 0.3, made, "delay", True, False, 1, 0)
        perhaps(source, 0.4, made, "encoding", *ENCODINGS)
        # A file that rotates counts characters, and only some errors leave one for one.
        errors = ERRORS[:1] if kind == "Rotating" else ERRORS
        perhaps(source, 1 if made.get("encoding") == "ascii" else 0, made, "errors", *errors)
    if kind == "Rotating":
        made["class"] = "logging.handlers.RotatingFileHandler"
        perhaps(source, 0.9, made, "maxBytes", 0, 100, 300, 1000, 5000)
        perhaps(source, 0.9, made, "backupCount", 0, 1, 2, 5)
    elif kind == "Watched":
        made["class"] = "logging.handlers.WatchedFileHandler"
    perhaps(source, 0.8, made, "formatter", *formatters)
    perhaps(source, 0.5, made, "level", *LEVEL_NAMES)
    if source.random() < 0.25:
        made["filters"] = some(source, filters, 2)
    return made


def logger(source, handlers, filters):
    made = {}
    if source.random() < 0.85:
        made["handlers"] = some(source, handlers, 3)
    perhaps(source, 0.4, made, "propagate", True, False, False, 0, 1, None)
    if source.random() < 0.2:
        made["filters"] = some(source, filters, 2)
    return made


def config(source):
    made = {"version": 1, "formatters": {}, "filters": {}, "handlers": {}}
    for name in ("f", "g", u"\xfc"):
        made["formatters"][name] = formatter(source)
    for name in ("p", "q")[:source.randrange(3)]:
        made["filters"][name] = {"name": source.choice(LOGGERS)} if source.random() < 0.9 else {}
    formatters, filters, handlers = list(made["formatters"]), list(made["filters"]), []
    for number in range(source.randrange(1, 7)):
        name = source.choice("hmz") + str(number)
        made["handlers"][name] = handler(source, number, formatters, filters, handlers)
        handlers.append(name)
    made["loggers"] = dict((name, logger(source, handlers, filters)) for name in source.sample(LOGGERS, source.randrange(6)))
    if source.random() < 0.8:
        made["root"] = logger(source, handlers, filters)
    perhaps(source, 0.3, made, "disable_existing_loggers", True, False)
    return made


def written(policy, frames, before):
    """What a process of its own writes: a second configuration in this one would find the loggers of the first."""
    place = tempfile.mkdtemp()
    for name, text in before.items():
        with open(os.path.join(place, name), "w") as file:
            file.write(text)
    child = os.fork()
    if child == 0:
        os.chdir(place)
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_APPEND), number)
        sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8") for number in (1, 2))
        logging.config.dictConfig(policy)
        for received in frames:
            record = logging.makeLogRecord(logging.handlers.pickle.loads(received[4:]))
            logging.getLogger(record.name).handle(record)
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    files = {}
    for name in os.listdir(place):
        with open(os.path.join(place, name), encoding="utf-8", newline="") as file:
            files[name] = file.read()
    shutil.rmtree(place)
    if status != 0 or "--- Logging error" in files["stderr"]:
        sys.exit("%s\n%s" % (json.dumps(policy), files["stderr"]))
    return files


def main():
    parser = argparse.ArgumentParser(description="Random configurations, with what this Python writes by each.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ["TZ"] = "UTC"
    time.tzset()
    source = random.Random(options.seed)
    for _ in range(options.count):
        policy = config(source)
        frames = [frame(source, number) for number in range(source.randrange(5, 40))]
        before = dict(("%d.log" % number, "before\n") for number in range(3) if source.random() < 0.3)
        files = written(json.loads(json.dumps(policy)), frames, before)
        hexed = binascii.hexlify(b"".join(frames)).decode("ascii")
        print(json.dumps({"config": json.dumps(policy), "frames": hexed, "before": before, "files": files}))


if __name__ == "__main__":
    main()
