"""The activities and workflow types of code that is sent beside drawings, before there is a build of it."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from workerhost.code.build import Build, make_build
from workerhost.code.checker import BuildChecker
from workerhost.code.schemas.types import BuildTypes
from workerhost.drawing import DrawnWorkflow
from workerhost.errors import BuildRefusedError
from workerhost.model import ProjectCode, WorkflowCode
from workerhost.module_names import SHARED
from workerhost.words import BuildId

KEPT = 64
"""How many answers are kept. A drawing is published again and again, and the code beside it changes rarely."""

LOADER = "sent"
"""Stands for the name of the code loader, where code was sent with a call."""

_PLACE_OF_DRAWING = """from temporalio import workflow


@workflow.defn(name={name!r})
class Drawing:
    @workflow.run
    async def run(self) -> None: ...
"""
"""Stands in the module of a workflow whose drawing is not compiled yet, since a workflow defines a type."""

_PREFIX = "workerhost:drawing:"


class SentTypes:
    """Finds what code defines that is sent beside drawings. Safe to use from any thread; every call may block.

    Args:
        checker: loads code in a sealed process.
    """

    def __init__(self, checker: BuildChecker) -> None:
        self._checker = checker
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, BuildId], BuildTypes] = OrderedDict()

    def find(
        self, project_id: str, sent: Sequence[WorkflowCode | DrawnWorkflow], others: Sequence[WorkflowCode]
    ) -> BuildTypes:
        """Return what the code of a call defines; nothing is run where drawings alone are sent.

        Args:
            project_id: whose code it is.
            sent: the workflows of the call. Drawings count as workflows without code of their own.
            others: the project's other workflows, whose modules the code may import.

        Raises:
            BuildRefusedError: the code does not load.
        """
        if not any(_has_code(each) for each in sent):
            return BuildTypes()
        shared = {name: text for each in others for name, text in each.modules.items() if name.startswith(SHARED)}
        codes = [_as_code(each) for each in sent]
        alone = [replace(each, modules={**shared, **each.modules}) for each in codes]
        try:
            return self._types(make_build(project_id, ProjectCode(tuple(alone), LOADER)))
        except BuildRefusedError:
            if not others:
                raise
            try:  # it may import the packages of other workflows
                return self._types(make_build(project_id, ProjectCode((*others, *codes), LOADER)))
            except BuildRefusedError:
                pass
            raise

    def _types(self, build: Build) -> BuildTypes:
        key = build.project_id, build.id
        with self._lock:
            if (known := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return known
        found = BuildTypes.from_json(self._checker.check(build).types or {})
        own = tuple(each for each in found.workflows if not each.name.startswith(_PREFIX))
        found = replace(found, workflows=own)
        with self._lock:
            self._kept[key] = found
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def _has_code(workflow: WorkflowCode | DrawnWorkflow) -> bool:
    return isinstance(workflow, WorkflowCode) or workflow.activities_code is not None or bool(workflow.modules)


def _as_code(workflow: WorkflowCode | DrawnWorkflow) -> WorkflowCode:
    if isinstance(workflow, WorkflowCode):
        return workflow
    text = _PLACE_OF_DRAWING.format(name=f"{_PREFIX}{workflow.name}")
    return WorkflowCode(workflow.name, workflow.version, text, workflow.activities_code, workflow.modules)
