"""A SocketHandler that speaks TLS, with a certificate of its own."""

import logging.handlers
import ssl


class TLSSocketHandler(logging.handlers.SocketHandler):
    def __init__(self, host, port, authority, certificate, key):
        super().__init__(host, port)
        self.context = ssl.create_default_context(cafile=authority)
        self.context.load_cert_chain(certificate, key)

    def makeSocket(self, timeout=1):
        plain = super().makeSocket(timeout)
        try:
            return self.context.wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise

    def close(self):
        """Says goodbye in TLS, and reads the answer: closed with something unread, TCP would throw away what is on its way."""
        self.acquire()
        try:
            if self.sock:
                self.sock = self.sock.unwrap()
        except OSError:
            pass
        finally:
            self.release()
        super().close()
