"""The calls of the asynchronous client about code: publishing it, checking it, and which build new runs take."""

import asyncio
import os
from collections.abc import Sequence

from workerhost.answers import BuildChangeResult, DeploymentInfo, DeployResult, PublishResult, ReplayCheckResult
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import deployments, projects, publishing
from workerhost.drawing import DrawnWorkflow
from workerhost.folders import workflows_of
from workerhost.model import Ramp, Smoke, WorkflowCode


class AsyncDeploymentCalls(AsyncConnection):
    """The code of projects, and which build their new runs take."""

    async def deploy(  # noqa: PLR0913  what a deployment can be told
        self,
        project_id: str,
        folder_or_workflows: str | os.PathLike[str] | Sequence[WorkflowCode | DrawnWorkflow],
        *,
        version: str | None = None,
        start: bool = True,
        dry_run: bool = False,
        smoke: Smoke | None = None,
        ramp: float | Ramp | None = None,
    ) -> DeployResult:
        """Create the project if it is missing, publish workflows of it in one build, and start it.

        Args:
            project_id: the project.
            folder_or_workflows: a folder of `<workflow>/workflow.py`, each with an `activities.py` or without, and of
                drawings; or the code and the drawings themselves.
            version: of all these workflows; None for a digest of each one's files.
            start: whether the project is started afterwards.
            dry_run: check everything and store nothing. The project must exist.
            smoke: a run that the build must complete before it goes live. The project must be running.
            ramp: the percentage of new runs that take the build, or a `Ramp`; None for all.

        Raises:
            ConfigurationError: the folder cannot be read or holds no workflows.
        """
        codes = await asyncio.to_thread(workflows_of, folder_or_workflows, version)
        if not dry_run:
            await self.send(projects.put_project(project_id))
        published = await self.send(publishing.publish_all(project_id, codes, smoke, ramp, dry_run=dry_run))
        deployed = DeployResult.model_validate(published.raw)
        if start and not dry_run:
            worker = await self.send(projects.command("start", project_id, None))
            deployed = deployed.model_copy(update={"worker": worker})
        return deployed

    async def publish(
        self,
        project_id: str,
        code: WorkflowCode | DrawnWorkflow,
        *,
        dry_run: bool = False,
        smoke: Smoke | None = None,
        ramp: float | Ramp | None = None,
    ) -> PublishResult:
        """Publish a version of one workflow of a project that exists.

        Args:
            project_id: the project.
            code: the workflow with its version, as code or drawn.
            dry_run: check everything and store nothing.
            smoke: a run that the build must complete before it goes live. The project must be running.
            ramp: the percentage of new runs that take the build, or a `Ramp`; None for all.
        """
        return await self.send(publishing.publish(project_id, code, smoke, ramp, dry_run=dry_run))

    async def check(
        self, project_id: str, code: WorkflowCode | DrawnWorkflow, *, sample: int | None = None
    ) -> ReplayCheckResult:
        """Replay open runs and runs that have ended on new code, and store nothing.

        Args:
            project_id: the project.
            code: code or a drawing that is not published.
            sample: how many ended runs of each workflow type are replayed; None for what the service is set to.
        """
        return await self.send(publishing.check(project_id, code, sample))

    async def deployment(self, project_id: str) -> DeploymentInfo:
        """Return the project's builds, the runs that are open on each, and what happened to them."""
        return await self.send(deployments.deployment(project_id))

    async def promote(self, project_id: str) -> BuildChangeResult:
        """Have all new runs take the build that a share of them takes."""
        return await self.send(deployments.promote(project_id))

    async def roll_back(
        self,
        project_id: str,
        *,
        build: str | None = None,
        version: str | None = None,
        workflow: str | None = None,
    ) -> BuildChangeResult:
        """Take back the build that a share of the new runs takes, or else make the one before the current one current.

        Args:
            project_id: the project.
            build: the id of the build to go back to instead.
            version: go back to the newest build with that version instead.
            workflow: whose version that is, where the project has several workflows.
        """
        return await self.send(deployments.roll_back(project_id, build, version, workflow))
