"""What `$workflow`, `$task` and `$runtime` of Open Workflow tell."""

from datetime import datetime
from typing import Any

from temporalio import workflow


def of_workflow(definition: object, raw_input: object) -> dict[str, Any]:
    """Return what `$workflow` stands for.

    Args:
        definition: the document.
        raw_input: of the run.
    """
    info = workflow.info()
    return {
        "id": info.workflow_id,
        "definition": definition,
        "input": raw_input,
        "startedAt": _moment(info.start_time),
    }


def of_task(name: str, reference: str, definition: object, raw_input: object) -> dict[str, Any]:
    """Return what `$task` stands for, as the task begins.

    Args:
        name: of the task.
        reference: its JSON pointer.
        definition: as it stands in the document.
        raw_input: what it got.
    """
    return {
        "name": name,
        "reference": reference,
        "definition": definition,
        "input": raw_input,
        "startedAt": _moment(workflow.now()),
    }


def _moment(at: datetime) -> dict[str, Any]:
    seconds = at.timestamp()
    return {
        "iso8601": at.isoformat().replace("+00:00", "Z"),
        "epoch": {"seconds": int(seconds), "milliseconds": int(seconds * 1000)},
    }
