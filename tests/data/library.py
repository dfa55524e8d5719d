"""What Python prints for the standard library's values, exceptions, names and enums, kind by kind: the oracle of tests/it/library.rs.

    pythonX.Y library.py make       prints a line for each pickle: its kind, what it is, its protocol, its hex
    python3.13 library.py           reads such lines; prints for each the hex of str() and repr(), without addresses
    python3.13 library.py fields    prints a line for each `{` format of a value: the hex of the format, of the pickle, of the text

Kinds: `aware`, `builtin`, `enum`, `exact`, `exception`, `name`, `nested`, `value`. Runs on 2.7 and 3.6 to 3.13. What a version does not have is
left out; classes of users come from sample_classes.py.
"""

from __future__ import print_function

import array
import binascii
import collections
import datetime
import decimal
import fractions
import functools
import importlib
import inspect
import itertools
import operator
import os
import pickle
import pkgutil
import re
import sys
import tempfile
import time
import types
import uuid
import warnings

import sample_classes

PYTHON2 = sys.version_info[0] == 2
PROTOCOLS = [1] if PYTHON2 else [1, 4]


def main(command="print"):
    warnings.simplefilter("ignore")
    # Some modules greet who imports them, and re.DEBUG prints what it compiles.
    stdout, sys.stdout = sys.stdout, open(os.devnull, "w")
    if command == "make":
        make(stdout)
    elif command == "fields":
        for form, value in fields():
            try:
                text = form.format(x=value)
            except Exception:  # not every value takes every spec
                continue
            for protocol in PROTOCOLS:
                print(*[binascii.hexlify(part).decode() or "-" for part in (form.encode(), pickle.dumps(value, protocol), text.encode())], file=stdout)
    else:
        for line in sys.stdin:
            print(*[hexlify(text) for text in printed(binascii.unhexlify(line.split()[-1]))], file=stdout)


def make(stdout):
    seen = set()
    # Some classes make the file that they are given.
    os.chdir(tempfile.mkdtemp())
    for kind, found in (
        ("exact", exact()), ("value", values()), ("builtin", builtins()), ("aware", aware()), ("nested", nested()), ("exception", exceptions()),
        ("enum", enums()), ("name", names()),
    ):
        for label, value in found:
            for protocol in PROTOCOLS:
                try:
                    pickled = pickle.dumps(value, protocol)
                except Exception:  # not every version and protocol can pickle every value
                    continue
                if len(pickled) < 20000 and pickled not in seen:
                    seen.add(pickled)
                    words = kind, "_".join(label.split()), protocol, binascii.hexlify(pickled).decode()
                    print(*words, file=stdout)


def printed(pickled):
    try:
        try:
            value = pickle.loads(pickled, encoding="utf-8")
        except UnicodeDecodeError:
            value = pickle.loads(pickled, encoding="latin1")
        return [re.sub(" at 0x[0-9a-f]+", "", text) for text in (str(value), repr(value))]
    except Exception as error:
        return ("raised", type(error).__name__ + ": " + str(error))


def hexlify(text):
    return binascii.hexlify(text.encode("utf-8", "surrogatepass")).decode() or "-"


def lazily(expressions, *modules):
    """Evaluates what this version can evaluate."""
    scope = {}
    for name in modules:
        try:
            scope[name.split(".")[0]] = importlib.import_module(name)
            scope[name.split(".")[0]] = sys.modules[name.split(".")[0]]
        except Exception:
            pass
    for expression in expressions.strip().splitlines():
        expression = expression.strip()
        try:
            value = eval(expression, dict(globals(), **scope))
        except Exception:
            continue
        yield expression, value


# Values


def values():
    return itertools.chain(
        lazily(
            VALUES, "argparse", "asyncio", "ast", "calendar", "collections.abc", "cmd", "configparser", "contextlib", "copy", "csv", "ctypes",
            "dataclasses", "difflib", "dis", "email.message", "email.charset", "email.mime.nonmultipart", "email.mime.text", "email.headerregistry", "enum", "errno", "fileinput", "fnmatch", "graphlib", "glob", "html",
            "http.cookies", "http.client", "http", "importlib.metadata", "inspect", "io", "ipaddress", "json", "locale", "logging", "math",
            "mimetypes", "netrc", "numbers", "optparse", "os", "pathlib", "platform", "plistlib", "posix", "pprint", "pstats", "queue", "random",
            "resource", "sched", "select", "selectors", "shelve", "shlex", "shutil", "signal", "socket", "ssl", "stat", "statistics", "string",
            "struct", "subprocess", "symtable", "sys", "tempfile", "textwrap", "threading", "timeit", "token", "tokenize", "traceback",
            "types", "typing", "unittest", "urllib.parse", "urllib.request", "urlparse", "uuid", "weakref", "wsgiref", "xml.etree.ElementTree", "xml.dom.minidom", "xmlrpc.client",
            "zipfile", "zoneinfo", "doctest", "tarfile", "sndhdr", "imghdr", "nntplib", "pwd", "grp", "spwd", "cProfile", "codecs", "urllib.robotparser", "pkgutil", "modulefinder", "tracemalloc", "string.templatelib", "zipimport", "concurrent.futures",
        ),
        tuples(),
        instances(),
        recursive(),
    )


def tuples():
    """Each named tuple and each struct sequence."""
    for module, class_ in classes():
        name = "%s.%s" % (module, class_.__name__)
        if not issubclass(class_, tuple) or any(part.startswith("_") for part in name.split(".") if part != "_base"):
            continue
        count = len(class_._fields) if hasattr(class_, "_fields") else getattr(class_, "n_sequence_fields", 0)
        for make in (lambda: class_(*range(count)), lambda: class_(range(count)), lambda: class_(["a"] * count)):
            try:
                yield name, make()
            except Exception:
                pass


def instances():
    """What classes make of the simplest arguments."""
    for module, class_ in classes():
        parts = (module or "").split(".")
        if issubclass(class_, (BaseException, tuple)) or class_.__name__.startswith("_") or any(part.startswith("_") for part in parts) or parts[0] in UNSAFE:
            continue
        count = 0
        # A small number would be a file that is open.
        for args in [(), ("a",), (70,), ("a", 70), ("a", "b"), (70, 80), ("a", "b", "c"), (70, 80, 90), (["a"],), ({"a": 70},)]:
            try:
                value = class_(*args)
                pickle.dumps(value, 1)
            except BaseException:
                continue
            count += 1
            if count <= 2:
                yield "%s.%s(%s)" % (module, class_.__name__, ", ".join(map(repr, args))), value


# These open files, sockets, processes or windows, start threads, ask a terminal, or print a document,
# or what a machine's own bytes mean, or are of old names for what no one makes.
UNSAFE = set("""
ctypes email filecmp modulefinder sre_parse symtable
BaseHTTPServer CGIHTTPServer DocXMLRPCServer SimpleHTTPServer SimpleXMLRPCServer SocketServer asyncio asynchat asyncore cgitb
concurrent curses dbm faulthandler fileinput ftplib gzip bz2 lzma httplib imaplib io logging mailbox mmap multiprocessing netrc nntplib
pdb pipes popen2 poplib posix posixfile profile pty pyclbr pydoc readline robotparser runpy sched select selectors shelve signal site smtpd smtplib socket
socketserver sqlite3 ssl subprocess syslog tabnanny tarfile telnetlib tempfile threading timeit tkinter turtle unittest urllib
urllib2 webbrowser xdrlib xmlrpc xmlrpclib zipapp zipfile zipimport dumbdbm anydbm dbhash gdbm whichdb bdb cProfile
""".split())


