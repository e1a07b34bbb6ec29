"""Steps of runs."""

from workerhost.answers import NodeInfo, NodeList, StepInfo
from workerhost.api.conversions.executions import failure_info, given
from workerhost.runtime.executions.history.step import Step
from workerhost.runtime.executions.nodes.node import NodeOfRun
from workerhost.runtime.executions.nodes.operations import NodesOfRun
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


def node_list(found: NodesOfRun) -> NodeList:
    """Return the nodes that a run came to, as the API shows them."""
    return NodeList(nodes=tuple(map(_node_info, found.nodes)), complete=found.is_complete)


def _node_info(node: NodeOfRun) -> NodeInfo:
    last = node.last
    outcome = {"result": last.result} if last and last.status == StepStatus.COMPLETED else {}
    return NodeInfo(
        node=node.node,
        **given(label=node.label or None, type=node.type or None),
        status=node.status,
        attempts=node.attempts,
        times=node.times,
        **given(
            scheduled_at=last.scheduled_at if last else node.first_at,
            started_at=last.started_at if last else None,
            closed_at=last.closed_at if last else None,
            input=tuple(last.input) if last else None,
        ),
        **outcome,
        **given(failure=failure_info(last.failure if last else None)),
        steps=tuple(node.steps),
    )
