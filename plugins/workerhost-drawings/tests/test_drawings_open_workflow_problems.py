"""What is wrong with a document is said at once, by its place, with what would do."""

import copy
import json
from typing import Any

import pytest
from drawings_open_workflow import context, document, problems, program, warnings

from workerhost.drawing import KnownActivity
from workerhost_drawings.documents.reading import read_text
from workerhost_drawings.open_workflow.front_end import read_open_workflow
from workerhost_drawings.problems import Findings

BOMB = "k0: &k0 [x, x]\n" + "".join(
    f"k{number}: &k{number} [{', '.join([f'*k{number - 1}'] * 9)}]\n" for number in range(1, 9)
)
"""A text whose aliases stand for millions of values."""


def test_every_problem_is_said_at_once() -> None:
    tasks = """
    - one: {set: {a: '${ .a + }'}, then: nowhere}
    - two: {wiat: PT1S}
    - one: {wait: PT1Q}
    """
    found = dict(problems(document(tasks)))
    assert set(found) == {"/do/0/one/then", "/do/0/one/set/a", "/do/1/two", "/do/2/one", "/do/2/one/wait"}
    assert found["/do/0/one/then"].startswith("no task of this list is called 'nowhere'; continue, exit, end, one")
    assert "jq does not compile it: syntax error" in found["/do/0/one/set/a"]
    assert found["/do/1/two"].startswith("the task is of no kind; one of for, try, call")
    assert "PT1M30S" in found["/do/2/one/wait"]


@pytest.mark.parametrize(
    ("tasks", "path", "reason"),
    [
        ("- a: {set: {x: 1}, iff: .x}", "/do/0/a/iff", "if would do"),
        ("- a: {call: http, with: {method: get}}", "/do/0/a/with", "endpoint is missing"),
        ("- a: {call: http}", "/do/0/a", "with is missing"),
        ("- a: {call: http, with: {method: get, endpoint: 'http://a/{b.c}'}}", "/do/0/a/with/endpoint", "reads deeper"),
        ("- a: {call: grpc, with: {}}", "/do/0/a", "a plugin with an activity named callGrpc would do"),
        ("- a: {run: {shell: {command: ls}}}", "/do/0/a", "`run shell` is not built"),
        ("- a: {run: {container: {image: x}}}", "/do/0/a", "an activity named runContainer would do"),
        ("- a: {call: sendMial, with: {to: x}}", "/do/0/a/call", "there is sendMail"),
        ("- a: {call: sendMail, with: {to: 1}}", "/do/0/a/with", "to: 1 is not of type 'string'"),
        ("- a: {call: sendMail, with: {cc: '${ .cc }'}}", "/do/0/a/with", "to is missing"),
        ("- a: {call: 'log:1@catalog'}", "/do/0/a/call", "functions of catalogs are not fetched"),
        ("- a: {raise: {error: missing}}", "/do/0/a/raise/error", "use.errors has no 'missing'"),
        ("- a: {raise: {error: {type: about:blank}}}", "/do/0/a/raise/error", "status is missing"),
        ("- a: {wait: {hour: 1}}", "/do/0/a/wait/hour", "hours would do"),
        ("- a: {wait: P1Y}", "/do/0/a/wait", "days, hours, minutes"),
        ("- a: {set: {x: '${ now }'}}", "/do/0/a/set/x", "`now` is no function of the expression's input"),
        ("- a: {set: {x: '${ $ENV.HOME }'}}", "/do/0/a/set/x", "use $secrets"),
        ("- a: {set: {x: '${ $colour }'}}", "/do/0/a/set/x", "there are $context"),
        ("- a: {set: {x: 1}, output: {schema: {document: {type: objekt}}}}", "/do/0/a/output/schema/document", "no J"),
        ("- a: {set: {x: 1}, input: {schema: {resource: {endpoint: x}}}}", "/do/0/a/input/schema", "is fetched"),
        ("- a: {for: {in: .x, each: input}, do: []}", "/do/0/a/for/each", "cannot be the name of a variable"),
        ("- a: {for: {each: x}, do: []}", "/do/0/a/for", "in is missing"),
        ("- a: {fork: {branches: []}}", "/do/0/a", "a fork needs branches"),
        ("- a: {try: [{b: {wait: PT1S}}]}", "/do/0/a", "catch is missing"),
        ("- a: {try: [], catch: {retry: often}}", "/do/0/a/catch/retry", "use.retries has no 'often'"),
        ("- a: {switch: [{b: {when: .x}}]}", "/do/0/a/switch/0/b", "then is missing"),
        ("- a: {switch: [{b: {then: end}}, {c: {then: end}}]}", "/do/0/a/switch/1/c", "one case without `when`"),
        ("- a: {listen: {to: {one: {with: {type: x}}, all: []}}}", "/do/0/a/listen/to", "one of one, any and all"),
        (
            "- a: {listen: {to: {one: {with: {type: x}, correlate: {k: {from: .k}}}}}}",
            "/do/0/a/listen/to/one/correlate/k",
            "is expected to be is not said",
        ),
        ("- a: {emit: {event: {with: {source: x}}}}", "/do/0/a/emit/event/with", "type is missing"),
        ("- {a: {wait: PT1S}, b: {wait: PT1S}}", "/do/0", "an object of one task"),
        ("- a: {call: http, with: {method: get, endpoint: {uri: 'http://a', authentication: {use: b}}}}",
         "/do/0/a/with/endpoint/authentication/use", "use.authentications has no 'b'"),
        ("- a: {call: http, with: {method: get, endpoint: {uri: 'http://a', authentication: {basic: {username: b}}}}}",
         "/do/0/a/with/endpoint/authentication/basic", "password is missing"),
        ("- a: {set: {x: '${ $secrets.key }'}}", "/", "use.secrets"),
    ],
)  # fmt: skip
def test_a_problem_says_where_it_is_and_what_would_do(tasks: str, path: str, reason: str) -> None:
    schema = {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}
    known = context({"sendMail": KnownActivity("sendMail", schema)})
    found = problems(document(tasks), known)
    assert [each for each, _ in found] == [path], found
    assert reason in found[0][1]


