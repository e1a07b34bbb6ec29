"""What is wrong with a canvas: all of it at once, with the node and the field."""

import time
from typing import Any

import pytest
from drawings_canvas import activity, graph, line, node, reading

BROKEN: list[tuple[str, dict[str, Any], str | None, str | None, str]] = [
    ("no trigger", {"nodes": [activity("a")], "edges": []}, None, None, "no trigger"),
    (
        "two triggers",
        graph([node("t", "trigger"), node("u", "trigger"), activity("a")], "t > a", "u > a"),
        *("u", "type", "t is one already"),
    ),
    ("an edge to nowhere", graph([activity("a")], "start > a", "a > gone"), "a", "edges", "names the node gone"),
    ("an edge from nowhere", graph([activity("a")], "start > a", "gone > a"), "a", "edges", "names the node gone"),
    ("an unreachable node", graph([activity("a"), activity("b")], "start > a"), "b", None, "No way leads"),
    (
        "a cycle without exit",
        graph([activity("a"), activity("b")], "start > a", "a > b", "b > a"),
        *("a", None, "cycle of the nodes a, b"),
    ),
    ("a cycle of one node", graph([activity("a")], "start > a", "a > a"), "a", None, "cycle of the nodes a."),
    ("two nodes of one id", graph([activity("a"), activity("a")], "start > a"), "a", "id", "Two nodes"),
    ("an unknown type", line(node("a", "activty")), "a", "type", "Near to it: activity"),
    ("a gateway", line(node("a", "kong-route")), "a", "type", "gateway of its product"),
    ("an MCP server", line(node("a", "mcp-server")), "a", "type", "gateway of its product"),
    (
        "an unknown activity",
        line(node("a", "activity", componentName="smpleActivity")),
        "a",
        "componentName",
        "Near to it: sampleActivity",
    ),
    ("no activity", line(node("a", "agent")), "a", "componentName", "calls nothing"),
    ("a missing field", line(activity("a", config={"times": 2})), "a", "config.message", "needs the field message"),
    (
        "no input at all",
        line(node("a", "activity", componentName="sampleActivity")),
        "a",
        "config.message",
        "needs the field",
    ),
    (
        "an unknown field",
        line(activity("a", config={"message": "x", "mesage": "${input.y}"})),
        "a",
        "config.mesage",
        "takes no field",
    ),
    (
        "a wrong type",
        line(activity("a", config={"message": "x", "times": "many"})),
        "a",
        "config.times",
        "not of type 'integer'",
    ),
    ("a bad timeout", line(activity("a", timeout="soon")), "a", "timeout", "30s, 500ms"),
    ("no timeout", line(activity("a", timeout=0)), "a", "timeout", "longer than nothing"),
    (
        "an unknown strategy",
        line(activity("a", retryPolicy={"strategy": "fail-after"})),
        "a",
        "retryPolicy.strategy",
        "Near to it: fail-after-x",
    ),
    (
        "no attempts",
        line(activity("a", retryPolicy={"strategy": "fail-after-x"})),
        "a",
        "retryPolicy.maxAttempts",
        "needs maxAttempts",
    ),
    (
        "bad attempts",
        line(activity("a", retryPolicy={"maxAttempts": 1.5})),
        "a",
        "retryPolicy.maxAttempts",
        "whole number",
    ),
    (
        "a short interval",
        line(activity("a", retryPolicy={"initialInterval": "5s", "maxInterval": "1s"})),
        "a",
        "retryPolicy.maxInterval",
        "shorter",
    ),
    ("no policy", line(activity("a", retryPolicy="often")), "a", "retryPolicy", "an object"),
    ("an empty signal", line(node("a", "signal")), "a", "signalName", "signalName is empty"),
    ("a computed signal", line(node("a", "signal", signalName="${input.x}")), "a", "signalName", "no expression"),
    (
        "an empty condition",
        graph([node("a", "condition"), activity("b")], "start > a", "a > b : true"),
        "a",
        "condition",
        "no expression",
    ),
    (
        "a condition of one side",
        graph([node("a", "condition", condition="input"), activity("b")], "start > a", "a > b : false"),
        "a",
        "edges",
        "No edge labelled true",
    ),
    (
        "a condition without labels",
        graph([node("a", "condition", condition="input"), activity("b"), activity("c")], "start > a", "a > b", "a > c"),
        *("a", "edges", "Label the edges out of this node: true and false"),
    ),
    (
        "a condition with two true edges",
        graph(
            [node("a", "condition", condition="input"), activity("b"), activity("c")],
            "start > a",
            "a > b : true",
            "a > c : yes",
        ),
        *("a", "edges", "Several edges labelled true"),
    ),
    (
        "a path to nowhere",
        graph(
            [node("a", "condition", config={"condition": "input", "truePath": "gone"}), activity("b")],
            "start > a",
            "a > b : true",
        ),
        *("a", "config.truePath", "no node has that id"),
    ),
    (
        "an edge for errors",
        graph([activity("a"), activity("b")], "start > a", "a > b : error"),
        "a",
        "edges",
        "no edges for errors",
    ),
    (
        "something after the end",
        graph([node("a", "end"), activity("b")], "start > a", "a > b"),
        "a",
        "edges",
        "Nothing can follow",
    ),
    (
        "an empty loop",
        graph([node("a", "loop"), activity("b")], "start > a", "a > b : continue", "b > a"),
        "a",
        "condition",
        "neither how long",
    ),
    (
        "a loop without a body",
        graph([node("a", "loop", condition="input"), activity("b")], "start > a", "a > b : done"),
        "a",
        "edges",
        "labelled continue",
    ),
    (
        "a bad item",
        graph(
            [node("a", "loop", config={"items": "input", "itemVariable": "1st"}), activity("b")],
            "start > a",
            "a > b : continue",
            "b > a",
        ),
        "a",
        "config.itemVariable",
        "is a name",
    ),
    (
        "a hidden name",
        graph(
            [node("a", "loop", config={"items": "input", "itemVariable": "state"}), activity("b")],
            "start > a",
            "a > b : continue",
            "b > a",
        ),
        "a",
        "config.itemVariable",
        "none that means something else",
    ),
    (
        "a bad limit",
        graph(
            [node("a", "loop", condition="input", continueAsNew=True, maxIterationsBeforeReset=0), activity("b")],
            "start > a",
            "a > b : continue",
            "b > a",
        ),
        "a",
        "maxIterationsBeforeReset",
        "1 at least",
    ),
    (
        "no variable",
        line(node("a", "state-variable", componentName="GetVariable")),
        "a",
        "variableName",
        "variableName is empty",
    ),
    (
        "no component",
        line(node("a", "state-variable", componentName="GetVariabel", variableName="x")),
        "a",
        "componentName",
        "Near to it: GetVariable",
    ),
    (
        "no value",
        line(node("a", "state-variable", componentName="SetVariable", variableName="x")),
        "a",
        "valueExpression",
        "set to nothing",
    ),
    (
        "a bad scope",
        line(node("a", "state-variable", componentName="GetVariable", variableName="x", variableScope="global")),
        "a",
        "variableScope",
        "workflow, project, service",
    ),
    ("no child", line(node("a", "child-workflow", config={})), "a", "config.workflowType", "workflowType is empty"),
    (
        "a bad policy",
        line(node("a", "child-workflow", config={"workflowType": "order", "parentClosePolicy": "keep"})),
        "a",
        "config.parentClosePolicy",
        "terminate, abandon",
    ),
    ("an empty mapping", line(node("a", "data-in", config={})), "a", "config", "mapping is empty"),
    (
        "an empty line",
        line(node("a", "activity", componentName="Log", logMessage="")),
        "a",
        "logMessage",
        "logMessage is empty",
    ),
    (
        "a bad trigger",
        line(node("a", "trigger", triggerType="button"), activity("b")),
        "a",
        "triggerType",
        "manual, api-endpoint",
    ),
    (
        "an empty retry",
        line(node("a", "retry", config={"maxAttempts": "x"}), activity("b")),
        "a",
        "config.maxAttempts",
        "number from 1",
    ),
    (
        "branches that share nodes",
        graph(
            [activity("a"), node("b", "condition", condition="input"), activity("c"), activity("d"), activity("e")],
            *("start > a", "start > b", "a > c", "b > c : true", "b > d : false", "c > e"),
        ),
        *("start", "edges", "share the nodes c"),
    ),
    (
        "a branch that leads back",
        graph(
            [activity("a"), activity("b"), node("c", "condition", condition="input"), activity("d")],
            *("start > a", "a > b", "a > c", "c > a : true", "c > d : false"),
        ),
        *("a", "edges", "leads back to the node"),
    ),
    (
        "a way into a loop",
        graph(
            [
                node("i", "condition", condition="input"),
                node("l", "loop", condition="input"),
                activity("a"),
                activity("b"),
            ],
            *("start > i", "i > l : true", "i > b : false", "l > a : continue", "a > b", "b > l"),
        ),
        *("i", "edges", "leads into the body of the loop l from outside"),
    ),
    (
        "a way out of a loop through items",
        graph(
            [node("l", "loop", config={"items": "input"}), node("i", "condition", condition="input"), activity("a")],
            *("start > l", "l > i : continue", "i > a : true", "i > l : false", "l > a : done"),
        ),
        *("l", "edges", "out of the body"),
    ),
    (
        "loops in each other with one name",
        graph(
            [node("l", "loop", config={"items": "input"}), node("m", "loop", config={"items": "input"}), activity("a")],
            *("start > l", "l > m : continue", "m > a : continue", "a > m", "m > l : done"),
        ),
        *("l", "config.itemVariable", "both name an item item"),
    ),
]


