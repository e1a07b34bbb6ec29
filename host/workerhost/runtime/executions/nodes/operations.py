"""What callers ask of the nodes of runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from workerhost.drawing import NodeLine
from workerhost.errors import ConflictError, NotFoundError, RefusedByCodeError
from workerhost.model import Project
from workerhost.runtime.executions.execution import Execution
from workerhost.runtime.executions.history.operations import Histories
from workerhost.runtime.executions.history.step import shortened_step
from workerhost.runtime.executions.messages import Messages
from workerhost.runtime.executions.nodes.node import NodeOfRun, Passing, nodes_of, read_passings
from workerhost.runtime.types.build_types import TypesOfBuilds
from workerhost.store import Store
from workerhost.words import HOST_MESSAGES, BuildId, MessageKind, WorkflowId

QUERY = f"{HOST_MESSAGES}nodes"
"""The query with which a run is asked which nodes it has passed that are no steps."""

ANSWER_TIMEOUT = timedelta(seconds=3)
"""How long a worker has for it: what the history says is shown all the same."""

MOST_STEPS = 10_000
"""Steps of a run that are read."""

MOST_PASSED = 1000
"""As many nodes a run remembers; where it names so many, there may have been others."""


@dataclass(frozen=True)
class NodesOfRun:
    """The nodes that a run came to."""

    nodes: Sequence[NodeOfRun]
    is_complete: bool
    """False where there may be more: the run could not be asked, or has more steps than are read."""


class NodeLists:
    """Nodes of the runs of projects. Safe to use from any thread; every call may block.

    Args:
        store: has the drawings that builds were made of.
        types: of the builds.
        histories: of the runs.
        messages: ask the runs.
    """

    def __init__(self, store: Store, types: TypesOfBuilds, histories: Histories, messages: Messages) -> None:
        self._store = store
        self._types = types
        self._histories = histories
        self._messages = messages

    def of_run(self, project: Project, workflow_id: WorkflowId) -> NodesOfRun:
        """Return the nodes that the latest run of that workflow id came to, in the order in which it came to them.

        Long values are cut. Where no worker answers, nodes that are no steps are missing.

        Raises:
            NotFoundError: the project has no such execution.
            TemporalUnavailableError: the server does not answer.
        """
        run, steps, has_all = self._histories.whole(project, workflow_id, MOST_STEPS)
        build_id = self._store.moves.target(project.id, run.run_id) or run.build_id
        passed = self._passed(project, run, build_id)
        found = nodes_of(steps, passed or {}, self._drawn(project, run, build_id))
        shown = [replace(each, last=shortened_step(each.last)) if each.last else each for each in found]
        return NodesOfRun(shown, has_all and passed is not None and len(passed) < MOST_PASSED)

    def _passed(self, project: Project, run: Execution, build_id: BuildId | None) -> Mapping[str, Passing] | None:
        """Return what the run says of nodes that it has passed; None where it cannot be asked now."""
        known = self._types.known(project.id, build_id) if build_id else None
        workflow = known.workflow(run.workflow_type) if known else None
        if workflow and QUERY not in [each.name for each in workflow.messages.get(MessageKind.QUERY, ())]:
            return {}  # code that was not drawn: its steps are all that there is
        try:
            answer = self._messages.query(
                project, run.workflow_id, QUERY, (), checked=False, answer_within=ANSWER_TIMEOUT
            )
        except (ConflictError, NotFoundError, RefusedByCodeError):
            return None  # no worker is there, or the run cannot answer now
        return read_passings(answer)

    def _drawn(self, project: Project, run: Execution, build_id: BuildId | None) -> Sequence[NodeLine]:
        """Return the nodes of the drawing; a drawn workflow has the name of its workflow type."""
        versions = self._store.builds.versions(project.id, build_id) if build_id else {}
        version = versions.get(run.workflow_type)
        return self._store.workflows.map(project.id, run.workflow_type, version) if version else ()
