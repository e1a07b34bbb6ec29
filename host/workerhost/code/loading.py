"""Loading a build into this process: its activities run here, its workflows in Temporal's sandbox."""

import importlib
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workerhost.code.build import Build
from workerhost.code.definitions import Definitions, find_definitions
from workerhost.code.importer import FINDER
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
        sandbox = SandboxedWorkflowRunner(restrictions=_restrictions(build, passthrough))
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


def _restrictions(build: Build, passthrough: Iterable[str]) -> SandboxRestrictions:
    # Activities do not run in the sandbox. Their modules pass through, so what they import (an HTTP client, say)
    # is not imported again in every workflow run.
    activities = [name for name in build.module_names() if name.endswith(".activities")]
    return SandboxRestrictions.default.with_passthrough_modules(*passthrough, *activities)


def host_passthrough(plugin_packages: Iterable[str]) -> tuple[str, ...]:
    """Return the packages that pass through the sandbox: the host, pydantic and the plugins."""
    return ("workerhost", "pydantic", "pydantic_core", "annotated_types", *plugin_packages)
