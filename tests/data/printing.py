"""What Python prints for many values: the oracle of tests/it/printing.rs.

    pythonX.Y printing.py make SEED      prints pickles of builtins and standard-library objects, a line of hex each
    python3.13 printing.py               reads such lines; prints for each the hex of str(), repr() and ascii(), without addresses
    python3.13 printing.py isprintable   prints the code points that str.isprintable refuses

Runs on 2.7 and 3.6 to 3.13. Sets of text have at most one element, as the order of more is unspecified.
"""

from __future__ import print_function

import array
import binascii
import collections
import datetime
import decimal
import fractions
import functools
import json
import pickle
import random
import re
import struct
import subprocess
import sys
import time
import uuid
import warnings

PYTHON2 = sys.version_info[0] == 2
unichr = unichr if PYTHON2 else chr  # noqa: F821


def main(command="print", *args):
    warnings.simplefilter("ignore")
    if command == "make":
        make(random.Random(int(args[0])))
    elif command == "print":
        for line in sys.stdin:
            print(*[hexlify(text) for text in printed(binascii.unhexlify(line.strip()))])
    elif command == "isprintable":
        print(*[code_point for code_point in range(0x110000) if not chr(code_point).isprintable()])


def make(rng):
    floats = [[random_float(rng) for _ in range(3000)]]
    sets = [random_set(rng) for _ in range(50)] + [set(range(0, 10**5, 9))]
    for value in fixed() + floats + sets + [random_value(rng, 4) for _ in range(400)] + [random_object(rng) for _ in range(400)]:
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            try:
                print(binascii.hexlify(pickle.dumps(value, protocol)).decode())
            except (pickle.PicklingError, TypeError, ValueError, AttributeError, RuntimeError):
                pass  # not every version and protocol can pickle every value


def printed(pickled):
    try:
        try:
            value = pickle.loads(pickled, encoding="utf-8")
        except UnicodeDecodeError:
            value = pickle.loads(pickled, encoding="latin1")
        return [re.sub(" at 0x[0-9a-f]+", "", text) for text in (str(value), repr(value), ascii(value))]
    except Exception as error:
        return ("raised", type(error).__name__, str(error))


def hexlify(text):
    return binascii.hexlify(text.encode("utf-8", "surrogatepass")).decode() or "-"


