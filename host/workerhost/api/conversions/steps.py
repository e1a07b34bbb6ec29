"""Steps of runs."""

from workerhost.answers import StepInfo
from workerhost.api.conversions.executions import failure_info, given
from workerhost.runtime.executions.history.step import Step
from workerhost.words import StepStatus


def step_info(step: Step) -> StepInfo:
    """Return a step as the API shows it, with `result` where it completed."""
    outcome = {"result": step.result} if step.status == StepStatus.COMPLETED else {}
    return StepInfo(
        id=step.id,
        kind=step.kind,
        name=step.name,
        **given(label=step.label, node=step.node),
        status=step.status,
        attempt=step.attempt,
        input=tuple(step.input),
        **outcome,
        scheduled_at=step.scheduled_at,
        **given(
            failure=failure_info(step.failure),
            started_at=step.started_at,
            closed_at=step.closed_at,
            next_attempt_at=step.next_attempt_at,
            workflow_id=step.workflow_id,
            run_id=step.run_id,
        ),
    )
