"""The calls of Open Workflow over HTTP, on a web server of this machine."""

import asyncio
import base64
import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from workerhost_drawings.activities.calls import http_call, openapi_call
from workerhost_drawings.activities.models import HttpCall, OpenapiCall

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TYPES = "https://open-workflow-specification.org/dsl/errors/types/"
DESCRIPTION = """
openapi: 3.1.0
servers: [{url: '/{base}', variables: {base: {default: api}}}]
paths:
  /items/{id}:
    parameters: [{$ref: '#/components/parameters/id'}]
    put:
      operationId: putItem
      parameters:
        - {name: tags, in: query, schema: {type: array}}
        - {name: X-Trace, in: header}
        - {name: session, in: cookie}
      requestBody: {$ref: '#/components/requestBodies/item'}
components:
  parameters: {id: {name: id, in: path, required: true}}
  requestBodies: {item: {content: {application/json: {}}}}
"""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        page = self.path.strip("/").partition("?")[0]
        special = getattr(self, f"page_{page}", None)
        if special:
            special(body)
            return
        seen = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode(),
        }
        self.answer(200, json.dumps(seen).encode(), content_type="application/json; charset=utf-8")

    do_POST = do_PUT = do_GET  # noqa: N815

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page_elsewhere(self, _body: bytes) -> None:
        self.answer(302, b"", location="/other")

    def page_large(self, _body: bytes) -> None:
        self.answer(200, b"x" * (1024 * 1024 + 1))

    def page_bomb(self, _body: bytes) -> None:
        self.answer(200, gzip.compress(bytes(50 * 1024 * 1024)), content_encoding="gzip")

    def page_packed(self, _body: bytes) -> None:
        self.answer(200, gzip.compress(b'{"a": 1}'), content_encoding="gzip", content_type="application/hal+json")

    def page_bytes(self, _body: bytes) -> None:
        self.answer(200, b"\xff\x00", content_type="application/octet-stream")

    def page_latin(self, _body: bytes) -> None:
        self.answer(200, "ü".encode("latin-1"), content_type="text/plain; charset=latin-1")

    def page_broken(self, _body: bytes) -> None:
        self.answer(500, b"it broke", content_type="text/plain")

    def page_token(self, body: bytes) -> None:
        kind = self.headers.get("Content-Type", "")
        said = f"{self.headers.get('Authorization', '')}|{kind}|{body.decode()}"
        self.answer(200, json.dumps({"access_token": base64.urlsafe_b64encode(said.encode()).decode()}).encode(),
                    content_type="application/json")  # fmt: skip

    def page_refused(self, _body: bytes) -> None:
        self.answer(401, b"")

    def page_digest(self, _body: bytes) -> None:
        if "Digest" in self.headers.get("Authorization", ""):
            return self.answer(200, b"in")
        return self.answer(401, b"", www_authenticate='Digest realm="r", nonce="n", qop="auth"')

    def page_spec(self, _body: bytes) -> None:
        self.answer(200, DESCRIPTION.encode(), content_type="application/yaml")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def http(**call: Any) -> Any:
    return asyncio.run(ActivityEnvironment().run(http_call, HttpCall.model_validate(call)))


def openapi(**call: Any) -> Any:
    return asyncio.run(ActivityEnvironment().run(openapi_call, OpenapiCall.model_validate(call)))


def error_of(function: Any, **call: Any) -> Any:
    with pytest.raises(ApplicationError) as caught:
        function(instance="/do/0/a", **call)
    assert caught.value.non_retryable
    [error] = caught.value.details
    assert (error["instance"], error["type"]) == ("/do/0/a", caught.value.type)
    return {**error, "type": error["type"].removeprefix(TYPES)}


def test_a_request_is_sent_as_the_document_says(url: str) -> None:
    seen = http(
        method="POST",
        uri=url + "/a/{id}?kind={kind}",
        variables={"id": "a/b c", "kind": True},
        headers={"X-Count": 3, "X-None": None},
        query={"page": 2, "tag": ["a", "b"]},
        body={"n": 1},
    )
    assert (seen["method"], seen["path"]) == ("POST", "/a/a%2Fb%20c?kind=true&page=2&tag=a&tag=b")
    assert (seen["headers"]["x-count"], seen["headers"]["content-type"]) == ("3", "application/json")
    assert json.loads(seen["body"]) == {"n": 1}
    assert "x-none" not in seen["headers"]


def test_a_call_carries_its_trace_on_unless_the_document_has_one_of_its_own(url: str) -> None:
    context = TraceContextTextMapPropagator().extract({"traceparent": TRACEPARENT}, Context())
    token = attach(context)
    try:
        answer = http(method="GET", uri=url + "/seen", output="response")
        other = http(method="GET", uri=url + "/seen", headers={"Traceparent": "own"})
    finally:
        detach(token)
    assert answer["content"]["headers"]["traceparent"] == TRACEPARENT
    assert "traceparent" not in answer["request"]["headers"]
    assert other["headers"]["traceparent"] == "own"
    assert "traceparent" not in http(method="GET", uri=url + "/seen")["headers"]


