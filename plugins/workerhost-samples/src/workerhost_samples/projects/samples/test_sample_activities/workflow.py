"""A workflow that tries every sample activity that needs no network."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

EMAIL = {
    "data": "test@example.com",
    "rules": {"type": "string", "pattern": r"^[\w-\.]+@([\w-]+\.)+[\w-]{2,4}$"},
}


@workflow.defn(name="testSampleActivities")
class TestSampleActivities:
    """Calls six activities, one after another, and returns what four of them answer."""

    @workflow.run
    async def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Try the activities with `testMessage` of `request`."""
        message = request.get("testMessage")
        if not isinstance(message, str):
            raise ApplicationError("testMessage is required and is a text", non_retryable=True)

        await call("logMessage", {"level": "info", "message": "Trying the sample activities", "data": request})
        sample_result = await call("sampleActivity", {"message": message})
        build_result = await call("buildPackage", {"packageName": "test-package", "version": "1.0.0"})
        transform_result = await call("transformData", {"data": "hello world", "transformation": "uppercase"})
        validation_result = await call("validateData", EMAIL)
        await call("waitFor", {"milliseconds": 500, "reason": "to try a wait"})
        return {
            "sampleResult": sample_result,
            "buildResult": build_result,
            "transformResult": transform_result,
            "validationResult": validation_result,
        }


async def call(activity: str, argument: dict[str, Any]) -> Any:
    """Run the activity of that name, three times at most."""
    return await workflow.execute_activity(
        activity,
        argument,
        start_to_close_timeout=timedelta(seconds=30),
        heartbeat_timeout=timedelta(seconds=30),
        retry_policy=RetryPolicy(maximum_attempts=3),
    )
