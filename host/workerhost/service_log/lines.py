"""From a record of Python's logging to a line, for people or for programs."""

import json
import logging
import re
import traceback
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.types import EventDict, Processor, WrappedLogger

from workerhost.model import PROJECT_ID
from workerhost.service_log.context import process_fields
from workerhost.service_log.redaction import LineRedactor, is_secret_name
from workerhost.service_log.tenants import FAILURE_MARK
from workerhost.service_log.text import on_one_line, shortened

LONGEST_MESSAGE, LONGEST_FIELD, LONGEST_TRACEBACK = 8_000, 2_000, 16_000
"""Characters of a message, of a field's text, and of a traceback, whose beginning is cut, since its end says what
failed."""

_PLACES = {
    "workflow_id": "workflow_id",
    "run_id": "run_id",
    "workflow_run_id": "run_id",
    "workflow_type": "workflow_type",
    "activity_type": "activity",
    "attempt": "attempt",
    "task_queue": "task_queue",
}
"""Keys of what the SDK says of where a record was made, and what they are called in a line."""

_SDK_EXTRAS = ("temporal_activity", "temporal_workflow", "temporal_log", FAILURE_MARK)


class LineFormatter(ProcessorFormatter):
    """Makes one line of each record; for people, a traceback follows it. Used from any thread.

    Args:
        render: makes a text of the fields, the last step.
        redactor: masks secrets.
    """

    def __init__(self, render: Processor, redactor: LineRedactor) -> None:
        super().__init__(
            processors=[_describe, _Redaction(redactor), render],
            foreign_pre_chain=[ExtraAdder(), structlog.contextvars.merge_contextvars],
        )

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line, also where its arguments do not fit its message."""
        try:
            return super().format(record)
        except Exception as error:  # of the caller's, or of a value that cannot be shown
            shown = logging.makeLogRecord({**_plain(record), "exc_info": None, "args": ()})
            shown.msg = f"{_text_of(record.msg):.500} (it cannot be written whole: {type(error).__name__})"
            return super().format(shown)


def _text_of(message: object) -> str:
    try:
        return str(message)
    except Exception:
        return f"a message of the type {type(message).__name__}"


def json_lines(redactor: LineRedactor) -> LineFormatter:
    """Return a formatter that writes one JSON object a line, for programs."""
    return LineFormatter(_as_json, redactor)


def console_lines(redactor: LineRedactor, *, colors: bool, without: Collection[str] = ()) -> LineFormatter:
    """Return a formatter that writes a line for people, with what is known beside the message as `name=value`.

    Args:
        redactor: masks secrets.
        colors: whether lines have them.
        without: names of fields that are left out.
    """
    renderer = structlog.dev.ConsoleRenderer(
        colors=colors,
        force_colors=colors,
        pad_event_to=0,
        sort_keys=False,
        event_key="message",
        timestamp_key="time",
        exception_formatter=structlog.dev.plain_traceback,
    )
    return LineFormatter(_AsText(renderer, without), redactor)


def _plain(record: logging.LogRecord) -> dict[str, Any]:
    """Return the attributes that every record has."""
    known = logging.makeLogRecord({}).__dict__
    return {name: value for name, value in record.__dict__.items() if name in known}


def _describe(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put what each line has first, and where the record comes from behind it."""
    record: logging.LogRecord = event.pop("_record")
    del event["_from_structlog"]
    message, error = event.pop("event"), event.pop("exc_info", None)
    event.pop("stack_info", None)
    line: EventDict = {
        "time": _iso(record.created),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": str(message),
        **process_fields(),
    }
    if (project := PROJECT_ID.get()) is not None:
        line["project"] = project
    for name in _SDK_EXTRAS:
        place = event.pop(name, None)
        if isinstance(place, dict):
            line.update((called, place[key]) for key, called in _PLACES.items() if place.get(key) is not None)
    line.update((name, value) for name, value in event.items() if value is not None and name not in line)
    if (shown := _traceback(error)) is not None:
        line["exception"] = shown
    return line


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _traceback(error: Any) -> str | None:
    """Return the traceback of what stands in `exc_info`, whether that came from logging or from structlog."""
    if isinstance(error, BaseException):
        error = type(error), error, error.__traceback__
    if not isinstance(error, tuple) or error[1] is None:
        return None
    text = "".join(traceback.format_exception(*error)).rstrip()
    return text if len(text) <= LONGEST_TRACEBACK else f"…{text[-LONGEST_TRACEBACK:]}"


