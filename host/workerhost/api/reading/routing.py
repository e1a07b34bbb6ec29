"""Which path leads where: a path leads to what is there as it is written, or to nothing."""

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound


def install(app: Flask) -> None:
    """Have paths taken as they are written. To be called before routes are added.

    Flask would answer further slashes with redirects to the host that the client names, or pass over them.
    """
    app.url_map.merge_slashes = False
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
