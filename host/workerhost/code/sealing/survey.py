"""What this machine gives to seal project code with, found out by trying it in a process that does nothing else."""

import contextlib
import json
import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workerhost.errors import ConfigurationError
from workerhost.words import IsolationKind

log = logging.getLogger(__name__)

SURVEY_SECONDS = 20
"""How long the process may take; it takes a tenth of a second on a machine that has nothing else to do."""


_PACKAGE = Path(__file__).parents[2]

_PROGRAM = """
import sys
from types import ModuleType

package = sys.modules["workerhost"] = ModuleType("workerhost")
package.__path__ = [sys.argv[1]]
from workerhost.code.sealing.survey_process import main

main()
"""
"""Imports the modules for sealing alone: all that the package brings along would take longer than the survey."""


@dataclass(frozen=True)
class MachineIsolation:
    """What of the means to seal code is given."""

    names: tuple[IsolationKind, ...]
    """Those that are, in the order of the words."""
    missing: Mapping[IsolationKind, str]
    """Of each that is not: a sentence that says why, and what the operator can do."""


_FOUND: list[MachineIsolation] = []
"""What was found in this process, or in the one that it was forked from: it stays so while kernel and container do."""

_FINDING = threading.Lock()
"""Whoever comes while one thread asks waits for its answer."""


def survey() -> MachineIsolation:
    """Return what this machine gives. Blocks for a tenth of a second where it is not known yet.

    May be called from any thread. Where the attempt itself fails, nothing is given.
    """
    with _FINDING:
        if not _FOUND:
            with surveying():
                pass
        return _FOUND[0]


@contextlib.contextmanager
def surveying() -> Iterator[None]:
    """Have it found out beside the block, in another process; `survey` answers at once afterwards."""
    attempt = _Attempt()
    try:
        yield
        _FOUND[:] = [attempt.result()]
    finally:
        attempt.close()


class _Attempt:
    """Owns the process that tries, and a folder for it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="workerhost-", ignore_cleanup_errors=True)
        self._process: subprocess.Popen[bytes] | None = None
        self._failure = ""
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter
                [sys.executable, "-P", "-c", _PROGRAM, str(_PACKAGE), self._folder.name],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
            )
        except OSError as error:
            self._failure = str(error)

    def result(self) -> MachineIsolation:
        """Wait for the end, and return what was found."""
        try:
            missing = self._missing()
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            missing = dict.fromkeys(IsolationKind, f"it could not be tried: {error}")
        return MachineIsolation(tuple(kind for kind in IsolationKind if kind not in missing), missing)

    def close(self) -> None:
        """End the process and remove the folder."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._folder.cleanup()

    def _missing(self) -> dict[IsolationKind, str]:
        if self._process is None:
            raise OSError(self._failure)
        answer, _ = self._process.communicate(timeout=SURVEY_SECONDS)
        if not answer:
            raise ValueError(f"what tries it ended with the exit code {self._process.returncode}")
        return {IsolationKind(kind): sentence for kind, sentence in json.loads(answer).items()}


def log_isolation(isolation: MachineIsolation) -> None:
    """Write a line that says what is given, and one for each that is not."""
    log.info("this machine seals code with: %s", ", ".join(isolation.names) or "nothing")
    for kind, sentence in isolation.missing.items():
        log.warning("this machine does not seal code with %s: %s", kind, sentence)


def require(required: Iterable[IsolationKind], isolation: MachineIsolation) -> None:
    """Refuse a machine that does not give what is required.

    Raises:
        ConfigurationError: the sentence names all that is missing, and what to do about each.
    """
    lacking = [f"{kind}: {isolation.missing[kind]}" for kind in required if kind in isolation.missing]
    if lacking:
        raise ConfigurationError(
            f"WORKERHOST_REQUIRE_ISOLATION asks for what this machine does not give: {'. '.join(lacking)}"
        )
