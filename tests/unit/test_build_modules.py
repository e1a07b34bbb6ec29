"""The names of modules, and how those of several workflows are laid out as one build."""

from typing import Any

import pytest

from workerhost import ProjectCode, WorkflowCode
from workerhost.code.build import make_build, stored_code
from workerhost.errors import BuildRefusedError
from workerhost.model import BuildSummary
from workerhost.module_names import MOST_MODULES, modules_fault


def code(name: str = "order", modules: Any = None, version: str = "1") -> WorkflowCode:
    return WorkflowCode(name, version, "w = 1", None, modules or {})


def build(*workflows: WorkflowCode) -> Any:
    return make_build("shop", ProjectCode(workflows, "test"))


def refusal(*workflows: WorkflowCode) -> str:
    with pytest.raises(BuildRefusedError) as caught:
        build(*workflows)
    return str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "models",
        "rules.prices",
        "rules.workflow",
        "a.b.c.d",
        "__init__",
        "rules.__init__",
        "größe",
        "_x",
        "match",
        "..shared",
        "..lib.money",
        "..__init__",
        "..activities",
        "..workflow",
    ],
)
def test_names_that_a_relative_import_can_say_are_fine(name: str) -> None:
    assert modules_fault([name]) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "Python names"),
        ("2nd", "'2nd': it is not made of Python names"),
        ("a-b", "Python names"),
        ("a..b", "Python names"),
        (".a", "Python names"),
        ("...a", "Python names"),
        ("..", "Python names"),
        ("a.", "Python names"),
        ("a b", "Python names"),
        ("a\0", "Python names"),
        ("a/b", "Python names"),
        ("ﬁx", "Python names"),  # Python would import it as `fix`
        ("rules.class", "has class in it, which is a word of Python"),
        ("None", "a word of Python"),
        ("__main__", "the name of a program"),
        ("__init__.a", "holds no modules"),
        ("workflow", "belongs to the module workflow, which is in workflowCode"),
        ("activities.mail", "belongs to the module activities, which is in activitiesCode"),
        ("..order.workflow", "would be the module workflow of a workflow order"),
        ("x" * 201, "longer than 200 characters"),
    ],
)
def test_a_name_that_cannot_be_imported_is_refused_with_the_reason(name: str, reason: str) -> None:
    fault = modules_fault([name])
    assert fault is not None
    assert reason in fault
    assert fault in refusal(code(modules={name: ""}))


def test_a_module_is_no_package_and_there_are_not_too_many() -> None:
    assert "names rules and rules.prices" in str(modules_fault(["rules.prices", "rules"]))
    assert "names rules and rules.__init__" in str(modules_fault(["rules.__init__", "rules"]))
    assert "names ..a and ..a.b.c" in str(modules_fault(["..a", "..a.b.c"]))
    assert modules_fault(["rules.__init__", "rules.prices", "..rules"]) is None
    many = [f"m{number}" for number in range(MOST_MODULES)]
    assert modules_fault(many) is None
    assert f"are {MOST_MODULES + 1}" in str(modules_fault([*many, "one"]))


def test_a_build_without_further_modules_has_the_id_that_it_always_had() -> None:
    workflows = (WorkflowCode("send-it", "1", "w = 1", "a = 1"), WorkflowCode("order", "1", "w = 2"))
    assert build(*workflows).id == "faaee837f7071259b499aac41ce697f4"


def test_modules_stand_in_their_workflows_package_or_in_the_projects() -> None:
    made = build(code("order-it", {"rules.a": "a = 1", "..shared": "s = 1", "__init__": "\ufeffi = 1"}))
    assert made.modules == {
        "order_it.workflow": "w = 1",
        "order_it.rules.a": "a = 1",
        "order_it.__init__": "i = 1",
        "shared": "s = 1",
    }
    assert set(made.module_names()) == {
        f"{made.package}{name}" for name in (".order_it.workflow", ".order_it.rules.a", ".order_it", ".shared")
    }
    assert made.folders == ("order_it",)


def test_equal_modules_are_one_build_and_other_ones_another() -> None:
    made = build(code(modules={"a": "1", "b": "2"}))
    assert build(code(modules={"b": "2", "a": "1"}, version="2")).id == made.id
    assert build(code(modules={"a": "1", "b": "3"})).id != made.id


def test_what_a_module_of_the_project_is_must_be_clear() -> None:
    same = {"..shared": "s = 1"}
    assert build(code("order", same), code("billing", same), code("other")).modules["shared"] == "s = 1"
    assert refusal(code("order", same), code("billing", {"..shared": "s = 2"}, "7")) == (
        "shared: workflow order in version 1 and workflow billing in version 7 bring different code as ..shared, which "
        "the project has once; publish both with the same"
    )
    assert "order is the package of a workflow" in refusal(code("order"), code("billing", {"..order.x": ""}))
    assert "a module is no package" in refusal(code("order", {"..a": ""}), code("billing", {"..a.b": ""}))


@pytest.mark.parametrize("modules", ["{broken", 7, ["models"], True])
def test_what_a_product_wrote_in_place_of_modules_is_refused_with_its_place(modules: Any) -> None:
    assert refusal(code(modules=modules)) == (
        "modules of workflow order in version 1 are no object of names and sources"
    )
    if not isinstance(modules, str):
        assert "'models' is no text" in refusal(code(modules={"models": modules}))


def test_the_code_of_each_workflow_comes_back_from_a_build() -> None:
    modules = {"a": "a", "rules.b": "b", "..shared": "s"}
    workflows = (WorkflowCode("or-der", "2", "w", "a", modules), code("billing", {"..shared": "s"}))
    made = build(*workflows)
    summary = BuildSummary("shop", made.id, dict(made.modules), (), (), versions=made.versions)
    assert stored_code(summary) == workflows
