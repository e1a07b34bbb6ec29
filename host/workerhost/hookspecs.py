"""Every hook of workerhost. A plugin implements those it needs, with `from workerhost import hookimpl`.

Names follow one grammar: `register_*` collects from all plugins once, at the start of the process; a verb
(`load_code`, `check_build`, `configure_worker`) is asked while the host works; `after_*` only notifies.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import click
    from flask import Blueprint
    from temporalio.worker import Worker, WorkerConfig

    from workerhost.drawing import Compilation, CompileContext
    from workerhost.model import ActivitySet, BuildSummary, Problem, Project, ProjectCode, SampleProject

PROJECT = "workerhost"
"""The name that marks hooks for pluggy, and the group of the entry points of plugins."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def workerhost_register_activity_sets() -> "Sequence[ActivitySet]":  # type: ignore[empty-body]
    """Return the activity sets that this plugin contributes; every project may call their activities.

    Called once per process, in its main thread. An exception, a function that is not an activity, or the name of an
    activity that another plugin has already disables the plugin. `GET /plugins` shows the reason.
    """


@hookspec
def workerhost_register_code_modules() -> "Sequence[str]":  # type: ignore[empty-body]
    """Return the full names of modules of this plugin that the code of projects imports.

    They are imported once, in the process from which those of checks and of projects are forked, so that none of these
    needs time and memory of its own for them. They must start no threads. Called once per process, in its main thread.
    An exception disables the plugin; a module that cannot be imported is left for the code that needs it.
    """


@hookspec
def workerhost_register_sample_projects() -> "Sequence[SampleProject]":  # type: ignore[empty-body]
    """Return projects that `workerhost dev` deploys and starts and that `workerhost check` runs.

    Called in the main thread of those commands. An exception disables the plugin for the command, and is logged.
    """


@hookspec
def workerhost_register_commands(cli: "click.Group") -> None:
    """Add commands to the `workerhost` command line with `cli.add_command`.

    Called once per process, in its main thread, before arguments are parsed. An exception disables the plugin.
    """


@hookspec
def workerhost_register_blueprints() -> "Sequence[Blueprint]":  # type: ignore[empty-body]
    """Return Flask blueprints that the control API serves beside its own routes.

    Called once per host process, in its main thread. An exception disables the plugin.
    """


@hookspec(firstresult=True)
def workerhost_load_code(project: "Project") -> "ProjectCode | None":
    """Return the active code of `project`, or None where this loader does not know it.

    The first answer wins; plugins that were installed are asked before the built-in loaders. Called for each
    start, publish and reload of a project, in a thread of that project or of the API call; it may block. An
    exception fails that start or call with its message.
    """


@hookspec(firstresult=True)
def workerhost_compile(format: str, source: object, context: "CompileContext") -> "Compilation | None":
    """Return the code of the drawing `source`, or None where this compiler does not know the format.

    Args:
        format: the name of the drawing's format, `canvas` for example.
        source: the drawing as it was sent: the value of a JSON document, or a text.
        context: what the compiler may know of the project.

    The first answer wins. Called for each drawing that is published or compiled, in a thread of the API call; it may
    block. The same drawing in the same context must give the same code. What is wrong with the drawing stands in the
    answer's problems; an exception is an error of the compiler's, and fails the call with its message.
    """


@hookspec
def workerhost_check_build(build: "BuildSummary") -> "Sequence[Problem] | None":
    """Return what speaks against running `build`, or None or nothing if it may run.

    Called once per build, after the built-in checks passed, in a thread of the project or of the API call. Any
    problem refuses the build. An exception refuses it too, with the plugin's name in the reason.
    """


@hookspec
def workerhost_configure_worker(project: "Project", config: "WorkerConfig") -> None:
    """Change `config`, the arguments of the project's `temporalio.worker.Worker`, in place.

    This is for SDK interceptors (`config["interceptors"]`), SDK plugins (`config["plugins"]`) and options. Called
    before each start of a project worker, and before runs of the project are replayed to see whether they fit a
    build, with the same keys: a replay takes those that it has (interceptors, SDK plugins, the client's data converter,
    `workflow_failure_exception_types` and others) and passes over the rest. So a plugin need not tell the two apart;
    an SDK plugin can, since it has `configure_worker` and `configure_replayer`. Called on an event loop: it must not
    block. An exception fails that start, or the move or check that replays.
    """


@hookspec
def workerhost_after_worker_started(project: "Project", worker: "Worker") -> None:
    """Learn that the worker of `project` polls.

    Called in the project's thread, on its event loop: it must not block. An exception is logged.
    """


@hookspec
def workerhost_after_worker_stopped(project: "Project") -> None:
    """Learn that the worker of `project` has drained and ended, as it was asked to.

    Called in a thread of the host's, the project's own as a rule. An exception is logged.
    """


@hookspec
def workerhost_after_worker_failed(project: "Project", error: Exception) -> None:
    """Learn that the worker of `project` could not start, or died, because of `error`. The host will try again.

    Called in a thread of the host's, the project's own as a rule. An exception is logged.
    """
