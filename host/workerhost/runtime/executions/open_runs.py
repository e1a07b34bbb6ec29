"""How many runs of a project are open, by build and workflow type."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from temporalio.client import Client

from workerhost.model import DYNAMIC, Project
from workerhost.runtime.builds.runner import MARKER
from workerhost.runtime.executions.execution import build_of
from workerhost.runtime.executions.visibility import LIST_TIMEOUT, list_run_ids, literal, of_project, open_query
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.store.moves import MovedRun
from workerhost.words import BuildId

MOST_READ = 500
"""So many runs are read at most and counted here. To read one costs about a twentieth of what a question costs."""

BUILDS_AT_ONCE = 8
"""Builds whose runs Temporal is asked to count at the same time."""


class OpenRunCounter:
    """Counts open runs. Safe to use from any thread; every call may block.

    Args:
        temporal: the way to the visibility store, which is a second or two behind the runs themselves.
    """

    def __init__(self, temporal: TemporalConnection) -> None:
        self._temporal = temporal

    def count(
        self, project: Project, builds: Mapping[BuildId, Iterable[str]], moved: Sequence[MovedRun]
    ) -> dict[BuildId, dict[str, int]]:
        """Return how many runs of each build are open, by workflow type; builds without any have an empty answer.

        Args:
            project: whose runs are counted.
            builds: workflow types by id; those that most runs are on should come first.
            moved: runs that go on with another build than their history names.

        Raises:
            TemporalUnavailableError: the server does not answer.
        """

        async def count(client: Client) -> dict[BuildId, dict[str, int]]:
            found = await _Count(client, project, builds).all()
            open_ids = await list_run_ids(client, moved, "ExecutionStatus = 'Running' AND ")
            for run in (each for each in moved if each.run_id in open_ids):
                found.setdefault(run.from_build, Counter())[run.workflow_type] -= 1
                found.setdefault(run.to_build, Counter())[run.workflow_type] += 1
            return {build_id: {name: n for name, n in counted.items() if n > 0} for build_id, counted in found.items()}

        return self._temporal.call(count, LIST_TIMEOUT.total_seconds())


class _Count:
    """One count, by the builds that histories name. Lives on the client's loop."""

    def __init__(self, client: Client, project: Project, builds: Mapping[BuildId, Iterable[str]]) -> None:
        self._client = client
        self._project = project
        self._types = {build_id: set(types) for build_id, types in builds.items()}
        self._found: dict[BuildId, Counter[str]] = {build_id: Counter() for build_id in builds}

    async def all(self) -> dict[BuildId, Counter[str]]:
        """Have Temporal count build by build until few runs are left, and read these."""
        all_builds = list(self._types)
        for begin in range(0, len(all_builds), BUILDS_AT_ONCE):
            others = self._on_others(all_builds[:begin])
            left = await self._ask(others)
            if left <= MOST_READ:
                if left:
                    await self._read(others)
                break
            await asyncio.gather(*map(self._count_build, all_builds[begin : begin + BUILDS_AT_ONCE]))
        return self._found

    def _on_others(self, counted: Sequence[BuildId]) -> str:
        query = f"{of_project(self._project)} AND ExecutionStatus = 'Running' AND TemporalChangeVersion IS NOT NULL"
        markers = ", ".join(literal(MARKER + build_id) for build_id in counted)
        return f"{query} AND TemporalChangeVersion NOT IN ({markers})" if counted else query

    async def _read(self, query: str) -> None:
        async for run in self._client.list_workflows(query, rpc_timeout=LIST_TIMEOUT):
            build_id = build_of(run)
            if build_id in self._found:
                is_known = run.workflow_type in self._types[build_id]
                self._found[build_id][run.workflow_type if is_known else DYNAMIC] += 1

    async def _count_build(self, build_id: BuildId) -> None:
        query = open_query(self._project, build_id)
        total = await self._ask(query)
        named = [name for name in self._types[build_id] if name != DYNAMIC and "'" not in name]
        counts = await asyncio.gather(
            *(self._ask(f"{query} AND WorkflowType = {literal(each)}") for each in named if total)
        )
        by_type = dict(zip(named, counts, strict=False))
        self._found[build_id].update({**by_type, DYNAMIC: total - sum(by_type.values())})

    async def _ask(self, query: str) -> int:
        return (await self._client.count_workflows(query, rpc_timeout=RPC_TIMEOUT)).count
