"""Small programs in the intermediate form, and a project that runs the code of one."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from workerhost.drawing import Compilation, CompileContext, KnownActivity
from workerhost.testing import Api, eventually
from workerhost_drawings.compiling import compile_drawing

COMPILER = "workerhost-drawings 0.1.0"

Part = dict[str, Any]

ACTIVITIES = """
import asyncio

from temporalio import activity
from temporalio.exceptions import ApplicationError


@activity.defn
async def double(number: int) -> int:
    return number * 2


@activity.defn
async def echo(value: object) -> object:
    return value


@activity.defn
async def nothing() -> str:
    return "nothing"


@activity.defn
async def slow(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "slow"


@activity.defn
async def fail(until: int) -> int:
    attempt = activity.info().attempt
    if attempt < until:
        raise ApplicationError(f"attempt {attempt}", type="TooEarly")
    return attempt


@activity.defn
async def refuse(reason: str) -> None:
    raise ApplicationError(reason, type="Refused", non_retryable=True)
"""


def value(given: object) -> Part:
    return {"kind": "value", "value": given}


def local(name: str) -> Part:
    return {"kind": "local", "name": name}


def jq(code: str, data: str, **names: str) -> Part:
    return {"kind": "jq", "code": code, "data": data, "names": names}


def js(code: str, path: str | None = None) -> Part:
    return {"kind": "js", "code": code, "path": path}


def template(text: str) -> Part:
    return {"kind": "template", "text": text}


def fields(**members: Part) -> Part:
    return {"kind": "object", "fields": members}


def step(kind: str, own_id: str, **rest: object) -> Part:
    return {"kind": kind, "id": own_id, "node": own_id, **rest}


def activity(own_id: str, name: str, given: Part | None = None, **rest: object) -> Part:
    return step("activity", own_id, activity=name, input=given, result=own_id, **rest)


def put(own_id: str, into: str, given: Part, **rest: object) -> Part:
    return step("assign", own_id, into=into, value=given, **rest)


def branch(own_id: str, when: Part, to: str, **rest: object) -> Part:
    return step("branch", own_id, cases=[{"when": when, "next": to}], **rest)


def end(own_id: str, result: Part | None = None, **rest: object) -> Part:
    return step("end", own_id, result=result, next=None, **rest)


def flow(*steps: Part, result: Part | None = None) -> Part:
    """Return a flow of steps; each leads to the one behind it where it does not say where it leads."""
    linked = [{"next": after["id"], **each} for each, after in pairwise(steps)]
    return {"start": steps[0]["id"] if steps else None, "steps": [*linked, *steps[-1:]], "result": result}


def program(*steps: Part, result: Part | None = None, **rest: object) -> Part:
    return {"name": "any", "flow": flow(*steps, result=result), **rest}


def compile_program(source: object, name: str = "drawn") -> Compilation:
    """Compile a program for a project that has every activity that is called in it, but those named as `missing…`."""
    activities = {each: KnownActivity(each) for each in _called(source) if not each.startswith("missing")}
    return compile_drawing("flow", source, CompileContext("project", name, activities=activities), COMPILER)


def _called(part: object) -> Iterator[str]:
    """Yield the names of the activities that are called in a part of a program, whatever else is wrong with it."""
    waiting = [part]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if isinstance(name := each.get("activity"), str):
                yield name
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def code_of(source: object, name: str = "drawn") -> str:
    """Return the code of a program that nothing is wrong with."""
    made = compile_program(source, name)
    assert not made.problems, made.problems
    return made.workflow_code


def body_of(source: object) -> str:
    """Return what stands in `run`, indented by nothing."""
    code = code_of(source)
    lines = code[code.index("    async def run(") :].splitlines()[1:]
    return "\n".join(line.removeprefix("        ") for line in lines) + "\n"


def problems_of(source: object) -> list[tuple[str | None, str]]:
    """Return the nodes and the reasons of what is wrong with a program."""
    return [(each.node, each.reason) for each in compile_program(source).problems]


class DrawnProject:
    """A project with one drawn workflow of the type `drawn`, and activities.

    Args:
        api: of a service.
        project_id: is made.
        source: the program.
    """

    def __init__(self, api: Api, project_id: str, source: object) -> None:
        self.api = api
        self.project_id = project_id
        self.path = f"/projects/{project_id}"
        api.deploy(
            project_id,
            "drawn",
            {"version": "1", "workflowCode": code_of(source), "activitiesCode": ACTIVITIES},
        )

    def run(self, *args: object) -> Any:
        return self.api.run(self.project_id, "drawn", *args)

    def begin(self, *args: object) -> str:
        return self.api.begin(self.project_id, "drawn", *args)

    def outcome(self, workflow_id: str) -> Any:
        return self.api.outcome(self.project_id, workflow_id)

    def result(self, workflow_id: str) -> Any:
        execution = self.outcome(workflow_id)
        assert execution["status"] == "COMPLETED", execution
        return execution["result"]

    def failure(self, *args: object) -> Any:
        execution = self.outcome(self.begin(*args))
        assert execution["status"] == "FAILED", execution
        return execution["failure"]

    def signal(self, workflow_id: str, name: str, *args: object) -> None:
        self.api.post(f"{self.path}/executions/{workflow_id}/signal", {"name": name, "args": list(args)})

    def steps(self, workflow_id: str) -> list[Any]:
        return list(self.api.get(f"{self.path}/executions/{workflow_id}/steps")["steps"])

    def wait_for_steps(self, workflow_id: str, nodes: Sequence[str]) -> None:
        """Wait until the run has these nodes among its steps."""
        eventually(lambda: set(nodes) <= {each.get("node") for each in self.steps(workflow_id)})

    def replace_worker(self) -> None:
        """Give the project a worker that has no run in memory, so that each is replayed."""
        self.api.post("/workers/stop", {"projectId": self.project_id})
        self.api.post("/workers/start", {"projectId": self.project_id})
