"""Schedules of a project, which start executions at times."""

from datetime import UTC, datetime
from typing import Annotated, Self

from flask import Blueprint, Response
from pydantic import Field, model_validator

from workerhost.answers import CommandResult, ScheduleInfo, SchedulePage
from workerhost.api.conversions import schedule_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import Id
from workerhost.api.reading.query import Moment, PageQuery, UncheckedQuery
from workerhost.api.response import respond
from workerhost.api.waiting import waits
from workerhost.forms.fields import Reason
from workerhost.runtime.schedules.definition import Backfill
from workerhost.runtime.schedules.forms import ScheduleForm
from workerhost.words import ScheduleOverlap, TriggerKind

blueprint = Blueprint("schedules", __name__, url_prefix="/projects/<project_id>/schedules")

FIRST_MOMENT, LAST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""What a backfill can go through."""


class ScheduleBody(ScheduleForm, Body):
    """What a schedule starts, and when. At least one of `cron`, `intervalSeconds` and `calendar` says when."""


class TriggerBody(Body):
    """What happens where a run of the schedule still runs."""

    overlap: ScheduleOverlap | None = None
    """As the schedule says where it is left out."""


class NoteBody(Body):
    """What is noted with the schedule."""

    note: Reason | None = None


class BackfillBody(Body):
    """The time that a schedule goes through again."""

    begin: Annotated[Moment, Field(alias="from")]
    end: Annotated[Moment, Field(alias="to")]
    overlap: ScheduleOverlap = ScheduleOverlap.BUFFER_ALL
    """What happens at a time at which the run before still runs."""

    @model_validator(mode="after")
    def _is_a_time(self) -> Self:
        if not FIRST_MOMENT <= self.begin <= self.end <= LAST_MOMENT:
            raise ValueError("must have a from that is before to, both between the years 2000 and 2100")
        return self


@blueprint.get("")
@described(SchedulePage)
@waits
def all_schedules(project_id: Id, query: PageQuery) -> Response:
    """List the schedules of the project by name, a page at a time; long arguments are cut."""
    project = service().store.projects.get(project_id)
    found, cursor = service().schedules.page(project, query.number, query.cursor)
    owners = service().triggers.owners(project_id, TriggerKind.SCHEDULE)
    schedules = tuple(schedule_info(each, owners.get(each.name)) for each in found)
    return respond(SchedulePage(schedules=schedules, cursor=cursor))


@blueprint.get("/<name>")
@described(ScheduleInfo)
def get_schedule(project_id: Id, name: Id) -> Response:
    """Show one schedule, with its next and its last runs."""
    found = service().schedules.get(service().store.projects.get(project_id), name)
    return respond(schedule_info(found, service().triggers.owners(project_id, TriggerKind.SCHEDULE).get(name)))


@blueprint.put("/<name>")
@described({200: ScheduleInfo, 201: ScheduleInfo})
@waits
def put_schedule(project_id: Id, name: Id, query: UncheckedQuery, body: ScheduleBody) -> Response:
    """Make a schedule, or replace it."""
    service().triggers.refuse_owned(project_id, TriggerKind.SCHEDULE, name)
    starter = service().runs.starter
    project = starter.check(project_id, body.workflow_type, body.args, checked=not query.unchecked)
    found, is_new = service().schedules.put(project, name, body.definition())
    return respond(schedule_info(found), 201 if is_new else 200)


@blueprint.delete("/<name>")
@described(CommandResult)
def delete_schedule(project_id: Id, name: Id) -> Response:
    """Delete a schedule; the runs that it has started go on."""
    service().triggers.refuse_owned(project_id, TriggerKind.SCHEDULE, name)
    service().schedules.delete(service().store.projects.get(project_id), name)
    return respond(CommandResult(success=True, message=f"Schedule {name} of project {project_id} deleted"))


@blueprint.post("/<name>/trigger")
@described({202: CommandResult})
def trigger(project_id: Id, name: Id, body: TriggerBody) -> Response:
    """Have a schedule start a run now."""
    service().schedules.trigger(service().store.projects.get(project_id), name, body.overlap)
    return _accepted(f"Schedule {name} was asked to start a run")


@blueprint.post("/<name>/pause")
@described({202: CommandResult})
def pause(project_id: Id, name: Id, body: NoteBody) -> Response:
    """Have a schedule start nothing at its times."""
    service().schedules.pause(service().store.projects.get(project_id), name, body.note)
    return _accepted(f"Schedule {name} is paused")


@blueprint.post("/<name>/resume")
@described({202: CommandResult})
def resume(project_id: Id, name: Id, body: NoteBody) -> Response:
    """Have a schedule that is paused go on."""
    service().schedules.resume(service().store.projects.get(project_id), name, body.note)
    return _accepted(f"Schedule {name} goes on")


@blueprint.post("/<name>/backfill")
@described({202: CommandResult})
def backfill(project_id: Id, name: Id, body: BackfillBody) -> Response:
    """Have a schedule go through a time as if it passed now."""
    project = service().store.projects.get(project_id)
    count = service().schedules.backfill(project, name, Backfill(body.begin, body.end, body.overlap))
    return _accepted(f"Schedule {name} was asked to start the runs of {count} {'time' if count == 1 else 'times'}")


def _accepted(message: str) -> Response:
    return respond(CommandResult(success=True, message=message), 202)
