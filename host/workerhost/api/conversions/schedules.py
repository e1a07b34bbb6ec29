"""Schedules."""

from workerhost.answers import CalendarInfo, ScheduledRunInfo, ScheduleInfo
from workerhost.api.conversions.executions import given
from workerhost.runtime.schedules.definition import FoundSchedule

UTC_NAME = "UTC"
"""The time zone of a schedule that names none."""


def schedule_info(found: FoundSchedule, workflow: str | None = None) -> ScheduleInfo:
    """Return a schedule as the API shows it, with the drawn workflow that brought it along."""
    definition = found.definition
    return ScheduleInfo(
        name=found.name,
        workflow_type=definition.workflow_type,
        args=tuple(definition.args),
        cron=tuple(definition.cron),
        interval_seconds=definition.interval_seconds,
        calendar=tuple(CalendarInfo.model_validate(each) for each in definition.calendar),
        time_zone=definition.time_zone or UTC_NAME,
        overlap=definition.overlap,
        jitter_seconds=definition.jitter_seconds,
        catch_up_seconds=definition.catch_up_seconds,
        paused=definition.paused,
        note=definition.note,
        next_runs=tuple(found.next_runs),
        recent_runs=tuple(
            ScheduledRunInfo(
                scheduled_at=run.scheduled_at,
                started_at=run.started_at,
                workflow_id=run.workflow_id,
                run_id=run.run_id,
                status=run.status,
            )
            for run in found.recent_runs
        ),
        **given(workflow=workflow),
    )
