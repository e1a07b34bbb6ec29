"""`httpRequest`: one HTTP exchange, with bounds on where it goes, how long it takes and what it reads."""

import asyncio
import codecs
import re
import zlib
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal, Protocol

import httpx
from pydantic import AfterValidator, BeforeValidator, Field, JsonValue
from temporalio import activity

from workerhost import trace_headers
from workerhost_samples.activities.addresses import CheckedTransport, failure, refusal, tls_context
from workerhost_samples.camel_case import CamelCaseModel
from workerhost_samples.json_text import parse_json
from workerhost_samples.settings import Network

MAX_BODY = 1024 * 1024
MAX_REDIRECTS = 5

_HOST = re.compile(r"[A-Za-z0-9._:-]*")
_DAY = 24 * 60 * 60 * 1000
_CHARSETS = re.compile(r"utf-?(8|16|32)|ascii|iso8859|cp\d|koi8|gb|big5|shift_jis|euc_")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
_GZIP_OR_ZLIB = 47


def _checked_url(url: str) -> str:
    try:
        host = httpx.URL(url).raw_host.decode("ascii")
    except httpx.InvalidURL as error:
        raise ValueError(f"this is not a URL: {error}") from None
    if not _HOST.fullmatch(host):
        raise ValueError("the host in this URL has a character that no host has in its name")
    return url


def _checked_headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a header")
        if not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"the value of {name!r} has a character that a header cannot carry")
    return headers


Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


class HttpInput(CamelCaseModel):
    """What to send, where, and how many milliseconds the whole exchange may take."""

    url: Annotated[str, Field(min_length=1), AfterValidator(_checked_url)]
    method: Annotated[Method, BeforeValidator(lambda v: v.upper() if isinstance(v, str) else v)] = "GET"
    headers: Annotated[dict[str, str], AfterValidator(_checked_headers)] = Field(default_factory=dict)
    body: JsonValue = None
    timeout: Annotated[int, Field(ge=1, le=_DAY)] = 30_000


class HttpResult(CamelCaseModel):
    """What the server answered; `data` is JSON where it parses, text otherwise."""

    status: int
    status_text: str
    data: Any
    headers: dict[str, str]


class HttpRequester:
    """Sends requests to public addresses and to those in `allowed`."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed

    @activity.defn(name="httpRequest")
    async def http_request(self, request: HttpInput) -> HttpResult:
        """Send an HTTP request and return the answer, whatever its status."""
        host = httpx.URL(request.url).host
        try:
            async with asyncio.timeout(request.timeout / 1000):
                return await self._exchange(request)
        except TimeoutError:
            raise failure(f"{host} did not answer in full within {request.timeout} ms.") from None
        except (httpx.LocalProtocolError, httpx.InvalidURL) as error:
            raise refusal(f"The request to {host} cannot be sent: {_reason(error)}.") from None
        except httpx.HTTPError as error:
            raise failure(f"The request to {host} failed: {_reason(error)}.") from None

    async def _exchange(self, request: HttpInput) -> HttpResult:
        transport = CheckedTransport(self._allowed, await asyncio.to_thread(tls_context))
        async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=None) as client:  # noqa: S113
            response = await _final_response(client, _built(client, request))
            try:
                return _result(response, await _body(response))
            finally:
                await response.aclose()


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def _built(client: httpx.AsyncClient, request: HttpInput) -> httpx.Request:
    headers = httpx.Headers(request.headers)
    headers.setdefault("Accept-Encoding", "gzip, deflate")
    if "traceparent" not in headers:
        headers.update(trace_headers())
    if request.body is None or isinstance(request.body, str):
        return client.build_request(request.method, request.url, headers=headers, content=request.body)
    return client.build_request(request.method, request.url, headers=headers, json=request.body)


async def _final_response(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Follow redirects by hand: the client would read the body of each, however large."""
    for _ in range(MAX_REDIRECTS + 1):
        response = await client.send(request, stream=True, follow_redirects=False)
        if response.next_request is None:
            return response
        await response.aclose()
        request = response.next_request
    raise refusal(f"The request to {request.url.host} was redirected more than {MAX_REDIRECTS} times.")


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in _decoded(response):
        body += chunk
        if len(body) > MAX_BODY:
            raise refusal(f"The body of the response is larger than {MAX_BODY} bytes.")
    return bytes(body)


class _Decoder(Protocol):
    """The part of a zlib decompressor that is needed here."""

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


async def _decoded(response: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the body, unpacked little further than the limit: a small one may unpack to gigabytes."""
    decoder = _decoder(response.headers.get("content-encoding", "identity").strip().lower())
    async for chunk in response.aiter_raw():
        try:
            yield decoder.decompress(chunk, MAX_BODY + 1) if decoder else chunk
        except zlib.error:
            raise refusal("The body of the response is not encoded as its header says.") from None


def _decoder(encoding: str) -> _Decoder | None:
    if encoding in ("identity", ""):
        return None
    if encoding in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(_GZIP_OR_ZLIB)
    raise refusal(f"The body of the response is encoded as {encoding!r}, which is not supported.")


def _result(response: httpx.Response, body: bytes) -> HttpResult:
    return HttpResult(
        status=response.status_code,
        status_text=response.reason_phrase,
        data=_data(body.decode(_charset(response), "replace")),
        headers=dict(response.headers),
    )


def _charset(response: httpx.Response) -> str:
    """Return the charset that the response names if it is a common one; others may be slow or none."""
    name = codecs.lookup(response.encoding or "utf-8").name
    return name if name != "utf-8" and _CHARSETS.match(name) else "utf-8-sig"


def _data(text: str) -> Any:
    """Return the JSON value in `text`, or `text` itself."""
    try:
        # In a list, because the value goes into the result: at full depth nobody could read that any more.
        values = parse_json(f"[{text}]")
    except ValueError:
        return text
    return values[0] if len(values) == 1 else text
