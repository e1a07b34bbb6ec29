"""The shortest workflow: one activity."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy


@workflow.defn(name="simpleTestWorkflow")
class SimpleTestWorkflow:
    """Answers a message with what `sampleActivity` makes of it."""

    @workflow.run
    async def run(self, message: str) -> str:
        """Process `message`."""
        answer: str = await workflow.execute_activity(
            "sampleActivity",
            {"message": message},
            result_type=str,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(maximum_attempts=3),
        )
        return answer
