"""`sampleActivity`: the smallest activity."""

from temporalio import activity

from workerhost_samples.camel_case import CamelCaseModel


class SampleInput(CamelCaseModel):
    """What to process."""

    message: str


@activity.defn(name="sampleActivity")
async def sample_activity(request: SampleInput) -> str:
    """Process a message."""
    return f"Processed: {request.message}"
