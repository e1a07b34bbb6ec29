"""What is said beside a refusal of arguments."""

from typing import Any

import pytest

from workerhost.cli.running.explaining import Taken, how_to_write, takes

ITEM = {
    "type": "object",
    "properties": {"note": {"type": "string"}, "article": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["article", "count"],
}
LOOP: dict[str, Any] = {"$ref": "#/$defs/Loop", "$defs": {"Loop": {"anyOf": [{"$ref": "#/$defs/Loop"}]}}}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string"}, "a text"),
        ({"type": "null"}, "no arguments"),
        ({}, "anything"),
        ({"type": "array", "items": {}}, "a list"),
        ({"enum": ["red", 3]}, '"red" or 3'),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "a whole number or null"),
        ({"type": "object"}, "an object"),
        (ITEM, "an object with article, count, note?"),
        ({"$ref": "#/$defs/Item", "$defs": {"Item": ITEM}}, "an object with article, count, note?"),
        (LOOP, "anything"),
        ({"$ref": "#/elsewhere"}, "anything"),
        ({"type": ["string", "null"]}, "anything"),
    ],
)
def test_what_is_taken_is_said_in_words(schema: dict[str, Any], said: str) -> None:
    assert takes(Taken("Order", schema)) == f"Order takes {said}"


def test_several_arguments_have_their_names_and_what_they_are_without_them() -> None:
    items = [
        {"title": "article", "$ref": "#/$defs/Item"},
        {"title": "count", "type": "integer", "default": 1},
        {"title": "more"},
    ]
    schema = {"type": "array", "prefixItems": items, "minItems": 1, "$defs": {"Item": {"type": "boolean"}}}
    assert takes(Taken("Order", schema)) == (
        "Order takes article (true or false), count (a whole number, else 1), more (anything, may be left out)"
    )


@pytest.mark.parametrize(
    ("refusal", "args", "said"),
    [
        ("args[0]: 3 is not of type 'string'", ("3",), "3 is JSON here and no text; the text is written '\"3\"'"),
        ("args[1]: '{a: 1}' is not of type 'object'", ("Ada", "{a: 1}"), "{a: 1} is no JSON, and so it was sent"),
        ("args[0]: 'Ada' is not of type 'integer'", ("Ada",), None),
        ("args[0].name: 3 is not of type 'string'", ('{"name": 3}',), None),
        ("args[0]: 3 is not of type 'string'", (), None),
        ("args[0] is required", (), None),
    ],
)
def test_how_an_argument_is_written_is_said_where_that_is_what_went_wrong(
    refusal: str, args: tuple[str, ...], said: str | None
) -> None:
    found = how_to_write(refusal, args)
    assert found is None if said is None else found is not None and found.startswith(said)
