# -*- coding: utf-8 -*-
"""Classes as users write them, importable by whoever unpickles what `generate.py` has pickled."""

import collections
import datetime


class Plain(object):
    """An instance with a dict: pickled by copy_reg or NEWOBJ, and BUILD."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class Slotted(object):
    """An instance without a dict: its state is a pair (None, slots)."""

    __slots__ = ("host", "port")

    def __init__(self, host, port):
        self.host = host
        self.port = port

    def __getstate__(self):
        return None, {"host": self.host, "port": self.port}

    def __setstate__(self, state):
        for name, value in state[1].items():
            setattr(self, name, value)


class Described(Plain):
    """An instance that prints itself."""

    def __str__(self):
        return "described"

    __repr__ = __str__


class Reduced(object):
    """An instance that is pickled as a call of its class."""

    def __init__(self, first, second):
        self.first = first
        self.second = second

    def __reduce__(self):
        return Reduced, (self.first, self.second)


class Integer(int):
    """A subclass of a builtin."""


class Float(float):
    """A subclass of a builtin."""


class Text(type(u"")):
    """A subclass of a builtin."""


class List(list):
    """A subclass of a builtin."""


class Tuple(tuple):
    """A subclass of a builtin."""


class Dict(dict):
    """A subclass of a builtin."""


class Moment(datetime.datetime):
    """A subclass of a class in the standard library."""


class BirthDate(datetime.date):
    """A subclass of a class in the standard library."""


class AppError(Exception):
    """An exception of a user."""


class Classic:  # of the old style on Python 2: INST or OBJ
    """An instance of a class that names no base."""

    def __init__(self):
        self.answer = 42


class Outer(object):
    """A class that holds others, as Django's models hold `DoesNotExist` and serializers `Meta`."""

    class Inner(object):
        """A nested class."""

    class Error(Exception):
        """A nested exception."""

    class DoesNotExist(Exception):
        """As Django's models have one."""

    class Deep(object):
        """A class between two others."""

        class Error(Exception):
            """An exception two classes deep."""

    class Integer(int):
        """A subclass of a builtin."""

    @classmethod
    def class_method(cls):
        """Bound to the class."""

    def method(self):
        """Bound to an instance."""


Point = collections.namedtuple("Point", "x y")

try:
    import enum
except ImportError:  # Python 2
    enum = None
else:

    class Colour(enum.Enum):
        """A plain enumeration."""

        RED = 1
        GREEN = "green"

    class Priority(enum.IntEnum):
        """Members that are integers."""

        LOW = 1
        HIGH = 10

    class Access(enum.Flag):
        """Members that combine."""

        READ = 1
        WRITE = 2

    class Choice(str, enum.Enum):
        """As Django's TextChoices."""

        ONE = "one"
        __qualname__ = "Outer.Choice"

    class Number(int, enum.Enum):
        """As Django's IntegerChoices."""

        ONE = 1
        __qualname__ = "Outer.Number"

    Outer.Choice, Outer.Number = Choice, Number
    del Choice, Number


try:
    import dataclasses
except ImportError:  # before 3.7
    dataclasses = None
else:
    Order = dataclasses.make_dataclass("Order", [("number", int), ("lines", list)])
    Order.__module__ = __name__
