"""How long Temporal keeps what has ended."""

from dataclasses import dataclass

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection


@dataclass(frozen=True)
class NamespaceRetention:
    """Of the namespace that all projects are in."""

    namespace: str
    days: float
    """After the end of a run, when its history is deleted."""


def namespace_retention(temporal: TemporalConnection) -> NamespaceRetention:
    """Ask Temporal; blocks.

    Raises:
        TemporalUnavailableError: the server does not answer.
        TemporalRefusedError: it does not let this service in.
        RPCError: it does not say.
    """
    namespace = str(temporal.options.get("namespace", "default"))

    async def ask(client: Client) -> float:
        request = DescribeNamespaceRequest(namespace=namespace)
        described = await client.workflow_service.describe_namespace(request, timeout=RPC_TIMEOUT)
        return described.config.workflow_execution_retention_ttl.ToTimedelta().total_seconds()

    return NamespaceRetention(namespace, temporal.call(ask) / 86400)
