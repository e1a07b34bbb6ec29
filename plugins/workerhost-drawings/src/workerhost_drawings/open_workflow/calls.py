"""The task `call`: HTTP, OpenAPI, functions of the document, and activities."""

import difflib
from collections.abc import Mapping
from typing import Any

import uritemplate
from jsonschema.validators import Draft202012Validator

from workerhost_drawings.activities import HTTP_ACTIVITY, LONGEST_CALL, OPENAPI_ACTIVITY
from workerhost_drawings.documents.places import Place, shown
from workerhost_drawings.flow.expressions import Expression, Jq, Local, ObjectOf, Value
from workerhost_drawings.flow.steps import Retry
from workerhost_drawings.open_workflow.building import FlowBuilder, Lowering, Piece, Targets, Task, Work
from workerhost_drawings.open_workflow.pieces import assign
from workerhost_drawings.open_workflow.scope import is_expression

_OF_PLUGINS = ("grpc", "asyncapi", "a2a", "mcp")
_RETRY = Retry(maximum_attempts=3)
"""For calls that Temporal has lost, and for activities of projects; what an answer says is final, or is tried again by
a `try` of the document."""
_OUTPUTS = ("content", "response", "raw")
_AUTHENTICATION: Mapping[str, tuple[str, ...]] = {
    "basic": ("username", "password"),
    "digest": ("username", "password"),
    "bearer": ("token",),
    "oauth2": ("authority", "grant", "client", "scopes", "audiences", "username", "password", "endpoints", "request"),
    "oidc": ("authority", "grant", "client", "scopes", "audiences", "username", "password", "request"),
}
_NEEDED = {"bearer": ("token",), "oauth2": ("authority", "grant"), "oidc": ("authority", "grant")}
_GRANTS = ("client_credentials", "password")


def call(work: Work) -> list[Piece]:
    """Return the activity that a `call` is, or lead into the function of the document that it names."""
    task = work.task
    name = task.members["call"].text() if "call" in task.members else ""
    given = task.members.get("with")
    if name in {"http", "openapi"}:
        if given is None:
            task.place.problem("with is missing")
            return []
        return [(_http if name == "http" else _openapi)(work.lowering, task, given)]
    if name in _OF_PLUGINS:
        return of_plugin(work.lowering, task, f"call {name}", given)
    functions = work.lowering.shared.use["functions"].members() if "functions" in work.lowering.shared.use else {}
    if name in functions:
        return _function(work.lowering, task, work.flow, work.after, functions[name])
    known = work.lowering.shared.context.activities
    if name and name not in known:
        near = difflib.get_close_matches(name, [*functions, *known], 3)
        there = (
            f"there is {' and '.join(near)}" if near else "use.functions and GET /activities list those that there are"
        )
        fetched = "; functions of catalogs are not fetched" if "@" in name or "://" in name else ""
        task.members["call"].problem(f"no function and no activity is called {name!r:.100}; {there}{fetched}")
    return [_activity(work.lowering, task, name or "?", given)]


def of_plugin(lowering: Lowering, task: Task, what: str, given: Place | None) -> list[Piece]:
    """Return the activity with which a plugin does what is not built here; without such a plugin it is a problem.

    Args:
        lowering: of the document.
        task: that asks for it.
        what: `call grpc`; the activity is called `callGrpc` then.
        given: the activity's input.
    """
    verb, kind = what.split()
    name = f"{verb}{kind.capitalize()}"
    if name not in lowering.shared.context.activities:
        task.place.problem(f"`{what}` is not built; a plugin with an activity named {name} would do")
    return [_activity(lowering, task, name, given)]


def _activity(lowering: Lowering, task: Task, name: str, given: Place | None) -> Piece:
    sent = task.scope.value(given) if given else None
    known = lowering.shared.context.activities.get(name)
    if known and known.input_schema and (given or known.input_schema.get("required")):
        _check_input(task, given, sent, known.input_schema)
    return {"kind": "activity", "activity": name, "input": sent, "result": task.scope.data, "retry": _RETRY, **task.at}


