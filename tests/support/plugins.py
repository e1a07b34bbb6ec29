"""Plugins that several tests use."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint
from temporalio import activity

from workerhost import ActivitySet, Project, ProjectCode, WorkflowCode, hookimpl
from workerhost.plugins import Plugins
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


def plugins_of(*implementations: Callable[..., Any]) -> Plugins:
    """Return a manager with a plugin for each function, which is named like its hook: plugin0, plugin1 and so on."""
    plugins = Plugins()
    for number, function in enumerate(implementations):
        add_hook(plugins, f"plugin{number}", function)
    return plugins


def add_hook(plugins: Plugins, name: str, function: Callable[..., Any], **options: Any) -> None:
    """Add a plugin of one function, marked with the options."""

    class Plugin:
        pass

    setattr(Plugin, function.__name__, staticmethod(hookimpl(**options)(function)))
    plugins.add(name, Plugin(), plugin_version="1")


def answering(hook: str, answer: Any) -> Callable[..., Any]:
    """Return a function that implements the hook with that answer."""

    def function() -> Any:
        return answer

    function.__name__ = hook
    return function
