"""What JSONPaths of a webhook take from a call, and which ones are refused."""

import time
from contextlib import suppress
from typing import Any

import pytest

from workerhost.errors import InvalidRequestError, MappingFailedError
from workerhost.runtime.webhooks.headers import CallHeaders
from workerhost.runtime.webhooks.mapping import MOST_DESCENTS, MOST_PATHS, CallValues, check_paths, fill

VALUES = CallValues(
    body={"id": 7, "order": {"lines": [{"sku": "a"}, {"sku": "b"}]}, "nothing": None, "a b": True},
    headers=CallHeaders([("X-Event-Kind", "paid"), ("Content-Type", "application/json")]),
    query={"colour": "red", "size": ["1", "2"]},
)


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("$.body.id", 7),
        ("$.body.nothing", None),
        ("$.body['a b']", True),
        ("$.body.order.lines[0]", {"sku": "a"}),
        ("$.body.order.lines[-1].sku", "b"),
        ("$.body.order.lines[*].sku", ["a", "b"]),
        ("$.body.order.lines[1:]", [{"sku": "b"}]),
        ("$.body..sku", ["a", "b"]),
        ("$.body..colour", []),
        ("$.headers.X-Event-Kind", "paid"),
        ("$.headers['x-event-kind']", "paid"),
        ("$.headers", {"x-event-kind": "paid", "content-type": "application/json"}),
        ("$.query.colour", "red"),
        ("$.query.size", ["1", "2"]),
        ({"order": ["$.body.id", {"kind": "$.headers.x-event-kind"}]}, {"order": [7, {"kind": "paid"}]}),
        ("$", "$"),
        ("$5.00", "$5.00"),
        ("as it is", "as it is"),
        (3, 3),
        ({"$.body.id": 1}, {"$.body.id": 1}),
    ],
)
def test_values_of_a_call_come_in_the_places_of_paths(template: Any, filled: Any) -> None:
    check_paths({"args": [template]})
    assert fill(template, VALUES) == filled


@pytest.mark.parametrize("path", ["$.body.colour", "$.body.id.x", "$.body.order.lines[2]", "$.query.none", "$.none"])
def test_a_path_to_one_value_that_is_not_there_is_named(path: str) -> None:
    with pytest.raises(MappingFailedError) as refused:
        fill([path], VALUES)
    assert str(refused.value) == f"the call has nothing at {path}, which this webhook needs"


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("$.body.a[", "$.body.a[ is no JSONPath: unexpected end of query at position 9"),
        ("$.body.a b", "unexpected token 'b' at position 9"),
        ("$.", "at position 2"),
        ("$.body.0", "at position 7"),
        ("$.body[" + "9" * 5000 + "]", "a JSONPath has 1000 characters at most"),
        ("$.body[" + "9" * 900 + "]", "at position 7"),
        ("$.body[?@.a == 1]", "has a filter"),
        ("$.body[?search(@.a, '(a+)+$')]", "has a filter"),
        ("$.body.~", "has a filter, or another step"),
        ("$.body[0, 1]", "selects in several ways at once"),
        ("$.body['a', 'a']['a', 'a']", "selects in several ways at once"),
        ("$.body..a..b", "has .. more than once"),
        ("$.body.a | $.body.b", "joins several JSONPaths"),
        ("$." + "[" * 900, "position"),
    ],
)
def test_a_path_that_is_none_or_could_take_long_is_refused_with_its_place(path: str, part: str) -> None:
    for template, place in (({"workflowId": path}, "workflowId: "), ({"args": [1, {"a": [path]}]}, "args.1.a.0: ")):
        with pytest.raises(InvalidRequestError) as refused:
            check_paths(template)
        assert str(refused.value).startswith(place)
        assert part in str(refused.value)


def test_a_webhook_has_so_many_paths_and_no_more() -> None:
    check_paths({"args": ["$.body.id"] * MOST_PATHS})
    with pytest.raises(InvalidRequestError, match="50 JSONPaths at most, and this one has 51"):
        check_paths({"args": ["$.body.id"] * (MOST_PATHS + 1)})
    check_paths({"args": ["$.body..id"] * MOST_DESCENTS})
    with pytest.raises(InvalidRequestError, match=r"args\.5: a webhook has 5 JSONPaths with \.\. at most"):
        check_paths({"args": ["$.body..id"] * (MOST_DESCENTS + 1)})


def test_a_call_with_too_many_values_is_refused() -> None:
    with pytest.raises(MappingFailedError, match=r"the call has too many values to look through for \$\.body\[\*\]"):
        fill("$.body[*]", CallValues([1] * 200_000, CallHeaders([]), {}))


def nested(depth: int) -> Any:
    body: Any = 1
    for _ in range(depth):
        body = [body]
    return body


@pytest.mark.parametrize(
    "path", ["$.body..[*]", "$.body..x", "$.body..[*][*][*][*]", "$.body[*][*][*]", "$.body.*..[0]"]
)
@pytest.mark.parametrize("body", [[nested(80)] * 6000, {"a" * 500_000: [[]] * 250_000}, [1] * 500_000])
def test_a_large_call_is_looked_through_or_refused_soon(path: str, body: Any) -> None:
    began = time.monotonic()
    with suppress(MappingFailedError):
        fill([path] * (MOST_DESCENTS if ".." in path else MOST_PATHS), CallValues(body, CallHeaders([]), {}))
    assert time.monotonic() - began < 10


def test_a_call_that_is_nested_too_deeply_to_be_looked_through_is_refused() -> None:
    values = CallValues(nested(150), CallHeaders([]), {})
    assert fill("$.body[0][0]", values) == nested(148)
    with pytest.raises(MappingFailedError, match=r"nested too deeply to look through it for \$\.\.x"):
        fill("$..x", values)


@pytest.mark.parametrize(
    ("template", "body"),
    [
        (["$.body..a"], {"a": "x" * 1_000_000}),
        (["$.body"] * 50, "x" * 1_000_000),
        ([["$.body[*]"] * 40], ["x" * 1000] * 500),
    ],
)
def test_what_is_selected_many_times_is_refused_before_it_fills_the_memory(template: Any, body: Any) -> None:
    for _ in range(80 if isinstance(body, dict) else 0):
        body = {"a": body}
    check_paths({"args": template})
    began = time.monotonic()
    with pytest.raises(MappingFailedError, match="larger than 4 MiB"):
        fill(template, CallValues(body, CallHeaders([]), {}))
    assert time.monotonic() - began < 1


def test_headers_are_read_as_utf_8_where_they_are_that() -> None:
    utf_8, latin_1 = "Zoë".encode().decode("latin-1"), "Zoë"
    headers = CallHeaders.as_sent([("Name", utf_8), ("Other", latin_1), ("Plain", "Zoe")])
    assert dict(headers) == {"name": "Zoë", "other": "Zoë", "plain": "Zoe"}
