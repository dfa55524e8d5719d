"""Boots a guest of .ci/boot, measures what the program takes of its memory, and attacks it.

    python3 .ci/boot.py --name NAME --table FILE --bus pci|mmio --disk FILE -- QEMU...

In the guest a shell reads commands from the serial console. Senders and attackers run here, through a port of loopback that is
forwarded into the guest. After each step an honest record, sent by CPython's SocketHandler, must be in the program's file, and
the program must be the same process as before.
"""

import argparse
import logging
import logging.handlers
import os
import pickle
import re
import select
import socket
import struct
import subprocess
import sys
import time

PATIENCE = 180  # An emulated machine is thirty times slower than this one.
AVAILABLE = range(58_000, 70_000)  # In kB, before the program is started.
RECORDS = 100_000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--table", required=True)
    parser.add_argument("--bus", choices=["pci", "mmio"], required=True)
    parser.add_argument("--disk", required=True)
    parser.add_argument("--only", help="only the attacks whose names contain this")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = [word for word in options.command if word != "--"]
    with Guest(command, options.bus, options.disk) as guest:
        rows, died = measure(guest, options.only)
    table = ["| %s | MemAvailable, kB | taken, kB | RSS, kB |" % options.name, "|---|---|---|---|"]
    table += ["| %s | %s | %s | %s |" % row for row in rows]
    with open(options.table, "w") as file:
        file.write("\n".join(table) + "\n")
    if died:
        sys.exit("FAILED: %s: the program did not live through: %s" % (options.name, ", ".join(died)))


def measure(guest, only):
    rows, died = [], []
    guest.settle()
    before = guest.available()
    rows.append(("before it is started", before, "", ""))
    print("    %d kB available" % before)
    if before not in AVAILABLE:
        sys.exit("FAILED: the guest has %d kB, not 64 MB" % before)
    guest.start()

    def row(name, lowest=None):
        available = guest.available() if lowest is None else lowest
        rows.append((name, available, before - available, guest.resident()))
        print("    %-44s %6d kB available, %6d taken, RSS %s" % rows[-1], flush=True)

    guest.settle()
    row("idle")
    with Connections(guest, 0) as connections:
        connections.grow_to(100, honest_frame("one of 100"))
        guest.wait_for(100, "one of 100")
        guest.settle()
        row("100 connections, a record from each")
        # Of so many, the program ends those that have been silent for longest: each sends at once, and nothing more.
        connections.grow_to(500, honest_frame("one of 500"))
        guest.wait_for(400, "one of 500")
        guest.settle()
        row("500 connections, a record from each")
    sent = many_records(guest)
    guest.settle()
    row("after %d records, %d a second" % (RECORDS, sent))
    for attack in ATTACKS:
        name = attack.__doc__.splitlines()[0].rstrip(".")
        if only and only not in name:
            continue
        began = time.monotonic()
        lowest = guest.available()
        for _ in attack(guest):
            lowest = min(lowest, guest.available())
        alive = guest.lives(name)
        lowest = min(lowest, guest.available())
        row("%s%s" % (name, "" if alive else " (DIED)"), lowest)
        print("        took %.0f s" % (time.monotonic() - began), flush=True)
        if not alive:
            died.append(name)
            guest.start()
    guest.settle()
    row("idle again")
    print("    the program said at its end: %s" % guest.stop())
    return rows, died


