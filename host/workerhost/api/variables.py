"""Variables that are kept for a project, which its workflows share."""

from typing import Annotated, Any

from flask import Blueprint, Response
from pydantic import BeforeValidator, Field

from workerhost.answers import CommandResult, VariableInfo, VariablePage
from workerhost.api.conversions import variable_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import Id
from workerhost.api.reading.query import PageQuery, Query
from workerhost.api.response import respond
from workerhost.forms.fields import Name
from workerhost.runtime.variables.operations import ProjectVariables
from workerhost.words import VariableScope

blueprint = Blueprint("variables", __name__, url_prefix="/projects/<project_id>/variables")

LARGEST_VERSION = 2**63 - 1
"""The largest number that the database has for one."""


def _read_version(text: object) -> object:
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < len(str(LARGEST_VERSION)):
        return int(text)
    raise ValueError("must be a version, which is a whole number")


def _variables() -> ProjectVariables:
    return ProjectVariables(service().store)


class VariablesQuery(PageQuery):
    """Which variables."""

    scope: VariableScope | None = None
    prefix: Annotated[str, Field(max_length=200)] = ""
    """How their names begin."""


class VersionQuery(Query):
    """On which version something is done."""

    if_version: Annotated[int, Field(ge=0, le=LARGEST_VERSION), BeforeValidator(_read_version)] | None = None
    """The version that the variable must have; without it, whatever it has."""


class VariableBody(Body):
    """The value that a variable is to have."""

    value: Any
    """Any JSON value."""
    if_version: Annotated[int, Field(ge=0, le=LARGEST_VERSION, strict=True)] | None = None
    """The version that the variable must have, 0 for one that must not be there; without it, whatever it has."""


@blueprint.get("")
@described(VariablePage)
def all_variables(project_id: Id, query: VariablesQuery) -> Response:
    """List the variables of the project by scope and name, a page at a time."""
    page = _variables().page(project_id, query.scope, query.prefix, query.number, query.cursor)
    return respond(VariablePage(variables=tuple(map(variable_info, page[0])), cursor=page[1]))


@blueprint.get("/<scope>/<path:name>")
@described(VariableInfo)
def get_variable(project_id: Id, scope: VariableScope, name: Name) -> Response:
    """Show one variable."""
    return respond(variable_info(_variables().get(project_id, scope, name)))


@blueprint.put("/<scope>/<path:name>")
@described(VariableInfo)
def put_variable(project_id: Id, scope: VariableScope, name: Name, body: VariableBody) -> Response:
    """Give a variable a value, whether it is there or not."""
    return respond(variable_info(_variables().put(project_id, scope, name, body.value, body.if_version)))


@blueprint.delete("/<scope>/<path:name>")
@described(CommandResult)
def delete_variable(project_id: Id, scope: VariableScope, name: Name, query: VersionQuery) -> Response:
    """Delete a variable."""
    _variables().delete(project_id, scope, name, query.if_version)
    return respond(CommandResult(success=True, message=f"Variable {name} of project {project_id} deleted"))
