# -*- coding: utf-8 -*-
"""Seeded random records and formats, with what the Python that runs this prints for them.

    python random_formats.py [--count 10000] [--seed 1] [--styles %{$]

One JSON object a line: `frame` (hex, with its length prefix), `style`, `format`, and what `oracle.py` answers: `text`, `wtf8`, `error` or
`format_error`. Times are in UTC. Nine formats in ten are legal. The same Python and seed give the same lines; Python 3.8 and above
check formats as they are made, which is what to compare with.
"""

from __future__ import print_function

import argparse
import binascii
import datetime
import json
import numbers
import random
import struct

import generate
import oracle

STANDARD_TEXTS = ("name", "levelname", "pathname", "filename", "module", "funcName", "threadName", "processName", "message", "asctime", "msg")
STANDARD_INTS = ("levelno", "lineno", "thread", "process")
STANDARD_FLOATS = ("created", "msecs", "relativeCreated")
EXTRAS = ("x", "y", "z", "user_id", u"gr\xf6\xdfe")
# Held by every record: small integers, for nested fields.
WIDTHS = {"w": 12, "p": 3}
LITERALS = (u"", u" ", u"|", u" - ", u"caf\xe9 ", u"\u65e5\u672c", u"\t", u"\n", u"[", u"]", u"100", u":", u"\U0001f426")
ALPHABET = (
    u"abcXYZ 019_-'\"\\%{}$\n\t\r\x00\x07\x1b\x7f"
    u"\x80\x85\xa0\xad\xe9\xdf\xff\u0100\u0301\u200b\u2028\u202e\u3000\u65e5\u672c\ufeff\uffff"
    u"\U0001f426\U0001d11e\U000e0001\U0010ffff\ud800\udcff"
)


