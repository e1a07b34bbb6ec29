"""A query parameter that a call does not take is refused and named, whatever the call."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Blueprint, Response, jsonify, request

from support.refusals import dump, refused
from workerhost import hookimpl
from workerhost.api.app import create_app
from workerhost.api.describing.call import described
from workerhost.api.reading.query import Query
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api

IDS = {
    "project_id": "shop",
    "scope": "project",
    "name": "echo",
    "workflow_id": "one",
    "move_id": "none",
    "asset": "swagger_style.css",
    "step_id": "5",
    "version": "1",
    "build": "0123456789abcdef",
    "batch_id": "none",
}
BODIES: dict[str, Any] = {
    "/workers/": {"projectId": "shop"},
    "/workflows/reload": {"workflowId": "shop/echo"},
    "/workflows": {"version": "2", "workflowCode": ECHO},
}


class ColourQuery(Query):
    """What a route of the plugin takes."""

    colour: str = "red"


class Routes:
    """A plugin with a route that reads its parameters itself, and one that names a model of them."""

    @hookimpl
    def workerhost_register_blueprints(self) -> list[Blueprint]:
        routes = Blueprint("colours", __name__)

        @routes.get("/colours")
        def colours() -> dict[str, str]:
            return request.args.to_dict()

        @routes.get("/colour")
        @described("application/json")
        def colour(query: ColourQuery) -> Response:
            return jsonify(colour=query.colour)

        return [routes]


@pytest.fixture
def plugins() -> Mapping[str, object]:
    return {"colours": Routes()}


def routes(service: Service) -> Iterator[tuple[str, str]]:
    """Yield the method and the path of each route of the host itself."""
    for rule in create_app(service).url_map.iter_rules():
        if not rule.rule.startswith(("/colour", "/hooks")):
            path = rule.rule.replace("path:", "").replace("<", "{").replace(">", "}").format(**IDS)
            yield from ((method, path) for method in (rule.methods or set()) - {"OPTIONS"})


def test_no_route_takes_a_parameter_that_it_does_not_know(api: Api, service: Service) -> None:
    api.deploy("shop", start=False)
    before = dump(service)
    called = list(routes(service))
    assert ("GET", "/projects/shop/executions") in called
    for method, path in called:
        body: Any = next((each for part, each in BODIES.items() if part in path), {})
        answer = api.client.open(f"{path}?statu=FAILED", method=method, json=None if method == "GET" else body)
        assert answer.status_code == 400, f"{method} {path}"
        if method != "HEAD":
            assert answer.get_json()["code"] == "invalid_request"
            assert answer.get_json()["error"].startswith("statu is not a known parameter"), f"{method} {path}"
    assert dump(service) == before


def test_the_refusal_names_what_the_call_takes(api: Api) -> None:
    api.put("/projects/shop")
    refused(api, "GET", "/projects/shop/executions?statu=x", None, 400, "statu is not", "takes workflowType,")
    refused(api, "GET", "/projects/shop/executions/x?Wait=1", None, 400, "Wait is not", "takes wait")
    refused(api, "PUT", "/projects/shop/workflows?dry_run=true", {}, 400, "dry_run is not", "takes dryRun")
    refused(api, "GET", "/health?now", None, 400, "now is not", "takes none")


def test_a_parameter_that_stands_twice_is_refused(api: Api) -> None:
    api.put("/projects/shop")
    refused(
        api, "GET", "/projects/shop/executions?limit=1&limit=2", None, 400, "limit stands in the query more than once"
    )


def test_an_unknown_path_is_not_found_whatever_its_parameters(api: Api) -> None:
    refused(api, "GET", "/nothing?x=1", None, 404)
    refused(api, "DELETE", "/workers/start?x=1", None, 405)


def test_a_plugin_takes_its_own_parameters_and_may_have_them_checked(api: Api) -> None:
    assert api.get("/colours?shade=dark") == {"shade": "dark"}
    assert api.get("/colour?colour=blue") == {"colour": "blue"}
    refused(api, "GET", "/colour?shade=dark", None, 400, "shade is not a known parameter; this call takes colour")
