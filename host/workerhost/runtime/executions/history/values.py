"""Values of histories as JSON can hold them."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import pydantic_core
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter

LONGEST_SHOWN = 16 * 1024
"""Bytes of JSON that a value has at most where many are shown."""

BEGINNING = 1000
"""Characters that are shown of a longer one."""


async def decode(converter: DataConverter, payloads: Sequence[Payload]) -> list[Any]:
    """Return the values of payloads, for JSON; what cannot be read is a sentence in the place of its value."""
    if converter.payload_codec is not None and payloads:
        try:
            payloads = await converter.payload_codec.decode(payloads)
        except Exception as error:
            return [_unreadable(error) for _ in payloads]
    return [_value(converter, payload) for payload in payloads]


def as_json(value: Any) -> Any:
    """Return a value as JSON can hold it: bytes as base64, and null for numbers that JSON has no word for."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return json.loads(pydantic_core.to_json(value, inf_nan_mode="null"))


def shortened(value: Any) -> Any:
    """Return the value, or what is shown in its place where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    size = len(text.encode(errors="surrogatepass"))
    return value if size <= LONGEST_SHOWN else {"cut": True, "bytes": size, "beginsWith": text[:BEGINNING]}


def _value(converter: DataConverter, payload: Payload) -> Any:
    try:
        [value] = converter.payload_converter.from_payloads([payload])
        return as_json(value)
    except Exception as error:
        return _unreadable(error)


def _unreadable(error: Exception) -> str:
    return f"the value cannot be shown: {error}"
