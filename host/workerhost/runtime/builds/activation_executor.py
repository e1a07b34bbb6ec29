"""Where activations are worked on: in threads, or in project processes, for whose answers no thread waits."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from workerhost.runtime.builds.runner import BuildInstance


class ActivationExecutor(ThreadPoolExecutor):
    """The workflow task executor of all workers of a host. Safe to use from any thread.

    A thread is taken where a build's code is in this process, and for what may block. So a project whose code is slow
    to yield, in a process of its own, holds none that others need.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Work on an activation, as the SDK asks; does not block, and may be called on an event loop.

        The SDK hands a bound method of what holds the instance of a run, with the activation.
        """
        instance = getattr(getattr(fn, "__self__", None), "instance", None)
        if not isinstance(instance, BuildInstance):
            return super().submit(fn, *args, **kwargs)
        outcome: Future[Any] = Future()
        outcome.set_running_or_notify_cancel()
        if not self._ask(instance, args[0], outcome, may_block=False):
            super().submit(self._work, instance, fn, args[0], outcome)
        return outcome

    def _work(self, instance: BuildInstance, activate: Callable[..., Any], act: Any, outcome: "Future[Any]") -> None:
        if not self._ask(instance, act, outcome, may_block=True):
            _settle(outcome, lambda: activate(act))

    def _ask(self, instance: BuildInstance, act: Any, outcome: "Future[Any]", *, may_block: bool) -> bool:
        """Have the outcome come by itself; tell whether it will."""
        try:
            asked = instance.ask(act, self, may_block=may_block)
        except BaseException as error:
            outcome.set_exception(error)
            return True
        if asked is not None:
            asked.add_done_callback(lambda answered: _settle(outcome, answered.result))
        return asked is not None


def _settle(outcome: "Future[Any]", get: Callable[[], Any]) -> None:
    try:
        result = get()
    except BaseException as error:
        outcome.set_exception(error)
    else:
        outcome.set_result(result)
