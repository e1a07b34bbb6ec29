"""The OpenAPI document, and the page that shows it without anything from elsewhere."""

import importlib.util
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, send_from_directory
from werkzeug.exceptions import NotFound

from workerhost.answers import ApiDocument
from workerhost.api.describing.call import described
from workerhost.api.describing.document import make_document
from workerhost.api.response import respond
from workerhost.installed import version

blueprint = Blueprint("documentation", __name__)

_KEPT = "workerhost-document"
"""Where the application keeps its document, which costs some time to make and does not change."""

ASSETS = {"swagger_bundle.js", "swagger_style.css"}

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The API of workerhost</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger_style.css">
</head>
<body>
<div id="calls"></div>
<noscript>This page needs JavaScript; <a href="openapi.json">openapi.json</a> holds the same.</noscript>
<script src="docs/swagger_bundle.js"></script>
<script src="docs/page.js"></script>
</body>
</html>
"""

SCRIPT = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#calls",
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null,
});
"""

POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
"""The browser loads nothing from elsewhere for the page, whatever the page holds."""


@blueprint.get("/openapi.json")
@described(ApiDocument, name="getDocument")
def document() -> Response:
    """Describe all calls of the API, those of plugins included, as OpenAPI 3.1."""
    kept: dict[str, Any] | None = current_app.extensions.get(_KEPT)
    if kept is None:
        kept = make_document(current_app, version("workerhost"))
        current_app.extensions[_KEPT] = kept
    return respond(ApiDocument.model_validate(kept))


@blueprint.get("/docs")
@described("text/html", name="showDocs")
def page() -> Response:
    """Show all calls of the API in a browser, to read and to try."""
    return _text(PAGE, "text/html")


@blueprint.get("/docs/page.js")
@described("text/javascript", name="getDocsScript")
def script() -> Response:
    """Return what fills the page."""
    return _text(SCRIPT, "text/javascript")


@blueprint.get("/docs/<asset>")
@described({200: "text/javascript"}, name="getDocsFile")
def file(asset: str) -> Response:
    """Return a file of the page."""
    if asset not in ASSETS:
        raise NotFound
    return send_from_directory(_folder(), asset, max_age=3600)


def _text(text: str, media_type: str) -> Response:
    response = Response(text, mimetype=media_type)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _folder() -> Path:
    """Return where the files are. Their package is not imported: it would read megabytes that nobody asks for."""
    found = importlib.util.find_spec("offapi")
    assert found is not None  # noqa: S101  a dependency
    assert found.origin is not None  # noqa: S101  it has a file
    return Path(found.origin).parent
