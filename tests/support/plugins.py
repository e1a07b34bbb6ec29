"""Plugins that several tests use."""

from collections.abc import Callable
from typing import Any

from support import ECHO
from workerhost import Project, ProjectCode, WorkflowCode, hookimpl
from workerhost.plugins import Plugins


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
