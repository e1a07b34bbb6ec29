"""How long the statements of an engine take."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

_BEGAN = "workerhost_began"


def time_statements(engine: Engine, done: Callable[[str, float], None], failed: Callable[[], None]) -> None:
    """Have functions told of each statement of the engine; they must not block, and are called in any thread.

    Args:
        engine: whose statements are timed.
        done: told the first word of the statement, in lower case, and the seconds until the database had answered.
        failed: told that the database or its driver refused one.
    """

    def begin(connection: Connection, *_: Any) -> None:
        connection.info[_BEGAN] = time.perf_counter()

    def end(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        began = connection.info.pop(_BEGAN, None)
        if began is not None:
            done(statement[:12].lstrip().partition(" ")[0].rstrip().lower(), time.perf_counter() - began)

    def fail(context: ExceptionContext) -> None:
        if context.statement is not None:
            failed()

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", fail)
