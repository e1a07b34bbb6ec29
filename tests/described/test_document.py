"""The OpenAPI document: it has every route, says what docs/api.md says, and a page shows it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import pytest
from flask import Blueprint
from openapi_spec_validator import validate
from pydantic import StringConstraints

from support.documentation import read_page
from workerhost import hookimpl
from workerhost.answers import Answer
from workerhost.api.app import create_app
from workerhost.api.describing.call import described
from workerhost.api.reading.headers import Headers
from workerhost.api.reading.query import Query
from workerhost.api.response import respond
from workerhost.runtime.service import Service
from workerhost.testing import Api

PAGE = read_page("docs/api.md")

NOT_ON_THE_PAGE = {("GET", "/docs/page.js"), ("GET", "/docs/{asset}")}
"""Files of the page /docs."""


class ColourQuery(Query):
    """How."""

    shade: int
    """How dark."""


class ColourHeaders(Headers):
    """By whom."""

    x_painter: Annotated[str, StringConstraints(pattern="^[A-Z]")] = "Nobody"
    """Who asks."""


class ColourInfo(Answer):
    """A colour."""

    name: str
    """What people call it."""


class Routes:
    @hookimpl
    def workerhost_register_blueprints(self) -> list[Blueprint]:
        routes, empty = Blueprint("colours", __name__, url_prefix="/colours"), Blueprint("empty", __name__)

        @routes.get("/<colour_name>")
        @described(ColourInfo, name="showColour")
        def colour(colour_name: str, query: ColourQuery, headers: ColourHeaders) -> Any:
            """Show a colour."""
            return respond(ColourInfo(name=f"{colour_name} {query.shade} {headers.x_painter}"))

        @routes.route("/own/<int:number>", methods=["GET", "DELETE"])
        def own(number: int) -> dict[str, int]:
            """Do it in its own way."""
            return {"number": number}

        return [routes, empty]


@pytest.fixture
def plugins() -> Mapping[str, object]:
    return {"colours": Routes()}


@pytest.fixture
def document(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/openapi.json")
    return found


def calls(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the method and the path of each call that is no plugin's."""
    for path, methods in document["paths"].items():
        if not path.startswith("/colours"):
            yield from ((method.upper(), path) for method in methods)


def properties(document: Mapping[str, Any], name: str) -> set[str]:
    """Return the keys of a model; a word has none."""
    return set(document["components"]["schemas"][name].get("properties", ()))


def model(content: Mapping[str, Any]) -> str:
    """Return the name of the model of a body or an answer."""
    return str(content["content"]["application/json"]["schema"]["$ref"]).rpartition("/")[2]


def test_the_document_is_valid_and_has_every_route(document: Any, service: Service) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")
    count = sum(len((rule.methods or set()) - {"HEAD", "OPTIONS"}) for rule in create_app(service).url_map.iter_rules())
    operations = [each for methods in document["paths"].values() for each in methods.values()]
    assert len(operations) == count
    assert len({each["operationId"] for each in operations}) == count
    for each in operations:
        assert each["summary"].endswith("."), each
        assert any(status.startswith("2") for status in each["responses"])
    for name, schema in document["components"]["schemas"].items():
        assert schema["description"].rstrip("`").endswith((".", "31")), name


def test_routes_of_plugins_are_in_it(document: Any, api: Api) -> None:
    shown = document["paths"]["/colours/{colourName}"]["get"]
    assert [(each["name"], each["in"], each["required"]) for each in shown["parameters"]] == [
        ("colourName", "path", True),
        ("shade", "query", True),
        ("X-Painter", "header", False),
    ]
    assert model(shown["responses"]["200"]) == "ColourInfo"
    assert shown["operationId"] == "showColour"
    own = document["paths"]["/colours/own/{number}"]
    assert sorted(own) == ["delete", "get"]
    assert own["get"]["summary"] == "Do it in its own way."
    assert (own["get"]["operationId"], own["delete"]["operationId"]) == ("getColourOwn", "deleteColourOwn")
    assert api.get("/colours/red?shade=3") == {"name": "red 3 Nobody"}
    answer = api.client.get("/colours/red?shade=3", headers={"X-PAINTER": "Ada", "X-Other": "more"})
    assert answer.get_json() == {"name": "red 3 Ada"}
    answer = api.client.get("/colours/red?shade=3", headers={"x-painter": "ada"})
    assert (answer.status_code, answer.get_json()["error"].partition(":")[0]) == (400, "X-Painter")
    assert api.get("/colours/red", 400)["error"] == "shade is required"
    assert "is not a known parameter; this call takes shade" in api.get("/colours/red?x=1&shade=1", 400)["error"]


