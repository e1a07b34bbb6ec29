"""From a call to an HTTP request, and from the response to an answer or an error."""

from collections.abc import Mapping
from typing import Any, TypedDict

import httpx
import pydantic_core
from pydantic import ValidationError

from workerhost.client.calls.call import A, Call, without_none
from workerhost.client.errors import ApiError, NoServiceError
from workerhost.errors import BusyError, InvalidRequestError

DEFAULT_URL = "http://127.0.0.1:3011"

ANSWER_SECONDS = 30.0
"""How long any call may take, beyond what the service waits for on purpose."""
CONNECT_SECONDS = 5.0
RETRIES = 2
"""How often a connection is tried again, and a call that a busy service has refused. Nothing was done about the call by
then, so that is harmless for every call."""

LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20)
"""As many connections as calls are under way at once: each run that is watched holds one, and httpx would have all else
wait for the hundredth. So many are kept for later calls."""


class Options(TypedDict):
    """What both clients of httpx are made with. A service in one's own network is not asked through a proxy."""

    base_url: str
    headers: Mapping[str, str]
    trust_env: bool


def options(url: str, headers: Mapping[str, str] | None) -> Options:
    """Return the options of a client of the service at `url`."""
    return {"base_url": url, "headers": headers or {}, "trust_env": False}


def request(client: httpx.Client | httpx.AsyncClient, call: Call[Any], timeout: float) -> httpx.Request:
    """Return the request that makes a call.

    Raises:
        InvalidRequestError: its body holds what JSON cannot.
    """
    seconds = httpx.Timeout(timeout + call.seconds, connect=min(timeout, CONNECT_SECONDS))
    content, headers = None, {}
    if call.body is not None:
        try:
            body = {key: value for key, value in call.body.items() if value is not None or key == call.may_be_none}
            content = pydantic_core.to_json(body, inf_nan_mode="null")
        except (ValueError, RecursionError) as error:
            raise InvalidRequestError(f"what is sent cannot be written as JSON: {error}") from error
        headers = {"Content-Type": "application/json"}
    query = without_none(call.query)
    return client.build_request(
        call.method, call.path, params=query or None, content=content, headers=headers, timeout=seconds
    )


def no_answer(url: str, error: httpx.HTTPError) -> NoServiceError:
    """Return the error for a request that failed on its way."""
    if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
        return NoServiceError(f"the workerhost at {url} does not answer in time")
    reason = str(error) or type(error).__name__
    return NoServiceError(f"no workerhost answers at {url} ({reason}); is it running?")


def pause_before_retry(response: httpx.Response) -> float | None:
    """Return the seconds after which a call may be made again that a busy service has refused, None for others."""
    seconds = response.headers.get("Retry-After", "")
    if response.status_code != BusyError.status or not seconds.isdecimal():
        return None
    try:
        values = response.json()
    except ValueError:
        return None
    is_busy = isinstance(values, dict) and values.get("code") == BusyError.code
    return float(seconds) if is_busy else None


def read(url: str, call: Call[A], response: httpx.Response) -> A:
    """Return the answer in a response.

    Raises:
        ApiError: it is an error.
        NoServiceError: it is not one of a workerhost's.
    """
    try:
        values = response.json()
    except ValueError as error:
        raise NoServiceError(f"what answers at {url} is not a workerhost") from error
    if response.is_error or not isinstance(values, dict):
        raise _refusal(call, response, values if isinstance(values, dict) else {})
    try:
        return call.answer.model_validate(values)
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise NoServiceError(
            f"what answers at {url} is not a workerhost that this version knows: {field} does not fit"
        ) from error


def _refusal(call: Call[Any], response: httpx.Response, values: Mapping[str, Any]) -> ApiError:
    status, request_id = response.status_code, response.headers.get("X-Request-Id")
    sentence = values.get("error") or f"{call.method} {call.path} was answered with {status}"
    if values.get("code") == "internal_error" and request_id:
        sentence = f"{sentence}, at request {request_id}"
    details = {key: value for key, value in values.items() if key not in ("success", "error", "code")}
    return ApiError(str(sentence), str(values.get("code") or "http_error"), status, details, request_id)
