#!/usr/bin/env python3.13
"""Writes src/python/stdlib/names.txt and aliases.txt: what the standard library's names stand for, from the Python that runs this.

    for python in 2.7 3.6 3.8 3.11 3.13; do python$python tests/data/library.py make; done | python3.13 tests/data/stdlib_tables.py

Standard input has what older versions pickle, so that names that have moved since are found. What the letters mean is said in
src/python/stdlib/catalogue.rs.
"""

import binascii
import collections
import enum
import inspect
import os
import pickle
import pickletools
import re
import string
import sys
import typing
import warnings
import _compat_pickle

import library

TABLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/python/stdlib")


def main():
    warnings.simplefilter("ignore")
    sys.stdout = open(os.devnull, "w")
    objects = {}
    for module, name in sorted(set(named_by(sys.stdin))):
        value = loaded(module, name)
        if value is not None:
            objects[module, name] = value
    classes = [class_ for _, class_ in library.classes()] + [value for value in objects.values() if inspect.isclass(value)]
    classes = sorted({(class_.__module__, class_.__qualname__): class_ for class_ in classes}.items())
    entries = collections.defaultdict(list)
    sizes = collections.Counter()
    for section in (exceptions(classes), fields(classes), enums(classes), forms(objects, entries)):
        for module, entry in section:
            if not left_out(module) and entry not in entries[module]:
                entries[module].append(entry)
                sizes[section.__name__] += len(entry) + 1
    names = [(module, [words]) for module, words in aliases(objects) if not left_out(module)]
    sizes["names.txt"] = write("names.txt", [(module, lines_of(found)) for module, found in sorted(entries.items()) if found])
    sizes["aliases.txt"] = write("aliases.txt", names)
    print(dict(sizes), file=sys.stderr)


# Of these a line has many.
LISTS = "+-bcfknoqxy~"


def lines_of(entries):
    """Lists of names, then what has data; all in the order of their names."""
    entries = sorted(entries, key=lambda entry: entry[1:].split(" ")[0])
    lists = [letter + " " + " ".join(entry[1:] for entry in entries if entry[0] == letter) for letter in LISTS]
    return [words for words in lists if len(words) > 2] + [(entry[0] + " " + entry[1:]).strip() for entry in entries if entry[0] not in LISTS]


def write(name, modules):
    with open(os.path.join(TABLES, name), "w") as file:
        return file.write("".join("[%s]\n%s\n" % (module, "\n".join(lines)) for module, lines in modules))


def left_out(module):
    """What no record will hold, or no one will miss."""
    return bool(re.match(r"(tk|Tk|ttk|tkinter|test|winreg|_winreg|xxsub|lib2to3|idlelib|turtle|pydoc|_py(?!io)|_interp|_lsprof|_sitebuiltins)|.*(Dialog|ScrolledText)$", module))


# Names that have changed


def named_by(lines):
    """The (module, name) of each class and function that a line's pickle is."""
    for line in lines:
        pickled = line.split()[-1]
        strings, is_call, found = [], False, None
        for opcode, argument, _ in pickletools.genops(binascii.unhexlify(pickled)):
            if opcode.name == "GLOBAL":
                found = tuple(argument.split(" "))
            elif opcode.name == "STACK_GLOBAL":
                found = tuple((strings * 2)[-2:])
            elif "UNICODE" in opcode.name:
                strings.append(argument)
            elif opcode.name in ("REDUCE", "NEWOBJ", "BUILD"):
                is_call = True
        if found and not is_call:
            yield found


def mapped(module, name):
    if (module, name) in _compat_pickle.NAME_MAPPING:
        return _compat_pickle.NAME_MAPPING[module, name]
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name


def loaded(module, name):
    for mapping in (True, False):
        try:
            return pickle.loads(b"c%s\n%s\n." % (module.encode(), name.encode()), fix_imports=mapping)
        except Exception:
            pass
    return None


def canonical(value):
    return (value.__module__, value.__qualname__) if inspect.isclass(value) else None


def aliases(objects):
    moved = collections.defaultdict(dict)
    modules = dict(_compat_pickle.IMPORT_MAPPING)
    modules.update({"exceptions": "builtins", "pathlib": "pathlib._local", "_ast": "ast"})
    # Of these Python 3 has modules too, which are not what Python 2 calls so.
    for module in ("dbm", "urllib"):
        modules.pop(module, None)
    for (module, name), new in _compat_pickle.NAME_MAPPING.items():
        moved[module][name] = new
    for (module, name), value in objects.items():
        new = canonical(value)
        if new and new != mapped(module, name) and not name.startswith("_") and issubclass(value, BaseException):
            moved[module][name] = new
    lines = []
    for module in sorted(set(modules) | set(moved)):
        new_module, words = modules.get(module, module), []
        for name, (other, new_name) in sorted(moved[module].items()):
            if (new_module, name) != (other, new_name):
                words.append("%s=%s:%s" % (name, "" if other == new_module else other, "" if new_name == name else new_name))
        if words or new_module != module:
            lines.append((module, " ".join(["" if new_module == module else new_module] + words)))
    return lines


# What names stand for


def looks_like_one(name):
    return name.split(".")[-1].endswith(("Defect", "Err", "Error", "Exception", "ExceptionGroup", "Warning"))


# What `__str__` an exception has shows by what it prints: some classes keep from OSError what makes its text.
STRS = [("k", ("m",), "'m'"), ("o", (2, "m"), "[Errno 2] m"), ("y", ("m", ("f", 1, 2, "t")), "m (f, line 1)"), ("q", ("m",), None)]


