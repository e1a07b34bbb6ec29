"""The way to Temporal: how every client of this process connects, and the client that the control API uses."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Interceptor
from temporalio.envconfig import ClientConfig
from temporalio.service import KeepAliveConfig, RPCError, RPCStatusCode

from workerhost.code.executing.converter import PayloadTooLargeError, bounded_data_converter
from workerhost.errors import ConfigurationError, InvalidRequestError, NotReadyError, TemporalRefusedError
from workerhost.runtime.temporal.paused_status import read_paused_runs
from workerhost.runtime.temporal.rpc_failures import connect_failure, failure_of, unavailable
from workerhost.settings import PAYLOAD_LIMIT

T = TypeVar("T")

KEEP_ALIVE = KeepAliveConfig(interval_millis=10_000, timeout_millis=4_000)
"""How a connection that has gone silent is found out, as one that a router has forgotten: by a question every 10 s,
which is as often as Temporal's servers allow, and 4 s for its answer. Another connection is made then. The SDK's own
times are 30 s and 15 s."""

RPC_TIMEOUT = timedelta(seconds=5)
"""How long one request to Temporal may take; its answer normally comes within milliseconds."""


def connect_options(payload_limit: int = PAYLOAD_LIMIT) -> dict[str, Any]:
    """Return the arguments of `Client.connect`, from the SDK's own environment variables and profile.

    Args:
        payload_limit: bytes that the arguments of a call, or a result, may have.

    Raises:
        ConfigurationError: a variable or the profile cannot be read.
    """
    try:
        options: dict[str, Any] = dict(ClientConfig.load_client_connect_config())
    except Exception as error:
        raise ConfigurationError(f"Temporal's connection settings cannot be read: {error}") from error
    options.setdefault("target_host", "localhost:7233")
    options["keep_alive_config"] = KEEP_ALIVE
    return {**options, "data_converter": bounded_data_converter(payload_limit)}


async def connect(options: dict[str, Any], **overrides: Any) -> Client:
    """Connect a client on the running loop.

    Raises:
        TemporalUnavailableError: the server does not answer.
        TemporalRefusedError: it does not let this service in.
    """
    read_paused_runs()
    try:
        return await Client.connect(**{**options, **overrides})
    except (RuntimeError, RPCError) as error:
        raise connect_failure(options["target_host"], error) from error


class TemporalConnection:
    """A client for the control API's threads. Owns one thread with an event loop; connects when it is first used.

    Args:
        options: what `connect_options` returned.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self._client: Client | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="workerhost-temporal", daemon=True)
        self._thread.start()

    def add_interceptor(self, interceptor: Interceptor) -> None:
        """Have clients that connect from now on have an interceptor, those of project workers too."""
        self.options["interceptors"] = [*self.options.get("interceptors", ()), interceptor]

    def call(self, use: Callable[[Client], Awaitable[T]], timeout: float | None = None) -> T:
        """Run `use` with the client on the connection's loop and return its result; blocks the calling thread.

        Args:
            use: a coroutine function; it must not block.
            timeout: seconds to wait; without it, twice as long as one request may take.

        Raises:
            TemporalUnavailableError: the server does not answer in time.
            TemporalRefusedError: it does not let this service in.
            InvalidRequestError: what was sent is larger than it takes.
            RPCError: the server answered with another error.
        """
        seconds = timeout if timeout is not None else 2 * RPC_TIMEOUT.total_seconds()
        future = asyncio.run_coroutine_threadsafe(self._use(use), self._loop)
        try:
            return future.result(seconds)
        except FutureTimeoutError:
            future.cancel()
            raise unavailable(self.options["target_host"]) from None
        except PayloadTooLargeError as error:
            raise InvalidRequestError(error.message) from error
        except RPCError as error:
            if (failure := failure_of(error, self.options["target_host"])) is not None:
                raise failure from error
            raise

    def soon(self, act: Callable[[], None]) -> None:
        """Have `act` called on the connection's loop, in its turn; not at all where the connection is closed."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(act)

    def check(self, timeout: float | None = None) -> None:
        """Ask the server whether it answers.

        Args:
            timeout: seconds to wait; without it, twice as long as one request may take.

        Raises:
            TemporalUnavailableError: the server does not answer.
            TemporalRefusedError: it does not let this service in.
        """
        try:
            serves = self.call(lambda client: client.service_client.check_health(timeout=RPC_TIMEOUT), timeout)
        except RPCError:  # it took the question; not every proxy passes this one on
            return
        if not serves:
            raise unavailable(self.options["target_host"])

    def check_namespace(self) -> None:
        """Ask the server for the namespace that all projects are in.

        Raises:
            TemporalUnavailableError: the server does not answer.
            NotReadyError: the server does not have the namespace.
            ConfigurationError: it refuses to say whether it does.
        """
        namespace = str(self.options.get("namespace", "default"))
        request = DescribeNamespaceRequest(namespace=namespace)
        try:
            self.call(lambda client: client.workflow_service.describe_namespace(request, timeout=RPC_TIMEOUT))
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise NotReadyError(
                    f"Temporal at {self.options['target_host']} has no namespace {namespace}; "
                    "create it, or set TEMPORAL_NAMESPACE to one that exists"
                ) from error
            raise ConfigurationError(f"Temporal refuses the namespace {namespace}: {error.message}") from error
        except TemporalRefusedError as error:
            raise ConfigurationError(str(error)) from error

    def close(self) -> None:
        """End the thread; calling this again does nothing."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    async def _use(self, use: Callable[[Client], Awaitable[T]]) -> T:
        if self._client is None:
            self._client = await connect(self.options)
        return await use(self._client)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()
