"""The text of emitted modules."""

import os
import subprocess
import sys
import time
from itertools import zip_longest
from pathlib import Path

import pytest
from drawings_emit import (
    Part,
    activity,
    body_of,
    branch,
    code_of,
    compile_program,
    end,
    fields,
    flow,
    jq,
    js,
    local,
    program,
    put,
    step,
    value,
)

ORDER = program(
    step("mark", "trigger-1", label="An order comes in"),
    activity(
        "fetch-1",
        "fetchOrder",
        fields(id=local("input")),
        label="Fetch the order",
        retry={"maximumAttempts": 3, "initialInterval": 1500, "nonRetryableErrorTypes": ["NotFound"]},
        startToClose=30_000,
        heartbeat=5000,
    ),
    branch("condition-1", jq(".total > 100", "fetch-1"), "approval-1", next="end-1", label="Expensive?"),
    step("receive", "approval-1", signal="approve", timeout=3_600_000, result="approval-1", label="Wait for approval"),
    end("end-1", fields(order=local("fetch-1"), approval=local("approval-1")), label="Done"),
    description="Orders that cost much are approved",
)
CODE = Path(__file__).with_name("drawings")
"""The folder of the texts of modules."""

EVERYTHING = program(
    put("state", "state", value({"n": 1.5, "list": [1, None, True, "ä"]})),
    step(
        "each", "each", items=local("input"), item="class", index="i",
        body=flow(
            activity("in", "echo", fields(item=local("class"), i=local("i"))),
            branch("stop?", local("in"), "stop", next=None),
            end("stop", local("in")),
        ),
    ),
    step(
        "while", "while", condition=local("state"), resetAfter=10, resetHistory=5000,
        body=flow(put("again", "state", local("input"), member="x")),
    ),
    step(
        "parallel", "fork", result="both",
        branches=[
            {"name": "left", "flow": flow(activity("l", "echo"), put("s", "shared", local("l")), result=local("l"))},
            {"name": "left", "flow": flow(activity("r", "echo"), end("early", local("r")))},
        ],
    ),
    step(
        "try", "/do/3/try", caught="error", matching={"status": 503}, when=local("error"),
        again={"attempts": 3, "delay": 1000, "backoff": "linear", "duration": 60_000, "attemptTimeout": local("both")},
        body=flow(activity("t", "echo"), step("raise", "raise", error=fields(type=value("x"), status=value(500)))),
        handler=flow(put("h", "shared", local("error"))),
    ),
    step("deadline", "late", after=1000, error=value({"type": "x", "status": 408}), body=flow(activity("d", "echo"))),
    step("listen", "li", mode="any", filters=[local("ev")], event="ev", until=local("ev"), each=flow(
        activity("e", "echo", local("ev"))), result="events"),
    step("changeVariable", "cv", scope="service", name=value("n"), value=local("state"), present="state", member="c"),
    step("child", "child", workflowType="other", waits=False, result="id", parentClosePolicy="request_cancel"),
    end("end", {"kind": "list", "items": [local(each) for each in ("shared", "events", "id", "env")]}),
    environment="env",
    environmentNames=["KEY"],
    inputSchema={"type": "array"},
    signals=["early"],
)  # fmt: skip

LANE = """
# fork
self.passed("fork")

async def lane() -> Any:
    nonlocal x
    # a
    a = await workflow.execute_activity("go", start_to_close_timeout=timedelta(minutes=10), summary="[node: a]")
    # b
    self.passed("b")
    x = a

await asyncio.gather(lane())
# end
self.passed("end")
return js.plain(x)
"""


def test_a_small_program_becomes_the_code_that_a_person_would_have_written() -> None:
    assert code_of(ORDER, "approve-order") == (CODE / "emitted_order.py.txt").read_text(encoding="utf-8")


def test_every_kind_of_step_has_its_form() -> None:
    assert code_of(EVERYTHING, "everything") == (CODE / "emitted_everything.py.txt").read_text(encoding="utf-8")


def test_the_map_names_the_line_of_each_node() -> None:
    made = compile_program(ORDER)
    lines = made.workflow_code.splitlines()
    assert [(each.node, lines[each.line - 1].strip()) for each in made.map] == [
        ("trigger-1", "# An order comes in"),
        ("fetch-1", "# Fetch the order"),
        ("condition-1", "# Expensive?"),
        ("approval-1", "# Wait for approval"),
        ("end-1", "# Done"),
    ]
    assert made.map[0].label == "An order comes in"


def test_only_locals_that_may_be_read_too_early_get_a_value_first() -> None:
    source = program(
        activity("a", "go"),
        branch("b", jq(".x", "a"), "c", next="d"),
        put("c", "maybe", local("a")),
        end("d", {"kind": "list", "items": [local("maybe"), local("a")]}),
    )
    assert [line for line in body_of(source).splitlines() if "undefined" in line] == ["maybe = js.undefined"]


def test_a_local_that_nothing_reads_is_no_variable() -> None:
    assert "=" not in body_of(program(activity("a", "go"))).replace("_timeout=", "").replace("summary=", "").replace(
        "minutes=", ""
    )


def test_a_parallel_branch_says_which_variables_are_not_its_own() -> None:
    lane = flow(activity("a", "go"), put("b", "x", local("a")))
    source = program(step("parallel", "fork", branches=[{"name": "lane", "flow": lane}]), end("end", local("x")))
    assert body_of(source) == "x = js.undefined" + LANE


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("x > 1", "if js.greater(x, 1):"),
        ("x", "if js.truthy(x):"),
        ("x && !y", "if js.truthy(x) and (not js.truthy(y)):"),
        ("x === 1 || y", "if js.strict_equals(x, 1) or js.truthy(y):"),
    ],
)
def test_a_condition_is_a_test_of_python(code: str, written: str) -> None:
    source = program(
        put("a", "x", local("input")),
        put("b", "y", local("input")),
        branch("if", js(code), "c", next="d"),
        activity("c", "go"),
        step("mark", "d"),
        names={"x": "x", "y": "y"},
    )
    assert written in body_of(source).splitlines()


