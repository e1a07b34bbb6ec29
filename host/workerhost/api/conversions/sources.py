"""Code that was published."""

from workerhost.answers import DifferenceInfo, ModuleChangeInfo, NodeChangeInfo, StoredBuildInfo, VersionInfo
from workerhost.api.conversions.drawings import drawing_fields
from workerhost.api.conversions.executions import given
from workerhost.model import BuildSummary, Project
from workerhost.runtime.sources.differences import ModuleChange
from workerhost.runtime.sources.drawn_nodes import NodeChange
from workerhost.runtime.sources.published import BuildDifference, VersionDifference
from workerhost.store.workflows import StoredVersion


def version_info(found: StoredVersion) -> VersionInfo:
    """Return a version of a workflow as the API shows it."""
    return VersionInfo(
        version=found.code.version,
        workflow_code=found.code.workflow_code,
        activities_code=found.code.activities_code,
        modules=found.code.modules,
        compiled_at=found.compiled_at,
        is_active=found.is_active,
        **drawing_fields(found.code.drawing),
    )


def stored_build_info(project: Project, build: BuildSummary) -> StoredBuildInfo:
    """Return a build as the API shows it."""
    return StoredBuildInfo(
        build_id=build.id,
        is_current=build.id == project.current_build,
        versions=build.versions,
        modules=build.modules,
        workflow_types=build.workflow_types,
        activities=build.activity_names,
    )


def difference_info(old: str, new: str, found: VersionDifference | BuildDifference) -> DifferenceInfo:
    """Return what has changed from `old` to `new`, two versions or ids of builds."""
    drawn = {} if found.nodes is None else {"nodes": tuple(map(_node_info, found.nodes))}
    changes = tuple(map(_change_info, found.changes))
    return DifferenceInfo.model_validate({"from": old, "to": new, "changes": changes, **drawn})


def _change_info(change: ModuleChange) -> ModuleChangeInfo:
    why = {"reason": change.reason} if change.reason else {}
    return ModuleChangeInfo(module=change.module, kind=change.kind, diff=change.diff, **why)


def _node_info(change: NodeChange) -> NodeChangeInfo:
    return NodeChangeInfo(
        workflow=change.workflow, node=change.node, **given(label=change.label or None), kind=change.kind
    )
