"""What of a process's records and prints becomes lines."""

import io
import logging
import sys
import threading
import time

import pytest
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from workerhost.code.capture.headers import named_node
from workerhost.code.capture.origin import ACTIVITY, Origin
from workerhost.code.capture.records import ProjectLoggers, said_of
from workerhost.code.capture.said import Said
from workerhost.code.capture.streams import MOST_BEGUN, LineStream
from workerhost.code.capture.traces import trace_of
from workerhost.runtime.builds.node_header import add_node_header


@pytest.mark.parametrize(
    ("name", "level", "path", "is_taken"),
    [
        ("logging.handlers", logging.INFO, "/lib/urllib3/pool.py", False),
        ("logging.handlers", logging.WARNING, "/lib/urllib3/pool.py", True),
        ("shop.orders", logging.INFO, "/lib/structlog/stdlib.py", True),
        ("logging", logging.INFO, "shop@0a1b2c/orders/activities.py", True),
        ("some_plugin.mails", logging.INFO, "/lib/some_plugin/mails.py", True),
        ("temporalio.activity", logging.INFO, "/lib/x.py", True),
        ("workerhost.code", logging.INFO, "/lib/x.py", False),
    ],
)
def test_libraries_are_heard_from_warnings_on(name: str, level: int, path: str, *, is_taken: bool) -> None:
    record = logging.makeLogRecord({"name": name, "levelno": level, "pathname": path})
    assert ProjectLoggers(("workerhost", "some_plugin")).is_taken(record) is is_taken


def test_a_record_whose_parts_fail_is_a_line_all_the_same() -> None:
    class Hostile:
        def __str__(self) -> str:
            raise SystemError("no")

        __repr__ = __str__

    record = logging.makeLogRecord({"msg": "%d", "args": ("x",), "levelno": 20, "odd": Hostile()})
    said = said_of(record, None)
    assert said.message.startswith("%d (its arguments cannot be put in: TypeError")
    assert "cannot be shown" in str(said.fields)


def test_prints_of_two_activities_on_one_thread_do_not_mix() -> None:
    said: list[Said] = []
    stream = LineStream(io.StringIO(), logging.INFO, said.append, takes_all=True)
    first, second = Origin(activity="first"), Origin(activity="second")
    for text in ("one", " and", " two\n", "no end"):
        for origin in (first, second):
            ACTIVITY.set(origin)
            stream.write(text)
    stream.finish(second)
    stream.finish(second)
    ACTIVITY.set(None)
    assert [(each.message, each.origin) for each in said] == [
        ("one and two", first),
        ("one and two", second),
        ("no end", second),
    ]


def test_lines_that_never_end_are_few() -> None:
    said: list[Said] = []
    stream = LineStream(io.StringIO(), logging.INFO, said.append, takes_all=True)
    for number in range(MOST_BEGUN + 10):
        ACTIVITY.set(Origin(attempt=number))
        stream.write("x")
    ACTIVITY.set(None)
    assert len(said) == 10
    assert said[0].origin is not None
    assert said[0].origin.attempt == 0


def test_in_a_host_only_what_a_project_prints_becomes_lines() -> None:
    said: list[Said] = []
    beneath = io.StringIO()
    stream = LineStream(beneath, logging.INFO, said.append, takes_all=False)
    print("of the host", file=stream)

    def activity() -> None:
        ACTIVITY.set(Origin(activity="a", sink=said.append))
        print("of a project", file=stream)

    thread = threading.Thread(target=activity)
    thread.start()
    thread.join()
    assert beneath.getvalue() == "of the host\n"
    assert [each.message for each in said] == ["of a project"]
    assert sys.stdout is not stream


@pytest.mark.parametrize(
    ("summary", "node"),
    [
        ('"Send [node: a-1]"', "a-1"),
        ('"[node: a]"', "a"),
        ('"Send"', None),
        ('"Send [node: ]"', None),
        ('"x[node: ' + "a" * 300 + ']"', None),
        ('\\ud800]"', None),
        ('["[node: a]"', None),
    ],
)
def test_an_activity_carries_the_node_that_its_summary_names(summary: str, node: str | None) -> None:
    command = WorkflowCommand()
    command.schedule_activity.activity_id = "1"
    command.user_metadata.summary.data = summary.encode()
    add_node_header(command)
    assert named_node(command.schedule_activity.headers) == node


def test_what_an_error_of_an_error_says_is_no_reason_to_lose_a_line() -> None:
    class Hostile:
        def __str__(self) -> str:
            raise ValueError

    said = said_of(logging.makeLogRecord({"msg": Hostile(), "order": 7, "odd": Hostile()}), None)
    assert said.message.startswith("a message of the type Hostile (its arguments cannot be put in: ValueError")
    assert said.fields == {"order": 7, "odd": "… it cannot be shown: ValueError"}


def test_a_traceback_of_very_many_calls_is_soon_looked_through() -> None:
    def fall(depth: int) -> None:
        if depth == 0:
            raise ValueError(depth)
        rise(depth - 1)

    def rise(depth: int) -> None:
        fall(depth)

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(60_000)
    try:
        with pytest.raises(ValueError, match="0") as failed:
            fall(25_000)
    finally:
        sys.setrecursionlimit(limit)
    begin = time.perf_counter()
    assert trace_of(failed.value) == []  # this file is no project's
    assert time.perf_counter() - begin < 0.2
