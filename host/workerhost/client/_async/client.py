"""The client for asynchronous code."""

from workerhost.client._async.batches import AsyncBatchCalls
from workerhost.client._async.control import AsyncControlCalls
from workerhost.client._async.deployments import AsyncDeploymentCalls
from workerhost.client._async.drawings import AsyncDrawingCalls
from workerhost.client._async.executions import AsyncExecutionCalls
from workerhost.client._async.logs import AsyncLogCalls
from workerhost.client._async.messages import AsyncMessageCalls
from workerhost.client._async.moves import AsyncMoveCalls
from workerhost.client._async.projects import AsyncProjectCalls
from workerhost.client._async.reports import AsyncReportCalls
from workerhost.client._async.schedules import AsyncScheduleCalls
from workerhost.client._async.sources import AsyncSourceCalls
from workerhost.client._async.steps import AsyncStepCalls
from workerhost.client._async.types import AsyncTypeCalls
from workerhost.client._async.variables import AsyncVariableCalls
from workerhost.client._async.watching import AsyncWatchCalls
from workerhost.client._async.webhooks import AsyncWebhookCalls


class AsyncClient(
    AsyncProjectCalls,
    AsyncDeploymentCalls,
    AsyncDrawingCalls,
    AsyncMoveCalls,
    AsyncExecutionCalls,
    AsyncStepCalls,
    AsyncWatchCalls,
    AsyncMessageCalls,
    AsyncTypeCalls,
    AsyncSourceCalls,
    AsyncControlCalls,
    AsyncScheduleCalls,
    AsyncBatchCalls,
    AsyncWebhookCalls,
    AsyncVariableCalls,
    AsyncLogCalls,
    AsyncReportCalls,
):
    """A connection to the control API of one service, for products that embed workerhost.

    An asynchronous context manager, for one event loop; every call is awaited, and `executions` is iterated with
    `async for`::

        async with AsyncClient("http://127.0.0.1:3011") as client:
            await client.deploy("shop", "projects/shop")
            print(await client.run("shop", "Order", "A kettle"))

    Every call raises `ApiError` where the service refuses it, with the API's sentence and its `code`, and
    `NoServiceError` where none answers in time.

    Args:
        url: address of the service.
        timeout: seconds that any answer may take, beyond what the service waits for on purpose.
        headers: sent with each call, for example to a proxy that asks for a password.
        retries: how often a connection that fails, and a call that a busy service refuses, is tried again.
    """
