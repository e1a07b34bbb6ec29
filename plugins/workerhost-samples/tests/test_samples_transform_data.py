from typing import Any

import pytest
from pydantic import ValidationError
from samples_support import run_activity
from temporalio.exceptions import ApplicationError

from workerhost_samples.activities.transform_data import TransformInput, transform_data


def transform(data: Any, transformation: str) -> Any:
    return run_activity(transform_data, TransformInput.model_validate({"data": data, "transformation": transformation}))


@pytest.mark.parametrize(
    ("transformation", "before", "after"),
    [
        ("uppercase", "hello wörld", "HELLO WÖRLD"),
        ("lowercase", "Hello WÖRLD", "hello wörld"),
        ("reverse", "abc😀", "😀cba"),
        ("json-parse", '{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        ("json-stringify", {"b": 1, "a": "ü"}, '{\n  "b": 1,\n  "a": "ü"\n}'),
        ("json-stringify", "text", '"text"'),
        ("json-stringify", None, "null"),
    ],
)
def test_each_transformation_does_what_it_says(transformation: str, before: Any, after: Any) -> None:
    assert transform(before, transformation) == after


@pytest.mark.parametrize("transformation", ["uppercase", "lowercase", "reverse", "json-parse"])
@pytest.mark.parametrize("data", [7, 1.5, True, None, ["b", "a"], {"a": "b"}])
def test_what_is_no_text_goes_through_the_text_transformations_unchanged(transformation: str, data: Any) -> None:
    assert transform(data, transformation) == data


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (123456789.5, "123456789.5"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (0.000001, "0.000001"),
        (1.5e-7, "1.5e-7"),
        ([], "[]"),
        ({}, "{}"),
        ([1, [2]], "[\n  1,\n  [\n    2\n  ]\n]"),
        ('a\n"\\\u2028\x07', '"a\\n\\"\\\\\u2028\\u0007"'),
    ],
)
def test_json_is_written_as_javascript_writes_it(value: Any, text: str) -> None:
    assert transform(value, "json-stringify") == text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", "line 1 column 1"),
        ('{\n "a": x}', "line 2 column 7"),
        ("", "line 1"),
        ("NaN", "line 1 column 1"),
    ],
)
def test_json_that_does_not_parse_fails_for_good_and_says_where(text: str, place: str) -> None:
    with pytest.raises(ApplicationError, match=f"The data is not valid JSON: .* at {place}") as caught:
        transform(text, "json-parse")
    assert caught.value.non_retryable


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5000])
def test_json_beyond_any_bound_is_refused_like_json_that_does_not_parse(text: str) -> None:
    with pytest.raises(ApplicationError, match="not valid JSON"):
        transform(text, "json-parse")


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"data": "x", "transformation": "rot13"}, "transformation"),
        ({"data": "x"}, "transformation"),
        ({"transformation": "reverse"}, "data"),
    ],
)
def test_input_that_does_not_fit_names_the_field(request_: Any, field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TransformInput.model_validate(request_)
    assert caught.value.errors()[0]["loc"] == (field,)