@pytest.mark.parametrize(
    ("source", "where", "path", "words"), [each[1:] for each in BROKEN], ids=[each[0] for each in BROKEN]
)
def test_what_is_wrong_is_said_with_the_node_and_the_field(
    source: dict[str, Any], where: str | None, path: str | None, words: str
) -> None:
    problem = reading(source).problem
    assert words in problem.reason
    assert (problem.node, problem.path) == (where, path)
    assert problem.reason.endswith(".")


def test_everything_that_is_wrong_is_said_at_once() -> None:
    source = graph(
        [
            activity("a", config={"times": "x"}, timeout="soon", retryPolicy={"strategy": "often"}),
            node("b", "condition"),
            node("c", "kong-route"),
            node("d", "signal"),
            activity("e"),
        ],
        *("start > a", "a > b", "b > c", "b > d", "d > nowhere"),
    )
    found = {(each.node, each.path) for each in reading(source).problems}
    assert found == {
        ("a", "config.message"),
        ("a", "config.times"),
        ("a", "timeout"),
        ("a", "retryPolicy.strategy"),
        ("b", "condition"),
        ("b", "edges"),
        ("c", "type"),
        ("d", "signalName"),
        ("d", "edges"),
        ("e", None),
    }


@pytest.mark.parametrize(
    ("source", "path", "words"),
    [
        (None, None, "an object with `nodes`"),
        ([], None, "an object with `nodes`"),
        ("{", None, "no JSON"),
        ("", None, "no JSON"),
        ("nodes: [*a]", None, "no YAML"),
        ("a: &a [1, 1, 1, 1]\nb: [*a, *a]\na: 1", None, "stands twice"),
        ("[" * 100_000, None, "nested too deeply"),
        ("[" + "1" * 5000, None, "number that is too long"),
        ({}, "nodes", "no list `nodes`"),
        ({"nodes": {}}, "nodes", "no list `nodes`"),
        ({"nodes": [], "edges": {}}, "edges", "`edges` is a list"),
        ({"nodes": [1]}, "nodes.0", "."),
        ({"nodes": [{"id": "a"}]}, "nodes.0.type", "Field required"),
        ({"nodes": [{"id": "a\nb", "type": "end"}]}, "nodes.0.id", "without control characters"),
        ({"nodes": [{"id": 1, "type": "end"}]}, "nodes.0.id", "An id is a text"),
        ({"nodes": [], "edges": [{"source": "a"}]}, "edges.0.target", "Field required"),
        ({"nodes": [], "variables": [{}]}, "variables.0.name", "Field required"),
    ],
)
def test_what_is_no_graph_is_refused(source: object, path: str | None, words: str) -> None:
    problem = reading(source).problem
    assert problem.path == path
    assert words in problem.reason