VALUES = """
urllib.parse.urlparse('http://u:p@h:1/p;a?q=1#f')
urllib.parse.urlsplit('http://h/p?q=1#f')
urllib.parse.urldefrag('http://h/p#f')
urllib.parse.urlparse(b'http://h/p#f')
urllib.parse.urlsplit(b'http://h/p#f')
urllib.parse.urldefrag(b'http://h/p#f')
urlparse.urlparse('http://u:p@h:1/p;a?q=1#f')
urlparse.urlsplit('http://h/p?q=1#f')
os.stat_result(range(10))
os.stat_result(range(16))
os.stat('/')
os.statvfs('/')
os.statvfs_result(range(10))
os.terminal_size((80, 24))
os.uname()
os.times()
os.sched_param(3)
time.gmtime(0)
time.struct_time(range(9))
time.struct_time(range(11))
time.get_clock_info('time')
resource.getrusage(0)
resource.struct_rusage(range(16))
pwd.getpwuid(0)
grp.getgrgid(0)
pwd.struct_passwd(('a', 'b', 1, 2, 'c', 'd', 'e'))
grp.struct_group(('a', 'b', 1, ['c']))
argparse.Namespace()
argparse.Namespace(a=1, b='x')
argparse.Namespace(**{'a b': 1, 'c': [2]})
subprocess.CompletedProcess(['a'], 1)
subprocess.CompletedProcess('a', 0, stdout=b'x')
subprocess.CompletedProcess('a', 0, b'x', 'y')
types.SimpleNamespace(a=1)
types.SimpleNamespace(**{'a b': 1})
types.SimpleNamespace()
types.MappingProxyType({})
operator.itemgetter(1)
operator.itemgetter(1, 'a')
operator.attrgetter('a')
operator.attrgetter('a.b', 'c')
operator.methodcaller('a')
operator.methodcaller('a', 1, b=2)
functools.partial(int, '7', base=8)
functools.partial(len)
functools.partial(functools.partial(int, 1), 2)
functools.partialmethod(int, 1)
functools.cmp_to_key(len)
slice(1, 2, 3)
range(0)
range(5, 5)
range(1, 10, 2)
range(10**30)
itertools.count()
itertools.count(5)
itertools.count(1, 2)
itertools.count(1.5)
itertools.repeat(1)
itertools.repeat(1, 3)
itertools.cycle([1, 2])
itertools.chain([1], [2])
itertools.accumulate([1, 2])
itertools.product([1], [2])
itertools.combinations([1, 2], 1)
itertools.permutations([1, 2])
itertools.islice([1, 2], 1)
itertools.starmap(len, [])
itertools.takewhile(len, [])
itertools.dropwhile(len, [])
itertools.filterfalse(len, [])
itertools.compress([1], [1])
itertools.zip_longest([1], [2])
itertools.pairwise([1])
itertools.groupby([1])
itertools.tee([1])[0]
iter([1, 2])
iter((1, 2))
iter('abc')
iter(u'abc\\u20ac')
iter(b'abc')
iter(bytearray(b'abc'))
iter({1: 2})
iter({1: 2}.items())
iter({1: 2}.values())
iter({1})
iter(range(3))
iter(range(10**30))
iter(collections.OrderedDict([(1, 2)]))
iter(collections.deque([1]))
iter(array.array('i', [1]))
iter([])
iter(())
iter('')
iter(len, 1)
reversed([1, 2])
reversed((1, 2))
reversed(range(3))
reversed({1: 2})
zip([1], [2])
map(len, ['a'])
filter(len, ['a'])
enumerate(['a'])
enumerate(['a'], 5)
{1: 2}.keys()
collections.OrderedDict([(1, 2)]).keys()
collections.OrderedDict([('a', 1)])
collections.OrderedDict()
collections.Counter('abca')
collections.Counter({'a': 10**30, 'b': 10**31, 'c': 1})
collections.Counter({'a': -10**30, 'b': 0.5, 'c': 10**25})
collections.Counter({'a': 1, 'b': 2.5, 'c': True})
collections.Counter({'a': 1 << 63, 'b': (1 << 63) - 1, 'c': float(1 << 63)})
collections.Counter({'a': None, 'b': 1})
collections.Counter({'a': decimal.Decimal('-1.50'), 'b': 2, 'c': decimal.Decimal('1E+3'), 'd': decimal.Decimal('2.0'), 'e': 0.5})
collections.defaultdict(list, {1: [2]})
collections.defaultdict(None, {1: [2]})
collections.defaultdict(lambda: 0)
collections.defaultdict(functools.partial(int, 5), {1: 2})
collections.deque([1, 2])
collections.deque([1, 2], 5)
collections.deque()
collections.ChainMap({1: 2}, {3: 4})
collections.ChainMap()
collections.UserDict({1: 2})
collections.UserList([1])
collections.UserString('a')
collections.UserDict()
decimal.Decimal('1.50')
decimal.Decimal('NaN')
decimal.Decimal('-0')
decimal.Decimal('1E+9')
decimal.DecimalTuple(0, (1, 2), -1)
decimal.Decimal('1.5').as_tuple()
decimal.Context()
decimal.Context(prec=5)
decimal.BasicContext
decimal.getcontext()
fractions.Fraction(1, 3)
fractions.Fraction(-5)
uuid.UUID(int=5)
uuid.uuid1()
uuid.uuid4()
datetime.date(2024, 1, 2)
datetime.time(1, 2, 3)
datetime.datetime(2024, 1, 2, 3)
datetime.timedelta(1, 2, 3)
datetime.timezone.utc
datetime.timezone(datetime.timedelta(hours=1))
datetime.timezone(datetime.timedelta(hours=1), 'X')
datetime.date(2024, 1, 2).isocalendar()
datetime.date(2024, 1, 2).timetuple()
datetime.datetime(2024, 1, 2).timetuple()
datetime.UTC
re.compile('a')
re.compile(b'a', re.I)
re.compile('a', re.I | re.M | re.S | re.X | re.A)
re.compile('a', re.U)
re.compile(b'a', re.L)
re.compile('a', re.DEBUG)
pathlib.PurePosixPath('/a/b')
pathlib.PureWindowsPath('c:/a')
pathlib.PosixPath('a')
pathlib.PurePath('a', 'b')
pathlib.Path('/a').parent
ipaddress.ip_address('1.2.3.4')
ipaddress.ip_address('::1')
ipaddress.ip_address('fe80::1%eth0')
ipaddress.ip_network('10.0.0.0/8')
ipaddress.ip_network('fe80::/10')
ipaddress.ip_interface('10.0.0.1/8')
ipaddress.ip_interface('fe80::1/10')
zoneinfo.ZoneInfo('Europe/Berlin')
array.array('i', [1])
array.array('d', [1.5])
array.array('u', u'ab')
array.array('b')
complex(1, 2)
1j
string.Template('$a')
string.Formatter()
random.Random(1).__class__
asyncio.Semaphore(3)
asyncio.Semaphore(0)
asyncio.Queue(4)
asyncio.LifoQueue()
asyncio.PriorityQueue(1)
http.cookies.SimpleCookie('a=b')
http.cookies.Morsel()
http.cookies.SimpleCookie()
email.message.Message()
email.message_from_string('A: b\\nC: d e\\n\\nbody\\n')
email.mime.text.MIMEText('text')
email.mime.nonmultipart.MIMENonMultipart('a', 'b')
email.charset.Charset('utf-8')
http.client.parse_headers(io.BytesIO(b'Host: h\\r\\nAccept: */*\\r\\n\\r\\n'))
email.headerregistry.Address('a', 'b', 'c.d')
email.headerregistry.Group('a', [])
email.headerregistry.Group()
email.headerregistry.Address('Ada Lovelace', 'ada', 'x.org')
email.headerregistry.Address('Dr. Who', 'a b', 'x.org')
email.headerregistry.Address('', 'ada')
email.header.Header('a')
email.header.Header()
inspect.BoundArguments(inspect.Signature(), {'a': 1})
inspect.getfullargspec(lambda a, b=1: 0)
inspect.ArgInfo(['a'], None, None, {})
inspect.FullArgSpec(['a'], None, None, None, [], None, {})
inspect.Attribute('a', 'b', 'c', 'd')
inspect.ClosureVars({}, {}, {}, set())
inspect.Traceback('a', 1, 'b', ['c'], 0)
platform.uname()
platform.freedesktop_os_release()
sys.version_info
sys.flags
sys.float_info
sys.int_info
sys.hash_info
sys.thread_info
sys.implementation
sys.getdefaultencoding()
shutil.disk_usage('/')
shutil._ntuple_diskusage(1, 2, 3)
difflib.Match(1, 2, 3)
difflib.SequenceMatcher(None, 'abcd', 'bcde').find_longest_match(0, 4, 0, 4)
doctest.TestResults(0, 1)
logging.LogRecord('n', 20, 'p', 1, 'm %s', ('a',), None)
logging.Formatter()
logging.getLogger('a.b')
logging.getLogger()
logging.NullHandler()
logging.NullHandler(30)
urllib.request.Request('http://x')
urllib.robotparser.RequestRate(1, 2)
urllib.robotparser.RobotFileParser('http://h/robots.txt')
urllib.robotparser.RuleLine('/a', False)
urllib.robotparser.RuleLine('/a', True)
warnings.WarningMessage(UserWarning('w'), UserWarning, 'f.py', 3)
wsgiref.headers.Headers([('A', 'b')])
selectors.SelectorKey(1, 2, 3, 4)
statistics.NormalDist(1, 2)
statistics.LinearRegression(1.5, 2.5)
tokenize.TokenInfo(1, 'a', (1, 0), (1, 1), 'a')
token.NAME
dis.Instruction
dis.Positions(1, 2, 3, 4)
pkgutil.ModuleInfo(None, 'a', False)
csv.excel()
csv.Sniffer()
textwrap.TextWrapper()
threading.current_thread().name
traceback.FrameSummary('f', 1, 'n')
traceback.StackSummary.from_list([('f', 1, 'n', 'l')])
xml.etree.ElementTree.Element('a')
xml.etree.ElementTree.QName('a', 'b')
xmlrpc.client.DateTime(0)
xmlrpc.client.Binary(b'a')
xmlrpc.client.Fault(1, 'a')
zipfile.ZipInfo('a')
tarfile.TarInfo('a')
optparse.Values({'a': 1})
optparse.Option('-a')
html.parser
io.StringIO(u'a')
io.BytesIO(b'a')
calendar.Calendar()
calendar.IllegalMonthError(13)
calendar.TextCalendar()
plistlib.UID(5)
typing.List[int]
typing.Optional[int]
typing.Union[int, str]
typing.Dict[str, int]
typing.Any
typing.TypeVar('T')
typing.Callable[[int], str]
list[int]
tuple[()]
typing.Tuple[()]
collections.abc.Callable[[int], str]
collections.abc.Callable[..., int]
dict[str, int]
int | str
int | None
collections.abc.Mapping
weakref.WeakValueDictionary
ssl.DefaultVerifyPaths('a', 'b', 'c', 'd', 'e', 'f')
ssl._ASN1Object(1, 'a', 'b', 'c')
ssl.Purpose.SERVER_AUTH
ssl.Purpose.CLIENT_AUTH
[ssl.Purpose.SERVER_AUTH]
urllib.parse.quote
importlib.metadata.EntryPoint('a', 'b', 'c')
importlib.metadata.PackagePath('a')
codecs.lookup('utf-8')
codecs.CodecInfo(None, None)
cProfile.Profile
sched.Event(1, 2, 3, 4, 5, 6)
ast.parse('a')
ast.Name('a')
ast.Constant(1)
dataclasses.field
contextlib.nullcontext()
graphlib.TopologicalSorter
concurrent.futures.wait
concurrent.futures._base.DoneAndNotDoneFutures(set(), set())
unittest.mock
collections.namedtuple
string.capwords
copy.copy
object()
Ellipsis
NotImplemented
type(None)
type(Ellipsis)
type(NotImplemented)
type
types.FunctionType
types.ModuleType
types.CodeType
types.GeneratorType
types.MethodType
types.BuiltinFunctionType
types.MappingProxyType
types.NoneType
typing.NamedTuple
statistics.mean
'abc'.upper
[].append
{}.get
{1}.add
(1, 2).count
b'a'.hex
(5).bit_length
(1.5).hex
collections.deque([1]).append
collections.OrderedDict().get
datetime.datetime(2024, 1, 2).isoformat
datetime.datetime.now
datetime.datetime.fromtimestamp
datetime.datetime.isoformat
datetime.date.today
datetime.timedelta.total_seconds
collections.deque.append
collections.OrderedDict.move_to_end
decimal.Decimal.from_float
decimal.Decimal.quantize
dict.fromkeys
str.upper
list.append
str.maketrans
int.from_bytes
bytes.fromhex
object.__init__
pathlib.PurePosixPath('a').match
uuid.UUID(int=1).get_fields
math.pi
math.sin
"""


