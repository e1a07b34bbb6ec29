"""Which path leads where: a path leads to what is there as it is written, or to nothing."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class _ReadRule(Rule):
    """A path that is read, and seldom written: what writes it is made when it is first needed.

    Werkzeug compiles two functions for each path, for `flask.url_for`, which only plugins may call. They would be most
    of what an application costs to make.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Builder:  # noqa: FBT001, FBT002  of werkzeug
        make = super()._compile_builder
        made: Builder | None = None

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            nonlocal made
            made = made or make(append_unknown)
            return made(rule, **values)

        return build


def install(app: Flask) -> None:
    """Have paths taken as they are written. To be called before routes are added.

    Flask would answer further slashes with redirects to the host that the client names, or pass over them.
    """
    app.url_map.merge_slashes = False
    app.url_rule_class = _ReadRule
    app.before_request(_refuse_empty_parts)
    app.after_request(_redirect_on_the_same_host)


def _refuse_empty_parts() -> None:
    if request.environ["PATH_INFO"].startswith("//"):
        raise NotFound


def _redirect_on_the_same_host(response: Response) -> Response:
    """Leave the host out of a redirect, as one to a route of a plugin that ends with a slash."""
    if response.location is not None and response.location.startswith(request.host_url):
        response.location = "/" + response.location.removeprefix(request.host_url).lstrip("/")
    return response
