"""Operations that OpenAPI and Swagger documents describe, as requests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from workerhost_drawings.activities.exchange import CallError, Request
from workerhost_drawings.documents.reading import UnreadableError, read_text

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SEPARATORS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|"}
_FORM = "application/x-www-form-urlencoded"


def operation_request(text: str, uri: str, operation_id: str, parameters: Mapping[str, Any]) -> Request:
    """Return the request of an operation.

    Args:
        text: of the document, YAML or JSON.
        uri: where the document was found.
        operation_id: which operation.
        parameters: by name; the rest, or `body`, is the body.

    Raises:
        CallError: the document does not describe that operation, or parameters are missing or not known.
    """
    try:
        document = read_text(text)
    except UnreadableError as error:
        raise CallError("configuration", f"{uri} is no document of OpenAPI: {error}") from None
    if not isinstance(document, dict):
        raise CallError("configuration", f"{uri} is no document of OpenAPI")
    return _Operation.found(document, uri, operation_id).request(parameters)


@dataclass
class _Parts:
    """Where the parameters of one request go."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    query: list[tuple[str, str]] = field(default_factory=list)
    form: dict[str, Any] = field(default_factory=dict)
    body: Any = None

    def put(self, name: str, value: Any, parameter: Mapping[str, Any]) -> None:
        """Put a value where its parameter belongs."""
        place = parameter.get("in")
        if place == "path":
            self.path = self.path.replace(f"{{{name}}}", quote(_plain(value), safe=""))
        elif place == "query":
            self.query += _queried(name, value, parameter)
        elif place == "header":
            self.headers[name] = _plain(value)
        elif place == "cookie":
            before = self.headers.get("cookie")
            self.headers["cookie"] = "; ".join(filter(None, (before, f"{name}={quote(_plain(value))}")))
        elif place == "formData":
            self.form[name] = value
        elif place == "body":
            self.body = value


@dataclass(frozen=True)
class _Operation:
    document: Mapping[str, Any]
    uri: str
    path: str
    method: str
    item: Mapping[str, Any]
    operation: Mapping[str, Any]

    @classmethod
    def found(cls, document: Mapping[str, Any], uri: str, operation_id: str) -> "_Operation":
        for path, item in _object(document.get("paths")).items():
            for method in _METHODS:
                operation = _object(_object(item).get(method))
                if operation.get("operationId") == operation_id:
                    return cls(document, uri, path, method, item, operation)
        raise CallError("configuration", f"{uri} has no operation {operation_id!r:.200}")

    def request(self, given: Mapping[str, Any]) -> Request:
        """Return the request with these parameters."""
        left, parts = dict(given), _Parts(self.path)
        for each in self._parameters():
            name = str(each.get("name"))
            if name in left:
                parts.put(name, left.pop(name), each)
            elif each.get("required"):
                raise CallError("configuration", f"the operation needs the parameter {name!r:.200}")
        body, kind = (parts.form, _FORM) if parts.form else (parts.body, None)
        if left:
            body, kind = self._rest(left)
        headers = {**parts.headers, **({"content-type": kind} if kind else {})}
        return Request(self.method.upper(), self._server() + parts.path, headers, tuple(parts.query), body)

    def _rest(self, left: dict[str, Any]) -> tuple[Any, str | None]:
        """Return the body that OpenAPI 3 describes, and its type."""
        kinds = list(_object(self._resolved(self.operation.get("requestBody")).get("content")))
        if not kinds:
            raise CallError("configuration", f"the operation knows no parameter {', '.join(sorted(left))!r:.300}")
        body = left["body"] if list(left) == ["body"] else left
        wanted = next((each for each in kinds if "json" in each), kinds[0])
        return body, None if wanted == "*/*" or "multipart" in wanted else wanted

    def _parameters(self) -> Iterator[Mapping[str, Any]]:
        merged: dict[tuple[Any, Any], Mapping[str, Any]] = {}
        for each in (*_list(self.item.get("parameters")), *_list(self.operation.get("parameters"))):
            found = self._resolved(each)
            merged[found.get("name"), found.get("in")] = found
        yield from merged.values()

    def _resolved(self, value: Any) -> Mapping[str, Any]:
        """Return what a reference within the document refers to; an object that is none is returned as it is."""
        for _ in range(10):
            reference = _object(value).get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            value = self.document
            for part in reference[2:].split("/"):
                value = _object(value).get(part.replace("~1", "/").replace("~0", "~"))
        return _object(value)

    def _server(self) -> str:
        if "swagger" in self.document:
            at = urlsplit(self.uri)
            schemes = _list(self.document.get("schemes")) or [at.scheme]
            scheme = at.scheme if at.scheme in schemes else schemes[0]
            return f"{scheme}://{self.document.get('host') or at.netloc}{self.document.get('basePath') or ''}".rstrip(
                "/"
            )
        servers = (self.operation.get("servers"), self.item.get("servers"), self.document.get("servers"))
        server = _object(next((_list(each)[0] for each in servers if _list(each)), {"url": "/"}))
        url = str(server.get("url", "/"))
        for name, variable in _object(server.get("variables")).items():
            url = url.replace(f"{{{name}}}", str(_object(variable).get("default", "")))
        return urljoin(self.uri, url).rstrip("/")


def _queried(name: str, value: Any, parameter: Mapping[str, Any]) -> list[tuple[str, str]]:
    if not isinstance(value, list):
        return [(name, _plain(value))] if value is not None else []
    form = parameter.get("collectionFormat") or ("csv" if "type" in parameter else "multi")
    if form == "multi" and parameter.get("explode", True):
        return [(name, _plain(each)) for each in value]
    return [(name, _SEPARATORS.get(form, ",").join(_plain(each) for each in value))]


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_plain(each) for each in value)
    if isinstance(value, dict):
        raise CallError("configuration", "a parameter outside of the body is no object")
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