def exact():
    """What objects of the standard library print that tell something of their state, each of which must be right."""
    return lazily(EXACT, "argparse", "asyncio", "calendar", "configparser", "ctypes", "email.headerregistry", "email.policy", "http.cookies", "importlib.machinery", "inspect", "modulefinder", "optparse", "pickletools", "stat", "tokenize", "typing", "unittest.mock", "wave", "weakref", "threading", "xmlrpc.client", "multiprocessing.managers", "traceback", "xml.dom.minidom", "_io", "_functools")


EXACT = """
asyncio.BoundedSemaphore(2)
asyncio.BoundedSemaphore(0)
asyncio.IncompleteReadError(b'ab', 5)
asyncio.IncompleteReadError(b'ab', 'five')
asyncio.LimitOverrunError("it's over", 5)
multiprocessing.managers.Token('dict', '/tmp/a', 'f00')
traceback.TracebackException(ValueError, ValueError('bad'), None)
xml.dom.minidom.parseString('<a b="c"/>').documentElement
http.cookies.SimpleCookie('b=1; a="x y"; Path=/; Secure; HttpOnly; c=5')
http.cookies.SimpleCookie('b=1')['b']
http.cookies.SimpleCookie('a=b; Path=/; Max-Age=0; Domain=x.org; SameSite=Lax')['a']
http.cookies.SimpleCookie()
http.cookies.BaseCookie()
http.cookies.Morsel()
email.headerregistry.Address('Ada Lovelace', 'ada.l', 'x.org')
email.headerregistry.Address('', 'ada', 'x.org')
email.headerregistry.Address('', 'ada')
xmlrpc.client.Binary(b'abc')
threading.Lock
io.BytesIO(b'a')
_functools.reduce
_io.open
functools.reduce
functools.partial(int, '7', base=8)
fractions.Fraction(1, 3)
decimal.Decimal('1.50')
uuid.UUID(int=5)
datetime.timedelta(1, 2, 3)
re.compile('a')
collections.Counter('abca')
collections.deque([1, 2], 5)
argparse.Namespace(a=1)
asyncio.Barrier(3)
asyncio.Condition()
asyncio.Timeout(5)
calendar.day_name
configparser.UNNAMED_SECTION
ctypes.c_bool(True)
ctypes.c_byte(5)
ctypes.c_float(0.5)
ctypes.c_int(5)
ctypes.c_ulong(1 << 40)
[ctypes.c_long(-5), ctypes.c_double(1.5), ctypes.c_float(1.1), ctypes.c_ulonglong((1 << 64) - 1)] if not PYTHON2 else None
email.headerregistry.Address()
email.headerregistry.Address('', '', 'x.org')
email.headerregistry.Group()
email.headerregistry.Group('g', (email.headerregistry.Address('A', 'a', 'b'), email.headerregistry.Address('', 'c', 'd')))
email.headerregistry.Group(None, (email.headerregistry.Address('A', 'a', 'b'),))
email.policy.default
email.policy.SMTP
email.policy.compat32
importlib.machinery.ModuleSpec('m', None)
importlib.machinery.ModuleSpec('m', None, origin='o', is_package=True)
inspect.signature(lambda: 0)
inspect.signature(lambda a, b=1, *c, d, **e: 0) if not PYTHON2 else None
inspect.signature(sorted)
inspect.signature(int.from_bytes)
inspect.Signature([inspect.Parameter('a', inspect.Parameter.POSITIONAL_ONLY)])
inspect.Signature([inspect.Parameter('a', inspect.Parameter.POSITIONAL_ONLY), inspect.Parameter('b', inspect.Parameter.KEYWORD_ONLY, default=None, annotation=int)], return_annotation=str)
inspect.Signature(return_annotation=None)
inspect.Parameter('a', inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation='int', default=-1)
inspect.Parameter('a', inspect.Parameter.VAR_KEYWORD, annotation=collections.OrderedDict)
inspect.Parameter.empty
inspect.FrameInfo(None, 'f.py', 3, 'f', ['l'], 0)
modulefinder.Module('m', 'f.py')
optparse.make_option('-v', '--verbose')
optparse.make_option('-v')
optparse.make_option('--verbose')
pickletools.pyint
pickletools.uint1
stat.S_ISDIR
threading.local
tokenize.TokenInfo(1, 'x', (1, 0), (1, 1), 'x')
typing.AnyStr
typing.T_co
typing.T_contra
unittest.TestSuite()
unittest.mock.sentinel.thing
unittest.mock.DEFAULT
wave._wave_params(1, 2, 3, 4, 5, 6)
weakref.finalize(collections.OrderedDict(), len)
"""