def fixed():
    values = [
        None, True, False, 0, -1, 2**31, -2**63, 2**63, 2**64, 10**100, -10**4299, 0.0, -0.0, 1e16, 1e-5, 1.5e300,
        float("nan"), float("inf"), float("-inf"), "", "a", u"\u20ac", (), (1,), (1, 2), [], [[]], {}, {1: {}}, set(), {1},
        frozenset(), frozenset([1]), b"", b"a'\"\\\x00\xff", bytearray(b""), bytearray(b"it's"),
        1j, -1j, complex(0.0, -0.0), complex(-0.0, 1), complex(1, -2.5), complex(1e16, 1e-5), complex("nan+infj"),
        complex("-inf-nanj"), int, str, bytes, list, dict, object, type(None), len, print, abs, ValueError, OSError,
        datetime.datetime, datetime.timedelta, collections.OrderedDict, collections.deque, collections.defaultdict,
        decimal.Decimal, fractions.Fraction, uuid.UUID, array.array, functools.partial, time.struct_time, time.time,
        collections.OrderedDict(), collections.OrderedDict([("z", 1), ("a", [2])]),
        collections.defaultdict(list, {"a": [1]}), collections.defaultdict(None, {}), collections.defaultdict(int),
        collections.Counter(), collections.Counter("abracadabra"), collections.Counter({"a": 1.5, "b": 2, "c": -1}),
        collections.Counter({"a": "x", "b": 2}), collections.Counter({"a": float("nan"), "b": 2}),
        collections.deque(), collections.deque([1, [2]]), collections.deque([1, 2, 3], 5), collections.deque(maxlen=0),
        decimal.Decimal("1.50"), decimal.Decimal("-1E+40"), decimal.Decimal("NaN123"), decimal.Decimal("-Infinity"),
        fractions.Fraction(-1, 3), fractions.Fraction(5), fractions.Fraction(10**30, 7),
        uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.uuid5(uuid.NAMESPACE_DNS, "x"), uuid.uuid1(),
        {uuid.uuid5(uuid.NAMESPACE_DNS, name) for name in "abcdefgh"},
        datetime.date(1, 1, 1), datetime.date(9999, 12, 31), datetime.time(), datetime.time(23, 59, 59, 999999),
        datetime.time(1, 2, 0, 3), datetime.datetime(2024, 1, 2), datetime.datetime(2024, 1, 2, 3, 4, 5),
        datetime.datetime(2024, 1, 2, 3, 4, 5, 6), datetime.time(1, 2, 3, 0xC3A9), datetime.datetime(33, 1, 1, 0, 0, 0, 0xC3A9),
        datetime.timedelta(0), datetime.timedelta(1), datetime.timedelta(-1), datetime.timedelta(2, 3, 4),
        datetime.timedelta(microseconds=-1), datetime.timedelta.max, datetime.timedelta.min,
        array.array("i"), array.array("i", [1, -2]), array.array("d", [1.5, float("nan")]), array.array("f", [0.1]),
        array.array("b", [-1, 1]), array.array("B", [255]), array.array("h", [-300]), array.array("H", [60000]),
        array.array("l", [-2**31]), array.array("L", [2**32 - 1]),
        time.gmtime(0), time.struct_time(range(9)), functools.partial(int, "7", base=8), functools.partial(len),
        re.compile("x'\\d"), re.compile(b"x", re.I), re.compile(u"\u20ac" * 300, re.M | re.S | re.X), re.compile("x" * 198),
        slice(1, None, 2) if not PYTHON2 else 0, range(3), Ellipsis, NotImplemented, type(Ellipsis), type(NotImplemented),
        ValueError(), ValueError("x"), ValueError("x", 1), ValueError(u"\u20ac"), KeyError("x"), KeyError("a", "b"), KeyError(),
        OSError(2, "No such file or directory"), OSError(2, "No such file or directory", "f"), OSError("x"), OSError(95, "y"),
        IOError(13, "Permission denied", u"\u20ac"), EnvironmentError(1, None), OSError(1, "a", "b", None, "c"),
        UnicodeEncodeError("ascii", u"a\xe9", 1, 2, "bad"), UnicodeEncodeError("ascii", u"\u20ac\u20ac", 0, 2, "bad"),
        UnicodeTranslateError(u"a\u20ac", 1, 2, "bad"), StopIteration(1), SystemExit(3), KeyboardInterrupt(),
        SyntaxError("bad"), SyntaxError("bad", ("dir/f.py", 3, 4, "text")), SyntaxError("bad", (None, 3, 4, "text")),
        SyntaxError("bad", ("f.py", None, 4, "text")), IndentationError("bad", ("f.py", 3, 4, "text")),
        ImportError("no"), ZeroDivisionError("division by zero"), UserWarning("w"), AssertionError(), ValueError(ValueError("x")),
        ValueError(["x", ValueError(1)]), ValueError(("a", "b")),
        subprocess.CalledProcessError(1, ["ls", "-l"]), subprocess.CalledProcessError(-9, "ls"),
        subprocess.CalledProcessError(-99, "ls"),
        subprocess.CalledProcessError(-34, "ls"), subprocess.CalledProcessError(-64, "ls"), decimal.InvalidOperation("x"),
    ]
    values += recursive()
    if not PYTHON2:
        values += fixed3()
    return values


def recursive():
    list_, dict_, od, dd, deque, outer = [], {}, collections.OrderedDict(), collections.defaultdict(list), collections.deque(), []
    list_.append(list_)
    dict_["d"] = dict_
    od["o"] = od
    deque.append(deque)
    inner = (outer, 1)
    outer.append(inner)
    shared = [1]
    return [list_, dict_, od, deque, outer, inner, [shared, shared], [list_, list_], {"a": list_, "b": [list_]}]


