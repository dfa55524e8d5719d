#!/usr/bin/env python3.13
"""Prints src/python/stdlib/tables.rs: what the standard library's names stand for, from the Python that runs this.

    for python in 2.7 3.6 3.8 3.11 3.13; do python$python tests/data/library.py make; done |
        python3.13 tests/data/stdlib_tables.py > src/python/stdlib/tables.rs

Standard input has what older versions pickle, so that names that have moved since are found. What no introspection tells, how a class's own
`__str__` and `__repr__` compose their text, is in TEMPLATES below, and so is which attributes are arguments (`a`), each of them compared with CPython by
tests/it/library.rs.
"""

import binascii
import collections
import enum
import inspect
import os
import pickle
import pickletools
import re
import sys
import warnings
import _compat_pickle

import library

HEADER = '''\
//! What the names of CPython {python}'s standard library stand for, and how objects of some other packages print.
//!
//! Made by `tests/data/stdlib_tables.py`; not to be edited. A line for each module, in order: its name, then entries after tabs, in the order of their names.
//! An entry is a letter, a name, and perhaps a space and data. Text takes a tenth of what arrays of arrays would.
//!
//! `c` class, `f` function, `b` built-in one, where the name would tell otherwise, and `B` `C` for all small letters of the module; `x` exception,
//! `n` none; `k` `o` `y` exception with the `__str__` of KeyError, OSError, SyntaxError, `q` with its `__repr__`; `t` tuple with fields, `a` attributes that
//! a class makes of its arguments, in their order; `d` `e` `g` `i` `l` `r` enum with its members, of which one without a value has the next number; `S` `R` templates of an exception's `str()` and `repr()`, `W` `P` of those of other classes, `M` of
//! the message that is an exception's only argument; `-` of a module of another package.

'''


def main():
    warnings.simplefilter("ignore")
    stdout, sys.stdout = sys.stdout, open(os.devnull, "w")
    objects = {}
    for module, name in sorted(set(named_by(sys.stdin))):
        value = loaded(module, name)
        if value is not None:
            objects[module, name] = value
    classes = [class_ for _, class_ in library.classes()] + [value for value in objects.values() if inspect.isclass(value)]
    classes = sorted({(class_.__module__, class_.__qualname__): class_ for class_ in classes}.items())
    entries = collections.defaultdict(list)
    sizes = collections.Counter()
    for section in (exceptions(classes), fields(classes), enums(classes), templates(), forms(objects, entries)):
        for module, entry in section:
            if not left_out(module) and entry not in entries[module]:
                entries[module].append(entry)
                sizes[section.__name__] += len(entry) + 1
    names = [line for line in aliases(objects) if not left_out(line.split("\t")[0])]
    lines = ["\t".join([module] + sorted(found, key=name_of)) for module, found in sorted(entries.items()) if found]
    print(HEADER.format(python="%d.%d" % sys.version_info[:2]), end="", file=stdout)
    print(table("ALIASES", "Names that have changed: a module's line has its new name first, then its names that went elsewhere: `name=module:name`.", names), file=stdout)
    print(table("NAMES", "See above.", lines), end="", file=stdout)
    print({**sizes, "aliases": sum(map(len, names)), "modules": sum(map(len, entries))}, file=sys.stderr)


def name_of(entry):
    return entry[1:].split(" ")[0]


def table(name, comment, lines):
    text = "\n".join(lines).replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '/// %s\n#[rustfmt::skip]\npub(super) static %s: &str = "%s";\n' % (comment, name, text)


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
            lines.append("\t".join([module, "" if new_module == module else new_module] + words))
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
        if letter and parts[0] not in RARE and not any(part.startswith("_") for part in parts[1:]) and (module in ACCELERATORS or module[0] != "_"):
            found[module].setdefault(name, letter)
    for module, names in sorted(found.items()):
        small = collections.Counter(letter for name, letter in names.items() if name[0].islower() and not is_error(name))
        most = max("fcb", key=lambda letter: small[letter] + (letter == "f"))
        if most != "f":
            yield module, most.upper()
        known = [entry[1:].split(" ")[0] for entry in entries[module] if entry[0] not in "SRWPa"]
        for name, letter in sorted(names.items()):
            told = "t" if module == "typing" and not name[0].islower() else most if name[0].islower() and not is_error(name) else "c"
            if letter != told and name not in known:
                yield module, letter + name


