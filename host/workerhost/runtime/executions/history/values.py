"""Values of histories as JSON can hold them."""

import asyncio
import base64
import json
from collections.abc import Sequence
from typing import Any

import pydantic_core
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

LONGEST_SHOWN = 16 * 1024
"""Bytes of JSON that a value has at most where many are shown."""

INLINE = 16 * 1024
"""Bytes of payloads that are read on the event loop; more would hold up all else that runs there."""

BEGINNING = 1000
"""Characters that are shown of a longer one."""


async def decode(converter: DataConverter, payloads: Sequence[Payload]) -> list[Any]:
    """Return the values of payloads, for JSON; what cannot be read is a sentence in the place of its value."""
    if converter.payload_codec is not None and payloads:
        try:
            payloads = await converter.payload_codec.decode(payloads)
        except Exception as error:
            return [_unreadable(error) for _ in payloads]
    if sum(len(payload.data) for payload in payloads) < INLINE:
        return [_value(converter, payload) for payload in payloads]
    return await asyncio.to_thread(lambda: [_value(converter, payload) for payload in payloads])


def as_json(value: Any) -> Any:
    """Return a value as JSON can hold it: bytes as base64, null for numbers that JSON has no word for.

    What JSON cannot hold at all is a sentence in its place.
    """
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    try:
        if isinstance(value, Message):
            return MessageToDict(value)
        return json.loads(pydantic_core.to_json(value, inf_nan_mode="null"))
    except (ValueError, TypeError, RecursionError) as error:
        return _unreadable(error)


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


async def read_summary(converter: DataConverter, payload: Payload) -> str | None:
    """Return what the code says that a step is; None where it says nothing, or no text."""
    [summary] = await decode(converter, [payload]) if payload.data else [None]
    return summary if isinstance(summary, str) else None


async def read_failure(converter: DataConverter, failure: Failure) -> BaseException:
    """Return what a failure was made of; no more than its message where its values cannot be read."""
    try:
        return await converter.decode_failure(failure)
    except Exception:
        return ApplicationError(failure.message, type=failure.application_failure_info.type or None)
