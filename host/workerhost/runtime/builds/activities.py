"""Runs each activity with what the build that its header names has of that name, or a plugin."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import temporalio.activity
from temporalio.api.common.v1 import Payload
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from workerhost.code.capture.headers import named_build, named_node
from workerhost.code.capture.origin import ACTIVITY, activity_origin
from workerhost.code.capture.streams import finish_lines
from workerhost.code.definitions import PluginActivity
from workerhost.code.executing.activity_call import LocalActivity, RealActivity
from workerhost.code.executing.contained import Contained
from workerhost.model import PROJECT_ID
from workerhost.runtime.builds.header import HEADER, read_header
from workerhost.runtime.builds.heartbeats import CountedHeartbeats
from workerhost.runtime.builds.project_builds import ProjectBuilds
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.builds.running_activities import RunningActivities, RunningActivity
from workerhost.runtime.capture.failures import say_attempt_timed_out
from workerhost.runtime.capture.project_log import ProjectLog
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.observing.watched_activity import WatchedActivity


class BuildActivities(Interceptor):
    """Replaces the placeholder by the activity that is asked for. Lives on the project worker's event loop.

    Args:
        project_id: what `current_project_id` answers within the activities.
        builds: of the project.
        plugin_activities: activities of plugins by name; those of a build come before them.
        executor: runs activities that are not coroutines; belongs to this project worker.
        running: where it is written down which activities run in this process.
        log: of the project.
        observer: learns how activities go and end.
    """

    def __init__(  # noqa: PLR0913, PLR0917  what each activity needs
        self,
        project_id: str,
        builds: ProjectBuilds,
        plugin_activities: Mapping[str, PluginActivity],
        executor: ThreadPoolExecutor,
        running: RunningActivities,
        log: ProjectLog,
        observer: Observer,
    ) -> None:
        self.project_id = project_id
        self.executor = executor
        self._builds = builds
        self._plugin_activities = plugin_activities
        self.running = running
        self.log = log
        self.observer = observer

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Return the interceptor of one activity task."""
        return _Inbound(next, self)

    async def find(self, name: str, headers: Mapping[str, Payload]) -> RealActivity:
        """Return the activity that the task asks for.

        Raises:
            ApplicationError: there is none of that name.
            BuildUnavailableError: the build is not at hand.
        """
        build = await self._build(headers.get(HEADER))
        names = build.activity_names if build else ()
        of_plugin = self._plugin_activities.get(name)
        if of_plugin is not None and name not in names:
            return self._builds.plugin_activity(name, of_plugin)
        found = build.activity(name) if build else None
        if found is None:
            known = ", ".join(sorted({*names, *self._plugin_activities})) or "none"
            raise ApplicationError(f"{no_activity(self.project_id, name)}; there are: {known}", type="NotFoundError")
        return found

    async def _build(self, header: Payload | None) -> ProjectBuild | None:
        deployment = self._builds.deployment.known
        # Without a header it is asked for by a workflow that no build of ours runs.
        current = deployment.current if deployment else None
        build_id = read_header(header) if header is not None else current
        if build_id is None:
            return None
        return self._builds.cache.loaded(build_id) or await asyncio.get_running_loop().run_in_executor(
            self.executor, self._builds.cache.get, build_id
        )


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, next_: ActivityInboundInterceptor, activities: BuildActivities) -> None:
        super().__init__(next_)
        self._activities = activities

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        """Count heartbeats beside what else is done about them."""
        super().init(CountedHeartbeats(outbound, self._activities.project_id, self._activities.observer))

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002  the SDK's name
        of_project = self._activities
        info, build_id = temporalio.activity.info(), named_build(input.headers)
        origin = activity_origin(info, build_id, named_node(input.headers), of_project.log.take)
        ACTIVITY.set(origin)  # each task has a context of its own, so this needs no reset
        watched = WatchedActivity(of_project.project_id, build_id, of_project.observer)
        try:
            # The code of a type's own validator is contained, too.
            with watched, Contained():
                return await self._execute(input, info)
        finally:
            finish_lines(origin)
            if watched.timed_out_after is not None:
                say_attempt_timed_out(of_project.log, origin, info, watched.timed_out_after)

    async def _execute(self, input: ExecuteActivityInput, info: temporalio.activity.Info) -> Any:  # noqa: A002  the SDK's name
        PROJECT_ID.set(self._activities.project_id)
        name = info.activity_type
        if not info.is_local:  # those count by workflow task
            self._activities.observer.acted(self._activities.project_id, 1)
        activity = await self._activities.find(name, input.headers)
        activity.put_in_place(input, self.next, self._activities.executor)
        if not isinstance(activity, LocalActivity):  # where it may end a process, that is not this one
            return await super().execute_activity(input)
        noted = RunningActivity(self._activities.project_id, name, info.workflow_id or "")
        with self._activities.running.running(noted):
            return await super().execute_activity(input)


def no_activity(project_id: str, name: str) -> str:
    """Return what the error begins with where neither the build nor a plugin has an activity of that name."""
    return f"project {project_id} has no activity {name}"
