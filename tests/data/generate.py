# -*- coding: utf-8 -*-
"""Frames as the Python that runs this sends them, one case each.

    python generate.py             JSON lines: case, family, python, protocol, tier, frame (hex)
    python generate.py --out DIR   DIR/CASE.frame, and the same lines without the frame in DIR/index.jsonl

Each frame is what `logging.handlers.SocketHandler.makePickle` returns; for protocols other than 1, what a subclass's would. Times,
identities and paths are constants, so that the same Python always makes the same bytes. Runs on 2.7 and 3.6 to 3.13.
"""

from __future__ import print_function

import argparse
import binascii
import collections
import contextlib
import datetime
import decimal
import fractions
import io
import json
import linecache
import logging
import logging.handlers
import os
import pickle
import random
import struct
import sys
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sample_classes as classes

PYTHON_3 = sys.version_info[0] > 2
VERSION = "%d.%d" % sys.version_info[:2]
CREATED = 1710674098.968
PATH = "app/source/db.py"
BUILTIN, STANDARD, USER = 1, 2, 3

if PYTHON_3:
    unichr = chr
    long = int


def main():
    parser = argparse.ArgumentParser(description="Make frames as this Python sends them.")
    parser.add_argument("--out", help="a directory; standard output otherwise")
    out = parser.parse_args().out
    if out is None:
        for case, frame in cases():
            case["frame"] = binascii.hexlify(frame).decode("ascii")
            print(json.dumps(case, sort_keys=True))
        return
    if not os.path.isdir(out):
        os.makedirs(out)
    with io.open(os.path.join(out, "index.jsonl"), "w", encoding="utf-8") as index:
        for case, frame in cases():
            with open(os.path.join(out, case["case"] + ".frame"), "wb") as file:
                file.write(frame)
            index.write(u"%s\n" % json.dumps(case, sort_keys=True))


def cases():
    """Every case, with its frame."""
    handler = Handler()
    for family, name, tier, protocols, record in records():
        for protocol in protocols:
            tag = "py" + VERSION.replace(".", "")
            case = {
                "case": "%s--%s--p%d--%s" % (family, name, protocol, tag),
                "family": family,
                "python": VERSION,
                "protocol": protocol,
                "tier": tier,
            }
            yield case, handler.frame(record, protocol)


def records():
    """Family, name, tier, protocols and record of each case. A raw record is a dict, or whatever an old sender may have sent."""
    first = (1,)
    every = tuple(range(pickle.HIGHEST_PROTOCOL + 1))
    for name, value in builtin_values():
        yield "builtin", name, BUILTIN, every, record(u"value", x=value)
    for name, value in standard_values():
        yield "standard", name, STANDARD, every, record(u"value", x=value)
    for name, value in user_values():
        yield "user", name, USER, every, record(u"value", x=value)
    for name, value in builtin_values():
        yield "message", name, BUILTIN, first, record(value)
    for name, made in plain_records():
        yield "record", name, BUILTIN, every, made
    for name, made in exception_records():
        yield "exception", name, BUILTIN, first, made
    for name, made in raw_records():
        yield "raw", name, BUILTIN, every, made
    if not PYTHON_3:
        for name, value in byte_strings():
            yield "py2", name, BUILTIN, every, record(value, x=value)
    for number in range(64):
        yield "random", "%02d" % number, BUILTIN, first, record(u"value", x=random_value(random.Random(number)))


def record(msg, *args, **extra):
    """A LogRecord with nothing of this process in it."""
    exc_info = extra.pop("exc_info", None)
    name = extra.pop("name", "app.db")
    level = extra.pop("level", logging.INFO)
    made = logging.LogRecord(name, level, PATH, 118, msg, args, exc_info, "commit")
    constants = {
        "created": CREATED,
        "msecs": 968.0,
        "relativeCreated": 61.25,
        "thread": 140245133387584,
        "threadName": "MainThread",
        "process": 4711,
        "processName": "MainProcess",
    }
    made.__dict__.update(constants)
    made.__dict__.update(extra)
    return made


