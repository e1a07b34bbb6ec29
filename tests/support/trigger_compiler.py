"""A small compiler of drawings with triggers: what is drawn returns a mark, its input, and what it is told."""

from typing import Any

from workerhost import hookimpl
from workerhost.drawing import Compilation, CompileContext, Trigger

CODE = """# Compiled from a marks drawing by marks 1. Change the drawing, not this.
from temporalio import workflow


@workflow.defn(name={name!r})
class Drawing:
    def __init__(self) -> None:
        self.told = []

    @workflow.signal
    def tell(self, word: object) -> None:
        self.told.append(word)

    @workflow.run
    async def run(self, input=None):
        if input == "wait":
            await workflow.wait_condition(lambda: self.told)
        return [{mark!r}, input, *self.told]
"""


class MarksCompiler:
    """Compiles drawings of the format `marks`."""

    @hookimpl
    def workerhost_compile(self, format: str, source: object, context: CompileContext) -> Compilation | None:
        if format != "marks":
            return None
        drawn: Any = source
        triggers = [Trigger(each["kind"], each["name"], each["definition"], "begin") for each in drawn["triggers"]]
        code = CODE.format(name=context.workflow, mark=drawn["mark"])
        return Compilation("marks 1", workflow_code=code, triggers=triggers)


def marks(mark: str, *triggers: Any) -> dict[str, Any]:
    """Return a drawing as `source` of a body."""
    return {"format": "marks", "document": {"mark": mark, "triggers": list(triggers)}}


def schedule(name: str, cron: str = "0 5 * * *", **more: Any) -> dict[str, Any]:
    """Return a schedule as a drawing brings it along."""
    return {"kind": "schedule", "name": name, "definition": {"cron": [cron], **more}}


def webhook(called: str, **more: Any) -> dict[str, Any]:
    """Return a webhook as a drawing brings it along; it starts its workflow with the body of the call."""
    definition = {"action": "start", "args": ["$.body"], "authentication": {"kind": "none"}, **more}
    return {"kind": "webhook", "name": called, "definition": definition}
