"""What is said beside a refusal of arguments: what is taken, and how it is written on a command line."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workerhost.answers import MessageTypeInfo
from workerhost.cli.output import as_text, cut
from workerhost.cli.running.arguments import argument
from workerhost.client import ApiError, Client
from workerhost.errors import InvalidArgumentsError, WorkerhostError
from workerhost.words import CURRENT, MessageKind

WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "null": "null",
}
ANYTHING = "anything"
MOST_FIELDS = 8
VALUE_WIDTH = 60
DEEPEST = 5
"""How far references and alternatives are followed; a schema may refer to itself."""

_PLACE = re.compile(r"args\[(\d+)\]: ")


@dataclass(frozen=True)
class Taken:
    """What something takes.

    Attributes:
        name: of the workflow type, the signal, the query or the update.
        schema: JSON Schema of its argument; of an array where there are several.
    """

    name: str
    schema: Mapping[str, Any]


@contextlib.contextmanager
def explained(args: Sequence[str], find: Callable[[], Taken | None]) -> Iterator[None]:
    """Add notes to the refusal of arguments in the block: what is taken, and how it is written.

    Args:
        args: as they stood on the command line.
        find: asks the service what is taken.
    """
    try:
        yield
    except ApiError as error:
        if error.code == InvalidArgumentsError.code:
            with contextlib.suppress(WorkerhostError):  # the refusal is what the user must see; this is beside it
                if taken := find():
                    error.add_note(takes(taken))
            if note := how_to_write(str(error), args):
                error.add_note(note)
        raise


def taken_by_type(client: Client, project: str, workflow_type: str) -> Taken | None:
    """Return what a workflow type of the current build takes, None where it is not known."""
    for each in client.workflow_types(project):
        if each.name == workflow_type:
            return Taken(each.name, each.input_schema)
    return None


def taken_by_run(client: Client, project: str, workflow_id: str, kind: MessageKind, name: str) -> Taken | None:
    """Return what a signal, a query or an update of a run takes, None where it is not known."""
    run = client.execution(project, workflow_id)
    for each in client.workflow_types(project, run.build_id or CURRENT):
        messages: Mapping[MessageKind, Sequence[MessageTypeInfo]] = {
            MessageKind.SIGNAL: each.signals,
            MessageKind.QUERY: each.queries,
            MessageKind.UPDATE: each.updates,
        }
        for message in messages[kind] if each.name == run.workflow_type else ():
            if message.name == name:
                return Taken(f"{kind} {name}", message.input_schema)
    return None


def takes(taken: Taken) -> str:
    """Return a sentence that says what something takes."""
    schema = taken.schema
    items = schema.get("prefixItems")
    if not isinstance(items, list):
        what = "no arguments" if schema.get("type") == "null" else _value(schema, schema)
        return f"{taken.name} takes {what}"
    required = schema.get("minItems", 0)
    parts = [_named(item, schema, is_required=place < required) for place, item in enumerate(items)]
    return f"{taken.name} takes {', '.join(parts)}"


def how_to_write(refusal: str, args: Sequence[str]) -> str | None:
    """Return how the argument is written that was taken for something else than was meant, None where that is not it.

    Args:
        refusal: the sentence of the service.
        args: as they stood on the command line.
    """
    found = _PLACE.match(refusal)
    if not found or int(found[1]) >= len(args):
        return None
    text = args[int(found[1])]
    if refusal.endswith(" is not of type 'string'") and not isinstance(argument(text), str):
        quoted = json.dumps(text, ensure_ascii=False)
        return f"{cut(text, VALUE_WIDTH)} is JSON here and no text; the text is written '{cut(quoted, VALUE_WIDTH)}'"
    if text.lstrip()[:1] in ("{", "[") and isinstance(argument(text), str):
        how = "JSON is written in '…' with its own quotes, as '{\"a\": 1}'"
        return f"{cut(text, VALUE_WIDTH)} is no JSON, and so it was sent as a text; {how}"
    return None


def _named(item: Mapping[str, Any], whole: Mapping[str, Any], *, is_required: bool) -> str:
    name = item.get("title") or "argument"
    left_out = ""
    if not is_required:
        left_out = f", else {as_text(item['default'], VALUE_WIDTH)}" if "default" in item else ", may be left out"
    return f"{name} ({_value(item, whole)}{left_out})"


def _value(schema: Any, whole: Mapping[str, Any], depth: int = 0) -> str:
    schema = _resolved(schema, whole) if depth < DEEPEST else {}
    choices = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(choices, list):
        return " or ".join(dict.fromkeys(_value(each, whole, depth + 1) for each in choices))
    if isinstance(schema.get("enum"), list):
        return " or ".join(as_text(each) for each in schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return _object(schema)
    return WORDS.get(kind, ANYTHING) if isinstance(kind, str) else ANYTHING


def _object(schema: Mapping[str, Any]) -> str:
    fields, required = schema.get("properties"), schema.get("required", ())
    if not isinstance(fields, dict) or not fields:
        return "an object"
    ordered = sorted(fields, key=lambda name: name not in required)
    names = [name if name in required else f"{name}?" for name in ordered[:MOST_FIELDS]]
    return f"an object with {', '.join([*names, *(['…'] if len(ordered) > MOST_FIELDS else [])])}"


def _resolved(schema: Any, whole: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(DEEPEST):
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        schema = whole.get("$defs", {}).get(reference.removeprefix("#/$defs/"))
    return {}