def builtin_values():
    for power in (7, 8, 15, 16, 31, 32, 63, 64, 100, 1000, 2040, 2048):
        for offset in (-1, 0, 1):
            yield "int_2p%d%+d" % (power, offset), 2**power + offset
            yield "int_neg_2p%d%+d" % (power, offset), -(2**power) + offset
    for name, value in (("zero", 0), ("one", 1), ("true", True), ("false", False), ("none", None)):
        yield name, value
    yield "int_4300_digits", 10**4299
    floats = (0.0, -0.0, 0.1, 1 / 3.0, 1e15, 1e16, 1e22, 1.5e300, 5e-324, 1e-5, 123456789.125, float("inf"), float("-inf"), float("nan"))
    for number, value in enumerate(floats):
        yield "float_%02d" % number, value
    for name, value in text_values():
        yield name, value
    for name, value in container_values():
        yield name, value
    yield "bytearray", bytearray(range(256))
    yield "bytearray_empty", bytearray()
    if PYTHON_3:
        yield "bytes_every", bytes(range(256))
        yield "bytes_empty", b""
        yield "bytes_ascii", b"it's \"quoted\""
        yield "bytes_300", b"\xff" * 300


def text_values():
    yield "text_empty", u""
    yield "text_ascii", u"plain"
    yield "text_quotes", u"it's \"quoted\" \\ back"
    yield "text_controls", u"".join(unichr(code) for code in range(32)) + u"\x7f\x80\x85\x9f\xa0\xad"
    yield "text_latin1", u"caf\xe9"
    yield "text_bmp", u"\u65e5\u672c\u8a9e \u20ac \u202e\u2028\ufeff\ufffe"
    yield "text_astral", u"\U0001f426 \U0001d11e \U0010ffff"
    yield "text_surrogates", u"a\udcffb\ud800c"
    yield "text_255_bytes", u"x" * 255
    yield "text_256_bytes", u"x" * 256
    yield "text_65536", u"\xe9" * 65536


def container_values():
    shared = [1, 2]
    cycle = [1]
    cycle.append(cycle)
    ring = {u"me": None}
    ring[u"me"] = ring
    knot = ([],)
    knot[0].append(knot)
    deep = []
    for _ in range(200):
        deep = [deep]
    yield "list_empty", []
    yield "list_nested", [1, [2, [3, (4, {5: [6]})]], u"x", None]
    yield "list_2500", list(range(2500))
    yield "list_shared", [shared, shared, (shared, shared)]
    yield "list_cycle", cycle
    yield "list_deep", deep
    yield "dict_cycle", ring
    yield "tuple_cycle", knot
    for length in (0, 1, 2, 3, 4, 5):
        yield "tuple_%d" % length, tuple(range(length))
    yield "dict_empty", {}
    yield "dict_one", {u"a": 1}
    yield "dict_mixed_keys", dict([(1, u"int")]) if not PYTHON_3 else {1: "int", None: "none", (1, 2): "tuple", 2.5: "float", b"b": "bytes"}
    yield "dict_nested", {u"a": {u"b": {u"c": [1, {u"d": None}]}}}
    yield "set_empty", set()
    yield "set_one", {1}
    yield "set_ints", {1, 2, 3, 4}
    yield "frozenset_empty", frozenset()
    yield "frozenset_one", frozenset([7])
    yield "frozenset_of_frozensets", frozenset([frozenset([1])])


