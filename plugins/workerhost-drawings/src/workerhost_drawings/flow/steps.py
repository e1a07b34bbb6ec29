"""Steps of the intermediate form. A flow is a graph of them: each names the step that follows."""

from typing import Annotated, Literal

from pydantic import Field

from workerhost_drawings.flow.base import Form, Milliseconds, Name
from workerhost_drawings.flow.expressions import Expression

Duration = Milliseconds | Expression
"""Milliseconds, or what an expression says: a number of milliseconds, or an ISO 8601 duration as a text."""


class Retry(Form):
    """How often an activity or a child is tried, as Temporal's own retry policy says it."""

    maximum_attempts: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """0 for no end."""
    initial_interval: Milliseconds | None = None
    maximum_interval: Milliseconds | None = None
    backoff_coefficient: Annotated[float, Field(ge=1, le=1000, allow_inf_nan=False)] | None = None
    non_retryable_error_types: tuple[str, ...] = ()


class StepBase(Form):
    """What all steps have."""

    id: Name
    """Its own in the whole program."""
    node: Name | None = None
    """The node of the drawing that it belongs to: an id, or a JSON pointer. None for a step that only helps."""
    label: str = ""
    """What the user calls the node; a comment in the code."""
    next: Name | None = None
    """The step that follows; None where the flow ends."""


class Activity(StepBase):
    """Calls an activity."""

    kind: Literal["activity"] = "activity"
    activity: Name
    input: Expression | None = None
    """Its one argument; None for none."""
    result: Name | None = None
    """The local that its result is put into."""
    retry: Retry | None = None
    start_to_close: Milliseconds | None = None
    """What one try may take; None for a default that the emitter knows."""
    heartbeat: Milliseconds | None = None


class Assign(StepBase):
    """Puts a value into a local, or into a member of the object that a local holds."""

    kind: Literal["assign"] = "assign"
    into: Name
    member: Name | None = None
    value: Expression


class Case(Form):
    """One way out of a branch."""

    when: Expression
    """Truthy in the meaning of its language."""
    next: Name | None = None


class Branch(StepBase):
    """Goes on at the first case that is so, and at `next` where none is."""

    kind: Literal["branch"] = "branch"
    cases: Annotated[list[Case], Field(min_length=1)]


class Mark(StepBase):
    """Does nothing but being passed: a phase, a trigger, or the head of a node of several steps."""

    kind: Literal["mark"] = "mark"


class Wait(StepBase):
    """Waits that long."""

    kind: Literal["wait"] = "wait"
    duration: Duration


class Receive(StepBase):
    """Waits for a signal. Its result holds the fields of what was sent, and `acknowledged`, false after the timeout."""

    kind: Literal["receive"] = "receive"
    signal: Name
    timeout: Duration | None = None
    result: Name | None = None


class ForEach(StepBase):
    """Runs its body for each item."""

    kind: Literal["each"] = "each"
    items: Expression
    item: Name
    """The local that holds the item."""
    index: Name | None = None
    """The local that holds its number, from 0."""
    condition: Expression | None = None
    """Looked at before each item; the loop ends where it is not so."""
    body: "Flow"


class While(StepBase):
    """Runs its body as long as the condition is so."""

    kind: Literal["while"] = "while"
    condition: Expression
    body: "Flow"
    reset_after: Annotated[int, Field(ge=1)] | None = None
    """Iterations after which the run continues as new, at this loop and with what its locals hold."""
    reset_history: Annotated[int, Field(ge=10)] | None = None
    """Events of the history after which it does."""


class Lane(Form):
    """One branch of a parallel step."""

    name: Name
    flow: "Flow"


class Parallel(StepBase):
    """Runs its branches at once, and goes on when all have ended, or the first has where they compete."""

    kind: Literal["parallel"] = "parallel"
    branches: Annotated[list[Lane], Field(min_length=1)]
    compete: bool = False
    result: Name | None = None
    """The local for the list of the branches' results, in their order; the winner's result where they compete."""


class Child(StepBase):
    """Runs a workflow of the project as a child."""

    kind: Literal["child"] = "child"
    workflow_type: Name
    input: Expression | None = None
    workflow_id: Expression | None = None
    parent_close_policy: Literal["terminate", "abandon", "request_cancel"] = "terminate"
    waits: bool = True
    """Whether the run goes on only when the child has ended."""
    result: Name | None = None
    """The local for its result, or for its workflow id where it is not waited for."""
    retry: Retry | None = None


