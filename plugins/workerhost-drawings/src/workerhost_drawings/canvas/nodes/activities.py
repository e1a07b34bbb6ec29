"""Activities, agents and lines for the log."""

from collections.abc import Mapping

from workerhost_drawings.canvas.fields import Fields
from workerhost_drawings.canvas.nodes.signals import WAITING, read_signal
from workerhost_drawings.canvas.scope import STATE
from workerhost_drawings.checks.activities import check_activity, takes_input
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
    mapped = components.get(name) if isinstance(components, Mapping) else None
    if mapped is None and name == WAITING:
        return read_signal(fields)
    if mapped is None and name == LOG:
        check_activity(LOG_ACTIVITY, path, fields.reading.context, (LOG, WAITING), fields.problem)
        return (_call(fields, LOG_ACTIVITY, _line(fields)),)
    activity = mapped if isinstance(mapped, str) else name
    others = (*(components if isinstance(components, Mapping) else ()), LOG, WAITING)
    check_activity(activity, path, fields.reading.context, others, fields.problem)
    config = data.get("config")
    takes = takes_input(config, activity, fields.reading.context, fields.problem)
    argument = expression_of({} if config is None else config, "config") if takes else None
    return (_call(fields, activity[:1000], argument),)


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