def standard_values():
    ordered = collections.OrderedDict([(u"z", 1), (u"a", [2])])
    counts = collections.Counter({u"a": 1, u"b": 3})
    groups = collections.defaultdict(list)
    groups[u"k"].append(1)
    for name, value in (
        ("ordered_dict", ordered),
        ("ordered_dict_empty", collections.OrderedDict()),
        ("default_dict", groups),
        ("counter", counts),
        ("deque", collections.deque([1, 2])),
        ("deque_bounded", collections.deque([1], 5)),
        ("datetime", datetime.datetime(2024, 3, 17, 12, 14, 58)),
        ("datetime_micro", datetime.datetime(2024, 3, 17, 12, 14, 58, 123456)),
        ("date", datetime.date(1999, 12, 31)),
        ("time", datetime.time(23, 59, 58, 7)),
        ("time_midnight", datetime.time(0, 0)),
        ("timedelta", datetime.timedelta(3, 5, 7)),
        ("timedelta_negative", datetime.timedelta(-1, 86399, 999999)),
        ("timedelta_zero", datetime.timedelta(0)),
        ("decimal", decimal.Decimal("12.50")),
        ("decimal_exponent", decimal.Decimal("1E+40")),
        ("decimal_infinity", decimal.Decimal("-Infinity")),
        ("fraction", fractions.Fraction(-3, 7)),
        ("uuid", uuid.UUID("12345678-1234-5678-1234-567812345678")),
        ("value_error", ValueError("bad", 7)),
        ("key_error", KeyError("missing")),
        ("exception_empty", RuntimeError()),
        ("os_error", OSError(2, "No such file", "x.cfg")),
    ):
        yield name, value
    yield "complex", complex(1.5, -2)
    yield "complex_negzero", complex(-0.0, -0.0)
    yield "range", range(3, 30, 4)
    yield "slice_members", [slice(1, 2, 3).indices(9)]
    yield "type", int
    yield "function", len
    if PYTHON_3:
        yield "ellipsis", Ellipsis
        yield "not_implemented", NotImplemented
        yield "slice", Sliced(1, 2, None)
        for name, value in standard_values_of_python_3():
            yield name, value


def standard_values_of_python_3():
    import ipaddress
    import pathlib
    import types

    zone = datetime.timezone
    hours = datetime.timedelta(hours=5, minutes=30)
    yield "timezone_utc", zone.utc
    yield "timezone_offset", zone(hours)
    yield "timezone_named", zone(-hours, "XST")
    yield "datetime_utc", datetime.datetime(2024, 3, 17, 12, 0, tzinfo=zone.utc)
    yield "datetime_offset", datetime.datetime(2024, 3, 17, 12, 0, 1, 5, tzinfo=zone(-hours))
    yield "datetime_fold", datetime.datetime(2024, 11, 3, 1, 30, fold=1)
    yield "time_offset", datetime.time(1, 2, tzinfo=zone(hours))
    yield "pure_posix_path", pathlib.PurePosixPath("/srv/it's")
    yield "pure_windows_path", pathlib.PureWindowsPath("C:\\logs\\x")
    yield "posix_path", pathlib.PosixPath("relative/x.cfg")
    yield "ipv4_address", ipaddress.IPv4Address("192.0.2.1")
    yield "ipv6_address", ipaddress.IPv6Address("2001:db8::1")
    yield "ipv4_network", ipaddress.IPv4Network("192.0.2.0/24")
    yield "ipv4_interface", ipaddress.IPv4Interface("192.0.2.1/24")
    yield "simple_namespace", types.SimpleNamespace(a=1, b=[2])
    yield "unicode_error", UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")


