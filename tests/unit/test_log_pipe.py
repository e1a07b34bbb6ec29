"""What comes down the pipe of a project process becomes lines of its project, whatever it is, within bounds."""

import json
import logging
import time

import pytest

from workerhost.code.capture.origin import Origin
from workerhost.code.capture.said import LONGEST_MESSAGE, Said
from workerhost.code.capture.traces import project_lines
from workerhost.code.capture.wire import LONGEST_LINE, MARK, encoded
from workerhost.observed import LogLevel, LogLine
from workerhost.project_settings import ProjectSettings
from workerhost.runtime.capture.project_log import SHOWN, ProjectLog
from workerhost.runtime.processes.log_pipe import LONGEST_UNENDED, LogPipe
from workerhost.words import BuildId


def _pipe(settings: ProjectSettings | None = None) -> tuple[LogPipe, list[LogLine]]:
    lines: list[LogLine] = []
    return LogPipe(ProjectLog("shop", lines.append, settings or ProjectSettings()).take), lines


ORIGIN = Origin("order-1", "r1", "Order", BuildId("b1"), "charge", 2, "charge-1")


def test_a_line_arrives_as_it_was_sent_in_whatever_pieces() -> None:
    pipe, lines = _pipe()
    said = Said(time.time(), logging.WARNING, "one\ntwo \N{SNOWMAN}", "shop.orders", ORIGIN, {"n": [1, None, "x"]})
    for byte in encoded(said) + b"printed\n":
        pipe.feed(bytes([byte]))
    sent, printed = lines
    assert (sent.project_id, sent.level, sent.message, sent.logger) == (
        "shop",
        LogLevel.WARNING,
        "one\ntwo \N{SNOWMAN}",
        "shop.orders",
    )
    assert (sent.workflow_id, sent.run_id, sent.workflow_type, sent.build_id) == ("order-1", "r1", "Order", "b1")
    assert (sent.activity, sent.attempt, sent.node, sent.fields) == ("charge", 2, "charge-1", {"n": [1, None, "x"]})
    assert sent.at.timestamp() == pytest.approx(said.at, abs=0.001)
    assert (printed.message, printed.level, printed.logger) == ("printed", LogLevel.INFO, None)


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 10_000,
        b"{}",
        b"[1,2,3]",
        b'[1,2,["no text"],4,5,6,7]',
        b"\xff\xfe",
        b'[1,40,"x",null,null,{},' + b"9" * 5000 + b"]",
        b'[1,40,"x"' + b",1" * 200_000 + b"]",
        b"",
    ],
)
def test_what_only_looks_like_a_line_of_ours_is_a_printed_one(line: bytes) -> None:
    pipe, lines = _pipe()
    pipe.feed(MARK + line + b"\n")
    assert all((each.logger, each.level, each.project_id) == (None, LogLevel.INFO, "shop") for each in lines)
    assert all(len(each.message) < LONGEST_MESSAGE + 100 for each in lines)


def test_a_forged_line_has_values_of_the_right_types_and_sizes_or_none() -> None:
    pipe, lines = _pipe()
    names = ["w" * 5000, "r\0", "t\ud800", {}, ["a"], 10**30, False]
    fields = {"project_id": "other", "n": float("nan"), "deep": json.loads("[" * 500 + "]" * 500), "i": 2**70}
    parts = [time.time() + 3600, 10**9, "m\0\ud800", "l" * 5000, names, fields, -5]
    pipe.feed(MARK + json.dumps(parts).encode() + b"\n")
    [line] = lines
    assert (line.project_id, line.level, line.message) == ("shop", LogLevel.ERROR, "m\ufffd?")
    assert (len(line.workflow_id or ""), line.run_id, line.workflow_type) == (1000, "r\ufffd", "t?")
    assert (line.build_id, line.activity, line.attempt, line.node) == (None, None, None, None)
    assert abs(line.at.timestamp() - time.time()) < 60
    stored = json.dumps(line.fields, allow_nan=False)
    assert len(stored) < LONGEST_MESSAGE
    assert line.fields["i"] == hex(2**70)