def _check_input(task: Task, given: Place | None, sent: Expression | None, schema: Mapping[str, Any]) -> None:
    """Compare what is constant in an input with the schema of its activity."""
    place = given or task.place
    if isinstance(sent, Value):
        for error in Draft202012Validator(schema).iter_errors(sent.value):
            where = "/".join(str(each) for each in error.absolute_path)
            place.problem(f"the input does not fit the activity: {where + ': ' if where else ''}{error.message:.300}")
        return
    there = sent.fields if isinstance(sent, ObjectOf) else {}
    missing = [each for each in schema.get("required", ()) if each not in there]
    if missing and (sent is None or isinstance(sent, ObjectOf)):
        place.problem(f"the input does not fit the activity: {', '.join(missing)} is missing")


def _function(lowering: Lowering, task: Task, flow: FlowBuilder, after: str | None, place: Place) -> list[Piece]:
    """Add the task that a function of the document is, with what it is called with as its input."""
    shared, data = lowering.shared, task.scope.data
    if place.path in shared.functions:
        task.place.problem(f"the function {place.path} calls itself; a workflow can run itself")
        return []
    shared.functions = (*shared.functions, place.path)
    made = lowering.defined(task.name, place, task.outer, Targets({}, after, after), like=task)
    if made is not None:
        lowering.task(made, flow, after)
    shared.functions = shared.functions[:-1]
    sent = task.scope.value(task.members["with"]) if "with" in task.members else Local(name=data)
    return [{**assign(data, sent), "next": made.id if made else after}]


def _http(lowering: Lowering, task: Task, given: Place) -> Piece:
    allowed = ("method", "endpoint", "headers", "query", "body", "output", "redirect")
    parts = given.object(allowed, ("method", "endpoint"))
    fields: dict[str, Expression] = {}
    if "method" in parts:
        fields["method"] = Value(value=parts["method"].text().upper())
    fields |= _endpoint(lowering, task, parts["endpoint"]) if "endpoint" in parts else {}
    for name in ("headers", "query"):
        if name in parts:
            if not isinstance(parts[name].value, dict) and not is_expression(parts[name].value):
                parts[name].problem(f"{shown(parts[name].value)} stands here; an object would do")
            fields[name] = task.scope.value(parts[name])
    if "body" in parts:
        fields["body"] = task.scope.value(parts["body"])
    return _web(task, HTTP_ACTIVITY, fields | _answer(parts))


def _openapi(lowering: Lowering, task: Task, given: Place) -> Piece:
    allowed = ("document", "operationId", "parameters", "authentication", "output", "redirect")
    parts = given.object(allowed, ("document", "operationId"))
    fields: dict[str, Expression] = {}
    document = parts["document"].object(("name", "endpoint"), ("endpoint",)) if "document" in parts else {}
    if "endpoint" in document:
        fields["document"] = _joined(_endpoint(lowering, task, document["endpoint"]))
    if "operationId" in parts:
        parts["operationId"].text()
        fields["operationId"] = task.scope.value(parts["operationId"])
    if "parameters" in parts:
        if not isinstance(parts["parameters"].value, dict) and not is_expression(parts["parameters"].value):
            parts["parameters"].members()
        fields["parameters"] = task.scope.value(parts["parameters"])
    if "authentication" in parts:
        fields["authentication"] = _authentication(lowering, task, parts["authentication"])
    return _web(task, OPENAPI_ACTIVITY, fields | _answer(parts))


def _web(task: Task, activity: str, fields: dict[str, Expression]) -> Piece:
    sent = _joined({**fields, "instance": Value(value=task.node)})
    limits = {"retry": _RETRY, "start_to_close": LONGEST_CALL * 1000}
    return {"kind": "activity", "activity": activity, "input": sent, "result": task.scope.data, **limits, **task.at}


