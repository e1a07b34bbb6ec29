"""The fields of one node, read with everything that is wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workerhost.drawing import CompileContext
from workerhost_drawings.canvas.document import CanvasNode
from workerhost_drawings.canvas.scope import Scope
from workerhost_drawings.canvas.times import FieldError, milliseconds, retry
from workerhost_drawings.checks.near import near
from workerhost_drawings.flow.expressions import (
    Expression,
    JavaScript,
    ListOf,
    Local,
    ObjectOf,
    Template,
    Value,
)
from workerhost_drawings.flow.program import QueryForm, TriggerForm
from workerhost_drawings.flow.steps import Retry
from workerhost_drawings.javascript.expressions import ExpressionError
from workerhost_drawings.javascript.names import Names
from workerhost_drawings.javascript.templates import split_template
from workerhost_drawings.problems import Findings


def expression_of(value: Any, path: str) -> Expression:
    """Return a value with an expression for each text in it that holds one."""
    if isinstance(value, str):
        return Template(text=value, path=path) if "${" in value else Value(value=value)
    if isinstance(value, dict):
        fields = {key: expression_of(each, f"{path}.{key}") for key, each in value.items()}
        if all(isinstance(each, Value) for each in fields.values()):
            return Value(value=value)
        return ObjectOf(fields=fields)
    if isinstance(value, list):
        items = [expression_of(each, f"{path}.{index}") for index, each in enumerate(value)]
        return Value(value=value) if all(isinstance(each, Value) for each in items) else ListOf(items=items)
    return Value(value=value)


def is_single(text: str) -> bool:
    """Tell whether a text is one `${…}` and nothing else."""
    try:
        parts = split_template(text) if text.startswith("${") else []
    except ExpressionError:
        return False
    return [kind for kind, _, _ in parts] == ["expression"]


def text_of(text: str, path: str) -> Expression:
    """Return a text with expressions in it that is a text also where it is a single expression."""
    return JavaScript(code=f"`{text}`", path=path) if is_single(text) else expression_of(text, path)


@dataclass
class Reading:
    """What readers of nodes know and add to. Belongs to one compilation."""

    context: CompileContext
    findings: Findings
    scope: Scope
    ids: Mapping[str, CanvasNode]
    triggers: list[TriggerForm] = field(default_factory=list)
    signals: dict[str, str] = field(default_factory=dict)
    """Signals that webhooks send, and the nodes that say so."""
    updates: dict[str, str] = field(default_factory=dict)
    """Updates that webhooks bring, and the nodes that say so."""
    queries: dict[str, QueryForm] = field(default_factory=dict)
    """Queries that webhooks ask, by name."""
    received: set[str] = field(default_factory=set)
    expecting: set[str] = field(default_factory=set)
    """Signals and updates of which fields are expected."""
    policies: dict[str, Retry] = field(default_factory=dict)
    """Retry policies of nodes, by id, that a node before them brings."""
    policy: Retry | None = None
    """Of every activity that has none."""
    names_read: dict[tuple[str, bool], Names] = field(default_factory=dict)
    """The names that expressions read, by their texts, and by whether these are templates."""


class Fields:
    """Reads the fields of one node. Each is looked for in `config` first, and in `data` then.

    Args:
        node: whose they are.
        reading: what is known, and where problems go.
    """

    def __init__(self, node: CanvasNode, reading: Reading) -> None:
        self.node = node
        self.reading = reading
        self.id = node.id

    def find(self, *names: str) -> tuple[Any, str]:
        """Return the first field that holds anything, and its path; None and the path of the first where none does."""
        for name in names:
            for values, path in ((self.node.config, f"config.{name}"), (self.node.data, name)):
                if values.get(name) not in (None, ""):
                    return values[name], path
        return None, f"config.{names[0]}" if "config" in self.node.data else names[0]

    def problem(self, reason: str, path: str | None = None) -> None:
        """Note what refuses the drawing."""
        self.reading.findings.problem(reason, self.id, path)

    def warning(self, reason: str, path: str | None = None) -> None:
        """Note what may not be meant."""
        self.reading.findings.warning(reason, self.id, path)

    def name(self, what: str, *names: str) -> str:
        """Return a text that stands as it is, 200 characters at most; `?` and a problem where there is none."""
        value, path = self.find(*names)
        text = value.strip() if isinstance(value, str) else ""
        if value is None or text == "":
            self.problem(f"{names[0]} is empty. It takes {what}.", path)
        elif "${" in text or len(text) > 200 or not text.isprintable():
            self.problem(f"{names[0]} is {what}, as it stands: 200 characters at most, and no expression.", path)
        else:
            return text
        return "?"

    def text(self, *names: str) -> str | None:
        """Return a text that stands as it is, or None."""
        value, path = self.find(*names)
        if value is not None and not isinstance(value, str):
            self.problem(f"{names[0]} is a text.", path)
            return None
        return value.strip() if value is not None else None

    def choice(self, names: Sequence[str], choices: Sequence[str], default: str) -> str:
        """Return one of the choices, in whatever case it is written; the default where there is none."""
        value, path = self.find(*names)
        if value is None:
            return default
        plain = value.strip().lower() if isinstance(value, str) else ""
        if plain not in choices:
            self.problem(f"{names[0]} is one of {', '.join(choices)}.{near(plain, choices)}", path)
            return default
        return plain

    def flag(self, name: str, *, default: bool) -> bool:
        """Return whether something is so."""
        value, path = self.find(name)
        if value is not None and value not in (True, False, "true", "false"):
            self.problem(f"{name} is true or false.", path)
        return default if value is None else value in (True, "true")

    def code(self, *names: str) -> Expression | None:
        """Return what a whole field says that is an expression; None where it is empty.

        An expression that stands in `${…}` all the same is taken, and a value that is no text is that value.
        """
        value, path = self.find(*names)
        if not isinstance(value, str):
            return None if value is None else expression_of(value, path)
        text = value.strip()
        if not text:
            return None
        if is_single(text):
            return Template(text=text, path=path)
        return JavaScript(code=value, path=path)

    def value(self, *names: str) -> Expression | None:
        """Return a value with expressions in its texts; None where the field is not there."""
        for name in names:
            for values, path in ((self.node.config, f"config.{name}"), (self.node.data, name)):
                if name in values:
                    return expression_of(values[name], path)
        return None

    def time(self, *names: str) -> int | None:
        """Return a time in milliseconds, or None."""
        value, path = self.find(*names)
        if value is None:
            return None
        try:
            return milliseconds(value)
        except FieldError as error:
            self.problem(str(error), path)
            return None

    def retry(self) -> Retry | None:
        """Return the retry policy of the node: its own, or what the node before brings, or that of all."""
        policy, path = self.node.data.get("retryPolicy"), "retryPolicy"
        if policy is None:
            return self.reading.policies.get(self.id, self.reading.policy)
        try:
            return retry(policy)
        except FieldError as error:
            self.problem(str(error), f"{path}.{error.field}" if error.field else path)
            return None

    def step(self, part: str = "") -> dict[str, Any]:
        """Return the id, node and label of a step: of the node's first one, or of a part that follows."""
        identifier = self.id
        if part:
            identifier = f"{self.id}/{part}"
            while identifier in self.reading.ids:
                identifier += "'"
        return {"id": identifier, "node": self.id, "label": self.node.label if not part else ""}

    @property
    def local(self) -> str:
        """The local of the node's result."""
        return self.reading.scope.local(self.id)

    @property
    def result(self) -> Expression:
        """The node's result."""
        return Local(name=self.local)
