from typing import Any

import pytest
from pydantic import ValidationError
from samples_support import run_activity
from temporalio.exceptions import ApplicationError

from workerhost_samples.activities.validate_data import ValidateInput, ValidationResult, validate_data

EMAIL = r"^[\w-\.]+@([\w-]+\.)+[\w-]{2,4}$"


def errors_of(data: Any, **rules: Any) -> list[str]:
    result = run_activity(validate_data, ValidateInput.model_validate({"data": data, "rules": rules}))
    assert isinstance(result, ValidationResult)
    assert result.valid == (not result.errors)
    return result.errors


def test_data_without_rules_is_valid() -> None:
    assert errors_of({"any": "thing"}) == []


def test_required_data_that_is_missing_is_the_only_complaint() -> None:
    missing = ValidateInput.model_validate({"rules": {"required": True, "type": "string", "minLength": 3}})
    assert run_activity(validate_data, missing).errors == ["Data is required but not provided"]
    assert errors_of(None, required=True, type="string") == ["Data is required but not provided"]


def test_null_that_is_not_required_keeps_every_rule() -> None:
    assert errors_of(None, type="string", minLength=3, pattern="x") == []


@pytest.mark.parametrize("data", ["", 0, False, [], {}])
def test_empty_data_is_data(data: Any) -> None:
    assert errors_of(data, required=True) == []


@pytest.mark.parametrize(
    ("data", "actual"),
    [("x", "string"), (1, "number"), (1.5, "number"), (True, "boolean"), ({}, "object"), ([], "array")],
)
@pytest.mark.parametrize("expected", ["string", "number", "boolean", "object", "array"])
def test_types_are_those_of_json(data: Any, actual: str, expected: str) -> None:
    complaint = [] if actual == expected else [f"Expected type {expected} but got {actual}"]
    assert errors_of(data, type=expected) == complaint


@pytest.mark.parametrize(
    ("data", "length"),
    [("ab", 2), ("😀", 2), ("é", 1), ([1, 2, 3], 3)],
    ids=["text", "emoji", "accent", "array"],
)
def test_length_is_counted_as_javascript_does(data: Any, length: int) -> None:
    assert errors_of(data, minLength=length, maxLength=length) == []
    assert errors_of(data, minLength=9) == [f"Length {length} is less than minimum 9"]
    assert errors_of(data, maxLength=0) == [f"Length {length} exceeds maximum 0"]


@pytest.mark.parametrize("data", [12345, {"a": 1}, True])
def test_length_and_pattern_do_not_apply_to_what_has_none(data: Any) -> None:
    assert errors_of(data, minLength=100, pattern="^x$") == []


@pytest.mark.parametrize("address", ["test@example.com", "a.b-c_d@mail.example.org"])
def test_the_email_pattern_of_uis_takes_addresses(address: str) -> None:
    assert errors_of(address, pattern=EMAIL) == []


@pytest.mark.parametrize("address", ["test", "test@", "@example.com", "test@example.com\n", "a b@example.com"])
def test_the_email_pattern_of_uis_refuses_what_is_none(address: str) -> None:
    assert errors_of(address, pattern=EMAIL) == [f"Data does not match pattern: {EMAIL}"]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("b", "abc"),
        ("^$", ""),
        (r"^(?<year>\d{4})$", "2024"),
        (r"^\u00fc\/$", "ü/"),
        (r"^[\u4e00-\u9fa5]+$", "中文"),
    ],
)
def test_patterns_search_and_read_as_in_javascript(pattern: str, text: str) -> None:
    assert errors_of(text, pattern=pattern) == []


def test_a_backslash_before_a_u_stays_a_backslash() -> None:
    assert errors_of("\\u00fc", pattern=r"^\\u00fc$") == []


def test_every_broken_rule_is_named() -> None:
    assert errors_of("ab", type="number", minLength=3, pattern="c") == [
        "Expected type number but got string",
        "Length 2 is less than minimum 3",
        "Data does not match pattern: c",
    ]


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(a|a)*$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_hostile_pattern_on_a_long_text_comes_to_an_end(pattern: str) -> None:
    assert errors_of("a" * 100_000 + "!", pattern=pattern) == [f"Data does not match pattern: {pattern}"]


@pytest.mark.parametrize("pattern", ["(a", "(?=a)", r"(a)\1", "[z-a]", "((a{1000}){1000}){1000}"])
@pytest.mark.parametrize("data", ["text", None, 5])
def test_a_pattern_that_re2_does_not_take_fails_for_good(pattern: str, data: Any) -> None:
    with pytest.raises(ApplicationError, match=r"rules\.pattern is not a valid RE2 pattern: \w+") as caught:
        errors_of(data, pattern=pattern)
    assert caught.value.non_retryable


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"type": "date"}, "type"),
        ({"minLength": -1}, "minLength"),
        ({"maxLength": "long"}, "maxLength"),
        ({"minLenght": 3}, "minLenght"),
    ],
)
def test_a_rule_that_does_not_fit_is_named(rules: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ValidateInput.model_validate({"data": "x", "rules": rules})
    assert caught.value.errors()[0]["loc"] == ("rules", field)
