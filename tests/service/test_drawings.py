"""Drawings are compiled, published, read back and run, with a compiler that a plugin brings."""

from collections.abc import Mapping
from typing import Any

import pytest

from support.lists_compiler import ListsCompiler, drawing, step
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api

ACTIVITIES = """
from temporalio import activity


@activity.defn
async def double(number: int) -> int:
    \"\"\"Double a number.\"\"\"
    return 2 * number
"""

DOUBLED = drawing(step("start"), step("twice", "double", "Double it"), step("end"))


@pytest.fixture
def compiler() -> ListsCompiler:
    return ListsCompiler()


@pytest.fixture
def plugins(compiler: ListsCompiler) -> Mapping[str, object]:
    return {"lists": compiler}


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.put(f"/projects/{project_id}")
    return project_id


def drawn(version: str, source: Any = DOUBLED, **more: Any) -> dict[str, Any]:
    return {"version": version, "source": source, "activitiesCode": ACTIVITIES, **more}


def publish(api: Api, project: str, body: Any, expect: int = 200, name: str = "order") -> Any:
    return api.put(f"/projects/{project}/workflows/{name}", body, expect)


def version(api: Api, project: str, number: str, name: str = "order") -> Any:
    return api.get(f"/projects/{project}/workflows/{name}/versions/{number}")


def test_a_drawing_is_published_runs_and_is_read_back_as_it_was_sent(api: Api, project: str) -> None:
    published = publish(api, project, drawn("1"))
    assert published["warnings"] == []
    assert published["message"] == f"Workflow order of project {project} is live in version 1"
    api.post("/workers/start", {"projectId": project})
    assert api.run(project, "order", 4) == 8
    found = version(api, project, "1")
    assert found["source"] == DOUBLED
    assert found["compiler"] == "lists 1"
    assert (found["warnings"], found["triggers"], found["isActive"]) == ([], [], True)
    lines = found["workflowCode"].splitlines()
    shown = [(each["node"], each["label"], each["type"], lines[each["line"] - 1].strip()) for each in found["map"]]
    assert shown[1] == ("twice", "Double it", "step", "# Double it")
    assert api.get(f"/projects/{project}/workflows")["workflows"][0]["activeVersion"] == "1"


def test_a_text_is_a_document_too(api: Api, project: str) -> None:
    publish(api, project, drawn("1", {"format": "list", "document": '{"nodes": [{"id": "a", "label": "A"}]}'}))
    assert version(api, project, "1")["source"]["document"] == '{"nodes": [{"id": "a", "label": "A"}]}'


def test_compiling_answers_with_the_code_and_the_map_and_stores_nothing(
    api: Api, project: str, compiler: ListsCompiler
) -> None:
    body = {"source": drawing(step("only", "double", secret=1), schedule="0 5 * * *"), "activitiesCode": ACTIVITIES}
    made = api.post(f"/projects/{project}/compile", body)
    assert "class Drawing" in made["workflowCode"]
    assert made["map"] == [{"node": "only", "line": 25, "label": "only", "type": "step"}]
    assert (made["problems"], made["compiler"]) == ([], "lists 1")
    assert made["warnings"] == [{"reason": "a secret stands in the drawing", "node": "only", "path": "secret"}]
    assert made["triggers"] == [
        {"kind": "schedule", "name": "drawing-daily", "definition": {"cron": ["0 5 * * *"]}, "node": "start"}
    ]
    assert compiler.contexts[-1].workflow == "drawing"
    assert api.get(f"/projects/{project}/workflows")["workflows"] == []


def test_problems_are_part_of_what_compiling_answers(api: Api, project: str) -> None:
    source = drawing(step("a", "doubel"), step("b", "trible"))
    made = api.post(f"/projects/{project}/compile", {"source": source, "activitiesCode": ACTIVITIES})
    assert made["workflowCode"] == ""
    assert [(each["node"], each["path"]) for each in made["problems"]] == [("a", "activity"), ("b", "activity")]
    assert "double" in made["problems"][0]["reason"]


def test_a_drawing_with_problems_is_refused_with_all_of_them_and_nothing_is_stored(api: Api, project: str) -> None:
    refused = publish(api, project, drawn("1", drawing(step("a", "doubel"), step("b", "trible"))), 422)
    assert refused["code"] == "drawing_refused"
    assert refused["error"].startswith(
        "the drawing of workflow order has 2 problems; the first: node a, activity: there is no activity doubel"
    )
    assert [(each["node"], each["workflow"]) for each in refused["problems"]] == [("a", "order"), ("b", "order")]
    assert api.get(f"/projects/{project}/workflows")["workflows"] == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"version": "1"}, "the body must have workflowCode, or a drawing as source"),
        (drawn("1", workflowCode=ECHO), "the body must have either workflowCode or source, and not both"),
        ({"version": "1", "source": {"format": "list"}}, "source.document is required"),
        ({"version": "1", "source": {"format": "", "document": 1}}, "source.format"),
        ({"version": "1", "source": {"format": "list", "document": 1, "more": 1}}, "source.more is not a known field"),
    ],
)
def test_a_body_has_either_code_or_a_whole_drawing(api: Api, project: str, body: Any, reason: str) -> None:
    assert reason in publish(api, project, body, 400)["error"]


