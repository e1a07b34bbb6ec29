"""The activities `httpCall` and `openapiCall`.

They run where the code of the project runs, sealed as that is, and reach what its network setting lets it reach.
"""

from dataclasses import replace
from typing import Any

import uritemplate
from temporalio import activity

from workerhost_drawings.activities import HTTP_ACTIVITY, OPENAPI_ACTIVITY
from workerhost_drawings.activities.authentication import authorized
from workerhost_drawings.activities.exchange import Request, calling, exchange
from workerhost_drawings.activities.models import Endpoint, HttpCall, OpenapiCall, Scalar
from workerhost_drawings.activities.operations import operation_request


@activity.defn(name=HTTP_ACTIVITY)
async def http_call(call: HttpCall) -> Any:
    """Send an HTTP request and return what is answered; a status that is no success is an error."""
    async with calling(call.instance) as client:
        request = Request(
            call.method,
            _uri(call),
            {name: _text(value) for name, value in call.headers.items() if value is not None},
            tuple((name, _text(each)) for name, value in call.query.items() for each in _several(value)),
            call.body,
            await authorized(client, call.authentication),
        )
        return (await exchange(client, request, redirect=call.redirect)).as_output(call.output)


@activity.defn(name=OPENAPI_ACTIVITY)
async def openapi_call(call: OpenapiCall) -> Any:
    """Call an operation of an OpenAPI document; what is answered is returned, or is an error where it is no success."""
    async with calling(call.instance) as client:
        at = _uri(call.document)
        described = Request("GET", at, auth=await authorized(client, call.document.authentication))
        text = (await exchange(client, described)).body.decode("utf-8", "replace")
        request = operation_request(text, at, call.operation_id, call.parameters)
        request = replace(request, auth=await authorized(client, call.authentication))
        return (await exchange(client, request, redirect=call.redirect)).as_output(call.output)


def _uri(endpoint: Endpoint) -> str:
    if not endpoint.variables:
        return endpoint.uri
    values = {name: _text(value) if isinstance(value, bool) else value for name, value in endpoint.variables.items()}
    return uritemplate.expand(endpoint.uri, values)


def _several(value: Scalar | list[Scalar]) -> list[Scalar]:
    return [each for each in (value if isinstance(value, list) else [value]) if each is not None]


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
