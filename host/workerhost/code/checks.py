"""The checks that a build passes before anything of it runs: parse, import, definitions, Temporal's sandbox."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter

from workerhost.code.build import Build
from workerhost.code.cutting import cut
from workerhost.code.definitions import empty_names
from workerhost.code.importer import FINDER
from workerhost.code.loading import LoadedBuild, load_build
from workerhost.code.problems import LONGEST_REASON, problem_from
from workerhost.code.schemas.bounds import bounded
from workerhost.code.schemas.types import BuildTypes, types_of
from workerhost.errors import BuildRefusedError
from workerhost.model import Problem

_Anything = TypeVar("_Anything")
_Bounded = Annotated[_Anything, Field(max_length=10_000, fail_fast=True)]
"""A list that takes neither long nor much memory to refuse, whatever is in it."""


@dataclass(frozen=True)
class CheckResult:
    """What a build defines, or why it is refused."""

    workflow_types: _Bounded[list[str]] = field(default_factory=list)
    activity_names: _Bounded[list[str]] = field(default_factory=list)
    problems: _Bounded[list[Problem]] = field(default_factory=list)
    types: BuildTypes = field(default_factory=BuildTypes)

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain values, which can be sent from one process to another."""
        return asdict(self)

    @classmethod
    def from_json(cls, text: bytes) -> "CheckResult":
        """Return the result that was sent as the JSON of `to_json`. Code that is checked may have sent anything.

        Raises:
            ValueError: it is none.
        """
        result = _RESULT.validate_json(text, strict=True)
        if not result.problems and not result.workflow_types:
            raise ValueError("neither workflows nor problems")
        problems = [replace(each, reason=cut(each.reason, LONGEST_REASON)) for each in result.problems]
        return replace(result, problems=problems, types=bounded(result.types))


_RESULT = TypeAdapter(CheckResult)


def check_build(build: Build, passthrough: Iterable[str]) -> CheckResult:
    """Run all checks on a build, executing its modules' code: call this in a process that may be lost."""
    FINDER.add(build)
    if problems := list(_parse_problems(build)):
        return CheckResult(problems=problems)
    try:
        loaded = load_build(build, passthrough)
    except BuildRefusedError as error:
        return CheckResult(problems=list(error.problems))
    if problems := [*empty_names(build), *asyncio.run(_sandbox_problems(loaded))]:
        return CheckResult(problems=problems)
    found = loaded.definitions
    types = bounded(types_of(build, found))
    return CheckResult(sorted(found.workflows), sorted(found.activities), types=types)


def _parse_problems(build: Build) -> Iterator[Problem]:
    for full_name, name in build.module_names().items():
        try:
            FINDER.get_code(full_name)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
            yield problem_from(error, build, name)


async def _sandbox_problems(loaded: LoadedBuild) -> list[Problem]:
    """Make an instance of each workflow in the sandbox; that needs a running event loop, as in a worker."""
    problems = []
    for definition in loaded.definitions.workflows.values():
        try:
            loaded.sandbox.prepare_workflow(definition)
        except BaseException as error:
            module = loaded.build.module_names()[definition.cls.__module__]
            problems.append(problem_from(error, loaded.build, module))
    return list(dict.fromkeys(problems))
