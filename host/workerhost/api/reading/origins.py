"""Whom the service answers: programs, and web pages of its own. A page of anybody else is refused.

A browser sends requests of any page to any address, also to services on its own machine. It says whose page that is in
`Origin`. A page whose name was made to lead to this machine (DNS rebinding) passes for one of the service's own; that
shows in `Host`. Programs that are no browsers send neither a foreign `Host` nor an `Origin`.
"""

import ipaddress
import re
from collections.abc import Collection

from flask import Flask, request

from workerhost.errors import WorkerhostError

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?P<port>:[0-9]{1,5})?", re.IGNORECASE)
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class ForeignHostError(WorkerhostError):
    """The request came under a name that is not one of this service."""

    status = 403
    code = "foreign_host"


class ForeignOriginError(WorkerhostError):
    """A web page of somebody else sent the request."""

    status = 403
    code = "foreign_origin"


class Addressees:
    """The hosts for which the service answers. Immutable.

    Args:
        bind: the address that the service listens on.
        allowed: names, in lower case, under which it is reached beside those of the machine itself.
    """

    def __init__(self, bind: str, allowed: Collection[str]) -> None:
        self._allowed = frozenset(allowed)
        self._own = frozenset((*LOOPBACK_HOSTS, f"[{bind}]" if ":" in bind else bind.lower(), *allowed))
        self._is_loopback = _is_loopback(bind)

    def check(self, host: str | None, origin: str | None, site: str | None, method: str) -> None:
        """Refuse a request that was sent under a foreign name or by a foreign page.

        Args:
            host: the header `Host`; browsers always send it.
            origin: the header `Origin`, which browsers send with requests that may change something.
            site: the header `Sec-Fetch-Site`: how the page and the service are related, as the browser sees it.
            method: of the request.

        Raises:
            ForeignHostError: the name is not one of this service.
            ForeignOriginError: the page is of another origin.
        """
        if host is not None and not self._is_own(host):
            raise ForeignHostError(
                "the Host header names another host than this service, which is refused, since a web page could reach "
                "the service that way; set WORKERHOST_ALLOWED_HOSTS to the names under which it is to be reached"
            )
        is_foreign_page = site in ("cross-site", "same-site") and method not in _SAFE_METHODS
        if not self._is_own_page(origin, host) if origin is not None else is_foreign_page:
            raise ForeignOriginError(
                "the request comes from a web page of another origin, which is refused; if the page is yours, set "
                "WORKERHOST_ALLOWED_HOSTS to its host"
            )

    def _is_own(self, host: str) -> bool:
        name = _name(host)
        if name is None or name in self._own:
            return name is not None
        if self._is_loopback:
            return False
        return not self._allowed or _is_address(name)  # no page can have an address for its name and lead it elsewhere

    def _is_own_page(self, origin: str, host: str | None) -> bool:
        address = origin.partition("://")[2].lower()
        return bool(address) and (address == (host or "").lower() or _name(address) in self._allowed)


def install(app: Flask, bind: str, allowed: Collection[str]) -> None:
    """Have every request refused that `Addressees` refuses."""
    addressees = Addressees(bind, allowed)

    @app.before_request
    def refuse_strangers() -> None:
        headers = request.headers
        addressees.check(headers.get("Host"), headers.get("Origin"), headers.get("Sec-Fetch-Site"), request.method)


def _name(host: str) -> str | None:
    """Return the name in `Host` without its port, in lower case, or None where it is no name of a host."""
    found = _HOST.fullmatch(host)
    return found["name"].lower() if found else None


def _is_loopback(bind: str) -> bool:
    return bind.lower() == "localhost" or (_is_address(bind) and ipaddress.ip_address(bind.strip("[]")).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