class Guest:
    def __init__(self, command, bus, disk):
        self.port = free_port()
        device = {"pci": "pci", "mmio": "device"}[bus]
        command = command + [
            "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot", "-nic", "none",
            "-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:%d-:9020" % self.port,
            "-device", "virtio-net-%s,netdev=net" % device,
            "-drive", "id=disk,if=none,format=raw,file=%s" % disk,
            "-device", "virtio-blk-%s,drive=disk" % device,
        ]  # fmt: skip
        self.qemu = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.said = b""
        self.pid = None
        self.number = 0
        began = time.monotonic()
        self.read_until(rb"booted\r?\n")
        print("    booted in %.0f s" % (time.monotonic() - began))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.qemu.kill()
        self.qemu.communicate()

    def read_until(self, pattern, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while True:
            found = re.search(pattern, self.said)
            if found:
                before, self.said = self.said[: found.start()], self.said[found.end() :]
                return before.decode(errors="replace"), found
            ready, _, _ = select.select([self.qemu.stdout], [], [], max(0, deadline - time.monotonic()))
            piece = os.read(self.qemu.stdout.fileno(), 65536) if ready else b""
            if not piece:
                sys.exit("FAILED: the guest says nothing more than:\n%s" % self.said.decode(errors="replace"))
            self.said += piece

    def run(self, command):
        """What a command prints in the guest, its status left aside."""
        self.qemu.stdin.write(command.encode() + b"\n")
        self.qemu.stdin.flush()
        return self.read_until(rb"done \d+\r?\n")[0].strip()

    def start(self):
        self.pid = int(self.run("start").split()[-1])
        if not self.running():
            sys.exit("FAILED: it does not start: %s" % self.run("cat /errors"))

    def stop(self):
        self.run("kill -TERM %d; wait %d" % (self.pid, self.pid))
        return self.run("tail -n 1 /errors")

    def running(self):
        return self.run("kill -0 %d && echo yes" % self.pid).endswith("yes")

    def available(self):
        return int(re.search(r"(\d+) kB", self.run("grep MemAvailable /proc/meminfo"))[1])

    def resident(self):
        return int(re.search(r"(\d+) kB", self.run("grep VmRSS /proc/%d/status" % self.pid))[1]) if self.running() else "-"

    def settle(self):
        """What is written goes to the disk, and what only the cache keeps is given back."""
        self.run("sync; sleep 2; echo 1 >/proc/sys/vm/drop_caches")

    def wait_for(self, number, text):
        """Until so many records of this text are in the program's files."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = int(self.run("cat /log/records.log* | grep -c '%s'" % text).split()[-1])
            if found == number:
                return
            if time.monotonic() > deadline:
                sys.exit("FAILED: %d, not %d records '%s': %s" % (found, number, text, self.run("tail -n 5 /errors")))
            time.sleep(1)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def lives(self, name):
        """Whether it is still the process that was started, and prints what a new sender sends."""
        self.number += 1
        text = "honest record %d" % self.number
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not self.running():
                print("    %s: DIED. %s" % (name, self.run("tail -n 3 /errors; dmesg | grep -i 'killed process' | tail -n 1")))
                return False
            # A record that was lost with its connection is sent again: whether the program answers at all is what is asked here.
            handler = sending_handler(self)
            handler.emit(logging.makeLogRecord({"name": "honest", "msg": text}))
            time.sleep(1)
            handler.close()
            if self.run("cat /log/records.log* | grep -c '%s'" % text).split()[-1] != "0":
                return True
        print("    %s: it prints no honest record. %s" % (name, self.run("tail -n 3 /errors")))
        self.run("kill -KILL %d" % self.pid)
        return False


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Connections:
    def __init__(self, guest, number):
        self.guest = guest
        self.sockets = []
        self.grow_to(number)

    def grow_to(self, number, first=b""):
        while len(self.sockets) < number:
            self.sockets.append(self.guest.connect())
            self.sockets[-1].sendall(first)

    def each_sends(self, data):
        """As much of it as is taken within two seconds."""
        for one in self.sockets:
            one.settimeout(2)
            try:
                one.sendall(data)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.sockets:
            one.close()


def sending_handler(guest):
    handler = logging.handlers.SocketHandler("127.0.0.1", guest.port)
    handler.raiseExceptions = False
    return handler


def many_records(guest):
    handler = sending_handler(guest)
    logger = logging.Logger("shop.orders")
    logger.addHandler(handler)
    began = time.monotonic()
    for number in range(RECORDS):
        logger.info("%s ordered %d jackdaws", "Ann", number, extra={"customer": number})
    handler.close()
    last = "ordered %d jackdaws" % (RECORDS - 1)
    while guest.run("tail -n 3 /log/records.log | grep -c '%s'" % last).split()[-1] == "0":
        if time.monotonic() - began > PATIENCE:
            sys.exit("FAILED: the last of %d records does not come: %s" % (RECORDS, guest.run("tail -n 1 /log/records.log")))
        time.sleep(0.2)
    return RECORDS / (time.monotonic() - began)


def honest_frame(text, **attributes):
    return frame(dict(logging.makeLogRecord({"name": "honest", "levelname": "INFO", "levelno": 20, "msg": text}).__dict__, **attributes))


def frame(value):
    data = pickle.dumps(value, 2)
    return struct.pack(">L", len(data)) + data


# The attacks. Each is a generator that yields whenever memory should be looked at.


def half_sent_frames(guest):
    """four half-sent records of 16 MB and 108 small ones, then a byte a second from each."""
    large = struct.pack(">L", 16_000_000) + frame({"msg": "x" * 15_900_000})[4:]
    small = honest_frame("y" * 1000)
    with Connections(guest, 4) as big, Connections(guest, 108) as little:
        little.each_sends(small[:500])
        big.each_sends(large[:15_000_000])
        for second in range(10):
            yield
            for one in big.sockets + little.sockets:
                one.settimeout(0)
                try:
                    one.send(b"z")
                except OSError:
                    pass
            time.sleep(1)
        yield


def short_frames_that_print_much(guest):
    """1000 peers, one frame of 2.4 kB each that prints 250 kB."""
    data = frame({"name": "w", "levelno": 20, "levelname": "INFO", "msg": "%(a)s" * 200, "args": {"a": "x" * 1250}})
    for _ in range(10):
        with Connections(guest, 100) as peers:
            peers.each_sends(data)
            yield


def large_records_at_once(guest):
    """8 peers, three records of 4 MB each."""
    data = honest_frame("x" * 4_000_000)
    with Connections(guest, 8) as peers:
        for _ in range(3):
            peers.each_sends(data)
            yield
        time.sleep(2)
        yield


def one_large_record(guest):
    """one record of 8 MB."""
    with Connections(guest, 1) as peer:
        peer.sockets[0].settimeout(PATIENCE)
        try:
            peer.sockets[0].sendall(honest_frame("x" * 8_000_000))
        except OSError:
            pass
        for _ in range(5):
            yield
            time.sleep(1)


def middling_records_at_once(guest):
    """200 peers, three records of 64 kB each."""
    with Connections(guest, 200) as peers:
        for _ in range(3):
            peers.each_sends(honest_frame("x" * 64_000))
            yield


def idle_connections(guest):
    """1000 idle connections, a record from each."""
    with Connections(guest, 0) as peers:
        for number in range(100, 1001, 100):
            peers.grow_to(number, honest_frame("idle"))
            yield
        time.sleep(2)
        yield


def bad_frames(guest):
    """connections of 100 bad frames each, for 10 seconds."""
    data = frame(None) * 100
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with Connections(guest, 10) as peers:
            peers.each_sends(data)
        yield


def wide_field(guest):
    """100 peers, 43 bytes each that ask for a line of 16 MB."""
    with Connections(guest, 100) as peers:
        peers.each_sends(frame({"msg": "%16777215d", "args": (1,)}))
        yield


def much_work(guest):
    """frames that ask for minutes of work: 1000 times a list of 300,000, of which nothing is printed."""
    long = [None] * 300_000
    data = frame({"msg": "%.0s" * 1000, "args": tuple([long] * 1000)})
    with Connections(guest, 4) as peers:
        peers.each_sends(data)
        for _ in range(5):
            yield
            time.sleep(1)


ATTACKS = [
    one_large_record,
    large_records_at_once,
    middling_records_at_once,
    half_sent_frames,
    short_frames_that_print_much,
    idle_connections,
    bad_frames,
    wide_field,
    much_work,
]

if __name__ == "__main__":
    main()
