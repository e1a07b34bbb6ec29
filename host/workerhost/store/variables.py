"""Queries about the variables of projects: each change is atomic, and is made once however often it is asked for."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from workerhost.errors import ConflictError, InvalidRequestError, NotFoundError
from workerhost.store.clock import ago, now
from workerhost.store.database import Database
from workerhost.store.models import ProjectRow, VariableChangeRow, VariableRow
from workerhost.store.projects import find_project, project_not_found
from workerhost.store.variable_bounds import check_variable_name, size_of_variable
from workerhost.words import VariableScope

MOST_VARIABLES = 10_000
"""Of a project."""

MOST_PAGE_BYTES = 4 * 1024**2
"""Of the values of a page, but for its first one."""

CHANGES_KEPT_DAYS = 7
"""How long a change is known that was made, and the version of a variable that was deleted."""

MISSING = 0
"""The version of a variable that is not there."""


@dataclass(frozen=True)
class Variable:
    """A variable as it is."""

    scope: VariableScope
    name: str
    value: Any
    version: int
    updated_at: datetime


@dataclass(frozen=True)
class VariableChange:
    """What asking for a change came to."""

    changed: bool
    """False where the variable has another version than the one that was expected; then it is as it was."""
    found: bool
    """Whether the variable is there."""
    value: Any
    """Its value now, or the one that the change gave to it."""
    version: int
    """Its version now, or the one that the change gave to it; 0 where it is not there."""


class VariableStore:
    """The variables of projects. Safe to use from any thread; every call may block.

    Every call raises `StoreUnavailableError` where the database does not answer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, project_id: str, scope: VariableScope, name: str) -> Variable | None:
        """Return one variable, or None where there is none of that name or no such project."""
        with self._database.reading() as session:
            row = session.get(VariableRow, (project_id, scope, name))
            return None if row is None or row.is_deleted else _variable(row)

    def get(self, project_id: str, scope: VariableScope, name: str) -> Variable:
        """Return one variable.

        Raises:
            NotFoundError: there is no such project or variable.
        """
        with self._database.reading() as session:
            find_project(session, project_id)
            row = session.get(VariableRow, (project_id, scope, name))
            if row is None or row.is_deleted:
                raise variable_not_found(project_id, scope, name)
            return _variable(row)

    def page(
        self, project_id: str, scope: VariableScope | None, prefix: str, limit: int, after: tuple[str, str] | None
    ) -> tuple[Sequence[Variable], bool]:
        """Return variables by scope and name, and whether more follow; fewer than `limit` where values are large.

        Args:
            project_id: whose they are.
            scope: of those that are looked for; None for all.
            prefix: how their names begin.
            limit: how many at most.
            after: scope and name of the last one of the page before; None for the first page.

        Raises:
            NotFoundError: there is no such project.
        """
        wanted = [VariableRow.project_id == project_id, VariableRow.is_deleted.is_(False)]
        if scope is not None:
            wanted.append(VariableRow.scope == scope)
        if prefix:
            wanted.append(func.substr(VariableRow.name, 1, len(prefix)) == prefix)
        if after is not None:
            wanted.append(_is_after(*after))
        order = VariableRow.scope, VariableRow.name
        sizes = select(*order, VariableRow.size).where(*wanted).order_by(*order).limit(limit + 1)
        with self._database.reading() as session:
            find_project(session, project_id)
            found = session.execute(sizes).all()
            shown = _fitting([row.size for row in found[:limit]])
            values = select(VariableRow).where(*wanted).order_by(*order).limit(shown)
            return [_variable(row) for row in session.scalars(values)], len(found) > shown

    def change(  # noqa: PLR0913  all of it says what is wanted
        self,
        project_id: str,
        scope: VariableScope,
        name: str,
        value: Any,
        *,
        if_version: int | None = None,
        change_id: str | None = None,
    ) -> VariableChange:
        """Give a variable a value, where it has the expected version, and return what came of it.

        Args:
            project_id: whose it is.
            scope: of the variable.
            name: of the variable, which is made where it is not there.
            value: any JSON value.
            if_version: which it must have, 0 for one that must not be there; None for whatever it has.
            change_id: names the change: one of that name that was made is answered as it was, and not made again. None
                for a change that nobody asks for again.

        Raises:
            NotFoundError: there is no such project.
            InvalidRequestError: the name or the value is none that can be kept, or the change of that name was of
                another variable.
            ConflictError: the project has as many variables as it may.
        """
        check_variable_name(name)
        size = size_of_variable(value)
        change = _Wanted(project_id, scope, name, value, size, if_version, change_id or str(uuid.uuid4()))
        return self._database.write(lambda session: _change(session, change))

    def delete(self, project_id: str, scope: VariableScope, name: str, if_version: int | None = None) -> None:
        """Delete one variable.

        Raises:
            NotFoundError: there is no such project or variable.
            ConflictError: it has another version than the expected one.
        """

        def remove(session: Session) -> None:
            _hold_project(session, project_id)
            row = _hold_variable(session, project_id, scope, name)
            if row is None or row.is_deleted:
                raise variable_not_found(project_id, scope, name)
            if if_version is not None and if_version != row.version:
                raise variable_changed(scope, name, row.version)
            row.is_deleted, row.value, row.size = True, None, 0
            row.updated_at = now()

        self._database.write(remove)

    def forget(self) -> None:
        """Forget which changes were made, and which variables were deleted, long ago."""
        old = ago(CHANGES_KEPT_DAYS * 86400)

        def forget(session: Session) -> None:
            session.execute(delete(VariableChangeRow).where(VariableChangeRow.applied_at < old))
            session.execute(delete(VariableRow).where(VariableRow.is_deleted, VariableRow.updated_at < old))

        self._database.write(forget)


