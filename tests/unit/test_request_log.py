"""The id of a request, and its line."""

import logging

import pytest

from workerhost.api.serving.request_log import LONGEST_PATH, RequestEntry, chosen_id
from workerhost.service_log.configuring import REQUESTS_LOGGER


@pytest.mark.parametrize("sent", ["a", "01JABC-9_x.y", "Root=1-67891233-abcdef012345678912345678", "a" * 128])
def test_an_id_that_is_short_and_plain_is_taken(sent: str) -> None:
    assert chosen_id(sent) == sent


@pytest.mark.parametrize("sent", [None, "", "a" * 129, "a b", "a\nb", "\x1b[1m", "ü", "a,b", '{"a":1}', "<b>"])
def test_any_other_is_replaced(sent: str | None) -> None:
    made = chosen_id(sent)
    assert made != sent
    assert len(made) == 32
    assert made != chosen_id(sent)


def test_its_line_has_what_was_asked_and_what_came_of_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, REQUESTS_LOGGER)
    RequestEntry("GET", "/health", "::1").write(200)
    RequestEntry("GET", f"/{'a' * 2 * LONGEST_PATH}", "::1", "abc", "shop").write(404)
    [line] = map(vars, caplog.records)
    assert (line["request_id"], line["method"], line["status"], line["remote"]) == ("abc", "GET", 404, "::1")
    assert line["project"] == "shop"
    assert line["duration_ms"] >= 0
    assert len(line["path"]) < LONGEST_PATH + 50
