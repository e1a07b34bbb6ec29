"""`sampleActivity`: the smallest activity."""

from temporalio import activity

from workerhost_samples.wire import WireModel


class SampleInput(WireModel):
    """What to process."""

    message: str


@activity.defn(name="sampleActivity")
async def sample_activity(request: SampleInput) -> str:
    """Process a message."""
    return f"Processed: {request.message}"
