"""Requests to Temporal that have a name, so that one which is sent again changes nothing.

Temporal's server compares the request ids of starts and signals. The SDK makes up a new one for each call and has no
argument for it, so that they are written into the requests on their way.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message
from temporalio.client import Client
from temporalio.service import ServiceClient


def with_request_id(client: Client, request_id: str) -> Client:
    """Return a client on the same connection, of which every request that can have an id has this one."""
    config = client.config()
    config["service_client"] = _NamingService(client.service_client, request_id)
    return Client(**config)


class _NamingService(ServiceClient):
    def __init__(self, inner: ServiceClient, request_id: str) -> None:
        super().__init__(inner.config)
        self._inner = inner
        self._request_id = request_id

    @property
    def worker_service_client(self) -> Any:
        return self._inner.worker_service_client

    def update_rpc_metadata(self, metadata: Mapping[str, str | bytes]) -> None:
        self._inner.update_rpc_metadata(metadata)

    def update_api_key(self, api_key: str | None) -> None:
        self._inner.update_api_key(api_key)

    async def _rpc_call(self, rpc: str, req: Message, resp_type: type[Any], **options: Any) -> Any:
        if "request_id" in req.DESCRIPTOR.fields_by_name:
            req.request_id = self._request_id  # type: ignore[attr-defined]
        return await self._inner._rpc_call(rpc, req, resp_type, **options)  # noqa: SLF001  what subclasses are to have
