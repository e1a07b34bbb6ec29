"""Types of fields in bodies, queries and paths; each says in the OpenAPI document what it takes."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from workerhost.forms.fields import CONTROL, ID_RULE, NO_CONTROL_CHARACTERS, Name
from workerhost.model import ID_PATTERN, is_valid_id
from workerhost.module_names import LONGEST_NAME as LONGEST_MODULE_NAME
from workerhost.module_names import MOST_MODULES, modules_fault
from workerhost.words import BuildId, WorkflowId

LONGEST_WORKFLOW_ID = 1000
"""Temporal's own limit. Ids that other clients chose may hold any character, so only this is checked of them."""

RESERVED_QUEUES = ("/_sys/", "temporal-sys-", "__temporal_")
"""Beginnings of the queues that Temporal makes: parts of a queue, those of its own workers, and those of its SDKs."""


def _valid_id(value: str) -> str:
    if not value:
        raise ValueError("is required")
    if not is_valid_id(value):
        raise ValueError(ID_RULE)
    return value


Id = Annotated[str, AfterValidator(_valid_id), Field(json_schema_extra={"pattern": ID_PATTERN})]
"""An id of a project, a workflow or an execution."""


RowId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1000),
    NO_CONTROL_CHARACTERS,
    Field(json_schema_extra={"pattern": f"^[^{CONTROL}]*$"}),
]
"""What names a row that somebody else may have written."""


def _valid_task_queue(value: str) -> str:
    if re.search(r"""['"`\\]""", value):
        raise ValueError("must not hold quotes or backslashes, since Temporal could not list its executions")
    for prefix in RESERVED_QUEUES:
        if value.startswith(prefix):
            raise ValueError(f"must not begin with {prefix}, which Temporal keeps for itself")
    return value


_QUEUE_PATTERN = rf"""^(?!{"|".join(RESERVED_QUEUES)})[^'"`\\{CONTROL}]*$"""

TaskQueue = Annotated[Name, AfterValidator(_valid_task_queue), Field(json_schema_extra={"pattern": _QUEUE_PATTERN})]
"""The name of a task queue."""

Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$"), Field()]
"""A version of a workflow's code, as `1`, `1.2.0` or `2026-01-31.2`."""


def _valid_modules(modules: dict[str, str]) -> dict[str, str]:
    if fault := modules_fault(modules):
        raise ValueError(fault)
    return modules


Modules = Annotated[
    dict[str, str],
    AfterValidator(_valid_modules),
    Field(
        json_schema_extra={
            "maxProperties": MOST_MODULES,
            "propertyNames": {"pattern": r"^(\.\.)?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$", "maxLength": LONGEST_MODULE_NAME},
        }
    ),
]
"""The sources of further modules of a workflow by name: `models`, `rules.prices`, or `..shared` for the project."""

AnyWorkflowId = Annotated[WorkflowId, Field(min_length=1, max_length=LONGEST_WORKFLOW_ID)]
"""The workflow id of an execution, whoever chose it."""

_BUILD_ID = "[0-9a-f]{8,64}"

AnyBuildId = Annotated[BuildId, Field(pattern=f"^{_BUILD_ID}$")]
"""The id of a build."""

AnyBuild = Annotated[BuildId, Field(pattern=f"^{_BUILD_ID}$|^current$")]
"""A build, by its id or as `current`."""
