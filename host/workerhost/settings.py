"""Every setting of a host, from the environment: one place for names, types, defaults and descriptions."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from workerhost.errors import ConfigurationError
from workerhost.model import ID_PATTERN
from workerhost.words import Isolation, IsolationKind

PoolName = Annotated[str, Field(pattern=ID_PATTERN)]
HostName = Annotated[str, StringConstraints(to_lower=True, pattern=r"^([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])$")]

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]

PAYLOAD_LIMIT = 2 * 1024**2
"""Bytes of arguments or of a result that a Temporal server takes by default:
https://docs.temporal.io/self-hosted-guide/defaults"""


def _checked_address(entry: str) -> str:
    match = re.fullmatch(r"[a-z0-9_.-]+(?::[0-9]{1,5})?=\[?(?P<address>[0-9a-f:.]+?)\]?(?::[0-9]{1,5})?", entry.lower())
    try:
        ip_address(match["address"] if match else "")
    except ValueError:
        raise ValueError(f"{entry!r:.300} is none; name=address or name:port=address:port would do") from None
    return entry.lower()


HostAddress = Annotated[str, AfterValidator(_checked_address)]


class Settings(BaseSettings):
    """Settings of one process. Temporal's address, TLS and API key are read by the SDK (`temporalio.envconfig`)."""

    model_config = SettingsConfigDict(env_prefix="WORKERHOST_", populate_by_name=True, frozen=True, extra="ignore")

    database_url: str = Field(
        default="sqlite:///.workerhost/workerhost.db",
        validation_alias="DATABASE_URL",
        description="The database: SQLite (`sqlite:///file`) or PostgreSQL (`postgresql+psycopg://…`).",
    )
    bind: str = Field(default="127.0.0.1", description="Address that the control API listens on.")
    port: int = Field(
        default=3011,
        ge=1,
        le=65535,
        validation_alias="WORKER_SERVICE_PORT",
        description="Port that the control API listens on.",
    )
    allowed_hosts: Annotated[tuple[HostName, ...], NoDecode] = Field(
        default=(),
        description="Names of hosts, without ports and separated by commas, under which the control API is reached, or "
        "whose web pages may call it.",
    )
    open_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(),
        description="Networks that the code of projects may reach although they are not public, as CIDRs that are "
        "separated by commas.",
    )
    host_addresses: Annotated[tuple[HostAddress, ...], NoDecode] = Field(
        default=(),
        description="Where the code of projects finds hosts, in place of what the name server says: "
        "`name=address` or `name:port=address:port`, separated by commas.",
    )
    max_concurrent_activities: int = Field(
        default=10,
        ge=1,
        validation_alias="MAX_CONCURRENT_ACTIVITY_EXECUTIONS",
        description="Activities that one project worker runs at once.",
    )
    max_concurrent_workflow_tasks: int = Field(
        default=10,
        ge=2,
        validation_alias="MAX_CONCURRENT_WORKFLOW_EXECUTIONS",
        description="Workflow tasks that one project worker runs at once.",
    )
    max_cached_workflows: int = Field(
        default=200,
        ge=1,
        description="Open runs that one project worker keeps in memory between their tasks.",
    )
    max_loaded_builds: int = Field(
        default=5,
        ge=2,
        description="Builds of one project that a host keeps in memory while no open run uses them.",
    )
    data_dir: Path = Field(
        default=Path(".workerhost"), description="Where `workerhost dev` keeps its databases and logs."
    )
    projects_dir: Path | None = Field(
        default=None,
        description="Folder of projects, each with its workflows as code or drawings, which are loaded from there.",
    )
    api_threads: int = Field(
        default=32, ge=2, description="Calls that the control API works on at once, beside those that wait."
    )
    api_waiting_calls: int = Field(
        default=256,
        ge=1,
        description="Calls that may wait at once for what they ask for: a worker, a run, a publish on all hosts.",
    )
    watchers: int = Field(
        default=300,
        ge=1,
        description="Callers that may watch runs at once, beside all other calls.",
    )
    api_connections: int = Field(default=500, ge=10, description="Connections to the control API that a host keeps.")
    api_head_timeout: Seconds = Field(
        default=10, description="Seconds that the headers of a request may take to arrive."
    )
    api_body_timeout: Seconds = Field(default=30, description="Seconds that the body of a request may take to arrive.")
    payload_limit: int = Field(
        default=PAYLOAD_LIMIT,
        ge=1024,
        description="Bytes that the arguments of a call, or a result, may have: as many as the Temporal server takes, "
        "which its operators set as limit.blobSize.error.",
    )
    workflow_task_threads: int = Field(
        default=64, ge=1, description="Threads that run the workflow tasks of all projects of a host."
    )
    concurrent_starts: int = Field(
        default=4,
        ge=1,
        description="Project workers that a host starts at the same time; others wait for their turn.",
    )
    isolation: Isolation = Field(
        default=Isolation.PROCESS,
        description="Where the code of projects runs whose settings do not say: `process` for sealed processes of each "
        "project, `thread` for the host itself. With `process`, no project may have `thread`.",
    )
    process_memory: int = Field(
        default=2048, ge=64, description="Megabytes of address space that a process of a project may take."
    )
    process_files: int = Field(
        default=256,
        ge=1,
        description="Megabytes of temporary files that a process of a project may have, in memory where it has mounts "
        "of its own; of each of its files otherwise.",
    )
    activity_cpu: Seconds = Field(
        default=3600, description="Seconds that an activity of a project may use a processor, in a process of its own."
    )
    process_idle: Seconds = Field(
        default=60,
        description="Seconds without work after which a process of a project is ended; the next work starts one.",
    )
    check_timeout: Seconds = Field(default=10, description="Seconds that checking a build may take.")
    start_timeout: Seconds = Field(
        default=30, description="Seconds that an API call waits for a project worker to start or stop."
    )
    drain_timeout: Seconds = Field(
        default=30,
        description="Seconds that running activities have to end before they are cancelled at a stop.",
    )
    hand_over_timeout: Seconds = Field(
        default=15,
        description="Seconds that other hosts have to take over the projects of a host that stops, before it drains.",
    )
    heartbeat_interval: Seconds = Field(default=1, description="Seconds between two heartbeats of a host.")
    lease_timeout: Seconds = Field(
        default=5,
        description="Seconds without heartbeat after which others take over the projects of a host.",
    )
    reconcile_interval: Seconds = Field(
        default=0.5, description="Seconds between two looks at what the database says should run."
    )
    workers: int = Field(default=1, ge=1, le=64, description="Hosts that `workerhost serve` runs on this machine.")
    pools: Annotated[tuple[PoolName, ...], NoDecode] = Field(
        default=("default",),
        min_length=1,
        validation_alias="WORKERHOST_POOL",
        description="Pools whose projects this host runs, separated by commas.",
    )
    capacity: int = Field(default=2000, ge=1, description="Most projects that one host runs.")
    database_connections: int = Field(
        default=10, ge=2, description="Most connections that one host keeps open to PostgreSQL."
    )
    wait: float = Field(
        default=0,
        ge=0,
        allow_inf_nan=False,
        description="Seconds that `serve` and `host` wait at their start for the database, Temporal and its namespace.",
    )
    hang_timeout: int = Field(
        default=10,
        ge=1,
        description="Seconds that a host of `workerhost serve` may give no sign before it is killed and replaced.",
    )
    require_isolation: Annotated[tuple[IsolationKind, ...], NoDecode] = Field(
        default=(),
        description="What a machine must give to seal code with, separated by commas, or else no host starts on it: "
        "process, user, namespaces, landlock, seccomp, network.",
    )
    metrics: bool = Field(
        default=True, description="Whether hosts count what happens and answer `GET /metrics` with it."
    )
    metrics_projects: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Projects that a host names in its metrics: the busiest ones; all others are `other` together.",
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port on which `workerhost host` answers `GET /metrics`, at WORKERHOST_BIND; 0 for none.",
    )
    usage_days: int = Field(default=400, ge=1, description="Days for which is kept what projects have used on each.")
    statistics: bool = Field(
        default=True,
        description="Whether it is counted how activities and runs end, how long they take, and what projects use.",
    )
    statistics_hours_kept_days: int = Field(
        default=14,
        ge=1,
        le=3650,
        description="Days after which the statistics of hours are rolled up into those of their day.",
    )
    statistics_days_kept_days: int = Field(
        default=400, ge=1, le=36500, description="Days after which the statistics of days are deleted."
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Least severe log lines that are written: DEBUG, INFO, WARNING or ERROR.",
    )

    @field_validator("pools", "allowed_hosts", "require_isolation", "open_networks", "host_addresses", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if value.strip()) if isinstance(value, str) else value


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment.

    Args:
        overrides: settings by field name, which take the place of those in the environment.

    Raises:
        ConfigurationError: a value does not fit; the message names its variable.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(f"{variable_name(str(item['loc'][0]))}: {item['msg']}" for item in error.errors())
        raise ConfigurationError(problems) from error


def variable_name(field_name: str) -> str:
    """Return the environment variable that sets a field of `Settings`; any other name is returned as it is."""
    field = Settings.model_fields.get(field_name)
    if field is None:
        return field_name
    return str(field.validation_alias or f"WORKERHOST_{field_name.upper()}")
