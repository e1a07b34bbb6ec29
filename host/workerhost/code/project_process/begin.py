"""The first that a project process does, before any code of the project is in it."""

import contextlib
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from workerhost.code.project_process.messages import HostConnection
from workerhost.code.project_process.server import serve
from workerhost.code.sealing.seal import Limits, seal
from workerhost.code.sealing.users import OwnUser

OUT_OF_MEMORY_SCORE = 500
"""How much sooner than other processes the kernel ends this one where the machine has no memory left: 1000 is most."""


def run_project(
    asked: Mapping[str, Any], connection: socket.socket, output: int, readable: Iterable[Path], user: OwnUser
) -> None:
    """Seal this process, and execute what the host asks for until it hangs up.

    Args:
        asked: `folder` for temporary files, `limits` as `Limits` has them, and `way_out`, the path of the socket of a
            proxy, where the process may reach the network.
        connection: to the host.
        output: a pipe for what is printed and logged.
        readable: files and folders that the process may read.
        user: whom the process runs as, where the host is root.
    """
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)
    sys.stdout, sys.stderr = _text(1), _text(2)
    os.environ.pop("PYTHONPATH", None)  # what it names is on the path already
    os.environ["HOME"] = asked["folder"]
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(OUT_OF_MEMORY_SCORE))
    way_out = Path(asked["way_out"]) if "way_out" in asked else None
    seal(Limits(**asked["limits"]), readable, Path(asked["folder"]), user, way_out)
    serve(HostConnection(connection))


def _text(descriptor: int) -> TextIO:
    return os.fdopen(descriptor, "w", buffering=1, errors="backslashreplace", closefd=False)
