"""For pytest: the fixtures `jackdaws` and `jackdaws_factory`, and what came, in the report of a test that fails."""

import os
from typing import Any, Callable, Generator, List, Optional, Sequence, Tuple, Union

import pytest

from . import _receiver
from ._pipes import Pipes
from ._receiver import Receiver


@pytest.fixture
def jackdaws(jackdaws_factory: "Factory") -> Receiver:
    """A receiver of logging records, for one test: a jackdaws.Receiver."""
    return jackdaws_factory()


@pytest.fixture(scope="session")
def jackdaws_factory(request: Any) -> "Factory":
    """Makes receivers, with the options of jackdaws.Receiver: one made in a fixture ends with it, one made in a test with that."""
    plugin = request.config.pluginmanager.get_plugin(NAME)
    return Factory(plugin._end_with_what_runs_now)


class Factory:
    """The type of the fixture `jackdaws_factory`."""

    def __init__(self, started: Callable[[Receiver], None]) -> None:
        self._started = started

    def __call__(
        self,
        *,
        listen: str = "tcp",
        level: Union[int, str, None] = None,
        name: Union[str, Sequence[str], None] = None,
        args: Sequence[str] = (),
        program: Union[str, "os.PathLike[str]", None] = None
    ) -> Receiver:
        """A new receiver; the options are those of jackdaws.Receiver."""
        __tracebackhide__ = True
        receiver = Receiver(listen=listen, level=level, name=name, args=args, program=program)
        self._started(receiver)
        return receiver


class Plugin:
    """Knows which receivers run, what runs now, and hence what a report has to show."""

    def __init__(self, gives_to_caplog: bool) -> None:
        self._gives_to_caplog = gives_to_caplog
        self._item: Any = None
        #: The fixtures that are being set up, the innermost last.
        self._requests: List[Any] = []
        #: What came, of each receiver that ran in this test, and the number of the first record since the test began. The
        #: receivers themselves are their owners': one that is forgotten is to be missed.
        self._pipes: List[Tuple[Pipes, int]] = []

    def started(self, receiver: Receiver) -> None:
        """Told of each receiver, whoever makes it."""
        self._pipes.append((receiver._pipes, 0))
        if self._gives_to_caplog:
            receiver.to_caplog()

    def _end_with_what_runs_now(self, receiver: Receiver) -> None:
        runs_now = self._requests[-1] if self._requests else self._item
        if runs_now is not None:
            try:
                runs_now.addfinalizer(receiver._end)
            except AssertionError:
                # All is being torn down already: it ends with this process, or when its owner closes it.
                pass

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Generator[None, Any, None]:
        self._item = item
        self._pipes = [(pipes, pipes.position()) for pipes, _ in self._pipes if not pipes.has_ended]
        yield
        self._item = None

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, request: Any) -> Generator[None, Any, None]:
        self._requests.append(request)
        yield
        self._requests.pop()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, None]:
        outcome = yield
        report = outcome.get_result()
        if report.failed:
            for pipes, position in self._pipes:
                text = pipes.report(position)
                if text:
                    report.sections.append(("jackdaws on %s" % pipes.listening, text))


def pytest_addoption(parser: Any) -> None:
    parser.addini(
        "jackdaws_caplog", "Let records that receivers get from other processes appear in caplog.", type="bool", default=False
    )


def pytest_configure(config: Any) -> None:
    plugin = Plugin(config.getini("jackdaws_caplog"))
    config.pluginmanager.register(plugin, NAME)
    _receiver.observers.append(plugin.started)


def pytest_unconfigure(config: Any) -> None:
    plugin: Optional[Plugin] = config.pluginmanager.get_plugin(NAME)
    if plugin is not None:
        _receiver.observers.remove(plugin.started)


NAME = "jackdaws-receivers"
