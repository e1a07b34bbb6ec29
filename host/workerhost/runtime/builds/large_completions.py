"""What a workflow does in one task, when that is more than Temporal takes in one message."""

from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

MOST_BYTES = 4 * 1024**2 - 64 * 1024
"""gRPC takes 4 MiB; the rest is for what the SDK adds: https://docs.temporal.io/self-hosted-guide/defaults"""


def refuse_large(completion: WorkflowActivationCompletion) -> WorkflowActivationCompletion:
    """Return the completion, or one that fails the run where the server would refuse it at each of endless tries."""
    size = completion.ByteSize()
    if size <= MOST_BYTES or any(each.HasField("respond_to_query") for each in completion.successful.commands):
        return completion
    refused = WorkflowActivationCompletion(run_id=completion.run_id)
    failure = refused.successful.commands.add().fail_workflow_execution.failure
    failure.message = (
        f"what one workflow task starts has {size / 1024**2:.1f} MiB of arguments together; Temporal takes 4 MiB"
    )
    failure.application_failure_info.type = "PayloadTooLarge"
    failure.application_failure_info.non_retryable = True
    return refused
