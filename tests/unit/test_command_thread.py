"""Whoever gives a command to the host's thread gets an answer, whatever the command does."""

import contextlib
import ctypes
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from workerhost.errors import HostStoppingError
from workerhost.runtime.command_thread import CommandThread

WAIT_SECONDS = 10


@pytest.fixture
def commands() -> Iterator[CommandThread]:
    made = CommandThread("commands")
    made.start()
    yield made
    made.stop()


def _raise(error: BaseException) -> None:
    raise error


def _call_elsewhere(commands: CommandThread, command: Any) -> Future[Any]:
    """Give a command from a thread of its own, so that a call without answer fails the test and does not hang it."""
    outcome: Future[Any] = Future()

    def call() -> None:
        try:
            outcome.set_result(commands.call(command))
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=call, daemon=True).start()
    return outcome


class _OddError(BaseException):
    pass


@pytest.mark.parametrize("kind", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration, _OddError])
def test_a_caller_gets_what_its_command_raises_of_any_type_and_the_thread_goes_on(
    commands: CommandThread, kind: type[BaseException]
) -> None:
    for _ in range(3):
        with pytest.raises(kind, match="why"):
            _call_elsewhere(commands, lambda: _raise(kind("why"))).result(WAIT_SECONDS)
    assert _call_elsewhere(commands, lambda: "done").result(WAIT_SECONDS) == "done"


def test_a_thread_that_dies_answers_all_who_wait() -> None:
    commands = CommandThread("dying")
    commands.start()
    is_working, may_end = threading.Event(), threading.Event()
    owner: list[int] = []

    def work() -> None:
        owner.append(threading.get_ident())
        is_working.set()
        may_end.wait(WAIT_SECONDS)

    outcomes = [_call_elsewhere(commands, work)]
    assert is_working.wait(WAIT_SECONDS)
    outcomes.append(_call_elsewhere(commands, lambda: "done"))
    # Python raises this in the thread at some moment soon: in the command, or while the thread waits for the next one.
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(owner[0]), ctypes.py_object(SystemExit))
    may_end.set()
    for outcome in outcomes:
        with contextlib.suppress(HostStoppingError, SystemExit):
            outcome.result(WAIT_SECONDS)
    commands.stop()
    with pytest.raises(HostStoppingError, match="shutting down"):
        commands.call(lambda: "too late")