def user_values():
    exception = classes.AppError("went wrong", 3)
    exception.code = 9
    yield "plain", classes.Plain(a=1)
    yield "plain_empty", classes.Plain()
    yield "plain_nested", classes.Plain(inner=classes.Plain(x=[1]))
    yield "plain_many", [classes.Plain(number=number) for number in range(3)]
    yield "slotted", classes.Slotted(u"h", 80)
    yield "described", classes.Described(a=1)
    yield "reduced", classes.Reduced(1, u"two")
    yield "integer", classes.Integer(7)
    yield "float", classes.Float(2.5)
    yield "text", classes.Text(u"caf\xe9")
    yield "list", classes.List([1, 2])
    yield "tuple", classes.Tuple((1, 2))
    yield "dict", classes.Dict(a=1)
    yield "exception", exception
    yield "point", classes.Point(1, 2)
    yield "classic", classes.Classic()
    yield "class", classes.Plain
    if classes.enum:
        yield "enum", classes.Colour.RED
        yield "enum_text", classes.Colour.GREEN
        yield "enum_int", classes.Priority.HIGH
        yield "enum_flag", classes.Access.READ | classes.Access.WRITE
    if classes.dataclasses:
        yield "dataclass", classes.Order(7, ["a", "b"])


def plain_records():
    yield "no_args", record(u"nothing to merge, 100%")
    yield "args", record(u"%s did %d of %.2f%%", u"bob", 3, 99.5)
    yield "args_dict", record(u"%(who)s and %(what)r", {u"who": u"bob", u"what": u"it"})
    yield "unicode", record(u"%s \u2192 %s", u"\u65e5\u672c", u"\U0001f426", name=u"d\xe9p\xf4t", user=u"Zo\xeb")
    yield "empty", record(u"")
    yield "newlines", record(u"one\ntwo\r\nthree\n")
    yield "extra", record(u"with extra", user=u"ann", session=12345678901234567890, ratio=0.25, tags=[u"a", u"b"], none=None)
    yield "custom_level", record(u"odd level", level=25)
    yield "level_zero", record(u"level zero", level=0)
    for level in (10, 20, 30, 40, 50):
        yield "level_%d" % level, record(u"at level", level=level)
    yield "task_name", record(u"in a task", taskName=u"Task-1")
    yield "message_set", record(u"fresh", message=u"stale", asctime=u"stale")
    yield "logger_root", record(u"m", name="root")
    yield "logger_odd", record(u"m", name=u"a b.%s.{c}\n")
    if PYTHON_3:
        yield "stack_info", record("with stack", stack_info='Stack (most recent call last):\n  File "x.py", line 1, in <module>')
        yield "surrogates", record("file \udcff", pathname="/srv/\udcff.py", filename="\udcff.py")


def exception_records():
    for name, body in (
        ("simple", "raise ValueError('bad value')"),
        ("unicode", "raise ValueError(u'caf\\xe9 \\u65e5')"),
        ("empty", "raise KeyError"),
        ("chained_context", "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('while handling')"),
        ("multi_line", "raise RuntimeError('one\\ntwo\\n')"),
        ("deep", "def call(depth):\n    if not depth:\n        raise OSError(2, 'gone')\n    call(depth - 1)\ncall(40)"),
    ):
        yield name, failing_record(body)
    if PYTHON_3:
        yield "chained_cause", failing_record("try:\n    int('x')\nexcept ValueError as error:\n    raise TypeError('cause') from error")
        yield "chained_none", failing_record("try:\n    int('x')\nexcept ValueError:\n    raise TypeError('alone') from None")
    if sys.version_info >= (3, 11):
        yield "group", failing_record("raise ExceptionGroup('several', [ValueError(1), TypeError('two')])")
        yield "notes", failing_record("e = ValueError('noted')\ne.add_note('a note')\nraise e")


def failing_record(body):
    """A record with the traceback of `body`, as if it stood in a file of the application."""
    linecache.cache[PATH] = (len(body), None, body.splitlines(True), PATH)
    try:
        exec(compile(body, PATH, "exec"), {"__name__": "app.db"})
    except Exception:
        kind, error, trace = sys.exc_info()
        made = record(u"it failed", exc_info=(kind, error, trace.tb_next), level=logging.ERROR)
        # Formatted here, while the traceback's file is in the cache; the handler keeps it.
        made.exc_text = logging.Formatter().formatException(made.exc_info)
        return made
    raise AssertionError("does not raise: " + body)


