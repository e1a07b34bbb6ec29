"""Answers about code that was published, and what differs between two versions or builds of it."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from workerhost.answers.base import Answer, OrText, Time
from workerhost.answers.drawings import DrawingInfo, DrawingProblemInfo, NodeLineInfo, TriggerInfo
from workerhost.words import BuildId, ModuleChangeKind


class VersionInfo(Answer):
    """One version of a workflow, with its sources."""

    version: str
    workflow_code: str
    activities_code: str | None
    modules: Mapping[str, str]
    """The sources of its further modules by name: `models`, `rules.prices`, or `..shared` for the whole project."""
    compiled_at: Time
    """When it was stored first."""
    is_active: bool
    source: DrawingInfo | None = None
    """The drawing that the code was compiled from; None where it was not drawn, as for all that follows."""
    compiler: str | None = None
    """Name and version of what compiled it."""
    map: tuple[NodeLineInfo, ...] = ()
    """Where the code of each node begins."""
    warnings: tuple[DrawingProblemInfo, ...] = ()
    """What may not be meant as it is drawn."""
    triggers: tuple[TriggerInfo, ...] = ()
    """What begins or reaches its runs from outside while this version is active."""


class StoredBuildInfo(Answer):
    """A build that is stored, with its sources."""

    build_id: BuildId
    is_current: bool
    """Whether new runs take it."""
    versions: Mapping[str, str]
    """The version of each workflow in it, by the workflow's name."""
    modules: Mapping[str, str]
    """Sources by the names of modules within the project: `order.workflow`, `order.rules.prices`, `shared`."""
    workflow_types: tuple[str, ...]
    activities: tuple[str, ...]


class ModuleChangeInfo(Answer):
    """A module that two versions or builds do not have in common."""

    module: str
    kind: OrText[ModuleChangeKind]
    diff: str | None
    """A unified diff; None where the lines are too many, or made so that comparing them takes too long."""
    reason: str | None = None
    """Why there is no diff."""


class NodeChangeInfo(Answer):
    """A node of a drawing that two versions or builds do not have in common."""

    workflow: str
    node: str
    """Its id in the drawing."""
    label: str | None = None
    """What the user calls it."""
    kind: OrText[ModuleChangeKind]


class DifferenceInfo(Answer):
    """What has changed from one version or build to another."""

    from_: Annotated[str, Field(validation_alias="from", serialization_alias="from")]
    """Its key is `from`: the version, or the id of the build."""
    to: str
    changes: tuple[ModuleChangeInfo, ...]
    """By the names of the modules."""
    nodes: tuple[NodeChangeInfo, ...] | None = None
    """Of each workflow that was drawn on both sides; None where there is none."""
