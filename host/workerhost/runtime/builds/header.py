"""The header in which activities, child workflows and smoke runs carry the id of their build."""

import json
from collections.abc import Mapping
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle

from workerhost.words import BuildId

HEADER = "workerhost-build"
"""Name of the header; its value is a JSON string."""


def make_header(build_id: BuildId) -> Payload:
    """Return the header that names a build, as JSON, so that every tool can show it."""
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(build_id).encode())


def read_header(header: Payload) -> BuildId:
    """Return the build id in a header that `make_header` made."""
    return BuildId(json.loads(header.data))


def named_in(headers: Mapping[str, Payload]) -> BuildId | None:
    """Return the build id that headers name, or None where they name none."""
    header = headers.get(HEADER)
    return None if header is None else read_header(header)


def naming_build(client: Client, build_id: BuildId) -> Client:
    """Return a client on the same connection whose executions run on the build of that id."""
    config = client.config()
    config["interceptors"] = [*config["interceptors"], _NameBuild(build_id)]
    return Client(**config)


class _NameBuild(Interceptor):
    def __init__(self, build_id: BuildId) -> None:
        self._build_id = build_id

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002  the SDK's name
        return _NameBuildOutbound(next, self._build_id)


class _NameBuildOutbound(OutboundInterceptor):
    def __init__(self, next_: OutboundInterceptor, build_id: BuildId) -> None:
        super().__init__(next_)
        self._build_id = build_id

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002
        input.headers = {**input.headers, HEADER: make_header(self._build_id)}
        return await super().start_workflow(input)
