"""Sets up the triggers of one project, once."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from temporalio.service import RPCError

from workerhost.drawing import DrawingProblem
from workerhost.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    TemporalRefusedError,
    TemporalUnavailableError,
    WorkerhostError,
)
from workerhost.runtime.schedules.operations import Schedules
from workerhost.runtime.triggers.wanted import WantedSchedule, WantedTrigger, WantedWebhook, key_of, read_triggers
from workerhost.runtime.webhooks.known import KnownWebhooks
from workerhost.store import Store
from workerhost.store.triggers import OwnedTrigger, TriggerKey
from workerhost.words import TriggerKind

WORK_SECONDS = 60.0
"""After which nothing more is begun: what was begun ends before another host may think that this one has died."""

TriggerWarning = tuple[str | None, DrawingProblem]
"""A workflow, where it is one, and what of its triggers is not as it should be yet."""


class TriggerSetup:
    """Does what is to be done about the triggers of a project. Belongs to the thread that made it; it blocks.

    A row that says whose a schedule is stands before the schedule does, and until it is gone. So what is left behind
    by a host that dies is found, and nothing is taken for a workflow's that a user made.

    Args:
        store: where the triggers of active versions are, and which are set up.
        schedules: those of projects.
        known: webhooks that this host has seen lately.
        project_id: of the project.

    Raises:
        NotFoundError: there is no such project.
    """

    def __init__(self, store: Store, schedules: Schedules, known: KnownWebhooks, project_id: str) -> None:
        self._store = store
        self._schedules = schedules
        self._known = known
        self._project = store.projects.get(project_id)
        self._deadline = time.monotonic() + WORK_SECONDS
        self._temporal_failure: WorkerhostError | None = None
        self._warnings: list[TriggerWarning] = []

    def run(self) -> Sequence[TriggerWarning]:
        """Set up, change and take down; return what could not be done.

        Raises:
            NotFoundError: the project was deleted meanwhile.
            StoreUnavailableError: the database does not answer.
        """
        owned = self._store.triggers.owned(self._project.id)
        wanted, named = self._wanted()
        for key, each in wanted.items():
            if owned.get(key) != OwnedTrigger(each.workflow, each.digest):
                self._try(each.workflow, key, partial(self._set_up, each, is_new=key not in owned), each.node)
        for key, present in owned.items():
            if key not in named:
                self._try(present.workflow, key, partial(self._take_down, key, present.workflow))
        return self._warnings

    def _wanted(self) -> tuple[dict[TriggerKey, WantedTrigger], set[tuple[str, str]]]:
        """Return the triggers of the active versions, and the kinds and names of those that do not fit as well."""
        wanted: dict[TriggerKey, WantedTrigger] = {}
        active = self._store.workflows.active_triggers(self._project.id)
        for workflow in dict.fromkeys(workflow for workflow, _ in active):
            fit, unfit = read_triggers(
                self._project.id, workflow, [trigger for owner, trigger in active if owner == workflow]
            )
            self._warnings += [(workflow, problem) for problem in unfit]
            for each in fit:
                if key_of(each) in wanted:
                    self._warn(workflow, key_of(each), "another workflow has a trigger of that name", each.node)
                wanted.setdefault(key_of(each), each)
        return wanted, {(trigger.kind, trigger.name) for _, trigger in active}

    def _set_up(self, wanted: WantedTrigger, *, is_new: bool) -> None:
        if isinstance(wanted, WantedSchedule):
            self._set_up_schedule(wanted, is_new=is_new)
        else:
            self._set_up_webhook(wanted)

    def _set_up_schedule(self, wanted: WantedSchedule, *, is_new: bool) -> None:
        present = self._schedules.find(self._project, wanted.name)
        if is_new and present is not None:
            raise _taken(wanted)
        self._store.triggers.claim(self._project.id, wanted.kind, wanted.name, wanted.workflow)
        definition = wanted.definition
        if present is not None:  # whoever has paused it has it go on
            is_paused = present.definition.paused
            note = present.definition.note if is_paused else definition.note
            definition = replace(definition, paused=is_paused, note=note)
        self._schedules.put(self._project, wanted.name, definition)
        self._store.triggers.settle(self._project.id, wanted.kind, wanted.name, wanted.digest)

    def _set_up_webhook(self, wanted: WantedWebhook) -> None:
        if not self._store.triggers.put_webhook(wanted.definition, wanted.workflow, wanted.digest):
            raise _taken(wanted)
        self._known.forget(self._project.id, wanted.name)

    def _take_down(self, key: TriggerKey, workflow: str) -> None:
        kind, name = key
        if kind == TriggerKind.WEBHOOK:
            self._store.triggers.delete_webhook(self._project.id, name)
            self._known.forget(self._project.id, name)
            return
        self._store.triggers.claim(self._project.id, kind, name, workflow)
        if self._schedules.find(self._project, name) is not None:
            self._schedules.delete(self._project, name)
        self._store.triggers.release(self._project.id, kind, name)

    def _try(self, workflow: str, key: TriggerKey, act: Callable[[], None], node: str | None = None) -> None:
        if key[0] == TriggerKind.SCHEDULE and self._temporal_failure is not None:
            self._warn(workflow, key, str(self._temporal_failure), node)  # asking would mean to wait for it again
            return
        if time.monotonic() > self._deadline:
            self._warn(workflow, key, "there was no time left for it", node)
            return
        try:
            act()
        except NotFoundError as error:
            if error.code == "project_not_found":
                raise
            self._warn(workflow, key, str(error), node)
        except (TemporalUnavailableError, TemporalRefusedError) as error:
            self._temporal_failure = error
            self._warn(workflow, key, str(error), node)
        except (InvalidRequestError, ConflictError) as error:
            self._warn(workflow, key, str(error), node)
        except RPCError as error:
            self._warn(workflow, key, f"Temporal answers: {error.message}", node)

    def _warn(self, workflow: str, key: TriggerKey, why: str, node: str | None) -> None:
        kind, name = key
        reason = f"{kind} {name} is not as the drawing says yet, which is tried again: {why}"
        self._warnings.append((workflow, DrawingProblem(reason, node)))


def _taken(wanted: WantedTrigger) -> ConflictError:
    return ConflictError(
        f"there is a {wanted.kind} {wanted.name} that was not made for this drawing; delete it, or give this one "
        "another name",
        code="trigger_taken",
    )
