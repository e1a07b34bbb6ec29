"""What documents say of calls over HTTP, as the inputs of the activities."""

from collections.abc import Mapping

import uritemplate

from workerhost_drawings.documents.places import Place, shown
from workerhost_drawings.documents.scope import Scope, is_expression
from workerhost_drawings.documents.uses import Uses
from workerhost_drawings.flow.expressions import Expression, Jq, ObjectOf, Value

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


def http_input(scope: Scope, use: Uses, given: Place) -> dict[str, Expression]:
    """Return the input of `httpCall` that the arguments of a `call: http` are, without the task's pointer."""
    allowed = ("method", "endpoint", "headers", "query", "body", "output", "redirect")
    parts = given.object(allowed, ("method", "endpoint"))
    fields: dict[str, Expression] = {}
    if "method" in parts:
        fields["method"] = Value(value=parts["method"].text().upper())
    fields |= _endpoint(scope, use, parts["endpoint"]) if "endpoint" in parts else {}
    for name in ("headers", "query"):
        if name in parts:
            if not isinstance(parts[name].value, dict) and not is_expression(parts[name].value):
                parts[name].problem(f"{shown(parts[name].value)} stands here; an object would do")
            fields[name] = scope.value(parts[name])
    if "body" in parts:
        fields["body"] = scope.value(parts["body"])
    return fields | _answer(parts)


def openapi_input(scope: Scope, use: Uses, given: Place) -> dict[str, Expression]:
    """Return the input of `openapiCall` that the arguments of a `call: openapi` are, without the task's pointer."""
    allowed = ("document", "operationId", "parameters", "authentication", "output", "redirect")
    parts = given.object(allowed, ("document", "operationId"))
    fields: dict[str, Expression] = {}
    document = parts["document"].object(("name", "endpoint"), ("endpoint",)) if "document" in parts else {}
    if "endpoint" in document:
        fields["document"] = joined(_endpoint(scope, use, document["endpoint"]))
    if "operationId" in parts:
        parts["operationId"].text()
        fields["operationId"] = scope.value(parts["operationId"])
    if "parameters" in parts:
        if not isinstance(parts["parameters"].value, dict) and not is_expression(parts["parameters"].value):
            parts["parameters"].members()
        fields["parameters"] = scope.value(parts["parameters"])
    if "authentication" in parts:
        fields["authentication"] = _authentication(scope, use, parts["authentication"])
    return fields | _answer(parts)


def _answer(parts: Mapping[str, Place]) -> dict[str, Expression]:
    fields: dict[str, Expression] = {}
    if "output" in parts:
        fields["output"] = Value(value=parts["output"].text(*_OUTPUTS) or "content")
    if "redirect" in parts:
        fields["redirect"] = Value(value=parts["redirect"].flag())
    return fields


def _endpoint(scope: Scope, use: Uses, given: Place) -> dict[str, Expression]:
    """Return `uri`, perhaps with the variables of its template, and perhaps `authentication`."""
    parts = {"uri": given} if isinstance(given.value, str) else given.object(("uri", "authentication"), ("uri",))
    fields: dict[str, Expression] = {}
    if "uri" in parts:
        uri = parts["uri"].text()
        fields["uri"] = scope.value(parts["uri"])
        names = [] if is_expression(uri) else sorted(uritemplate.variables(uri))
        for each in names:
            if not each.replace("_", "a").isalnum():
                parts["uri"].problem(
                    f"{{{each}}} is no name of the data's own; an expression, `${{ … }}`, reads deeper"
                )
                names = []
        if names:
            data, path = scope.data, parts["uri"].path
            read: dict[str, Expression] = {each: Jq(code=_member(each), data=data, path=path) for each in names}
            fields["variables"] = ObjectOf(fields=read)
    if "authentication" in parts:
        fields["authentication"] = _authentication(scope, use, parts["authentication"])
    return fields


def _authentication(scope: Scope, use: Uses, given: Place) -> Expression:
    found: Place | None = given
    if isinstance(given.value, dict) and "use" in given.value:
        found = use.used("authentications", given.at("use"))
    if found is None:
        return Value(value=None)
    parts = found.object(_AUTHENTICATION)
    if len(parts) != 1:
        found.problem(f"one way to authenticate is needed; {', '.join(_AUTHENTICATION)} would do")
    fields = {kind: _policy(scope, use, kind, place) for kind, place in parts.items()}
    return joined(fields)


def _policy(scope: Scope, use: Uses, kind: str, place: Place) -> Expression:
    if isinstance(place.value, dict) and "use" in place.value:
        return _secret(scope, use, place.at("use"))
    known = ("issuers", "subject", "actor")
    parts = place.object((*_AUTHENTICATION[kind], *known), _NEEDED.get(kind, ("username", "password")))
    for each in known:
        if each in parts:
            parts[each].problem(f"{each} is not built; leave it out")
    if "grant" in parts and parts["grant"].value not in _GRANTS:
        parts["grant"].problem(f"the grant {parts['grant'].value!r:.100} is not built; {' and '.join(_GRANTS)} are")
    return scope.value(place)


def _secret(scope: Scope, use: Uses, place: Place) -> Expression:
    """Return the fields of a policy that a secret holds, an object or the text of one."""
    name = place.text()
    listed = use.sections["secrets"].value if "secrets" in use.sections else []
    if name and isinstance(listed, list) and name not in listed:
        place.problem(f"use.secrets does not list {name!r:.100}")
    local = scope.variables["secrets"]
    scope.used.add(local)
    quoted = name.replace("\\", "").replace('"', "")
    return Jq(code=f'.["{quoted}"] | if type == "string" then fromjson else . end', data=local, path=place.path)


def _member(name: str) -> str:
    return f".{name}" if name.isascii() and name.isidentifier() else f'.["{name}"]'


def joined(fields: Mapping[str, Expression]) -> Expression:
    """Return an object, which is a value where all in it are."""
    made = {name: each.value for name, each in fields.items() if isinstance(each, Value)}
    return Value(value=made) if len(made) == len(fields) else ObjectOf(fields=dict(fields))
