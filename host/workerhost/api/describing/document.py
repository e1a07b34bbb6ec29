"""The OpenAPI document of all routes, made from their descriptions by pydantic."""

import inspect
import re
from collections.abc import Mapping
from typing import Any, Literal

from flask import Flask
from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from workerhost.answers import Answer, ErrorInfo
from workerhost.api.describing.call import ATTRIBUTE, Answers, Description, Path
from workerhost.api.describing.field_docs import DocumentedSchemas
from workerhost.api.describing.names import SCOPE, operation_name
from workerhost.api.reading.body import RawBody
from workerhost.api.reading.headers import Headers
from workerhost.api.reading.query import FreeQuery, Query

Json = dict[str, Any]
Mode = Literal["validation", "serialization"]

VERSION = "3.1.1"
"""Of OpenAPI: https://spec.openapis.org/oas/v3.1.1"""

_PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
"""A parameter in a rule of werkzeug: `<name>` or `<converter:name>`."""

_ERRORS = {
    "Refused": "The call is refused; `error` says why, and `code` names the reason for programs.",
    "Failed": "The service, its database or Temporal cannot do it now; `error` says more.",
}


_FREE_PARAMETERS = {
    "name": "parameters",
    "in": "query",
    "required": False,
    "description": "Any parameters.",
    "style": "form",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}
"""What describes the query of a call that takes any."""


def make_document(app: Flask, version: str) -> Json:
    """Return the document of all routes of the application, those of plugins included.

    A route that is not described has its path, its method, and what its docstring says.

    Args:
        app: with all of its routes.
        version: of the API.
    """
    schemas = _Schemas(app)
    names = _names(app)
    paths: Json = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        path = _path(rule)
        for method in _methods(rule):
            made = {"operationId": names[method, path], **_operation(app, rule, schemas)}
            paths.setdefault(path, {})[method.lower()] = made
    return {
        "openapi": VERSION,
        "info": {
            "title": "workerhost",
            "version": version,
            "description": "Runs the workflows of many projects on Temporal.",
        },
        "tags": [{"name": name, "description": _summary(app, name)} for name in app.blueprints],
        "paths": paths,
        "components": {
            "schemas": schemas.all,
            "responses": {
                name: {"description": said, "content": schemas.content(ErrorInfo, "serialization")}
                for name, said in _ERRORS.items()
            },
        },
    }


class _Schemas:
    """The schemas of all models that the routes of an application name, each once."""

    def __init__(self, app: Flask) -> None:
        models: dict[tuple[type[BaseModel], Mode], None] = {(ErrorInfo, "serialization"): None}
        for view in app.view_functions.values():
            if isinstance(description := getattr(view, ATTRIBUTE, None), Description):
                models.update({(each, "validation"): None for each in description.parameters})
                if description.body is not None and not issubclass(description.body, RawBody):
                    models[description.body, "validation"] = None
                answers = description.answers.values()
                models.update({(each, "serialization"): None for each in answers if not isinstance(each, str)})
        self._references, made = models_json_schema(
            list(models), ref_template="#/components/schemas/{model}", schema_generator=DocumentedSchemas
        )
        self._known: Json = made["$defs"]
        kept = {name: each for name, each in self._known.items() if name not in self._names_of_parameters(models)}
        self.all = dict(sorted(kept.items()))

    def content(self, answer: type[BaseModel] | str, mode: Mode) -> Json:
        """Return what describes JSON of that model, or a text of that media type."""
        if isinstance(answer, str):
            return {answer: {"schema": {"type": "string"}}}
        return {"application/json": {"schema": self._references[answer, mode]}}

    def parameters(self, model: type[Path | Query | Headers], place: Literal["path", "query", "header"]) -> list[Json]:
        """Return what describes the fields of a model as parameters."""
        if issubclass(model, FreeQuery):
            return [_FREE_PARAMETERS]
        schema = self._known[self._name(model)]
        return [
            _parameter(name, place, dict(each), is_required=name in schema.get("required", []))
            for name, each in schema.get("properties", {}).items()
        ]

    def _name(self, model: type[BaseModel]) -> str:
        return str(self._references[model, "validation"]["$ref"]).rpartition("/")[2]

    def _names_of_parameters(self, models: Mapping[tuple[type[BaseModel], Mode], None]) -> set[str]:
        return {self._name(model) for model, _ in models if issubclass(model, Path | Query | Headers)}