def recursive():
    deque, ordered, default = collections.deque(), collections.OrderedDict(), collections.defaultdict(list)
    deque.append(deque)
    ordered["o"] = ordered
    default["d"] = default
    yield "recursive deque", deque
    yield "recursive OrderedDict", ordered
    yield "recursive defaultdict", default
    if not PYTHON2:
        space = types.SimpleNamespace(a=1)
        space.space = space
        yield "recursive namespace", space
        chain = collections.ChainMap({})
        chain["c"] = chain
        yield "recursive ChainMap", chain


def builtins():
    return lazily("""
None
True
[1, [2, (3,)], {'a': {1}}]
{1: 2, 1.0: 3}
{'a': float('nan'), 'b': float('-inf')}
{(1, 2): [3]}
{None: None, True: False}
frozenset([1])
set()
set([1.5])
bytearray(b'a')
b'\\x00\\xff'
u'\\u20ac\\ud800'
10**40
-10**40
1e22
1e-7
5e-324
complex(-0.0, 0.0)
complex(1, float('nan'))
complex(float('inf'), -0.0)
range(3)
slice(None)
slice('a', [1])
sample_classes.Integer(5)
sample_classes.Float(1.5)
sample_classes.Text(u'x')
sample_classes.List([1])
sample_classes.Tuple((1, 2))
sample_classes.Dict({1: 2})
sample_classes.Moment(2024, 7, 1, 12, 30)
[sample_classes.Moment(2024, 7, 1, 12, 30, 5, 6)]
sample_classes.BirthDate(2024, 7, 1)
[sample_classes.BirthDate(2024, 7, 1)]
""")


def aware():
    moments = [datetime.datetime(2024, 7, 1, 12), datetime.datetime(2024, 1, 2, 3, 4, 5, 6)]
    if PYTHON2:
        return
    hour = datetime.timedelta(hours=1)
    zones = [datetime.timezone(hour * 5.5), datetime.timezone.utc, datetime.timezone(-hour, "X")]
    if sys.version_info >= (3, 7):
        zones.append(datetime.timezone(hour + hour / 3600))
    for zone in zones:
        for moment in moments:
            yield "datetime", moment.replace(tzinfo=zone)
            yield "time", moment.timetz().replace(tzinfo=zone)
    if sys.version_info >= (3, 9):
        import zoneinfo

        for key in ["UTC", "Etc/UTC", "Etc/GMT+5", "Etc/GMT-14", "Etc/GMT0", "GMT", "Zulu", "Etc/Greenwich"]:
            try:
                zone = zoneinfo.ZoneInfo(key)
            except Exception:
                continue
            for moment in moments:
                yield key, moment.replace(tzinfo=zone)
                yield key, moment.timetz().replace(tzinfo=zone)