@pytest.mark.parametrize(
    ("more", "path", "reason"),
    [
        ("schedule: {after: PT1H}", "/schedule/after", "`every` would do"),
        ("schedule: {on: {one: {with: {type: x}}}}", "/schedule/on", "a webhook of the project"),
        ("schedule: {every: {milliseconds: 5}}", "/schedule/every", "whole number of seconds"),
        ("use: {extensions: [{x: {extend: all}}]}", "/use/extensions", "extensions are not built"),
        ("evaluate: {mode: loose}", "/evaluate/mode", "strict would do"),
        ("timeout: never", "/timeout", "use.timeouts has no 'never'"),
        ("input: {form: .x}", "/input/form", "from would do"),
    ],
)
def test_the_top_of_a_document_is_looked_at_too(more: str, path: str, reason: str) -> None:
    [(found, sentence)] = problems(document("- a: {set: {x: 1}}", more))
    assert found == path
    assert reason in sentence


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "more than 100000 values"),
        ("a: &a [*a]", "line 1: the value holds itself"),
        ("a: 1\nb: 2\na: 3", "line 3: the key 'a' stands twice"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ("[" * 500, "more than 100 deep"),
        ('{"a":' + "[" * 500 + "]" * 500 + "}", "more than 100 deep"),
        ("a: [", "line 1: it is no YAML"),
        ("a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("x" * 1_000_001, "at most 1000000 would do"),
        ("a: " + "9" * 5000, "line 1: the number is too large"),
        ("a: 1e999", "line 1: the number is too large"),
        ("? [a, b]\n: c", "line 1: the key of an object is a text"),
        ("a: \x00", "it is no YAML"),
    ],
)  # fmt: skip
def test_a_text_that_is_no_document_is_refused_in_a_sentence(text: str, reason: str) -> None:
    [(_, sentence)] = problems(text)
    assert reason in sentence


@pytest.mark.parametrize("value", [None, 1, [], "", "- a", True, {"do": {}}, {"document": []}])
def test_anything_may_be_sent(value: Any) -> None:
    assert problems(value)


EVERYTHING = """
- a: {call: http, with: {method: get, endpoint: {uri: 'http://a/{b}', authentication: {oauth2: {authority: 'http://a',
      grant: client_credentials, client: {id: x}}}}, headers: {a: b}, query: {c: 1}, body: {d: '${ . }'}, output: raw}}
- b: {call: openapi, with: {document: {endpoint: 'http://a'}, operationId: x, parameters: {y: 1}, redirect: true}}
- c: {do: [{d: {set: {x: 1}, then: exit}}], timeout: {after: {seconds: 1}}, then: e}
- e: {for: {each: x, in: .x, at: i}, while: .y, do: [{f: {wait: PT1S}}], if: .z, input: {from: .a, schema:
      {document: {type: object}}}, output: {as: .b}, export: {as: {c: '${ . }'}}}
- g: {fork: {compete: true, branches: [{h: {set: {x: 1}}}]}}
- i: {try: [{j: {raise: {error: {type: 'about:blank', status: 400}}}}], catch: {errors: {with: {status: 400}}, as: e,
      when: .a, exceptWhen: .b, retry: {when: .c, delay: PT1S, backoff: {linear: {}}, limit: {attempt: {count: 1,
      duration: PT1S}, duration: PT1M}, jitter: {from: PT0S, to: PT1S}}, do: [{k: {set: {x: 1}}}], then: l}}
- l: {switch: [{m: {when: .a, then: end}}, {n: {then: a}}], output: {as: .x}}
- o: {listen: {to: {any: [{with: {type: x}, correlate: {k: {from: .a, expect: '${ .b }'}}}], until: {one: {with:
      {type: y}}}}, read: envelope}, foreach: {item: x, at: y, do: [{p: {set: {x: 1}}}], output: {as: .a}}}
- q: {emit: {event: {with: {type: x, data: '${ . }'}}}}
- r: {run: {workflow: {namespace: a, name: b, version: '1', input: {x: 1}}, await: false}}
- s: {call: again, with: {a: 1}}
"""
MORE = """
use: {functions: {again: {set: {a: 1}}}, secrets: [x], retries: {y: {delay: PT1S}}, errors: {z: {type: a, status: 400}}}
input: {schema: {document: {type: object}}, from: .x}
output: {as: .y}
timeout: {after: PT1H}
schedule: {cron: '0 6 * * *'}
evaluate: {language: jq, mode: strict}
"""


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [at, *(place for key in keys for place in _places(value[key], (*at, key)))]


