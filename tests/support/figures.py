"""The rows of statistics that hosts have written."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from workerhost.observed import Period
from workerhost.store import ActivityFigures, Store, WorkflowFigures
from workerhost.store.models import ActivityStatisticsRow, Base, WorkflowStatisticsRow


def stored_activities(
    store: Store, after: datetime, before: datetime, project_id: str | None = None
) -> list[ActivityFigures]:
    """Return the rows of activities whose period begins at `after` or later, and before `before`, by their key."""
    return [ActivityFigures(**row) for row in _rows(store, ActivityStatisticsRow, after, before, project_id)]


def stored_workflows(
    store: Store, after: datetime, before: datetime, project_id: str | None = None
) -> list[WorkflowFigures]:
    """Return the rows of workflow types and builds, as `stored_activities` does."""
    return [WorkflowFigures(**row) for row in _rows(store, WorkflowStatisticsRow, after, before, project_id)]


def _rows(
    store: Store, model: type[Base], after: datetime, before: datetime, project_id: str | None
) -> list[dict[str, Any]]:
    table = Base.metadata.tables[model.__tablename__]
    starts = table.c.period_start
    query = select(table).where(starts >= after, starts < before).order_by(*table.primary_key)
    if project_id is not None:
        query = query.where(table.c.project_id == project_id)
    with store.database.reading() as session:
        return [{**row, "period": Period(row["period"])} for row in session.execute(query).mappings()]
