"""Counts what a workflow task does as Temporal Cloud counts actions: https://docs.temporal.io/cloud/actions

Attempts of activities and their heartbeats are counted where activities run.
"""

from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

OF_SCHEDULE = 2
"""Actions of a schedule that starts a run, beside that of the start."""

_SCHEDULED_BY = "TemporalScheduledById"
"""The search attribute of runs that a schedule has started."""

_JOBS = frozenset({"signal_workflow", "do_update", "query_workflow", "update_random_seed"})
"""The last of these comes to a run that a reset has made."""

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
        if activation.is_replaying or not completion.HasField("successful"):
            return sum(job.HasField("query_workflow") for job in activation.jobs)
        actions = sum(_of_job(job) for job in activation.jobs)
        if any(job.HasField("update_random_seed") for job in activation.jobs):  # what begins anew was counted before
            actions -= sum(job.HasField("initialize_workflow") for job in activation.jobs)
        commands = [command.WhichOneof("variant") for command in completion.successful.commands]
        actions += sum(kind in _COMMANDS for kind in commands)
        ends_local = any(job.HasField("resolve_activity") and job.resolve_activity.is_local for job in activation.jobs)
        if (ends_local or "set_patch_marker" in commands) and self._marked_at != activation.history_length:
            self._marked_at = activation.history_length
            actions += 1
        return actions


def _of_job(job: WorkflowActivationJob) -> int:
    if job.HasField("initialize_workflow"):
        return 1 + OF_SCHEDULE * (_SCHEDULED_BY in job.initialize_workflow.search_attributes.indexed_fields)
    return job.WhichOneof("variant") in _JOBS
