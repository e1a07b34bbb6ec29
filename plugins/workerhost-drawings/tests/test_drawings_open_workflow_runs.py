"""Open Workflow documents run, on the real server, to what the DSL says of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from drawings_open_workflow import document

from workerhost.code.warm_process import WarmProcess
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings
from workerhost.testing import Api, running_service, unique_id

TYPES = "https://open-workflow-specification.org/dsl/errors/types/"


@pytest.fixture(scope="module")
def shared_api(
    temporal: EmbeddedTemporal, tmp_path_factory: pytest.TempPathFactory, warm_process: WarmProcess
) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("service")
    settings = Settings(
        database_url=f"sqlite:///{folder / 'workerhost.db'}",
        data_dir=folder / "data",
        projects_dir=folder / "projects",
        reconcile_interval=0.2,
        heartbeat_interval=0.5,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEMPORAL_ADDRESS", temporal.address)
        with running_service(settings, warm_process=warm_process) as service:
            yield Api.of(service)


@pytest.fixture
def drawn(shared_api: Api) -> "Drawn":
    return Drawn(shared_api)


class Drawn:
    """Publishes documents in a project of its own, and runs them."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.project = unique_id("ow")

    def publish(self, tasks: str, more: str = "", name: str = "drawn") -> None:
        source = {"format": "open-workflow", "document": document(tasks, more)}
        self.api.put(f"/projects/{self.project}")
        self.api.put(f"/projects/{self.project}/workflows/{name}", {"version": "1", "source": source})

    def start(self) -> None:
        self.api.post("/workers/start", {"projectId": self.project})

    def run(self, tasks: str, *args: Any, more: str = "") -> Any:
        """Return the outcome of a run."""
        self.publish(tasks, more)
        self.start()
        return self.api.outcome(self.project, self.api.begin(self.project, "drawn", *args))

    def result(self, tasks: str, *args: Any, more: str = "") -> Any:
        outcome = self.run(tasks, *args, more=more)
        assert outcome["status"] == "COMPLETED", outcome
        return outcome["result"]

    def error(self, tasks: str, *args: Any, more: str = "") -> Any:
        outcome = self.run(tasks, *args, more=more)
        assert outcome["status"] == "FAILED", outcome
        return outcome["failure"]["details"][0]


def test_data_flow_through_input_output_and_export(drawn: Drawn) -> None:
    tasks = """
    - first:
        input: {from: .order}
        set: {total: '${ .price * .count }', was: '${ $input.count }'}
        output: {as: '{total, was, raw: $input}'}
        export: {as: '{seen: $output.total, before: $context}'}
    - second:
        if: .total > 100
        set: {never: true}
    - third:
        set: {context: '${ $context.seen }', total: '${ .total }', name: '${ $workflow.definition.document.name }'}
    - fourth:
        set: {all: '${ . }', me: '${ $task.name }', at: '${ $task.reference }'}
    """
    more = "output: {as: '{result: .all, me, at}'}"
    order = {"order": {"price": 5, "count": 4}}
    assert drawn.result(tasks, order, more=more) == {
        "result": {"context": 20, "total": 20, "name": "drawn"},
        "me": "fourth",
        "at": "/do/3/fourth",
    }


def test_switch_goes_back_and_ends_the_run_from_within(drawn: Drawn) -> None:
    tasks = """
    - count:
        set: {n: '${ (.n // 0) + 1 }'}
    - again:
        switch:
          - more: {when: .n < 3, then: count}
          - enough: {then: continue}
    - inner:
        do:
          - stop:
              set: {n: '${ .n }', stopped: true}
              then: end
          - never:
              set: {never: true}
    - after:
        set: {after: true}
    """
    assert drawn.result(tasks) == {"n": 3, "stopped": True}


def test_exit_leaves_the_inner_tasks_alone(drawn: Drawn) -> None:
    tasks = """
    - inner:
        do:
          - leave:
              set: {left: true}
              then: exit
          - never:
              set: {never: true}
    - after:
        set: {after: '${ .left }'}
    """
    assert drawn.result(tasks) == {"after": True}


