"""Lines of the service's log: for people and for programs, without secrets, whatever stands in them."""

import io
import json
import logging
import os
import time
from typing import Any

import pytest
from structlog.contextvars import bound_contextvars

from workerhost.model import PROJECT_ID
from workerhost.observation_settings import LogFormat
from workerhost.runtime.processes.slot import NotReadyYetError
from workerhost.service_log.configuring import line_formatter
from workerhost.service_log.line_handler import PATIENCE_SECONDS, LineHandler
from workerhost.service_log.lines import LONGEST_MESSAGE, console_lines, json_lines
from workerhost.service_log.redaction import LineRedactor, known_secrets
from workerhost.service_log.tenants import tell_less_of_tenants
from workerhost.settings import Settings

REDACTOR = LineRedactor(
    known_secrets("postgresql://me:tea%20party@db/x", {"TEMPORAL_API_KEY": "a-key-of-ours", "HOME": "/home/me"})
)


def record(message: object, *args: object, **more: Any) -> logging.LogRecord:
    values = {"name": "workerhost.shop", "levelname": "WARNING", "levelno": logging.WARNING}
    return logging.makeLogRecord({**values, "msg": message, "args": args, **more})


def as_json(made: logging.LogRecord) -> dict[str, Any]:
    line = json_lines(REDACTOR).format(made)
    assert line.isascii()
    assert line.isprintable()
    found: dict[str, Any] = json.loads(line)
    return found


def as_text(made: logging.LogRecord) -> str:
    return console_lines(REDACTOR, colors=False).format(made)


def fail() -> None:
    raise ValueError("no\nluck \x1b[2J")


def failed() -> Any:
    try:
        fail()
    except ValueError as error:
        return type(error), error, error.__traceback__


def test_a_line_says_when_how_severe_and_who_in_both_forms() -> None:
    made = record("project %s rests", "shop", project="shop", created=1767225600.5)
    expected = {
        "time": "2026-01-01T00:00:00.500Z",
        "level": "warning",
        "logger": "workerhost.shop",
        "message": "project shop rests",
        "project": "shop",
    }
    assert as_json(made) == expected
    assert as_text(made) == ("2026-01-01T00:00:00.500Z [warning  ] project shop rests [workerhost.shop]")


def test_a_line_for_people_has_the_fields_that_its_sentence_does_not_say() -> None:
    made = record("project %s rests", "shop", project="shop", workflow_id="rest", seconds=2, created=1767225600.5)
    assert as_text(made).endswith(" project shop rests [workerhost.shop] workflow_id=rest seconds=2")


HOSTILE = "one\ntwo\r\x1b[1m \u202e\u2066 \u2028 \x9b \udcff \x00"


def test_nothing_in_a_message_or_a_field_begins_a_line_or_speaks_to_the_terminal() -> None:
    made = record("%s", HOSTILE, note=HOSTILE, more={HOSTILE: [HOSTILE]}, **{"na\nme": 1})
    text = as_text(made)
    assert text.isprintable()
    assert r"one\ntwo\r\x1b[1m \u202e\u2066 \u2028 \x9b \udcff \x00" in text
    found = as_json(made)
    assert found["message"] == HOSTILE.replace("\udcff", r"\udcff")
    assert found["na\nme"] == 1


def test_a_traceback_is_below_its_line_for_people_and_in_a_field_for_programs() -> None:
    made = record("it failed", exc_info=failed())
    first, *trace = as_text(made).split("\n")
    assert first.endswith("it failed [workerhost.shop]")
    assert trace[0] == "Traceback (most recent call last):"
    assert trace[-1] == r"luck \x1b[2J"
    assert as_json(made)["exception"].endswith("ValueError: no\nluck \x1b[2J")


