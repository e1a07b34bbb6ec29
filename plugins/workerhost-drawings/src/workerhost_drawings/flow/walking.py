"""Ways through the flows of a program."""

from collections.abc import Iterator

from workerhost_drawings.flow.steps import Deadline, Flow, ForEach, Listen, Parallel, Step, Try, While


def inner_flows(step: Step) -> tuple[Flow, ...]:
    """Return the flows within a step, in the order in which they stand."""
    if isinstance(step, ForEach | While | Deadline):
        return (step.body,)
    if isinstance(step, Parallel):
        return tuple(each.flow for each in step.branches)
    if isinstance(step, Try):
        return (step.body, step.handler) if step.handler else (step.body,)
    if isinstance(step, Listen) and step.each:
        return (step.each,)
    return ()


def all_flows(flow: Flow) -> Iterator[Flow]:
    """Yield a flow and every flow within it."""
    yield flow
    for step in flow.steps:
        for inner in inner_flows(step):
            yield from all_flows(inner)


def all_steps(flow: Flow) -> Iterator[Step]:
    """Yield the steps of a flow and of every flow within it."""
    for each in all_flows(flow):
        yield from each.steps
