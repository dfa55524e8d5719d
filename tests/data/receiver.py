"""The receiver of "Sending and receiving logging events across a network", for the tests.

    python receiver.py HOST:PORT | unix:PATH

Prints JSON lines: first where it listens and which attributes a record has in this Python, then for each record the
dictionary that came, what the logging package makes of it, and the name of the logger that handled it.
It ends when its standard input does. Runs on CPython 2.7 and 3.6 and later.
"""
import json
import logging
import os
import pickle
import struct
import sys
import threading

try:
    import socketserver
except ImportError:
    import SocketServer as socketserver

FORMAT = ('%(asctime)s %(created)f %(msecs)03d %(relativeCreated)d %(levelno)d %(levelname)-8s %(name)s %(pathname)s '
          '%(filename)s %(module)s %(lineno)d %(funcName)s %(process)d %(processName)s %(thread)d %(threadName)s')

out_lock = threading.Lock()


def out(row):
    with out_lock:
        sys.stdout.write(json.dumps(row) + '\n')
        sys.stdout.flush()


class JsonHandler(logging.Handler):
    def emit(self, record):
        out({
            'dict': record.received,
            'logger': record.logger,
            'message': record.getMessage(),
            'line': logging.Formatter(FORMAT).format(record),
        })


class LogRecordStreamHandler(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            chunk = self.connection.recv(4)
            if len(chunk) < 4:
                break
            slen = struct.unpack('>L', chunk)[0]
            chunk = self.connection.recv(slen)
            while len(chunk) < slen:
                more = self.connection.recv(slen - len(chunk))
                if not more:
                    return
                chunk = chunk + more
            obj = pickle.loads(chunk)
            record = logging.makeLogRecord(obj)
            logger = logging.getLogger(record.name)
            record.received = obj
            record.logger = logger.name
            logger.handle(record)


class TcpReceiver(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class UnixReceiver(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def main():
    address = sys.argv[1]
    if address.startswith('unix:'):
        server = UnixReceiver(address[len('unix:'):], LogRecordStreamHandler)
    else:
        host, port = address.rsplit(':', 1)
        server = TcpReceiver((host, int(port)), LogRecordStreamHandler)
        address = '%s:%d' % server.server_address
    logging.getLogger().addHandler(JsonHandler())
    out({'address': address, 'attributes': sorted(vars(logging.makeLogRecord({})))})
    serving = threading.Thread(target=server.serve_forever)
    serving.daemon = True
    serving.start()
    sys.stdin.read()
    sys.stdout.flush()
    os._exit(0)


if __name__ == '__main__':
    main()
