"""Requests of the activity `httpRequest` in tests, and what becomes of them."""

import socket
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from samples_support import run_activity
from temporalio.exceptions import ApplicationError

from workerhost_samples.activities.http_request import HttpInput, HttpRequester, HttpResult

CERTIFICATE = Path(__file__).with_name("pinned.example.pem")
LOOPBACK = (ip_network("127.0.0.0/8"),)


def request(url: str, *, allowed: Any = LOOPBACK, **fields: Any) -> HttpResult:
    result = run_activity(
        HttpRequester(allowed).http_request,
        HttpInput.model_validate({"url": url, "timeout": 10_000} | fields),
    )
    assert isinstance(result, HttpResult)
    return result


def refused(url: str, **fields: Any) -> str:
    with pytest.raises(ApplicationError) as caught:
        request(url, **fields)
    assert caught.value.non_retryable
    return caught.value.message


def failed(url: str, **fields: Any) -> str:
    with pytest.raises(ApplicationError) as caught:
        request(url, **fields)
    assert not caught.value.non_retryable
    return caught.value.message


def resolve_as(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[Any]:
    """Answer every question for a name with `addresses`; return the list of questions asked."""
    asked: list[Any] = []

    def answer(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port or 0))
            for a in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked
