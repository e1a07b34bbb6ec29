"""Plugins that several tests use."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from temporalio import activity

from workerhost import ActivitySet, Project, ProjectCode, WorkflowCode, hookimpl
from workerhost.testing import ECHO


@activity.defn(name="ring")
async def ring() -> None: ...


@activity.defn(name="ring")
async def ring_too() -> None: ...


class Ringing:
    """Contributes one activity."""

    def __init__(self, *activities: Any) -> None:
        self._activities = activities or (ring,)

    @hookimpl
    def workerhost_register_activity_sets(self) -> Sequence[ActivitySet]:
        return [ActivitySet("bells", self._activities)]


class Raising:
    """Fails at every hook that collects."""

    @hookimpl
    def workerhost_register_activity_sets(self) -> Sequence[ActivitySet]:
        raise RuntimeError("no activities today")

    @hookimpl
    def workerhost_register_blueprints(self) -> Sequence[Blueprint]:
        raise RuntimeError("no routes today")


class Loading:
    """A code loader whose code says who loaded it."""

    def __init__(self, mark: str) -> None:
        self._mark = mark

    @hookimpl
    def workerhost_load_code(self, project: Project) -> ProjectCode | None:
        code = WorkflowCode("echo", "1", ECHO.replace("echo:", f"{self._mark}:"))
        return ProjectCode((code,), self._mark) if self._mark in project.id else None