def test_text_and_depth_are_bounded() -> None:
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    nodes = [activity("a", "${input.x}" + "x" * 1_000_000), activity("b", config={"deep": deep})]
    problems = reading(line(*nodes)).problems
    assert [(each.node, each.path) for each in problems[:1]] == [("a", "config.message")]
    assert "65536 are the most" in problems[0].reason
    assert problems[1].node == "b"
    assert "30 deep" in problems[1].reason


def test_texts_and_keys_are_whole() -> None:
    nodes = [activity("a", "half \ud800"), activity("b", config={"message": "x", "\udfff": 1, "k" * 2000: 2})]
    assert [(each.node, each.path) for each in reading(line(*nodes)).problems] == [
        ("a", "config.message"),
        ("b", "config"),
    ]


def test_five_thousand_nodes_are_refused_with_what_would_do() -> None:
    ids = [f"n{index}" for index in range(5000)]
    problem = reading(line(*(activity(each) for each in ids))).problems[0]
    assert problem.path == "nodes"
    assert "5001 nodes, and 2000 are the most" in problem.reason


@pytest.mark.parametrize("shape", ["line", "conditions", "forks", "loops", "open"])
def test_the_largest_drawing_is_read_in_seconds(shape: str) -> None:
    count = {"line": 1990, "conditions": 490, "forks": 490, "loops": 200, "open": 990}[shape]
    nodes: list[dict[str, Any]] = []
    links: list[str] = []
    last = "start"
    for n in range(count):
        if shape == "line":
            nodes.append(activity(f"a{n}"))
            links.append(f"{last} > a{n}")
            last = f"a{n}"
        elif shape in ("conditions", "forks"):
            head = node(f"h{n}", "phase") if shape == "forks" else node(f"h{n}", "condition", condition="input.x")
            nodes += [head, activity(f"a{n}"), activity(f"b{n}"), activity(f"m{n}")]
            links += [f"{last} > h{n}", f"h{n} > a{n} : true", f"h{n} > b{n} : false", f"a{n} > m{n}", f"b{n} > m{n}"]
            last = f"m{n}"
        elif shape == "loops":
            nodes += [node(f"h{n}", "loop", condition="input.x"), activity(f"a{n}")]
            links += [f"{last} > h{n}{' : done' if n else ''}", f"h{n} > a{n} : continue", f"a{n} > h{n}"]
            last = f"h{n}"
        else:
            nodes += [node(f"h{n}", "condition", condition="input.x"), activity(f"a{n}")]
            links += [f"{last} > h{n}", f"h{n} > a{n} : true"]
            last = f"a{n}"
    begun = time.monotonic()
    assert reading(graph(nodes, *links)).program.flow.steps
    assert time.monotonic() - begun < 5


