"""Finds out, from what a host still reaches, that others go on with its projects without it.

A host whose connections to the database have gone silent cannot learn what is deployed. As long as the database is away
for all hosts, nothing can be deployed. But where others still reach it, they take this host for dead, take its projects
over, and publish. Temporal knows: they leave word of the deployment there, they poll the project's task queue, and the
newest runs take builds that are not known here.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.client import Client
from temporalio.service import RPCError

from workerhost.errors import WorkerhostError
from workerhost.model import Deployment, Project
from workerhost.runtime.builds.worker_config import worker_identity
from workerhost.runtime.executions.execution import build_of
from workerhost.runtime.executions.stuck.pollers import list_pollers
from workerhost.runtime.executions.visibility import of_project
from workerhost.runtime.hosts.deployment_notice import read_notice
from workerhost.runtime.hosts.placement import replicas_of
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.store import WantedProject
from workerhost.words import BuildId

ASK_SECONDS = 0.7
"""How long Temporal may take: a workflow task waits for it, after it has waited for the database."""

FRESH_SECONDS = 1.0
"""How long an answer holds."""

NEWEST_RUNS = 10


class ReplacementCheck:
    """Safe to use from any thread; `find` blocks for at most `ASK_SECONDS`.

    Args:
        temporal: is asked.
        last_seen: returns a project as it was when the database was last looked at.
        silent_since: returns the time from which on others may have taken this host for dead.
    """

    def __init__(
        self,
        temporal: TemporalConnection,
        last_seen: Callable[[str], WantedProject | None],
        silent_since: Callable[[], datetime],
    ) -> None:
        self._temporal = temporal
        self._last_seen = last_seen
        self._silent_since = silent_since
        self._lock = threading.Lock()
        self._found: dict[str, tuple[float, str | None]] = {}

    def find(self, project_id: str, known: Deployment) -> str | None:
        """Say why this host must not give a new run of the project the build it knows, or return None.

        Args:
            project_id: the project.
            known: what is deployed, as far as this host knows.
        """
        now = time.monotonic()
        with self._lock:
            self._found = {key: each for key, each in self._found.items() if now - each[0] < FRESH_SECONDS}
            if project_id in self._found:
                return self._found[project_id][1]
        seen = self._last_seen(project_id)
        reason = self._ask(seen.project, known) if seen else None
        with self._lock:
            self._found[project_id] = now, reason
        return reason

    def _ask(self, project: Project, known: Deployment) -> str | None:
        since = self._silent_since()

        async def look(client: Client) -> str | None:
            revision, is_polled, taken = await asyncio.gather(
                read_notice(client, project.id, timedelta(seconds=ASK_SECONDS)),
                _is_polled_by_others(client, project, since),
                _builds_of_newest_runs(client, project, since),
            )
            if revision > known.revision:
                return "another one has deployed something else"
            # Other replicas poll at all times, also with the database away for everybody.
            if is_polled and replicas_of(project) == 1:
                return "another one has taken the project over"
            return f"new runs take build {min(unknown)}" if (unknown := taken - set(known.builds)) else None

        try:
            return self._temporal.call(look, ASK_SECONDS)
        except (WorkerhostError, RPCError):
            return None  # nobody can be asked, so runs go on


async def _is_polled_by_others(client: Client, project: Project, since: datetime) -> bool:
    kind, mine = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, worker_identity(project)
    pollers = await list_pollers(client, project, kind, timedelta(seconds=ASK_SECONDS))
    return any(each.identity != mine and each.last_access_time.ToDatetime(UTC) > since for each in pollers)


async def _builds_of_newest_runs(client: Client, project: Project, since: datetime) -> set[BuildId]:
    query = f"{of_project(project)} AND StartTime > '{since.isoformat()}'"
    runs = client.list_workflows(query, limit=NEWEST_RUNS, rpc_timeout=timedelta(seconds=ASK_SECONDS))
    return {build async for run in runs if (build := build_of(run)) is not None}
