"""A whole workflow in the intermediate form."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workerhost_drawings.flow.base import Form, Name
from workerhost_drawings.flow.expressions import Expression
from workerhost_drawings.flow.steps import Flow

INPUT = "input"
"""The local that holds the run's input, the one argument of the workflow; undefined where there is none."""


class TriggerForm(Form):
    """What begins or reaches runs from outside; it belongs to the publication of the drawing."""

    kind: Literal["schedule", "webhook"]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$")]
    """Of the schedule or the webhook, in the project."""
    node: Name | None = None
    definition: dict[str, Any]
    """As the body of `PUT …/schedules/<name>` or `PUT …/webhooks/<name>`, without `workflowType` where that is this
    program."""


class QueryForm(Form):
    """A query that a run answers with what an expression gives at that moment, also after its end."""

    name: Name
    node: Name | None = None
    value: Expression
    """Of locals into which nothing was put yet, it reads undefined."""


class UpdateForm(Form):
    """An update whose payload goes to the steps that receive the signal of its name; it is answered at once."""

    name: Name
    node: Name | None = None
    with_fields: bool = False
    """Whether a payload that is no object is refused."""


class Program(Form):
    """A workflow: what it is called, what begins it, and its flow."""

    name: Name
    """Its workflow type."""
    description: str = ""
    flow: Flow
    names: dict[str, Name] = {}
    """Which locals the names of JavaScript expressions stand for: `{"input": "input", "fetch-1": "fetch-1"}`."""
    environment: Name | None = None
    """The local that is to hold the project's environment, read when the run begins; None where nothing reads it."""
    environment_names: tuple[str, ...] = ()
    """The names of the environment that are read."""
    signals: tuple[str, ...] = ()
    """Signals that are kept from the beginning of the run, beside those of `Receive`."""
    queries: tuple[QueryForm, ...] = ()
    updates: tuple[UpdateForm, ...] = ()
    input_schema: dict[str, Any] | None = None
    """A JSON Schema that the input must fit, or the run fails."""
    triggers: tuple[TriggerForm, ...] = ()