def test_a_loop_has_variables_of_its_own_and_ends_at_its_condition(drawn: Drawn) -> None:
    tasks = """
    - outer:
        for: {each: row, in: .rows, at: r}
        while: (.seen | length) < 5
        do:
          - inner:
              for: {each: item, in: $row}
              do:
                - note:
                    set: {rows: '${ .rows }', seen: '${ .seen + [[$r, $index, $item]] }'}
          - last:
              set: {rows: '${ .rows }', seen: '${ .seen + [$r] }'}
    """
    rows = {"rows": [["a", "b"], ["c"], ["d"]]}
    assert drawn.result(tasks, rows)["seen"] == [[0, 0, "a"], [0, 1, "b"], 0, [1, 0, "c"], 1]


def test_a_fork_gives_the_outputs_of_its_branches_in_their_order(drawn: Drawn) -> None:
    tasks = """
    - both:
        fork:
          branches:
            - slow:
                do:
                  - pause: {wait: {milliseconds: 50}}
                  - say: {set: {slow: '${ .n }'}}
            - fast: {set: {fast: '${ .n + 1 }'}}
    """
    assert drawn.result(tasks, {"n": 1}) == [{"slow": 1}, {"fast": 2}]


def test_the_first_of_competing_branches_wins(drawn: Drawn) -> None:
    tasks = """
    - race:
        fork:
          compete: true
          branches:
            - slow: {wait: PT1H}
            - fast: {set: {won: fast}}
    """
    assert drawn.result(tasks) == {"won": "fast"}


def test_an_error_is_tried_again_as_its_policy_says_and_then_handled(drawn: Drawn) -> None:
    tasks = """
    - attempt:
        try:
          - count: {set: {n: '${ .n }'}, export: {as: '{tries: (($context.tries // 0) + 1)}'}}
          - fail: {raise: {error: broken}}
        catch:
          errors: {with: {type: https://open-workflow-specification.org/spec/1.0.0/errors/runtime}}
          as: problem
          when: $problem.status == 500
          retry: patient
          do:
            - report: {set: {error: '${ $problem }', tries: '${ $context.tries }', data: '${ . }'}}
    """
    more = f"""
    use:
      errors:
        broken: {{type: '{TYPES}runtime', status: 500, title: Broken, detail: '${{ "n is \\(.n)" }}'}}
      retries:
        patient: {{delay: {{milliseconds: 1}}, backoff: {{exponential: {{}}}}, limit: {{attempt: {{count: 2}}}}}}
    """
    assert drawn.result(tasks, {"n": 7}, more=more) == {
        "error": {
            "type": TYPES + "runtime",
            "status": 500,
            "title": "Broken",
            "detail": "n is 7",
            "instance": "/do/0/attempt/try/1/fail",
        },
        "tries": 3,
        "data": {"n": 7},
    }


def test_where_an_error_leads_is_said_by_its_catch(drawn: Drawn) -> None:
    tasks = """
    - attempt:
        try:
          - fail: {raise: {error: {type: about:blank, status: 400}}}
        catch: {then: mend}
    - never: {set: {never: true}}
    - mend: {set: {mended: true}}
    """
    assert drawn.result(tasks) == {"mended": True}


def test_an_error_that_is_not_meant_goes_on(drawn: Drawn) -> None:
    tasks = """
    - attempt:
        try:
          - fail: {raise: {error: {type: about:blank, status: 400}}}
        catch: {exceptWhen: $error.status == 400}
    """
    assert drawn.error(tasks)["instance"] == "/do/0/attempt/try/0/fail"


def test_a_timeout_is_an_error_of_its_task(drawn: Drawn) -> None:
    tasks = """
    - attempt:
        try:
          - long: {wait: {days: 1}, timeout: brief}
        catch: {as: e, do: [{tell: {set: '${ $e }'}}]}
    """
    more = "use: {timeouts: {brief: {after: {milliseconds: 20}}}}"
    error = drawn.result(tasks, more=more)
    assert (error["type"], error["status"], error["instance"]) == (TYPES + "timeout", 408, "/do/0/attempt/try/0/long")


def test_the_whole_run_has_a_timeout(drawn: Drawn) -> None:
    error = drawn.error("- long: {wait: {days: 1}}", more="timeout: {after: {milliseconds: 20}}")
    assert (error["type"], error["instance"]) == (TYPES + "timeout", "/")


def test_input_and_output_are_checked_against_their_schemas(drawn: Drawn) -> None:
    tasks = """
    - use:
        set: {n: '${ .n }'}
        output: {schema: {document: {properties: {n: {maximum: 5}}}}}
    """
    more = "input: {schema: {document: {type: object, required: [n]}}}"
    error = drawn.error(tasks, {}, more=more)
    assert (error["type"], error["status"], error["instance"]) == (TYPES + "validation", 400, "/")
    assert error["detail"] == "at $, 'n' is a required property"
    again = Drawn(drawn.api)
    assert again.error(tasks, {"n": 6}, more=more)["instance"] == "/do/0/use"
    assert Drawn(drawn.api).result(tasks, {"n": 5}, more=more) == {"n": 5}