def _names(app: Flask) -> dict[tuple[str, str], str]:
    """Return the name of each operation by method and path.

    Those that are given come first, then those of the service, which no plugin changes. Calls that are not about one
    project come before those that are.
    """
    names: dict[tuple[str, str], str] = {}
    unnamed = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        given = getattr(getattr(view, ATTRIBUTE, None), "name", None)
        is_own = inspect.unwrap(view).__module__.startswith("workerhost.")
        for method in _methods(rule):
            call = (method, _path(rule))
            if given is not None and given not in names.values():
                names[call] = given
            else:
                unnamed.append((not is_own, call[1].startswith(f"/{'/'.join(SCOPE)}/"), call))
    for _, _, (method, path) in sorted(unnamed):
        names[method, path] = operation_name(method, path, names.values())
    return names


def _operation(app: Flask, rule: Rule, schemas: _Schemas) -> Json:
    view = app.view_functions[rule.endpoint]
    description = getattr(view, ATTRIBUTE, None)
    summary, _, more = (inspect.getdoc(view) or "").partition("\n")
    made: Json = {}
    if "." in rule.endpoint:
        made["tags"] = [rule.endpoint.rpartition(".")[0]]
    made |= {key: text for key, text in (("summary", summary), ("description", more.strip())) if text}
    if isinstance(description, Description):
        made |= _described(description, schemas)
    else:
        made["parameters"] = [_parameter(to_camel(name), "path", {"type": "string"}) for name in sorted(rule.arguments)]
        made["responses"] = {"2XX": {"description": "What the plugin says of it."}}
    made["responses"] |= {
        "4XX": {"$ref": "#/components/responses/Refused"},
        "5XX": {"$ref": "#/components/responses/Failed"},
    }
    return made


def _described(description: Description, schemas: _Schemas) -> Json:
    made: Json = {
        "parameters": [
            *schemas.parameters(description.path, "path"),
            *schemas.parameters(description.query, "query"),
            *schemas.parameters(description.headers, "header"),
        ],
        "responses": _answers(description.answers, schemas),
    }
    if description.stream is not None:
        made["responses"]["200"]["content"] |= schemas.content(description.stream, "serialization")
    if description.body is not None and issubclass(description.body, RawBody):
        made["requestBody"] = {"required": False, "content": {"*/*": {}}}
    elif description.body is not None:
        content = schemas.content(description.body, "validation")
        made["requestBody"] = {"required": description.needs_body, "content": content}
    return made


def _answers(answers: Answers, schemas: _Schemas) -> Json:
    return {
        str(status): {"description": _said(answer), "content": schemas.content(answer, "serialization")}
        for status, answer in answers.items()
    }


def _said(answer: type[Answer] | str) -> str:
    return "A text." if isinstance(answer, str) else (inspect.getdoc(answer) or "").partition("\n")[0]


def _parameter(name: str, place: str, schema: Json, *, is_required: bool = True) -> Json:
    schema.pop("title", None)
    said = schema.pop("description", None)
    made = {"name": name, "in": place, "required": is_required, "schema": schema}
    return {**made, "description": said} if said else made


def _path(rule: Rule) -> str:
    return _PARAMETER.sub(lambda found: f"{{{to_camel(found[1])}}}", rule.rule)


def _methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def _summary(app: Flask, blueprint: str) -> str:
    """Return what the module of a blueprint's routes says of itself."""
    views = (view for name, view in app.view_functions.items() if name.rpartition(".")[0] == blueprint)
    module = next((inspect.getmodule(inspect.unwrap(view)) for view in views), None)
    return (inspect.getdoc(module) or "").partition("\n")[0] if module else ""
