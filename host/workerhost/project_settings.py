"""What can be set of a project."""

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
)
from pydantic.alias_generators import to_camel

from workerhost.model import ID_PATTERN
from workerhost.observed import LogLevel
from workerhost.words import Isolation

HostPattern = Annotated[str, Field(pattern=r"^(\*\.)?[^\s/*:@]{1,253}$")]
"""The name of a host, or `*.` and a name for all hosts below it."""

QueueName = Annotated[str, Field(min_length=1, max_length=200)]
"""The name of a task queue."""

SettingName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
"""The name of something in a project's environment."""

LONGEST_SETTING = 10_000
"""Characters of a text in a project's environment."""


LARGEST = sys.float_info.max


def _plain_setting(value: Any) -> Any:
    is_text = isinstance(value, str) and len(value) <= LONGEST_SETTING
    is_number = isinstance(value, int | float) and -LARGEST <= value <= LARGEST
    if not is_text and not is_number and value is not None:
        raise ValueError(f"must be a text of {LONGEST_SETTING} characters at most, a number, true, false or null")
    return value


SettingValue = Annotated[
    StrictStr | StrictBool | StrictInt | StrictFloat | None,
    BeforeValidator(_plain_setting),
    Field(json_schema_extra={"maxLength": LONGEST_SETTING}),
]
"""A value in a project's environment."""

ComponentName = Annotated[str, Field(min_length=1, max_length=200)]
"""What a product calls something that its drawings are made of."""

ActivityName = Annotated[str, Field(min_length=1, max_length=200)]
"""The name of an activity."""

MOST_SETTING_BYTES = 64 * 1024
"""Of one setting that holds values by name, as JSON: hosts read the settings of all their projects again and again."""


def _small(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if len(json.dumps(value)) > MOST_SETTING_BYTES:
        raise ValueError(f"must not be larger than {MOST_SETTING_BYTES // 1024} KiB as JSON")
    return value


SMALL = AfterValidator(_small)
"""Part of the type of a setting that holds values by name."""


class ProjectSettings(BaseModel):
    """Limits of one project, and what its drawings find; what is unset follows the host's settings."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    max_concurrent_activities: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    """Activities of this project that may run at once."""
    max_concurrent_workflow_tasks: Annotated[int, Field(ge=2, le=1000, strict=True)] | None = None
    """Workflow tasks of this project that may run at once; the SDK needs two, one of them for cached runs."""
    max_activities_per_second: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False, strict=True)] | None = None
    """Activities of this project that may start each second, over all of its replicas; kept by Temporal."""
    replicas: Annotated[int, Field(ge=1, le=100, strict=True)] | None = None
    """How many hosts run the project at once; 1 where it is unset."""
    pool: Annotated[str, Field(pattern=ID_PATTERN)] | None = None
    """The pool of hosts that run the project; `default` where it is unset."""
    isolation: Isolation | None = None
    """Where its code runs: `process` for processes of its own, `thread` for the host, where the host allows that."""
    network: Literal["none", "out"] | Annotated[tuple[HostPattern, ...], Field(max_length=100)] | None = None
    """What its processes reach: `none`, `out` for every public host, which is meant where it is unset, or the names of
    hosts, `*.example.com` for all below that one."""
    other_task_queues: Literal["all"] | Annotated[tuple[QueueName, ...], Field(max_length=100)] | None = None
    """Task queues beside its own that its workflows may start activities and workflows on, and whose runs they may
    signal and cancel; `all` for every one, and for Nexus. Its own alone where it is unset. Not kept in the host."""
    memory_mb: Annotated[int, Field(ge=64, le=1_048_576, strict=True)] | None = None
    """Megabytes of address space that a process of the project may take."""
    activity_cpu_seconds: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False, strict=True)] | None = None
    """Seconds that one of its activities may use a processor, in a process of the project."""
    log_level: LogLevel | None = None
    """Least severe lines of the project's log that its code makes: `debug`, `info`, which is meant where it is unset,
    `warning` or `error`."""
    processes: Annotated[int, Field(ge=1, le=64, strict=True)] | None = None
    """How many processes the project may have on a host at once; 1 where it is unset."""
    environment: Annotated[dict[SettingName, SettingValue], Field(max_length=1000), SMALL] | None = None
    """What its drawings read as `env`, by name. Whoever reads the project's settings sees it: no place for secrets."""
    components: Annotated[dict[ComponentName, ActivityName], Field(max_length=1000), SMALL] | None = None
    """The activities that the project's own names for components stand for in its drawings."""
