"""What changes in a run, as it happens."""

from collections.abc import Iterator

from workerhost.answers import ExecutionInfo, StepInfo
from workerhost.client import Client


def changes(client: Client, project_id: str, workflow_id: str) -> Iterator[StepInfo | ExecutionInfo]:
    """Yield the steps of a run and the run itself whenever they have changed, and all of them at first.

    The last value is the run as it has ended. A run that continues as new goes on with the next one. Belongs to one
    thread, and blocks between changes.

    Raises:
        ApiError: the service refuses to show the run.
        NoServiceError: no service answers for half a minute.
    """
    has_ended = False
    while not has_ended:
        for change in client.watch(project_id, workflow_id):
            yield change
            has_ended = isinstance(change, ExecutionInfo) and change.has_ended
