"""One exchange over HTTP, with bounds on what it reads and how long it takes."""

import asyncio
import json
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from workerhost import trace_headers
from workerhost_drawings.activities.models import Output
from workerhost_drawings.v1 import errors

MOST_BYTES = 1024 * 1024
"""Of a body."""
SECONDS = 100
"""That one call may take, with all that it asks for before."""
_GZIP_OR_ZLIB = 47
_SECRET_HEADERS = ("authorization", "proxy-authorization", "cookie")


class CallError(Exception):
    """A call that did not come to its answer.

    Args:
        kind: of the error, one of the specification's own types.
        detail: what went wrong, as a sentence.
        status: of the answer, where there was one.
    """

    def __init__(self, kind: str, detail: str, status: int | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status = status


@dataclass(frozen=True)
class Request:
    """What is sent."""

    method: str
    uri: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    auth: httpx.Auth | None = None


@dataclass(frozen=True)
class Answer:
    """What came back."""

    request: Mapping[str, Any]
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """The body: JSON where the answer says so, else a text, or base64 of what is none; None for an empty one."""
        kind, _, rest = self.headers.get("content-type", "").lower().partition(";")
        if not self.body:
            return None
        if kind.strip() == "application/json" or kind.strip().endswith("+json"):
            try:
                return json.loads(self.body)
            except (ValueError, RecursionError):
                pass  # it is no JSON, whatever the answer says
        charset = rest.partition("charset=")[2].partition(";")[0].strip(" \"'") or "utf-8"
        try:
            return self.body.decode(charset)
        except (LookupError, ValueError):
            return b64encode(self.body).decode()

    def as_output(self, output: Output) -> Any:
        """Return the answer in the form that the document asks for."""
        if output == "raw":
            return b64encode(self.body).decode()
        if output == "content":
            return self.content
        return {
            "request": self.request,
            "statusCode": self.status,
            "headers": dict(self.headers),
            "content": self.content,
        }


@asynccontextmanager
async def calling(instance: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client, and make what goes wrong in the block an error of Open Workflow.

    Args:
        instance: the JSON pointer of the task.
    """
    try:
        async with asyncio.timeout(SECONDS), httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
            yield client
    except CallError as error:
        said = errors.standard(error.kind, str(error), instance, status=error.status)
    except TimeoutError:
        said = errors.standard("communication", f"the call took over {SECONDS} s", instance, status=504)
    except (httpx.LocalProtocolError, httpx.InvalidURL) as error:
        said = errors.standard("configuration", f"the request cannot be sent: {error}", instance)
    except httpx.HTTPError as error:
        said = errors.standard("communication", f"the request failed: {str(error) or type(error).__name__}", instance)
    else:
        return
    raise errors.make(said)


async def exchange(client: httpx.AsyncClient, request: Request, *, redirect: bool = False) -> Answer:
    """Send a request and return the answer.

    Args:
        client: of `calling`.
        request: what to send.
        redirect: whether an answer that leads elsewhere is no error.

    Raises:
        CallError: the answer is not one of success, or is too large.
        httpx.HTTPError: there is none.
    """
    if httpx.URL(request.uri).scheme not in {"http", "https"}:
        raise CallError("configuration", f"{request.uri!r:.300} is no URI of http or https")
    added = _traced(request)
    async with client.stream(**_arguments(request, added)) as response:
        body = await _body(response)
    unsaid = {*_SECRET_HEADERS, *added}
    sent = {name: value for name, value in response.request.headers.items() if name not in unsaid}
    described = {"method": request.method, "uri": str(response.request.url), "headers": sent}
    answer = Answer(described, response.status_code, dict(response.headers), body)
    if not (200 <= answer.status < 300 or (redirect and 300 <= answer.status < 400)):
        where = f"{request.method} {response.request.url.copy_with(query=None)}"
        said = f"{where} answered {answer.status} {response.reason_phrase}: {str(answer.content or '')[:1000]}"
        raise CallError("communication", said.rstrip(": "), answer.status)
    return answer


def _traced(request: Request) -> dict[str, str]:
    """Return the headers that carry the trace on, unless the document has some of its own."""
    return {} if any(name.lower() == "traceparent" for name in request.headers) else trace_headers()


def _arguments(request: Request, added: Mapping[str, str]) -> dict[str, Any]:
    headers = {"accept-encoding": "identity", **added, **request.headers}
    made: dict[str, Any] = {"method": request.method, "url": request.uri, "headers": headers, "auth": request.auth}
    if request.query:
        made["url"] = httpx.URL(request.uri).copy_merge_params(list(request.query))
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if isinstance(request.body, str):
        made["content"] = request.body
    elif "x-www-form-urlencoded" in kind and isinstance(request.body, dict):
        made["data"] = request.body
    elif request.body is not None:
        made["json"] = request.body
    return made


async def _body(response: httpx.Response) -> bytes:
    """Return the body, unpacked no further than the limit: a small one may unpack to gigabytes."""
    packed = bytearray()
    async for chunk in response.aiter_raw():
        packed += chunk
        if len(packed) > MOST_BYTES:
            raise CallError("communication", f"the body of the answer has over {MOST_BYTES} bytes")
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"identity", ""}:
        return bytes(packed)
    if encoding not in {"gzip", "deflate"}:
        raise CallError("communication", f"the answer is encoded as {encoding!r:.100}, which was not asked for")
    try:
        body = zlib.decompressobj(_GZIP_OR_ZLIB).decompress(bytes(packed), MOST_BYTES + 1)
    except zlib.error:
        raise CallError("communication", "the answer is not encoded as its header says") from None
    if len(body) > MOST_BYTES:
        raise CallError("communication", f"the body of the answer has over {MOST_BYTES} bytes")
    return body
