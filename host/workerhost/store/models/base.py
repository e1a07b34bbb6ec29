"""What all tables have in common: types of columns, and their base."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, MetaData, String
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from workerhost.words import BuildId, HostId, RunId, WorkerId, WorkflowId


class UtcDateTime(TypeDecorator[datetime]):
    """Points in time, always aware and in UTC, also on SQLite, which has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` in UTC. SQLite stores it without a time zone."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` with the time zone UTC, which SQLite leaves out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Prose(TypeDecorator[str]):
    """Text for people, which may quote what a project's code says: what a database cannot store is replaced in it."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return `value` without NUL characters, which PostgreSQL refuses, and without halves of surrogate pairs."""
        return None if value is None else value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


class ForeignJson(TypeDecorator[Any]):
    """JSON that products write: where it does not parse, it is read as the text that stands there."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Return what reads a value; PostgreSQL takes no other text than JSON, and SQLite any."""
        read = super().result_processor(dialect, coltype)

        def read_or_keep(value: Any) -> Any:
            try:
                return read(value) if read else value
            except ValueError:
                return value

        return read_or_keep


class Base(DeclarativeBase):
    """Naming constraints keeps migrations the same on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        BuildId: String,
        HostId: String,
        RunId: String,
        WorkerId: String,
        WorkflowId: String,
    }
