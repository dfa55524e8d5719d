"""Tries recipes, as .ci/recipes starts it: each with 600 records, the far end stopped, 600 more, the far end started again.

None may be missing; how many came twice is said.
"""

import collections
import contextlib
import glob
import importlib.util
import json
import logging
import logging.handlers
import os
import pathlib
import pickle
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request

PATIENCE = 90
HALF = 600
RANDOM = 1000
RECIPES = pathlib.Path(".dist/recipes")
RECORDS = "/var/log/jackdaws/records.json"
COLLECTED = "/var/log/jackdaws/collected.log"


def main(names):
    recipes = {
        "rsyslog-relp": relp,
        "rsyslog-postgresql": postgresql,
        "syslog-rsyslog": lambda: syslog(lambda: rsyslog("syslog-rsyslog", "jackdaws")),
        "syslog-ng": lambda: syslog(syslog_ng),
        "syslog-busybox": busybox,
        "node-exporter": node_exporter,
        "stunnel": stunnel,
        "lnav": lnav,
    }
    for name, recipe in recipes.items():
        if not names or name in names:
            shutil.rmtree("/var/log/jackdaws", ignore_errors=True)
            os.mkdir("/var/log/jackdaws")
            recipe()
            print("    %s: well" % name, flush=True)


def relp():
    with jackdaws("--listen", "127.0.0.1:9020", "--json", "--output", RECORDS, "--max-bytes", "200k", "--backup-count", "5"):
        with rsyslog("rsyslog-relp", "box"):
            with rsyslog("rsyslog-relp", "collector"):
                send(range(1))
                wait_for_all(1, collected)
                send(range(1, HALF))
                wait_for_all(HALF, collected)
            send(range(HALF, 2 * HALF))
            with rsyslog("rsyslog-relp", "collector"):
                wait_for_all(2 * HALF, collected)
    line = text_of(COLLECTED).splitlines()[0]
    if not re.fullmatch(r'WARNING shop\.orders 127\.0\.0\.1:\d+ order 0 of "Ann" \\ \'é\'', line):
        fail("a line is %r" % line)


