"""Requests with ids of their own: Temporal takes a second one of the same id for the first one again.

The SDK gives every request a new id. So what is sent again, after a host has died, would be done twice.
"""

import copy
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from temporalio.api.workflowservice.v1 import (
    SignalWorkflowExecutionRequest,
    SignalWorkflowExecutionResponse,
    StartWorkflowExecutionRequest,
    StartWorkflowExecutionResponse,
)
from temporalio.client import Client
from temporalio.service import ServiceClient, WorkflowService


def naming_request(client: Client, request_id: str | None) -> Client:
    """Return a client on the same connection, for one start or one signal.

    Args:
        client: is connected.
        request_id: of that start or signal; None for a new one, which the client itself makes.
    """
    if not request_id:
        return client
    config = client.config()
    service_client = copy.copy(client.service_client)
    service_client.workflow_service = _NamedRequests(client.service_client, request_id)
    config["service_client"] = service_client
    return Client(**config)


class _NamedRequests(WorkflowService):
    def __init__(self, service_client: ServiceClient, request_id: str) -> None:
        super().__init__(service_client)
        self._request_id = request_id

    async def start_workflow_execution(
        self,
        req: StartWorkflowExecutionRequest,
        retry: bool = False,  # noqa: FBT001, FBT002  the SDK's signature
        metadata: Mapping[str, Any] = {},
        timeout: timedelta | None = None,  # noqa: ASYNC109
    ) -> StartWorkflowExecutionResponse:
        req.request_id = self._request_id
        return await super().start_workflow_execution(req, retry, metadata, timeout)

    async def signal_workflow_execution(
        self,
        req: SignalWorkflowExecutionRequest,
        retry: bool = False,  # noqa: FBT001, FBT002  the SDK's signature
        metadata: Mapping[str, Any] = {},
        timeout: timedelta | None = None,  # noqa: ASYNC109
    ) -> SignalWorkflowExecutionResponse:
        req.request_id = self._request_id
        return await super().signal_workflow_execution(req, retry, metadata, timeout)
