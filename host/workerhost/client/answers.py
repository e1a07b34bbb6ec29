"""The answers of the control API as values: frozen, times as `datetime`, keys that are not known here ignored.

Those about builds are in `workerhost.client.deployments`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, PrivateAttr, model_validator
from pydantic.alias_generators import to_camel


class Answer(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)

    _raw: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    @property
    def raw(self) -> Mapping[str, Any]:
        """The answer as the service sent it, with keys that this version does not know."""
        return self._raw

    @model_validator(mode="wrap")
    @classmethod
    def _keep_raw(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(values)
        if isinstance(values, Mapping):
            made._raw = values  # noqa: SLF001  of this class
        return made


class Ready(Answer):
    """What the service needs, each with `ok` or a sentence."""

    status: str
    checks: Mapping[str, str]


class Done(Answer):
    """A step that was taken, as a sentence."""

    message: str
    status: str | None = None
    """Of a project's worker that goes on to start or stop: what it does at the moment; None once that is done."""


class ProjectInfo(Answer):
    """A project as it is set."""

    id: str
    name: str
    task_queue: str
    desired_state: str
    settings: Mapping[str, Any]


class Projects(Answer):
    """All projects."""

    projects: tuple[ProjectInfo, ...]


class Workers(Answer):
    """The ids of the projects whose worker takes tasks."""

    workers: tuple[str, ...]
    count: int


class Replicas(Answer):
    """How many workers a project should have, and how many of them run."""

    wanted: int
    running: int


class WorkerStatus(Answer):
    """What a project's worker does."""

    project_id: str
    status: str
    """`starting`, `running`, `stopping`, `stopped` or `failed`."""
    is_running: bool
    task_queue: str
    worker_id: str | None = None
    host_id: str | None = None
    build_id: str | None = None
    """The build that new runs take."""
    started_at: datetime | None = None
    last_heartbeat: datetime | None = None
    error: str | None = None
    replicas: Replicas | None = None


class Begun(Answer):
    """The ids of an execution that was begun."""

    workflow_id: str
    run_id: str


class Execution(Answer):
    """One run of a workflow."""

    workflow_id: str
    run_id: str
    workflow_type: str
    status: str
    """`RUNNING`, `COMPLETED`, `FAILED`, `CANCELED`, `TERMINATED`, `TIMED_OUT` or `CONTINUED_AS_NEW`."""
    started_at: datetime
    closed_at: datetime | None = None
    build_id: str | None = None
    """The build that it runs on; None before its first step."""
    result: Any = None
    error: str | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of that workflow id; one that continued as new has a run that goes on."""
        return self.status not in ("RUNNING", "CONTINUED_AS_NEW")


class ExecutionPage(Answer):
    """Some executions, newest first, and where the next page begins."""

    executions: tuple[Execution, ...]
    cursor: str | None = None
