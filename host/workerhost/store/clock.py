"""The database's own clock, so that hosts whose clocks differ agree on what is late."""

from datetime import datetime
from typing import Any

from sqlalchemy import literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from workerhost.store.models import UtcDateTime


class ago(FunctionElement[datetime]):  # noqa: N801  it stands in queries as functions do
    """The time that the database's clock showed `seconds` ago, for use in a query."""

    type = UtcDateTime()
    inherit_cache = True

    def __init__(self, seconds: float) -> None:
        super().__init__(literal(float(seconds)))


def now() -> ago:
    """Return the present time of the database's clock, for use in a query."""
    return ago(0)


@compiles(ago, "sqlite")
def _ago_on_sqlite(element: ago, compiler: SQLCompiler, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    # As SQLAlchemy writes times: six digits of a second, of which SQLite knows three.
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || {seconds} || ' seconds')"


@compiles(ago, "postgresql")
def _ago_on_postgresql(element: ago, compiler: SQLCompiler, **options: Any) -> str:
    return f"clock_timestamp() - make_interval(secs => {compiler.process(element.clauses, **options)})"
