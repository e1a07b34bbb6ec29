"""Work that hosts do in the background, and leave behind when they die: another host takes it up."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from workerhost.store.database import Database
from workerhost.store.models import BatchRow, BuildMoveRow, HostRow
from workerhost.words import HostId

R = TypeVar("R")
T = TypeVar("T")


def is_left(
    row: type[BuildMoveRow] | type[BatchRow], host_id: HostId, working_on: Collection[str]
) -> ColumnElement[bool]:
    """Return the condition that no host works on a row: the one that it names is gone, or does so no more.

    Args:
        row: the model of the rows.
        host_id: of this host.
        working_on: ids of the rows that it works on.
    """
    is_alone = row.host_id.not_in(select(HostRow.id)) | (row.host_id == host_id)
    return is_alone & row.id.not_in(working_on)


def take_up(database: Database, query: Select[Any], assign: Callable[[R], T]) -> list[T]:
    """Give a host the rows of a query, each to one host alone, and return what became of them.

    Args:
        database: where they are.
        query: for rows that no host works on.
        assign: writes into a row that the host works on it.
    """

    def take(session: Session) -> list[T]:
        return [assign(row) for row in session.scalars(query.with_for_update(skip_locked=True))]

    with database.reading() as session:  # mostly there are none, and nothing need be locked
        if session.scalars(query.limit(1)).first() is None:
            return []
    return database.write(take)