def raw_records():
    """What senders other than SocketHandler's may send: `args` not merged, keys missing, pairs instead of a dict."""
    whole = dict(record(u"%s did %d", u"bob", 3).__dict__)
    yield "args", whole
    yield "args_one_dict", dict(whole, msg=u"%(a)s %(b)05d", args={u"a": 1, u"b": 2})
    yield "args_empty", dict(whole, msg=u"100%", args=())
    yield "args_none", dict(whole, msg=u"100%", args=None)
    yield "args_too_few", dict(whole, msg=u"%s %s", args=(1,))
    yield "args_too_many", dict(whole, msg=u"%s", args=(1, 2))
    yield "args_star", dict(whole, msg=u"[%*d][%-*.*f]", args=(7, 42, 9, 2, 3.14159))
    yield "args_wrong_type", dict(whole, msg=u"%d", args=(u"x",))
    yield "exc_text", dict(whole, exc_text=u"Traceback:\nboom")
    yield "minimal", {u"name": u"n", u"msg": u"only this", u"levelno": 20, u"levelname": u"INFO"}
    yield "empty", {}
    yield "pairs", sorted(whole.items())


def byte_strings():
    """Python 2 `str`, which knows no encoding."""
    yield "ascii", b"plain"
    yield "utf8", u"caf\xe9 \u65e5".encode("utf-8")
    yield "latin1", u"caf\xe9".encode("latin-1")
    yield "every_byte", bytes(bytearray(range(256)))
    yield "long", b"\xc3\xa9" * 200
    yield "mixed", [b"a", u"a", b"\xff", u"\xff"]


def random_value(source, depth=3):
    kind = source.randrange(10 if depth else 6)
    if kind == 0:
        return source.choice([None, True, False])
    if kind == 1:
        return source.choice([-1, 1]) * source.getrandbits(source.choice([1, 8, 16, 31, 32, 64, 200]))
    if kind == 2:
        return struct.unpack(">d", struct.pack(">Q", source.getrandbits(64)))[0]
    if kind == 3:
        return u"".join(unichr(source.choice([10, 39, 97, 233, 8364, 0xD800, 0xFFFF])) for _ in range(source.randrange(12)))
    if kind == 4:
        return bytearray(source.randrange(256) for _ in range(source.randrange(12)))
    if kind == 5:
        return long(source.randrange(100))
    members = [random_value(source, depth - 1) for _ in range(source.randrange(4))]
    if kind == 6:
        return members
    if kind == 7:
        return tuple(members)
    if kind == 8:
        return dict((u"k%d" % number, member) for number, member in enumerate(members))
    return members + members


class Sliced(object):
    """A slice, which pickle itself only takes since Python 3.8."""

    def __init__(self, *bounds):
        self.bounds = bounds

    def __reduce__(self):
        return slice, self.bounds


class Handler(logging.handlers.SocketHandler):
    """A SocketHandler that never connects, and that pickles by any protocol."""

    def __init__(self):
        logging.handlers.SocketHandler.__init__(self, "localhost", 0)
        self.protocol = 1

    def frame(self, made, protocol):
        self.protocol = protocol
        if isinstance(made, logging.LogRecord):
            return self.makePickle(made)
        payload = pickle.dumps(made, protocol)
        return struct.pack(">L", len(payload)) + payload

    def makePickle(self, made):
        with self.pickling():
            return logging.handlers.SocketHandler.makePickle(self, made)

    @contextlib.contextmanager
    def pickling(self):
        """Stands in for the `pickle` of logging.handlers, whose makePickle has its protocol built in."""
        name = "pickle" if PYTHON_3 else "cPickle"
        module = getattr(logging.handlers, name)

        class Pickle(object):
            dumps = staticmethod(lambda value, _protocol: module.dumps(value, self.protocol))

        setattr(logging.handlers, name, Pickle)
        try:
            yield
        finally:
            setattr(logging.handlers, name, module)


if __name__ == "__main__":
    main()