def postgresql():
    binaries = max(glob.glob("/usr/lib/postgresql/*/bin"))
    os.mkdir("/tmp/database")
    shutil.chown("/tmp/database", "postgres")

    def as_postgres(*command):
        return run("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command)

    def control(*command):
        return as_postgres(binaries + "/pg_ctl", "-D", "/tmp/database", "-w", "-l", "/tmp/database/log", *command)

    def psql(*arguments):
        environment = dict(os.environ, PGPASSWORD="secret")
        command = ["psql", "-h", "127.0.0.1", "-U", "logs", "-d", "logs", "-v", "ON_ERROR_STOP=1", "-At"]
        return run(*command, *arguments, env=environment)

    as_postgres(binaries + "/initdb", "-D", "/tmp/database", "-A", "trust")
    control("-o", "-c listen_addresses=127.0.0.1 -k /tmp", "start")
    as_postgres("psql", "-h", "/tmp", "-c", "create role logs login password 'secret'", "-c", "create database logs owner logs")
    psql("-f", str(RECIPES / "rsyslog-postgresql" / "table.sql"))

    def rows():
        return psql("-c", "select record->>'number' from records").split()

    with jackdaws("--listen", "127.0.0.1:9020", "--json", "--output", RECORDS, "--max-bytes", "200k", "--backup-count", "5"):
        with rsyslog("rsyslog-postgresql", "box"):
            send(range(1))
            wait_for_all(1, rows)
            send(range(1, HALF))
            wait_for_all(HALF, rows)
            control("-m", "fast", "stop")
            send(range(HALF, 2 * HALF))
            control("-o", "-c listen_addresses=127.0.0.1 -k /tmp", "start")
            wait_for_all(2 * HALF, rows)
    columns = "level, logger, message, split_part(peer, ':', 1), abs(extract(epoch from now() - created)) < 600"
    row = psql("-c", "select %s from records where record->>'number' = '7' limit 1" % columns).strip()
    same("a row", row, "30|shop.orders|order 7 of \"Ann\" \\ 'é'|127.0.0.1|t")
    control("-m", "fast", "stop")


def syslog(daemon):
    """By TCP, to a daemon that takes structured data apart; then recorded and random frames, whose severities are told by their levels."""

    def lines():
        return text_of(COLLECTED).splitlines()

    with jackdaws("--listen", "127.0.0.1:9020", "--output", "syslog:tcp:127.0.0.1:1514", "--output", RECORDS, "--json"):
        with daemon():
            send(range(HALF))
            wait_for_all(HALF, collected)
        send(range(HALF, 2 * HALF))
        with daemon():
            wait_for_all(2 * HALF, collected)
            wanted = r"4 shop\.orders %d .*recipes\.py order 0 of \"Ann\" \\ 'é'" % os.getpid()
            if not re.fullmatch(wanted, lines()[0]):
                fail("a line is %r" % lines()[0])
            before = len(lines())
            pairs = run(sys.executable, "tests/data/random_formats.py", "--count", str(RANDOM), "--seed", "20")
            frames = [frame.read_bytes() for frame in sorted(pathlib.Path("tests/data/good/frames").glob("*.frame"))]
            frames += [bytes.fromhex(json.loads(pair)["frame"]) for pair in pairs.splitlines()]
            with socket.create_connection(("127.0.0.1", 9020)) as connection:
                for frame in frames:
                    connection.sendall(frame)
                for record in NASTY:
                    data = pickle.dumps(dict({"name": "shop", "levelno": 40, "msg": "nasty"}, **record), 2)
                    connection.sendall(struct.pack(">L", len(data)) + data)
            wait_until("the last record", lambda: lines_of(RECORDS) > 2 * HALF and is_quiet(lambda: lines_of(RECORDS)))
            records = [json.loads(line) for line in text_of(RECORDS).split("\n")[2 * HALF : -1]]
            wait_until("%d more lines" % len(records), lambda: len(lines()) - before >= len(records))
            starts = [line.split(" ", 2)[:2] for line in lines()[before:]]
            for (severity, name), record in zip(starts, records):
                same("the start of %s" % record, (severity, name or "-"), start_of(record))
            counts = (len(records) - RANDOM - len(NASTY), RANDOM, len(NASTY))
            print("        %d recorded, %d random and %d nasty records, each with its severity and name" % counts, flush=True)


# A daemon that cannot read one of them takes the whole message for its text, and knows no name.
NASTY = [
    {"": "no name", " ": "a space", "=": "=", "]": "]", '"': '"', "\\": "\\", "\n": "\n", "\0": "\0", "\ud800": "\ud800", "x" * 100: "long"},
    {"values": '] [x@1 y="z"] \\" \\] \\', "newlines": "\n\r\u2028", "controls": "\0\x1b\x7f\x85", "surrogate": "\udcff", "long": '"' * 10000},
    {"msg": '] "\\ \0 \udcff <13>1 - - - - - - x', "levelname": '"]', "funcName": "", "threadName": "]", "process": "x", "lineno": None},
    {"msg": ""},
    {"msg": "x" * 1000000},
    {"msg": "\U0001f600" * 50000, "exc_text": 'Traceback (most recent call last):\n  File "x"\n]"E: x'},
    {"name": "a b]\"=\n\xe9"},
    {"name": "x" * 100},
    {"name": ""},
    {"created": 1e10},
    {"created": 4102444800},
    {"created": -1.5},
    {"created": float("nan")},
    {"created": 1e300},
    {"process": 2**63 - 1},
]


def start_of(record):
    """What a line begins with: the severity, by the range in which the level lies, and the name."""
    level, name = record.get("levelno"), record.get("name")
    if not isinstance(level, (int, float)):
        severity = 6
    else:
        severity = 7 if level < 20 else 6 if level < 30 else 4 if level < 40 else 3 if level < 50 else 2
    return str(severity), "".join(c if "!" <= c <= "~" else "_" for c in str(name)[:48]) if name else "-"


def is_quiet(count):
    before = count()
    time.sleep(1)
    return count() == before


@contextlib.contextmanager
def syslog_ng():
    work = "/var/spool/syslog-ng"
    os.makedirs(work, exist_ok=True)
    included = (RECIPES / "syslog-ng" / "jackdaws.conf").read_text()
    pathlib.Path(work + "/syslog-ng.conf").write_text("@version: 3.38\n" + included)
    run("syslog-ng", "--syntax-only", "-f", work + "/syslog-ng.conf")
    files = ["-f", work + "/syslog-ng.conf", "-R", work + "/persist", "-p", work + "/pid", "-c", work + "/control"]
    with running("syslog-ng", "--foreground", "--no-caps", *files):
        yield


def busybox():
    @contextlib.contextmanager
    def syslogd():
        with running("busybox", "syslogd", "-n", "-O", COLLECTED, status=None):
            wait_until("/dev/log", lambda: os.path.exists("/dev/log"))
            yield

    with jackdaws("--listen", "127.0.0.1:9020", "--output", "syslog:", "--facility", "local3"):
        with syslogd():
            send(range(HALF))
            wait_for_all(HALF, collected)
        send(range(HALF, 2 * HALF))
        with syslogd():
            wait_for_all(2 * HALF, collected)
    wanted = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ local3\.warn shop\.orders\[%d\]: order 0 of \"Ann\" .*" % os.getpid()
    line = next(line for line in text_of(COLLECTED).splitlines() if " order 0 of " in line)
    if not re.fullmatch(wanted, line):
        fail("a line is %r" % line)


def node_exporter():
    folder = "/var/lib/prometheus/node-exporter"
    os.makedirs(folder, exist_ok=True)

    def exporter():
        options = ["--collector.disable-defaults", "--collector.textfile", "--collector.textfile.directory=" + folder]
        return running("prometheus-node-exporter", "--web.listen-address=127.0.0.1:9100", *options, status=None)

    def totals():
        with contextlib.suppress(OSError), urllib.request.urlopen("http://127.0.0.1:9100/metrics", timeout=PATIENCE) as answer:
            text = answer.read().decode()
            same("errors of node_exporter", re.findall(r"^node_textfile_scrape_error (\S+)", text, re.MULTILINE), ["0"])
            return sum(int(float(count)) for count in re.findall(r"^jackdaws_records_total\{.*\} (\S+)$", text, re.MULTILINE))
        return None

    options = ["--output", "/var/log/jackdaws/records.log", "--metrics", folder + "/jackdaws.prom"]
    with jackdaws("--listen", "127.0.0.1:9020", *options):
        with exporter():
            send(range(HALF))
            wait_until("%d records" % HALF, lambda: totals() == HALF)
        send(range(HALF, 2 * HALF))
        with exporter():
            wait_until("%d records" % (2 * HALF), lambda: totals() == 2 * HALF)
    with open(folder + "/jackdaws.prom") as metrics:
        run("promtool", "check", "metrics", stdin=metrics)
    print("        %d records, as node_exporter counts them" % (2 * HALF), flush=True)


def stunnel():
    os.makedirs("/run/jackdaws", exist_ok=True)
    os.makedirs("/etc/stunnel", exist_ok=True)
    shutil.copy(RECIPES / "stunnel" / "stunnel.conf", "/etc/stunnel/jackdaws.conf")
    authority("authority", "stranger")
    certificate("authority", "server", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    certificate("authority", "client", "subjectAltName=DNS:client")
    certificate("stranger", "intruder", "subjectAltName=DNS:client")
    handlers = load(RECIPES / "stunnel" / "tls_handler.py")

    def handler(name):
        here = "/etc/stunnel/%s."
        return handlers.TLSSocketHandler("localhost", 9443, here % "authority" + "pem", here % name + "pem", here % name + "key")

    def printed():
        return orders_in(*glob.glob("/var/log/jackdaws/records.log*"))

    with jackdaws("--listen", "unix:/run/jackdaws/tls.sock", "--output", "/var/log/jackdaws/records.log", "--max-bytes", "10M", "--backup-count", "5"):
        for half in (range(HALF), range(HALF, 2 * HALF)):
            run("stunnel4", "/etc/stunnel/jackdaws.conf")
            wait_until("stunnel", lambda: os.path.exists("/run/jackdaws/stunnel.pid"))
            send(half, handler("client"))
            wait_for_all(half.stop, printed)
            refused = handler("intruder")
            refused.handleError = lambda record: None
            for _ in range(3):
                refused.emit(logging.makeLogRecord({"msg": "intruder"}))
                time.sleep(0.2)
            refused.close()
            os.kill(int(pathlib.Path("/run/jackdaws/stunnel.pid").read_text()), signal.SIGTERM)
            wait_until("the end of stunnel", lambda: not os.path.exists("/run/jackdaws/stunnel.pid"))
    if "intruder" in pathlib.Path("/var/log/jackdaws/records.log").read_text():
        fail("a record came with a stranger's certificate")


def authority(*names):
    for name in names:
        request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        run(*request, "-subj", "/CN=" + name, "-keyout", "/etc/stunnel/%s.key" % name, "-out", "/etc/stunnel/%s.pem" % name)


def certificate(signer, name, extension):
    base = "/etc/stunnel/%s." % name
    pathlib.Path(base + "ext").write_text(extension)
    request = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run(*request, "-subj", "/CN=" + name, "-keyout", base + "key", "-out", base + "csr")
    signing = ["openssl", "x509", "-req", "-days", "2", "-CAcreateserial", "-CA", "/etc/stunnel/%s.pem" % signer]
    run(*signing, "-CAkey", "/etc/stunnel/%s.key" % signer, "-in", base + "csr", "-extfile", base + "ext", "-out", base + "pem")


def lnav():
    with jackdaws("--listen", "127.0.0.1:9020", "--json", "--output", RECORDS):
        send(range(3))
        wait_until("three records", lambda: lines_of(RECORDS) == 3)
    environment = dict(os.environ, HOME="/tmp/home", TERM="xterm")
    os.mkdir("/tmp/home")
    run("lnav", "-i", ".dist/lnav/jackdaws.json", env=environment)
    run("lnav", "-C", env=environment)
    shown = run("lnav", "-n", RECORDS, env=environment).splitlines()
    wanted = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+ WARNING  shop\.orders 127\.0\.0\.1:\d+ order 0 of \"Ann\" \\ 'é'"
    if not shown or not re.fullmatch(wanted, shown[0].rstrip()):
        fail("lnav shows %r" % shown)
    count = run("lnav", "-n", "-c", ";select log_level, count(*) from jackdaws_log group by 1", "-c", ":write-csv-to -", RECORDS, env=environment)
    if "warning,3" not in count:
        fail("lnav counts %r" % count)


@contextlib.contextmanager
def jackdaws(*options):
    with contextlib.suppress(FileNotFoundError):
        os.remove("/run/jackdaws.port")
    with running("jackdaws", "--port-file", "/run/jackdaws.port", *options):
        wait_until("Jackdaws", lambda: os.path.exists("/run/jackdaws.port"))
        yield


@contextlib.contextmanager
def rsyslog(recipe, name):
    """One that reads the recipe's configuration as Debian's own would include it."""
    work = "/var/spool/rsyslog-%s-%s" % (recipe, name)
    os.makedirs(work, exist_ok=True)
    shutil.copy(RECIPES / recipe / (name + ".conf"), work + "/jackdaws.conf")
    pathlib.Path(work + "/rsyslog.conf").write_text('global(workDirectory="%s")\ninclude(file="%s/jackdaws.conf")\n' % (work, work))
    run("rsyslogd", "-N1", "-f", work + "/rsyslog.conf")
    with running("rsyslogd", "-n", "-f", work + "/rsyslog.conf", "-i", work + "/pid"):
        yield


@contextlib.contextmanager
def running(*command, status=0):
    """A program that ends by SIGTERM, with this status if one is given."""
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        if process.wait(PATIENCE) != status and status is not None:
            fail("%s ended with status %s" % (command[0], process.returncode))


def send(numbers, handler=None):
    handler = handler or logging.handlers.SocketHandler("127.0.0.1", 9020)
    logger = logging.Logger("shop.orders")
    logger.addHandler(handler)
    for number in numbers:
        logger.warning("order %d of \"%s\" \\ 'é'", number, "Ann", extra={"number": number})
    handler.close()


def collected():
    return orders_in(COLLECTED)


def orders_in(*paths):
    return re.findall(r" order (\d+) of ", "".join(map(text_of, paths)))


def text_of(path):
    with contextlib.suppress(FileNotFoundError):
        return pathlib.Path(path).read_text(errors="replace")
    return ""


def wait_for_all(number, found):
    wait_until("%d records" % number, lambda: len(set(found())) >= number, lambda: "but %d" % len(set(found())))
    counts = collections.Counter(found())
    same("the records", sorted(map(int, counts)), list(range(number)))
    print("        %d records, %d twice" % (number, sum(count > 1 for count in counts.values())), flush=True)


def wait_until(what, is_so, instead=lambda: ""):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            fail("never: %s %s" % (what, instead()))
        time.sleep(0.1)


def lines_of(path):
    return text_of(path).count("\n")


def run(*command, env=None, stdin=None):
    done = subprocess.run(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, env=env)
    text = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        fail("%s: status %d: %s" % (" ".join(command), done.returncode, text))
    return text


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same(what, found, expected):
    if found != expected:
        fail("%s: %r, not %r" % (what, found, expected))


def fail(reason):
    sys.exit("FAILED: %s" % reason)


if __name__ == "__main__":
    main(sys.argv[1:])
