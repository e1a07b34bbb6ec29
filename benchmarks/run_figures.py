"""How long it takes to see what one run has done."""

import uuid
from collections.abc import Callable

from measure import Figure, Options, Rest, latency, milliseconds

LONG_RUN = '''
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def one(number: int) -> int:
    return number


@workflow.defn
class LongRun:
    """Has six events for each activity."""

    @workflow.run
    async def run(self, count: int) -> None:
        for number in range(count):
            await workflow.execute_activity(one, number, start_to_close_timeout=timedelta(seconds=10))
'''

ACTIVITIES = 1665
"""Of a run of 10,000 events."""


def steps(rest: Rest, options: Options) -> list[Figure]:
    """The first page of the steps of a run of 10,000 events, and of its history."""
    project = f"steps-{uuid.uuid4().hex[:8]}"
    rest.put_project(project, "long", "1", LONG_RUN)
    rest.start(project)
    begun = rest.call("POST", f"/projects/{project}/executions", {"workflowType": "LongRun", "args": [ACTIVITIES]})
    path = f"/projects/{project}/executions/{begun['workflowId']}"
    while rest.call("GET", f"{path}?wait=30")["status"] == "RUNNING":
        pass
    figures = []
    for part in ("steps", "history"):
        took = milliseconds(lambda _: rest.call("GET", f"{path}/{part}"), range(options.count(100)), part)  # noqa: B023
        figures.append(latency(f"first page of the {part} of a run of 10,000 events", took, p50=100))
    return figures


RUN_FIGURES: dict[str, Callable[[Rest, Options], list[Figure]]] = {"steps": steps}
