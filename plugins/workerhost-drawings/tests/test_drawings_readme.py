"""The README of the plugin, which is the reference, and the page about drawings name everything that there is."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel

from workerhost.drawing import CompileContext, KnownActivity
from workerhost_drawings.canvas.ways import TYPES
from workerhost_drawings.compiling import FRONT_ENDS, compile_drawing
from workerhost_drawings.emitting.helpers import HELPERS
from workerhost_drawings.flow.expressions import Expression
from workerhost_drawings.flow.program import Program, TriggerForm
from workerhost_drawings.flow.steps import Case, Flow, Lane, Retry, Step, TryAgain
from workerhost_drawings.javascript.builtins import CONSTANTS, FUNCTIONS
from workerhost_drawings.v1.js.calls import METHOD_NAMES

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PAGE = (Path(__file__).parents[3] / "docs" / "drawings.md").read_text(encoding="utf-8")


def section(title: str, page: str = README) -> str:
    """Return the text below a heading, up to the next of its kind."""
    mark = re.search(rf"^(#+) {re.escape(title)}$", page, re.MULTILINE)
    assert mark, title
    return re.split(rf"^#{{1,{len(mark[1])}}} ", page[mark.end() :], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> dict[str, str]:
    """Return the rows of the tables of a text by the names in the first cell."""
    found = re.findall(r"^\| (`[^|]+?`) \|(.*)\|$", text, re.MULTILINE)
    return {name: rest for names, rest in found if names != "`kind`" for name in re.findall(r"`([^`]+)`", names)}


def kinds(union: object) -> dict[str, type[BaseModel]]:
    return {each.model_fields["kind"].default: each for each in get_args(get_args(union)[0])}


@pytest.mark.parametrize(("title", "union"), [("Steps", Step), ("Values", Expression)])
def test_every_kind_is_there_with_all_its_fields(title: str, union: object) -> None:
    shown = rows(section(title))
    assert shown.keys() == kinds(union).keys()
    common = {"id", "node", "label", "next", "kind", "path"}
    for kind, form in kinds(union).items():
        names = {field.alias or name for name, field in form.model_fields.items()} - common
        told = set(re.findall(r"`(\w+)`", shown[kind].split("|")[1]))
        assert told == names, kind


def test_every_field_of_a_program_is_there() -> None:
    names = {field.alias or name for name, field in Program.model_fields.items()}
    assert rows(section("The intermediate form").split("### Steps")[0]).keys() == names


def test_every_type_of_node_is_there() -> None:
    assert rows(section("Nodes of a canvas", PAGE)).keys() >= set(TYPES)


@pytest.mark.parametrize(
    ("part", "form"),
    [
        ("a flow", Flow),
        ("a case", Case),
        ("a branch of `parallel`", Lane),
        ("a `retry`", Retry),
        ("an `again`", TryAgain),
        ("a trigger", TriggerForm),
    ],
)
def test_every_key_of_a_part_is_there(part: str, form: type[BaseModel]) -> None:
    [told] = re.findall(rf"^\| {re.escape(part)} \|(.*)\|$", section("Steps"), re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", told)) == {field.alias or name for name, field in form.model_fields.items()}


def test_every_format_is_there() -> None:
    assert all(f"`{each}`" in README for each in FRONT_ENDS)


def test_everything_of_javascript_is_there() -> None:
    told = section("Expressions in JavaScript")
    names = [*METHOD_NAMES, *(each.removeprefix("Math.") for each in (*FUNCTIONS, *CONSTANTS))]
    assert [each for each in names if not re.search(rf"(?<![\w.]){re.escape(each)}(?!\w)", told)] == []


def test_every_helper_is_there() -> None:
    assert [each for each in HELPERS if f"`{each}`" not in section("Values")] == []


def test_the_example_of_the_intermediate_form_compiles() -> None:
    [text] = re.findall(r"```yaml\n(name:.*?)```", README, re.DOTALL)
    context = CompileContext("shop", "remind", activities={"askWhetherPaid": KnownActivity("askWhetherPaid")})
    made = compile_drawing("flow", yaml.safe_load(text), context, "drawings 1")
    assert not made.problems
    assert not made.warnings
    assert compile_drawing("flow", text, context, "drawings 1") == made
    for part in ("# Ask until it is paid", "while True", 'summary="[node: ask]"', "workflow.sleep"):
        assert part in made.workflow_code
