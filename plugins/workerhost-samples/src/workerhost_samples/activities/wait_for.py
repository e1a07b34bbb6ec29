"""`waitFor`: a pause that a worker keeps, heartbeats and all."""

import asyncio
from typing import Annotated

from pydantic import Field
from temporalio import activity

from workerhost_samples.camel_case import CamelCaseModel

_YEAR = 365 * 24 * 60 * 60 * 1000
_LONGEST_SILENCE = 1.0


class WaitInput(CamelCaseModel):
    """How long to wait, and what for."""

    milliseconds: Annotated[int, Field(ge=0, le=_YEAR)]
    reason: str | None = None


class WaitResult(CamelCaseModel):
    """How long it waited, in milliseconds, and what for."""

    waited: int
    reason: str | None


@activity.defn(name="waitFor")
async def wait_for(request: WaitInput) -> WaitResult:
    """Wait for a number of milliseconds, with heartbeats; a cancelled wait ends at once."""
    loop = asyncio.get_running_loop()
    started = loop.time() - _waited_before() / 1000
    while (remaining := started + request.milliseconds / 1000 - loop.time()) > 0:
        activity.heartbeat(int((loop.time() - started) * 1000))
        await asyncio.sleep(min(remaining, _heartbeat_interval()))
    return WaitResult(waited=request.milliseconds, reason=request.reason)


def _waited_before() -> int:
    """Return the milliseconds that an earlier attempt, lost with its worker, has waited already."""
    details = activity.info().heartbeat_details
    return details[0] if details and isinstance(details[0], int) else 0


def _heartbeat_interval() -> float:
    timeout = activity.info().heartbeat_timeout
    return min(timeout.total_seconds() / 4, _LONGEST_SILENCE) if timeout else _LONGEST_SILENCE
