"""The header of Temporal in which starts, signals, activities and children carry the trace that they belong to."""

import json
from collections.abc import Mapping

from temporalio.api.common.v1 import Payload

HEADER = "_tracer-data"
"""Named as the SDK's own interceptors name it, so that clients and workers with those belong to the same traces."""

MOST_BYTES = 2048
"""Of its value: a `traceparent` of 55 characters and a `tracestate` of 512, with room for more."""

_CARRIED = ("traceparent", "tracestate")


def read_carrier(headers: Mapping[str, Payload]) -> dict[str, str]:
    """Return what the header carries, by the names of W3C Trace Context; empty where it is missing or is none.

    Args:
        headers: of a run, signal, update or activity, which anybody may have sent.
    """
    header = headers.get(HEADER)
    if header is None or len(header.data) > MOST_BYTES:
        return {}
    try:
        carrier = json.loads(header.data)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(carrier, dict):
        return {}
    return {name: value for name in _CARRIED if isinstance(value := carrier.get(name), str)}


def make_header(carrier: Mapping[str, str]) -> Payload:
    """Return the header, as JSON, so that every tool can show it."""
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(dict(carrier)).encode())
