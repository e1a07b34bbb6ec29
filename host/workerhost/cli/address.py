"""Where the service is: where the user says, or the `workerhost dev` of this folder, or the usual port."""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from pydantic import BaseModel, ValidationError

from workerhost.settings import load_settings

FILE = "dev.json"
"""What `workerhost dev` writes into its data folder while it runs."""
VARIABLE = "WORKERHOST_URL"
SAME_START_SECONDS = 10.0
"""How far apart two readings of when a process began may be, since the machine's clock may be set in between."""


@dataclass(frozen=True)
class ServiceAddress:
    """The address of a service.

    Attributes:
        url: of its API.
        found: a sentence without its end that says where the address comes from, for the reader of an error.
    """

    url: str
    found: str


class _Listening(BaseModel):
    """What the file says: where a `dev` listens, and which process it is."""

    url: str
    pid: int
    started: float

    @property
    def is_alive(self) -> bool:
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started) < SAME_START_SECONDS
            return is_same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


@contextlib.contextmanager
def told_in(folder: Path, url: str) -> Iterator[None]:
    """Have commands that are called in or below the parent of `folder` find the service of this process.

    Args:
        folder: the data folder of a `dev`; it must exist.
        url: of the service.
    """
    path = folder / FILE
    written = _Listening(url=url, pid=os.getpid(), started=psutil.Process().create_time())
    part = path.with_suffix(".part")
    part.write_text(written.model_dump_json() + "\n", encoding="utf-8")
    part.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def service_address(given: str | None) -> ServiceAddress:
    """Return where the service is: the first that is there of `--url`, WORKERHOST_URL, a `dev`, and the usual port.

    Args:
        given: what `--url` says.

    Raises:
        ConfigurationError: a setting does not fit.
    """
    if given:
        return ServiceAddress(given, "--url names it")
    if url := os.environ.get(VARIABLE):
        return ServiceAddress(url, f"{VARIABLE} names it")
    settings = load_settings()
    tried = []
    for folder in _data_folders(settings.data_dir):
        listening = _read(folder / FILE)
        if listening and listening.is_alive:
            return ServiceAddress(listening.url, f"the `workerhost dev` of {folder} listens there")
        if listening:
            tried.append(f"the `workerhost dev` of {folder} was killed")
    place = "; ".join(tried) or f"no `workerhost dev` runs in {Path.cwd()} or a folder above it"
    return ServiceAddress(
        f"http://127.0.0.1:{settings.port}",
        f"there is no --url and no {VARIABLE}, {place}, so this machine's port {settings.port} was tried; "
        "`workerhost dev` starts a service",
    )


def _data_folders(data_dir: Path) -> Iterator[Path]:
    """Yield where a `dev` may have its data that was started here, or in a folder above."""
    with contextlib.suppress(OSError):  # the folder that this process stands in may be gone
        here = Path.cwd()
        places = [here] if data_dir.is_absolute() else [here, *here.parents]
        yield from (place / data_dir for place in places)


def _read(path: Path) -> _Listening | None:
    try:
        if path.stat().st_uid not in (0, os.getuid()):
            return None  # somebody else's file in a folder above must not say where code is sent
        return _Listening.model_validate(json.loads(path.read_bytes()))
    except (OSError, ValueError, ValidationError):
        return None
