"""From a request to the environment that a WSGI application gets."""

import io
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from workerhost.api.serving.request_log import REQUEST, RequestEntry
from workerhost.api.serving.request_reader import WholeRequest

STEP_ASIDE = "workerhost.step_aside"
"""The key of the function with which a call says that it begins to wait; see `CallThreads.step_aside`."""

STEP_OUT = "workerhost.step_out"
"""The key of the function with which a call says that it is counted elsewhere; see `CallThreads.step_out`."""

WHEN_GONE = "workerhost.when_gone"
"""The key of the function that takes another one, which is called on the event loop when the client has left."""

SocketAddress = Sequence[Any] | None
"""Host and port, as sockets know them."""


def make_environ(
    request: WholeRequest, entry: RequestEntry, server: SocketAddress, client: SocketAddress, *, is_one_of_many: bool
) -> dict[str, Any]:
    """Return the environment of a request.

    Args:
        request: as it was sent.
        entry: what the log says of it.
        server: where it came in.
        client: who sent it.
        is_one_of_many: whether other processes serve the same application.
    """
    address = request.address
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(address.path).decode("latin-1"),
        "QUERY_STRING": address.query,
        "RAW_URI": address.raw,
        "SERVER_NAME": str(server[0]) if server else "",
        "SERVER_PORT": str(server[1]) if server else "",
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "REMOTE_ADDR": str(client[0]) if client else "",
        "REMOTE_PORT": str(client[1]) if client else "",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": is_one_of_many,
        "wsgi.run_once": False,
        REQUEST: entry,
    }
    for name, value in request.headers:
        _add_header(environ, name, value)
    if address.host is not None:
        environ["HTTP_HOST"] = address.host
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    if name in ("content-length", "transfer-encoding") or "_" in name:
        return  # the length is known by now; and an underscore would pass for a hyphen in the environment
    key = name.upper().replace("-", "_")
    if key != "CONTENT_TYPE":
        key = f"HTTP_{key}"
    environ[key] = f"{environ[key]},{value}" if key in environ else value
