"""Having the warm process fork a project process."""

import contextlib
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from workerhost.code.project_process.activities import LOOP_STOPPED
from workerhost.code.sealing.seal import Limits
from workerhost.code.warm_process import WarmProcess
from workerhost.runtime.egress.proxy import Opening

_WAY_OUT = "way-out"
"""Name of the socket in the folder, at which the proxy of the host listens."""

END_SECONDS = 5
"""How long the end of a process that was killed may take to be seen."""


@dataclass(frozen=True)
class Forked:
    """What a host holds of a process that was asked for. Whoever has it closes it, which ends the process."""

    connection: socket.socket
    output: int
    """What it prints can be read here."""
    report: int
    """How it ended can be read here, once it has."""
    folder: Path
    """Its temporary files."""
    way_out: Opening | None
    """Its way to the network."""

    def how_it_ended(self) -> tuple[str | None, float | None]:
        """Return how the process ended, and how long it and those that it has waited for ran on processors, in seconds.

        Blocks until it has ended, for a few seconds at most. None where whoever forked it has ended before it, or could
        not make it.
        """
        with contextlib.suppress(OSError, ValueError):
            ended = select.poll()  # which takes descriptors of any number
            ended.register(self.report, select.POLLIN)
            if ended.poll(1000 * END_SECONDS) and (said := os.read(self.report, 200).decode()):
                status, _, seconds = said.partition(" ")
                if not status.isdigit():
                    return said, None
                return _how(os.waitstatus_to_exitcode(int(status))), float(seconds)
        return None, None

    def close(self) -> None:
        """End the process, and remove its files, which may take long; each step whatever comes of the others."""
        steps = (
            self.connection.close,
            lambda: os.close(self.output),
            lambda: os.close(self.report),
            lambda: self.way_out.close() if self.way_out else None,
            lambda: _remove(self.folder),
        )
        for step in steps:
            with contextlib.suppress(Exception):
                step()


def fork(warm_process: WarmProcess, limits: Limits, open_way_out: Callable[[Path], Opening] | None) -> Forked:
    """Ask for a process; that there is one shows when it says that it is ready.

    Args:
        warm_process: what forks it.
        limits: what it may take.
        open_way_out: makes a socket of that path at which the proxy listens for it; None for no network.

    Raises:
        HostStoppingError: the host lets no process out any more.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="workerhost-"))
        stack.callback(folder.rmdir)
        way_out = open_way_out(folder / _WAY_OUT) if open_way_out else None
        if way_out is not None:
            stack.callback(way_out.close)
        ours, theirs = socket.socketpair()
        stack.callback(ours.close)
        with theirs, _Pipe() as output, _Pipe() as report:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@qq", 1, 0))
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)  # so that messages say which process sends them
            asked = {"kind": "project", "folder": str(folder), "limits": asdict(limits)}
            if way_out is not None:
                asked["way_out"] = str(folder / _WAY_OUT)
            warm_process.send(json.dumps(asked).encode(), theirs.fileno(), output.write_end, report.write_end)
            forked = Forked(ours, output.keep(), report.keep(), folder, way_out)
        stack.pop_all()
        return forked


class _Pipe:
    """A pipe whose end for writing is closed with the block, and the other one unless it is kept."""

    def __enter__(self) -> "_Pipe":
        self._read_end, self.write_end = os.pipe()
        self._is_kept = False
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self.write_end)
        if not self._is_kept:
            os.close(self._read_end)

    def keep(self) -> int:
        """Return the end for reading, which stays open."""
        self._is_kept = True
        return self._read_end


def _remove(folder: Path) -> None:
    """Remove the folder with whatever code of a project has made in it."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:  # folders in folders, a thousand deep
        command = ["rm", "-rf", "--", str(folder)]
        subprocess.run(command, check=False, stdin=subprocess.DEVNULL)  # noqa: S603  the folder is ours


def _how(exit_code: int) -> str:
    if exit_code == LOOP_STOPPED:
        return "its code stopped the event loop that activities run on"
    return f"killed by signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
