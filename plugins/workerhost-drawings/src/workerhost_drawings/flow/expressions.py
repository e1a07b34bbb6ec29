"""Expressions of the intermediate form."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workerhost_drawings.flow.base import Form, Name


class Value(Form):
    """A JSON value as it stands."""

    kind: Literal["value"] = "value"
    value: Any = None


class Local(Form):
    """What a local of the run holds; undefined where nothing was put into it."""

    kind: Literal["local"] = "local"
    name: Name


class JavaScript(Form):
    """An expression in JavaScript; `Program.names` says what its names stand for."""

    kind: Literal["js"] = "js"
    code: str
    path: str | None = None
    """Where in the node, or in the document, it stands, for problems: `config.items`, or a JSON pointer."""


class Template(Form):
    """A text with `${…}` in it, each a JavaScript expression; a text that is one `${…}` has the value's own type."""

    kind: Literal["template"] = "template"
    text: str
    path: str | None = None


class Jq(Form):
    """A jq program, of which the first output counts; null where it has none."""

    kind: Literal["jq"] = "jq"
    code: str
    data: Name
    """The local that is its input."""
    names: dict[str, Name] = {}
    """The locals that its variables stand for: `{"input": "workflow input"}` for `$input`."""
    path: str | None = None


class ObjectOf(Form):
    """An object of expressions; JavaScript's undefined leaves its key out."""

    kind: Literal["object"] = "object"
    fields: "dict[str, Expression]"


class ListOf(Form):
    """A list of expressions."""

    kind: Literal["list"] = "list"
    items: "list[Expression]"


class Helper(Form):
    """The value that a function of `workerhost_drawings.v1` returns; `emitting.helpers` lists those that there are."""

    kind: Literal["helper"] = "helper"
    function: str
    arguments: "list[Expression]" = []


Expression = Annotated[
    Value | Local | JavaScript | Template | Jq | ObjectOf | ListOf | Helper, Field(discriminator="kind")
]
"""Any of them."""

for each in (ObjectOf, ListOf, Helper):
    each.model_rebuild()