class ReadVariable(StepBase):
    """Reads a variable that workerhost keeps for the project."""

    kind: Literal["readVariable"] = "readVariable"
    scope: Literal["project", "service"]
    name: Expression
    default: Expression | None = None
    throw_if_missing: bool = False
    result: Name


class ChangeVariable(StepBase):
    """Changes a variable that workerhost keeps for the project, as one atomic change."""

    kind: Literal["changeVariable"] = "changeVariable"
    scope: Literal["project", "service"]
    name: Expression
    value: Expression
    """Looked at anew whenever another run has changed the variable meanwhile."""
    present: Name | None = None
    """The local that holds the variable's present value while `value` is looked at."""
    member: Name | None = None
    """Where set, the present value is put into this member of the object that `present` holds, and the new one too."""
    create_if_missing: bool = True
    only_if_missing: bool = False
    """Whether it only declares the variable: one that is there stays."""
    merge: bool = False
    """Whether the new value, an object, is merged into the present one."""
    result: Name | None = None


class Raise(StepBase):
    """Ends with an error, unless a `Try` around it catches that."""

    kind: Literal["raise"] = "raise"
    error: Expression
    """An object with `type`, `status`, `title`, `detail` and `instance`."""


class TryAgain(Form):
    """How often and when a body that failed is run again."""

    attempts: Annotated[int, Field(ge=1)] | None = None
    """In all; None for no end."""
    attempt_timeout: Duration | None = None
    delay: Duration = 0
    backoff: Literal["constant", "linear", "exponential"] = "constant"
    duration: Duration | None = None
    """No further try begins after that time."""
    jitter_from: Milliseconds = 0
    jitter_to: Milliseconds = 0


class Try(StepBase):
    """Runs its body, and catches errors of it."""

    kind: Literal["try"] = "try"
    body: "Flow"
    caught: Name
    """The local that holds the error, as an object, while `when` and the handler are run."""
    matching: dict[str, object] = {}
    """Only an error that has these values in these fields is caught."""
    when: Expression | None = None
    """Only if this is so."""
    retry_when: Expression | None = None
    """Where it is not so, the error is not tried again."""
    again: TryAgain | None = None
    handler: "Flow | None" = None
    """Runs when an error was caught and not tried again."""


class Deadline(StepBase):
    """Runs its body, and raises an error if that takes too long."""

    kind: Literal["deadline"] = "deadline"
    body: "Flow"
    after: Duration
    error: Expression


class Listen(StepBase):
    """Waits for events, which reach the run as signals named `event`, each a CloudEvent."""

    kind: Literal["listen"] = "listen"
    mode: Literal["one", "any", "all"] = "one"
    filters: list[Expression] = []
    """Each an expression over `event`; with none, every event fits."""
    event: Name
    """The local that holds the event while a filter is looked at."""
    until: Expression | None = None
    """With `any`: it listens until this is so of the event that came last."""
    each: "Flow | None" = None
    """Runs for each event, which is in the local `event` then."""
    timeout: Duration | None = None
    result: Name | None = None
    """The local for the list of the events."""


class End(StepBase):
    """Ends the whole run with a result, from whatever depth it stands at."""

    kind: Literal["end"] = "end"
    result: Expression | None = None


Step = Annotated[
    Activity
    | Assign
    | Branch
    | Mark
    | Wait
    | Receive
    | ForEach
    | While
    | Parallel
    | Child
    | ReadVariable
    | ChangeVariable
    | Raise
    | Try
    | Deadline
    | Listen
    | End,
    Field(discriminator="kind"),
]
"""Any of them."""


class Flow(Form):
    """A graph of steps with one beginning. Edges that lead back are loops."""

    start: Name | None = None
    """The first step; None for a flow of nothing."""
    steps: list[Step] = []
    result: Expression | None = None
    """What it is worth when it has ended without an `End`; of a branch that is the branch's result."""


for each in (ForEach, While, Lane, Parallel, Try, Deadline, Listen, Flow):
    each.model_rebuild()
