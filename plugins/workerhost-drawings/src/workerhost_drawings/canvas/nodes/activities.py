"""Activities, agents and lines for the log."""

from collections.abc import Mapping

from workerhost_drawings.canvas.fields import Fields
from workerhost_drawings.canvas.nodes.signals import WAITING, read_signal
from workerhost_drawings.canvas.scope import STATE
from workerhost_drawings.checks.inputs import check_input
from workerhost_drawings.checks.near import near
from workerhost_drawings.flow.expressions import Expression, Local, ObjectOf, Value
from workerhost_drawings.flow.program import INPUT
from workerhost_drawings.flow.steps import Activity, Step
from workerhost_drawings.javascript.values import expression_of, text_of

LOG, LOG_ACTIVITY = "Log", "logMessage"
LEVELS = ("debug", "info", "warn", "warning", "error")


def read_activity(fields: Fields) -> tuple[Step, ...]:
    """Return the steps of an activity, whatever component it is."""
    data = fields.node.data
    path = next((each for each in ("componentName", "activityName") if data.get(each)), "componentName")
    name = data.get(path)
    if not isinstance(name, str) or not name.strip():
        fields.problem("The node says neither componentName nor activityName, so that it calls nothing.", path)
        return (_call(fields, "?", None),)
    components = fields.reading.context.settings.get("components")
    known = components if isinstance(components, Mapping) else {}
    mapped = known.get(name)
    if mapped is None and name == WAITING:
        return read_signal(fields)
    if mapped is None and name == LOG:
        return (_call(fields, _known(fields, LOG_ACTIVITY, path), _line(fields)),)
    activity = _known(fields, mapped if isinstance(mapped, str) else name, path, known)
    return (_call(fields, activity, _input(fields, activity)),)


def _call(fields: Fields, activity: str, argument: Expression | None) -> Activity:
    return Activity(
        **fields.step(),
        activity=activity,
        input=argument,
        result=fields.local,
        retry=fields.retry(),
        start_to_close=fields.time("timeout") if "timeout" in fields.node.data else None,
        heartbeat=fields.time("heartbeatTimeout") if "heartbeatTimeout" in fields.node.data else None,
    )


def _known(fields: Fields, name: str, path: str, components: Mapping[str, object] | None = None) -> str:
    known = fields.reading.context.activities
    if name not in known:
        names = sorted({*known, *(components or {}), LOG, WAITING})
        fields.problem(
            f"The project has no activity {name[:200]}, and no component of that name.{near(name, names)}", path
        )
    return name[:1000]


def _input(fields: Fields, activity: str) -> Expression | None:
    """Return the input of an activity, once it is held against what the activity takes."""
    config = fields.node.data.get("config")
    known = fields.reading.context.activities.get(activity)
    schema = known.input_schema if known is not None else None
    if config in (None, {}) and schema is None:
        return None
    argument = expression_of({} if config is None else config, "config")
    if schema is not None:
        for path, reason in check_input({} if config is None else config, schema, activity):
            fields.problem(reason, path)
    return argument


def _line(fields: Fields) -> Expression:
    level = fields.choice(("logLevel", "level"), LEVELS, "info")
    message, path = fields.find("logMessage", "message")
    if message is None:
        fields.problem("logMessage is empty. It takes the text of the line.", path)
    line: dict[str, Expression] = {
        "level": Value(value="warn" if level == "warning" else level),
        "message": text_of(message if isinstance(message, str) else str(message), path),
    }
    if fields.flag("includeWorkflowContext", default=False):
        line["data"] = ObjectOf(fields={"input": Local(name=INPUT), "state": Local(name=STATE)})
    return ObjectOf(fields=line)
