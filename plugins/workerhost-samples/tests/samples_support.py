"""What several tests of this plugin need."""

import asyncio
import gzip
import inspect
import json
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

from samples_workflows import CallActivity
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from workerhost_samples.activities import sample_activities
from workerhost_samples.settings import SamplesSettings


def run_activity(function: Callable[[Any], Any], request: Any, environment: ActivityEnvironment | None = None) -> Any:
    """Run a sync or async activity in the SDK's environment for tests."""

    async def run() -> Any:
        answer = (environment or ActivityEnvironment()).run(function, request)
        return await answer if inspect.isawaitable(answer) else answer

    return asyncio.run(run())


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 20) -> None:
    """Wait for a condition, or fail after `seconds`."""
    async with asyncio.timeout(seconds):
        while True:
            met = condition()
            if await met if inspect.isawaitable(met) else met:
                return
            await asyncio.sleep(0.01)


class Samples:
    """A bare SDK worker with the activities of this plugin, and a client to try it."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self.client = client
        self.task_queue = task_queue

    async def start(self, workflow_type: str, *args: Any) -> WorkflowHandle[Any, Any]:
        return await self.client.start_workflow(
            workflow_type, args=args, id=f"test-{uuid4()}", task_queue=self.task_queue
        )

    async def result(self, workflow_type: str, *args: Any) -> Any:
        return await (await self.start(workflow_type, *args)).result()

    async def call(self, activity: str, argument: Any, attempts: int = 1) -> Any:
        return await self.result("callActivity", activity, argument, attempts)


@asynccontextmanager
async def samples_worker(
    address: str, settings: SamplesSettings, workflows: Sequence[type] = ()
) -> AsyncIterator[Samples]:
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    samples = Samples(client, f"queue-{uuid4()}")
    with ThreadPoolExecutor(4) as executor:
        worker = Worker(
            client,
            task_queue=samples.task_queue,
            workflows=[CallActivity, *workflows],
            activities=sample_activities(settings),
            activity_executor=executor,
        )
        async with worker:
            yield samples


def settings_for(folder: Path, networks: str = "127.0.0.0/8") -> SamplesSettings:
    return SamplesSettings.model_validate({"artifact_directory": folder, "allowed_networks": networks})


class Site(ThreadingHTTPServer):
    """A real web server on this machine, with the pages that the tests ask for."""

    daemon_threads = False

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.paths: list[str] = []
        self.sent = 0
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        page = self.path.strip("/").split("?")[0].replace("-", "_")
        with suppress(ConnectionError):
            getattr(self, f"page_{page}")()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes, reason: str | None = None, **headers: str) -> None:
        self.send_response(status, reason)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def page_echo(self) -> None:
        """Tell what arrived."""
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = {
            "method": self.command,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": content.decode(),
        }
        self.answer(200, json.dumps(seen).encode(), content_type="application/json")

    def page_text(self) -> None:
        self.answer(200, "Grüße".encode("latin-1"), content_type="text/plain; charset=latin-1")

    def page_said_to_be(self) -> None:
        """Send the same bytes with the charset in the query."""
        charset = self.path.partition("?")[2]
        self.answer(200, b"\xef\xbb\xbf\xc3\xbc", content_type=f"text/plain; charset={charset}")

    def page_nested(self) -> None:
        depth = int(self.path.partition("?")[2])
        self.answer(200, b"[" * depth + b"]" * depth)

    def page_nearly_json(self) -> None:
        self.answer(200, b"1, 2")

    def page_empty(self) -> None:
        self.answer(204, b"")

    def page_teapot(self) -> None:
        self.answer(418, b'{"short": true}', "Short and stout", content_type="application/json")

    def page_to_text(self) -> None:
        self.answer(302, b"", location="/text")

    def page_to_private(self) -> None:
        self.answer(302, b"", location=f"http://10.0.0.1:{self.server.server_port}/text")

    def page_to_file(self) -> None:
        self.answer(302, b"", location="file:///etc/passwd")

    def page_around(self) -> None:
        self.answer(302, b"", location="/around")

    def page_cut_off(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.close_connection = True

    def page_packed(self) -> None:
        self.answer(200, gzip.compress(b'{"packed": 1}'), content_encoding="gzip")

    def page_bomb(self) -> None:
        self.answer(200, gzip.compress(bytes(50 * 1024 * 1024)), content_encoding="gzip")

    def page_brotli(self) -> None:
        self.answer(200, b"\x00", content_encoding="br")

    def page_exactly_full(self) -> None:
        self.answer(200, b"x" * (1024 * 1024))

    def page_endless(self) -> None:
        """Send chunks for as long as somebody reads."""
        self._begin_chunks()
        while not self.server.closing.is_set():
            self._send_chunk(b"x" * 65536)

    def page_endless_redirect(self) -> None:
        self._begin_chunks(302, location="/text")
        while not self.server.closing.is_set():
            self._send_chunk(b"x" * 65536)

    def page_silent(self) -> None:
        """Answer nothing until the test is over."""
        self.server.closing.wait(60)
        self.close_connection = True

    def page_dripping(self) -> None:
        """Send a byte now and then, so that each single read succeeds."""
        self._begin_chunks()
        while not self.server.closing.wait(0.02):
            self._send_chunk(b"x")

    def _begin_chunks(self, status: int = 200, **headers: str) -> None:
        self.close_connection = True
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _send_chunk(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))
        self.server.sent += len(content)


@contextmanager
def running_site(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    with Site(tls) as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield site
        finally:
            site.closing.set()
            site.shutdown()
            thread.join()