def nested():
    outer = sample_classes.Outer
    for name in ["Inner", "Error", "Deep"]:
        yield name, getattr(outer, name)
    yield "error", outer.Error("lost?")
    yield "named so", [outer.DoesNotExist("lost?"), outer.DoesNotExist()]
    yield "that", outer.DoesNotExist("lost?")
    yield "of whatever", [outer.DoesNotExist(2, {"a": 1}), outer.DoesNotExist(None), outer.DoesNotExist(ValueError("a"), 3)]
    yield "errors", [outer.Error("a", 1), outer.Deep.Error()]
    yield "deep", outer.Deep.Error(u"x")
    yield "integer", outer.Integer(5)
    yield "class method", outer.class_method
    yield "instance's method", sample_classes.Integer(5).bit_length
    if sample_classes.enum:
        yield "enum of texts", outer.Choice.ONE
        yield "enum of integers", outer.Number.ONE


# Fields of formats


def fields():
    """Specs and attributes of standard values."""
    import http
    import http.cookies
    import ipaddress
    import json
    import pathlib
    import socket
    import subprocess
    import urllib.error
    import unittest.mock
    import urllib.parse
    import zoneinfo

    specs = ".2f 10 >20.3e <12 ^15 g .3 + F n # #.0f ,.2f _ 05 =10 % d *^30.1E G .1f > , #, *<12 .2e #>10 s >20 x #x X #X b _b #_b _x #_x ^30s c o 08b"
    numbers = [1 + 2j, 1.5 - 2.25j, 2j, complex(-0.0, 1), 1e20 + 3j, 0j, complex(float("nan"), float("-inf"))]
    numbers += [fractions.Fraction(3), fractions.Fraction(-7, 2), fractions.Fraction(12345678, 7)]
    numbers += [ipaddress.ip_address(address) for address in ("1.2.3.4", "::1", "fe80::abcd", "0.0.0.0", "255.255.255.255")]
    numbers += [ipaddress.ip_interface("10.0.0.1/8"), ipaddress.ip_network("10.0.0.0/8")]
    numbers += [http.HTTPStatus.OK, re.I, sample_classes.Integer(5), sample_classes.Float(1.5), sample_classes.Priority.HIGH]
    for number in numbers:
        for spec in specs.split() + ["", " ", " ,.1f"]:
            # Whether an enum of a user's is one of integers, its pickle does not tell.
            if not (isinstance(number, sample_classes.Priority) and not spec):
                yield "{x:%s}" % spec, number
    for number in ["3.75", "-0", "1E+5", "1234567.891", "0.125", "NaN", "-Infinity", "1E-7", "0E-9", "0E+3", "99.96"]:
        for spec in "%|.1%|.0%|f|.2f|12.2f|,.2f|+|>12|08.3f|+.1%|e|.3e|.0E|+012.2e|g|.3g|.2G|n|.3|.1|>12.2|,g".split("|"):
            yield "{x:%s}" % spec, decimal.Decimal(number)
    url = urllib.parse.urlparse("http://h/p;a?q=1#f")
    for form, value in [
        ("{x.hex} {x.int}", uuid.UUID(int=255)), ("{x.args} {x.args[0]}", ValueError("a", 2)), ("{x.errno} {x.strerror} {x.filename}", OSError(2, "m", "f")),
        ("{x[a]}", collections.defaultdict(list, a=1)), ("{x[a]}", collections.Counter("aab")), ("{x[a]}", collections.UserDict(a=1)),
        ("{x[a]}", collections.ChainMap({"b": 1}, {"a": 2})), ("{x[a]}", collections.OrderedDict(a=1)), ("{x[a]}", sample_classes.Dict(a=1)),
        ("{x.default_factory}", collections.defaultdict(list)), ("{x.maxlen} {x[0]}", collections.deque([1], 3)), ("{x.maxlen}", collections.deque()),
        ("{x.scheme} {x.netloc} {x.fragment}", url), ("{x.st_size}", os.stat_result(range(10))), ("{x.columns}", os.terminal_size((80, 24))),
        ("{x.value} {x.real}", http.HTTPStatus.OK), ("{x.year} {x.day}", datetime.date(2024, 1, 2)), ("{x.real} {x.imag}", 1 + 2j), ("{x.numerator}", True),
        ("{x.args} {x.filename2}", OSError(2, "m", "f", None, "g")), ("{x.filename}", OSError(2, "m")), ("{x.args}", BlockingIOError(11, "m", 5)),
        ("{x.msg} {x.pos} {x.doc}", json.JSONDecodeError("m", "d", 0)), ("{x.code}", SystemExit(3)), ("{x.value}", StopIteration(7)),
        ("{x.encoding} {x.start} {x.reason}", UnicodeDecodeError("utf-8", b"a", 0, 1, "r")), ("{x.msg}", SyntaxError("m", ("f", 1, 2, "t"))),
        ("{x.msg} {x.filename} {x.lineno} {x.offset} {x.text}", SyntaxError("m", ("f", 1, 2, "t"))), ("{x.filename} {x.lineno}", IndentationError("m", ("f", 1, 2, "t"))),
        ("{x.filename} {x.lineno} {x.text}", SyntaxError("m")), ("{x.name} {x.path}", ImportError("m")), ("{x.name} {x.path}", ImportError("m", name="n")),
        ("{x.name}", NameError("m")), ("{x.name} {x.obj}", AttributeError("m", "not it")), ("{x.value}", StopIteration()), ("{x.code}", SystemExit()), ("{x.start} {x.reason}", UnicodeTranslateError("a", 0, 1, "r")),
        ("{x.stdout}", subprocess.CalledProcessError(1, "a", b"out")), ("{x.stdout}", subprocess.TimeoutExpired("a", 5, b"out")), ("{x.value}", http.HTTPMethod.GET),
        ("{x.errno} {x.strerror} {x.filename}", OSError(1, 2, 3, 4, 5, 6)),
        ("{x.message} {x.exceptions}", ExceptionGroup("m", (ValueError(1),))), ("{x.reason}", urllib.error.URLError("r")), ("{x.msg}", ImportError("m")),
        ("{x.func} {x.args} {x.keywords}", functools.partial(int, "7", base=8)), ("{x.pattern} {x.flags}", re.compile("a")), ("{x.key}", zoneinfo.ZoneInfo("UTC")),
        ("{x.typecode}", array.array("i", [1])), ("{x.numerator} {x.denominator}", fractions.Fraction(-7, 2)), ("{x.denominator}", fractions.Fraction(3)),
        ("{x.name}", http.HTTPStatus.NOT_FOUND), ("{x.name}", socket.AF_INET6), ("{x[z]}", collections.Counter("aab")), ("{x[1]} {x.path}", url),
        ("{x[1]}", range(5, 10)), ("{x[2]}", range(9, 0, -3)), ("{x[0]}", collections.UserList([5])), ("{x[0]}", sample_classes.Tuple((1, 2))), ("{x[1]}", collections.deque([5, 6])),
        ("{x.start} {x.stop}", range(3)), ("{x.start} {x.step}", slice(1, 2, 3)), ("{x.denominator!r}", fractions.Fraction(1, 10**18)), ("{x[a]}", collections.defaultdict(int)), ("{x.returncode}", subprocess.CompletedProcess(["a"], 3)), ("{x.days}", datetime.timedelta(5)),
    ]:
        yield form, value
    for path in ["/a", "/a/b", "a", "a/b", "//a", "a/b/c.d", "/", ".", ""]:
        yield "{x.parent}|{x.anchor}|{x.root}|{x.drive}|{x.parent.name}|{x.parent.parent.stem}", pathlib.PurePosixPath(path)
    for netloc in [""] + "h user@h u:p@h:8 u:p:q@a@H.org [::1] [::1]:8 u:@[fe80::1]:9020 :8 h: @".split():
        for parse in (urllib.parse.urlparse, urllib.parse.urlsplit):
            yield "{x.hostname}|{x.port}", parse("//%s/p" % netloc)
    for value in [ValueError("m"), json.JSONDecodeError("m", "d", 0), pathlib.PurePosixPath("a"), FileNotFoundError(2, "m"), decimal.Decimal(1), collections.OrderedDict(), http.HTTPStatus.OK, 5, 10**30, True, None, 1.5, "a", b"a", [], (1,), {}, {1}, frozenset(), 1j, range(3), slice(1), datetime.date(2024, 1, 2), functools.partial(len), operator.itemgetter(1), socket.gaierror(1, "m"), sample_classes.Integer(5)]:
        yield "{x.__class__.__name__:>20}", value
    yield "{x}|{x!r}", unittest.mock.ANY
    yield "{x.urn}", uuid.UUID(int=255)
    yield "{x!r}", http.cookies.SimpleCookie("a=b")["a"]
    ratios = [(1, 3), (5, 1000), (-7, 2), (10**40, 7), (1, 10**40), (2**60 + 1, 2**59), (0, 1), (-1, 8), (999995, 10**6), (10**30 + 1, 1), (1, 2**70)]
    for numerator, denominator in ratios:
        for spec in ".2f|.30f|.0f|e|.3e|g|.3g|.12G|#g|.1%|,.2f|+.1f|010.1f|,|_|.0e|.5F".split("|"):
            yield "{x:%s}" % spec, fractions.Fraction(numerator, denominator)
    for path in ["/a/b.tar.gz", "a", "/", ".", "a/.b", "x/b.", "", "/a/b/", "c:\\a\\b.txt", "c:", "c:\\", "a.b"]:
        for class_ in (pathlib.PurePosixPath, pathlib.PureWindowsPath):
            yield "{x.name}|{x.stem}|{x.suffix}", class_(path)


