import ssl
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from pydantic import ValidationError
from samples_requests import CERTIFICATE, failed, refused, request, resolve_as
from samples_support import Site, running_site

from workerhost_samples.activities import http_request
from workerhost_samples.activities.addresses import effective, is_public
from workerhost_samples.activities.http_request import HttpInput


@pytest.mark.parametrize("url", ["ftp://example.com/", "file:///etc/passwd", "gopher://x/", "//example.com", "x"])
def test_other_schemes_are_refused(url: str) -> None:
    assert "only http and https are allowed" in refused(url)


@pytest.mark.parametrize(
    "url", ["http://", "http:///path", "https://?x", f"http://{'x' * 64}.com", "http://127.0.0.1:99999"]
)
def test_a_url_that_leads_nowhere_is_refused(url: str) -> None:
    assert refused(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "[fc00::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[2001:db8::1]",
    ],
)
def test_addresses_that_are_not_public_are_refused(host: str) -> None:
    assert "which is not a public address and is not allowed" in refused(f"http://{host}/", allowed=())


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(effective(ip_address(address)))


def test_an_allowed_network_allows_no_other(site: Site) -> None:
    assert refused(f"{site.url}/echo", allowed=(ip_network("10.0.0.0/8"),))
    assert site.paths == []


def test_a_name_with_one_address_that_is_refused_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_as(monkeypatch, "8.8.8.8", "10.0.0.1")
    assert "two.example is at 10.0.0.1" in refused("http://two.example/")


def test_the_connection_goes_to_the_address_that_was_checked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolve_as(monkeypatch, "127.0.0.1")
    seen = request(f"http://rebound.example:{site.server_port}/echo").data
    assert asked == ["rebound.example"]
    assert seen["headers"]["host"] == f"rebound.example:{site.server_port}"


@pytest.fixture
def tls_site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that proves to be `pinned.example`, by a certificate that requests trust in this test."""
    monkeypatch.setattr(http_request, "tls_context", lambda: ssl.create_default_context(cafile=CERTIFICATE))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with running_site(context) as running:
        yield running


def test_a_certificate_is_checked_against_the_name_in_the_url(tls_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_as(monkeypatch, "127.0.0.1")
    assert request(f"https://pinned.example:{tls_site.server_port}/text").data == "Grüße"
    assert "CERTIFICATE_VERIFY_FAILED" in failed(f"https://other.example:{tls_site.server_port}/text")
    assert "CERTIFICATE_VERIFY_FAILED" in failed(f"https://127.0.0.1:{tls_site.server_port}/text")
    assert tls_site.paths == ["/text"]


def test_the_next_address_is_tried_where_one_does_not_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_as(monkeypatch, "127.0.0.2", "127.0.0.1")
    assert request(f"http://two.example:{site.server_port}/text").data == "Grüße"


def test_a_proxy_of_the_environment_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert request(f"{site.url}/text").status == 200


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "http://[x"}, "url"),
        ({"url": "http://a b/"}, "url"),
        ({"url": "http://x:port"}, "url"),
        ({"url": "http://x/\x00"}, "url"),
        ({"method": "TRACE"}, "method"),
        ({"method": 5}, "method"),
        ({"headers": {"X y": "1"}}, "headers"),
        ({"headers": {"X": "1\r\nY: 2"}}, "headers"),
        ({"headers": ["X"]}, "headers"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": "soon"}, "timeout"),
    ],
)
def test_input_that_does_not_fit_names_the_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        HttpInput.model_validate({"url": "http://example.com"} | fields)
    assert caught.value.errors()[0]["loc"][0] == field
