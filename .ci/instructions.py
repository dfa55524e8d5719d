"""Instructions a record, by valgrind's callgrind: python3 .ci/instructions.py PROGRAM-BEFORE PROGRAM-NOW [KIND...]"""

import concurrent.futures
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

FRAMES = os.path.join(os.path.dirname(__file__), "..", "tests", "data", "good", "frames")
# What is counted: a name, the recorded frames that take turns, and options.
KINDS = [
    ("plain", ["core-live--live--py313"], []),
    ("plain, Python 2.7", ["core-live--live--py27"], []),
    ("plain, protocol 4", ["proto--p4--py313"], []),
    ("many extras", ["fmt-percent--rich--py313"], []),
    ("nested extra", ["ext-dict--nested--py313"], []),
    ("traceback", ["exc-recursion--r--py313"], []),
    ("all of these in turn", ["core-live--live--py313", "fmt-percent--rich--py313", "ext-dict--nested--py313"], []),
    ("plain, to JSON", ["core-live--live--py313"], ["--json"]),
    ("nested extra, to JSON", ["ext-dict--nested--py313"], ["--json"]),
]
FEW, MANY = 1000, 4000
MOST = 1.03


def frame(name):
    with open(os.path.join(FRAMES, name + ".frame"), "rb") as file:
        return file.read()


def stream(frames, rounds):
    """So many rounds of these frames; as from a real sender, none has the times of the one before, or a message of its length."""
    return b"".join(successor(frame, nth) for nth in range(rounds) for frame in frames)


def successor(frame, nth):
    pickle = bytearray(frame[4:])
    for key in (b"created", b"msecs", b"relativeCreated"):
        at = value_of(pickle, key, b"G") + 1
        pickle[at + 5] ^= nth & 0xff
        pickle[at + 6] ^= nth >> 8 & 0xff
    added = nth * 5 % 16
    at = value_of(pickle, b"msg", b"XU\x8c")
    pickle[at + 1] += added
    text = at + (5 if pickle[at] == ord("X") else 2)
    pickle[text:text] = b"x" * added
    if pickle[2] == 0x95:
        pickle[3:11] = struct.pack("<Q", struct.unpack("<Q", pickle[3:11])[0] + added)
    return struct.pack(">L", len(pickle)) + pickle


def value_of(pickle, key, opcodes):
    """Where the value of this key begins, with one of these opcodes."""
    end = pickle.index(key) + len(key)
    return next(at for at in range(end, len(pickle)) if pickle[at] in opcodes)


def count(program, frames, options, rounds):
    """Instructions of the whole program while it prints so many rounds of these frames."""
    with tempfile.TemporaryDirectory() as directory:
        port_file = os.path.join(directory, "port")
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + os.path.join(directory, "counts"), program,
                   "--listen", "127.0.0.1:0", "--port-file", port_file, "--output", os.devnull,
                   "--count", str(rounds * len(frames))] + options
        receiver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while not os.path.exists(port_file):
            if receiver.poll() is not None:
                sys.exit("it ended early:\n" + receiver.stderr.read().decode())
            time.sleep(0.05)
        with open(port_file) as file:
            port = int(file.read())
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(stream(frames, rounds))
        said = receiver.communicate()[1].decode()
        if receiver.returncode:
            sys.exit("it ended with %d:\n%s" % (receiver.returncode, said))
        return int(re.search(r"Collected : (\d+)", said).group(1))


def instructions_a_record(program, frames, options):
    few, many = (count(program, frames, options, rounds) for rounds in (FEW, MANY))
    return (many - few) / ((MANY - FEW) * len(frames))


def main():
    before, now, *wanted = sys.argv[1:]
    unknown = set(wanted) - {kind for kind, *_ in KINDS}
    if unknown:
        sys.exit("no such kind of record: " + ", ".join(sorted(unknown)))
    print("%-24s %10s %10s %7s" % ("kind of record", "before", "now", "ratio"))
    worse = []
    with concurrent.futures.ThreadPoolExecutor(2) as both:
        for kind, names, options in KINDS:
            if wanted and kind not in wanted:
                continue
            frames = [frame(name) for name in names]
            old, new = both.map(lambda program: instructions_a_record(program, frames, options), (before, now))
            print("%-24s %10.0f %10.0f %7.3f" % (kind, old, new, new / old), flush=True)
            if new > old * MOST:
                worse.append(kind)
    if worse:
        sys.exit("FAILED: more than 3 % worse: " + "; ".join(worse))


if __name__ == "__main__":
    main()