def test_a_format_that_nobody_compiles_is_refused_with_what_would_do(api: Api, project: str) -> None:
    for path in ("compile", "workflows/order/check"):
        source = {"format": "bpmn", "document": {}}
        refused = api.post(f"/projects/{project}/{path}", {"source": source}, 400)
        assert refused["code"] == "format_unknown"
        assert "no installed compiler knows the format 'bpmn'; install workerhost-drawings" in refused["error"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("explode", "plugin lists failed: RuntimeError: the compiler is out of order"),
        ("nonsense", "workerhost_compile returned an object of type str; a Compilation or None is expected"),
    ],
)
def test_a_compiler_that_fails_is_named(api: Api, project: str, document: str, reason: str) -> None:
    source = {"format": "list", "document": document}
    refused = api.post(f"/projects/{project}/compile", {"source": source}, 500)
    assert reason in refused["error"]
    assert "the drawing of workflow drawing cannot be compiled" in refused["error"]


def test_activities_that_do_not_load_are_refused_with_module_and_line(api: Api, project: str) -> None:
    refused = publish(api, project, drawn("1", activitiesCode="import nowhere\n"), 422)
    assert refused["code"] == "build_refused"
    assert [(each["module"], each["line"]) for each in refused["problems"]] == [("order.activities", 1)]


def test_the_compiler_is_told_of_activities_with_schemas_of_types_and_of_settings(
    api: Api, project: str, compiler: ListsCompiler
) -> None:
    api.put(f"/projects/{project}", {"settings": {"replicas": 1}})
    others = ACTIVITIES.replace("double", "halve").replace("number: int", "number: int, by: int")
    publish(api, project, {"version": "1", "workflowCode": ECHO, "activitiesCode": others}, name="echo")
    publish(api, project, drawn("1"))
    api.post(f"/projects/{project}/compile", {"source": drawing(step("a"))})
    publishing, compiling = compiler.contexts
    assert (publishing.project_id, publishing.workflow, publishing.settings) == (project, "order", {"replicas": 1})
    assert publishing.workflow_types == ["Echo"]
    double, halve = publishing.activities["double"], publishing.activities["halve"]
    assert (double.input_schema, double.output_schema) == ({"type": "integer"}, {"type": "integer"})
    assert (double.plugin, halve.input_schema) == (None, None)
    assert compiling.workflow_types == ["Echo", "order"]
    assert "double" in compiling.activities


def test_activities_may_use_the_modules_of_the_project(api: Api, project: str) -> None:
    shared = {"version": "1", "workflowCode": ECHO, "modules": {"..numbers": "TWO = 2\n", "rules": "THREE = 3\n"}}
    publish(api, project, shared, name="echo")
    for number, line in enumerate(("from ..numbers import TWO", "from ..echo.rules import THREE as TWO")):
        code = f"{line}\n{ACTIVITIES}".replace("2 * number", "TWO * number")
        publish(api, project, drawn(f"{number}", activitiesCode=code))
    api.post("/workers/start", {"projectId": project})
    assert api.run(project, "order", 4) == 12


def test_several_workflows_are_published_at_once_drawn_or_not(api: Api, project: str, compiler: ListsCompiler) -> None:
    workflows = [
        {"name": "echo", "version": "1", "workflowCode": ECHO},
        {"name": "first", **drawn("1", drawing(step("a", "double", secret=1)))},
        {"name": "second", "version": "1", "source": drawing(step("b", "double"))},
    ]
    published = api.put(f"/projects/{project}/workflows", {"workflows": workflows})
    assert [each["workflow"] for each in published["warnings"]] == ["first"]
    assert compiler.contexts[0].workflow_types == ["Echo", "second"]
    api.post("/workers/start", {"projectId": project})
    assert [api.run(project, name, 3) for name in ("first", "second")] == [6, 6]


def test_the_problems_of_several_drawings_are_told_at_once(api: Api, project: str) -> None:
    workflows = [
        {"name": name, "version": "1", "source": drawing(step("a", f"{name}Activity"))} for name in ("one", "two")
    ]
    refused = api.put(f"/projects/{project}/workflows", {"workflows": workflows}, 422)
    assert refused["error"].startswith("the drawings have 2 problems; the first: workflow one, node a, activity: ")
    assert [each["workflow"] for each in refused["problems"]] == ["one", "two"]