# Exceptions


def exceptions():
    for module, class_ in classes():
        if not issubclass(class_, BaseException):
            continue
        name = "%s.%s" % (module, getattr(class_, "__qualname__", class_.__name__))
        for args in [(), ("m",), (u"\u20ac",), (2, "m"), (2, "m", "f"), ("m", 1), (1,), ("a", "b", "c", "d"), (None,), (b"x",), (["m"],)]:
            try:
                yield name, class_(*args)
            except Exception:
                pass  # it takes others
    for label, error in lazily(
        EXCEPTIONS, "asyncio", "argparse", "binascii", "calendar", "configparser", "csv", "ftplib", "getopt", "getpass", "graphlib",
        "http.client", "http.cookiejar", "imaplib", "importlib.metadata", "json", "lzma", "multiprocessing", "netrc", "nntplib", "optparse", "os",
        "pickle", "poplib", "queue", "re", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl", "struct", "subprocess", "tarfile",
        "tokenize", "tomllib", "unicodedata", "urllib.error", "uuid", "xml.dom", "xml.etree.ElementTree", "xml.parsers.expat", "xml.sax",
        "xmlrpc.client", "zipfile", "zlib", "zoneinfo", "concurrent.futures", "traceback", "email.errors", "plistlib", "locale", "select", "ConfigParser", "Queue",
    ):
        yield label, error
    for label, function in FAILING:
        try:
            function()
        except BaseException as error:
            error.__traceback__ = error.__context__ = error.__cause__ = None
            yield label, error


def fail(source, *modules):
    def function():
        scope = {}
        for module in modules:
            scope[module.split(".")[0]] = __import__(module)
        exec(source, scope)

    return source, function


FAILING = [
    fail("struct.pack('i', 'a')", "struct"), fail("struct.unpack('i', b'a')", "struct"), fail("zlib.decompress(b'a')", "zlib"),
    fail("binascii.unhexlify('a')", "binascii"), fail("binascii.a2b_base64('a')", "binascii"), fail("re.compile('(')", "re"),
    fail("re.compile('a\\n**')", "re"), fail("json.loads('{')", "json"), fail("json.loads('[1,\\n}')", "json"), fail("int('x')"), fail("{}['k']"),
    fail("[][1]"), fail("open('/nonexistent')"), fail("open('/')"), fail("1 / 0"), fail("1.0 / 0"), fail("2.0 ** 5000"), fail("None.x"),
    fail("undefined_name"), fail("import nonexistent"), fail("from os import nonexistent"), fail("b'\\xff'.decode('utf-8')"),
    fail("u'\\u20ac'.encode('ascii')"), fail("u'\\u20ac\\u20ac'.encode('latin1')"), fail("compile('a b', 'f.py', 'exec')"), fail("compile('if 1:\\nx', 'd/f.py', 'exec')"),
    fail("compile('if 1:\\n\\tx\\n        y', 'f', 'exec')"), fail("assert 0, [1]"), fail("raise SystemExit(3)"), fail("next(iter([]))"), fail("{}.popitem()"),
    fail("socket.getaddrinfo('', -1, 99)", "socket"), fail("socket.create_connection(('127.0.0.1', 1))", "socket"), fail("socket.inet_aton('x')", "socket"),
    fail("decimal.Decimal('x')", "decimal"), fail("decimal.Decimal(1) / 0", "decimal"), fail("uuid.UUID('x')", "uuid"), fail("datetime.date(0, 1, 1)", "datetime"),
    fail("ipaddress.ip_address('x')", "ipaddress"), fail("ipaddress.ip_network('1.2.3.4/8')", "ipaddress"), fail("ast.literal_eval('a b')", "ast"),
    fail("subprocess.check_call(['false'])", "subprocess"), fail("subprocess.check_output(['/nonexistent'])", "subprocess"),
    fail("urllib.request.urlopen('x')", "urllib.request"), fail("urllib.request.urlopen('file:///nonexistent')", "urllib.request"),
    fail("urllib.request.urlopen('http://127.0.0.1:1')", "urllib.request"), fail("configparser.ConfigParser().get('a', 'b')", "configparser"),
    fail("configparser.ConfigParser().read_string('a')", "configparser"), fail("configparser.ConfigParser().read_string('[a]\\nb')", "configparser"),
    fail("configparser.ConfigParser().read_string('[a]\\n[a]')", "configparser"), fail("configparser.ConfigParser().read_string('[a]\\nb=1\\nb=2')", "configparser"),
    fail("configparser.ConfigParser({'a': '%(b)s'}).get('DEFAULT', 'a')", "configparser"), fail("zipfile.ZipFile('/dev/null')", "zipfile"),
    fail("tarfile.open('/dev/null')", "tarfile"), fail("shutil.copyfile('/dev/null', '/dev/null')", "shutil"), fail("shutil.rmtree('/nonexistent')", "shutil"),
    fail("xml.etree.ElementTree.fromstring('<')", "xml.etree.ElementTree"), fail("xml.sax.parseString(b'<', xml.sax.ContentHandler())", "xml.sax"),
    fail("xml.dom.minidom.parseString('<')", "xml.dom.minidom"), fail("tomllib.loads('a')", "tomllib"), fail("plistlib.loads(b'x')", "plistlib"),
    fail("pickle.loads(b'x')", "pickle"), fail("pickle.dumps(lambda: 0)", "pickle"), fail("queue.Queue().get_nowait()", "queue"), fail("Queue.Queue().get_nowait()", "Queue"),
    fail("getopt.getopt(['-x'], 'a')", "getopt"), fail("argparse.ArgumentTypeError", "argparse"), fail("csv.Sniffer().sniff('')", "csv"),
    fail("csv.reader(['a'], delimiter='ab')", "csv"), fail("base64.b64decode('a')", "base64"), fail("codecs.lookup('x-none')", "codecs"), fail("locale.setlocale(0, 'x')", "locale"),
    fail("ssl.create_default_context().load_verify_locations('/dev/null')", "ssl"), fail("ssl.SSLContext().load_cert_chain('/nonexistent')", "ssl"),
    fail("sqlite3.connect(':memory:').execute('x')", "sqlite3"), fail("lzma.decompress(b'x')", "lzma"), fail("bz2.decompress(b'x')", "bz2"), fail("gzip.decompress(b'x')", "gzip"),
    fail("zoneinfo.ZoneInfo('No/Zone')", "zoneinfo"), fail("graphlib.TopologicalSorter({1: [2], 2: [1]}).prepare()", "graphlib"), fail("os.kill(99999999, 0)", "os"),
    fail("os.rmdir('/proc')", "os"), fail("os.rename('/nonexistent', '/x')", "os"), fail("time.strptime('x', 'y')", "time"), fail("importlib.metadata.version('nonexistent-x')", "importlib.metadata"),
    fail("hashlib.new('x')", "hashlib"), fail("email.utils.parsedate_to_datetime('x')", "email.utils"), fail("inspect.signature(1)", "inspect"), fail("tokenize.untokenize([])", "tokenize"),
    fail("list(tokenize.generate_tokens(iter(['(']).__next__))", "tokenize"), fail("unicodedata.lookup('x')", "unicodedata"), fail("'{'.format()"), fail("'%d' % 'a'"), fail("'{x}'.format()"),
    fail("x: int = 1; del x; x"), fail("def f(): f()\nf()"), fail("sum(['a'])"), fail("[].remove(1)"), fail("max([])"), fail("''.join([1])"), fail("signal.Signals(999)", "signal"),
    fail("asyncio.run(asyncio.wait_for(asyncio.sleep(9), 0.001))", "asyncio"), fail("http.HTTPStatus(999)", "http"), fail("imaplib.IMAP4('127.0.0.1', 1)", "imaplib"), fail("smtplib.SMTP('127.0.0.1', 1)", "smtplib"),
    fail("ctypes.CDLL('x.so')", "ctypes"), fail("raise ExceptionGroup('m', [ValueError(1), KeyError('a')])"), fail("raise ExceptionGroup('m', [ValueError(1)])"),
]

