"""What compiled expressions do at their limits, and what leaves the run."""

import copy
import pickle
from typing import Any

import pytest

from workerhost_drawings.v1 import js


@pytest.mark.parametrize(
    ("do", "sentence"),
    [
        (
            lambda: js.get(js.undefined, "name"),
            'cannot read "name" of undefined; "?." reads a member that may be missing',
        ),
        (
            lambda: js.get({"user": {}}, "user", "address", "city"),
            'cannot read "city" of "user.address", which is undefined; "?." reads a member that may be missing',
        ),
        (lambda: js.call(5, "trim"), 'a number has no method "trim"'),
        (lambda: js.call([1], "map", 5), "a function such as (item) => item.id is needed here, and this is a number"),
        (lambda: js.iterate(None), "an array is needed here, and this is null"),
    ],
)
def test_what_javascript_refuses_fails_the_run_with_a_sentence(do: Any, sentence: str) -> None:
    with pytest.raises(js.JavaScriptError) as failure:
        do()
    assert failure.value.message == sentence
    assert failure.value.type == "TypeError"
    assert failure.value.non_retryable


@pytest.mark.parametrize(
    "do",
    [
        lambda: js.call("x", "repeat", 1e9),
        lambda: js.call("x", "padStart", 1e9),
        lambda: js.call("x" * 10_000, "replaceAll", "x", "y" * 10_000),
        lambda: js.call(["x" * 1000] * 100_000, "join", ""),
        lambda: js.add("x" * 6_000_000, "y" * 6_000_000),
        lambda: js.call([[0] * 2000] * 2000, "flat"),
        lambda: js.call([0] * 2000, "flatMap", lambda _: [0] * 2000),
        lambda: js.array_from({"length": 1e9}),
    ],
)
def test_texts_and_arrays_have_a_greatest_size(do: Any) -> None:
    with pytest.raises(js.JavaScriptError) as failure:
        do()
    assert failure.value.type == "RangeError"


def test_a_value_that_is_too_deep_is_refused() -> None:
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    for do in (js.plain, js.stringify):
        with pytest.raises(js.JavaScriptError):
            do(deep)
    with pytest.raises(js.JavaScriptError):
        js.parse("[" * 100_000)


def test_only_what_json_holds_can_leave_the_run() -> None:
    value = {"a": js.undefined, "b": [js.undefined, js.NAN, -0.0, 2.0, 1e20, 1e22, "\ud83d"], "c": {"d": None}}
    assert js.plain(value) == {"b": [None, None, 0, 2, 10**20, 1e22, "\ufffd"], "c": {"d": None}}
    assert js.plain(js.undefined) is None


def test_members_are_only_ever_read_from_json() -> None:
    for name in ("__class__", "__dict__", "constructor", "__proto__", "append", "keys", "format"):
        for value in ({}, [], "text", 5, True):
            assert js.get(value, name) is js.undefined
    assert js.get({"constructor": "own"}, "constructor") == "own"


def test_there_is_one_undefined() -> None:
    for same in (copy.copy(js.undefined), copy.deepcopy(js.undefined), pickle.loads(pickle.dumps(js.undefined))):
        assert same is js.undefined
    assert not js.undefined
    assert repr(js.undefined) == "undefined"
