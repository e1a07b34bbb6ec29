"""Has each activity carry the node of the drawing that it stands for, which its command names in its summary."""

import json
from typing import Any

from workerhost.code.capture.headers import LONGEST_NODE, NODE_HEADER, text_header

_BEGIN, _END = "[node: ", "]"
"""Around the node at the end of a summary."""

_COMMANDS = ("schedule_activity", "schedule_local_activity")

_LONGEST_SUMMARY = 4096
"""Bytes of a summary that is looked at; Temporal takes 400."""


def add_node_header(command: Any) -> None:
    """Add the header to the command of a workflow, where that starts an activity of a node."""
    data = command.user_metadata.summary.data if command.HasField("user_metadata") else b""
    if not data.endswith(b']"') or len(data) > _LONGEST_SUMMARY:
        return
    node = _node(data)
    for kind in _COMMANDS:
        if node and command.HasField(kind):
            getattr(command, kind).headers[NODE_HEADER].CopyFrom(text_header(node))


def _node(summary: bytes) -> str | None:
    try:
        text = json.loads(summary)
    except ValueError:
        return None
    if not isinstance(text, str) or not text.endswith(_END):
        return None
    _, begin, node = text.removesuffix(_END).rpartition(_BEGIN)
    return node if begin and 0 < len(node) <= LONGEST_NODE else None
