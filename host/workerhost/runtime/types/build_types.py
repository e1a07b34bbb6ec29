"""The types of builds, found when these were checked, and at hand while they are asked for."""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from workerhost.code.build import package_name, stored_build
from workerhost.code.checker import BuildChecker
from workerhost.code.schemas.making import ArgumentsSchema, Schema
from workerhost.code.schemas.types import BuildTypes, MessageType, WorkflowType
from workerhost.model import DYNAMIC, BuildSummary, Project
from workerhost.runtime.types.schemas import safe_schema
from workerhost.runtime.types.validators import Validator
from workerhost.store import Store
from workerhost.words import CURRENT, BuildId, MessageKind

LARGEST_KEPT = 16 * 1024**2
"""Bytes, as JSON, of the types that are in memory, where they take several times as much: those of thousands of builds,
or of some that are as large as may be."""


class CheckedArguments:
    """Arguments that are held against what a function takes. Safe to use from any thread.

    Args:
        arguments: what it takes.
    """

    def __init__(self, arguments: ArgumentsSchema) -> None:
        self.arguments = arguments

    @cached_property
    def validators(self) -> tuple[Validator, ...]:
        """What each argument must fit, as far as that is known."""
        safe = safe_schema(self.arguments.schema)
        if self.arguments.is_array:
            return tuple(map(Validator, safe.get("prefixItems", ())))
        return (Validator(safe),) if self.arguments.most else ()

    @property
    def items(self) -> list[Schema]:
        """The schemas of several arguments, as far as they are known."""
        items = self.arguments.schema.get("prefixItems")
        return [each if isinstance(each, dict) else {} for each in items] if isinstance(items, list) else []


class KnownTypes:
    """The types of one build, by name, with what checks arguments of theirs. Safe to use from any thread.

    Args:
        types: of the build.
    """

    def __init__(self, types: BuildTypes) -> None:
        self.types = types
        self._workflows = {each.name: each for each in types.workflows}
        self._checked: dict[tuple[str, MessageKind | None, str], CheckedArguments] = {}

    def workflow(self, name: str) -> WorkflowType | None:
        """Return the workflow type that runs executions of that type, a dynamic one too."""
        return self._workflows.get(name) or self._workflows.get(DYNAMIC)

    def message(self, workflow: WorkflowType, kind: MessageKind, name: str) -> MessageType | None:
        """Return the signal, query or update of that name, a dynamic one too."""
        found = {each.name: each for each in workflow.messages.get(kind, ())}
        return found.get(name) or found.get(DYNAMIC)

    def checked(
        self, workflow: WorkflowType, kind: MessageKind | None, taker: WorkflowType | MessageType
    ) -> CheckedArguments:
        """Return what checks arguments of a workflow type, or of a message to it."""
        key = workflow.name, kind, taker.name
        return self._checked.setdefault(key, CheckedArguments(taker.arguments))


class TypesOfBuilds:
    """Tells the types of builds. Safe to use from any thread; every call may block.

    Args:
        store: where they are kept with the builds.
        checker: finds those of a build that an earlier version has stored without them.
    """

    def __init__(self, store: Store, checker: BuildChecker) -> None:
        self._store = store
        self._checker = checker
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, BuildId], tuple[KnownTypes, int]] = OrderedDict()
        self._size = 0

    def known(self, project_id: str, build_id: BuildId) -> KnownTypes | None:
        """Return the types of a build; None where they are not known, as those of a build of an earlier version.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        key = (project_id, build_id)
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return found[0]
        stored = self._store.builds.types(project_id, build_id)
        if stored is None:
            return None
        try:
            made = KnownTypes(BuildTypes.from_json(stored))
        except ValueError:  # of a later version
            return None
        self._keep(key, made, len(json.dumps(stored)))
        return made

    def _keep(self, key: tuple[str, BuildId], made: KnownTypes, size: int) -> None:
        with self._lock:
            if key in self._kept:  # another call was first
                return
            self._kept[key] = made, size
            self._size += size
            while self._size > LARGEST_KEPT:
                _, (_, gone) = self._kept.popitem(last=False)
                self._size -= gone

    def of_build(self, project: Project, build_id: BuildId) -> "TypedBuild | None":
        """Return a build with its types; a build of an earlier version is checked once more to find them.

        Args:
            project: whose build it is.
            build_id: of the build, or `current`. None is returned where the project has no current one yet.

        Raises:
            NotFoundError: the project has no such build.
            BuildRefusedError: a build of an earlier version does not pass the checks any more.
        """
        if build_id == CURRENT and project.current_build is None:
            return None
        summary = self._store.builds.named(project, build_id)
        known = self.known(project.id, summary.id)
        return TypedBuild(summary, known.types if known else self._find(summary))

    def _find(self, summary: BuildSummary) -> BuildTypes:
        found = self._checker.check(stored_build(summary)).types or {}
        self._store.builds.set_types(replace(summary, types=found))
        return BuildTypes.from_json(found)


@dataclass(frozen=True)
class TypedBuild:
    """A build and its types."""

    summary: BuildSummary
    types: BuildTypes

    @property
    def workflows(self) -> Mapping[str, str]:
        """The names of the build's workflows by their packages."""
        return {package_name(name): name for name in self.summary.versions}