def test_loops_in_loops_in_loops_have_an_end() -> None:
    nodes = [node(f"l{n}", "loop", condition="input.x") for n in range(40)]
    links = [
        "start > l0",
        *(f"l{n} > l{n + 1} : continue" for n in range(39)),
        *(f"l{n + 1} > l{n} : done" for n in range(39)),
    ]
    problem = reading(graph([*nodes, activity("a")], *links, "l39 > a : continue", "a > l39")).problem
    assert "12 deep at most" in problem.reason


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"message": "x", "password": "hunter22"}, "config.password"),
        ({"message": "x", "headers": {"Authorization": "Bearer abc"}}, "config.headers.Authorization"),
        ({"message": "x", "apiKey": "12345678"}, "config.apiKey"),
        ({"message": "AKIA" + "A" * 16}, "config.message"),
        ({"message": "use ghp_" + "a" * 36}, "config.message"),
        ({"message": "postgresql://me:hunter22@db/x"}, "config.message"),
        ({"message": ["-----BEGIN RSA PRIVATE KEY-----"]}, "config.message.0"),
    ],
)
def test_a_secret_in_the_drawing_is_warned_about_and_not_repeated(config: dict[str, Any], path: str) -> None:
    read = reading(line(node("a", "activity", componentName="transformData", config=config)))
    assert (read.warning.node, read.warning.path) == ("a", path)
    assert "looks like a secret" in read.warning.reason


