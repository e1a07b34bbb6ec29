"""Which plugins there are: each is registered on its own, and what is wrong with one is in its report."""

import inspect
import logging
from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any

import pluggy

from workerhost import hookspecs
from workerhost.plugins.reports import HookMisuseError, PluginReport, describe

log = logging.getLogger(__name__)


class PluginRegistry:
    """All plugins of one process. Made and changed in the main thread before anything runs; read by any.

    A plugin that fails is listed with its error and left out; the others work.
    """

    def __init__(self) -> None:
        self._manager = _PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._reports: dict[str, PluginReport] = {}

    def reports(self) -> list[PluginReport]:
        """Return what is known of each plugin, in the order they were found."""
        return list(self._reports.values())

    def packages(self) -> list[str]:
        """Return the top-level packages of the installed plugins."""
        return sorted({report.package for report in self._reports.values() if report.package})

    def add(self, name: str, plugin: object, *, plugin_version: str, package: str | None = None) -> None:
        """Register a plugin; what is wrong with it ends up in its report.

        Args:
            name: that reports and errors call it by.
            plugin: a module, or any object, whose functions are marked with `hookimpl`.
            plugin_version: of the distribution that it came with.
            package: top-level package of its module; None for a built-in plugin.
        """
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
        except Exception as error:
            self.disable(name, error)
            return
        callers = self._manager.get_hookcallers(plugin) or ()
        # A hook without a specification is an optional one that this version does not have: it is never called.
        report.hooks = sorted(caller.name for caller in callers if caller.has_spec())

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
        report.error = describe(error)
        report.hooks, report.activities = [], []
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)
        log.error("plugin %s is left out: %s", name, report.error)

    def implementations(self, hook_name: str) -> list[tuple[PluginReport, Callable[..., Any]]]:
        """Return the plugins that implement a hook, in the order in which they are called, each with its function.

        The plugin that was registered last comes first, so that an installed plugin comes before the built-in ones.
        Functions marked `tryfirst` come before all others and those marked `trylast` after them; where several are
        marked alike, the mark of the last registered one wins. The functions take all arguments of the hook by keyword.
        """
        # pluggy keeps them in the reverse of the order in which it would call them.
        last_to_first = getattr(self._manager.hook, hook_name).get_hookimpls()
        return [(self._reports[each.plugin_name], _taking_what_it_names(each)) for each in reversed(last_to_first)]


class _PluginManager(pluggy.PluginManager):
    """Refuses implementations that the host could not call like any other."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        options = super().parse_hookimpl_opts(plugin, name)
        if options is not None:
            hook = options.get("specname") or name
            for kind in ("wrapper", "hookwrapper"):
                if options.get(kind):
                    raise HookMisuseError(
                        f"{hook} is implemented with {kind}=True, which workerhost does not support, since it calls "
                        f"one plugin at a time; leave {kind}=True out and return the plugin's own answer"
                    )
            if inspect.iscoroutinefunction(getattr(plugin, name)):
                raise HookMisuseError(f"{hook} is implemented with async def; make it an ordinary function")
        return options


def _taking_what_it_names(implementation: pluggy.HookImpl) -> Callable[..., Any]:
    def call(**arguments: Any) -> Any:
        return implementation.function(*(arguments[name] for name in implementation.argnames))

    return call
