"""What Temporal's visibility store says of a project's runs. It is a second or two behind the runs themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import InvalidRequestError
from workerhost.model import Project
from workerhost.runtime.builds.runner import MARKER
from workerhost.runtime.executions.execution import status_of
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.store.moves import MovedRun
from workerhost.words import BuildId, ExecutionStatus, RunId, WorkflowId

LIST_TIMEOUT = timedelta(minutes=2)
"""How long listing many runs may take."""

RUNS_IN_A_QUERY = 100


@dataclass(frozen=True)
class Run:
    """One run of a workflow."""

    workflow_id: WorkflowId
    run_id: RunId
    workflow_type: str
    status: ExecutionStatus


class Visibility:
    """Queries about runs. Safe to use from any thread; every call may block.

    Every call raises `TemporalUnavailableError` where the server does not answer.
    """

    def __init__(self, temporal: TemporalConnection) -> None:
        self._temporal = temporal

    def is_open(self, project: Project, build_id: BuildId) -> bool:
        """Tell whether runs are open whose history names a build."""

        async def count(client: Client) -> bool:
            found = await client.count_workflows(open_query(project, build_id), rpc_timeout=RPC_TIMEOUT)
            return found.count > 0

        return self._temporal.call(count)

    def open_runs(self, project: Project, build_id: BuildId, moved: Sequence[MovedRun]) -> list[Run]:
        """Return the open runs that are on a build now."""
        elsewhere: Mapping[str, BuildId] = {run.run_id: run.to_build for run in moved}
        builds = {build_id, *(run.from_build for run in moved if run.to_build == build_id)}

        async def list_all(client: Client) -> list[Run]:
            found: dict[str, Run] = {}
            for build in sorted(builds):
                async for each in client.list_workflows(open_query(project, build), rpc_timeout=LIST_TIMEOUT):
                    if elsewhere.get(each.run_id, build) == build_id:
                        found[each.run_id] = run_of(each)
            return list(found.values())

        return self._temporal.call(list_all, LIST_TIMEOUT.total_seconds())

    def gone(self, moved: Sequence[MovedRun]) -> list[MovedRun]:
        """Return those of the runs that Temporal keeps no more, neither open nor closed."""

        async def find(client: Client) -> list[MovedRun]:
            listed = await list_run_ids(client, moved)
            missing = [run for run in moved if run.run_id not in listed]
            return [run for run in missing if not await _exists(client, run)]

        return self._temporal.call(find, LIST_TIMEOUT.total_seconds())

    def all_open_runs(self, project: Project, most: int) -> list[Run]:
        """Return open runs of the project on all builds, at most `most` of them."""
        return self._list(f"{of_project(project)} AND ExecutionStatus = 'Running'", most)

    def recent_runs(self, project: Project, workflow_type: str, most: int) -> list[Run]:
        """Return the runs of a workflow type that ended last, at most `most` of them."""
        closed = f"ExecutionStatus != 'Running' AND WorkflowType = {literal(workflow_type)}"
        return self._list(f"{of_project(project)} AND {closed}", most) if most else []

    def _list(self, query: str, most: int) -> list[Run]:
        async def list_some(client: Client) -> list[Run]:
            runs = client.list_workflows(query, limit=most, rpc_timeout=LIST_TIMEOUT)
            return [run_of(each) async for each in runs]

        return self._temporal.call(list_some, LIST_TIMEOUT.total_seconds())


def is_writable(text: str) -> bool:
    """Tell whether Temporal's query language can write a text: it cannot where that holds a quote or a backslash."""
    return "'" not in text and "\\" not in text


def literal(text: str) -> str:
    """Return the text as a string of Temporal's query language.

    Raises:
        InvalidRequestError: the text holds a quote or a backslash, which that language cannot write.
    """
    if not is_writable(text):
        raise InvalidRequestError(
            f"executions cannot be listed by the name {text}, since it holds quotes or backslashes"
        )
    return f"'{text}'"


def of_project(project: Project) -> str:
    """Return the query for all runs of a project."""
    return f"TaskQueue = {literal(project.task_queue)}"


def open_query(project: Project, build_id: BuildId) -> str:
    """Return the query for the open runs of a project whose history names a build."""
    build = f"TemporalChangeVersion = {literal(MARKER + build_id)}"
    return f"{of_project(project)} AND ExecutionStatus = 'Running' AND {build}"


async def list_run_ids(client: Client, runs: Sequence[MovedRun], condition: str = "") -> set[str]:
    """Return the run ids of those runs that Temporal lists, and that a condition in front of them admits."""
    listed: set[str] = set()
    for begin in range(0, len(runs), RUNS_IN_A_QUERY):
        ids = ", ".join(literal(run.run_id) for run in runs[begin : begin + RUNS_IN_A_QUERY])
        async for each in client.list_workflows(f"{condition}RunId IN ({ids})", rpc_timeout=LIST_TIMEOUT):
            listed.add(each.run_id)
    return listed


async def _exists(client: Client, run: MovedRun) -> bool:
    try:
        await client.get_workflow_handle(run.workflow_id, run_id=run.run_id).describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


def run_of(described: WorkflowExecution) -> Run:
    """Return the run that Temporal describes or lists."""
    return Run(WorkflowId(described.id), RunId(described.run_id), described.workflow_type, status_of(described))
