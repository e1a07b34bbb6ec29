"""What changes in a run, as it happens."""

import time
from collections.abc import Iterator

from workerhost.answers import ExecutionInfo, StepInfo
from workerhost.client import Client, NoServiceError

LOOK_SECONDS = 0.25
"""How long the service waits for the end of the run between two looks at its steps."""
AWAY_SECONDS = 30.0
"""How long a service may be away, for example while it is started again."""
SHARE = 5
"""How many times as long as a look took the pause after it is, so that long runs are looked at less often."""


def changes(client: Client, project_id: str, workflow_id: str) -> Iterator[StepInfo | ExecutionInfo]:
    """Yield the steps of a run and the run itself whenever they have changed, and all of them at first.

    The last value is the run as it has ended. A run that continues as new goes on with the next one. Belongs to one
    thread, and blocks between changes.

    Raises:
        ApiError: the service refuses to show the run.
        NoServiceError: no service answers for half a minute.
    """
    seen: dict[tuple[str, str], StepInfo] = {}
    last: ExecutionInfo | None = None
    answered = time.monotonic()
    while last is None or not last.has_ended:
        try:
            found = client.wait(project_id, workflow_id, LOOK_SECONDS if last else 0)
            began = time.monotonic()
            steps = list(client.steps(project_id, workflow_id))
        except NoServiceError:
            if time.monotonic() - answered > AWAY_SECONDS:
                raise
            time.sleep(LOOK_SECONDS)
            continue
        answered = time.monotonic()
        if found != last and not found.has_ended:
            yield found
        for step in steps:
            if seen.get((found.run_id, step.id)) != step:
                seen[found.run_id, step.id] = step
                yield step
        if found.has_ended:
            yield found
        else:
            time.sleep(SHARE * max(0, answered - began - LOOK_SECONDS))
        last = found
