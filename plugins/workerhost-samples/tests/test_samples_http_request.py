import asyncio
import json
import socket
from typing import Any

import pytest
from pydantic import TypeAdapter
from pydantic_core import to_json
from samples_requests import LOOPBACK, failed, refused, request
from samples_support import Site, until
from temporalio.testing import ActivityEnvironment

from workerhost_samples.activities.http_request import MAX_BODY, HttpInput, HttpRequester


def test_json_is_returned_as_data(site: Site) -> None:
    result = request(f"{site.url}/echo")
    assert (result.status, result.status_text) == (200, "OK")
    assert result.data["method"] == "GET"
    assert result.headers["content-type"] == "application/json"


def test_what_is_not_json_is_returned_as_text_in_its_encoding(site: Site) -> None:
    assert request(f"{site.url}/text").data == "Grüße"


@pytest.mark.parametrize("page", ["nearly-json", "empty"])
def test_what_is_almost_json_is_text(site: Site, page: str) -> None:
    assert request(f"{site.url}/{page}").data == {"nearly-json": "1, 2", "empty": ""}[page]


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "no-such", "punycode", "idna", "base64", "unicode_escape"])
def test_a_charset_that_is_none_is_read_as_utf_8(site: Site, charset: str) -> None:
    assert request(f"{site.url}/said-to-be?{charset}").data == "ü"


@pytest.mark.parametrize(("depth", "type_"), [(150, list), (5000, str)])
def test_json_too_deep_for_those_who_read_the_result_is_text(site: Site, depth: int, type_: type) -> None:
    assert isinstance(request(f"{site.url}/nested?{depth}").data, type_)


@pytest.mark.parametrize("depth", range(197, 204))
def test_json_about_as_deep_as_can_be_read_comes_back_readable(site: Site, depth: int) -> None:
    result = request(f"{site.url}/nested?{depth}")
    assert TypeAdapter(Any).validate_json(to_json(result))["data"] == result.data


def test_an_answer_that_is_not_2xx_is_a_result(site: Site) -> None:
    result = request(f"{site.url}/teapot")
    assert (result.status, result.status_text, result.data) == (418, "Short and stout", {"short": True})


def test_a_packed_answer_is_unpacked(site: Site) -> None:
    assert request(f"{site.url}/packed").data == {"packed": 1}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "post", "Patch"])
def test_methods_are_sent_in_upper_case(site: Site, method: str) -> None:
    assert request(f"{site.url}/echo", method=method).data["method"] == method.upper()


def test_head_has_headers_and_no_body(site: Site) -> None:
    result = request(f"{site.url}/exactly-full", method="HEAD")
    assert (result.data, result.headers["content-length"]) == ("", str(MAX_BODY))


def test_a_text_is_sent_as_it_is(site: Site) -> None:
    seen = request(f"{site.url}/echo", method="POST", body='{"a":1} ü').data
    assert seen["body"] == '{"a":1} ü'
    assert "content-type" not in seen["headers"]


@pytest.mark.parametrize("body", [{"a": [1, None]}, [], 0, False])
def test_any_other_value_is_sent_as_json(site: Site, body: Any) -> None:
    seen = request(f"{site.url}/echo", method="POST", body=body).data
    assert json.loads(seen["body"]) == body
    assert seen["headers"]["content-type"] == "application/json"


def test_null_is_no_body(site: Site) -> None:
    assert request(f"{site.url}/echo", method="POST", body=None).data["body"] == ""


def test_headers_are_sent(site: Site) -> None:
    seen = request(
        f"{site.url}/echo",
        method="POST",
        body={},
        headers={"X-Test": "1", "content-type": "a/b", "accept-encoding": "x"},
    ).data
    sent = [seen["headers"][name] for name in ("x-test", "content-type", "accept-encoding")]
    assert sent == ["1", "a/b", "x"]


def test_a_redirect_to_an_allowed_address_is_followed(site: Site) -> None:
    assert request(f"{site.url}/to-text").data == "Grüße"
    assert site.paths == ["/to-text", "/text"]


def test_a_redirect_to_a_refused_address_is_refused(site: Site) -> None:
    assert "10.0.0.1, which is not a public address" in refused(f"{site.url}/to-private")


def test_a_redirect_to_another_scheme_is_refused(site: Site) -> None:
    assert "only http and https" in refused(f"{site.url}/to-file")


def test_redirects_come_to_an_end(site: Site) -> None:
    assert "redirected more than 5 times" in refused(f"{site.url}/around")
    assert len(site.paths) == 6


def test_the_body_of_a_redirect_is_not_read(site: Site) -> None:
    assert request(f"{site.url}/endless-redirect").data == "Grüße"


def test_a_body_of_just_the_limit_is_taken(site: Site) -> None:
    assert len(request(f"{site.url}/exactly-full").data) == MAX_BODY


def test_a_body_without_end_is_refused_while_it_streams(site: Site) -> None:
    assert "larger than 1048576 bytes" in refused(f"{site.url}/endless")


def test_a_small_body_that_unpacks_to_a_large_one_is_refused(site: Site) -> None:
    assert "larger than 1048576 bytes" in refused(f"{site.url}/bomb")


def test_an_encoding_that_cannot_be_unpacked_is_refused(site: Site) -> None:
    assert "'br', which is not supported" in refused(f"{site.url}/brotli", headers={"Accept-Encoding": "br"})


@pytest.mark.parametrize("page", ["silent", "dripping"])
def test_an_answer_that_takes_too_long_is_a_failure_that_is_retried(site: Site, page: str) -> None:
    assert "did not answer in full within 150 ms" in failed(f"{site.url}/{page}", timeout=150)


def test_an_answer_that_breaks_off_is_a_failure_that_is_retried(site: Site) -> None:
    assert "The request to 127.0.0.1 failed" in failed(f"{site.url}/cut-off")


def test_a_port_that_nobody_listens_on_is_a_failure_that_is_retried() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert "The request to 127.0.0.1 failed" in failed(f"http://127.0.0.1:{unused.getsockname()[1]}")


def test_a_name_that_does_not_resolve_is_a_failure_that_is_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert failed("http://no.such.host") == "no.such.host cannot be resolved: Name or service not known."


def test_a_cancelled_request_ends_at_once(site: Site) -> None:
    async def cancel() -> None:
        environment = ActivityEnvironment()
        asked = HttpInput(url=f"{site.url}/silent")
        waiting = asyncio.ensure_future(environment.run(HttpRequester(LOOPBACK).http_request, asked))
        await until(lambda: bool(site.paths))
        environment.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(cancel())
