"""What projects have used."""

from collections.abc import Iterator, Sequence
from datetime import date

from workerhost.runtime.executions import cursors
from workerhost.store import Store
from workerhost.store.usage import UsageFigures

_PLACE = "usage"
"""What cursors call pages of usage."""

PAGE = 1000
"""Projects that are read at once where all are wanted."""


class UsageReports:
    """Reads what hosts have written. Safe to use from any thread; every call may block.

    What a host has not written yet is missing: that of a heartbeat at most.

    Args:
        store: where usage is.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def days(self, project_id: str, first: date, last: date) -> Sequence[tuple[date, UsageFigures]]:
        """Return what a project used on each day from `first` to `last`, without days on which it used nothing.

        What a project used that was deleted is still there.

        Raises:
            NotFoundError: there is no such project, and nothing that one of that id has used in these days.
            StoreUnavailableError: the database does not answer.
        """
        found = self._store.usage.days(project_id, first, last)
        if not found:
            self._store.projects.get(project_id)
        return found

    def page(
        self, first: date, last: date, limit: int, cursor: str | None
    ) -> tuple[Sequence[tuple[str, UsageFigures]], str | None]:
        """Return what projects used from day `first` to day `last`, by project id, and the cursor of the next page.

        Raises:
            InvalidRequestError: the cursor is none of this list.
            StoreUnavailableError: the database does not answer.
        """
        place = (_PLACE, first.isoformat(), last.isoformat())
        after = cursors.decode(cursor, place, _project_id) if cursor else ""
        found = self._store.usage.totals(first, last, after, limit + 1)
        shown = found[:limit]
        return shown, cursors.encode(place, [shown[-1][0]]) if len(found) > limit else None

    def all(self, first: date, last: date) -> Iterator[tuple[str, UsageFigures]]:
        """Yield what each project used, as `page` does.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        after: str | None = ""
        while after is not None:
            found = self._store.usage.totals(first, last, after, PAGE)
            yield from found
            after = found[-1][0] if len(found) == PAGE else None


def _project_id(position: object) -> str:
    match position:
        case [str(project_id)]:
            return project_id
    raise ValueError