def test_an_expression_that_fails_is_an_error_that_can_be_caught(drawn: Drawn) -> None:
    tasks = """
    - attempt:
        try:
          - bad: {set: {n: '${ .text + 1 }'}}
        catch: {errors: {with: {status: 400}}, do: [{tell: {set: '${ $error }'}}]}
    """
    error = drawn.result(tasks, {"text": "a"})
    assert error["type"] == TYPES + "expression"
    assert "cannot be added" in error["detail"]


def test_functions_of_the_document_and_activities_of_plugins_are_called(drawn: Drawn) -> None:
    tasks = """
    - greet: {call: sampleActivity, with: {message: '${ .who }'}}
    - twice: {call: doubled, with: {n: 4}}
    """
    more = """
    use:
      functions:
        doubled: {set: {n: '${ .n * 2 }', before: '${ $input }'}}
    """
    assert drawn.result(tasks, {"who": "Ada"}, more=more) == {"n": 8, "before": {"n": 4}}


def test_a_workflow_of_the_project_is_run_as_a_child(drawn: Drawn) -> None:
    drawn.publish("- add: {set: {sum: '${ .a + .b }'}}", name="adder")
    tasks = """
    - child: {run: {workflow: {namespace: tests, name: adder, version: '1.0.0', input: {a: 1, b: '${ .b }'}}}}
    """
    assert drawn.result(tasks, {"b": 2}) == {"sum": 3}


def test_events_are_listened_to_until_one_says_so(drawn: Drawn) -> None:
    tasks = """
    - hear:
        listen:
          to:
            any:
              - with: {type: reading, data: '${ .value > 10 }'}
                correlate: {room: {from: .room, expect: '${ .room }'}}
            until: .value > 20
    """
    drawn.publish(tasks)
    drawn.start()
    run = drawn.api.begin(drawn.project, "drawn", {"room": "k"})
    for value, kind, room in ((5, "reading", "k"), (11, "reading", "k"), (99, "other", "k"), (98, "reading", "x")):
        _send(drawn, run, {"type": kind, "room": room, "data": {"value": value}})
    _send(drawn, run, {"type": "reading", "room": "k", "data": {"value": 21}})
    assert drawn.api.outcome(drawn.project, run)["result"] == [{"value": 11}, {"value": 21}]


def test_all_events_that_are_named_are_waited_for(drawn: Drawn) -> None:
    tasks = """
    - hear:
        listen: {to: {all: [{with: {type: a}}, {with: {type: b}}]}, read: envelope}
        output: {as: 'map(.type)'}
    """
    drawn.publish(tasks)
    drawn.start()
    run = drawn.api.begin(drawn.project, "drawn")
    for kind in ("b", "b", "c", "a"):
        _send(drawn, run, {"type": kind})
    assert sorted(drawn.api.outcome(drawn.project, run)["result"]) == ["a", "b"]


def test_events_are_handled_one_by_one_until_the_last(drawn: Drawn) -> None:
    tasks = """
    - hear:
        listen:
          to: {any: [{with: {type: item}}], until: {one: {with: {type: done}}}}
        foreach:
          item: it
          at: i
          do:
            - keep: {set: {n: '${ $it.n * 10 + $i }', room: '${ .room }'}}
          export: {as: '($context.seen // []) + [.n] | {seen: .}'}
    - tell: {set: {items: '${ . }', seen: '${ $context.seen }'}}
    """
    drawn.publish(tasks)
    drawn.start()
    run = drawn.api.begin(drawn.project, "drawn", {"room": "k"})
    for event in ({"type": "item", "data": {"n": 1}}, {"type": "item", "data": {"n": 2}}, {"type": "done"}):
        _send(drawn, run, event)
    assert drawn.api.outcome(drawn.project, run)["result"] == {
        "items": [{"n": 10, "room": "k"}, {"n": 21, "room": "k"}],
        "seen": [10, 21],
    }


def _send(drawn: Drawn, run: str, event: dict[str, Any]) -> None:
    drawn.api.post(f"/projects/{drawn.project}/executions/{run}/signal", {"name": "event", "args": [event]})
