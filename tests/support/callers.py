"""A workflow that calls whatever activity a test names."""

from typing import Any

from workerhost.testing import Api

CALLER = '''
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy


@workflow.defn
class Caller:
    """Calls any activity, three times at most, and returns what it returns."""

    @workflow.run
    async def run(self, name: str, args: list) -> object:
        return await workflow.execute_activity(
            name,
            args=args,
            start_to_close_timeout=timedelta(seconds=20),
            heartbeat_timeout=timedelta(seconds=5),
            retry_policy=RetryPolicy(maximum_attempts=3, initial_interval=timedelta(milliseconds=10)),
        )
'''


def call(api: Api, project_id: str, activity: str, *args: Any) -> Any:
    """Have the workflow of a project call an activity, and return what comes of it."""
    return api.run(project_id, "Caller", activity, list(args))
