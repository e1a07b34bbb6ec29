"""Whatever a client sends, it is answered with a sentence, and the proxy goes on."""

from contextlib import suppress
from pathlib import Path

import pytest

from support.egress import WAIT_SECONDS, Start, ask, call, drain, get, read_answer, site
from workerhost.testing import eventually


@pytest.mark.parametrize(
    ("request_text", "sentence"),
    [
        ("nonsense\r\n\r\n", "the request is not proper HTTP"),
        ("\x16\x03\x01\x02\x00\x01\r\n\r\n", "the request is not proper HTTP"),
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "this is a proxy"),
        ("GET http://x/ HTTP/1.1\r\n\r\n", "the request is not proper HTTP"),
        ("GET https://x/ HTTP/1.1\r\nHost: x\r\n\r\n", "this is a proxy"),
        ("GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", "this is a proxy"),
        ("GET http:/// HTTP/1.1\r\nHost: x\r\n\r\n", "is not a host and a port"),
        ("GET http://x:0/ HTTP/1.1\r\nHost: x\r\n\r\n", "is not a host and a port"),
        ("GET http://x:99999/ HTTP/1.1\r\nHost: x\r\n\r\n", "is not a host and a port"),
        ("GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n", "is not a host and a port"),
        ("GET http://a_b!/ HTTP/1.1\r\nHost: x\r\n\r\n", "is not a host and a port"),
        ("GET http://good.example@127.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n", "in the header Authorization"),
        ("CONNECT 127.0.0.1 HTTP/1.1\r\nHost: x\r\n\r\n", "is not a host and a port"),
        ("CONNECT http://x:1/ HTTP/1.1\r\nHost: x\r\n\r\n", "is not a host and a port"),
        ("CONNECT x@127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n", "is not a host and a port"),
        ("CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "has no body"),
        (
            "POST http://127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "has two",
        ),
    ],
)
def test_nonsense_is_answered_with_a_sentence(start: Start, path: Path, request_text: str, sentence: str) -> None:
    start()
    answer = ask(path, request_text)
    assert answer.status == 400
    assert sentence in answer.body
    assert sentence in answer.reason


def test_a_body_that_turns_into_nonsense_is_refused_while_there_is_no_answer(start: Start, path: Path) -> None:
    start()
    with site(drain) as port:
        head = f"POST http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert ask(path, f"{head}3\r\nabc\r\nnonsense\r\n").status == 400


def test_a_client_that_is_still_sending_reads_why_it_is_refused(start: Start, path: Path) -> None:
    start(linger_seconds=WAIT_SECONDS)
    body = bytes(2_000_000)
    head = f"POST http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    with call(path) as client:
        client.sendall(head.encode() + body)
        assert read_answer(client).status == 403


def test_a_head_without_end_is_refused_at_its_limit(start: Start, path: Path) -> None:
    start(head_bytes=4096)
    with call(path) as client:
        client.sendall(b"GET http://x/ HTTP/1.1\r\n")
        with suppress(OSError):
            for number in range(10_000):
                client.sendall(b"X-%d: %s\r\n" % (number, b"x" * 1000))
        answer = read_answer(client)
    assert (answer.status, answer.body) == (431, "the head of the request has over 4096 bytes\n")


@pytest.mark.parametrize("sent", [b"", b"GET http://x/ HTTP/1.1\r\nX"])
def test_a_head_that_does_not_come_is_waited_for_in_vain(start: Start, path: Path, sent: bytes) -> None:
    start(head_seconds=0.1)
    with call(path) as client:
        client.sendall(sent)
        answer = read_answer(client)
    assert (answer.status, answer.body) == (408, "the head of the request took over 0.1 s\n")


def test_clients_that_hang_up_leave_nothing_behind(start: Start, path: Path, page: int) -> None:
    proxy = start()
    for sent in (
        b"",
        b"GET http://x",
        b"CONNECT x",
        f"GET http://127.0.0.1:{page}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    ):
        for _ in range(20):
            with call(path) as client:
                client.sendall(sent)
    eventually(lambda: proxy._places.taken == 0)
    assert get(path, f"http://127.0.0.1:{page}/").status == 200