def _answer(parts: Mapping[str, Place]) -> dict[str, Expression]:
    fields: dict[str, Expression] = {}
    if "output" in parts:
        fields["output"] = Value(value=parts["output"].text(*_OUTPUTS) or "content")
    if "redirect" in parts:
        fields["redirect"] = Value(value=parts["redirect"].flag())
    return fields


def _endpoint(lowering: Lowering, task: Task, given: Place) -> dict[str, Expression]:
    """Return `uri`, perhaps with the variables of its template, and perhaps `authentication`."""
    parts = {"uri": given} if isinstance(given.value, str) else given.object(("uri", "authentication"), ("uri",))
    fields: dict[str, Expression] = {}
    if "uri" in parts:
        uri = parts["uri"].text()
        fields["uri"] = task.scope.value(parts["uri"])
        names = [] if is_expression(uri) else sorted(uritemplate.variables(uri))
        for each in names:
            if not each.replace("_", "a").isalnum():
                parts["uri"].problem(
                    f"{{{each}}} is no name of the data's own; an expression, `${{ … }}`, reads deeper"
                )
                names = []
        if names:
            data, path = task.scope.data, parts["uri"].path
            read: dict[str, Expression] = {each: Jq(code=_member(each), data=data, path=path) for each in names}
            fields["variables"] = ObjectOf(fields=read)
    if "authentication" in parts:
        fields["authentication"] = _authentication(lowering, task, parts["authentication"])
    return fields


def _authentication(lowering: Lowering, task: Task, given: Place) -> Expression:
    found: Place | None = given
    if isinstance(given.value, dict) and "use" in given.value:
        found = lowering.shared.used("authentications", given.at("use"))
    if found is None:
        return Value(value=None)
    parts = found.object(_AUTHENTICATION)
    if len(parts) != 1:
        found.problem(f"one way to authenticate is needed; {', '.join(_AUTHENTICATION)} would do")
    fields = {kind: _policy(lowering, task, kind, place) for kind, place in parts.items()}
    return _joined(fields)


def _policy(lowering: Lowering, task: Task, kind: str, place: Place) -> Expression:
    if isinstance(place.value, dict) and "use" in place.value:
        return _secret(lowering, task, place.at("use"))
    known = ("issuers", "subject", "actor")
    parts = place.object((*_AUTHENTICATION[kind], *known), _NEEDED.get(kind, ("username", "password")))
    for each in known:
        if each in parts:
            parts[each].problem(f"{each} is not built; leave it out")
    if "grant" in parts and parts["grant"].value not in _GRANTS:
        parts["grant"].problem(f"the grant {parts['grant'].value!r:.100} is not built; {' and '.join(_GRANTS)} are")
    return task.scope.value(place)


def _secret(lowering: Lowering, task: Task, place: Place) -> Expression:
    """Return the fields of a policy that a secret holds, an object or the text of one."""
    name = place.text()
    listed = lowering.shared.use["secrets"].value if "secrets" in lowering.shared.use else []
    if name and isinstance(listed, list) and name not in listed:
        place.problem(f"use.secrets does not list {name!r:.100}")
    local = task.scope.variables["secrets"]
    task.scope.used.add(local)
    quoted = name.replace("\\", "").replace('"', "")
    return Jq(code=f'.["{quoted}"] | if type == "string" then fromjson else . end', data=local, path=place.path)


def _member(name: str) -> str:
    return f".{name}" if name.isascii() and name.isidentifier() else f'.["{name}"]'


def _joined(fields: Mapping[str, Expression]) -> Expression:
    """Return an object, which is a value where all in it are."""
    made = {name: each.value for name, each in fields.items() if isinstance(each, Value)}
    return Value(value=made) if len(made) == len(fields) else ObjectOf(fields=dict(fields))
