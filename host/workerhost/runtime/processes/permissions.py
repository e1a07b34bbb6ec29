"""What the workflows of a project may do beyond it: commands that touch the queues and runs of others are refused."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from temporalio.api.enums.v1 import WorkflowIdReusePolicy
from temporalio.bridge.proto.common import NamespacedWorkflowExecution
from temporalio.bridge.proto.workflow_commands import StartChildWorkflowExecution, WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from workerhost.runtime.temporal.run_owners import OwnedRun

MOST_OTHER_RUNS = 1000
"""Runs that one task may signal, cancel or replace by their ids, since Temporal is asked whose each of them is."""

NO_RUN = "00000000-0000-4000-8000-000000000000"
"""A run id that nobody has: what is sent to it is answered as what is sent to an id that nobody has."""


class NotPermittedError(Exception):
    """A workflow does something beyond its project; its task fails with this sentence, and is tried again."""


@dataclass(frozen=True)
class Deed:
    """What one command does to something that may be another project's."""

    what: str
    """For sentences: it …"""
    task_queue: str = ""
    """That it sends something to; empty for the project's own, or none."""
    namespace: str = ""
    """Of that; empty for the project's own."""
    target: NamespacedWorkflowExecution | None = None
    """In the command, the run that it touches."""
    child: StartChildWorkflowExecution | None = None
    """In the command, the child that replaces a run."""

    @property
    def workflow_id(self) -> str:
        """Of the run that it touches; empty for none."""
        touched = self.target or self.child
        return touched.workflow_id if touched is not None else ""

    def narrow(self, run: OwnedRun | None) -> None:
        """Have the command touch no run but the one that was asked for, unless that is open.

        It may be a while until the server gets it, and another project may have taken the id by then.
        """
        if run is not None and run.is_open:
            return
        if self.target is not None and not self.target.run_id:
            self.target.run_id = run.run_id if run is not None else NO_RUN
        if self.child is not None:
            self.child.workflow_id_reuse_policy = WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE


@dataclass(frozen=True)
class Permissions:
    """Looks at what workflows do. Safe to use from any thread."""

    project_id: str
    namespace: str
    task_queue: str
    others: frozenset[str]
    """Task queues of others that they may use, with the runs that are on these."""
    runs_of: Callable[[Collection[str]], Mapping[str, OwnedRun]]
    """Returns the latest runs by workflow id, without ids that nobody has; blocks."""

    def check_queues(self, completion: WorkflowActivationCompletion) -> list[Deed]:
        """Look at what a workflow does in one task, and return what it does to runs, for `check_runs`.

        That a signal to a child by the child's id reaches no other run, the server sees to:
        https://github.com/temporalio/temporal/blob/main/service/history/api/signalworkflow/api.go

        Raises:
            NotPermittedError: it does what it may not.
        """
        deeds = [deed for command in completion.successful.commands for deed in _deeds(command)]
        for deed in deeds:
            if deed.task_queue not in {"", self.task_queue, *self.others} or deed.namespace not in ("", self.namespace):
                raise self._refusal(deed)
        return [deed for deed in deeds if deed.workflow_id]

    def check_runs(self, deeds: Sequence[Deed]) -> None:
        """Ask Temporal whose the runs are to which a workflow does something, and keep it to these. Blocks.

        Raises:
            NotPermittedError: it does what it may not.
            TemporalUnavailableError: it cannot be found out.
        """
        touched = {deed.workflow_id for deed in deeds}
        if len(touched) > MOST_OTHER_RUNS:
            raise NotPermittedError(
                f"it signals or cancels {len(touched)} runs in one task; {MOST_OTHER_RUNS} are possible"
            )
        runs = self.runs_of(touched) if touched else {}
        for deed in deeds:
            run = runs.get(deed.workflow_id)
            if run is not None and run.task_queue not in {self.task_queue, *self.others}:
                raise self._refusal(deed)
            deed.narrow(run)

    def _refusal(self, deed: Deed) -> NotPermittedError:
        return NotPermittedError(
            f"it {deed.what}, which is not its project's; to allow that, name the task queue in the setting "
            f"otherTaskQueues of project {self.project_id}"
        )


def _deeds(command: WorkflowCommand) -> Iterator[Deed]:
    if command.HasField("schedule_activity"):
        activity = command.schedule_activity
        yield Deed(f"runs activity {activity.activity_type} on task queue {activity.task_queue}", activity.task_queue)
    elif command.HasField("start_child_workflow_execution"):
        child = command.start_child_workflow_execution
        replaces = WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING
        yield Deed(
            f"starts workflow {child.workflow_type} on task queue {child.task_queue}", child.task_queue, child.namespace
        )
        if child.workflow_id_reuse_policy == replaces:
            yield Deed(f"ends run {child.workflow_id}", child=child)
    elif command.HasField("continue_as_new_workflow_execution"):
        queue = command.continue_as_new_workflow_execution.task_queue
        yield Deed(f"continues on task queue {queue}", queue)
    elif command.HasField("signal_external_workflow_execution"):
        if command.signal_external_workflow_execution.HasField("workflow_execution"):
            target = command.signal_external_workflow_execution.workflow_execution
            yield Deed(f"signals run {target.workflow_id}", namespace=target.namespace, target=target)
    elif command.HasField("request_cancel_external_workflow_execution"):
        target = command.request_cancel_external_workflow_execution.workflow_execution
        yield Deed(f"cancels run {target.workflow_id}", namespace=target.namespace, target=target)
    elif command.HasField("schedule_nexus_operation"):
        endpoint = command.schedule_nexus_operation.endpoint
        # A server names endpoints apart from task queues, so that no queue's name says whose this is.
        yield Deed(f"calls Nexus endpoint {endpoint}", namespace=f"of {endpoint}")
