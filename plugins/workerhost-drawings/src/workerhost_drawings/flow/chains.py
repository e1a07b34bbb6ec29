"""Steps that follow each other."""

from typing import Any

from workerhost_drawings.flow.steps import Deadline, Flow, Step


def chained(*steps: Step) -> tuple[Step, ...]:
    """Return steps that follow each other.

    A branch goes on behind the step that follows it where that is what its case names; an error has nothing behind it.
    """
    chain = []
    for step, after in zip(steps, (*steps[1:], None), strict=True):
        behind = after
        if step.kind == "branch" and after is not None and step.cases[0].next == after.id:
            behind = next((each for each in steps[steps.index(after) + 1 :]), None)
        closed = behind is None or step.kind in ("raise", "end")
        chain.append(step if closed or behind is None else step.model_copy(update={"next": behind.id}))
    return tuple(chain)


def leading(steps: tuple[Step, ...], target: str | None) -> tuple[Step, ...]:
    """Return steps with those that lead nowhere leading to a target."""
    if target is None:
        return steps
    return tuple(
        step if step.next is not None or step.kind in ("raise", "end") else step.model_copy(update={"next": target})
        for step in steps
    )


def preceded(flow: Flow, steps: tuple[Step, ...]) -> Flow:
    """Return a flow with steps before it."""
    return flow.model_copy(update={"start": steps[0].id, "steps": [*leading(steps, flow.start), *flow.steps]})


def timed(flow: Flow, deadline: dict[str, Any]) -> Flow:
    """Return a flow as the body of a deadline, of which the fields beside the body are given."""
    step = Deadline.model_validate({**deadline, "body": flow.model_copy(update={"result": None})})
    return Flow(start=step.id, steps=[step], result=flow.result)