def fixed3():
    import http
    import ipaddress
    import pathlib
    import signal
    import socket
    import string
    import types

    utc, hour = datetime.timezone.utc, datetime.timedelta(hours=1)
    zones = [
        utc, datetime.timezone(hour), datetime.timezone(-hour), datetime.timezone(hour / 2, "x'y"), datetime.timezone(0 * hour),
        datetime.timezone(0 * hour, "Z"), datetime.timezone(datetime.timedelta(0, -86340)), datetime.timezone(23 * hour),
    ]
    if sys.version_info >= (3, 7):
        odd = [hour - datetime.timedelta(0, 1), hour + datetime.timedelta(0, 1, 1), -hour - datetime.timedelta(0, 1, 1)]
        zones += [datetime.timezone(offset) for offset in odd]
    values = list(zones)
    for zone in zones:
        values += [datetime.datetime(2024, 1, 2, 3, 4, 5, 6, zone), datetime.time(1, 2, tzinfo=zone, fold=1)]
        values.append(datetime.datetime(2024, 1, 2, tzinfo=zone, fold=1))
    values += [datetime.datetime(2024, 12, 2, fold=1), datetime.time(23, fold=1)]
    for path in ["", ".", "a", "/", "//", "///a", "//a/b", "a/", "a//b/./c/../d", "/a'b", "c:", "c:a", "c:/a", "\\\\s\\s\\a", u"\u20ac", "~"]:
        for kind in (pathlib.PurePosixPath, pathlib.PureWindowsPath, pathlib.PosixPath):
            values += [kind(path), kind(path, "x"), kind("x", path), kind("c:/y", path)]
    for address in ["1.2.3.4", "0.0.0.0", "255.255.255.255", "::", "::1", "fe80::1", "1:0:0:2:0:0:0:3", "::ffff:1.2.3.4", "::1.2.3.4",
                    "1:2:3:4:5:6:7:8", "2001:db8:0:1::"]:
        values += [ipaddress.ip_address(address), ipaddress.ip_network(address), ipaddress.ip_interface(address + "/16")]
    values += [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fe80::/10")]
    values += [range(0, 3), range(1, 10, 3), range(5, 0, -1), slice(None), slice(1, "x", [2]), pathlib.PosixPath, datetime.timezone]
    values += [types.SimpleNamespace(), types.SimpleNamespace(a=1, b=[2]), collections.ChainMap({1: 2}, {}), collections.ChainMap()]
    values += [collections.UserDict({1: 2}), collections.UserList([1, "x"]), collections.UserString("it's")]
    values += [http.HTTPStatus(404).value, signal.Signals(2), signal.Signals(15), socket.AF_INET, socket.SOCK_STREAM]
    values += [FileNotFoundError(2, "x", "f"), PermissionError(13, "x"), ConnectionResetError(104, "x"), TimeoutError("t"),
               BrokenPipeError(), BlockingIOError(11, "x"), UnicodeDecodeError("utf-8", b"a\xff", 1, 2, "bad"),
               UnicodeDecodeError("utf-8", b"a\xff\xfe", 1, 3, "bad"), UnicodeEncodeError("ascii", "\U0001f600", 0, 1, "bad"),
               ModuleNotFoundError("no"), RecursionError("deep"), subprocess.TimeoutExpired("ls", 1.5)]
    try:
        json.loads('{"a":\n 1,,}')
    except ValueError as error:
        values.append(error)
    if sys.version_info >= (3, 9):
        import zoneinfo

        values += [zoneinfo.ZoneInfo("Europe/Berlin"), datetime.datetime(2024, 1, 2, tzinfo=zoneinfo.ZoneInfo("UTC"))]
        values.append(datetime.time(1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")))
    if sys.version_info >= (3, 11):
        values += [ExceptionGroup("m", [ValueError(1)]), BaseExceptionGroup("m", [SystemExit(1), ValueError(2)])]  # noqa: F821
    namespace = types.SimpleNamespace()
    namespace.self = namespace
    values += [namespace, collections.Counter({("a", 1): 2}), string.capwords, string.Template("$x"), object()]
    return values


def random_value(rng, depth):
    kinds = [random_int, random_float, random_text, random_bytes, lambda rng: rng.choice([None, True, False])]
    if depth > 0:
        kinds += [
            lambda rng: [random_value(rng, depth - 1) for _ in range(rng.randrange(4))],
            lambda rng: tuple(random_value(rng, depth - 1) for _ in range(rng.randrange(4))),
            lambda rng: {random_text(rng): random_value(rng, depth - 1) for _ in range(rng.randrange(2))},
            random_set,
            lambda rng: frozenset([random_text(rng)]),
        ]
    return rng.choice(kinds)(rng)


def random_set(rng):
    kind = rng.choice([
        random_int, random_float, lambda rng: rng.randrange(-100, 100), lambda rng: 8 * rng.randrange(50),
        lambda rng: rng.choice([None, True, 0.5, 1e300, float("inf"), rng.getrandbits(9), -2**70, -1, -2]),
        lambda rng: (rng.randrange(9), rng.choice([0.5, rng.randrange(9)])),
    ])
    elements = [kind(rng) for _ in range(rng.choice([2, 3, 5, 8, 20, 100]))]
    return rng.choice([set, frozenset])(element for element in elements if element == element)


def random_int(rng):
    return rng.choice([-1, 1]) * rng.getrandbits(rng.choice([1, 8, 31, 32, 63, 64, 65, 200, 14285]))


def random_float(rng):
    return rng.choice([
        lambda: struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0],
        lambda: rng.uniform(-1e3, 1e3),
        lambda: rng.getrandbits(53) / 2.0 ** rng.randrange(8),  # ties
        lambda: float(rng.getrandbits(rng.randrange(53, 80))),  # ties
        lambda: float(rng.randrange(-10**17, 10**17)),
        lambda: rng.randrange(10**6) * 10.0 ** rng.randrange(-12, 20),
    ])()


def random_text(rng):
    ranges = [(0, 128), (0, 256), (0x20, 0x7F), (0, 0xD800), (0xD800, 0xE000), (0x2000, 0x2100), (0x10000, 0x110000), (0x1F000, 0x20000)]
    if PYTHON2 and rng.random() < 0.5:
        return "".join(chr(rng.randrange(128)) for _ in range(rng.randrange(8)))
    if PYTHON2:
        ranges = [bounds for bounds in ranges if bounds[0] != 0xD800]
    return u"".join(unichr(rng.randrange(*rng.choice(ranges))) for _ in range(rng.randrange(8)))


def random_bytes(rng):
    return (bytearray if PYTHON2 else bytes)(bytearray(rng.randrange(256) for _ in range(rng.randrange(8))))


def random_object(rng):
    moment = datetime.datetime(rng.randrange(1, 10000), rng.randrange(1, 13), rng.randrange(1, 29), rng.randrange(24),
                               rng.randrange(60), rng.randrange(60), rng.choice([0, rng.randrange(10**6)]))
    span = datetime.timedelta(rng.randrange(-3, 3), rng.randrange(-10**6, 10**6), rng.choice([0, rng.randrange(10**6)]))
    exponent = rng.randrange(-30, 30)
    return rng.choice([
        lambda: moment, moment.date, moment.time, lambda: span,
        lambda: decimal.Decimal(random_int(rng)).scaleb(exponent),
        lambda: fractions.Fraction(rng.randrange(-999, 999), rng.randrange(1, 999)),
        lambda: uuid.UUID(int=rng.getrandbits(128)),
        lambda: complex(random_float(rng), random_float(rng)),
        lambda: collections.OrderedDict((random_text(rng), random_value(rng, 2)) for _ in range(rng.randrange(4))),
        lambda: collections.deque([random_value(rng, 2) for _ in range(rng.randrange(4))], rng.choice([None, 4])),
        lambda: ValueError(*[random_value(rng, 2) for _ in range(rng.randrange(3))]),
        lambda: collections.Counter({chr(97 + i): rng.randrange(4) for i in range(rng.randrange(9))}),
        lambda: array.array(str("d"), [random_float(rng)]),
    ])()


if __name__ == "__main__":
    main(*sys.argv[1:])
