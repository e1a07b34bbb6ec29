"""Lines of logs on a terminal."""

import json

import click
import pytest

from workerhost.answers import LogLineInfo
from workerhost.cli.connection import show_json, show_json_line
from workerhost.cli.observing.log_rendering import log_text

LINE = {"at": "2026-01-31T12:00:00.123Z", "level": "info", "message": "charged"}


def text(**values: object) -> str:
    return click.unstyle(log_text(LogLineInfo.model_validate(LINE | values)))


def test_a_line_says_when_how_severe_where_and_what() -> None:
    assert text() == "2026-01-31 12:00:00.123Z  INFO     charged"
    shown = text(level="warning", workflowId="order-1", activity="charge", attempt=2, fields={"amount": 1})
    assert shown == '2026-01-31 12:00:00.123Z  WARNING  order-1 charge (try 2)  charged  {"amount": 1}'
    assert text(level="of a newer service").partition("Z  ")[2] == "OF A N…  charged"


def test_what_the_code_writes_neither_speaks_to_the_terminal_nor_looks_like_another_line() -> None:
    hostile = "a\x1b]0;title\x07\x1b[31m\r\nERROR fake\x85next\u2028last\u202e\x00"
    shown = log_text(
        LogLineInfo.model_validate(LINE | {"message": hostile, "workflowId": "o\n\x1b[2J", "fields": {"\x1b": "\x9b"}})
    )
    assert [line for line in shown.split("\n") if not line.startswith("    ")] == [shown.split("\n")[0]]
    written = click.unstyle(shown)
    assert all(each.isprintable() or each == "\n" for each in written)
    assert r"a\x1b]0;title\x07\x1b[31m" in written


def test_json_for_programs_does_not_speak_to_a_terminal_and_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    answer = {"message": "Zoë\x1b[31m\x7f\x9b31m\u202e\u2028\U000e0001\n"}
    for show in (show_json_line, show_json):
        show(answer)
        written = capsys.readouterr().out
        assert json.loads(written) == answer
        assert "Zoë" in written
        assert all(each.isprintable() for each in written.replace("\n", ""))
    show_json_line(answer)
    assert len(capsys.readouterr().out.splitlines()) == 1