def exceptions(classes):
    for (module, name), class_ in classes:
        is_one = issubclass(class_, BaseException)
        letter = "x" if is_one and not looks_like_one(name) else "n" if not is_one and looks_like_one(name) else None
        for other, args, text in STRS if is_one and module != "builtins" else ():
            try:
                error = class_(*args)
                if str(error) == (text or repr(error)):
                    letter = other
            except Exception:
                pass
        if letter:
            yield module, letter + name


def fields(classes):
    # Those that `getparams()` gives.
    yield "wave", "t_wave_params nchannels sampwidth framerate nframes comptype compname"
    yield "doctest", "tTestResults failed attempted"
    # The last field is the receiver's.
    yield "platform", "tuname_result system node release version machine"
    for (module, name), class_ in classes:
        if not issubclass(class_, tuple) or name.startswith("_") or issubclass(class_, enum.Enum) or name == "Instruction" or module.split(".")[-1].startswith("_") and module != "concurrent.futures._base":
            continue
        if hasattr(class_, "_fields"):
            names = class_._fields
            try:
                shown = repr(tuple.__new__(class_, range(len(names))))
            except Exception:
                continue
            if shown == "%s(%s)" % (class_.__name__, ", ".join(map("%s=%d".__mod__, zip(names, range(99))))):
                yield module, "t%s %s" % (name, " ".join(names))
        elif hasattr(class_, "n_sequence_fields"):
            # Fields that have no name, as the whole seconds of a stat_result, are shown as those that look alike.
            shown = re.findall(r"(\w+)=", repr(class_(range(class_.n_sequence_fields))))
            yield module, "t%s %s" % (name, " ".join(shown))


# How members print, and in which modules records may have them.
KINDS = {
    ("Enum.__repr__", "Enum.__str__"): "e", ("Enum.__repr__", "int.__repr__"): "i", ("Enum.__repr__", "str.__str__"): "i", ("Flag.__repr__", "int.__repr__"): "l",
    ("global_flag_repr", "object.__str__"): "r", ("global_enum_repr", "int.__repr__"): "g", ("Enum.__repr__", "_ParameterKind.__str__"): "d",
}
MODULES_OF_ENUMS = "calendar enum http inspect plistlib pstats py_compile re signal socket ssl uuid".split()


# What no one logs.
RARE_ENUMS = "BufferFlags _TLSAlertType _TLSContentType _TLSMessageType".split()


def enums(classes):
    for (module, name), class_ in classes:
        if not issubclass(class_, enum.Enum) or module not in MODULES_OF_ENUMS or name in RARE_ENUMS:
            continue
        kind = KINDS.get((class_.__repr__.__qualname__, class_.__str__.__qualname__))
        prefix = os.path.commonprefix(list(class_.__members__))
        prefix = prefix[: prefix.rfind("_") + 1] if len(prefix) > 4 else ""
        words, last = [prefix] if prefix else [], 0
        for member_name, member in class_.__members__.items() if kind else ():
            # `print` gives the value of each kind of enum as it is spelled in a pickle.
            if re.match(r"^-?\w+$", str(member.value)) and (kind != "l" or member.value >= 0):
                is_next = isinstance(member.value, int) and member.value == last + 1
                words.append(member_name[len(prefix):] + ("" if is_next else "=%s" % member.value))
                last = member.value if isinstance(member.value, int) else last
        if len(words) > bool(prefix):
            yield module, "%s%s %s" % (kind, name, " ".join(words))
        else:
            # `enum.IntEnum` itself, and those of which the members are more than names and values.
            yield module, ("l" if issubclass(class_, enum.Flag) else "e") + name


def forms(objects, entries):
    """What the case of a name does not tell: `class`, function or built-in function."""
    found = collections.defaultdict(dict)
    for (module, name), value in objects.items():
        letter = "c" if inspect.isclass(value) else "b" if type(value) is type(len) else "f" if inspect.isfunction(value) else None
        if not repr(value).startswith(("<class", "<function", "<built-in")) or inspect.isclass(value) and issubclass(value, BaseException) and not name[0].islower():
            letter = None
        module, name = mapped(module, name)
        parts = module.split(".") + [name]
        if letter and parts[0] not in RARE and not any(part.startswith("_") for part in parts[1:]) and (module[0] != "_" or letter == "c" and name[0].islower()):
            found[module].setdefault(name, letter)
    # Private, but what is public stands for: `Parameter.empty` and `threading.local`.
    found["inspect"]["_empty"] = "c"
    found["_thread"]["_local"] = "c"
    for name, value in vars(typing).items():
        if isinstance(value, typing.TypeVar):
            yield "typing", repr(value)
    for module, names in sorted(found.items()):
        small = collections.Counter(letter for name, letter in names.items() if name[0].islower() and not is_error(name))
        most = "b" if module[0] == "_" else max("fcb", key=lambda letter: small[letter] + (letter == "f"))
        if most != "f" and module[0] != "_":
            yield module, most.upper()
        known = [entry[1:].split(" ")[0] for entry in entries[module]]
        for name, letter in sorted(names.items()):
            told = "t" if module == "typing" and not name[0].islower() else most if name[0] in "_" + string.ascii_lowercase and not is_error(name) else "c"
            if letter != told and name not in known:
                yield module, letter + name


def is_error(name):
    return re.match("error(_|$)", name)


# Modules of which no one logs a function. Those with a `_` are in C, as a rule: what is small there is built in.
RARE = "_ast _blake2 _sha3 _threading_local curses distutils doctest encodings imaplib lib2to3 modulefinder multiprocessing pyexpat token".split()

if __name__ == "__main__":
    main()