def main():
    parser = argparse.ArgumentParser(description="Random records and formats, with what this Python prints.")
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--styles", default="%{$" if oracle.STYLES else "%")
    options = parser.parse_args()
    source = random.Random(options.seed)
    handler = generate.Handler()
    for _ in range(options.count):
        values = dict((name, random_value(source)) for name in EXTRAS)
        frame = frame_of(handler, values)
        # A dollar has little syntax: a pair in ten is enough.
        style = source.choice([char for char in options.styles for _ in range(1 if char == "$" else 5)])
        format = FORMATS[style](source, values)
        row = {"frame": binascii.hexlify(frame).decode("ascii"), "style": style, "format": format}
        row.update(oracle.printed(frame, style, format, None, True))
        print(json.dumps(row, sort_keys=True))


def frame_of(handler, values):
    made = generate.record(u"%s did %d", u"bob", 3)
    made.__dict__.update(WIDTHS)
    made.__dict__.update(values)
    return handler.frame(made, 1)


# Values


def random_value(source, depth=2):
    kinds = VALUES if depth else VALUES[:5]
    return source.choice(kinds)(source, depth)


def a_singleton(source, _depth):
    return source.choice([None, True, False])


def an_integer(source, _depth):
    size = source.choice([3, 8, 16, 31, 32, 63, 64, 65, 128, 1000])
    near = source.choice([0, 2**31, 2**63, 10**source.randrange(30)])
    value = source.choice([source.randrange(1000), source.getrandbits(size), near + source.randrange(-2, 3)])
    return source.choice([1, 1, -1]) * value


def a_float(source, _depth):
    special = [0.0, -0.0, float("inf"), float("-inf"), float("nan"), 1e16, 1e15, 9999999999999998.0, 1e-4, 9.9e-5, 1e22, 5e-324, 0.5, 1.5, 2.5]
    bits = struct.unpack(">d", struct.pack(">Q", source.getrandbits(64)))[0]
    decimal = source.randrange(-(10**6), 10**6) / 10.0 ** source.randrange(9)
    scaled = source.random() * 10.0 ** source.randrange(-20, 25)
    # Quarters: a half of them are as near to one number of 16 digits as to another.
    tie = (source.randrange(2**51, 2**53) | 1) / 4.0
    return source.choice([source.choice(special), bits, decimal, decimal, scaled, tie])


def a_text(source, _depth):
    alphabet = ALPHABET if source.random() < 0.5 else u"abc xyz"
    return u"".join(source.choice(alphabet) for _ in range(source.choice([0, 1, 1, 3, 8, 30])))


def some_bytes(source, _depth):
    content = bytearray(source.choice([source.randrange(256), 39, 34, 92, 97]) for _ in range(source.randrange(10)))
    return bytes(content) if oracle.PYTHON_3 and source.random() < 0.7 else content


def a_list(source, depth):
    return [random_value(source, depth - 1) for _ in range(source.randrange(4))]


def a_tuple(source, depth):
    return tuple(a_list(source, depth))


def a_dict(source, depth):
    return dict((source.choice([u"k", u"key", u"k\xe9", 7, 8.5, True]), random_value(source, depth - 1)) for _ in range(source.randrange(4)))


def a_datetime(source, _depth):
    moment = datetime.datetime(2024, 3, 17, 12, 14, 58) + datetime.timedelta(source.randrange(-9000, 9000), source.randrange(86400))
    moment += datetime.timedelta(microseconds=source.choice([0, 1, 500000, 999999]))
    return source.choice([moment, moment, moment.date(), moment.time(), moment - datetime.datetime(2024, 3, 17)])


VALUES = (an_integer, a_float, a_text, a_singleton, some_bytes, an_integer, a_float, a_text, a_list, a_tuple, a_dict, a_datetime)


# Formats


def a_field(source, values):
    """The name of an attribute, and a specimen of its value."""
    draw = source.random()
    if draw < 0.6:
        name = source.choice(EXTRAS)
        return name, values[name]
    if draw < 0.75:
        return source.choice(STANDARD_TEXTS), u""
    if draw < 0.85:
        return source.choice(STANDARD_INTS), 1
    if draw < 0.95:
        return source.choice(STANDARD_FLOATS), 0.5
    if draw < 0.98:
        return source.choice(["stack_info", "exc_text", "args"]), None
    return source.choice(["missing", "nope_1"]), None


def a_kind(value):
    """What the conversions care for: i, f, s or o."""
    if isinstance(value, numbers.Integral):
        return "i"
    if isinstance(value, float):
        return "f"
    return "s" if isinstance(value, type(u"")) else "o"


def a_percent_format(source, values):
    parts = []
    for _ in range(source.choice([1, 1, 2, 3, 4])):
        parts.append(source.choice(LITERALS + (u"%%", u"{}", u"$x")))
        parts.append(a_percent_field(source, values))
    parts.append(source.choice(LITERALS))
    if source.random() < 0.02:
        parts.append(source.choice([u"%", u"%(x)", u"%y", u"%(x)y", u"%s", u"%d", u"%(x"]))
    return u"".join(parts)


def a_percent_field(source, values):
    name, value = a_field(source, values)
    legal = {"i": "diuxXocsra" "eEfFgG", "f": "diu" "eEfFgG" "sra", "s": "sra", "o": "sra"}[a_kind(value)]
    if isinstance(value, type(u"")) and len(value) == 1:
        legal += "ccc"
    conversion = source.choice(legal if source.random() < 0.93 else "diouxXeEfFgGcrsa%")
    flags = u"".join(source.choice(u"#0+ -") for _ in range(source.choice([0, 0, 0, 1, 1, 2, 3])))
    width = source.choice([u"", u"", str(source.randrange(1, 40)), u"0", u"8"])
    if source.random() < 0.005:
        width = u"*"
    precision = source.choice([u"", u"", u"", u".%d" % source.randrange(25), u".", u".0", u".60"])
    # The check refuses a dot without digits, and a length modifier; in company, they pass it.
    if precision == u"." and source.random() < 0.8:
        precision = u".2"
    modifier = source.choice(u"hlL") if source.random() < 0.005 else u""
    return u"%%(%s)%s%s%s%s%s" % (name, flags, width, precision, modifier, conversion)


def a_brace_format(source, values):
    parts = []
    for _ in range(source.choice([1, 1, 2, 3, 4])):
        parts.append(source.choice(LITERALS + (u"{{", u"}}", u"{{x}}", u"%s", u"$x", u"%")))
        parts.append(a_brace_field(source, values))
    parts.append(source.choice(LITERALS))
    if source.random() < 0.02:
        parts.append(source.choice([u"{", u"}", u"{}", u"{0}", u"{x!z}", u"{x:z}", u"{x:zf}", u"{x y}", u"{x.}", u"{x[}", u"{x!r", u"{x:{}}"]))
    return u"".join(parts)


def a_brace_field(source, values):
    name, value = a_field(source, values)
    path, value = a_path(source, value)
    conversion = u""
    if a_kind(value) == "o" or source.random() < 0.2:
        conversion = source.choice([u"", u"!r", u"!s", u"!a"])
        if conversion:
            value = u""
    plain = a_kind(value) == "o"
    spec = u"" if plain and source.random() < 0.95 or source.random() < 0.1 else a_spec(source, a_kind(value))
    return u"{%s%s%s%s}" % (name, path, conversion, u":" + spec if spec or source.random() < 0.1 else u"")


def a_path(source, value):
    """`.attribute` and `[key]`, where there is such a thing."""
    if source.random() < 0.01:
        return source.choice([u".nothing", u"[0]", u"[nothing]", u".real.real"]), u""
    if source.random() < 0.5:
        return u"", value
    if isinstance(value, (list, tuple)) and value:
        index = source.randrange(len(value))
        return u"[%d]" % index, value[index]
    if isinstance(value, dict) and value:
        key = source.choice(sorted(value, key=repr))
        return u"[%s]" % key, value[key] if key == u"%s" % key else u""
    if a_kind(value) == "i" and source.random() < 0.2:
        part = source.choice(["real", "imag", "numerator", "denominator"])
        return u"." + part, getattr(value, part)
    if a_kind(value) == "f" and source.random() < 0.2:
        return source.choice([u".real", u".imag"]), value
    if isinstance(value, datetime.datetime):
        return source.choice([u".year", u".month", u".day", u".hour", u".minute", u".second", u".microsecond"]), 1
    return u"", value


def a_spec(source, kind):
    """[[fill]align][sign][#][0][width][grouping][.precision][type]"""
    number = kind in "if"
    types = {"i": u"bcdoxXneEfFgG%", "f": u"eEfFgGn%", "s": u"s", "o": u"s"}[kind]
    type_ = source.choice([u"", source.choice(types)])
    if source.random() < 0.03:
        type_ = source.choice(u"bcdeEfFgGnosxX%")
    odd = source.random() < 0.03
    fill = source.choice([u"", u"", u"*", u"0", u" ", u"_", u"\xe9", u"\u65e5", u"\U0001f426", u"<", u"="])
    align = source.choice(u"<>^=" if number or odd else u"<>^")
    spec = source.choice([u"", fill + align])
    if number or odd:
        spec += source.choice([u"", u"", u"+", u"-", u" "])
        spec += source.choice([u"", u"", u"", u"#"])
    if number or source.random() < 0.1:
        spec += source.choice([u"", u"", u"0"])
    spec += source.choice([u"", u"5", u"{w}", u"%d" % source.randrange(1, 40)])
    if number and type_ not in (u"c", u"n", u"s") or odd:
        grouping = u",_" if type_ in (u"", u"d", u"e", u"E", u"f", u"F", u"g", u"G", u"%") else u"_"
        spec += source.choice([u"", u"", source.choice(grouping)])
    if kind != "i" or (type_ and type_ in u"eEfFgG%") or odd:
        spec += source.choice([u"", u"", u".0", u".{p}", u".%d" % source.randrange(25)])
    return spec + type_


def a_dollar_format(source, values):
    parts = []
    for _ in range(source.choice([1, 1, 2, 3])):
        name, _ = a_field(source, values)
        if any(ord(char) > 127 for char in name):
            name = "x"
        parts.append(source.choice(LITERALS + (u"$$", u"{x}", u"%s")))
        parts.append(source.choice([u"$%s", u"${%s}"]) % name)
        parts.append(source.choice([u" ", u"|", u".", u"\xe9", u""]))
    if source.random() < 0.05:
        parts.append(source.choice([u"$", u"$1", u"${", u"${x", u"${x y}", u"$-", u"$\xe9", u"$$x"]))
    return u"".join(parts)


FORMATS = {"%": a_percent_format, "{": a_brace_format, "$": a_dollar_format}


if __name__ == "__main__":
    main()
