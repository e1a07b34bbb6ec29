"""What a client of the proxy asks for, and what goes on to the target of it."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

from workerhost.runtime.egress.policy import plain_name
from workerhost.runtime.egress.refusals import RefusedError

Headers = list[tuple[bytes, bytes]]

_HOP_BY_HOP = frozenset(
    # RFC 9110, section 7.6.1, and what clients send to proxies all the same.
    b"connection keep-alive proxy-connection te trailer transfer-encoding upgrade "
    b"proxy-authenticate proxy-authorization proxy-authentication-info".split()
)
_FRAMING = frozenset((b"content-length", b"transfer-encoding"))
_HTTP_PORT = 80


@dataclass(frozen=True)
class Asked:
    """Where a request is to go."""

    host: str
    """In the form of `plain_name`."""
    port: int
    path: bytes | None = None
    """With the query; None for a tunnel."""

    @property
    def authority(self) -> bytes:
        """The host and the port, as the header `Host` has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (host if self.port == _HTTP_PORT else f"{host}:{self.port}").encode()


def read_request(request: h11.Request) -> Asked:
    """Return where a request is to go.

    Raises:
        RefusedError: it makes no sense to a proxy.
    """
    target = request.target.decode("ascii")
    if request.method == b"CONNECT":
        if any(name in _FRAMING and value != b"0" for name, value in request.headers):
            raise RefusedError(400, "a request for a tunnel has no body")
        return Asked(*_host_and_port(target))
    if {name for name, _ in request.headers} >= _FRAMING:
        raise RefusedError(400, "a body has one length, and this one has two")  # a target might take the other one
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() != "http":
        raise RefusedError(400, "this is a proxy: it takes addresses that begin with http://, and CONNECT for all else")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :].partition("#")[0]
    if "@" in authority:
        raise RefusedError(400, "a name and a password stand in the header Authorization, not in the address")
    return Asked(*_host_and_port(authority, _HTTP_PORT), (path if path.startswith("/") else f"/{path}").encode())


def _host_and_port(authority: str, default: int | None = None) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{authority}")
        port = default if parts.port is None else parts.port
        if parts.netloc == authority and parts.hostname and port and "@" not in authority:
            return plain_name(parts.hostname), port
    except ValueError:
        pass
    raise RefusedError(400, f"{authority[:300]!r} is not a host and a port")


def forwarded_request(request: h11.Request, asked: Asked) -> h11.Request:
    """Return the request that the target gets: its own name in `Host`, and nothing that was meant for the proxy."""
    headers = [(b"Host", asked.authority)]  # what the client wrote there could name another host at the same address
    headers += [(name, value) for name, value in end_to_end(request.headers) if name.lower() != b"host"]
    if any(name == b"transfer-encoding" for name, _ in request.headers):
        headers.append((b"Transfer-Encoding", b"chunked"))
    headers.append((b"Connection", b"close"))
    return h11.Request(method=request.method, target=asked.path or b"/", headers=headers)


def forwarded_response(response: h11.Response) -> h11.Response:
    """Return the answer that the client gets; how its body is framed is up to that connection."""
    has_length = not any(name == b"transfer-encoding" for name, _ in response.headers)
    kept = end_to_end(response.headers)
    headers = [(name, value) for name, value in kept if has_length or name.lower() != b"content-length"]
    headers.append((b"Connection", b"close"))
    return h11.Response(status_code=response.status_code, headers=headers, reason=response.reason)


def end_to_end(headers: h11._headers.Headers) -> Headers:
    """Return the headers that are not about one connection alone, spelled as they came."""
    named = {each.strip().lower() for name, value in headers if name == b"connection" for each in value.split(b",")}
    dropped = _HOP_BY_HOP | (named - {b"content-length", b"host"})
    return [(name, value) for name, value in headers.raw_items() if name.lower() not in dropped]
