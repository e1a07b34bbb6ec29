"""For tests of the Python clients: both used alike, and a service that keeps what they send."""

import asyncio
import http.server
import inspect
import json
from typing import Any

from workerhost import AsyncClient


class Blocking:
    """An asynchronous client whose methods can be called as those of the blocking one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._runner = asyncio.Runner()
        self._client = self._runner.run(self._make(*args, **options))

    async def _make(self, *args: Any, **options: Any) -> AsyncClient:
        return await AsyncClient(*args, **options).__aenter__()

    def __enter__(self) -> "Blocking":
        return self

    def __exit__(self, *error: object) -> None:
        self._runner.run(self._client.__aexit__(*error))
        self._runner.close()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        async def collect(*args: Any, **options: Any) -> list[Any]:
            return [each async for each in method(*args, **options)]

        call = collect if inspect.isasyncgenfunction(method) else method
        return lambda *args, **options: self._runner.run(call(*args, **options))


class Recorder(http.server.ThreadingHTTPServer):
    """A service that keeps every request, and answers each path with what is put there for it, the last one again."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def put(self, path: str, *answers: Any, status: int = 200) -> None:
        self.answers[path] = [(status, answer) for answer in answers]

    def next_answer(self, path: str) -> tuple[int, Any]:
        answers = self.answers.get(path, [(404, {})])
        return answers.pop(0) if len(answers) > 1 else answers[0]


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Recorder

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.requests.append((self.command, self.path, body))
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        status, answer = self.server.next_answer(self.path.partition("?")[0])
        sent = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  names of the base class

    def log_message(self, *_: Any) -> None: ...
