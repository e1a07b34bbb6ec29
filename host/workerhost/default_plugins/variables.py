"""The activity set `variables`: the variables that are kept for a project, and its environment."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from workerhost.errors import StoreUnavailableError, WorkerhostError
from workerhost.hookspecs import hookimpl
from workerhost.model import ActivitySet, current_project_id
from workerhost.store import Store
from workerhost.store.variables import MISSING
from workerhost.words import VariableScope

MOST_NAMES = 1000
"""Names of the environment that are read at once."""


class _Input(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class VariableName(_Input):
    """Names a variable."""

    scope: VariableScope
    name: Annotated[str, Field(description="1 to 200 characters.")]


class WantedChange(VariableName):
    """A variable, and the value that it is to have."""

    value: Annotated[Any, Field(description="Any JSON value, 256 KiB at most.")]
    if_version: Annotated[int, Field(ge=0)] | None = Field(
        None,
        description="The version that it must have, 0 for one that must not be there; without it, whatever it has.",
    )
    change_id: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        None,
        description="Names the change in the project, so that it is made once; without it, the run's id and the "
        "activity's.",
    )


class EnvironmentNames(_Input):
    """What is read of the project's environment."""

    names: Annotated[list[str], Field(max_length=MOST_NAMES)]


class FoundVariable(BaseModel):
    """A variable as it is."""

    found: bool
    value: Any
    version: int


class ChangedVariable(FoundVariable):
    """What asking for a change came to, and the variable as it is then."""

    changed: bool


class VariableActivities:
    """Brings activities that read and change the variables of the project that calls them.

    The activities run in the host, in threads of the project's worker. Safe to use from any thread; a call blocks.
    """

    name = "variables"

    def __init__(self, store: Store) -> None:
        self._store = store

    @hookimpl
    def workerhost_register_activity_sets(self) -> Sequence[ActivitySet]:
        """Return the one set of this plugin."""
        return [ActivitySet("variables", [self.get_variable, self.change_variable, self.read_environment])]

    @activity.defn(name="getVariable")
    def get_variable(self, wanted: VariableName) -> FoundVariable:
        """Read a variable that workerhost keeps for the project; its version is 0 where it is not there."""
        with _failures():
            found = self._store.variables.find(_project(), wanted.scope, wanted.name)
        if found is None:
            return FoundVariable(found=False, value=None, version=MISSING)
        return FoundVariable(found=True, value=found.value, version=found.version)

    @activity.defn(name="changeVariable")
    def change_variable(self, wanted: WantedChange) -> ChangedVariable:
        """Give a variable of the project a value, where nobody has changed it since its version was read."""
        info = activity.info()
        change_id = wanted.change_id or f"{info.workflow_run_id}/{info.activity_id}"
        with _failures():
            made = self._store.variables.change(
                _project(),
                wanted.scope,
                wanted.name,
                wanted.value,
                if_version=wanted.if_version,
                change_id=change_id,
            )
        return ChangedVariable(changed=made.changed, found=made.found, value=made.value, version=made.version)

    @activity.defn(name="readEnvironment")
    def read_environment(self, wanted: EnvironmentNames) -> dict[str, Any]:
        """Read settings from the project's environment; those that it does not have are null."""
        with _failures():
            environment = self._store.projects.get(_project()).settings.get("environment")
        known = environment if isinstance(environment, Mapping) else {}
        return {name: known.get(name) for name in wanted.names}


def _project() -> str:
    project_id = current_project_id()
    if project_id is None:
        raise ApplicationError("this activity runs for projects alone", type="InvalidInput", non_retryable=True)
    return project_id


@contextmanager
def _failures() -> Iterator[None]:
    """Have what the store refuses end the activity, and what may pass tried again."""
    try:
        yield
    except StoreUnavailableError as error:
        raise ApplicationError(str(error), type=error.code) from None  # what the driver says is for operators
    except WorkerhostError as error:
        raise ApplicationError(str(error), type=error.code, non_retryable=True) from None
