"""Counts what a workflow task does as Temporal Cloud counts actions: https://docs.temporal.io/cloud/actions

Attempts of activities and their heartbeats are counted where activities run.
"""

from temporalio.bridge.proto.workflow_activation import InitializeWorkflow, WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

OF_SCHEDULE = 2
"""Actions of a schedule that starts a run, beside that of the start."""

_SCHEDULED_BY = "TemporalScheduledById"
"""The search attribute of runs that a schedule has started."""

_JOBS = frozenset({"signal_workflow", "do_update", "query_workflow"})
_COMMANDS = frozenset(
    {
        "start_timer",
        "start_child_workflow_execution",
        "upsert_workflow_search_attributes",
        "schedule_nexus_operation",
        "request_cancel_nexus_operation",
    }
)


class ActionCount:
    """Counts the actions of one run. Used by one thread at a time.

    A workflow task may be several activations, as long as local activities run. It counts one action for all markers
    that it records: of local activities, of patches, and of the run's build.
    """

    __slots__ = ("_marked_at",)

    def __init__(self) -> None:
        self._marked_at = -1
        """The length of the history at the last workflow task that has recorded a marker."""

    def of(self, activation: WorkflowActivation, completion: WorkflowActivationCompletion) -> int:
        """Return the actions of an activation that was worked on.

        Those of a replay are none, apart from queries. A task that has failed is tried again, and counts then.

        Args:
            activation: what was new for the run.
            completion: what its code did.
        """
        is_new = not activation.is_replaying and completion.HasField("successful")
        actions, records_marker = 0, False
        for job in activation.jobs:
            kind = job.WhichOneof("variant")
            if kind == "query_workflow":
                actions += 1
            elif not is_new:
                continue
            elif kind in _JOBS:
                actions += 1
            elif kind == "initialize_workflow":
                actions += _of_start(job.initialize_workflow)
            elif kind == "resolve_activity" and job.resolve_activity.is_local:
                records_marker = True
        if not is_new:
            return actions
        for command in completion.successful.commands:
            kind = command.WhichOneof("variant")
            if kind in _COMMANDS:
                actions += 1
            elif kind == "set_patch_marker":
                records_marker = True
        if records_marker and self._marked_at != activation.history_length:
            self._marked_at = activation.history_length
            actions += 1
        return actions


def _of_start(began: InitializeWorkflow) -> int:
    return 1 + OF_SCHEDULE * (_SCHEDULED_BY in began.search_attributes.indexed_fields)
