"""Arguments of workflows, as they are written on a command line."""

import io
from typing import Any

import click
import pytest

from workerhost.cli.running.arguments import argument, given_arguments


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ada", "Ada"),
        ("3", 3),
        ('"3"', "3"),
        ("1.5", 1.5),
        ("true", True),
        ("True", "True"),
        ("null", None),
        ('{"city": "Köln"}', {"city": "Köln"}),
        ("[1, 2]", [1, 2]),
        ("[1, 2", "[1, 2"),
        ("", ""),
        ("NaN", "NaN"),
        ("1e999", "1e999"),
        ("9" * 5000, "9" * 5000),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_an_argument_is_json_or_else_text(text: str, value: Any) -> None:
    found = argument(text)
    assert (found, type(found)) == (value, type(value))


def test_all_arguments_may_come_from_a_file() -> None:
    assert given_arguments((), io.StringIO('["Ada", {"a": 1}]')) == ["Ada", {"a": 1}]
    assert given_arguments(("Ada", "2"), None) == ["Ada", 2]


@pytest.mark.parametrize(
    ("args", "text", "sentence"),
    [
        ((), '{"a": 1}', "must hold a JSON list"),
        ((), "[1,", "holds no JSON"),
        ((), "[NaN]", "NaN is no JSON number"),
        (("1",), "[1]", "give none beside it"),
    ],
)
def test_a_file_without_a_list_is_explained(args: tuple[str, ...], text: str, sentence: str) -> None:
    file = io.StringIO(text)
    file.name = "arguments.json"
    with pytest.raises(click.UsageError, match=sentence):
        given_arguments(args, file)
