# -*- coding: utf-8 -*-
"""The receiver of the Python documentation, to compare with and to race against. It is not safe: it unpickles what it is sent.

    python receiver_cpython.py [--host H] [--port P] [--port-file FILE] [--format F]

Records go to standard output, one line each as `--format` says. The file of `--port-file` appears once connecting works. SIGTERM and
Ctrl-C stop it, within the second that its loop waits.
"""

from __future__ import print_function

import argparse
import logging
import logging.handlers
import os
import pickle
import select
import signal
import struct
import sys

try:
    import socketserver
except ImportError:  # Python 2
    import SocketServer as socketserver

FORMAT = "%(relativeCreated)5d %(name)-15s %(levelname)-8s %(message)s"


def main():
    parser = argparse.ArgumentParser(description="The document's receiver.")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=logging.handlers.DEFAULT_TCP_LOGGING_PORT)
    parser.add_argument("--port-file")
    parser.add_argument("--format", default=FORMAT)
    options = parser.parse_args()
    logging.basicConfig(format=options.format, stream=sys.stdout, level=1)
    receiver = LogRecordSocketReceiver(options.host, options.port)
    signal.signal(signal.SIGTERM, lambda *_: setattr(receiver, "abort", 1))
    signal.signal(signal.SIGINT, lambda *_: setattr(receiver, "abort", 1))
    if options.port_file:
        publish(options.port_file, receiver.server_address[1])
    receiver.serve_until_stopped()
    receiver.server_close()


class LogRecordStreamHandler(socketserver.StreamRequestHandler):
    """One connection: length, pickle, record, until the peer closes."""

    def handle(self):
        while True:
            header = self.rfile.read(4)
            if len(header) < 4:
                break
            (length,) = struct.unpack(">L", header)
            payload = self.rfile.read(length)
            if len(payload) < length:
                break
            self.handle_log_record(logging.makeLogRecord(self.unpickle(payload)))

    def unpickle(self, payload):
        return pickle.loads(payload)

    def handle_log_record(self, record):
        name = self.server.logname if self.server.logname is not None else record.name
        # Every record gets logged: filtering is the sender's business.
        logging.getLogger(name).handle(record)


class LogRecordSocketReceiver(socketserver.ThreadingTCPServer):
    """Accepts until its `abort` is set."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host="localhost", port=logging.handlers.DEFAULT_TCP_LOGGING_PORT, handler=LogRecordStreamHandler):
        socketserver.ThreadingTCPServer.__init__(self, (host, port), handler)
        self.abort = 0
        self.timeout = 1
        self.logname = None

    def serve_until_stopped(self):
        while not self.abort:
            try:
                ready, _, _ = select.select([self.socket.fileno()], [], [], self.timeout)
            except select.error:  # Python 2: a signal
                continue
            if ready:
                self.handle_request()


def publish(path, port):
    partial = path + ".partial"
    with open(partial, "w") as file:
        file.write("%d\n" % port)
    os.rename(partial, path)


if __name__ == "__main__":
    main()