def is_error(name):
    return re.match("error(_|$)", name)


# Modules of which no one logs a function.
RARE = "curses distutils doctest encodings imaplib lib2to3 modulefinder multiprocessing pyexpat token".split()

# The modules in C behind those that one imports, which are where their functions say that they are.
ACCELERATORS = """_abc _asyncio _bisect _codecs _collections _csv _ctypes _curses _curses_panel _datetime _decimal _elementtree _functools _hashlib _heapq _imp _io _json _locale _lzma
_opcode _operator _pickle _random _signal _socket _sqlite3 _sre _ssl _stat _string _struct _thread _tracemalloc _warnings _weakref""".split()


def templates():
    for lines, mark in ((TEMPLATES, []), (OTHERS, ["-"])):
        for line in lines.strip().splitlines():
            module, entry = line.split(" ", 1)
            for entry in mark + [entry]:
                yield module, entry


# In braces: an argument by its number (of a state that is a tuple, an element), or an attribute of the state by its name (or, after `/`, what else it may be), as `str()`;
# without either, the state, or for `*` the arguments. A mark before it says how it is shown: `!` as `repr()`, `?` so too, or as None if it is missing, `~` so too, or as `undefined` if
# it is None, `+` so too, unless it is 1, `#` its length, `$` a timedelta in seconds, `&` bytes in hex, `*` its elements, `%` as keywords, `=` pairs as lines, `-` nothing, as of a secret,
# `^` the level of a handler, or of a logger and those above it, `@` the names of the classes that it lists, `.` the one text that it lists, or none, `"` a part of a mail address that needs no quotes.
# `:` and `;` module and name of its class (`{;}` the object's own), `'` as `repr()` if it is a text, `)` as it is if it is one, `(` if it is an integer, `/` what follows the last slash, `,` as `repr()`, if it is not empty, `^` a text as a constant is called after it,
# `[` a dict whose values are pairs of a key and a value, `>` a datetime's `isoformat()`, `]` a number from one instead of from zero. After a dot stands what is within it, after a backslash what there must not be. With `|` around it, what
# stands on either side is shown with it, after `~` on a line of its own; if it is missing, None, empty or -1, what follows another `|`. `{~}` is the end of a line, `{<}` and `{>}` are braces. After `{}` stands what is shown in place of all that is before it if a part of that is missing.
TEMPLATES = """
asyncio.exceptions SIncompleteReadError {#0} bytes read on a total of {~1} expected bytes
asyncio.base_subprocess PReadSubprocessPipeProto <ReadSubprocessPipeProto fd={fd} pipe={!pipe}>
asyncio.base_subprocess PWriteSubprocessPipeProto <WriteSubprocessPipeProto fd={fd} pipe={!pipe}>
asyncio.locks PEvent <asyncio.locks.Event object [{|-_value|set|unset}]>
asyncio.locks PLock <asyncio.locks.Lock object [{|-_locked|locked|unlocked}]>
asyncio.timeouts PTimeout <Timeout [{_state.0}]>
asyncio.exceptions RIncompleteReadError IncompleteReadError('{#0} bytes read on a total of {~1} expected bytes')
asyncio.exceptions SLimitOverrunError {0}
asyncio.exceptions RLimitOverrunError LimitOverrunError({!0})
argparse SArgumentError {argument |argument_name|: }{message}
calendar SIllegalMonthError bad month number {!0}; must be 1-12
calendar SIllegalWeekdayError bad weekday number {!0}; must be 0 (Monday) to 6 (Sunday)
configparser R {message}
configparser RNoOptionError No option {!0} in section: {!1}
configparser RNoSectionError No section: {!0}
email.errors SNonPrintableDefect the following ASCII non-printables found in header: {0}
getopt SGetoptError {0}
http.client RIncompleteRead IncompleteRead({#partial} bytes read{, |expected| more expected})
importlib.metadata SPackageNotFoundError No package metadata was found for {0}
multiprocessing.managers SRemoteError {~}---------------------------------------------------------------------------{~}{0}---------------------------------------------------------------------------
multiprocessing.pool RMaybeEncodingError <MaybeEncodingError: Error sending result: '{value}'. Reason: '{exc}'>
multiprocessing.pool SMaybeEncodingError Error sending result: '{value}'. Reason: '{exc}'
netrc SNetrcParseError {msg} ({filename}, line {lineno})
optparse SAmbiguousOptionError ambiguous option: {opt_str} ({possibilities}?)
optparse SBadOptionError no such option: {opt_str}
optparse S {msg}
optparse SOptionConflictError {option |option_id|: }{msg}
optparse SOptionError {option |option_id|: }{msg}
argparse PFileType FileType({!_mode}{, |!_bufsize}{, encoding=|!_encoding}{, errors=|!_errors})
argparse PAction Action({%})
argparse PBooleanOptionalAction BooleanOptionalAction({%})
builtins Pslice slice({!0}, {!1}, {!2})
builtins aslice start stop step
builtins arange start stop step
collections.abc PItemsView ItemsView({!_mapping})
collections.abc PKeysView KeysView({!_mapping})
collections.abc PValuesView ValuesView({!_mapping})
enum Pauto auto({!value})
importlib.metadata PFileHash <FileHash mode: {mode} value: {value}>
pstats PFunctionProfile FunctionProfile({%})
pstats PStatsProfile StatsProfile({%})
codecs PCodecInfo <codecs.CodecInfo object for encoding {name}>
_collections P_deque_iterator <collections._deque_iterator object>
decimal PContext Context(prec={!0}, rounding={1}, Emin={!2}, Emax={!3}, capitals={!4}, clamp={!5}, flags=[{@6}], traps=[{@7}])
email.header WHeader {._chunks}
email.headerregistry WAddress {|"_display_name| <}{"_username}{@|"_domain}{|-_display_name|>}
email.headerregistry WGroup {"_display_name}:{._addresses};
email.charset PCharset {input_charset}
email.headerregistry PAddress Address(display_name={!_display_name}, username={!_username}, domain={!_domain})
email.headerregistry PGroup Group(display_name={!_display_name}, addresses={!_addresses}
functools Ppartial functools.partial({!0}{, |*1}{, |%2})
functools Ppartialmethod functools.partialmethod({!func}{, |*args}{, |%keywords})
http.cookiejar WCookie <Cookie {|name|=}{value} for {domain}{:|port|}{path}>
http PHTTPMethod <HTTPMethod.{0}>
http WHTTPMethod {0}
importlib.metadata PEntryPoint EntryPoint(name={!name/0}, value={!value/1}, group={!group/2})
inspect PBoundArguments <BoundArguments ({|%arguments})>
inspect PFrameInfo FrameInfo(frame={!0}, filename={!1}, lineno={!2}, function={!3}, code_context={!4}, index={!5}, positions={?positions})
inspect PTraceback Traceback(filename={!0}, lineno={!1}, function={!2}, code_context={!3}, index={!4}, positions={?positions})
itertools Pcount count({!0}{, |+1})
itertools Prepeat repeat({!0}{, |!1})
logging PLogger <Logger {name} ({^})>
logging PNullHandler <NullHandler ({^})>
logging PRootLogger <RootLogger {name} ({^})>
logging PLogRecord <LogRecord: {name}, {levelno}, {pathname}, {lineno}, "{msg}">
operator Pattrgetter operator.attrgetter({*})
operator Pitemgetter operator.itemgetter({*})
operator Pmethodcaller operator.methodcaller({*})
optparse PValues <Values: {!}>
optparse WValues {!}
ssl S {)1}{}({!0}, {!1}, {!2}){}({!0}, {!1}){}({!0},){}()
ssl PPurpose <Purpose.{^0.1}: _ASN1Object(nid={!0.0}, shortname={!0.1}, longname={!0.2}, oid={!0.3})>
ssl WPurpose Purpose.{^0.1}
statistics PNormalDist NormalDist(mu={!0}, sigma={!1})
subprocess STimeoutExpired Command '{0}' timed out after {1} seconds
subprocess PCompletedProcess CompletedProcess(args={!args}, returncode={!returncode}{, stdout=|!stdout}{, stderr=|!stderr})
tarfile PTarInfo <TarInfo {!name}>
typing PParamSpecArgs {!0}.args
typing PParamSpecKwargs {!0}.kwargs
traceback PFrameSummary <FrameSummary file {filename}, line {lineno} in {name}>
xml.etree.ElementTree PElement <Element {!tag}>
xml.etree.ElementTree PQName <QName {!text}>
xml.etree.ElementTree WQName {text}
xmlrpc.client PDateTime <DateTime {!value}>
xmlrpc.client WDateTime {value}
array aarray typecode
array a_array_reconstructor _ typecode
builtins aBaseExceptionGroup message exceptions
builtins aExceptionGroup message exceptions
builtins aImportError msg
builtins aModuleNotFoundError msg
builtins aStopIteration value
builtins aSyntaxError msg
builtins aSystemExit code
builtins aUnicodeDecodeError encoding object start end reason
builtins aUnicodeEncodeError encoding object start end reason
functools apartial func args keywords
json.decoder aJSONDecodeError msg doc pos
re a_compile pattern flags
urllib.error aURLError reason
urllib.robotparser WEntry {.useragents}{.delay}{.req_rate}{.rulelines}
urllib.robotparser WRobotFileParser {.entries}{.default_entry}
urllib.robotparser WRuleLine {|-allowance|Allow|Disallow}: {path}
warnings WWarningMessage {<}message : {!message}, category : {!_category_name}, filename : {!filename}, lineno : {lineno}, line : {!line}{>}
wsgiref.headers PHeaders Headers({!_headers})
zoneinfo aZoneInfo key
zoneinfo PZoneInfo zoneinfo.ZoneInfo(key={!0})
zoneinfo WZoneInfo {0}
doctest SDocTestFailure {0}
doctest SUnexpectedException {0}
urllib.error SContentTooShortError <urlopen error {0}>
urllib.error SURLError <urlopen error {0}>
urllib.error SHTTPError HTTP Error {code}: {msg}
xml.sax._exceptions S {_msg}
xml.sax._exceptions SSAXParseException {_systemId}:{_linenum}:{_colnum}: {_msg}
xmlrpc.client RFault <Fault {faultCode}: {!faultString}>
xmlrpc.client RProtocolError <ProtocolError for {url}: {errcode} {errmsg}>
"""

