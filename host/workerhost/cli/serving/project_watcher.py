"""Watches a folder of projects: each is deployed, and published again when one of its files changes."""

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
import watchfiles

from workerhost.cli.output import short
from workerhost.client import ApiError, Client
from workerhost.drawing import DrawnWorkflow
from workerhost.errors import ConfigurationError
from workerhost.folders import holds_workflows, read_folder
from workerhost.model import WorkflowCode, is_valid_id

FIRST_LOOK_MS = 300
"""Milliseconds after which the folder is looked at once when watching begins, for what was saved just before."""
GATHER_MS = 50
"""Milliseconds without a change after which a change is published: an editor may write a file in several steps."""
END_SECONDS = 5.0

_Seen = Sequence[WorkflowCode | DrawnWorkflow] | str | None
"""What a project's folder held: its workflows, or why it could not be read."""


class ProjectWatcher:
    """Keeps a service's projects as the folders of a directory are. A context manager, for the thread that made it.

    The service must have the directory as its WORKERHOST_PROJECTS_DIR. Starting a project there publishes the code in
    its folder. Output goes to standard output.

    Args:
        client: of the service; used by the thread that watches, too.
        folder: holds one folder per project.
    """

    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._folder = folder
        self._projects: dict[str, _Project] = {}
        self._refused: set[str] = set()
        self._stopping = threading.Event()
        # A daemon, since a call that waits for the service must not hold up the end of the process.
        self._thread = threading.Thread(target=self._watch, name="projects", daemon=True)

    def __enter__(self) -> "ProjectWatcher":
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._thread.join(END_SECONDS)

    def _watch(self) -> None:
        is_first = True
        for changes in watchfiles.watch(
            self._folder,
            step=GATHER_MS,
            stop_event=self._stopping,
            rust_timeout=FIRST_LOOK_MS,
            yield_on_timeout=True,
        ):
            if (changes or is_first) and not self._stopping.is_set():
                self._look()
            is_first = False

    def _look(self) -> None:
        """Publish the projects whose code has changed since the last look."""
        try:
            present = self._present()
            for project_id in sorted(self._projects.keys() - present):
                click.echo(f"The folder of {project_id} is gone; the project goes on with its last build.")
                del self._projects[project_id]
            for project_id in sorted(present):
                self._update(self._projects.setdefault(project_id, _Project(self._client, self._folder / project_id)))
        except FileNotFoundError:
            pass  # a folder goes away while it is looked at, which is a change that is looked at next
        except OSError as error:
            click.echo(f"The projects in {self._folder} cannot be read: {error.strerror}")

    def _update(self, project: "_Project") -> None:
        try:
            project.update()
        except (ApiError, ConfigurationError) as error:
            if self._stopping.is_set():  # the service is about to end
                return
            goes_on = f"; build {short(project.build)}… goes on" if project.build else ""
            click.echo(f"{project.id} is not published{goes_on}:")
            problems = error.problems if isinstance(error, ApiError) else ()
            for reason in problems or (error,):
                click.echo(f"  {reason}")

    def _present(self) -> set[str]:
        """Return the names of the folders that are projects. Say once of each other one why it cannot be a project."""
        folders = self._folder.iterdir() if self._folder.is_dir() else ()
        names = {path.name for path in folders if holds_workflows(path)}
        valid = {name for name in names if is_valid_id(name)}
        for name in sorted(names - valid - self._refused):
            self._refused.add(name)
            click.echo(f"The folder {name} is no project: {name} is not a valid id.")
        return valid


class _Project:
    """A project's folder, and the code in it that was published last.

    Attributes:
        id: of the project.
        build: id of the build that its new runs take; None before the first publish.
    """

    def __init__(self, client: Client, folder: Path) -> None:
        self.id = folder.name
        self.build: str | None = None
        self._client = client
        self._folder = folder
        self._exists = False
        self._seen: _Seen = None
        self._left_out: Sequence[str] = ()

    def update(self) -> None:
        """Publish the folder's code if it has changed since the last call, and print that it was published.

        Raises:
            ApiError: the service refuses it.
            ConfigurationError: a file cannot be read.
        """
        before = self._seen
        try:
            found = read_folder(self._folder)
        except ConfigurationError as error:
            self._seen = str(error)
            if self._seen != before:
                raise
            return
        for sentence in found.left_out:
            if sentence not in self._left_out:
                click.echo(f"{self.id}: {sentence}")
        self._left_out = found.left_out
        self._seen = found.all
        if self._seen != before:
            self._publish(before)

    def _publish(self, before: _Seen) -> None:
        began = time.monotonic()
        try:
            if not self._exists:
                self._client.put_project(self.id)
                self.build = self._client.status(self.id).build_id
                self._exists = True
            answer = self._client.start(self.id)
            build = self._client.status(self.id).build_id
        except ApiError as error:
            if error.status == 503:  # that may pass, so the next change of any file tries again
                self._seen = before
            raise
        if build != self.build:
            self.build = build
            took = 1000 * (time.monotonic() - began)
            now = datetime.now().astimezone()
            click.echo(f"Published {self.id}: build {short(build)}… at {now:%H:%M:%S}, in {took:.0f} ms")
        if answer.status is not None:
            click.echo(answer.message)