def test_what_the_compiler_brings_does_not_take_the_place_of_what_was_sent(api: Api, project: str) -> None:
    own = drawing(step("a"), activities=ACTIVITIES, modules={"rules": "x = 1\n"})
    made = api.post(f"/projects/{project}/compile", {"source": own})
    assert (made["activitiesCode"], made["modules"]) == (ACTIVITIES, {"rules": "x = 1\n"})
    refused = publish(api, project, drawn("1", own, modules={"rules": "x = 2\n"}), 422)
    assert [each["reason"].partition(";")[0] for each in refused["problems"]] == [
        "the compiler brings a module activities for this drawing",
        "the compiler brings a module rules for this drawing",
    ]


def test_a_dry_run_and_a_check_compile_and_store_nothing(api: Api, project: str) -> None:
    dry = api.put(f"/projects/{project}/workflows/order?dryRun=true", drawn("1", drawing(step("a", secret=1))))
    assert (dry["dryRun"], [each["node"] for each in dry["warnings"]]) == (True, ["a"])
    checked = api.post(f"/projects/{project}/workflows/order/check", {"source": DOUBLED, "activitiesCode": ACTIVITIES})
    assert checked["replays"] is True
    refused = api.post(f"/projects/{project}/workflows/order/check", {"source": drawing()}, 422)
    assert refused["error"] == "the drawing of workflow order has 1 problem: the list is empty"
    assert api.get(f"/projects/{project}/workflows")["workflows"] == []


def test_a_version_keeps_its_drawing_and_its_code(api: Api, project: str, compiler: ListsCompiler) -> None:
    publish(api, project, drawn("1"))
    again = publish(api, project, drawn("1"))
    assert again["changed"] is False
    relabelled = drawing(step("start"), step("twice", "double", "Double it, please"), step("end"))
    refused = publish(api, project, drawn("1", relabelled), 409)
    assert (refused["code"], "exists with other code" in refused["error"]) == ("version_exists", True)
    moved = drawing(step("start"), step("twice", "double", "Double it", position=[1, 2]), step("end"))
    assert "exists with another drawing" in publish(api, project, drawn("1", moved), 409)["error"]
    compiler.version = "2"
    assert "exists with other code" in publish(api, project, drawn("1"), 409)["error"]


def test_other_labels_and_positions_make_a_version_live_on_the_same_build(
    api: Api, service: Service, project: str
) -> None:
    first = publish(api, project, drawn("1"))
    api.post("/workers/start", {"projectId": project})
    relabelled = drawing(step("start", x=7), step("twice", "double", 'Double it\u00e4 # """ please'), step("end"))
    second = publish(api, project, drawn("2", relabelled))
    assert (second["buildId"], second["changed"]) == (first["buildId"], True)
    assert "in version 2" in second["message"]
    assert version(api, project, "2")["isActive"] is True
    assert version(api, project, "2")["map"][1]["label"].startswith("Double it\u00e4")
    assert api.get(f"/projects/{project}/builds/current")["versions"] == {"order": "2"}
    other = publish(api, project, drawn("3", drawing(step("start"), step("again", "double", "Double it"), step("end"))))
    assert other["buildId"] != first["buildId"]
    rolled_back = api.post(f"/projects/{project}/deployment/rollback")
    assert rolled_back["buildId"] == first["buildId"]
    assert version(api, project, "2")["isActive"] is True
    assert api.run(project, "order", 5) == 10


def test_the_triggers_of_what_is_active_are_found_whatever_made_it_active(
    api: Api, service: Service, project: str
) -> None:
    def crons() -> list[Any]:
        return [trigger.definition["cron"] for _, trigger in service.store.workflows.active_triggers(project)]

    for number in ("1", "2"):
        nodes = step("a", "double", input=int(number))
        publish(api, project, drawn(number, drawing(nodes, schedule=f"0 {number} * * *")))
    assert crons() == [["0 2 * * *"]]
    api.post(f"/projects/{project}/deployment/rollback")
    assert crons() == [["0 1 * * *"]]
    api.post(f"/projects/{project}/workflows/order/activate", {"version": "2"})
    assert crons() == [["0 2 * * *"]]
    publish(api, project, drawn("3", drawing(step("a"), schedule="0 3 * * *"), ramp=50))
    assert crons() == [["0 2 * * *"]]
    api.post(f"/projects/{project}/deployment/promote")
    assert crons() == [["0 3 * * *"]]
    assert version(api, project, "3")["source"]["document"]["schedule"] == "0 3 * * *"


def test_messages_between_service_and_compiled_code_are_not_listed_and_can_be_sent(api: Api, project: str) -> None:
    publish(api, project, drawn("1"))
    api.post("/workers/start", {"projectId": project})
    [found] = api.get(f"/projects/{project}/workflow-types")["workflowTypes"]
    assert (found["name"], found["queries"]) == ("order", [])
    run = api.begin(project, "order", 1)
    assert api.outcome(project, run)["result"] == 2
    path = f"/projects/{project}/executions/{run}/query"
    answered = api.post(path, {"name": "workerhost:nodes"})["result"]
    assert [each["node"] for each in answered] == ["start", "end"]
    assert "it has: none" in api.post(path, {"name": "nodes"}, 404)["error"]