def test_bodies_are_texts_and_forms_too(url: str) -> None:
    assert http(method="PUT", uri=url, body="plain")["body"] == "plain"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert http(method="POST", uri=url, headers=form, body={"a": "1 2"})["body"] == "a=1+2"


def test_answers_are_given_in_the_form_that_is_asked_for(url: str) -> None:
    assert http(uri=url + "/packed") == {"a": 1}
    assert http(uri=url + "/latin") == "ü"
    assert http(uri=url + "/bytes") == base64.b64encode(b"\xff\x00").decode()
    assert base64.b64decode(http(uri=url + "/packed", output="raw")) == b'{"a": 1}'
    basic = {"basic": {"username": "a", "password": "b"}}
    answer = http(uri=url + "/packed", output="response", authentication=basic)
    assert (answer["statusCode"], answer["content"]) == (200, {"a": 1})
    assert (answer["request"]["method"], answer["request"]["uri"]) == ("GET", url + "/packed")
    assert "authorization" not in answer["request"]["headers"]


def test_an_answer_of_no_success_is_an_error_with_its_status(url: str) -> None:
    error = error_of(http, uri=url + "/broken?key=private")
    assert (error["type"], error["status"]) == ("communication", 500)
    assert error["detail"] == f"GET {url}/broken answered 500 Internal Server Error: it broke"
    assert error_of(http, uri=url + "/elsewhere")["status"] == 302
    assert http(uri=url + "/elsewhere", redirect=True, output="response")["headers"]["location"] == "/other"


@pytest.mark.parametrize("page", ["large", "bomb"])
def test_bodies_have_a_bound(url: str, page: str) -> None:
    assert "over 1048576 bytes" in error_of(http, uri=f"{url}/{page}")["detail"]


@pytest.mark.parametrize("uri", ["ftp://a/b", "file:///etc/passwd", "nothing"])
def test_what_is_no_web_address_is_refused(uri: str) -> None:
    assert error_of(http, uri=uri)["type"] == "configuration"


def test_nobody_there_is_an_error() -> None:
    assert error_of(http, uri="http://127.0.0.1:9/")["type"] == "communication"


def test_ways_to_authenticate(url: str) -> None:
    def sent(**policy: Any) -> str:
        return str(http(uri=url, authentication=policy)["headers"]["authorization"])

    assert sent(basic={"username": "a", "password": "b"}) == "Basic " + base64.b64encode(b"a:b").decode()
    assert sent(bearer={"token": "t"}) == "Bearer t"
    assert http(uri=url + "/digest", authentication={"digest": {"username": "a", "password": "b"}}) == "in"


def test_a_token_is_asked_for_as_the_client_says(url: str) -> None:
    def asked(**more: Any) -> str:
        policy = {"authority": url, "grant": "client_credentials", "endpoints": {"token": "/token"}, **more}
        sent = http(uri=url, authentication={"oauth2": policy})["headers"]["authorization"]
        return base64.urlsafe_b64decode(sent.removeprefix("Bearer ")).decode()

    client = {"id": "me", "secret": "s"}
    form = "application/x-www-form-urlencoded"
    expected = f"|{form}|grant_type=client_credentials&scope=a+b&client_id=me&client_secret=s"
    assert asked(client=client, scopes=["a", "b"]) == expected
    basic = asked(client={**client, "authentication": "client_secret_basic"})
    assert basic == f"Basic {base64.b64encode(b'me:s').decode()}|{form}|grant_type=client_credentials"
    as_json = asked(
        client=client, request={"encoding": "application/json"}, grant="password", username="u", password="p"
    )
    assert json.loads(as_json.split("|")[2])["username"] == "u"


def test_no_token_is_an_error_of_authentication(url: str) -> None:
    policy = {"authority": url, "grant": "client_credentials", "endpoints": {"token": "/refused"}}
    error = error_of(http, uri=url, authentication={"oauth2": policy})
    assert (error["type"], error["status"]) == ("authentication", 401)


def test_an_operation_of_a_document_is_called(url: str) -> None:
    parameters = {"id": "a b", "tags": ["x", "y"], "X-Trace": 7, "session": "s", "name": "n", "count": 2}
    document = {"uri": url + "/{page}", "variables": {"page": "spec"}}
    seen = openapi(document=document, operationId="putItem", parameters=parameters)
    assert (seen["method"], seen["path"]) == ("PUT", "/api/items/a%20b?tags=x&tags=y")
    assert (seen["headers"]["x-trace"], seen["headers"]["cookie"]) == ("7", "session=s")
    assert json.loads(seen["body"]) == {"name": "n", "count": 2}
    whole = openapi(document=document, operationId="putItem", parameters={"id": 1, "body": [1]})
    assert whole["body"] == "[1]"


@pytest.mark.parametrize(
    ("operation", "parameters", "reason"),
    [("getItem", {}, "has no operation 'getItem'"), ("putItem", {}, "needs the parameter 'id'")],
)
def test_what_the_document_does_not_describe_is_refused(url: str, operation: str, parameters: Any, reason: str) -> None:
    error = error_of(openapi, document={"uri": url + "/spec"}, operation_id=operation, parameters=parameters)
    assert error["type"] == "configuration"
    assert reason in error["detail"]
