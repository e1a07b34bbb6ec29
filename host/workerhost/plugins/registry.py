"""The plugin manager: built-in plugins first, then one entry point after the other, each on its own.

A plugin that fails is listed with its error and left out; the others work.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points, version
from typing import Any

import pluggy

from workerhost import hookspecs

GROUP = "workerhost"
log = logging.getLogger(__name__)


@dataclass
class PluginReport:
    """What is known of one plugin: where it came from, what it brings, or why it is left out."""

    name: str
    version: str
    package: str | None = None
    """Top-level package of the plugin's module; None for built-in plugins."""
    hooks: list[str] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)
    error: str | None = None


class Plugins:
    """All plugins of one process. Made and changed in the main thread before anything runs; read by any."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self._reports: dict[str, PluginReport] = {}

    def reports(self) -> list[PluginReport]:
        """Return what is known of each plugin, in the order they were found."""
        return list(self._reports.values())

    def packages(self) -> list[str]:
        """Return the top-level packages of the installed plugins."""
        return sorted({report.package for report in self._reports.values() if report.package})

    def add(self, name: str, plugin: object, *, plugin_version: str, package: str | None = None) -> None:
        """Register a plugin object; what is wrong with it ends up in its report."""
        if name in self._reports:
            # Not under the same key: the first of that name goes on working.
            self._reports[f"{name} ({plugin_version})"] = PluginReport(
                name, plugin_version, package, error=f"another plugin is named {name} already"
            )
            return
        report = self._reports[name] = PluginReport(name, plugin_version, package)
        try:
            self._manager.register(plugin, name)
            self._manager.check_pending()
            report.hooks = sorted(caller.name for caller in self._manager.get_hookcallers(plugin) or ())
        except Exception as error:
            self.disable(name, error)

    def add_entry_point(self, entry_point: EntryPoint) -> None:
        """Import and register the plugin behind an entry point; what fails ends up in its report."""
        plugin_version = entry_point.dist.version if entry_point.dist else "unknown"
        package = entry_point.module.partition(".")[0]
        try:
            plugin = entry_point.load()
        except (Exception, SystemExit) as error:
            # Never under the name of another plugin, which must not be harmed.
            key = entry_point.name if entry_point.name not in self._reports else f"{entry_point.name} ({package})"
            self._reports[key] = PluginReport(entry_point.name, plugin_version, package)
            self.disable(key, error)
            return
        self.add(entry_point.name, plugin, plugin_version=plugin_version, package=package)

    def disable(self, name: str, error: BaseException) -> None:
        """Leave a plugin out from now on and keep the reason for its report."""
        report = self._reports[name]
        report.error = f"{type(error).__name__}: {error}"
        report.hooks, report.activities = [], []
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)
        log.error("plugin %s is left out: %s", name, report.error)

    def collect(self, hook_name: str, **arguments: Any) -> Iterator[tuple[PluginReport, Any]]:
        """Call a `register_*` hook plugin by plugin; one that raises is disabled and left out."""
        for name, function in self._implementations(hook_name):
            try:
                answer = function(**arguments)
            except Exception as error:
                self.disable(name, error)
            else:
                yield self._reports[name], answer

    def ask(self, hook_name: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """Call a hook plugin by plugin and yield name and answer; exceptions reach the caller."""
        for name, function in self._implementations(hook_name):
            try:
                yield name, function(**arguments)
            except Exception as error:
                error.add_note(f"plugin {name}, {hook_name}")
                raise PluginError(name, error) from error

    def notify(self, hook_name: str, **arguments: Any) -> None:
        """Call an `after_*` hook plugin by plugin; exceptions are logged and go no further."""
        for name, function in self._implementations(hook_name):
            try:
                function(**arguments)
            except Exception:
                log.exception("plugin %s failed in %s", name, hook_name)

    def _implementations(self, hook_name: str) -> list[tuple[str, Callable[..., Any]]]:
        implementations = reversed(getattr(self._manager.hook, hook_name).get_hookimpls())
        return [(each.plugin_name, _with_accepted_arguments(each)) for each in implementations]


class PluginError(Exception):
    """A plugin raised where its answer was needed."""

    def __init__(self, plugin: str, error: Exception) -> None:
        super().__init__(f"plugin {plugin} failed: {type(error).__name__}: {error}")


def create_plugins(builtin: Iterable[tuple[str, object]] = ()) -> Plugins:
    """Return the built-in plugins together with every one that is installed.

    Args:
        builtin: names and objects of built-in plugins. They come first, so installed ones are asked before them.
    """
    plugins = Plugins()
    for name, plugin in builtin:
        plugins.add(name, plugin, plugin_version=version("workerhost"))
    for entry_point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        plugins.add_entry_point(entry_point)
    return plugins


def _with_accepted_arguments(implementation: pluggy.HookImpl) -> Callable[..., Any]:
    """Return the function so that it can be called with all arguments of the hook and takes those it names."""

    def call(**arguments: Any) -> Any:
        return implementation.function(*(arguments[name] for name in implementation.argnames))

    return call
