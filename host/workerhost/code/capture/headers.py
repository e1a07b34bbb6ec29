"""The headers in which an activity carries where it comes from: the build of its run, and the node of its drawing."""

import json
from collections.abc import Mapping

from temporalio.api.common.v1 import Payload

from workerhost.words import BuildId

BUILD_HEADER = "workerhost-build"
"""Name of the header with the id of a build; its value is a JSON string."""

NODE_HEADER = "workerhost-node"
"""Name of the header with the id of a node; its value is a JSON string."""

LONGEST_NODE = 200
"""Characters of a node's id that are carried; what is longer is not."""


def named_build(headers: Mapping[str, Payload]) -> BuildId | None:
    """Return the id of the build that the headers name; None where they name none."""
    name = _text(headers.get(BUILD_HEADER))
    return BuildId(name) if name else None


def named_node(headers: Mapping[str, Payload]) -> str | None:
    """Return the node that the headers name; None where they name none."""
    return _text(headers.get(NODE_HEADER))


def text_header(text: str) -> Payload:
    """Return a header with a text as JSON, so that every tool can show it."""
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(text).encode())


def _text(header: Payload | None) -> str | None:
    if header is None or len(header.data) > 8 * LONGEST_NODE:
        return None
    try:
        found = json.loads(header.data)
    except ValueError:  # a workflow can write any header itself
        return None
    return found if isinstance(found, str) and 0 < len(found) <= LONGEST_NODE else None
