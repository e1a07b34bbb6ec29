"""Reading code that was published, and what differs between two versions or builds of it."""

from typing import Annotated

from flask import Blueprint, Response
from pydantic import Field

from workerhost.answers import DifferenceInfo, StoredBuildInfo, VersionInfo
from workerhost.api.conversions import difference_info, stored_build_info, version_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.reading.fields import AnyBuild, Id, Version
from workerhost.api.reading.query import Query
from workerhost.api.response import respond

blueprint = Blueprint("sources", __name__, url_prefix="/projects/<project_id>")


class FromVersionQuery(Query):
    """Which version is compared with."""

    from_version: Annotated[Version, Field(alias="from")]
    """The version before."""


class FromBuildQuery(Query):
    """Which build is compared with."""

    from_build: Annotated[AnyBuild, Field(alias="from")]
    """The build before, by its id or as `current`."""


@blueprint.get("/workflows/<name>/versions/<version>")
@described(VersionInfo)
def show_version(project_id: Id, name: Id, version: Version) -> Response:
    """Show a version of the workflow with its sources."""
    return respond(version_info(service().published_code.version(project_id, name, version)))


@blueprint.get("/workflows/<name>/versions/<version>/diff")
@described(DifferenceInfo)
def compare_versions(project_id: Id, name: Id, version: Version, query: FromVersionQuery) -> Response:
    """Show what has changed from another version of the workflow to this one."""
    found = service().published_code.compare_versions(project_id, name, query.from_version, version)
    return respond(difference_info(query.from_version, version, found))


@blueprint.get("/builds/<build>")
@described(StoredBuildInfo)
def show_build(project_id: Id, build: AnyBuild) -> Response:
    """Show a build of the project with its sources."""
    return respond(stored_build_info(*service().published_code.build(project_id, build)))


@blueprint.get("/builds/<build>/diff")
@described(DifferenceInfo)
def compare_builds(project_id: Id, build: AnyBuild, query: FromBuildQuery) -> Response:
    """Show what has changed from another build of the project to this one."""
    found = service().published_code.compare_builds(project_id, query.from_build, build)
    return respond(difference_info(found.from_build, found.to_build, found))
