"""Loading a build into this process: its activities run here, its workflows in Temporal's sandbox."""

import asyncio
import dataclasses
import importlib
import weakref
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from types import ModuleType

from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workerhost.code.build import Build
from workerhost.code.definitions import Definitions, find_definitions
from workerhost.code.executing.activity_call import LocalActivity
from workerhost.code.importer import FINDER
from workerhost.code.passing_modules import passing_modules
from workerhost.code.problems import problem_from
from workerhost.errors import BuildRefusedError
from workerhost.words import BuildId


@dataclass(frozen=True, eq=False)
class LoadedBuild:
    """A build whose modules are imported in this process, with the sandbox that runs its workflows.

    Its modules are forgotten when nothing refers to the build any more. So whoever runs its code keeps a reference
    until that is over.
    """

    build: Build
    definitions: Definitions
    sandbox: SandboxedWorkflowRunner

    @property
    def id(self) -> BuildId:
        """The id of the build."""
        return self.build.id

    @property
    def workflow_types(self) -> Collection[str]:
        """The workflow types that it defines; a dynamic one is `DYNAMIC`."""
        return self.definitions.workflows.keys()

    def runs(self, workflow_type: str) -> bool:
        """Tell whether executions of that type run on it."""
        return self.definitions.workflow(workflow_type) is not None

    @property
    def activity_names(self) -> Collection[str]:
        """The names of the activities that it defines; a dynamic one is `DYNAMIC`."""
        return self.definitions.activities.keys()

    def activity(self, name: str) -> LocalActivity | None:
        """Return the activity of that name, or a dynamic one; None where it has neither."""
        definition = self.definitions.activity(name)
        return LocalActivity(definition, keep=self) if definition else None

    def create_instance(self, details: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return a run of one of its workflows, in Temporal's sandbox; the thread must not have an event loop.

        Args:
            details: of a run whose type the build runs; its definition is put in here.

        Raises:
            Exception: whatever the module's code raises, which is imported once more.
        """
        definition = self.definitions.workflow(details.info.workflow_type)
        assert definition is not None  # noqa: S101  for mypy
        # The SDK's instance asks for the running loop, only to leave an attribute there; this thread has none.
        asyncio._set_running_loop(asyncio.AbstractEventLoop())  # type: ignore[abstract]  # noqa: SLF001
        try:
            return self.sandbox.create_instance(dataclasses.replace(details, defn=definition))
        finally:
            asyncio._set_running_loop(None)  # noqa: SLF001


def load_build(build: Build, passthrough: Iterable[str]) -> LoadedBuild:
    """Import a build's modules and collect its definitions. Blocks for as long as the modules' code takes.

    Args:
        build: one that passed its checks, or is being checked in a process of its own.
        passthrough: packages that the sandbox takes from this process instead of importing them for each run.

    Raises:
        BuildRefusedError: a module does not load, or the definitions are not in order.
    """
    FINDER.add(build)
    try:
        modules = [_import_module(build, full_name) for full_name in build.module_names()]
        definitions = find_definitions(build, modules)
        shared = [*passthrough, *passing_modules(build, definitions)]
        sandbox = SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*shared))
    except BaseException:
        FINDER.remove(build)
        raise
    loaded = LoadedBuild(build, definitions, sandbox)
    weakref.finalize(loaded, FINDER.remove, build).atexit = False
    return loaded


def _import_module(build: Build, full_name: str) -> ModuleType:
    try:
        return importlib.import_module(full_name)
    except BaseException as error:
        raise BuildRefusedError((problem_from(error, build, build.module_names()[full_name]),)) from error


def host_passthrough(plugin_packages: Iterable[str]) -> tuple[str, ...]:
    """Return the packages that pass through the sandbox: the host, pydantic and the plugins."""
    return ("workerhost", "pydantic", "pydantic_core", "annotated_types", *plugin_packages)