# The same of other packages, whose modules begin with `-` in the table: without a name, what prints as nothing else of its module.
OTHERS = """
amqp.exceptions S {)reply_text\\method_name}{}{method_name}: ({reply_code}) {reply_text}{}<{;}: unknown error>
arrow.arrow PArrow <Arrow [{>_datetime}]>
arrow.arrow WArrow {>_datetime}
asyncpg.exceptions S {0}{~DETAIL:  |detail|}{~HINT:  |hint|}
auth PGroup <Group: {name}>
auth PUser <User: {username}>
auth WGroup {name}
auth WUser {username}
billiard.exceptions SSoftTimeLimitExceeded {;}({!0},){}{;}()
billiard.exceptions STimeLimitExceeded {;}({!0},){}{;}()
botocore.exceptions M {%}
botocore.exceptions MClientError An error occurred ({|0.Error.Code||Unknown}) when calling the {1} operation{-0.ResponseMetadata.MaxAttemptsReached} (reached max retries: {0.ResponseMetadata.RetryAttempts}): {|0.Error.Message||Unknown}{}An error occurred ({|0.Error.Code||Unknown}) when calling the {1} operation: {|0.Error.Message||Unknown}
botocore.exceptions MConnectTimeoutError Connect timeout on endpoint URL: "{endpoint_url}"
botocore.exceptions MEndpointConnectionError Could not connect to the endpoint URL: "{endpoint_url}"
botocore.exceptions MNoCredentialsError Unable to locate credentials
botocore.exceptions MNoRegionError You must specify a region.
botocore.exceptions MParamValidationError Parameter validation failed:{~}{report}
botocore.exceptions MReadTimeoutError Read timeout on endpoint URL: "{endpoint_url}"
botocore.exceptions MWaiterError Waiter {name} failed: {reason}
bson.objectid PObjectId ObjectId('{&}')
bson.objectid WObjectId {&}
bson.tz_util PFixedOffset FixedOffset({!0}, {!1})
dateutil.tz._tzfile P_unpickle tzfile({!2})
dateutil.tz.tz Ptzfile tzfile({!1})
dateutil.tz.tz Ptzlocal tzlocal()
dateutil.tz.tz Ptzoffset tzoffset({!_name/0}, {$_offset/1})
dateutil.tz.tz Ptzstr tzstr({!_s})
celery.exceptions SRetry {0}
celery.exceptions kNotRegistered
celery.result PAsyncResult <AsyncResult: {0}>
celery.result WAsyncResult {0}
django.core.exceptions RValidationError ValidationError([{'0}]){.2}
django.core.exceptions SValidationError [{'0}]{.2}
django.http.request PQueryDict <QueryDict: {!_data}>
django.utils.datastructures PCaseInsensitiveMapping {<}{[_store}{>}
django.utils.datastructures PMultiValueDict <MultiValueDict: {!_data}>
docker.errors SAPIError {0}{ ("|explanation|")}
fastapi.exceptions RHTTPException HTTPException(status_code={!status_code}, detail={!detail})
fastapi.exceptions SHTTPException {status_code}: {detail}
google.api_core.exceptions SBadRequest 400 {message}
google.api_core.exceptions SDeadlineExceeded 504 {message}
google.api_core.exceptions SForbidden 403 {message}
google.api_core.exceptions SInternalServerError 500 {message}
google.api_core.exceptions SInvalidArgument 400 {message}
google.api_core.exceptions SNotFound 404 {message}
google.api_core.exceptions SPermissionDenied 403 {message}
google.api_core.exceptions SServiceUnavailable 503 {message}
google.api_core.exceptions STooManyRequests 429 {message}
grpc PStatusCode <StatusCode.{^0.1}: {!0}>
grpc WStatusCode StatusCode.{^0.1}
dns.resolver xNXDOMAIN
dns.resolver xNoAnswer
httpx PRequest <Request({!method}, '{url}')>
httpx PURL URL('{|_uri_reference.0|:}{//|-_uri_reference.2|}{_uri_reference.2\\_uri_reference.1}{:|_uri_reference.3|}{_uri_reference.4}{?|_uri_reference.5|}{#|_uri_reference.6|}')
httpx WURL {|_uri_reference.0|:}{//|-_uri_reference.2|}{|_uri_reference.1|@}{_uri_reference.2}{:|_uri_reference.3|}{_uri_reference.4}{?|_uri_reference.5|}{#|_uri_reference.6|}
pandas._libs.tslibs.nattype P_nat_unpickle NaT
pendulum.datetime RDateTime DateTime({0}, {1}, {2}, {3}, {4}, {5}{, |,6|}{, tzinfo=|!7|})
pendulum.tz.timezone PFixedTimezone FixedTimezone({0}, name="{1}")
pendulum.tz.timezone PTimezone Timezone({!0})
psycopg2.tz PFixedOffsetTimezone psycopg2.tz.FixedOffsetTimezone(offset={!0}, name={!1})
pydantic.networks W {_url}
pydantic.types PSecretBytes SecretBytes(b'{|-_secret_value|**********}')
pydantic.types PSecretStr SecretStr('{|-_secret_value|**********}')
pydantic.types WSecretBytes b'{|-_secret_value|**********}'
pydantic.types WSecretStr {|-_secret_value|**********}
pymongo.errors MBulkWriteError batch op errors occurred, full error: {0}
pytz PFixedOffset pytz.FixedOffset({0})
pytz.exceptions kUnknownTimeZoneError
pytz P_UTC <UTC>
pytz W_UTC UTC
requests.structures PCaseInsensitiveDict {<}{[_store}{>}
requests.models PPreparedRequest <PreparedRequest [{method}]>
requests.models PRequest <Request [{method}]>
requests.models PResponse <Response [{status_code}]>
sqlalchemy.cyextension.resultproxy Prowproxy_reconstructor {!1._data}
sqlalchemy.engine._row_cy Prowproxy_reconstructor {!1._data}
sqlalchemy.exc S ({:2}.{;2}) {2}{~[SQL: |0|]}{~[parameters: |,1\\3|]}{~[SQL parameters hidden due to hide_parameters=True]|-3|}
sqlalchemy.exc SStatementError {0}{~[SQL: |1|]}{~[parameters: |,2\\4|]}{~[SQL parameters hidden due to hide_parameters=True]|-4|}
starlette.exceptions RHTTPException HTTPException(status_code={!status_code}, detail={!detail})
starlette.exceptions SHTTPException {status_code}: {detail}
stripe._error S {Request |request_id|: }{_message}
urllib3.exceptions M {.0}None: {1}
urllib3.exceptions MHostChangedError {.0}None: Tried to open a foreign host with url: {1}
urllib3.exceptions MLocationParseError Failed to parse: {0}
urllib3.exceptions MMaxRetryError {.0}None: Max retries exceeded with url: {1} (Caused by {!2})
urllib3.exceptions MNameResolutionError None: Failed to resolve '{0}' ({2})
urllib3.exceptions MReadTimeoutError {.0}None: {2}
urllib3.exceptions RIncompleteRead IncompleteRead({0} bytes read, {1} more expected)
werkzeug.exceptions SBadRequest 400 Bad Request{: |description|}
werkzeug.exceptions SForbidden 403 Forbidden{: |description|}
werkzeug.exceptions SInternalServerError 500 Internal Server Error{: |description|}
werkzeug.exceptions SMethodNotAllowed 405 Method Not Allowed{: |description|}
werkzeug.exceptions SNotFound 404 Not Found{: |description|}
werkzeug.exceptions SUnauthorized 401 Unauthorized{: |description|}
yaml.constructor S {)context}{~|context_mark|}{~|problem|}{~|problem_mark|}{~|note|}{}{problem}{~|problem_mark|}{~|note|}
yaml.error WMark   in "{name}", line {]line}, column {]column}
yaml.parser S {)context}{~|context_mark|}{~|problem|}{~|problem_mark|}{~|note|}{}{problem}{~|problem_mark|}{~|note|}
yaml.scanner S {)context}{~|context_mark|}{~|problem|}{~|problem_mark|}{~|note|}{}{problem}{~|problem_mark|}{~|note|}
yarl PURL URL('{|0.0|:}{//|0.1|}{0.2}{?|0.3|}{#|0.4|}')
yarl WURL {|0.0|:}{//|0.1|}{0.2}{?|0.3|}{#|0.4|}
"""


if __name__ == "__main__":
    main()
