"""Rows that each host owns and writes again and again: many of them with one statement."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Executable, Table, bindparam, column, func, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workerhost.store.models import Base, ProjectRow

_PROJECTS = Base.metadata.tables[ProjectRow.__tablename__]


class OwnedRows:
    """Writes rows of a table whose column `project_id` names a project. Safe to use from any thread.

    Where there is a row with the same primary key, a row replaces it, so that one that is written twice counts once.

    Args:
        model: the class of the table.
        outlive_projects: whether rows of projects that are not there any more are written, too; else they are left out.
        add: whether the values are added to those of a row with the same primary key, instead of replacing them.
    """

    def __init__(self, model: type[Base], *, outlive_projects: bool = False, add: bool = False) -> None:
        table = Base.metadata.tables[model.__tablename__]
        self._names = [each.name for each in table.columns]
        self._statements = {
            "postgresql": _on_postgresql(table, outlive_projects=outlive_projects, add=add),
            "sqlite": _on_sqlite(table, outlive_projects=outlive_projects, add=add),
        }

    def write(self, session: Session, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows within the caller's transaction.

        Args:
            session: of that transaction.
            rows: values of all columns by name, of each row.
        """
        if not rows:
            return
        dialect = session.get_bind().dialect.name
        if dialect == "postgresql":
            session.execute(self._statements[dialect], {name: [row[name] for row in rows] for name in self._names})
        else:  # prepared once by the driver, which has no server to ask
            session.execute(self._statements[dialect], [{f"new_{name}": row[name] for name in row} for row in rows])


@cache
def _on_postgresql(table: Table, *, outlive_projects: bool, add: bool) -> Executable:
    """Return one statement for any number of rows: a parameter for each column, which is an array."""
    arrays = [bindparam(each.name, type_=ARRAY(each.type)) for each in table.columns]
    names = [column(each.name, each.type) for each in table.columns]
    rows = func.unnest(*arrays).table_valued(*names, name="written").render_derived()
    written = select(*rows.c)
    if not outlive_projects:
        # Keeps the projects until the transaction ends, and leaves out those that are just being deleted.
        written = written.join(_PROJECTS, _PROJECTS.c.id == rows.c.project_id)
        written = written.with_for_update(read=True, key_share=True, of=_PROJECTS)
    insert = postgresql.insert(table).from_select([each.name for each in table.columns], written)
    return insert.on_conflict_do_update(constraint=table.primary_key, set_=_new_values(table, insert.excluded, add=add))


@cache
def _on_sqlite(table: Table, *, outlive_projects: bool, add: bool) -> Executable:
    written = select(*(bindparam(f"new_{each.name}", type_=each.type) for each in table.columns))
    is_known = _PROJECTS.c.id == bindparam("new_project_id", type_=table.c.project_id.type)
    # With a condition in any case, since SQLite takes `ON` for a part of what is selected else.
    written = written.where(true() if outlive_projects else is_known)
    insert = sqlite.insert(table).from_select([each.name for each in table.columns], written)
    set_ = _new_values(table, insert.excluded, add=add)
    return insert.on_conflict_do_update(index_elements=table.primary_key, set_=set_)


def _new_values(table: Table, excluded: Any, *, add: bool) -> dict[str, Any]:
    values = [each for each in table.columns if not each.primary_key]
    return {each.name: each + excluded[each.name] if add else excluded[each.name] for each in values}
