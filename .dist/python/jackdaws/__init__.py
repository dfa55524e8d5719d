"""What the processes under test log, for their tests.

A `Receiver` takes the records that `logging.handlers.SocketHandler` (or `DatagramHandler`) sends from any process, and gives
them as `logging.LogRecord`s. With pytest there are the fixtures `jackdaws` and `jackdaws_factory`, without any import;
`python -m jackdaws run` gives a receiver to any command, and `python -m jackdaws` is the receiver itself.

For pytest, which would complain where this was imported before it began: PYTEST_DONT_REWRITE
"""

from ._receiver import NotReceived, Receiver, ReceiverFailed

__all__ = ["NotReceived", "Receiver", "ReceiverFailed"]

for _public in (NotReceived, Receiver, ReceiverFailed):
    # Where they are to be imported from, and what a report calls them.
    _public.__module__ = __name__
