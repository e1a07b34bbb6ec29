"""Calls about code that was published."""

from workerhost.answers import DifferenceInfo, StoredBuildInfo, VersionInfo
from workerhost.client.calls.call import Call, project_path


def version(project_id: str, workflow: str, version: str) -> Call[VersionInfo]:
    """Ask for one version of a workflow with its sources."""
    return Call("GET", project_path(project_id, "workflows", workflow, "versions", version), VersionInfo)


def compare_versions(project_id: str, workflow: str, old: str, new: str) -> Call[DifferenceInfo]:
    """Ask what has changed from one version of a workflow to another."""
    path = project_path(project_id, "workflows", workflow, "versions", new, "diff")
    return Call("GET", path, DifferenceInfo, query={"from": old})


def build(project_id: str, build_id: str) -> Call[StoredBuildInfo]:
    """Ask for a build with its sources."""
    return Call("GET", project_path(project_id, "builds", build_id), StoredBuildInfo)


def compare_builds(project_id: str, old: str, new: str) -> Call[DifferenceInfo]:
    """Ask what has changed from one build to another."""
    return Call("GET", project_path(project_id, "builds", new, "diff"), DifferenceInfo, query={"from": old})