@dataclass(frozen=True)
class _Wanted:
    project_id: str
    scope: VariableScope
    name: str
    value: Any
    size: int
    if_version: int | None
    change_id: str


def variable_not_found(project_id: str, scope: VariableScope, name: str) -> NotFoundError:
    """Return the error for a variable that does not exist."""
    return NotFoundError(f"project {project_id} has no variable {name} of scope {scope}", code="variable_not_found")


def variable_changed(scope: VariableScope, name: str, version: int) -> ConflictError:
    """Return the error for a variable that has another version than the expected one."""
    now_is = f"has version {version} now" if version else "is not there"
    return ConflictError(f"variable {name} of scope {scope} {now_is}; look at it again", code="variable_changed")


def _change(session: Session, wanted: _Wanted) -> VariableChange:
    _hold_project(session, wanted.project_id)
    row = _hold_variable(session, wanted.project_id, wanted.scope, wanted.name)
    if row is None or row.is_deleted:
        # Those who make one wait for each other here, so that two of them do not make the same one, nor one too many.
        _hold_project(session, wanted.project_id, makes_variable=True)
        row = _hold_variable(session, wanted.project_id, wanted.scope, wanted.name)
    # Only now: who asks for the same change at the same time has held the row until it was made.
    made = session.get(VariableChangeRow, (wanted.project_id, wanted.change_id))
    if made is not None:
        return _made(made, wanted)
    found = row is not None and not row.is_deleted
    version = row.version if row is not None and found else MISSING
    if wanted.if_version not in (None, version):
        return VariableChange(changed=False, found=found, value=row.value if row and found else None, version=version)
    if not found:
        _refuse_too_many(session, wanted.project_id)
    return _write(session, row, wanted)


def _write(session: Session, row: VariableRow | None, wanted: _Wanted) -> VariableChange:
    version = 1 if row is None else row.version + 1
    values = {"value": wanted.value, "size": wanted.size, "version": version, "updated_at": now(), "is_deleted": False}
    key = {"project_id": wanted.project_id, "scope": wanted.scope, "name": wanted.name}
    if row is None:
        session.add(VariableRow(**key, **values))
    else:
        is_it = and_(*(getattr(VariableRow, column) == value for column, value in key.items()))
        session.execute(update(VariableRow).where(is_it).values(values))
    session.add(VariableChangeRow(**key, change_id=wanted.change_id, version=version, applied_at=now()))
    return VariableChange(changed=True, found=True, value=wanted.value, version=version)


def _made(made: VariableChangeRow, wanted: _Wanted) -> VariableChange:
    if (made.scope, made.name) != (wanted.scope, wanted.name):
        raise InvalidRequestError(
            f"the change {wanted.change_id} was one of variable {made.name} of scope {made.scope}; name this one anew"
        )
    return VariableChange(changed=True, found=True, value=wanted.value, version=made.version)


def _hold_project(session: Session, project_id: str, *, makes_variable: bool = False) -> None:
    """Keep the project from being deleted until the transaction ends, or others from making variables of it."""
    held = select(ProjectRow.id).where(ProjectRow.id == project_id)
    if session.scalar(held.with_for_update(read=not makes_variable, key_share=True)) is None:
        raise project_not_found(project_id)


def _hold_variable(session: Session, project_id: str, scope: VariableScope, name: str) -> VariableRow | None:
    return session.get(VariableRow, (project_id, scope, name), with_for_update=True, populate_existing=True)


def _refuse_too_many(session: Session, project_id: str) -> None:
    counted = select(func.count()).where(VariableRow.project_id == project_id, VariableRow.is_deleted.is_(False))
    if (session.scalar(counted) or 0) >= MOST_VARIABLES:
        raise ConflictError(
            f"project {project_id} has {MOST_VARIABLES} variables, as many as it may; delete some first",
            code="too_many_variables",
        )


def _is_after(scope: str, name: str) -> ColumnElement[bool]:
    return or_(VariableRow.scope > scope, and_(VariableRow.scope == scope, VariableRow.name > name))


def _fitting(sizes: Sequence[int]) -> int:
    """Return how many of the first values go into a page; one always does."""
    total = 0
    for index, size in enumerate(sizes):
        total += size
        if index and total > MOST_PAGE_BYTES:
            return index
    return len(sizes)


def _variable(row: VariableRow) -> Variable:
    return Variable(VariableScope(row.scope), row.name, row.value, row.version, row.updated_at)
