"""What is said of arguments and results, from annotations; and that nothing in it harms whoever reads it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pydantic import AliasChoices, BaseModel, Field

from workerhost.code.checks import CheckResult
from workerhost.code.schemas.bounds import DEEPEST_SCHEMA, LARGEST_SCHEMA, LARGEST_TYPES, bounded
from workerhost.code.schemas.making import ArgumentsSchema, arguments_schema, description_of, result_schema
from workerhost.code.schemas.types import BuildTypes, MessageType, WorkflowType
from workerhost.errors import InvalidArgumentsError
from workerhost.runtime.types.arguments import LONGEST_CHECK_SECONDS, check_arguments
from workerhost.runtime.types.build_types import CheckedArguments
from workerhost.runtime.types.schemas import safe_schema
from workerhost.runtime.types.validators import Validator
from workerhost.words import MessageKind


class Item(BaseModel):
    name: str
    amount: int = 1


class Order(BaseModel):
    items: list[Item]
    earlier: "Order | None" = None


@dataclass
class Address:
    city: str
    street: str = ""


class Strange:
    """A class of which no schema can be made."""


class Hostile:
    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> Any:
        raise ZeroDivisionError


def two(order: Order, address: Address, note: str = "none") -> None:
    """Take three."""


def bare(value): ...  # type: ignore[no-untyped-def]


def several(first: str, *rest: str) -> None: ...


def nothing() -> None: ...


def taken(function: Callable[..., Any]) -> ArgumentsSchema:
    hints = getattr(function, "__annotations__", {})
    types = [hint for name, hint in hints.items() if name != "return"]
    return arguments_schema(function, types or None)


def checked(function: Callable[..., Any], *args: Any) -> str | None:
    try:
        check_arguments("it", CheckedArguments(taken(function)), args)
    except InvalidArgumentsError as error:
        return str(error)
    return None


def problem(schema: Any, value: Any) -> tuple[str, str] | None:
    return Validator(safe_schema(schema)).problem(value, time.monotonic() + LONGEST_CHECK_SECONDS)


def workflow(name: str, schema: dict[str, Any], description: str = "") -> WorkflowType:
    return WorkflowType(name, "shop", description, ArgumentsSchema(schema, 1, 1))


def test_models_of_several_arguments_share_their_definitions() -> None:
    schema = taken(two).schema
    assert schema["prefixItems"] == [
        {"$ref": "#/$defs/Order", "title": "order"},
        {"$ref": "#/$defs/Address", "title": "address"},
        {"type": "string", "title": "note", "default": "none"},
    ]
    assert (schema["minItems"], schema["maxItems"]) == (2, 3)
    assert sorted(schema["$defs"]) == ["Address", "Item", "Order"]
    assert schema["$defs"]["Address"]["required"] == ["city"]


def test_what_says_nothing_takes_anything() -> None:
    assert taken(bare) == ArgumentsSchema({}, 1, 1)
    assert taken(several) == ArgumentsSchema({}, 1, None)
    assert taken(nothing) == ArgumentsSchema({"type": "null"}, 0, 0)
    for kind in (Strange, Hostile, dict[str, Strange], Any, None):
        assert arguments_schema(bare, [kind]).schema == {}
        assert result_schema(kind) == {}
    assert result_schema(type(None)) == {"type": "null"}
    assert description_of(two) == "Take three."


def test_the_argument_and_its_field_are_named() -> None:
    order = {"items": [{"name": "tea"}], "earlier": {"items": []}}
    address = {"city": "Ulm"}
    assert checked(two, order, address) is None
    assert checked(two, order, address, "soon") is None
    wrong = {"items": [], "earlier": {"items": [{"name": "tea"}, {"name": "milk", "amount": "x"}]}}
    assert checked(two, wrong, address) == "args[0].earlier.items[1].amount: 'x' is not of type 'integer'"
    assert checked(two, order, {}) == "args[1]: 'city' is a required property"
    assert checked(two, order) == "args[1] (address) is required: it takes 2 to 3 arguments"
    assert checked(two) == "args[0] (order) is required: it takes 2 to 3 arguments"
    assert checked(two, order, address, "", 4) == "args[3] is one too many: it takes 2 to 3 arguments, and not 4"
    assert checked(nothing, None) == "args[0] is one too many: it takes no arguments, and not 1"
    assert checked(bare) == "args[0] is required: it takes 1 argument"
    assert checked(bare, {"any": ["thing"]}) is None
    assert checked(several) == "args[0] is required: it takes at least 1 argument"
    assert checked(several, 1, 2, 3, 4) is None


def test_a_field_that_has_several_names_may_stand_under_each() -> None:
    class Named(BaseModel, populate_by_name=True, extra="forbid"):
        first_name: str = Field(alias="firstName")
        age: int = Field(validation_alias=AliasChoices("age", "years"))

    schema = arguments_schema(bare, [Named]).schema
    for given in ({"firstName": "Ada", "age": 1}, {"first_name": "Ada", "years": 1}):
        assert Named.model_validate(given)
        assert problem(schema, given) is None
    assert problem(schema, {"firstName": 1, "age": 1}) == (".firstName", "1 is not of type 'string'")


def test_patterns_are_shown_and_not_run() -> None:
    class Slow(BaseModel):
        name: str = Field(pattern="^(a+)+$")
        more: dict[str, Any] = Field(json_schema_extra={"patternProperties": {"(a+)+$": {}}, "format": "regex"})

    schema = arguments_schema(bare, [Slow]).schema
    assert schema["properties"]["name"]["pattern"] == "^(a+)+$"
    began = time.monotonic()
    assert problem(schema, {"name": "a" * 60 + "b", "more": {"a" * 60 + "b": 1}}) is None
    assert time.monotonic() - began < 1


HOSTILE: dict[str, Any] = {
    "references that double": {
        "$ref": "#/$defs/d0",
        "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(60)} | {"d60": {}},
    },
    "a reference to itself": {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
    "a reference elsewhere": {"$ref": "http://127.0.0.1:9/schema.json"},
    "a file": {"$ref": "file:///etc/passwd", "$id": "file:///etc/passwd", "$schema": "file:///etc/passwd"},
    "references to nothing": {"$ref": "#/$defs/b", "$dynamicRef": "#c", "$defs": 7},
    "keywords of other types": {
        "required": 5,
        "type": {"a": 1},
        "properties": [],
        "enum": 1,
        "multipleOf": 0,
        "minimum": "a",
        "prefixItems": {},
        "items": 3,
        "maxLength": -1,
        "pattern": 8,
    },
    "items that may be anything": {"type": ["array", "object", "string", "number", "null"], "items": {}},
    "unique items": {"uniqueItems": True, "contains": {"const": 1}, "unevaluatedItems": False},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_schema_neither_hangs_nor_fetches_nor_fails(name: str) -> None:
    began = time.monotonic()
    values: list[Any] = ["x", [{}] * 20_000, {"a": 1}, None, 1e300, 10**400, [0] * 1_000_000]
    for value in values:
        assert problem(HOSTILE[name], value) is None
    assert time.monotonic() - began < 2


def test_what_is_said_of_a_value_is_short() -> None:
    schema = {"type": "array", "items": {"properties": {"x" * 10_000: {"type": "string"}}}}
    where, reason = problem(schema, [{"x" * 10_000: ["y" * 10_000]}]) or ("", "")
    assert where.startswith("[0].xxx")
    assert len(where) < 400
    assert len(reason) < 400


def test_a_schema_beyond_the_bounds_says_nothing() -> None:
    deep: dict[str, Any] = {}
    for _ in range(DEEPEST_SCHEMA + 1):
        deep = {"items": deep}
    beyond = {
        "deep": deep,
        "large": {"title": "x" * LARGEST_SCHEMA},
        "number": {"const": 10**5000},
        "infinite": {"const": float("inf")},
        "object": {"const": object()},
        "key": {1: {}},
    }
    for name, schema in beyond.items():
        [found] = bounded(BuildTypes((workflow(name, schema),))).workflows
        assert found == workflow(name, {})
    [fine] = bounded(BuildTypes((workflow("fine", {"title": "a\0b\ud800c\nd"}, "one\x1b[31m\ntwo"),))).workflows
    assert fine == workflow("fine", {"title": "a\ufffdb\ufffdc\nd"}, "one\ufffd[31m two")


def test_a_text_far_beyond_the_bounds_is_not_looked_through() -> None:
    text = "x" * 20_000_000
    began = time.monotonic()
    schemas: list[dict[str, Any]] = [{"title": text}, {text: {}}]
    for schema in schemas:
        assert bounded(BuildTypes((workflow("vast", schema),))).workflows == (workflow("vast", {}),)
    assert time.monotonic() - began < 2


def test_past_the_bound_of_a_build_the_largest_schemas_say_nothing() -> None:
    large = {"title": "x" * (LARGEST_SCHEMA - 100)}
    types = bounded(BuildTypes((workflow("Small", {"type": "string"}), *(workflow(f"W{n}", large) for n in range(20)))))
    assert [each.arguments.schema for each in types.workflows[:2]] == [{"type": "string"}, {}]
    assert len(types.workflows) == 21
    assert len(json.dumps(types.to_json())) <= LARGEST_TYPES
    long = bounded(BuildTypes(tuple(workflow(f"W{n}", {}, "y" * 5000) for n in range(1000))))
    assert [each.name for each in long.workflows] == [f"W{n}" for n in range(1000)]
    assert not any(each.description for each in long.workflows)


def test_a_workflow_type_is_named_however_much_is_said_of_its_messages() -> None:
    told = tuple(MessageType(f"say{n}", "y" * 1500, ArgumentsSchema({"type": "string"}, 1, 1)) for n in range(1000))
    many = replace(workflow("Many", {"type": "string"}), messages={MessageKind.SIGNAL: told})
    [found] = bounded(BuildTypes((many,))).workflows
    assert [each.name for each in found.messages[MessageKind.SIGNAL]] == [each.name for each in told]
    all_of_them = tuple(replace(each, name=f"{each.name}{'z' * 180}") for each in told * 5)
    types = bounded(BuildTypes((replace(many, messages={MessageKind.SIGNAL: all_of_them}),)))
    assert [(each.name, each.messages) for each in types.workflows] == [("Many", {})]
    assert MessageKind.SIGNAL in types.set_at_run_time  # so that none of them is refused


def test_types_come_back_as_they_were_stored() -> None:
    types = BuildTypes((workflow("Order", taken(two).schema),))
    assert BuildTypes.from_json(json.loads(json.dumps(types.to_json()))) == types


def test_what_checked_code_sends_instead_of_its_types_is_bounded_by_the_host() -> None:
    large = workflow("Large", {"title": "x" * (2 * LARGEST_SCHEMA)}, "y" * 100_000)
    sent = CheckResult(["Large"], types=BuildTypes((large,)))
    [found] = CheckResult.from_json(json.dumps(sent.to_json()).encode()).types.workflows
    assert found.arguments.schema == {}
    assert len(found.description) < 3000
    sent_types = {**sent.to_json(), "types": {"workflows": [{"name": 7}]}}
    with pytest.raises(ValueError, match="name"):
        CheckResult.from_json(json.dumps(sent_types).encode())


def test_many_arguments_take_no_longer_than_one() -> None:
    items = [{"$ref": "#/$defs/d0"}] * 100
    schema = {**HOSTILE["references that double"], "prefixItems": items}
    began = time.monotonic()
    check_arguments("it", CheckedArguments(ArgumentsSchema(schema, 100, 100, is_array=True)), ["x"] * 100)
    assert time.monotonic() - began < 2
