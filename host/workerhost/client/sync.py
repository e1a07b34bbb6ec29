"""The client for ordinary code: every call blocks."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

import httpx

from workerhost.client import calls, steps, wire
from workerhost.client.answers import Begun, Done, Execution, ExecutionPage, ProjectInfo, WorkerStatus
from workerhost.client.calls import A, Call, Ramp, Smoke
from workerhost.client.deployments import BuildChange, Deployed, Deployment, Moved, MoveReport, Published, ReplayReport
from workerhost.client.steps import Pause, Steps, T
from workerhost.folders import workflows_of
from workerhost.model import ProjectSettings, WorkflowCode


class Client:
    """A connection to the control API of one service, for products that embed workerhost.

    A context manager; safe to use from several threads. Every method raises `ApiError` where the service refuses the
    call, with the API's sentence and its `code`, and `NoServiceError` where none answers in time.

    Args:
        url: address of the service.
        timeout: seconds that any answer may take, beyond what the service waits for on purpose.
        headers: sent with each call, for example to a proxy that asks for a password.
        retries: how often a connection that cannot be made is tried again.
    """

    def __init__(
        self,
        url: str = wire.DEFAULT_URL,
        *,
        timeout: float = wire.ANSWER_SECONDS,
        headers: Mapping[str, str] | None = None,
        retries: int = wire.RETRIES,
    ) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        transport = httpx.HTTPTransport(retries=retries)
        self._http = httpx.Client(transport=transport, **wire.options(self.url, headers))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: Call[A]) -> A:
        """Make a call that `workerhost.client.calls` describes."""
        try:
            response = self._http.send(wire.request(self._http, call, self._timeout))
        except httpx.HTTPError as error:
            raise wire.no_answer(self.url, error) from error
        return wire.read(self.url, call, response)

    def _follow(self, sequence: Steps[T]) -> T:
        answer: object = None
        while True:
            try:
                step = sequence.send(answer)
            except StopIteration as ended:
                result: T = ended.value
                return result
            if isinstance(step, Pause):
                time.sleep(step.seconds)
            else:
                answer = self.send(step)

    # Projects and their workers.

    def projects(self) -> Sequence[ProjectInfo]:
        """Return all projects."""
        return self.send(calls.projects()).projects

    def put_project(
        self,
        project_id: str,
        *,
        name: str | None = None,
        task_queue: str | None = None,
        settings: ProjectSettings | Mapping[str, Any] | None = None,
    ) -> ProjectInfo:
        """Create the project, or change what is given; `settings` replaces all settings that it has."""
        return self.send(calls.put_project(project_id, name, task_queue, settings))

    def start(self, project_id: str, *, timeout: float | None = None) -> Done:
        """Start the project's worker on its active code, and wait until it takes tasks.

        Args:
            project_id: the project.
            timeout: seconds to wait, at most 300; else what the service is set to. The answer's `status` is set where
                the worker goes on to start.
        """
        return self.send(calls.command("start", project_id, timeout))

    def stop(self, project_id: str, *, timeout: float | None = None) -> Done:
        """Stop the project's worker and wait until it has ended its activities; `timeout` as for `start`."""
        return self.send(calls.command("stop", project_id, timeout))

    def restart(self, project_id: str, *, timeout: float | None = None) -> Done:
        """Give the project a new worker, without a gap; `timeout` as for `start`."""
        return self.send(calls.command("restart", project_id, timeout))

    def status(self, project_id: str) -> WorkerStatus:
        """Return what the project's worker does."""
        return self.send(calls.status(project_id))

    def workers(self) -> Sequence[str]:
        """Return the ids of the projects whose worker takes tasks."""
        return self.send(calls.workers()).workers

    # Their code.

    def deploy(  # noqa: PLR0913  what a deployment can be told
        self,
        project_id: str,
        folder_or_workflows: str | os.PathLike[str] | Sequence[WorkflowCode],
        *,
        version: str | None = None,
        start: bool = True,
        dry_run: bool = False,
        smoke: Smoke | None = None,
        ramp: float | Ramp | None = None,
    ) -> Deployed:
        """Create the project if it is missing, publish workflows of it in one build, and start it.

        Args:
            project_id: the project.
            folder_or_workflows: a folder of `<workflow>/workflow.py`, each with an `activities.py` or without, or the
                code itself.
            version: of all these workflows; else a digest of each one's files.
            start: whether the project is started afterwards.
            dry_run: check everything and store nothing. The project must exist.
            smoke: a run that the build must complete before it goes live. The project must be running.
            ramp: the percentage of new runs that take the build, or a `Ramp`; else all do.

        Raises:
            ConfigurationError: the folder cannot be read or holds no workflows.
        """
        codes = workflows_of(folder_or_workflows, version)
        return self._follow(
            steps.deploy(project_id, codes, start=start, dry_run=dry_run, smoke=smoke, ramp=ramp),
        )

    def publish(
        self,
        project_id: str,
        code: WorkflowCode,
        *,
        dry_run: bool = False,
        smoke: Smoke | None = None,
        ramp: float | Ramp | None = None,
    ) -> Published:
        """Publish a version of one workflow of a project that exists; the arguments are those of `deploy`."""
        return self.send(calls.publish(project_id, code, smoke, ramp, dry_run=dry_run))

    def check(self, project_id: str, code: WorkflowCode, *, sample: int | None = None) -> ReplayReport:
        """Replay up to `sample` open and ended runs of each type on new code, and store nothing."""
        return self.send(calls.check(project_id, code, sample))

    def deployment(self, project_id: str) -> Deployment:
        """Return the project's builds, the runs that are open on each, and what happened to them."""
        return self.send(calls.deployment(project_id))

    def promote(self, project_id: str) -> BuildChange:
        """Have all new runs take the build that part of them takes."""
        return self.send(calls.promote(project_id))

    def roll_back(
        self, project_id: str, *, build: str | None = None, version: str | None = None, workflow: str | None = None
    ) -> BuildChange:
        """Take back the build that part of the new runs takes, or else make the one before the current one current.

        Args:
            project_id: the project.
            build: the digest of the build to go back to instead.
            version: go back to the newest build with that version instead.
            workflow: whose version that is, where the project has several workflows.
        """
        return self.send(calls.roll_back(project_id, build, version, workflow))

    def move(self, project_id: str, workflow_id: str, build: str = calls.CURRENT) -> Moved:
        """Have one open run go on with another build, if its history replays on it.

        Args:
            project_id: the project.
            workflow_id: of the run.
            build: a digest, or `current`.
        """
        return self.send(calls.move(project_id, workflow_id, build))

    def move_all(
        self,
        project_id: str,
        from_build: str,
        to_build: str = calls.CURRENT,
        *,
        timeout: float | None = None,
        progress: Callable[[MoveReport], object] | None = None,
    ) -> MoveReport:
        """Have all open runs of a build go on with another one where their history replays on it, and wait for it.

        Args:
            project_id: the project.
            from_build: the digest of the build that they run on.
            to_build: a digest, or `current`.
            timeout: seconds to wait; else until it has ended. What is left goes on, and the report's status is
                `running`.
            progress: called with each report, the last one too.
        """
        return self._follow(steps.move_all(project_id, from_build, to_build, timeout, progress))

    # Their executions.

    def execute(self, project_id: str, workflow_type: str, *args: Any, workflow_id: str | None = None) -> Begun:
        """Begin a run of a workflow; `workflow_id` names it, and must not be that of a run that is open."""
        return self.send(calls.execute(project_id, workflow_type, args, workflow_id))

    def execution(self, project_id: str, workflow_id: str) -> Execution:
        """Return the latest run of that id as it is now."""
        return self.send(calls.execution(project_id, workflow_id))

    def wait(self, project_id: str, workflow_id: str, timeout: float = 60) -> Execution:
        """Wait until the run has ended, at most `timeout` seconds, and return it as it is then."""
        return self._follow(steps.wait(project_id, workflow_id, timeout))

    def run(
        self,
        project_id: str,
        workflow_type: str,
        *args: Any,
        workflow_id: str | None = None,
        timeout: float = 60,
    ) -> Any:
        """Run a workflow and return its result.

        Raises:
            ExecutionError: it ended otherwise, or still runs after `timeout` seconds.
        """
        return self._follow(steps.run(project_id, workflow_type, args, workflow_id, timeout))

    def execution_page(self, project_id: str, limit: int = 50, cursor: str | None = None) -> ExecutionPage:
        """Return up to `limit` runs, newest first, from where the `cursor` of the page before says."""
        return self.send(calls.executions(project_id, limit, cursor))

    def executions(self, project_id: str, *, page_size: int = 100) -> Iterator[Execution]:
        """Yield all runs, newest first, without results, `page_size` with each call."""
        cursor: str | None = None
        while True:
            page = self.execution_page(project_id, page_size, cursor)
            yield from page.executions
            cursor = page.cursor
            if cursor is None:
                return

    def signal(self, project_id: str, workflow_id: str, name: str, *args: Any) -> Done:
        """Send a signal to an open run."""
        return self.send(calls.signal(project_id, workflow_id, name, args))

    def cancel(self, project_id: str, workflow_id: str, *, reason: str | None = None) -> Done:
        """Ask an open run to end in good order."""
        return self.send(calls.end("cancel", project_id, workflow_id, reason))

    def terminate(self, project_id: str, workflow_id: str, *, reason: str | None = None) -> Done:
        """End an open run at once; its code does not learn of it."""
        return self.send(calls.end("terminate", project_id, workflow_id, reason))
