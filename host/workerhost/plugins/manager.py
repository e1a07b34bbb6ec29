"""The plugin manager: one typed method for each hook of `workerhost.hookspecs`."""

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from workerhost import hookspecs
from workerhost.drawing import Compilation, CompileContext
from workerhost.installed import entry_points, version
from workerhost.model import ActivitySet, BuildSummary, Problem, Project, ProjectCode, SampleProject
from workerhost.plugins.answers import Reader, compilation, project_code, sequence_of, unused
from workerhost.plugins.registry import PluginRegistry
from workerhost.plugins.reports import PluginReport, describe

if TYPE_CHECKING:
    import click
    from flask import Blueprint
    from temporalio.worker import Worker, WorkerConfig

T = TypeVar("T")
log = logging.getLogger(__name__)


class Plugins(PluginRegistry):
    """All plugins of one process, and the calls of their hooks.

    Each hook has one method here, which takes the hook's arguments. It calls one plugin after the other, so that an
    exception can be told by the plugin's name, and does one of three things with it:

    - hooks that collect at the start disable the plugin and go on with the others;
    - hooks that are asked while the host works raise `PluginError`, since the answer is needed;
    - hooks that only notify log it.

    An answer of another kind than the hook's counts as an exception.
    """

    def activity_sets(self) -> Iterator[tuple[PluginReport, list[ActivitySet]]]:
        """Collect the activity sets, plugin by plugin. A plugin that raises is disabled and left out."""
        return self._collect("workerhost_register_activity_sets", sequence_of(ActivitySet))

    def code_modules(self) -> tuple[str, ...]:
        """Collect the modules that the code of projects imports. A plugin that raises is disabled and left out."""
        found = self._collect("workerhost_register_code_modules", sequence_of(str))
        return tuple(module for _, modules in found for module in modules)

    def sample_projects(self) -> list[SampleProject]:
        """Collect the sample projects of all plugins. A plugin that raises is disabled and left out."""
        found = self._collect("workerhost_register_sample_projects", sequence_of(SampleProject))
        return [project for _, projects in found for project in projects]

    def register_commands(self, cli: "click.Group") -> None:
        """Have plugins add their commands to the command line. A plugin that raises is disabled."""
        for _ in self._collect("workerhost_register_commands", unused, cli=cli):
            pass

    def blueprints(self) -> Iterator[tuple[PluginReport, "list[Blueprint]"]]:
        """Collect the Flask blueprints, plugin by plugin. A plugin that raises is disabled and left out."""
        from flask import Blueprint  # noqa: PLC0415  who has no API needs no Flask

        return self._collect("workerhost_register_blueprints", sequence_of(Blueprint))

    def load_code(self, project: Project) -> ProjectCode | None:
        """Ask for the active code of a project. The first answer wins; None means that no loader knows the project.

        Raises:
            PluginError: a loader raised; those after it are not asked.
        """
        answers = self._ask("workerhost_load_code", project_code, project=project)
        return next((answer for answer in answers if answer is not None), None)

    def compile(self, format: str, source: object, context: CompileContext) -> Compilation | None:
        """Ask for the code of a drawing. The first answer wins; None means that no compiler knows the format.

        Args:
            format: the name of the drawing's format.
            source: the drawing as it was sent.
            context: what the compiler may know of the project.

        Raises:
            PluginError: a compiler raised; those after it are not asked.
        """
        answers = self._ask("workerhost_compile", compilation, format=format, source=source, context=context)
        return next((answer for answer in answers if answer is not None), None)

    def check_build(self, build: BuildSummary) -> Iterator[Problem]:
        """Ask what speaks against running a build. Plugins are asked one by one while the answers are read.

        Raises:
            PluginError: a plugin raised; those after it are not asked.
        """
        for problems in self._ask("workerhost_check_build", sequence_of(Problem), build=build):
            yield from problems

    def configure_worker(self, project: Project, config: "WorkerConfig") -> None:
        """Have plugins change `config`, which a worker or a replay of the project is made with, in place.

        Raises:
            PluginError: a plugin raised; those after it are not asked.
        """
        for _ in self._ask("workerhost_configure_worker", unused, project=project, config=config):
            pass

    def worker_started(self, project: Project, worker: "Worker") -> None:
        """Notify plugins that the worker of a project polls. Exceptions are logged."""
        self._notify("workerhost_after_worker_started", project=project, worker=worker)

    def worker_stopped(self, project: Project) -> None:
        """Notify plugins that the worker of a project has drained and ended. Exceptions are logged."""
        self._notify("workerhost_after_worker_stopped", project=project)

    def worker_failed(self, project: Project, error: Exception) -> None:
        """Notify plugins that the worker of a project could not start, or died. Exceptions are logged."""
        self._notify("workerhost_after_worker_failed", project=project, error=error)

    def _collect(self, hook: str, read: Reader[T], **arguments: Any) -> Iterator[tuple[PluginReport, T]]:
        for report, function in self.implementations(hook):
            try:
                answer = read(hook, function(**arguments))
            except Exception as error:
                self.disable(report.name, error)
            else:
                yield report, answer

    def _ask(self, hook: str, read: Reader[T], **arguments: Any) -> Iterator[T]:
        for report, function in self.implementations(hook):
            try:
                answer = read(hook, function(**arguments))
            except Exception as error:
                error.add_note(f"plugin {report.name}, {hook}")
                raise PluginError(report.name, error) from error
            yield answer

    def _notify(self, hook: str, **arguments: Any) -> None:
        for report, function in self.implementations(hook):
            try:
                function(**arguments)
            except Exception:
                log.exception("plugin %s failed in %s", report.name, hook)


class PluginError(Exception):
    """A plugin raised, or answered something of another kind, where its answer was needed."""

    def __init__(self, plugin: str, error: Exception) -> None:
        super().__init__(f"plugin {plugin} failed: {describe(error)}")


def create_plugins(builtin: Iterable[tuple[str, object]] = ()) -> Plugins:
    """Return the built-in plugins together with every one that is installed.

    Args:
        builtin: names and objects of built-in plugins. They come first, so installed ones are asked before them.
    """
    plugins = Plugins()
    for name, plugin in builtin:
        plugins.add(name, plugin, plugin_version=version("workerhost"))
    for entry_point in entry_points(hookspecs.PROJECT):
        plugins.add_entry_point(entry_point)
    return plugins
