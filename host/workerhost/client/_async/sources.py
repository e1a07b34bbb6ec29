"""The calls of the asynchronous client about code that was published."""

from workerhost.answers import DifferenceInfo, StoredBuildInfo, VersionInfo
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import sources as calls


class AsyncSourceCalls(AsyncConnection):
    """Code that was published, and what differs between two versions or builds of it."""

    async def version(self, project_id: str, workflow: str, version: str) -> VersionInfo:
        """Return one version of a workflow with its sources."""
        return await self.send(calls.version(project_id, workflow, version))

    async def compare_versions(self, project_id: str, workflow: str, old: str, new: str) -> DifferenceInfo:
        """Return what has changed from one version of a workflow to another, module by module."""
        return await self.send(calls.compare_versions(project_id, workflow, old, new))

    async def build(self, project_id: str, build: str) -> StoredBuildInfo:
        """Return a build that is stored with its sources.

        Args:
            project_id: the project.
            build: its id, or `current` for the one that new runs take.
        """
        return await self.send(calls.build(project_id, build))

    async def compare_builds(self, project_id: str, old: str, new: str) -> DifferenceInfo:
        """Return what has changed from one build to another, module by module.

        Args:
            project_id: the project.
            old: the id of a build, or `current`.
            new: the id of a build, or `current`.
        """
        return await self.send(calls.compare_builds(project_id, old, new))