def test_a_line_of_a_megabyte_is_cut_and_says_how_much_is_missing() -> None:
    pipe, lines = _pipe()
    pipe.feed(b"x" * 500_000)
    pipe.feed(b"x" * 500_000 + b"\nnext\n")
    assert [each.message for each in lines] == [
        f"{'x' * LONGEST_MESSAGE} … ({1_000_000 - LONGEST_MESSAGE:,} more characters)",
        "next",
    ]


def test_what_a_program_has_written_without_an_end_costs_the_next_line_nothing() -> None:
    pipe, lines = _pipe()
    pipe.feed(b"10%\r20%" + encoded(Said(time.time(), logging.ERROR, "a\x1eb", "shop", ORIGIN)))
    assert [(each.message, each.activity, each.logger) for each in lines] == [
        ("10%\r20%", None, None),
        ("a\x1eb", "charge", "shop"),
    ]
    pipe.feed(encoded(Said(0.0, logging.INFO, "x")).rstrip() * 3000 + b"\n")
    assert len(lines) == 4, "a line that is forged is cut, and no more"


def test_a_line_without_end_takes_no_memory() -> None:
    pipe, lines = _pipe()
    for _ in range(100):
        pipe.feed(b"x" * 65_536)
    assert len(pipe._received) <= LONGEST_LINE
    assert 3 <= len(lines) <= 1 + 100 * 65_536 // LONGEST_UNENDED
    pipe.close()


def test_a_secret_is_in_no_line_also_where_that_is_cut() -> None:
    pipe, lines = _pipe(ProjectSettings(environment={"API_KEY": "k-123456", "CITY": "Ghent", "PIN_TOKEN": "1"}))
    pipe.feed(f"{'x' * (LONGEST_MESSAGE - 4)}k-123456\n".encode())
    pipe.feed(encoded(Said(time.time(), 20, "k-123456 in Ghent 1", "a", None, {"k-123456": "k-123456", "token": "x"})))
    assert all("k-1" not in str(each) for each in lines)
    assert lines[1].message == "[redacted] in Ghent 1"
    assert lines[1].fields == {"[redacted]": "[redacted]", "token": "[redacted]"}


def test_forged_levels_take_no_memory_of_the_host() -> None:
    pipe, lines = _pipe()
    for level in range(1000, 1300):
        pipe.feed(MARK + json.dumps([0.0, level, "x", None, None, {}, 0]).encode() + b"\n")
    assert {each.level for each in lines} == {LogLevel.ERROR}
    assert len(vars(SHOWN)["_cache"]) <= len(LogLevel)


def test_a_failure_of_megabytes_is_cut_before_it_is_looked_through() -> None:
    lines: list[LogLine] = []
    project_log = ProjectLog("shop", lines.append, ProjectSettings())
    project_log.say(logging.ERROR, "://a:" * 3_000_000, None, {"trace": project_lines("\n" * 5_000_000)})
    assert len(lines[0].message) < LONGEST_MESSAGE + 100
    assert lines[0].message.endswith(f"({15_000_000 - LONGEST_MESSAGE:,} more characters)")


def test_what_no_database_can_store_is_replaced_and_the_rest_stays_as_it_is() -> None:
    lines: list[LogLine] = []
    origin = Origin(activity="a\0" * 900, workflow_id="x" * 5000, attempt=2**40)
    ProjectLog("shop", lines.append, ProjectSettings()).say(20, "a\0b\ud800\x1b[31m\r\n", origin, {"\0": "\ud800"})
    [line] = lines
    assert line.message == "a\ufffdb?\x1b[31m\r\n"
    assert (line.activity, line.workflow_id, line.attempt) == ("a\ufffd" * 250, "x" * 1000, None)
    assert line.fields == {"\ufffd": "?"}