class Unshowable:
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "made",
    [
        record("%d", "tea"),
        record("%s", Unshowable()),
        record("tea", field=Unshowable()),
        record("x" * 1_000_000, field="y" * 1_000_000, more=["z" * 1_000_000]),
        record("tea", number=float("nan"), bytes=b"\xff", deep={"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}}),
    ],
)
def test_what_cannot_be_written_is_written_as_well_as_it_can(made: logging.LogRecord) -> None:
    assert as_json(made)["level"] == "warning"
    assert len(as_text(made)) < 3 * LONGEST_MESSAGE


SECRETS = ["tea party", "tea%20party", "a-key-of-ours", "hunter22", "b3BlbiBzZXNhbWU="]


def test_no_secret_stands_in_a_line() -> None:
    made = record(
        "postgresql://me:hunter22@db, with tea party and a-key-of-ours; TEMPORAL_API_KEY=hunter22, %s",
        "Authorization: Basic b3BlbiBzZXNhbWU=",
        headers={"Authorization": "hunter22", "X-Note": "token=hunter22"},
        webhook_secret="hunter22",
        url="postgresql://me:tea%20party@db",
        exc_info=(ValueError, ValueError("password: hunter22"), None),
    )
    for line in (json_lines(REDACTOR).format(made), as_text(made)):
        assert [each for each in SECRETS if each in line] == []
    assert as_json(made)["message"].startswith("postgresql://me:[redacted]@db, with [redacted] and [redacted];")


def test_the_status_of_a_request_is_no_secret_whatever_its_path_is_called() -> None:
    line = "PUT /hooks/shop/token: 200 in 3.1 ms, secret: 200"
    assert LineRedactor().text(line) == "PUT /hooks/shop/token: 200 in 3.1 ms, secret: [redacted]"


def test_words_that_hold_a_secret_by_chance_stay_whole() -> None:
    redactor = LineRedactor(known_secrets("postgresql://postgres:postgres@db/x", {"A_TOKEN": "ab"}))
    line = json.loads(json_lines(redactor).format(record("a table of postgresql, no secrets, tokens are 5")))
    assert line["message"] == "a table of postgresql, no secrets, tokens are 5"


def test_a_line_names_the_request_and_the_run_that_it_belongs_to() -> None:
    place = {"workflow_id": "order-1", "run_id": "r", "workflow_type": "Order", "attempt": 2, "namespace": "default"}
    with bound_contextvars(request_id="abc", project=None):
        token = PROJECT_ID.set("shop")
        found = as_json(record("tea", temporal_workflow=place))
        PROJECT_ID.reset(token)
    assert {name: found[name] for name in ("project", "workflow_id", "run_id", "workflow_type", "attempt")} == {
        "project": "shop",
        "workflow_id": "order-1",
        "run_id": "r",
        "workflow_type": "Order",
        "attempt": 2,
    }
    assert found["request_id"] == "abc"


def test_a_line_for_people_names_the_host_where_there_are_several() -> None:
    one, two = (
        line_formatter(Settings(log_format=LogFormat.CONSOLE, workers=workers), io.StringIO()) for workers in (1, 2)
    )
    assert "host=" not in one.format(record("tea", host="3b9c", pid=7))
    assert "host=3b9c pid=7" in two.format(record("tea", host="3b9c", pid=7))


def test_code_of_projects_that_fails_is_told_at_debug_alone_and_without_its_traceback() -> None:
    logger = logging.getLogger("workerhost")
    extra = {"__temporal_error_identifier": "ActivityFailure", "exc_info": failed()}
    logger.setLevel(logging.INFO)
    try:
        assert not tell_less_of_tenants(record("Completing activity as failed", **extra))
        logger.setLevel(logging.DEBUG)
        made = record("Completing activity as failed", **extra)
        assert tell_less_of_tenants(made)
        found = as_json(made)
        assert (found["level"], found["message"]) == ("debug", "an activity failed: ValueError: no\nluck \x1b[2J")
        assert "exception" not in found
    finally:
        logger.setLevel(logging.NOTSET)
    task = "Failed handling activation on workflow with run ID %s"
    assert not tell_less_of_tenants(record(task, "r", exc_info=(None, NotReadyYetError("a process starts"), None)))
    assert tell_less_of_tenants(record(task, "r", exc_info=failed())), "a mistake of workerhost's"
    assert tell_less_of_tenants(record("of workerhost's own", exc_info=failed()))


def test_each_line_is_written_in_one_piece() -> None:
    reading, writing = os.pipe()
    with open(reading) as lines, open(writing, "w") as stream:  # noqa: PTH123  of descriptors
        handler = LineHandler(stream)
        handler.setFormatter(json_lines(REDACTOR))
        handler.handle(record("tea \udcff"))
        assert json.loads(lines.readline())["message"] == r"tea \udcff"


def test_a_full_pipe_costs_lines_and_no_more_than_a_moment_and_says_how_many() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as lines, os.fdopen(writer, "w") as stream:
        handler = LineHandler(stream)
        handler.setFormatter(json_lines(REDACTOR))
        begin = time.monotonic()
        for number in range(1000):
            handler.handle(record(f"{number} {'x' * 3000}"))
        assert time.monotonic() - begin < PATIENCE_SECONDS + 5
        os.set_blocking(reader, False)
        held = lines.read()
        handler.handle(record("after"))
        handler.close()
        *kept, missing, last = (json.loads(line)["message"] for line in (held + lines.read()).splitlines() if line)
    assert [each.split()[0] for each in kept] == [str(number) for number in range(len(kept))]
    assert missing == f"{1000 - len(kept)} lines of this log are missing here: they were written while nobody read"
    assert last == "after"


def test_a_message_that_cannot_be_shown_is_a_line_all_the_same() -> None:
    class Hostile:
        def __str__(self) -> str:
            raise ValueError

    line = as_json(record(Hostile()))
    assert line["message"] == "a message of the type Hostile (it cannot be written whole: ValueError)"
