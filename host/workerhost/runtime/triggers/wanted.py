"""From the triggers of a drawing to schedules and webhooks, and what does not fit in them."""

import hashlib
import json
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from workerhost.drawing import DrawingProblem, Trigger
from workerhost.errors import InvalidRequestError
from workerhost.forms.fields import ID_RULE
from workerhost.forms.validation import problem_sentences
from workerhost.model import is_valid_id
from workerhost.runtime.executions.lookup import refuse_unsendable
from workerhost.runtime.schedules.definition import ScheduleDefinition
from workerhost.runtime.schedules.forms import ScheduleForm
from workerhost.runtime.webhooks.checks import completed
from workerhost.runtime.webhooks.forms import WebhookForm
from workerhost.store import Webhook
from workerhost.store.triggers import TriggerKey
from workerhost.words import TriggerKind, WebhookAction

MOST_TRIGGERS = 100
"""Of one workflow."""


@dataclass(frozen=True)
class _Wanted:
    workflow: str
    """Whose it is."""
    name: str
    node: str | None
    digest: str
    """Of its definition, so that one that is as it should be is left alone."""


@dataclass(frozen=True)
class WantedSchedule(_Wanted):
    """A schedule that a drawn workflow brings along."""

    definition: ScheduleDefinition
    kind: Literal[TriggerKind.SCHEDULE] = TriggerKind.SCHEDULE


@dataclass(frozen=True)
class WantedWebhook(_Wanted):
    """A webhook that a drawn workflow brings along."""

    definition: Webhook
    kind: Literal[TriggerKind.WEBHOOK] = TriggerKind.WEBHOOK


WantedTrigger = WantedSchedule | WantedWebhook


def key_of(wanted: WantedTrigger) -> TriggerKey:
    """Return what is the trigger's own in its project."""
    return wanted.kind, wanted.name


def read_triggers(
    project_id: str, workflow: str, triggers: Sequence[Trigger]
) -> tuple[list[WantedTrigger], list[DrawingProblem]]:
    """Return the triggers of a drawn workflow that fit, and all that is wrong with the others.

    Args:
        project_id: whose they are.
        workflow: is what they start where they do not say.
        triggers: as the compiler made them.
    """
    wanted: list[WantedTrigger] = []
    problems: list[DrawingProblem] = []
    if len(triggers) > MOST_TRIGGERS:
        return [], [DrawingProblem(f"a drawing has {MOST_TRIGGERS} triggers at most, and this one has {len(triggers)}")]
    for trigger in triggers:
        try:
            wanted.append(_read(project_id, workflow, trigger))
        except _UnfitError as error:
            place = f"{trigger.kind} {trigger.name}"
            problems += [DrawingProblem(f"{place}: {reason}", trigger.node) for reason in error.reasons]
    return wanted, problems


class _UnfitError(Exception):
    def __init__(self, *reasons: str) -> None:
        super().__init__()
        self.reasons = reasons


def _read(project_id: str, workflow: str, trigger: Trigger) -> WantedTrigger:
    if not is_valid_id(trigger.name):
        raise _UnfitError(f"its name {ID_RULE}")
    try:
        if trigger.kind == TriggerKind.SCHEDULE:
            return _schedule(workflow, trigger)
        if trigger.kind == TriggerKind.WEBHOOK:
            return _webhook(project_id, workflow, trigger)
    except ValidationError as error:
        raise _UnfitError(*problem_sentences(error, unknown="is not a known field")) from error
    except (InvalidRequestError, ValueError, RecursionError) as error:
        raise _UnfitError(str(error)) from error
    raise _UnfitError("a trigger is a schedule or a webhook")


def _schedule(workflow: str, trigger: Trigger) -> WantedSchedule:
    given = {"workflowType": workflow, **trigger.definition}
    form = ScheduleForm.model_validate(given)
    refuse_unsendable(form.args)
    _check_zone(form.time_zone)
    digest = _digest(workflow, form.model_dump(mode="json", by_alias=True))
    return WantedSchedule(workflow, trigger.name, trigger.node, digest, form.definition())


def _webhook(project_id: str, workflow: str, trigger: Trigger) -> WantedWebhook:
    starts = trigger.definition.get("action") == WebhookAction.START
    given = {"workflowType": workflow, **trigger.definition} if starts else trigger.definition
    form = WebhookForm.model_validate(given)
    webhook = completed(form.webhook(project_id, trigger.name))
    digest = _digest(workflow, form.model_dump(mode="json", by_alias=True))
    return WantedWebhook(workflow, trigger.name, trigger.node, digest, webhook)


def _check_zone(name: str | None) -> None:
    known = zoneinfo.available_timezones()
    if name is not None and known and name not in known:  # where the machine knows none, Temporal has the only word
        raise InvalidRequestError(
            f"timeZone: there is no time zone {name}; it takes names of the IANA database, as Europe/Berlin"
        )


def _digest(workflow: str, definition: Mapping[str, Any]) -> str:
    text = json.dumps([workflow, definition], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
