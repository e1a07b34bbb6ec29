"""Runs each activity with the function of the build that its header names, or of a plugin."""

import asyncio
import inspect
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import temporalio.activity
import temporalio.worker._activity as sdk_activity
from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from workerhost.code.definitions import ActivityDefinition
from workerhost.code.loading import LoadedBuild
from workerhost.model import PROJECT_ID
from workerhost.runtime.builds.contained import Contained, contain_thread
from workerhost.runtime.builds.header import HEADER, read_header
from workerhost.runtime.builds.project_builds import ProjectBuilds
from workerhost.runtime.builds.running_activities import RunningActivities, RunningActivity


@temporalio.activity.defn(dynamic=True)
async def any_activity(_args: Sequence[RawValue]) -> None:
    """Stand for every activity of a project; `BuildActivities` puts the build's own or a plugin's in its place."""
    raise RuntimeError("this activity was not given to its build")


class BuildActivities(Interceptor):
    """Replaces the placeholder by the activity that is asked for. Lives on the project worker's event loop.

    Args:
        project_id: what `current_project_id` answers within the activities.
        builds: of the project.
        plugin_activities: activities of plugins by name; those of a build come before them.
        executor: runs activities that are not coroutines; belongs to this project worker.
        running: where it is written down which activities run.
    """

    def __init__(
        self,
        project_id: str,
        builds: ProjectBuilds,
        plugin_activities: Mapping[str, ActivityDefinition],
        executor: ThreadPoolExecutor,
        running: RunningActivities,
    ) -> None:
        self.project_id = project_id
        self._builds = builds
        self._plugin_activities = plugin_activities
        self._executor = executor
        self.running = running

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Return the interceptor of one activity task."""
        return _Inbound(next, self)

    async def find(self, name: str, headers: Mapping[str, Payload]) -> tuple[ActivityDefinition, LoadedBuild | None]:
        """Return the definition that the task asks for, and the build that must stay for as long as it runs.

        Raises:
            ApplicationError: there is none of that name.
            BuildUnavailableError: the build is not at hand.
        """
        build = await self._build(headers.get(HEADER))
        definitions = build.definitions.activities if build else {}
        definition = definitions.get(name) or self._plugin_activities.get(name)
        definition = definition or (build.definitions.activity(name) if build else None)
        if definition is None:
            known = ", ".join(sorted({*definitions, *self._plugin_activities})) or "none"
            raise ApplicationError(f"{no_activity(self.project_id, name)}; there are: {known}", type="NotFoundError")
        return definition, build

    async def _build(self, header: Payload | None) -> LoadedBuild | None:
        deployment = self._builds.deployment.known
        # Without a header it is asked for by a workflow that no build of ours runs.
        current = deployment.current if deployment else None
        build_id = read_header(header) if header is not None else current
        if build_id is None:
            return None
        return self._builds.cache.loaded(build_id) or await asyncio.get_running_loop().run_in_executor(
            self._executor, self._builds.cache.get, build_id
        )

    def replace(self, task: ExecuteActivityInput, definition: ActivityDefinition) -> None:
        """Put the definition's function and decoded arguments into the task.

        Raises:
            ApplicationError: the input does not fit; not retried, since it never will.
        """
        payloads = [raw.payload for raw in task.args[0]]
        if definition.name is None:  # a dynamic activity takes them as they are
            task.fn = definition.fn
            return
        task.args = _decode(definition, payloads)
        task.fn = definition.fn

    def use_thread(self, task: ExecuteActivityInput, impl: ActivityInboundInterceptor, *, cancel: bool) -> None:
        """Make the task one that runs in a thread, with the SDK's own way to cancel it there.

        The SDK decides that by the placeholder, a coroutine, before the real function is known; so what it keeps
        about the running activity is corrected here.
        """
        while not isinstance(impl, sdk_activity._ActivityInboundImpl):  # noqa: SLF001
            impl = impl.next
        running = impl._running_activity  # noqa: SLF001
        running.sync = True
        if cancel:
            running.cancel_thread_raiser = sdk_activity._ThreadExceptionRaiser()  # noqa: SLF001
        task.executor = self._executor


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, next_: ActivityInboundInterceptor, activities: BuildActivities) -> None:
        super().__init__(next_)
        self._activities = activities

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002  the SDK's name
        with Contained():  # the code of a type's own validator, too
            return await self._execute(input)

    async def _execute(self, input: ExecuteActivityInput) -> Any:  # noqa: A002  the SDK's name
        PROJECT_ID.set(self._activities.project_id)  # each task has a context of its own, so this needs no reset
        info = temporalio.activity.info()
        name = info.activity_type
        definition, _build = await self._activities.find(name, input.headers)
        self._activities.replace(input, definition)
        if not _is_coroutine(definition.fn):
            input.fn = contain_thread(definition.fn)
            self._activities.use_thread(input, self.next, cancel=not definition.no_thread_cancel_exception)
        noted = RunningActivity(self._activities.project_id, name, info.workflow_id or "")
        with self._activities.running.running(noted):
            return await super().execute_activity(input)


def no_activity(project_id: str, name: str) -> str:
    """Return what the error begins with where neither the build nor a plugin has an activity of that name."""
    return f"project {project_id} has no activity {name}"


def _is_coroutine(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  an instance with an async __call__
    )


def _decode(definition: ActivityDefinition, payloads: Sequence[Payload]) -> Sequence[Any]:
    name, types = definition.name, definition.arg_types
    try:
        inspect.signature(definition.fn).bind(*payloads)
    except TypeError as error:
        raise _invalid_input(f"{name} cannot be called with {len(payloads)} argument(s): {error}") from error
    hints = types if types is not None and len(types) == len(payloads) else None
    try:
        return temporalio.activity.payload_converter().from_payloads(payloads, hints)
    except Exception as error:
        cause = error if isinstance(error, ValidationError) else error.__cause__
        if isinstance(cause, ValidationError):
            raise _invalid_input(f"the input of {name} does not fit: {_fields(cause)}") from error
        raise _invalid_input(f"the input of {name} cannot be read: {cause or error}") from error


def _fields(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in item['loc']) or 'input'}: {item['msg']}" for item in error.errors()
    )


def _invalid_input(message: str) -> ApplicationError:
    return ApplicationError(message, type="InvalidInput", non_retryable=True)
