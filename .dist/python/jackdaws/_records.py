"""From a line of the program's JSON to a record; which records are wanted; how a record is shown."""

import json
import logging
import re
from typing import Any, Callable, Iterable, List, Optional, Pattern, Union

Match = Union[str, "Pattern[str]", Callable[[logging.LogRecord], object]]
Level = Union[int, str]


def record_of(line: bytes) -> logging.LogRecord:
    """The record of a line: as `logging.makeLogRecord` would make it where it was received.

    What has no plain form in JSON is as the line has it. Whatever factory a program under test has set is left out: it would
    add what was not sent.
    """
    sent = json.loads(line.decode("utf-8"))
    if not isinstance(sent, dict):
        raise ValueError("not a JSON object")
    record = logging.LogRecord(None, None, "", 0, "", (), None, None)  # type: ignore[arg-type]
    record.__dict__.update(sent)
    args: Any = record.args
    if isinstance(args, list):
        record.args = tuple(args)
    if record.args and "message" in sent:
        _merge(record, str(sent["message"]))
    if record.exc_info:
        # No traceback can be sent. What stands for one here is none to a Formatter, which would raise.
        record.exc_info = None
    return record


def _merge(record: logging.LogRecord, message: str) -> None:
    """Where `args` lost their form on the way, `getMessage()` gives the message that the receiver made of them."""
    try:
        agrees = message_of(record) == message
    except Exception:
        agrees = False
    if not agrees:
        record.msg, record.args = message, None


def message_of(record: logging.LogRecord) -> str:
    """`getMessage()`, which a record may have an attribute of the same name for."""
    return logging.LogRecord.getMessage(record)


def shown_message_of(record: logging.LogRecord) -> str:
    """The message as far as it can be had: `msg` alone where `args` do not fit it."""
    try:
        return message_of(record)
    except Exception:
        return str(record.msg)


def levelno_of(record: logging.LogRecord) -> float:
    """How severe: 0 for what is no number."""
    levelno: Any = record.levelno
    return levelno if isinstance(levelno, (int, float)) else 0


class Wanted:
    """Which records are asked for."""

    def __init__(self, match: Optional[Match], name: Optional[str], level: Optional[Level]) -> None:
        if not (match is None or isinstance(match, str) or hasattr(match, "search") or callable(match)):
            raise TypeError("match takes a str, a compiled pattern or a callable, not %r" % (match,))
        if not (name is None or isinstance(name, str)):
            raise TypeError("name takes the name of a logger, not %r" % (name,))
        self._match: Any = match
        self._name = name
        self._level = level
        self._levelno = None if level is None else level_number(level)

    def __call__(self, record: logging.LogRecord) -> bool:
        if self._levelno is not None and levelno_of(record) < self._levelno:
            return False
        if self._name and not ("%s." % record.name).startswith(self._name + "."):
            return False
        if self._match is None:
            return True
        if isinstance(self._match, str):
            return self._match in shown_message_of(record)
        if hasattr(self._match, "search"):
            return self._match.search(shown_message_of(record)) is not None
        return bool(self._match(record))

    def __str__(self) -> str:
        parts: List[str] = []
        if self._level is not None:
            parts.append("at least %s" % (self._level,))
        if self._name:
            parts.append("of logger %s" % self._name)
        if isinstance(self._match, str):
            parts.append("with %r in the message" % self._match)
        elif hasattr(self._match, "search"):
            parts.append("with a message like %r" % self._match.pattern)
        elif self._match is not None:
            parts.append("of which %s is true" % getattr(self._match, "__qualname__", repr(self._match)))
        return " ".join(parts)


def level_number(level: Level) -> float:
    """A level as the program takes it: its name, in small letters too, or its number; the names of `addLevelName` as well."""
    if isinstance(level, (int, float)) and not isinstance(level, bool):
        return level
    for name in (level, level.upper()) if isinstance(level, str) else ():
        number = logging.getLevelName(name)
        if isinstance(number, int):
            return number
    raise ValueError("level takes the name of a level, such as WARNING, or a number, not %r" % (level,))


def shown(record: logging.LogRecord) -> str:
    """A record in one line: `WARNING  shop.cart: sold out`, and what an exception says last."""
    lines = shown_message_of(record).splitlines() or [""]
    more = " (and %s)" % _counted(len(lines) - 1, "more line") if len(lines) > 1 else ""
    traceback = str(record.exc_text or "").strip().splitlines()
    raised = " | " + _cut(traceback[-1]) if traceback else ""
    return visible("%-8s %s: %s%s%s" % (record.levelname, record.name, _cut(lines[0]), more, raised))


def shown_whole(record: logging.LogRecord) -> str:
    """The same, with all of its traceback."""
    traceback = str(record.exc_text or "").rstrip()
    return shown(record) + ("\n" + visible(traceback) if traceback else "")


def visible(text: str) -> str:
    """A text that no terminal obeys: as the program does, control characters but newline and tab are written as `\\x1b`, and what
    changes the direction of writing as `\\u202e`.
    """
    return OBEYED.sub(lambda found: ("\\x%02x" if found.group() < "\u0100" else "\\u%04x") % ord(found.group()), text)


def shown_last(records: List[logging.LogRecord], most: int, show: Callable[[logging.LogRecord], str]) -> List[str]:
    """The last of them, and how many came before."""
    left_out = len(records) - most
    lines = ["(%s)" % _counted(left_out, "earlier record")] if left_out > 0 else []
    return lines + [show(record) for record in records[-most:]]


def counted_records(count: int) -> str:
    """`1 record`, `2 records`."""
    return _counted(count, "record")


def indented(lines: Iterable[str]) -> str:
    """Each on a line of its own."""
    return "".join("\n    " + line for line in lines)


def _counted(count: int, noun: str) -> str:
    return "%d %s%s" % (count, noun, "" if count == 1 else "s")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."


LONGEST_SHOWN = 300
OBEYED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
