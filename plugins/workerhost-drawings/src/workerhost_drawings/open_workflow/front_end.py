"""Reads Open Workflow documents."""

import re
from collections.abc import Mapping

from workerhost.drawing import CompileContext
from workerhost_drawings.documents.places import Place
from workerhost_drawings.documents.reading import UnreadableError, check_value, read_text
from workerhost_drawings.documents.scope import Scope
from workerhost_drawings.documents.uses import Uses
from workerhost_drawings.flow.building import FlowBuilder, Piece
from workerhost_drawings.flow.chains import timed
from workerhost_drawings.flow.expressions import Expression, Helper, Jq, Local, Value
from workerhost_drawings.flow.program import INPUT, Program
from workerhost_drawings.open_workflow.building import Shared
from workerhost_drawings.open_workflow.lowering import Tasks
from workerhost_drawings.open_workflow.pieces import assign, checked
from workerhost_drawings.open_workflow.schedules import triggers
from workerhost_drawings.problems import Findings, Read

_TOP = ("document", "input", "use", "do", "timeout", "output", "schedule", "evaluate")
_DOCUMENT = ("dsl", "namespace", "name", "version", "title", "summary", "tags", "metadata")
_USE = ("authentications", "errors", "extensions", "functions", "retries", "secrets", "timeouts", "catalogs")
_VERSION = re.compile(r"1\.0\.\d+([-+].*)?")
_RUNTIME = {"name": "workerhost", "version": "1", "metadata": {}}
_DATA, _CONTEXT, _ENVIRONMENT, _WORKFLOW, _RUNTIME_LOCAL = "data", "context", "environment", "workflow", "runtime"


def read_open_workflow(source: object, context: CompileContext, findings: Findings) -> Read | None:
    """Return the program of an Open Workflow document, an object or a text in YAML or JSON.

    None where nothing can be made of it, and the findings say why.
    """
    try:
        value = read_text(source) if isinstance(source, str) else source
        check_value(value)
    except UnreadableError as error:
        findings.problem(str(error))
        return None
    root = Place(value, "", findings)
    members = root.object(_TOP, ("document", "do"))
    if not members:
        return None
    described = _described(members)
    read = _Document(root, members, context).read(described)
    return None if findings.problems else read


def _described(members: Mapping[str, Place]) -> str:
    """Check what the document says of itself, and return its description."""
    parts = members["document"].object(_DOCUMENT, _DOCUMENT[:4]) if "document" in members else {}
    if "dsl" in parts and not _VERSION.fullmatch(parts["dsl"].text() or "1.0.0"):
        parts["dsl"].problem(f"version {parts['dsl'].value} of the DSL is not known; 1.0.0 to 1.0.3 are")
    for name in ("namespace", "name", "version", "title", "summary"):
        if name in parts:
            parts[name].text()
    evaluate = members["evaluate"].object(("language", "mode")) if "evaluate" in members else {}
    if "language" in evaluate:
        evaluate["language"].text("jq")
    if "mode" in evaluate:
        evaluate["mode"].text("strict")
    return next((str(parts[name].value) for name in ("summary", "title") if name in parts), "")


class _Document:
    def __init__(self, root: Place, members: Mapping[str, Place], context: CompileContext) -> None:
        self._root, self._members, self._context = root, members, context
        self._use = members["use"].object(_USE) if "use" in members else {}
        for unknown in ("extensions",):
            if unknown in self._use and self._use[unknown].value:
                self._use[unknown].problem(f"{unknown} are not built; put the tasks where they are needed")
        taken = {INPUT, _DATA, _CONTEXT, _ENVIRONMENT, _WORKFLOW, _RUNTIME_LOCAL}
        self._shared = Shared(context, root, Uses(self._use), taken)
        variables = {"context": _CONTEXT, "secrets": _ENVIRONMENT, "workflow": _WORKFLOW, "runtime": _RUNTIME_LOCAL}
        self._scope = Scope(_DATA, variables, set())
        output = members["output"].object(("schema", "as")) if "output" in members else {}
        self._output = output
        self._tasks = Tasks(self._shared, self._result)

    def read(self, described: str) -> Read:
        """Return the program."""
        limit = self._members.get("timeout")
        flow = FlowBuilder(self._result(self._scope), is_main=limit is None)
        begin = self._tasks.tasks(self._members["do"], self._scope, flow, None) if "do" in self._members else None
        begin = flow.add(self._first(), "#begin", begin)
        whole = flow.flow(begin, self._result(self._scope))
        if limit is not None:
            whole = timed(whole, {"id": "#timeout", **self._tasks.deadline(limit, self._scope, "/")})
        used = _ENVIRONMENT in self._scope.used
        program = Program(
            name=self._context.workflow,
            description=described,
            flow=whole,
            environment=_ENVIRONMENT if used else None,
            environment_names=self._secrets() if used else (),
            triggers=triggers(self._members.get("schedule"), self._context.workflow),
        )
        return Read(program, self._shared.types)

    def _first(self) -> list[Piece]:
        """Return the steps before the first task; comes after the rest, which says what of them is needed."""
        parts = self._members["input"].object(("schema", "from")) if "input" in self._members else {}
        before = self._scope.over(_DATA)
        pieces: list[Piece] = [assign(_DATA, Jq(code=".", data=INPUT)), *checked(_DATA, parts.get("schema"), "/")]
        after = [assign(_DATA, before.from_or_as(parts["from"]))] if "from" in parts else []
        if _WORKFLOW in self._scope.used:
            said: list[Expression] = [Value(value=self._root.value), Local(name=_DATA)]
            pieces.append(assign(_WORKFLOW, Helper(function="descriptors.of_workflow", arguments=said)))
        if _RUNTIME_LOCAL in self._scope.used:
            pieces.append(assign(_RUNTIME_LOCAL, Value(value=_RUNTIME)))
        pieces += after
        if _CONTEXT in self._scope.used:
            pieces.append(assign(_CONTEXT, Local(name=_DATA)))
        return pieces

    def _result(self, scope: Scope) -> Expression:
        """Return what the run is worth where it ends with the data of a scope."""
        result = scope.from_or_as(self._output["as"]) if "as" in self._output else Local(name=scope.data)
        for piece in checked(scope.data, self._output.get("schema"), "/"):
            helper = piece["value"]
            result = Helper(function=helper.function, arguments=[result, *helper.arguments[1:]])
        return result

    def _secrets(self) -> tuple[str, ...]:
        if "secrets" not in self._use:
            self._root.problem("$secrets holds what use.secrets lists; it lists none")
            return ()
        return tuple(each.text() for each in self._use["secrets"].items("a list of names"))