class _Redaction:
    """Masks secrets, and bounds how long a line can get."""

    FIXED = frozenset({"time", "level", "logger"})

    def __init__(self, redactor: LineRedactor) -> None:
        self._redactor = redactor

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Return the event without secrets."""
        if self._is_harmless(event):
            return event
        field = self._redactor.field
        return {
            name: value if name in self.FIXED else _bounded(name, field(name, value)) for name, value in event.items()
        }

    def _is_harmless(self, event: EventDict) -> bool:
        """Tell whether nothing needs to be taken out or cut, as in most lines: one look at all texts is fast."""
        if any(value.__class__ not in _SIMPLE or is_secret_name(name) for name, value in event.items()):
            return False
        text = "\n".join([value for value in event.values() if value.__class__ is str])
        return len(text) < LONGEST_FIELD and self._redactor.text(text) == text


_SIMPLE = frozenset({str, int, float, bool})


def _bounded(name: str, value: Any) -> Any:
    if isinstance(value, str):
        most = {"message": LONGEST_MESSAGE, "exception": 2 * LONGEST_TRACEBACK}.get(name, LONGEST_FIELD)
        return shortened(value, most)
    if isinstance(value, dict | list):
        text = json.dumps(value, default=str)
        return value if len(text) <= LONGEST_FIELD else shortened(text, LONGEST_FIELD)
    return value


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    # Escaped to ASCII: so nothing in it speaks to a terminal.
    try:
        text = json.dumps(event, default=str, allow_nan=False)
    except (TypeError, ValueError):
        text = ""
    if text and r"\ud" not in text:
        return text
    # Lone surrogates, which not every reader takes, are written as text; and so are numbers that are none.
    return json.dumps(_whole_value(event), default=str)


def _whole_value(value: Any) -> Any:
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, dict):
        return {_whole(str(name)): _whole_value(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole_value(each) for each in value]
    if isinstance(value, float) and not -1e308 < value < 1e308:  # JSON has no word for what is none
        return str(value)
    return value


def _whole(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


class _AsText:
    """Renders a line for people, without some fields, and without those whose values its sentence has."""

    FIXED = frozenset({"time", "level", "logger", "message", "exception"})

    def __init__(self, render: Callable[..., str], without: Collection[str]) -> None:
        self._render = render
        self._without = frozenset({"exception", *without})

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        """Return the event as a line, and its traceback below."""
        message = str(event.get("message", ""))
        shown = {
            on_one_line(name): text
            for name, value in event.items()
            if name not in self._without and ((text := _visible(value)) is not None)
            if name in self.FIXED or not _says(message, text)
        }
        if (trace := event.get("exception")) is not None:
            shown["exception"] = "\n".join(on_one_line(line) for line in str(trace).splitlines())
        return self._render(logger, method, shown)


def _says(message: str, value: Any) -> bool:
    """Tell whether a value stands in the message by itself, as a word."""
    return re.search(rf"(?<![\w.-]){re.escape(str(value))}(?![\w-])", message) is not None


def _visible(value: Any) -> Any:
    if isinstance(value, str):
        return on_one_line(value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return on_one_line(", ".join(value))
    if isinstance(value, dict | list):
        return on_one_line(json.dumps(value, ensure_ascii=False, default=str))
    return value