@pytest.mark.parametrize("text", ["${env.PASSWORD}", "Bearer ${env.TOKEN}"])
def test_a_secret_from_the_environment_is_fine(text: str) -> None:
    config = {"password": text, "tokens": 12, "message": "x"}
    settings = {"environment": {"PASSWORD": "x", "TOKEN": "y"}}
    read = reading(line(node("a", "activity", componentName="transformData", config=config)), settings)
    assert read.findings.warnings == []
    assert read.program.environment == "env"


def test_a_name_that_the_environment_lacks_is_warned_about() -> None:
    read = reading(
        line(activity("a", "${env.MAIL_HOST} ${env['PORT']}")), {"environment": {"MAIL_HOSTS": "x", "PORT": "1"}}
    )
    assert read.program.environment_names == ("MAIL_HOST", "PORT")
    assert (read.warning.node, read.warning.path) == ("a", "config.message")
    assert "has no MAIL_HOST" in read.warning.reason
    assert "Near to it: MAIL_HOSTS" in read.warning.reason


@pytest.mark.parametrize(
    ("source", "node_id", "words"),
    [
        (line(node("r", "retry", config={"maxAttempts": 2}), node("p", "phase")), "r", "No activity"),
        (
            graph(
                [node("l", "loop", condition="input.x", continueAsNew=True), activity("a")],
                *("start > l", "l > a : continue", "a > l"),
                metadata={"timeout": "5m"},
            ),
            *(None, "no effect where a loop continues as new"),
        ),
        (
            graph(
                [node("l", "loop", config={"items": "input.x"}, continueAsNew=True), activity("a")],
                *("start > l", "l > a : continue", "a > l"),
            ),
            *("l", "stays in one run"),
        ),
        (
            graph(
                [
                    node("l", "loop", condition="input.x"),
                    node("m", "loop", condition="input.x", continueAsNew=True),
                    activity("a"),
                ],
                *("start > l", "l > m : continue", "m > a : continue", "a > m", "m > l : done"),
            ),
            *("m", "where no run continues as new"),
        ),
    ],
)
def test_what_has_no_effect_is_warned_about(source: dict[str, Any], node_id: str | None, words: str) -> None:
    read = reading(source)
    assert read.warning.node == node_id
    assert words in read.warning.reason


def test_a_phase_without_edges_is_a_frame_and_nothing_else() -> None:
    source = line(activity("a"))
    source["nodes"].append(node("frame", "phase", label="All of it"))
    assert [each.id for each in reading(source).program.flow.steps] == ["start", "a"]


def test_expressions_are_looked_at_as_well_where_other_things_are_wrong() -> None:
    nodes = [
        activity("a", "${nothing.x} ${input.}", timeout="soon"),
        node("l", "loop", condition="__class__", config={}),
        node("if", "condition", condition="${input.a} === ${input.b}"),
        node("end", "end", resultMapping="input.constructor"),
    ]
    links = ["start > a", "a > l", "l > l : continue", "l > if : done", "if > end : true", "if > end : false"]
    found = {(each.node, each.path) for each in reading(graph(nodes, *links)).problems}
    assert found == {
        ("a", "timeout"),
        ("a", "config.message"),
        ("l", "condition"),
        ("if", "condition"),
        ("end", "resultMapping"),
    }


def test_the_environment_is_read_name_by_name() -> None:
    problem = reading(line(activity("a", "${JSON.stringify(env)}"))).problem
    assert (problem.node, problem.path) == ("a", "config.message")
    assert "env.NAME" in problem.reason


def test_a_timeout_of_the_whole_drawing_that_is_none_is_refused() -> None:
    problem = reading({"definition": line(activity("a")), "executionSettings": {"timeout": "soon"}}).problem
    assert problem.path == "timeout"
    assert "The timeout of the whole drawing" in problem.reason
