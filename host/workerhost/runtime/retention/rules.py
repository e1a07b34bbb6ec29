"""What workerhost keeps, and for how long: one list, which the API shows and the tidier follows."""

from dataclasses import dataclass

from workerhost.settings import Settings, variable_name
from workerhost.store.batches import ENDED_KEPT
from workerhost.store.variables import CHANGES_KEPT_DAYS

FIGURES = ("activity_statistics", "workflow_statistics")
HOURS = "statistics of hours, which then become those of their day"
USED = "what projects have used on each day, also those that are deleted"
LINES = "lines of projects' logs, as many megabytes of each as WORKERHOST_PROJECT_LOGS_MB says at most"


@dataclass(frozen=True)
class Kept:
    """Something that is deleted when it is old enough."""

    what: str
    tables: tuple[str, ...]
    days: float
    setting: str | None = None
    """The variable that says so; None where it is fixed."""


def kept(settings: Settings) -> tuple[Kept, ...]:
    """Return all that is deleted with time.

    Projects with their code, builds, variables, webhooks and schedules are not among it: they stay until they are
    deleted.
    """
    return (
        _kept(settings, "workers that have stopped", ("workflow_workers", "worker_totals"), "workers_days"),
        _kept(settings, f"batches that have ended, {ENDED_KEPT} of a project at most", ("batches",), "batches_days"),
        _kept(settings, "what was published, promoted, rolled back or moved", ("deployment_events",), "events_days"),
        Kept("by which change a variable got its value, to tell a repeat", ("variable_changes",), CHANGES_KEPT_DAYS),
        _kept(settings, HOURS, FIGURES, "statistics_hours_kept_days"),
        _kept(settings, "statistics of days", FIGURES, "statistics_days_kept_days"),
        _kept(settings, USED, ("project_usage",), "usage_days"),
        _kept(settings, LINES, ("project_logs",), "project_logs_days"),
    )


def _kept(settings: Settings, what: str, tables: tuple[str, ...], field: str) -> Kept:
    return Kept(what, tables, getattr(settings, field), variable_name(field))
