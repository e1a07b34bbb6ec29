"""Answers about the service itself: whether it can work, its hosts, its plugins and their activities."""

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict

from workerhost.answers.base import Answer, OrText, Time
from workerhost.words import HostId, HostStatus, IsolationKind


class HealthInfo(Answer):
    """That the process answers."""

    status: str
    service: str


class ReadinessInfo(Answer):
    """What the service needs."""

    status: str
    """`ready` or `unavailable`."""
    checks: Mapping[str, str]
    """By name, `ok` or a sentence."""


class HostInfo(Answer):
    """A process that runs project workers."""

    id: HostId
    machine: str
    process_id: int
    version: str
    status: OrText[HostStatus]
    pools: tuple[str, ...]
    capacity: int
    """How many project workers it runs at most."""
    running: int
    """How many it runs."""
    plugins: Mapping[str, str]
    """Versions by name."""
    isolation: tuple[OrText[IsolationKind], ...] = ()
    """What its machine gives to seal the code of projects with."""
    started_at: Time | None = None
    last_heartbeat: Time | None = None


class HostList(Answer):
    """The hosts of the fleet."""

    hosts: tuple[HostInfo, ...]
    count: int


class ApiDocument(Answer):
    """What all calls of the API take and answer, as OpenAPI: https://spec.openapis.org/oas/v3.1.1."""

    model_config = ConfigDict(extra="allow")

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]


class PluginInfo(Answer):
    """An installed plugin: what it brings, or why it is left out."""

    name: str
    version: str
    hooks: tuple[str, ...]
    activities: tuple[str, ...]
    error: str | None = None


class PluginList(Answer):
    """The installed plugins, those that failed too."""

    plugins: tuple[PluginInfo, ...]


class ActivityInfo(Answer):
    """An activity that every project may call."""

    name: str
    plugin: str
    activity_set: str
    description: str
    input_schema: Mapping[str, Any]
    """JSON Schema of its argument."""
    output_schema: Mapping[str, Any]
    """JSON Schema of its result."""


class ActivityList(Answer):
    """The activities of all plugins, by name."""

    activities: tuple[ActivityInfo, ...]
