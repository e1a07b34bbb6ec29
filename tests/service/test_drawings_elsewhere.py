"""Drawings that do not come over the API: from a code loader, and from a file without a service."""

from collections.abc import Mapping
from typing import Any

import pytest

from support.lists_compiler import ListsCompiler, drawing, step
from workerhost import Drawing, DrawnWorkflow, Project, ProjectCode, WorkflowCode, hookimpl
from workerhost.errors import BuildRefusedError, UnknownFormatError
from workerhost.runtime.drawings.alone import compile_alone
from workerhost.testing import ECHO, Api, unique_id

ACTIVITIES = """
from temporalio import activity


@activity.defn
async def double(number: int) -> int:
    return 2 * number
"""


def drawn(*nodes: Any, activities: str | None = ACTIVITIES, format: str = "list") -> DrawnWorkflow:
    return DrawnWorkflow("order", "1", Drawing(format, drawing(*nodes)["document"]), activities)


class Loading:
    """Loads drawings and code of one project."""

    def __init__(self, project_id: str, *drawings: DrawnWorkflow) -> None:
        self.project_id = project_id
        self.drawings = drawings

    @hookimpl
    def workerhost_load_code(self, project: Project) -> ProjectCode | None:
        code = WorkflowCode("echo", "1", ECHO)
        return ProjectCode((code,), "drawn", self.drawings) if project.id == self.project_id else None


@pytest.fixture
def loader() -> Loading:
    return Loading(unique_id("loaded"), drawn(step("twice", "double")))


@pytest.fixture
def plugins(loader: Loading) -> Mapping[str, object]:
    return {"loading": loader, "lists": ListsCompiler()}


def test_drawings_of_a_code_loader_are_compiled_when_the_project_starts(api: Api, loader: Loading) -> None:
    project = loader.project_id
    api.put(f"/projects/{project}")
    api.post("/workers/start", {"projectId": project})
    assert (api.run(project, "order", 4), api.run(project, "Echo", "tea")) == (8, "echo: tea")
    loader.drawings = (drawn(step("twice", "trible")),)
    refused = api.post("/workers/restart", {"projectId": project}, 422)
    assert (refused["code"], refused["problems"][0]["node"]) == ("drawing_refused", "twice")
    assert api.run(project, "order", 4) == 8


def test_a_drawing_is_compiled_without_a_service() -> None:
    made = compile_alone(drawn(step("twice", "double")), [("lists", ListsCompiler())])
    assert "[node: twice]" in made.workflow_code
    refused = compile_alone(drawn(step("twice", "double"), activities=None), [("lists", ListsCompiler())])
    assert [each.node for each in refused.problems] == ["twice"]
    with pytest.raises(UnknownFormatError):
        compile_alone(drawn(step("a"), format="bpmn"), [("lists", ListsCompiler())])
    with pytest.raises(BuildRefusedError, match=r"order\.activities, line 1"):
        compile_alone(drawn(step("a"), activities="import nowhere"), [("lists", ListsCompiler())])