@pytest.mark.parametrize(
    ("milliseconds", "written"),
    [
        (0, "milliseconds=0"),
        (1500, "milliseconds=1500"),
        (2000, "seconds=2"),
        (120_000, "minutes=2"),
        (7_200_000, "hours=2"),
        (172_800_000, "days=2"),
    ],
)
def test_a_duration_stands_in_its_largest_unit(milliseconds: int, written: str) -> None:
    assert f"timedelta({written})" in code_of(program(step("wait", "w", duration=milliseconds)))


@pytest.mark.parametrize(
    "own",
    ["class", "print", "match", "self", "workflow", "js", "1st", "Ünïcode", "日本", "a-b", "a_b", "fetchOrder", "run"],
)
def test_locals_of_any_name_become_variables(own: str) -> None:
    code = code_of(
        program(
            put("a", own, local("input")), put("b", "a_b", value(2)), end("c", fields(x=local(own), y=local("a_b")))
        )
    )
    compile(code, "code", "exec")
    assert "undefined" not in code


@pytest.mark.parametrize("name", ["order", "my-order 2", "2nd", "日本", "class", "Drawn", "Any", "workflow"])
def test_the_workflow_type_is_the_name_and_the_class_a_python_name(name: str) -> None:
    code = code_of(program(end("a")), name)
    namespace: dict[str, object] = {"__name__": "drawn_module"}
    exec(compile(code, "code", "exec"), namespace)
    assert f'@workflow.defn(name="{name}")' in code


def everything_with_labels(part: object, label: str) -> object:
    """Return a program in which each step has a label."""
    if isinstance(part, dict):
        labelled = {key: everything_with_labels(each, label) for key, each in part.items()}
        return {**labelled, "label": label} if "id" in part and "kind" in part else labelled
    return [everything_with_labels(each, label) for each in part] if isinstance(part, list) else part


@pytest.mark.parametrize(
    "label",
    ["fmt: off", "type: ignore", "noqa", "one\ntwo\r\u2028three\x00\x0c", "\\", '"""', "x" * 5000, "\ud800", " "],
)
def test_a_label_changes_nothing_but_comments(label: str) -> None:
    plain = code_of(EVERYTHING).splitlines()
    labelled = code_of(everything_with_labels(EVERYTHING, label)).splitlines()
    for one, other in zip_longest(plain, labelled):
        assert one == other or (one.lstrip()[0] == "#" == other.lstrip()[0])
    "\n".join(labelled).encode()


def test_a_changed_label_changes_one_line() -> None:
    changed = {**ORDER, "flow": {**ORDER["flow"], "steps": [dict(each) for each in ORDER["flow"]["steps"]]}}
    changed["flow"]["steps"][1]["label"] = "Ask for the order"
    pairs = zip_longest(code_of(ORDER).splitlines(), code_of(changed).splitlines())
    assert [pair for pair in pairs if pair[0] != pair[1]] == [
        ("        # Fetch the order", "        # Ask for the order")
    ]


def test_the_same_program_gives_the_same_bytes_in_every_process() -> None:
    here = code_of(EVERYTHING)
    assert here == code_of(EVERYTHING)
    script = "import sys, test_drawings_emit as t; sys.stdout.write(t.code_of(t.EVERYTHING))"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True)
        assert done.stdout.decode() == here


ASKED = program(
    activity("a", "go"),
    step("receive", "w", signal="go on", result="w"),
    queries=[{"name": "state", "node": "q", "value": fields(a=local("a"), by=js("w?.by"))}],
    updates=[{"name": "go on", "node": "u", "withFields": True}],
    names={"w": "w"},
)
MESSAGES = """
    @workflow.signal(name="go on")
    def on_go_on(self, payload: Any = None) -> None:
        self.keep("go on", payload)

    @workflow.query(name="state")
    def on_state(self) -> Any:
        return self.answer("state")

    @workflow.update(name="go on")
    def on_go_on_update(self, payload: Any = None) -> Any:
        return self.take("go on", payload)

    @on_go_on_update.validator
    def check_go_on(self, payload: Any = None) -> None:
        self.refuse_without_fields("go on", payload)

    @workflow.run
    async def run(self, input: Any = None) -> Any:
        w = js.undefined
        a = js.undefined
        self.answers("state", lambda: js.plain({"a": a, "by": js.maybe(w, "by")}))
"""


def test_queries_and_updates_are_methods_and_what_they_answer_stands_in_run() -> None:
    assert MESSAGES in code_of(ASKED)


@pytest.mark.parametrize("source", [ORDER, EVERYTHING, ASKED])
def test_emitted_code_has_nothing_that_a_linter_complains_of(source: Part) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=E,F", "--ignore=E501", "-"]
    done = subprocess.run(command, input=code_of(source).encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_a_thousand_nodes_take_less_than_two_seconds() -> None:
    steps = [put("begin", "state", value({}))]
    for number in range(333):
        steps += [
            activity(f"a{number}", "go", fields(x=local("state"))),
            branch(f"b{number}", jq(".x", "state"), f"c{number}", next=f"a{number + 1}"),
            put(f"c{number}", "state", local(f"a{number}")),
        ]
    source = program(*steps, activity("a333", "go"), result=local("state"))
    began = time.process_time()
    assert len(compile_program(source).map) == 1001
    assert time.process_time() - began < 2  # of a processor, whatever else the machine does; 0.4 s as a rule
