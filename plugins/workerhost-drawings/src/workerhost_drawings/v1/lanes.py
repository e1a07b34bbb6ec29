"""Parts of a run that run at once, and parts that have only so much time."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow


async def together(*lanes: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run all to their ends and return their results, in their order; where one fails, the others are cancelled.

    Raises:
        BaseException: what the first one raised that failed, when the others have ended.
    """
    tasks = [asyncio.create_task(each) for each in lanes]
    try:
        await workflow.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        ended = [each for each in tasks if each.done()]
        return [each.result() for each in (ended if len(ended) < len(tasks) else tasks)]
    finally:
        await _stop(tasks)


async def first(*lanes: Coroutine[Any, Any, Any]) -> Any:
    """Run all until one has ended, cancel the others, and return its result when they have ended too.

    Raises:
        BaseException: what that one raised, if it failed.
    """
    tasks = [asyncio.create_task(each) for each in lanes]
    try:
        await workflow.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(each for each in tasks if each.done()).result()
    finally:
        await _stop(tasks)


async def in_time(body: Coroutine[Any, Any, Any], limit: timedelta, *, node: str | None = None) -> bool:
    """Run something for as long as it may take; tell whether it has ended by then. Else it is cancelled.

    `asyncio.timeout` would not do: an activity that is cancelled raises an error of its own.

    Args:
        body: what is to run.
        limit: how long it may take.
        node: of the drawing, for the timer.

    Raises:
        BaseException: what the body raised in time.
    """
    task = asyncio.create_task(body)
    summary = f"[node: {node}]" if node is not None else None
    try:
        if limit > timedelta(0):
            await workflow.wait_condition(task.done, timeout=limit, timeout_summary=summary)
    except TimeoutError:
        pass
    finally:
        is_late = not task.done()
        await _stop([task])
    if not is_late:
        task.result()
    return not is_late


async def _stop(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel those that have not ended, and wait until they have."""
    for each in tasks:
        each.cancel()
    await workflow.wait(tasks)
    for each in tasks:
        if not each.cancelled():
            each.exception()  # looked at, so that nothing is said of one that nobody asks for
