"""CloudEvents: those that a run makes."""

from collections.abc import Mapping
from typing import Any

from temporalio import workflow

SPECIFICATION = "1.0"


def new(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a CloudEvent; what the properties do not say is drawn from the run's own clock and random numbers.

    Args:
        properties: `type`, and perhaps `source`, `id`, `time`, `data` and others.
    """
    info = workflow.info()
    made = {
        "specversion": SPECIFICATION,
        "id": str(workflow.uuid4()),
        "source": f"/{info.workflow_type}/{info.workflow_id}",
        "time": workflow.now().isoformat().replace("+00:00", "Z"),
    }
    return {**made, **{name: value for name, value in properties.items() if value is not None}}
