"""Runs that would never end, or take all memory, fail with a sentence."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from drawings_emit import DrawnProject, branch, flow, js, program, put, step, value

from workerhost.testing import Api
from workerhost_drawings.v1 import js as runtime
from workerhost_drawings.v1.js.values import JavaScriptError


def doubled(times: int) -> Any:
    """A small value that is huge when it is written out."""
    made: Any = [1]
    for _ in range(times):
        made = [made, made]
    return made


def nested(times: int) -> Any:
    made: Any = []
    for _ in range(times):
        made = [made]
    return made


USES: dict[str, Callable[[Any], Any]] = {
    "text": runtime.text,
    "join": lambda given: runtime.call(given, "join", "-"),
    "flat": lambda given: runtime.call(given, "flat", 10_000),
    "sum": lambda given: runtime.add("", given),
    "equal": lambda given: runtime.equals(given, "x"),
    "less": lambda given: runtime.less(given, "x"),
    "number": runtime.number,
    "stringify": runtime.stringify,
    "plain": runtime.plain,
    "sort": lambda given: runtime.call([given, given], "toSorted"),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("make", [lambda: doubled(60), lambda: nested(5000)])
def test_a_value_that_is_huge_or_deep_when_written_out_is_a_range_error(use: str, make: Callable[[], Any]) -> None:
    began = time.monotonic()
    with pytest.raises(JavaScriptError) as caught:
        USES[use](make())
    assert caught.value.type == "RangeError"
    assert time.monotonic() - began < 30


def test_a_text_of_an_array_of_long_texts_is_a_range_error() -> None:
    texts = ["x" * 1_000_000] * 1000
    for use in ("text", "join", "plain", "stringify"):
        with pytest.raises(JavaScriptError):
            USES[use](texts)


def test_an_array_grows_to_a_million_items_and_no_further() -> None:
    made: list[Any] = [0] * 1_000_001
    with pytest.raises(JavaScriptError):
        runtime.iterate(made)
    assert len(runtime.iterate(made[1:])) == 1_000_000


def test_a_key_of_thousands_of_digits_is_a_key_like_any_other() -> None:
    key = "9" * 5000
    assert runtime.keys({key: 1, "1": 2}) == ["1", key]


LOOP = (branch("if", js("true"), "set", next="end"), put("set", "x", value(1), next="if"), step("mark", "end"))
CAUGHT = step("try", "try", body=flow(put("in", "x", value(1))), caught="e", handler=flow(put("on", "x", value(2))))


@pytest.mark.parametrize("in_loop", [LOOP[1], {**CAUGHT, "id": "set", "next": "if"}])
def test_a_loop_that_waits_for_nothing_fails_the_run(api: Api, project_id: str, in_loop: dict[str, Any]) -> None:
    drawn = DrawnProject(api, project_id, program(LOOP[0], in_loop, LOOP[2]))
    failure = drawn.failure()
    assert failure["type"] == "Endless"
    assert "without waiting for anything" in failure["message"]
    assert "a step that waits" in json.dumps(failure)
