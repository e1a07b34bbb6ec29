"""The schedule of a document: what begins its runs."""

from typing import Any

from workerhost_drawings.documents.places import Place
from workerhost_drawings.flow.program import TriggerForm

_NOT_KEPT = {
    "after": "a delay after the end of each run is not kept; `every` would do, where no run begins while one is open",
    "on": "runs that events begin are not set up from here; a webhook of the project that starts the workflow would do",
    "read": "runs that events begin are not set up from here",
}


def triggers(schedule: Place | None, workflow: str) -> tuple[TriggerForm, ...]:
    """Return what begins runs; what cannot be kept is a problem.

    Args:
        schedule: of the document.
        workflow: the name under which it is published, which its schedule gets, too.
    """
    parts = schedule.object(("every", "cron", "after", "on", "read")) if schedule else {}
    for name, reason in _NOT_KEPT.items():
        if name in parts:
            parts[name].problem(reason)
    definition: dict[str, Any] = {}
    if "cron" in parts:
        definition["cron"] = [parts["cron"].text()]
    if "every" in parts:
        every = parts["every"].milliseconds()
        if every < 1000 or every % 1000:
            parts["every"].problem("runs begin every whole number of seconds, from one")
        definition["intervalSeconds"] = every // 1000
    return (TriggerForm(kind="schedule", name=workflow, definition=definition),) if definition else ()