EXCEPTIONS = """
struct.error('bad')
zlib.error('Error -3')
binascii.Error('odd')
binascii.Incomplete('x')
re.error('bad', 'a(', 1)
re.error('bad', 'a\\n(', 3)
re.error('bad')
ftplib.error_perm('550 no')
ftplib.error_temp('450 no')
ftplib.error_reply('x')
ftplib.error_proto('x')
ftplib.Error('x')
socket.gaierror(-2, 'Name or service not known')
socket.gaierror('x')
socket.herror(1, 'Unknown host')
socket.timeout('timed out')
socket.error(111, 'Connection refused')
select.error(4, 'Interrupted')
ssl.SSLError(1, '[SSL: X] bad (_ssl.c:1)')
ssl.SSLError('x')
ssl.SSLCertVerificationError(1, '[SSL] bad')
ssl.SSLEOFError(8, 'EOF occurred')
ssl.CertificateError('x')
urllib.error.URLError('reason')
urllib.error.URLError(OSError(2, 'No such file', 'f'))
urllib.error.URLError('reason', 'file')
urllib.error.ContentTooShortError('m', b'c')
asyncio.IncompleteReadError(b'ab', 5)
asyncio.IncompleteReadError(b'ab', None)
asyncio.LimitOverrunError('over', 5)
asyncio.TimeoutError()
asyncio.CancelledError()
asyncio.InvalidStateError('x')
asyncio.QueueEmpty()
asyncio.QueueFull('x')
asyncio.QueueShutDown('x')
configparser.NoSectionError('s')
configparser.NoOptionError('o', 's')
configparser.DuplicateSectionError('s')
configparser.DuplicateSectionError('s', 'f', 3)
configparser.DuplicateOptionError('s', 'o', 'f', 3)
configparser.InterpolationSyntaxError('o', 's', 'm')
configparser.InterpolationDepthError('o', 's', 'raw')
configparser.InterpolationMissingOptionError('o', 's', 'raw', 'ref')
configparser.ParsingError('f')
configparser.MissingSectionHeaderError('f', 3, 'line')
configparser.MultilineContinuationError('f', 3, 'line')
configparser.Error('m')
configparser.Error()
ConfigParser.NoSectionError('s')
ConfigParser.NoOptionError('o', 's')
zipfile.BadZipFile('not a zip')
zipfile.LargeZipFile('x')
http.client.IncompleteRead(b'ab', 5)
http.client.IncompleteRead(b'ab')
http.client.BadStatusLine('x')
http.client.BadStatusLine('')
http.client.LineTooLong('header line')
http.client.RemoteDisconnected('x')
http.client.InvalidURL('x')
http.client.NotConnected('x')
http.client.UnknownProtocol('x')
http.client.CannotSendRequest('x')
http.client.ResponseNotReady('Idle')
smtplib.SMTPException('x')
smtplib.SMTPServerDisconnected('x')
smtplib.SMTPResponseException(550, b'no')
smtplib.SMTPSenderRefused(550, b'no', 'a@b')
smtplib.SMTPRecipientsRefused({'a@b': (550, b'no')})
smtplib.SMTPDataError(550, b'no')
smtplib.SMTPConnectError(550, b'no')
smtplib.SMTPHeloError(550, b'no')
smtplib.SMTPAuthenticationError(535, b'no')
smtplib.SMTPNotSupportedError('x')
shutil.Error([('a', 'b', 'c')])
shutil.SameFileError('x')
shutil.SpecialFileError('x')
shutil.ExecError('x')
shutil.ReadError('x')
shutil.RegistryError('x')
SyntaxError()
SyntaxError('m')
SyntaxError('m', ('f', 1, 2, 't'))
SyntaxError('m', ('f', 1, 2, 't', 1, 3))
SyntaxError(None)
SyntaxError(('a',))
IndentationError()
TabError('m', ('d/f.py', 1, 2, 't'))
KeyError('a')
KeyError('a', 'b')
KeyError(1)
KeyError(('a',))
OSError(2, 'm', 'f')
OSError(2, 'm', 'f', None, 'g')
OSError(2, 'm', b'f')
OSError('m')
OSError()
OSError(None, None)
IOError(2, 'm', 'f')
BlockingIOError(11, 'm', 5)
ImportError('m', name='n', path='p')
ModuleNotFoundError("No module named 'x'", name='x')
AttributeError('m', name='n', obj=None)
NameError('m', name='n')
StopIteration(5)
StopIteration()
UnicodeDecodeError('utf-8', b'a\\xff', 1, 2, 'bad')
UnicodeDecodeError('utf-8', b'ab', 2, 3, 'unexpected end of data')
UnicodeEncodeError('utf-8', u'', 0, 0, 'bad')
OSError(2, 'm', 5)
OSError(2, 'm', None, None, 'g')
ssl.SSLError(1, 'm', 'f')
UnicodeEncodeError('ascii', u'a\\xe9', 1, 2, 'bad')
UnicodeEncodeError('ascii', u'a\\u20ac', 1, 2, 'bad')
UnicodeTranslateError(u'a\\xe9', 1, 2, 'bad')
UnicodeError('x')
subprocess.CalledProcessError(1, 'a', b'o', b'e')
subprocess.CalledProcessError(-11, ['a', 'b'])
subprocess.CalledProcessError(-99, 'a')
subprocess.TimeoutExpired('a', 5)
subprocess.TimeoutExpired(['a'], 5.5, b'o')
subprocess.SubprocessError('x')
json.JSONDecodeError('m', 'd\\ne', 2)
queue.Empty()
queue.Full('x')
queue.ShutDown('x')
Queue.Empty()
argparse.ArgumentError(None, 'm')
argparse.ArgumentTypeError('m')
optparse.OptionError('m', '-a')
optparse.BadOptionError('-a')
optparse.AmbiguousOptionError('-a', ['b'])
optparse.OptionValueError('m')
getopt.GetoptError('m', 'o')
getpass.GetPassWarning('x')
multiprocessing.TimeoutError('x')
multiprocessing.AuthenticationError('x')
multiprocessing.ProcessError('x')
multiprocessing.BufferTooShort(b'x')
concurrent.futures.TimeoutError()
concurrent.futures.CancelledError()
concurrent.futures.BrokenExecutor('x')
concurrent.futures.process.BrokenProcessPool('x')
concurrent.futures.thread.BrokenThreadPool('x')
xml.etree.ElementTree.ParseError('m')
xml.parsers.expat.ExpatError('m')
xml.sax.SAXException('m')
xml.sax.SAXNotRecognizedException('m')
xml.dom.NotFoundErr('x')
xml.dom.IndexSizeErr()
xmlrpc.client.Fault(1, 'm')
xmlrpc.client.ProtocolError('u', 1, 'm', {})
xmlrpc.client.ResponseError('m')
tarfile.ReadError('m')
tarfile.HeaderError('m')
tomllib.TOMLDecodeError('m')
tomllib.TOMLDecodeError('m', 'a\\nb', 2)
zoneinfo.ZoneInfoNotFoundError('m')
importlib.metadata.PackageNotFoundError('m')
graphlib.CycleError('m', [1, 2])
sqlite3.OperationalError('m')
sqlite3.IntegrityError('m')
sqlite3.Warning('m')
imaplib.IMAP4.error('m')
imaplib.IMAP4.abort('m')
poplib.error_proto('m')
nntplib.NNTPTemporaryError('m')
pickle.PicklingError('m')
csv.Error('m')
lzma.LZMAError('m')
locale.Error('m')
email.errors.HeaderParseError('m')
email.errors.MessageDefect('line')
email.errors.MissingHeaderBodySeparatorDefect()
plistlib.InvalidFileException('m')
netrc.NetrcParseError('m', 'f', 1)
calendar.IllegalMonthError(13)
calendar.IllegalWeekdayError(8)
tokenize.TokenError('m', (1, 2))
signal.ItimerError('m')
decimal.InvalidOperation([decimal.ConversionSyntax])
decimal.DivisionByZero('m')
ExceptionGroup('m', [ValueError(1)])
BaseExceptionGroup('m', [KeyboardInterrupt()])
Warning('m')
EncodingWarning('m')
PythonFinalizationError('m')
sample_classes.AppError('m')
sample_classes.AppError('m', 1)
[urllib.error.HTTPError('http://h/', 404, 'Not Found', {}, None)]
sample_classes.AppError()
"""


