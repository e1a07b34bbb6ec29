"""The types of builds."""

from collections.abc import Iterable, Iterator, Mapping

from workerhost.answers import MessageTypeInfo, ProjectActivityInfo, WorkflowTypeInfo
from workerhost.code.schemas.types import ActivityType, MessageType, WorkflowType
from workerhost.runtime.catalogue import CatalogueEntry
from workerhost.words import HOST_MESSAGES, MessageKind


def workflow_type_info(found: WorkflowType, workflows: Mapping[str, str]) -> WorkflowTypeInfo:
    """Return a workflow type as the API shows it.

    Args:
        found: the type.
        workflows: the names of workflows by their packages.
    """
    kinds = {kind: tuple(map(_message_info, _shown(found.messages.get(kind, ())))) for kind in MessageKind}
    return WorkflowTypeInfo(
        name=found.name,
        workflow=workflows.get(found.folder),
        description=found.description,
        input_schema=found.arguments.schema,
        result_schema=found.result,
        signals=kinds[MessageKind.SIGNAL],
        queries=kinds[MessageKind.QUERY],
        updates=kinds[MessageKind.UPDATE],
    )


def _shown(messages: Iterable[MessageType]) -> Iterator[MessageType]:
    """Yield the messages that are the project's own, and not between this service and code that it has compiled."""
    return (each for each in messages if not each.name.startswith(HOST_MESSAGES))


def own_activity_info(found: ActivityType, workflows: Mapping[str, str]) -> ProjectActivityInfo:
    """Return an activity of a project's code as the API shows it.

    Args:
        found: the activity.
        workflows: the names of workflows by their packages.
    """
    return ProjectActivityInfo(
        name=found.name,
        workflow=workflows.get(found.folder),
        description=found.description,
        input_schema=found.arguments.schema,
        output_schema=found.result,
    )


def plugin_activity_info(entry: CatalogueEntry) -> ProjectActivityInfo:
    """Return an activity of a plugin as the API shows it for a project."""
    return ProjectActivityInfo(
        name=entry.name,
        plugin=entry.plugin,
        activity_set=entry.activity_set,
        description=entry.description,
        input_schema=entry.input_schema,
        output_schema=entry.output_schema,
    )


def _message_info(found: MessageType) -> MessageTypeInfo:
    return MessageTypeInfo(name=found.name, description=found.description, input_schema=found.arguments.schema)
