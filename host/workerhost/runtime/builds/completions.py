"""What a completion of a workflow task says, and why a run left the cache.

The messages are those of `temporalio.bridge.proto`, as in `runner`.
"""

from temporalio.bridge.proto.workflow_activation import RemoveFromCache
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from workerhost.runtime.observing.watched_runs import CLOSING_COMMANDS


def closing_command(completion: WorkflowActivationCompletion) -> str | None:
    """Return the name of the command that ends the run, or None where it goes on."""
    for command in completion.successful.commands:
        kind = command.WhichOneof("variant")
        if kind in CLOSING_COMMANDS:
            return str(kind)
    return None


def is_nondeterminism(reason: RemoveFromCache) -> bool:
    """Tell whether a run left the cache because its history does not fit its code."""
    return reason.reason == RemoveFromCache.EvictionReason.NONDETERMINISM