def test_headers_that_calls_read_are_in_it(document: Any) -> None:
    found = {
        f"{method} {path}": [each["name"] for each in described["parameters"] if each["in"] == "header"]
        for path, methods in document["paths"].items()
        for method, described in methods.items()
        if not path.startswith("/colours")
    }
    assert {call: names for call, names in found.items() if names} == {
        "get /projects/{projectId}/executions/{workflowId}/events": ["Last-Event-ID"],
        "get /projects/{projectId}/logs": ["Last-Event-ID"],
        "post /hooks/{projectId}/{name}": [
            "Idempotency-Key",
            "X-Signature-256",
            "X-Signature-Timestamp",
            "X-Hub-Signature-256",
            "X-GitHub-Delivery",
            "Stripe-Signature",
            "X-Slack-Signature",
            "X-Slack-Request-Timestamp",
            "X-Webhook-Secret",
        ],
    }


def test_operations_have_names_of_verbs_and_things(document: Any) -> None:
    names = {
        f"{method} {path}": each["operationId"]
        for path, methods in document["paths"].items()
        for method, each in methods.items()
    }
    assert names["get /projects/{projectId}/executions"] == "listExecutions"
    assert names["post /projects/{projectId}/executions"] == "startExecution"
    assert names["post /projects/{projectId}/executions/{workflowId}/cancel"] == "cancelExecution"
    assert [name for name in names.values() if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)+", name)] == []


def test_the_page_of_the_documentation_has_every_call(document: Any) -> None:
    on_the_page = re.findall(r"^### `(\w+) (\S+)`$", PAGE, re.MULTILINE)
    assert len(set(on_the_page)) == len(on_the_page)
    there = {(method, path.replace("<", "{").replace(">", "}")) for method, path in on_the_page}
    assert there == set(calls(document)) - NOT_ON_THE_PAGE


def test_the_tables_of_the_documentation_have_the_keys_of_the_document(document: Any) -> None:
    checked = []
    for method, path, text in re.findall(r"^### `(\w+) (\S+)`$(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL):
        operation = document["paths"][path.replace("<", "{").replace(">", "}")][method.lower()]
        for head, rows in re.findall(r"^\| ([^|\n]+?) \|.*\n\|(?:-+\|)+\n((?:\|.*\n)+)", text, re.MULTILINE):
            keys = {
                key
                for row in re.findall(r"^\| (`[\w-]+`(?:, `[\w-]+`)*)", rows, re.MULTILINE)
                for key in row.split(", ")
            }
            names = {key.strip("`") for key in keys}
            if head == "key" and "requestBody" in operation:
                assert names == properties(document, model(operation["requestBody"])), f"{method} {path}"
            elif head in ("key", "key of the answer"):
                answer = document["components"]["schemas"][model(operation["responses"]["200"])]
                parts = re.findall(r"schemas/(\w+)", json.dumps(answer))
                known = set(answer["properties"]).union(*(properties(document, part) for part in parts))
                assert names <= known, f"{method} {path}"
            elif head == "parameter":
                taken = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
                assert names == taken - {"limit", "cursor"}, f"{method} {path}"
            elif head == "header":
                assert names == {each["name"] for each in operation["parameters"] if each["in"] == "header"}
            elif head == "setting":
                assert names == properties(document, "ProjectSettings")
            elif part := re.fullmatch(r"key of `(\w+)`", head):
                schemas = [f"{part[1].title()}Body", f"{part[1].title()}Info"]
                found = next(each for each in schemas if each in document["components"]["schemas"])
                assert names == properties(document, found), head
            else:
                continue
            checked.append(f"{method} {path}: {head}")
    assert len(checked) > 8


def test_the_page_in_the_browser_loads_nothing_from_elsewhere(api: Api) -> None:
    page = api.client.get("/docs")
    assert page.status_code == 200
    assert page.mimetype == "text/html"
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) > 3
    for path in named:
        if not path.startswith("data:"):
            assert "//" not in path
            assert api.client.get(f"/{path}", buffered=True).status_code == 200, path
    assert "openapi.json" in api.client.get("/docs/page.js").text
    assert api.get("/docs/redoc.js", 404)["code"] == "not_found"