@pytest.mark.parametrize("other", [None, 5, "", "x", "${ . }", [], {}, [None], {"x": None}, {"use": "x"}, True])
def test_whatever_stands_at_whatever_place_is_answered_in_sentences(other: Any) -> None:
    whole = read_text(document(EVERYTHING, MORE))
    program(whole)
    for place in _places(whole)[1:]:
        changed = copy.deepcopy(whole)
        inside = changed
        for key in place[:-1]:
            inside = inside[key]
        inside[place[-1]] = other
        findings = Findings()
        read = read_open_workflow(changed, context(), findings)
        assert (read is None) == bool(findings.problems), place
        assert all(each.path is not None and len(each.reason) < 2000 for each in findings.problems)


def test_an_object_that_is_too_large_is_refused() -> None:
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    [(_, sentence)] = problems({"document": deep})
    assert "more than 100 deep" in sentence


def test_json_and_yaml_and_objects_give_the_same_program() -> None:
    value = {
        "document": {"dsl": "1.0.0", "namespace": "a", "name": "b", "version": "1.0.0"},
        "do": [{"x": {"set": {"on": "no", "at": "2024-01-01"}}}],
    }
    yaml = "document: {dsl: 1.0.0, namespace: a, name: b, version: 1.0.0}\ndo: [{x: {set: {on: no, at: 2024-01-01}}}]"
    assert program(value) == program(json.dumps(value)) == program(yaml)


def test_what_may_not_be_meant_is_a_warning() -> None:
    tasks = """
    - a: {set: {x: 'Hello ${ .name }'}}
    - b: {emit: {event: {with: {type: x}}}}
    - c: {run: {workflow: {namespace: a, name: other, version: '1'}}}
    """
    found = dict(warnings(document(tasks)))
    assert "more than `${ … }` stands in it" in found["/do/0/a/set/x"]
    assert "nobody else gets it" in found["/do/1/b"]
    assert "the project has no workflow other yet" in found["/do/2/c/run/workflow/name"]
    assert not warnings(
        document("- c: {run: {workflow: {namespace: a, name: other, version: '1'}}}"), context(types=("other",))
    )


def test_what_a_plugin_brings_is_no_problem() -> None:
    known = context({name: KnownActivity(name) for name in ("callGrpc", "runShell", "emitEvent")})
    tasks = """
    - a: {call: grpc, with: {method: '${ .m }'}}
    - b: {run: {shell: {command: ls}}}
    - c: {emit: {event: {with: {type: x}}}}
    """
    kinds = [getattr(step, "activity", step.kind) for step in program(document(tasks), known).flow.steps]
    assert {"callGrpc", "runShell", "emitEvent"} <= set(kinds)


def test_a_schedule_belongs_to_the_program() -> None:
    [trigger] = program(document("- a: {set: {x: 1}}", "schedule: {cron: '0 6 * * *'}")).triggers
    assert (trigger.kind, trigger.name, trigger.definition) == ("schedule", "drawn", {"cron": ["0 6 * * *"]})


def test_secrets_are_read_where_they_are_used_alone() -> None:
    more = "use: {secrets: [token, other]}"
    used = program(document("- a: {set: {x: '${ $secrets.token }'}}", more))
    assert (used.environment, used.environment_names) == ("environment", ("token", "other"))
    assert program(document("- a: {set: {x: 1}}", more)).environment is None


def test_a_document_of_a_thousand_tasks_is_read_and_one_of_too_many_refused() -> None:
    tasks = "\n".join(f"- t{n}: {{set: {{x: '${{ .x }}'}}}}" for n in range(1000))
    assert len(program(document(tasks)).flow.steps) == 1001
    many = "document: {dsl: 1.0.0, namespace: a, name: b, version: 1.0.0}\ndo:\n" + "\n".join(
        f"- t{n}: {{set: {{x: 1}}}}" for n in range(5100)
    )
    assert "more than 5000 tasks" in problems(many)[0][1]


def test_a_function_that_calls_itself_is_refused() -> None:
    more = "use: {functions: {again: {call: again}}}"
    [(_, sentence)] = problems(document("- a: {call: again}", more))
    assert "calls itself" in sentence
