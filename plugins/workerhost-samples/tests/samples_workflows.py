"""A workflow for the tests, in a module that Temporal's sandbox can import by itself."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy


@workflow.defn(name="callActivity")
class CallActivity:
    """Calls one activity by its name, with whatever argument, once or until it succeeds."""

    @workflow.run
    async def run(self, name: str, argument: Any, attempts: int) -> Any:
        return await workflow.execute_activity(
            name,
            argument,
            start_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=timedelta(seconds=1),
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=attempts),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
