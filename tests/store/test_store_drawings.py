"""Drawings are kept beside the code that they became, on a real database."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from support import DATABASES, store_published
from workerhost import BuildSummary, WorkflowCode
from workerhost.drawing import CompiledDrawing, Drawing, DrawingProblem, NodeLine, Trigger
from workerhost.errors import ConflictError
from workerhost.store import Store

SCHEDULE = Trigger("schedule", "echo-daily", {"cron": ["0 5 * * *"]}, "t1")
DOCUMENT = {"nodes": [{"id": "t1", "z": 1.0, "a": "ä\0"}], "edges": [], "viewport": None}


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _code(version: str, document: object = DOCUMENT, *triggers: Trigger) -> WorkflowCode:
    warnings = (DrawingProblem("goes on after it", "c1", "data.condition"),)
    drawing = CompiledDrawing(
        Drawing("canvas", document), "compiler 1", (NodeLine("t1", 3, "Start", "trigger"),), warnings, triggers
    )
    return WorkflowCode("echo", version, f"x = {version}", drawing=drawing)


def _publish(store: Store, code: WorkflowCode, expected: str | None = None) -> str:
    store.projects.put("shop", name=None, task_queue=None, settings=None)
    build_id = f"d{code.version}"
    build = BuildSummary("shop", build_id, {"echo.workflow": code.workflow_code}, ("Echo",), ())
    store_published(store, code, build, expected)
    return build_id


def test_a_drawing_is_read_back_as_it_was_sent_with_what_the_compiler_said(store: Store) -> None:
    code = _code("1", DOCUMENT, SCHEDULE)
    _publish(store, code)
    found = store.workflows.version("shop", "echo", "1").code
    assert found == code
    assert found.drawing is not None
    assert list(found.drawing.drawing.document["nodes"][0].items()) == [("id", "t1"), ("z", 1.0), ("a", "ä\0")]
    assert found.drawing.compiler == "compiler 1"
    assert found.drawing.map == [NodeLine("t1", 3, "Start", "trigger")]
    assert found.drawing.warnings == [DrawingProblem("goes on after it", "c1", "data.condition")]
    assert found.drawing.triggers == [SCHEDULE]
    assert store.workflows.active_code("shop") == (replace(code, drawing=None),)


def test_the_triggers_are_those_of_the_active_versions(store: Store) -> None:
    first = _publish(store, _code("1", DOCUMENT, SCHEDULE))
    assert store.workflows.active_triggers("shop") == [("echo", SCHEDULE)]
    _publish(store, _code("2"), first)
    assert store.workflows.active_triggers("shop") == []


def test_a_version_with_another_drawing_or_code_is_refused(store: Store) -> None:
    code = _code("1")
    _publish(store, code)
    assert code.drawing is not None
    store.workflows.refuse_other_code(
        "shop", replace(code, drawing=replace(code.drawing, compiler="compiler 2", map=()))
    )
    store.workflows.refuse_other_code("shop", replace(code, drawing=None))
    with pytest.raises(ConflictError, match="exists with another drawing"):
        store.workflows.refuse_other_code("shop", _code("1", {"nodes": []}))
    with pytest.raises(ConflictError, match="exists with other code"):
        store.workflows.refuse_other_code("shop", replace(code, workflow_code="x = 2"))


def test_a_version_that_was_not_drawn_does_not_become_one_that_was(store: Store) -> None:
    _publish(store, replace(_code("1"), drawing=None))
    with pytest.raises(ConflictError, match="exists with code that was not drawn"):
        store.workflows.refuse_other_code("shop", _code("1"))


@pytest.mark.parametrize(
    ("source", "compiled"),
    [("7", '{"compiler": "c"}'), ('{"format": 1}', '{"compiler": "c"}'), ('{"format": "canvas"}', '["c"]')],
)
def test_what_a_product_wrote_in_place_of_a_drawing_is_none(store: Store, source: str, compiled: str) -> None:
    _publish(store, _code("1"))
    with store.database.writing() as session:
        values = {"source": source, "compiled": compiled}
        session.execute(text("UPDATE workflow_compiled_code SET source = :source, compiled = :compiled"), values)
    assert store.workflows.version("shop", "echo", "1").code.drawing is None
    assert store.workflows.active_triggers("shop") == []
