"""Real workerhost processes for tests: `serve` and `dev`, with their output and their ends."""

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil

from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import ECHO, eventually, free_port

OFFLINE = {"PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
"""Variables with which pip builds a distribution with what is installed, and looks for nothing anywhere else."""


class RestClient:
    """The REST API of a process, with the calls that `support.Api` has."""

    def __init__(self, url: str) -> None:
        self.url = url
        # Without connections that are kept, for which a service that stops waits a second.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False, limits=limits)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def deploy(
        self,
        project_id: str,
        name: str = "echo",
        body: dict[str, str] | None = None,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Make a project of one workflow, and start it."""
        self.call("PUT", f"/projects/{project_id}", {"settings": settings} if settings else {})
        self.call("PUT", f"/projects/{project_id}/workflows/{name}", body or {"version": "1", "workflowCode": ECHO})
        self.call("POST", "/workers/start", {"projectId": project_id})

    def run(self, project_id: str, workflow_type: str, *args: Any) -> Any:
        """Run an execution to its end and return its result."""
        path = f"/projects/{project_id}/executions"
        begun = self.call("POST", path, {"workflowType": workflow_type, "args": list(args)})
        ended = self.call("GET", f"{path}/{begun['workflowId']}?wait=40")
        assert ended["status"] == "COMPLETED", ended
        return ended["result"]

    def status(self, path: str) -> int:
        """Return the status of the answer."""
        return self._client.get(path).status_code

    def refused(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer of a call that is refused for now."""
        answer = self._client.request(method, path, json=body)
        assert answer.status_code == 503, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def answers(self, path: str = "/health") -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return self._client.get(path).is_success
        return False

    def close(self) -> None:
        self._client.close()


class Workerhost:
    """A `workerhost` command in a process of its own, whose output is collected line by line."""

    def __init__(self, *arguments: str, folder: Path, python: str = sys.executable, **environment: str) -> None:
        self._process = subprocess.Popen(
            [python, "-m", "workerhost", *arguments],
            cwd=folder,
            env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._news: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for(self, pattern: str, timeout: float = 60) -> re.Match[str]:
        """Wait until the output so far matches `pattern`, and return the match."""
        deadline = time.monotonic() + timeout
        while not (found := re.search(pattern, self.output, re.MULTILINE)):
            left = deadline - time.monotonic()
            assert left > 0, f"no {pattern!r} within {timeout} s in:\n{self.output}"
            with contextlib.suppress(queue.Empty):
                ended = self._news.get(timeout=left) is None
                assert not ended or re.search(pattern, self.output, re.MULTILINE), f"it ended:\n{self.output}"
        return found

    def end(self, number: signal.Signals = signal.SIGTERM, timeout: float = 60) -> int:
        """Send the signal, and return the exit code."""
        self._process.send_signal(number)
        return self._process.wait(timeout)

    def wait(self, timeout: float = 60) -> int:
        """Wait for the end, and return the exit code."""
        return self._process.wait(timeout)

    def family(self) -> list[psutil.Process]:
        """Return the process and everything that it started."""
        process = psutil.Process(self.pid)
        return [process, *process.children(recursive=True)]

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                self.lines.append(line)
                self._news.put(line)
        self._news.put(None)


@contextlib.contextmanager
def workerhost(*arguments: str, folder: Path, python: str = sys.executable, **environment: str) -> Iterator[Workerhost]:
    """Run a command for the length of the block; what is left of it afterwards is killed."""
    process = Workerhost(*arguments, folder=folder, python=python, **environment)
    try:
        yield process
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            for each in process.family():
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
        process.wait()


@contextlib.contextmanager
def serve(
    folder: Path, temporal: EmbeddedTemporal, *arguments: str, **environment: str
) -> Iterator[tuple[Workerhost, RestClient]]:
    """Run `workerhost serve` against a Temporal server until the block ends."""
    port = free_port()
    environment = {"TEMPORAL_ADDRESS": temporal.address, **environment}
    with workerhost("serve", *arguments, "--port", str(port), folder=folder, **environment) as process:
        client = RestClient(f"http://127.0.0.1:{port}")
        eventually(client.answers, 60)
        try:
            yield process, client
        finally:
            client.close()


def scratch_python(folder: Path) -> Path:
    """Make an environment that sees what is installed here, pip too, to install further distributions into."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([str(python), "-c", query], check=True, capture_output=True, text=True).stdout.strip()
    Path(site, "host.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    for module in ("pip", "pytest", "workerhost"):
        command = folder / "bin" / module
        command.write_text(f'#!/bin/sh\nexec "{python}" -m {module} "$@"\n')
        command.chmod(0o755)
    return python


def all_gone(family: list[psutil.Process]) -> None:
    """Wait until none of the processes is left."""
    eventually(lambda: not [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE])
