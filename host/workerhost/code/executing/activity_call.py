"""Putting the real activity in the place of the one that stands for all: its function, its arguments, its thread."""

import inspect
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import temporalio.activity
import temporalio.worker._activity as sdk_activity
from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from workerhost.code.definitions import ActivityDefinition
from workerhost.code.executing.contained import contain_thread


@temporalio.activity.defn(dynamic=True)
async def any_activity(_args: Sequence[RawValue]) -> None:
    """Stand for every activity of a project; an interceptor of ours puts the real one in its place."""
    raise RuntimeError("this activity was not given to its build")


class RealActivity(Protocol):
    """An activity that can take the place of the one that stands for all."""

    def put_in_place(
        self, task: ExecuteActivityInput, impl: ActivityInboundInterceptor, executor: ThreadPoolExecutor
    ) -> None:
        """Put its function and its arguments into the task.

        Args:
            task: of the activity that stands for all.
            impl: what will run the task.
            executor: runs activities that are not coroutines, and what blocks.

        Raises:
            ApplicationError: the input does not fit; not retried, since it never will.
        """


@dataclass(frozen=True)
class LocalActivity:
    """An activity whose function is in this process."""

    definition: ActivityDefinition
    keep: object = None
    """What must be referred to for as long as the activity runs."""

    def put_in_place(
        self, task: ExecuteActivityInput, impl: ActivityInboundInterceptor, executor: ThreadPoolExecutor
    ) -> None:
        """Put its function and its decoded arguments into the task."""
        put_in_place(task, self.definition, impl, executor)


def put_in_place(
    task: ExecuteActivityInput,
    definition: ActivityDefinition,
    impl: ActivityInboundInterceptor,
    executor: ThreadPoolExecutor,
) -> None:
    """Put the definition's function and decoded arguments into the task.

    Args:
        task: of the activity that stands for all.
        definition: of the real one.
        impl: what will run the task.
        executor: runs activities that are not coroutines.

    Raises:
        ApplicationError: the input does not fit; not retried, since it never will.
    """
    if definition.name is not None:  # a dynamic activity takes its arguments as they are
        task.args = _decode(definition, [raw.payload for raw in task.args[0]])
    task.fn = definition.fn
    if not _is_coroutine(definition.fn):
        task.fn = contain_thread(definition.fn)
        _use_thread(task, impl, executor, cancel=not definition.no_thread_cancel_exception)


def _use_thread(
    task: ExecuteActivityInput, impl: ActivityInboundInterceptor, executor: ThreadPoolExecutor, *, cancel: bool
) -> None:
    """Make the task one that runs in a thread, with the SDK's own way to cancel it there.

    The SDK decides that by the placeholder, a coroutine, before the real function is known; so what it keeps about the
    running activity is corrected here.
    """
    while not isinstance(impl, sdk_activity._ActivityInboundImpl):  # noqa: SLF001
        impl = impl.next
    running = impl._running_activity  # noqa: SLF001
    running.sync = True
    if cancel:
        running.cancel_thread_raiser = sdk_activity._ThreadExceptionRaiser()  # noqa: SLF001
    task.executor = executor


def _is_coroutine(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  an instance with an async __call__
    )


def _decode(definition: ActivityDefinition, payloads: Sequence[Payload]) -> Sequence[Any]:
    name, types = definition.name, definition.arg_types
    try:
        inspect.signature(definition.fn).bind(*payloads)
    except TypeError as error:
        raise _invalid_input(f"{name} cannot be called with {len(payloads)} argument(s): {error}") from error
    hints = types if types is not None and len(types) == len(payloads) else None
    try:
        return temporalio.activity.payload_converter().from_payloads(payloads, hints)
    except Exception as error:
        cause = error if isinstance(error, ValidationError) else error.__cause__
        if isinstance(cause, ValidationError):
            raise _invalid_input(f"the input of {name} does not fit: {_fields(cause)}") from error
        raise _invalid_input(f"the input of {name} cannot be read: {cause or error}") from error


def _fields(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in item['loc']) or 'input'}: {item['msg']}" for item in error.errors()
    )


def _invalid_input(message: str) -> ApplicationError:
    return ApplicationError(message, type="InvalidInput", non_retryable=True)