# Names and enums


def module_names():
    """The standard library's modules, as far as importing them does nothing."""
    skipped = "antigravity this idlelib lib2to3 test tkinter turtle turtledemo ensurepip distutils __main__ pydoc_data site sitecustomize usercustomize msilib winreg _pyrepl".split()
    path = os.path.dirname(os.__file__)
    found = set(sys.builtin_module_names)
    for entry in pkgutil.walk_packages([path, os.path.join(path, "lib-dynload")], onerror=lambda name: None):
        name = entry[1]
        parts = name.split(".")
        if parts[0] in skipped or "site-packages" in name or parts[-1] in ("__main__", "test", "tests") or "test" in parts or name.startswith(("_test", "xx", "_xx", "config-", "_sysconfigdata")):
            continue
        found.add(name)
    return sorted(found)


def modules():
    for name in module_names():
        stderr, sys.stderr = sys.stderr, sys.stdout
        try:
            module = importlib.import_module(name)
        except BaseException:
            continue
        finally:
            sys.stderr = stderr
        yield module


def found_names():
    """(module, name, object) for every class and function that pickles by that name."""
    seen = set()
    for module in modules():
        for name, value in sorted(vars(module).items(), key=lambda item: item[0]):
            if not (inspect.isclass(value) or inspect.isroutine(value)) or id(value) in seen:
                continue
            try:
                pickle.dumps(value, 1)
            except Exception:
                continue
            seen.add(id(value))
            yield getattr(value, "__module__", None), name, value


def classes():
    for module, name, value in found_names():
        if inspect.isclass(value):
            yield module, value
            for inner in vars(value).values():
                if inspect.isclass(inner) and getattr(inner, "__qualname__", "").startswith(getattr(value, "__qualname__", "?") + "."):
                    yield module, inner


def names():
    for module, name, value in found_names():
        yield "%s.%s" % (module, name), value


def enums():
    if PYTHON2:
        return
    import enum
    import ssl

    yield "re.RegexFlag without a name", re.RegexFlag(1)
    yield "re.RegexFlag below zero", re.RegexFlag(-100)
    yield "ssl.Options of the default", ssl.create_default_context().options

    for module, class_ in classes():
        if issubclass(class_, enum.Enum):
            for name, member in class_.__members__.items():
                yield "%s.%s.%s" % (module, class_.__name__, name), member
            if issubclass(class_, enum.Flag) and len(class_) > 2:
                members = list(class_)
                try:
                    yield "%s.%s of two" % (module, class_.__name__), members[0] | members[2]
                    yield "%s.%s of none" % (module, class_.__name__), class_(0)
                except Exception:
                    pass


if __name__ == "__main__":
    main(*sys.argv[1:])
